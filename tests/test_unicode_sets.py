"""One rule for scripts without spaces, in the five places that use it."""

import pytest
import regex

from timing.unspaced import characters
from tts.asr.verify import RoundTripScorer
from tts.engine import Take
from tts.f5.tokenizer import to_model_text
from tts.speech import Token
from tts.text.chunks import split
from tts.text.script import read_script
from tts.text.words import split_words
from tts.voices.excerpt import transcript_prefix
from unicode_sets import CLAUSE_MARKS, PAUSES, SENTENCE_MARKS, UNSPACED, VOICE_MARKS

LETTERS = {
    "the mark of a doubled character": "々",
    "a character of plane 2": "\U00020bb7",
    "half-width kana": "\uff71",
    "the Chinese zero": "〇",
    "a compatibility character": "\uf9dc",
    "Thai": "ก",
    "a long vowel's mark": "ー",
    "Burmese": "က",
}
SPACED = {"Latin": "a", "Greek": "α", "Korean": "한", "Hindi": "क", "Thai's currency": "฿"}


@pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS.keys())
def test_a_script_without_spaces_is_one_everywhere(letter: str) -> None:
    assert regex.fullmatch(f"[{UNSPACED}]", letter)
    # A clause of the script ends at a narrow mark.
    assert [word.text for word in split_words(f"{letter},{letter}")] == [letter + ",", letter]
    # F5 gets no space between two tokens of it.
    tokens = (Token(0, 0, 1, letter), Token(1, 1, 2, letter))
    assert to_model_text(tokens) == letter * 2


@pytest.mark.parametrize("letter", [letter for letter in LETTERS.values() if letter != "ー"])
def test_each_of_its_characters_is_a_word_to_compare(letter: str) -> None:
    # A reference's transcript is cut behind any of them.
    assert transcript_prefix(f"{letter}人{letter}私", f"{letter}人", "ja") == f"{letter}人"
    # One of four that is not heard is a quarter of the words.
    script = read_script(f"{letter}人{letter}私", "ja")
    quality, _ = RoundTripScorer(script, split(script, 99), "ja").score(
        Take(0), f"{letter}人{letter}"
    )
    assert quality.word_error_rate == 0.25


@pytest.mark.parametrize("letter", [letter for letter in LETTERS.values() if letter not in "々ー"])
def test_captions_may_break_between_its_characters(letter: str) -> None:
    assert characters(f"{letter}x{letter}人") == [letter, "x", letter, "人"]


@pytest.mark.parametrize("letter", SPACED.values(), ids=SPACED.keys())
def test_other_scripts_have_spaces(letter: str) -> None:
    assert not regex.fullmatch(f"[{UNSPACED}]", letter)
    assert len(split_words(f"{letter},{letter}")) == 1
    assert characters(letter * 4) == [letter * 4]
    tokens = (Token(0, 0, 1, letter), Token(1, 1, 2, letter))
    assert to_model_text(tokens) == f"{letter} {letter}"


def test_every_mark_is_read_as_one_that_the_voice_knows() -> None:
    assert set(PAUSES.values()) <= set(VOICE_MARKS)
    assert set(SENTENCE_MARKS) <= set(CLAUSE_MARKS)
    assert {"。", "۔", "।", "።", "။", "។", "։", "."} <= set(SENTENCE_MARKS)
    assert not {",", "、", "…", "—"} & set(SENTENCE_MARKS)

"""The front end loses nothing that is written; test_spoken.py has what is spoken for it."""

import json
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.spoken_rows import spoken_text
from tts.text.script import TextRejected, read_markup, read_script
from tts.text.tags import extract_tags


def test_ten_sentences_are_spoken_as_truth_json_says() -> None:
    sentences = json.loads(Path("tests/data/timing/truth.json").read_text())
    for sentence in sentences:
        script = read_script(sentence["text"])
        assert [word.text for word in script.words] == [word["word"] for word in sentence["words"]]
        for index, word in enumerate(sentence["words"]):
            spoken = [token.spoken for token in script.tokens if token.word == index]
            assert [_fold(part) for part in spoken] == [_fold(part) for part in word["spoken"]]


@pytest.mark.parametrize(("language", "nine"), [("de", "neun"), ("fr", "neuf"), ("xx", "9")])
@pytest.mark.timeout(20)
def test_a_number_of_any_length_keeps_its_digits(language: str, nine: str) -> None:
    script = read_script("9" * 5000, language)
    assert "".join(token.spoken for token in script.tokens) == nine * 5000


@pytest.mark.parametrize("digits", [400, 5000])
def test_a_very_long_ordinal_is_spoken_digit_by_digit(digits: int) -> None:
    tokens = read_script(f"the {'1' * digits}th").tokens
    assert [token.spoken for token in tokens] == ["the", *["one"] * digits]


class Stopped(Exception):
    """What the check of a stopped job raises."""


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("last_call", [7, 17])  # while words are spelled out, and after that
def test_a_check_ends_the_reading_of_a_text(language: str, last_call: int) -> None:
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls == last_call:
            raise Stopped

    with pytest.raises(Stopped):
        read_markup(extract_tags("one two " * 5), language, check=check)
    assert calls == last_call


def test_normalize_off_passes_the_words_through() -> None:
    script = read_script('He paid "$5" — twice.', normalize=False)
    assert spoken_text(script) == "He paid $5, twice."
    html = read_script("<b>bold</b> a<b and<br>on", normalize=False)
    assert spoken_text(html) == "bold a<b and, on"


@pytest.mark.parametrize("text", ["", "   ", "…", "😀 — !", "\u200b"])
def test_text_without_words_is_refused(text: str) -> None:
    with pytest.raises(TextRejected, match="nothing to speak"):
        read_script(text)


def test_control_characters_are_in_no_word() -> None:
    script = read_script("no\x00nul\x07 \u200b\u2060 and\x1fmore \ud800end")
    assert [word.text for word in script.words] == ["nonul", "and", "more", "end"]
    assert script.text == "nonul  and more end"


def test_joiners_are_written_and_not_spoken_in_english() -> None:
    script = read_script("a\u200db \u202aabc\u202c")
    assert [word.text for word in script.words] == ["a\u200db", "\u202aabc\u202c"]
    assert spoken_text(script) == "ab abc"


@settings(deadline=None)  # the first text of a language compiles its rules
@given(st.text(min_size=1, max_size=200), st.sampled_from(["en", "de", "ja", "xx"]), st.booleans())
def test_any_text_keeps_its_words_in_order(text: str, language: str, normalize: bool) -> None:
    try:
        script = read_script(text, language, normalize)
    except TextRejected:
        return
    assert "".join(word.text for word in script.words) == "".join(script.text.split())
    for word in script.words:
        assert script.text[word.char_start : word.char_end] == word.text
        assert not any(unicodedata.category(character) in ("Cc", "Cs") for character in word.text)
    owners = [token.word for token in script.tokens]
    assert owners == sorted(owners)
    for token in script.tokens:
        word = script.words[token.word]
        assert word.char_start <= token.char_start <= token.char_end <= word.char_end
        assert token.spoken.strip() == token.spoken != ""


def _fold(word: str) -> str:
    decomposed = unicodedata.normalize("NFD", word.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))

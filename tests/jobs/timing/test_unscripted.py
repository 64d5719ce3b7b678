"""Words that the text lacks are put into it, each at its place."""

import pytest

from jobs.timing.unscripted import group, inserted_words, with_insertions, without_halves
from timing.alignment.match import extra_words
from tts.speech import RecognizedWord
from tts.text.script import read_markup
from tts.text.tags import extract_tags


def heard(text: str) -> list[RecognizedWord]:
    return [
        RecognizedWord(word, 300.0 * at, 300.0 * at + 250) for at, word in enumerate(text.split())
    ]


def inserted(written: str, said: str, language: str = "en") -> tuple[str, list[str]]:
    """The text with what was said beside it, and the words that were inserted."""
    markup = extract_tags(written)
    script = read_markup(markup, language)
    extra = extra_words([token.spoken for token in script.tokens], heard(said))
    markup, ranges = with_insertions(markup, script, group(script, extra))
    script = read_markup(markup, language)
    return markup.text, [
        script.words[index].text for index in sorted(inserted_words(script, ranges))
    ]


@pytest.mark.parametrize(
    ("written", "said", "text", "words"),
    [
        ("We saw it.", "We um saw it.", "We um saw it.", "um"),
        ("We saw it.", "So, we saw it. Bye!", "So, We saw it. Bye!", "So, Bye!"),
        ("We saw it.", "We saw it.", "We saw it.", ""),
        ("Everyday life is hard.", "Every day life is hard.", "Everyday life is hard.", ""),
        ("It was 1967 here.", "It was 1967 here.", "It was 1967 here.", ""),
        ("We saw it\n\nthere.", "We saw it there [Music] now {b}",
         "We saw it\n\nthere. Music now b",
         "Music now b"),
        ("It costs $5 - now.", "It costs five uh dollars now", "It costs $5 uh - now.", "uh"),
    ],
)  # fmt: skip
def test_what_is_said_beside_the_text_stands_in_it(
    written: str, said: str, text: str, words: str
) -> None:
    assert inserted(written, said) == (text, words.split())


def test_chinese_is_inserted_without_spaces() -> None:
    text, words = inserted(
        "\u4f60\u597d\uff0c\u6211\u53bb\u3002", "\u4f60\u597d \u90a3\u4e48 \u6211\u53bb", "zh"
    )
    assert "\u90a3\u4e48" in text
    assert words


def test_tags_stay_before_their_words() -> None:
    markup = extract_tags("One two. [pause:1s] Three [voice:anna] four.")
    script = read_markup(markup)
    extra = extra_words(
        [token.spoken for token in script.tokens], heard("well one two um three four")
    )
    longer, _ = with_insertions(markup, script, group(script, extra))
    again = read_markup(longer)
    assert [again.words[mark.word].text for mark in again.directives] == [
        script.words[mark.word].text for mark in script.directives
    ]


def test_what_is_shown_otherwise_than_said_stays_so() -> None:
    markup = extract_tags("One {2FA|two factor} login, {New York|N Y}.")
    script = read_markup(markup)
    extra = extra_words(
        [token.spoken for token in script.tokens], heard("well one two factor um login N Y")
    )
    longer, _ = with_insertions(markup, script, group(script, extra))
    again = read_markup(longer)
    assert [word.text for word in again.words] == [
        "well",
        "One",
        "2FA",
        "um",
        "login,",
        "New York.",
    ]
    assert [token.spoken for token in again.tokens if token.word == 2] == ["two", "factor"]


def test_half_a_word_at_a_cut_is_no_word() -> None:
    words = [
        (3, RecognizedWord("nine", 980.0, 1_200.0)),
        (7, RecognizedWord("um", 3_000.0, 3_300.0)),
        (9, RecognizedWord("buy", 4_900.0, 5_100.0)),
        (9, RecognizedWord("now", 5_100.0, 5_300.0)),
    ]
    assert [word.text for _, word in without_halves(words, [1_000.0, 5_000.0])] == [
        "um", "buy", "now",
    ]  # fmt: skip


def test_the_words_of_the_text_keep_their_places_beside_inserted_ones() -> None:
    sent = "One [pause:1s] two, {2FA|two factor} three."
    markup = extract_tags(sent)
    script = read_markup(markup)
    extra = extra_words(
        [token.spoken for token in script.tokens], heard("well one um two two factor uh three bye")
    )
    longer, ranges = with_insertions(markup, script, group(script, extra))
    again = read_markup(longer)
    added = inserted_words(again, ranges)
    assert [again.words[index].text for index in sorted(added)] == ["well", "um", "uh", "bye"]
    places = [
        sent[slice(*again.sent_span(word))]
        for index, word in enumerate(again.words)
        if index not in added
    ]
    assert places == ["One", "two,", "2FA", "three."]

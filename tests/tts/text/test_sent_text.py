"""Where each word of a script stands in the text that the client sent."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fuzz.test_requests import TEXT
from tests.support.spoken_rows import all_rows
from tts.speech import Script
from tts.text.script import TextRejected, read_script
from tts.text.tags import TagRejected, extract_tags
from tts.text.traced import TracedText

SCRIPTS = sorted((Path(__file__).parents[2] / "data" / "scripts").glob("*.md"))
ROWS = all_rows()


def spans_of(text: str, script: Script) -> list[tuple[str, str]]:
    """Each written word, and what the text has at its place. The places grow and lie apart."""
    places = [script.sent_span(word) for word in script.words]
    assert all(start < end for start, end in places)
    assert all(end <= start for (_, end), (start, _) in pairwise([(0, 0), *places]))
    assert not places or places[-1][1] <= len(text)
    return [
        (word.text, text[start:end])
        for word, (start, end) in zip(script.words, places, strict=True)
    ]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: str(path.stem))
def test_the_words_of_a_script_stand_where_their_spans_say(path: Path) -> None:
    text = path.read_text()
    found = spans_of(text, read_script(text, path.stem.rpartition(".")[2], normalize=False))
    # Alone the period after a tag belongs to the word before the tag.
    assert [pair for pair in found if pair[0] != pair[1]] == (
        [("thick.", "thick</prosody>.")] if path.stem == "ssml.en" else []
    )


@pytest.mark.parametrize("language", sorted({row.language for row in ROWS}))
def test_the_words_of_every_language_stand_where_their_spans_say(language: str) -> None:
    read = 0
    for row in ROWS:
        if row.language != language:
            continue
        try:
            script = read_script(row.written, language[:2], normalize=False)
        except TextRejected:
            continue
        read += 1
        found = spans_of(row.written, script)
        assert extract_tags(row.written).readings or all(a == b for a, b in found), row.place
    assert read > 0


@given(st.text(max_size=80))
def test_the_words_of_any_text_stand_where_their_spans_say(text: str) -> None:
    try:
        script = read_script(text, normalize=False)
    except (TextRejected, TagRejected):
        return
    for word, sent in spans_of(text, script):
        assert sent == word or not set(sent).issubset(word)


@given(TEXT)
def test_the_words_of_any_markup_have_spans_with_their_characters(text: str) -> None:
    try:
        script = read_script(text, normalize=False)
    except (TextRejected, TagRejected):
        return
    for word, sent in spans_of(text, script):
        characters = iter(sent)
        assert all(character in characters for character in "".join(word.split()))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("One [pause:1s] two", ["One", "two"]),
        ("[voice:anna] Two  three\n\nfour", ["Two", "three", "four"]),
        ("Hello[pause:1s], world", ["Hello[pause:1s],", "world"]),
        ("{2FA|two factor} login", ["2FA", "login"]),
        ("See {New  York|N Y}! Now", ["See", "New  York|N Y}!", "Now"]),
        ("So {|um} yes", ["So", "um", "yes"]),
        ('<sub alias="two">2</sub> of AT&amp;T', ["2", "of", "AT&amp;T"]),
        ("One <!-- hidden <b> -->two <style>b {}</style>three", ["One", "two", "three"]),
        ("He\x07llo \u200b there \ud800you", ["He\x07llo", "there", "you"]),
        ("A <speak> <![CDATA[One]]>. <desc>B</desc>Two.", ["A", "<speak>", "One]]>.", "Two."]),
        ("Cafe\u0301 👋🏽 now", ["Cafe\u0301", "👋🏽", "now"]),
        ("你好，世界。再见", ["你好，", "世界。", "再见"]),
    ],
)  # fmt: skip
def test_a_span_covers_the_characters_of_its_word(text: str, words: list[str]) -> None:
    assert [sent for _, sent in spans_of(text, read_script(text))] == words


@given(st.text(st.sampled_from(" \t\n\u2003ab"), max_size=20))
def test_a_text_on_one_line_keeps_the_places_of_its_characters(text: str) -> None:
    line = TracedText.whole(text).on_one_line()
    assert line.text == " ".join(text.split())
    for character, offset in zip(line.text, line.offsets, strict=True):
        assert text[offset] == character or (text[offset].isspace() and character == " ")

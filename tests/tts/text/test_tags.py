"""Tags: what is one, what is text, and what they do to words, chunks and samples."""

import numpy as np
import pytest

from tts.audio.join import JoinOptions, join
from tts.speech import Directive, Mark
from tts.text.chunks import split
from tts.text.script import TextRejected, read_script
from tts.text.tags import Tag, TagRejected, extract_tags

RATE = 24_000


@pytest.mark.parametrize(
    ("text", "clean", "tags"),
    [
        ("One [pause:0.8s] two", "One two", (Tag(4, 800),)),
        ("One [pause:800ms] two", "One two", (Tag(4, 800),)),
        ("One [pause:1] two", "One two", (Tag(4, 1000),)),
        ("One [PAUSE: 2 s] two", "One two", (Tag(4, 2000),)),
        ('One <break time="800ms"/> two', "One two", (Tag(4, 800),)),
        ("One <break time='1.5s' /> two", "One two", (Tag(4, 1500),)),
        ('One <break time="1s"></break> two', "One two", (Tag(4, 1000),)),
        ("One[pause:1s]two", "One two", (Tag(4, 1000),)),
        ("[pause:1s] One", "One", (Tag(0, 1000),)),
        ("One [pause:1s]", "One ", (Tag(4, 1000),)),
        ("One. [voice:anna] Two.", "One. Two.", (Tag(5, voice="anna"),)),
        ("A [pause:1s] [voice:Ana Mari\u0301a.wav] B", "A B",
         (Tag(2, 1000), Tag(2, voice="Ana Mar\u00eda"))),
        ("An [aside] stays, and [pauses] too.", "An [aside] stays, and [pauses] too.", ()),
        ("<breakfast> a < b > c [voice] [pause]", "<breakfast> a < b > c [voice] [pause]", ()),
        ("One [pause:1,5s] two", "One two", (Tag(4, 1500),)),
        ("One <!-- [pause:1s] no -->two <style>b { }</style>", "One two ", ()),
        ("One［pause：１．５s］two", "One two", (Tag(4, 1500),)),
        ("One [voice：Ａnna] two", "One two", (Tag(4, voice="Ａnna"),)),
        ("One [pause:.5s] two", "One two", (Tag(4, 500),)),
        ("One [pause:500 milliseconds] two", "One two", (Tag(4, 500),)),
        ("One [pause: 2 secs] two", "One two", (Tag(4, 2000),)),
        ('One <break time="1s" strength="weak"/> two', "One two", (Tag(4, 1000),)),
        ("One <BREAK strength='weak' time = '1s'> two", "One two", (Tag(4, 1000),)),
        ("One <break time=“800ms”/> two", "One two", (Tag(4, 800),)),
        ('One <break strength="strong"/> two', "One two", (Tag(4, 300),)),
        ('One <break strength="none"/> two', "One two", ()),
        ("One<break/>two <break> three", "One two three", (Tag(4, 150), Tag(8, 150))),
        ("Hello[pause:1s], world", "Hello, world", (Tag(7, 1000),)),
        ("Wait [pause:0.5s]. Go", "Wait. Go", (Tag(6, 500),)),
        ("A [voice: anna/whisper ] B", "A B", (Tag(2, voice="anna/whisper"),)),
        (f"A [voice:{'x' * 64}/{'y' * 64}] B", "A B", (Tag(2, voice="x" * 64 + "/" + "y" * 64),)),
        ("Wait [pause:0.5s] [voice:b]! Go", "Wait! Go", (Tag(5, 500), Tag(6, voice="b"))),
        ("Wait [pause:1s]...", "Wait... ", (Tag(8, 1000),)),
        ('He said "no[pause:1s]." Then', 'He said "no." Then', (Tag(14, 1000),)),
        ("(Wait[pause:1s]) Go", "(Wait) Go", (Tag(7, 1000),)),
        ('Wait [pause:1s] "Go"', 'Wait "Go"', (Tag(5, 1000),)),
        ("Wait [pause:1s] .5 is a half", "Wait .5 is a half", (Tag(5, 1000),)),
        ("你好[pause:1s]，世界", "你好， 世界", (Tag(4, 1000),)),
        ("[pause:1s]. Go", ". Go", (Tag(0, 1000),)),
    ],
)  # fmt: skip
def test_what_is_a_tag_and_what_is_text(text: str, clean: str, tags: tuple[Tag, ...]) -> None:
    markup = extract_tags(text)
    assert (markup.text, markup.tags) == (clean, tags)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[pause:11s] a", "is too long: a pause lasts at most 10 seconds; write several in a row"),
        ("[pause:0.01s] a", "is too short: a pause lasts at least 0.05 seconds"),
        ("[pause:long] a", "has no length that the worker can read; give 0.05 to 10 seconds"),
        ("[pause:-1s] a", "has no length"),
        ('<break time="medium"/> a', "has no length"),
        ("[pause:10s]" * 7 + "a", "60 seconds in a row"),
        ("a [pause:10s] [voice:b] " * 3 + "[pause:10s]" * 7, "60 seconds in a row"),
        ("a [pause:10s]" * 61, "600 seconds in a script"),
        ("[voice:../etc/passwd] a", "is not a voice name"),
        ("[voice:  ] a", "is not a voice name"),
        ("[voice:anna/] a", "is not a voice name"),
        ("[voice:anna/../bob] a", "is not a voice name"),
        ("[mark:] a", "has no name that a mark can have; give 1 to 64 letters"),
        ("[mark:my scene] a", "has no name that a mark can have"),
        ("[mark:../up] a", "has no name that a mark can have"),
        ("[mark:Übung] a", "has no name that a mark can have"),
        ('<mark name="a\'b"/> a', "has no name"),
        ("[mark:a] b [mark:a] c", "two marks have the name 'a'; give each its own"),
        ('[mark:a] b <mark name="a"/> c', "two marks have the name 'a'"),
    ],
)
def test_a_tag_without_sense_is_told(text: str, sentence: str) -> None:
    with pytest.raises(TagRejected, match=sentence):
        extract_tags(text)


def test_marks_stand_before_words() -> None:
    script = read_script("[pause:1s] One two, [pause:2s] three. [voice:b] Four [pause:3s]")
    assert [word.text for word in script.words] == ["One", "two,", "three.", "Four"]
    assert script.directives == (
        Directive(0, 1000),
        Directive(2, 2000),
        Directive(3, voice="b"),
        Directive(4, 3000),
    )
    assert script.text[script.words[3].char_start :].startswith("Four")


@pytest.mark.parametrize(
    ("text", "words", "marks"),
    [
        ("[mark:intro] One two.", ["One", "two."], (Mark(0, "intro"),)),
        ("One [mark:b-2] two.", ["One", "two."], (Mark(1, "b-2"),)),
        ("One[mark:b], two.", ["One,", "two."], (Mark(1, "b"),)),
        ('One <mark name="x_1.png"/> two.', ["One", "two."], (Mark(1, "x_1.png"),)),
        ("One <MARK NAME='y'></mark> two.", ["One", "two."], (Mark(1, "y"),)),
        ("One two. [mark:end]", ["One", "two."], (Mark(2, "end"),)),
        ("[mark:a] [mark:b] One.", ["One."], (Mark(0, "a"), Mark(0, "b"))),
        ("A <mark>lit</mark> [mark] word.", ["A", "<mark>lit</mark>", "[mark]", "word."], ()),
    ],
)
def test_a_mark_is_no_word(text: str, words: list[str], marks: tuple[Mark, ...]) -> None:
    script = read_script(text)
    assert [word.text for word in script.words] == words
    assert script.marks == marks
    assert script.directives == ()


def test_a_mark_parts_no_chunk() -> None:
    plain, marked = (
        split(read_script(text), 200)
        for text in ("One two three four.", "[mark:a] One two [mark:b] three four. [mark:c]")
    )
    assert marked == plain


def test_every_mark_parts_chunks_and_silences_add_up() -> None:
    text = "[pause:1s] One two, [pause:2s][pause:0.5s] three. [voice:b] Four. "
    text += "[voice:c] Five [pause:3s]"
    chunks = split(read_script(text), 200)
    assert [chunk.spoken_text for chunk in chunks] == ["One two,", "three.", "Four.", "Five"]
    assert [chunk.silence_ms for chunk in chunks] == [2500, None, None, 3000]
    assert [chunk.lead_ms for chunk in chunks] == [1000, 0, 0, 0]
    assert [chunk.voice for chunk in chunks] == [None, None, "b", "c"]
    assert [(chunk.first_word, chunk.end_word) for chunk in chunks] == [
        (0, 2), (2, 3), (3, 4), (4, 5)
    ]  # fmt: skip


@pytest.mark.parametrize("quiet_s", [0.0, 0.2])
@pytest.mark.parametrize("total_s", [None, 20.0])
def test_a_pause_is_exact_to_the_sample(total_s: float | None, quiet_s: float) -> None:
    """From the last sample that sounds to the next one, whatever silence the takes have there."""
    text = "[pause:0.35s] One two. Three four, five [pause:0.05s] six. Seven [pause:0.0812s] eight "
    text += "[pause:0.8s] nine [pause:1.2345s]"
    chunks = split(read_script(text), 12)
    asked = [350, *(chunk.silence_ms for chunk in chunks)]
    assert [ms for ms in asked if ms] == [350, 50, 81, 800, 1234]
    rng = np.random.default_rng(0)
    quiet = np.zeros(round(quiet_s * RATE), np.float32)
    # 9000 samples are no whole number of frames.
    noise = [rng.choice([-0.4, 0.4], 9000).astype(np.float32) for _ in chunks]
    takes = [np.concatenate([quiet, sound, quiet]) for sound in noise]
    speech = join(takes, chunks, RATE, JoinOptions(cross_fade_s=0.0, total_s=total_s))
    sounding = np.flatnonzero(speech.samples[:])
    borders = np.flatnonzero(np.diff(sounding) > 0.04 * RATE)
    found = [sounding[0], *np.diff(sounding)[borders] - 1, len(speech.samples) - sounding[-1] - 1]
    for gap, ms in zip(found, asked, strict=True):
        if ms and not (ms == 1234 and total_s):
            # The fade's end is a zero on either side; a frame of the silence can be sound's.
            frame = 240 if quiet_s else 2
            assert ms * RATE / 1000 <= gap <= ms * RATE / 1000 + frame


def test_the_voices_of_a_text_come_once_each_in_order() -> None:
    assert extract_tags("[voice:b] One [voice:a] two [voice:b] three").voices == ["b", "a"]


def test_a_text_of_tags_alone_is_shown_as_it_came() -> None:
    with pytest.raises(TextRejected, match=r"nothing to speak in '\[pause:1s\]'"):
        read_script("[pause:1s]")


@pytest.mark.parametrize("spaces", ["", " ", " " * 150])
def test_white_space_inside_a_tag_counts_for_nothing(spaces: str) -> None:
    text = f"a [{spaces}voice{spaces}:{spaces}bob ] b [pause:{spaces}1s] c <break{spaces}/> d"
    markup = extract_tags(text)
    assert markup.text == "a b c d"
    assert [(tag.char, tag.voice, tag.pause_ms) for tag in markup.tags] == [
        (2, "bob", 0), (4, None, 1000), (6, None, 150)
    ]  # fmt: skip


def test_a_tag_without_a_value_is_text() -> None:
    assert extract_tags("a [pause:] [voice:] b").text == "a [pause:] [voice:] b"


def test_a_mark_between_words_without_sound_belongs_to_the_chunk_before() -> None:
    chunks = split(read_script("One. 👍 [pause:1s] 👍 [voice:b] two. [pause:2s]"), 200)
    assert [chunk.silence_ms for chunk in chunks] == [1000, 2000]
    assert [chunk.voice for chunk in chunks] == [None, "b"]

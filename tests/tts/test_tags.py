"""Tags: what is one, what is text, and what they do to words, chunks and samples."""

import numpy as np
import pytest

from tts.chunks import split
from tts.join import join
from tts.speech import Mark
from tts.tags import Tag, TagRejected, parted
from tts.text import read_script

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
        ("<break/> a < b > c [voice] [pause]", "<break/> a < b > c [voice] [pause]", ()),
    ],
)  # fmt: skip
def test_what_is_a_tag_and_what_is_text(text: str, clean: str, tags: tuple[Tag, ...]) -> None:
    assert parted(text) == (clean, tags)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[pause:11s] a", "is no pause; give 0.05 to 10 seconds"),
        ("[pause:0.01s] a", "is no pause"),
        ("[pause:long] a", "is no pause"),
        ("[pause:-1s] a", "is no pause"),
        ('<break time="medium"/> a', "is no pause"),
        ("[voice:../etc/passwd] a", "is not a voice name"),
        ("[voice:  ] a", "is not a voice name"),
    ],
)
def test_a_tag_without_sense_is_told(text: str, sentence: str) -> None:
    with pytest.raises(TagRejected, match=sentence):
        parted(text)


def test_marks_stand_before_words() -> None:
    script = read_script("[pause:1s] One two, [pause:2s] three. [voice:b] Four [pause:3s]")
    assert [word.text for word in script.words] == ["One", "two,", "three.", "Four"]
    assert script.marks == (Mark(0, 1000), Mark(2, 2000), Mark(3, voice="b"), Mark(4, 3000))
    assert script.text[script.words[3].char_start :].startswith("Four")


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
@pytest.mark.parametrize("length", [None, 20 * RATE])
def test_a_pause_is_exact_to_the_sample(length: int | None, quiet_s: float) -> None:
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
    speech = join(takes, chunks, RATE, 0.1, length=length)
    sounding = np.flatnonzero(speech.samples[:])
    borders = np.flatnonzero(np.diff(sounding) > 0.04 * RATE)
    found = [sounding[0], *np.diff(sounding)[borders] - 1, len(speech.samples) - sounding[-1] - 1]
    for gap, ms in zip(found, asked, strict=True):
        if ms and not (ms == 1234 and length):
            # The fade's end is a zero on either side; a frame of the silence can be sound's.
            frame = 240 if quiet_s else 2
            assert ms * RATE / 1000 <= gap <= ms * RATE / 1000 + frame

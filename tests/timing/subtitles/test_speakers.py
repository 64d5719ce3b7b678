"""Cues and files of scripts that several voices speak."""

import io
import json
import subprocess
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path

import pysubs2
import pytest
import webvtt
from hypothesis import given
from hypothesis import strategies as st

from timing.formats import FORMATS
from timing.subtitles.captions import AudioSource, Captions, caption
from timing.subtitles.cues import PRESETS, SPEAKERS, Cue, CueRules, cues
from timing.subtitles.style import STYLES
from timing.words import TimedWord, Timing
from tts.speech import Directive, Script, Token, Word

Turn = tuple[str, str]
"""A voice and what it says."""
EXCHANGE: list[Turn] = [("anna", "Who is it?"), ("ben", "Me."), ("anna", "Come in.")]
STANDARD = PRESETS["standard"]


def spoken(turns: Sequence[Turn], ms: int = 300) -> tuple[list[TimedWord], list[str], set[int]]:
    """Words without gaps, the speaker of each, and the words that end a sentence."""
    pairs = [(voice, word) for voice, said in turns for word in said.split()]
    words = [
        TimedWord(word, ms * at, ms * at + ms, 0.9, "sphinx", True, word, 0)
        for at, (_, word) in enumerate(pairs)
    ]
    return (
        words,
        [voice for voice, _ in pairs],
        {at for at, (_, word) in enumerate(pairs) if word[-1] in ".!?"},
    )


def made(turns: Sequence[Turn], rules: CueRules = STANDARD, ms: int = 300) -> tuple[Cue, ...]:
    words, speakers, ends = spoken(turns, ms)
    return cues(words, rules, words[-1].end_ms + 1000, ends, speakers=speakers)


def shown(found: Sequence[Cue]) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    return [(cue.texts, cue.voices) for cue in found]


def test_a_quick_exchange_shares_a_cue_with_a_dash_before_each_line() -> None:
    assert shown(made(EXCHANGE)) == [
        (("- Who is it?", "- Me."), ("anna", "ben")),
        (("Come in.",), ("anna",)),
    ]


def test_longer_turns_have_cues_of_their_own() -> None:
    turns = [("anna", "I have been waiting for you all day."), ("ben", "The train was late again.")]
    assert shown(made(turns, ms=350)) == [
        (("I have been waiting for you all day.",), ("anna",)),
        (("The train was late again.",), ("ben",)),
    ]


def test_a_dashed_line_holds_whole_sentences_within_the_width() -> None:
    long_turn = ("anna", "I had not thought that anybody would come up here. Who is it?")
    assert shown(made([long_turn, *EXCHANGE[1:]]))[-2:] == shown(made(EXCHANGE))
    narrow = replace(STANDARD, max_chars_per_line=11)
    assert texts(made(EXCHANGE, narrow))[:2] == ["Who is it?", "- Me."]


def texts(found: Sequence[Cue]) -> list[str]:
    return [text for cue in found for text in cue.texts]


def test_the_name_stands_before_the_first_line_of_each_turn() -> None:
    turns = [("anna", "Nobody had told me. " * 4), ("ben", "Me.")]
    found = texts(made(turns, replace(STANDARD, speaker="prefix")))
    assert [text for text in found if ":" in text] == ["anna: Nobody had told me.", "ben: Me."]
    assert texts(made(EXCHANGE, replace(STANDARD, speaker="prefix"))) == [
        "anna: Who is it?", "ben: Me.", "anna: Come in."
    ]  # fmt: skip


def test_words_before_the_first_known_voice_have_no_name() -> None:
    found = made([("", "Hello there."), ("ben", "Me.")], replace(STANDARD, speaker="prefix"))
    assert shown(found) == [(("Hello there.",), ("",)), (("ben: Me.",), ("ben",))]


def test_without_marks_each_speaker_has_cues_of_his_own() -> None:
    found = made(EXCHANGE, replace(STANDARD, speaker="none"))
    assert texts(found) == ["Who is it?", "Me.", "Come in."]


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("speaker", SPEAKERS)
def test_one_voice_is_not_named(preset: str, speaker: str) -> None:
    turns = [("anna", "Who is it? Me. Come in.")]
    words, speakers, ends = spoken(turns)
    rules = replace(PRESETS[preset], speaker=speaker)
    alone = cues(words, rules, 3000, ends, speakers=speakers)
    assert alone == cues(words, rules, 3000, ends)
    assert all(cue.voices == () for cue in alone)


@pytest.mark.parametrize("preset", PRESETS)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["anna", "ben", "cleo", ""]),
            st.sampled_from(["Yes.", "and then", "No, not at all.", "Nobody ever came, I think."]),
        ),
        min_size=1,
        max_size=20,
    ),
    st.sampled_from(SPEAKERS),
    st.integers(40, 900),
)
def test_no_line_has_two_speakers(
    preset: str, turns: list[Turn], speaker: str, word_ms: int
) -> None:
    rules = replace(PRESETS[preset], speaker=speaker)
    words, speakers, ends = spoken(turns, word_ms)
    found = cues(words, rules, words[-1].end_ms, ends, speakers=speakers)
    for cue in found:
        names = [{speakers[unit.word] for unit in line} for line in cue.lines]
        assert all(len(name) == 1 for name in names)
        assert not cue.voices or [{voice} for voice in cue.voices] == names
        dashed = sum(text.startswith("- ") for text in cue.texts)
        assert dashed == (len(cue.lines) if len(set(cue.voices)) > 1 else 0)
        assert len(set(cue.voices)) <= (2 if speaker == "dash" and rules.max_lines > 1 else 1)
        assert all(
            len(text) <= rules.max_chars_per_line
            for text, line in zip(cue.texts, cue.lines, strict=True)
            if len(line) > 1
        )
    spoken_words = " ".join(word for _, said in turns for word in [said])
    unmarked = [
        unit.text.removeprefix("- ").removeprefix(f"{speakers[unit.word]}: ")
        for cue in found for line in cue.lines for unit in line
    ]  # fmt: skip
    assert " ".join(unmarked) == spoken_words


def captions_of(
    turns: Sequence[Turn],
    rules: CueRules = STANDARD,
    style: str = "bold",
    tags: bool = False,
) -> Captions:
    """A script of turns: one chunk a turn, or with `tags` a tag before each turn but the first."""
    words, speakers, _ = spoken(turns)
    text = " ".join(word.word for word in words)
    starts = [0, *accumulate(len(word.word) + 1 for word in words)]
    placed = [
        Word(word.word, start, start + len(word.word))
        for word, start in zip(words, starts, strict=False)
    ]
    tokens = [
        Token(at, word.char_start, word.char_end, word.text, word.text[-1:].strip("abcdeimnopsty"))
        for at, word in enumerate(placed)
    ]
    counts = [len(said.split()) for _, said in turns]
    chunks = [chunk for chunk, count in enumerate(counts) for _ in range(count)]
    firsts = [0, *accumulate(counts)]
    marks = tuple(
        Directive(first, voice=voice)
        for first, (voice, _) in list(zip(firsts, turns, strict=False))[1:]
    )
    return caption(
        Script(text, tuple(placed), tuple(tokens), marks if tags else ()),
        Timing(
            tuple(
                replace(word, chunk=0 if tags else chunk)
                for word, chunk in zip(words, chunks, strict=True)
            ),
            "sphinx",
            0.9,
        ),
        job_id="job",
        duration_ms=words[-1].end_ms + 500,
        language="en",
        generated_at=datetime(2026, 11, 22, tzinfo=UTC),
        audio=AudioSource("", "job.wav"),
        rules=rules,
        style=STYLES[style],
        voices=() if tags else [voice for voice, _ in turns],
        main_voice=speakers[0] if tags else "",
    )


def test_tags_tell_the_speakers_as_chunks_do() -> None:
    by_tag, by_chunk = captions_of(EXCHANGE, tags=True), captions_of(EXCHANGE)
    assert by_tag.cues == by_chunk.cues
    assert [cue.voices for cue in by_tag.cues] == [("anna", "ben"), ("anna",)]


@pytest.mark.parametrize("style", ["bold", "karaoke"])
def test_browsers_know_who_speaks(style: str) -> None:
    written = FORMATS["vtt"].render(captions_of(EXCHANGE, style=style)).decode()
    assert written.count("<v anna>") == 2
    assert written.count("</v>") == 3
    read = webvtt.from_buffer(io.StringIO(written)).captions
    assert [cue.text for cue in read] == ["- Who is it?\n- Me.", "Come in."]
    assert [cue.voice for cue in read] == ["anna", "anna"]


@pytest.mark.needs("ffmpeg")
@pytest.mark.parametrize("style", ["bold", "karaoke"])
def test_ffmpeg_shows_the_lines_without_names(style: str, tmp_path: Path) -> None:
    (tmp_path / "a.vtt").write_bytes(FORMATS["vtt"].render(captions_of(EXCHANGE, style=style)))
    command = ["ffmpeg", "-v", "error", "-i", "a.vtt", "-f", "srt", "-"]
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
    subs = pysubs2.SSAFile.from_string(found.stdout.decode().replace("\r", ""), "srt")
    assert [event.plaintext for event in subs] == ["- Who is it?\n- Me.", "Come in."]


def test_two_lines_of_one_speaker_are_one_span() -> None:
    turns = [("anna", "I had not thought that anybody would come up here today."), ("ben", "Me.")]
    written = FORMATS["vtt"].render(captions_of(turns)).decode()
    assert "<v anna>I had not thought that anybody\nwould come up here today.</v>\n" in written


def test_a_name_is_no_markup() -> None:
    turns = [("a&b <c> --> d", "Who is it?"), ("ben", "Me.")]
    prefixed = replace(STANDARD, speaker="prefix")
    vtt = FORMATS["vtt"].render(captions_of(turns, prefixed)).decode()
    assert "<v a&amp;b &lt;c&gt; --&gt; d>a&amp;b &lt;c&gt; --&gt; d: Who is it?</v>" in vtt
    srt = FORMATS["srt"].render(captions_of(turns, prefixed)).decode()
    assert "a&b <\u2060c> --\u2060> d: Who is it?" in srt


def test_the_json_has_the_words_without_marks() -> None:
    data = json.loads(FORMATS["json"].render(captions_of(EXCHANGE)))["timing_data"]
    assert [(word["word"], word["voice"]) for word in data["words"]][2:5] == [
        ("it?", "anna"), ("Me.", "ben"), ("Come", "anna")
    ]  # fmt: skip

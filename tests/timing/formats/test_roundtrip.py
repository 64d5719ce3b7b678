"""Files read back by readers that are not ours: nothing lost, no cue empty or over another."""

import csv
import io
import json
import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import ass
import pysubs2
import pytest
import webvtt
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from timing.formats import FORMATS
from timing.subtitles.captions import AudioSource, Captions, caption, has_right_to_left
from timing.subtitles.cues import PRESETS, CueRules
from timing.subtitles.style import STYLES, SubtitleStyle, style_for
from timing.subtitles.units import CASES, PUNCTUATIONS
from timing.words import TimedWord, Timing, to_integer_spans
from tts.speech import Script, Token, Word

pytestmark = pytest.mark.slow

AWKWARD = [
    "a<b", r"C:\New", "{x}", r"{\an8}", "{y:i}", "-->", "1:00", '"quoted,', "&", "&amp;", "<b>",
    "</i>", "1", "WEBVTT", "NOTE", "STYLE", "=1+1", "🎉", "👩‍👩‍👧", "日本語", "שלום", r"\N", r"a\h",
    "Dialogue:", "[Events]", ";", "\\", "{", "}", "<", ">", "'", '"', "\u2060", "e\u0301", "a;b,c",
]  # fmt: skip


class Read(NamedTuple):
    start_ms: int
    end_ms: int
    text: str


def captions_of(
    words: Sequence[str],
    spans: Sequence[tuple[float, float]],
    ms: int,
    rules: CueRules = PRESETS["word"],
    style: SubtitleStyle = STYLES["bold"],
) -> Captions:
    text, placed = "", []
    for word in words:
        placed.append(Word(word, len(text), len(text) + len(word)))
        text += word + " "
    tokens = tuple(
        Token(i, word.char_start, word.char_end, "x", "." if i % 5 == 4 else "")
        for i, word in enumerate(placed)
    )
    timed = tuple(
        TimedWord(word, start_ms, end_ms, 0.5, "sphinx", True, "x", 0)
        for word, (start_ms, end_ms) in zip(words, to_integer_spans(spans, ms, ms), strict=True)
    )
    return caption(
        Script(text, tuple(placed), tokens),
        Timing(timed, "sphinx", 0.5),
        job_id="job",
        duration_ms=ms,
        language="en",
        generated_at=datetime(2026, 11, 22, tzinfo=UTC),
        audio=AudioSource("https://s3.example.com/job.wav", "job.wav"),
        rules=rules,
        style=style,
    )


# Neither spaces nor control characters: read_script leaves none in a word.
word_texts = st.one_of(
    st.sampled_from(AWKWARD),
    st.text(
        st.characters(exclude_categories=["Cs", "Cc", "Z", "Cn"]), min_size=1, max_size=6
    ).filter(lambda word: not word.isspace()),
)


any_rules = st.builds(
    lambda preset, changes: replace(PRESETS[preset], **changes),
    st.sampled_from(list(PRESETS)),
    st.fixed_dictionaries(
        {
            "case": st.sampled_from(CASES),
            "punctuation": st.sampled_from(PUNCTUATIONS),
            "offset_ms": st.just(0) | st.integers(-30_000, 30_000),
        },
        optional={
            "max_chars_per_line": st.integers(4, 200),
            "max_lines": st.integers(1, 3),
            "max_words": st.integers(1, 100),
            "min_ms": st.integers(20, 900),
            "max_ms": st.integers(2500, 60_000),
            "max_cps": st.floats(5, 100),
            "frame_rate": st.floats(10, 240),
        },
    ),
)
ONE_EVENT = [name for name, style in STYLES.items() if style.effect in {"none", "karaoke"}]
any_looks = st.builds(
    style_for,
    st.sampled_from(list(ONE_EVENT)),
    st.tuples(st.integers(64, 7680), st.integers(64, 7680)),
    st.integers(0, 200),
)


@st.composite
def any_captions(draw: st.DrawFn) -> Captions:
    words = draw(st.lists(word_texts, min_size=1, max_size=12))
    ms = draw(st.integers(40, 20_000) | st.integers(3_590_000, 36_100_000))
    times = st.floats(max(0, ms - 20_000), ms)
    spans = draw(st.lists(st.tuples(times, times), min_size=len(words), max_size=len(words)))
    return captions_of(words, spans, ms, draw(any_rules), draw(any_looks))


def read_srt(data: bytes) -> list[Read]:
    # pysubs2 takes a number in the last line of a file for the number of another cue.
    text = f"{data.decode()}\n\n0\n99:00:00,000 --> 99:00:01,000\nend\n"
    subs = pysubs2.SSAFile.from_string(text, "srt", keep_unknown_html_tags=True)
    return [Read(e.start, e.end, e.text.replace(r"\N", "\n")) for e in subs][:-1]


def read_vtt(data: bytes) -> list[Read]:
    return [
        Read(ms_of_stamp(cue.start), ms_of_stamp(cue.end), unescape_vtt(unlit(cue.raw_text)))
        for cue in webvtt.from_buffer(io.BytesIO(data)).captions
    ]


def ms_of_stamp(stamp: str) -> int:
    hours, minutes, seconds = stamp.split(":")
    return ms_of(3600 * int(hours) + 60 * int(minutes) + float(seconds))


def unlit(text: str) -> str:
    """A WebVTT payload without the spans and stamps of lit words; its own `<` is escaped."""
    return re.sub(r"</?[cu]>|<c\.[a-z]+>|<[\d:.]+>", "", text)


def unescape_vtt(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def read_ass(data: bytes) -> list[Read]:
    document = ass.parse_string(data.decode("utf-8-sig"))
    return [
        Read(ms_of(e.start.total_seconds()), ms_of(e.end.total_seconds()), unescape_ass(e.text))
        for e in document.events
    ]


def read_ass_again(data: bytes) -> list[Read]:
    subs = pysubs2.SSAFile.from_string(data.decode("utf-8-sig"), "ass")
    return [Read(e.start, e.end, unescape_ass(e.text)) for e in subs]


def unescape_ass(text: str) -> str:
    r"""Without our tags; the script's own `{\k5}` has a joiner after the `\`."""
    text = re.sub(r"\{\\(?:kf?|fs)\d+\}|\{\\1c[^{}]*\}", "", text).replace(r"\N", "\n")
    return text.replace(r"\{", "{").replace(r"\}", "}")


def ms_of(seconds: float) -> int:
    return round(1000 * seconds)


READERS: list[tuple[str, Callable[[bytes], list[Read]]]] = [
    ("srt", read_srt),
    ("vtt", read_vtt),
    ("ass", read_ass),
    ("ass", read_ass_again),
]


@pytest.mark.parametrize(("name", "reader"), READERS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(captions=any_captions())
def test_cues_read_back_whole_and_in_order(
    name: str, reader: Callable[[bytes], list[Read]], captions: Captions
) -> None:
    read = reader(FORMATS[name].render(captions))
    for cue, told in zip(read, captions.cues, strict=True):
        in_order = not (
            name == "ass" and captions.style.effect == "karaoke" and has_right_to_left(cue.text)
        )
        shown, meant = bare(cue.text), bare("\n".join(told.texts))
        assert shown == meant if in_order else sorted(shown.split()) == sorted(meant.split())
    grid = 10 if name == "ass" else 1
    before = 0
    for cue, told in zip(read, captions.cues, strict=True):
        assert before <= cue.start_ms < cue.end_ms
        assert abs(cue.start_ms - told.start_ms) <= grid / 2
        assert abs(cue.end_ms - told.end_ms) <= grid / 2
        before = cue.end_ms


LIT = [name for name in STYLES if name not in ONE_EVENT]


@settings(max_examples=200, deadline=None)
@given(any_captions(), st.sampled_from(LIT))
def test_every_event_of_a_lit_cue_has_the_whole_text(captions: Captions, name: str) -> None:
    """Each layer covers its cue without a gap; the second layer of `pop` has moments only."""
    captions = replace(captions, style=replace(STYLES[name], resolution=(1080, 1920)))
    events = pysubs2.SSAFile.from_string(FORMATS["ass"].render(captions).decode("utf-8-sig"), "ass")
    for cue in captions.cues:
        start_ms, end_ms = 10 * cs(cue.start_ms), 10 * cs(cue.end_ms)
        own = [event for event in events if start_ms <= event.start < event.end <= end_ms]
        assert own
        for event in own:
            text = re.sub(r"(?<!\\)\{\\[^}\u2060]*\}", "", event.text)
            shown = bare(text.replace(r"\N", "\n").replace(r"\{", "{").replace(r"\}", "}"))
            meant = bare("\n".join(cue.texts))
            is_turned = has_right_to_left(meant)
            assert sorted(shown.split()) == sorted(meant.split()) if is_turned else shown == meant
        for layer in {event.layer for event in own} - ({1} if name == "pop" else set()):
            edges = [(event.start, event.end) for event in own if event.layer == layer]
            assert edges[0][0] == start_ms
            assert edges[-1][1] == end_ms
            assert all(before[1] == after[0] for before, after in pairwise(edges))


@settings(max_examples=200, deadline=None)
@given(any_captions(), st.sampled_from(LIT))
def test_the_moments_of_a_vtt_cue_abut_and_have_its_whole_text(
    captions: Captions, name: str
) -> None:
    captions = replace(captions, style=STYLES[name])
    read = read_vtt(FORMATS["vtt"].render(captions))
    for cue in captions.cues:
        own = [part for part in read if cue.start_ms <= part.start_ms < cue.end_ms]
        assert own[0].start_ms == cue.start_ms
        assert own[-1].end_ms == cue.end_ms
        assert all(before.end_ms == after.start_ms for before, after in pairwise(own))
        assert {bare(part.text) for part in own} == {bare("\n".join(cue.texts))}


def bare(text: str) -> str:
    """Without word joiners, which SRT and ASS get in the place of escapes, and directions."""
    return re.sub("[\u2060\u202b\u202c\u200e]", "", text)


@settings(max_examples=200, deadline=None)
@given(any_captions())
def test_every_time_is_whole_ms(captions: Captions) -> None:
    times = [ms for cue in captions.cues for ms in (cue.start_ms, cue.end_ms)]
    shown = [piece for cue in captions.cues for line in cue.lines for piece in line]
    times += [ms for piece in shown for ms in (piece.start_ms, piece.end_ms)]
    times += [ms for word in captions.words for ms in (word.start_ms, word.end_ms)]
    assert {type(ms) for ms in times} <= {int}


@settings(max_examples=200, deadline=None)
@given(any_captions())
def test_the_times_of_lit_words_add_up(captions: Captions) -> None:
    """From the start of a cue to each word, and to the end of the last: not a centisecond off."""
    lit = replace(captions, style=STYLES["karaoke"])
    document = ass.parse_string(FORMATS["ass"].render(lit).decode("utf-8-sig"))
    for event, cue in zip(document.events, lit.cues, strict=True):
        parts = [part for line in cue.lines for part in line]
        if any(map(has_right_to_left, cue.texts)):
            lit_ms = [int(ms) for ms in re.findall(r"\\t\((\d+),", event.text)]
            firsts = [line[i] for line in cue.lines for i in range(len(line))
                      if not i or not line[i].no_space_before]  # fmt: skip
            starts_ms = [10 * (cs(part.start_ms) - cs(cue.start_ms)) for part in firsts]
            assert sorted(lit_ms) == starts_ms
            continue
        now_cs, ends = cs(cue.start_ms), []
        for swept, length in re.findall(r"\{\\k(f?)(\d+)\}", event.text):
            now_cs += int(length)
            ends += [now_cs] if swept else []
        assert ends == [cs(part.end_ms) for part in parts]


def cs(ms: int) -> int:
    return (ms + 5) // 10


@settings(max_examples=200, deadline=None)
@given(any_captions())
def test_stamps_inside_a_cue_increase_and_stay_inside(captions: Captions) -> None:
    data = FORMATS["vtt"].render(replace(captions, style=STYLES["karaoke"]))
    for read, cue in zip(webvtt.from_buffer(io.BytesIO(data)).captions, captions.cues, strict=True):
        stamps = [ms_of_stamp(stamp) for stamp in re.findall(r"<([\d:.]+)>", read.raw_text)]
        edges = [cue.start_ms, *stamps, cue.end_ms]
        assert all(a < b for a, b in pairwise(edges))
        assert set(stamps) <= {part.start_ms for line in cue.lines for part in line}
        # A cue that starts with its frame may be there before its first word.
        if cue.start_ms == cue.lines[0][0].start_ms:
            assert read.raw_text.lstrip("\u202b").startswith("<c>")


@settings(max_examples=150, deadline=None)
@given(any_captions())
def test_the_data_files_hold_every_word_exactly(captions: Captions) -> None:
    rows = list(csv.reader(io.StringIO(FORMATS["csv"].render(captions).decode(), newline="")))
    assert rows[0] == ["word", "start_time", "end_time", "confidence", "shown"]
    assert [(row[0], ms_of(float(row[1])), ms_of(float(row[2]))) for row in rows[1:]] == [
        (word.word, word.start_ms, word.end_ms) for word in captions.words
    ]
    data = json.loads(FORMATS["json"].render(captions))["timing_data"]
    assert [
        (word["word"], ms_of(word["start_time"]), ms_of(word["end_time"])) for word in data["words"]
    ] == [(word.word, word.start_ms, word.end_ms) for word in captions.words]
    assert data["full_text"] == captions.text
    assert [s["first_word"] for s in data["segments"][1:]] == [
        s["last_word"] + 1 for s in data["segments"][:-1]
    ]
    assert data["segments"][-1]["last_word"] == len(captions.words) - 1
    assert " ".join(s["text"] for s in data["segments"]) == captions.text.strip()


@pytest.mark.needs("ffmpeg")
@pytest.mark.parametrize("name", ["srt", "vtt", "ass"])
@pytest.mark.parametrize("preset", PRESETS)
def test_ffmpeg_demuxes_every_cue(preset: str, name: str, tmp_path: Path) -> None:
    spans = [(100.0 + 333 * i, 400.0 + 333 * i) for i in range(len(AWKWARD))]
    style = STYLES["karaoke" if preset == "karaoke" else "bold"]
    check_demuxed(captions_of(AWKWARD, spans, 20_000, PRESETS[preset], style), name, tmp_path)


@pytest.mark.needs("ffmpeg")
@pytest.mark.parametrize("name", ["srt", "vtt", "ass"])
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(captions=any_captions())
def test_ffmpeg_demuxes_any_cue(captions: Captions, name: str, tmp_path: Path) -> None:
    # Of a file without a cue it does not know the format.
    assume(captions.cues)
    check_demuxed(captions, name, tmp_path)


def check_demuxed(captions: Captions, name: str, folder: Path) -> None:
    path = folder / f"words.{name}"
    path.write_bytes(FORMATS[name].render(captions))
    command = ["ffprobe", "-v", "error", "-show_packets", "-of", "json", str(path)]
    probe = subprocess.run(command, capture_output=True, text=True, check=True)
    packets = json.loads(probe.stdout)["packets"]
    assert probe.stderr == ""
    grid = 10 if name == "ass" else 1
    assert len(packets) == len(captions.cues)
    for packet, cue in zip(packets, captions.cues, strict=True):
        start_ms = ms_of(float(packet["pts_time"]))
        assert abs(start_ms - cue.start_ms) <= grid / 2
        assert abs(start_ms + ms_of(float(packet["duration_time"])) - cue.end_ms) <= grid / 2


@pytest.mark.needs("ffmpeg")
@pytest.mark.parametrize("name", ["srt", "vtt"])
def test_what_a_player_shows_is_the_text(name: str, tmp_path: Path) -> None:
    """ffmpeg's decoder, which strips tags and override codes, leaves every word as it is."""
    spans = [(100.0 + 333 * i, 400.0 + 333 * i) for i in range(len(AWKWARD))]
    captions = captions_of(AWKWARD, spans, 20_000)
    (tmp_path / f"words.{name}").write_bytes(FORMATS[name].render(captions))
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", f"words.{name}", "shown.ass"], cwd=tmp_path, check=True
    )
    document = ass.parse_string((tmp_path / "shown.ass").read_text(encoding="utf-8-sig"))
    assert [bare(unescape_ass(event.text)) for event in document.events] == [
        bare(" ".join(cue.texts)) for cue in captions.cues
    ]

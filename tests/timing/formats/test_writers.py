"""The formats that a client asks for by name, read back by readers that are not ours."""

import csv
import io
import json
import re
import subprocess
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import ttconv.imsc.reader
from hypothesis import HealthCheck, given, settings
from praatio import textgrid
from ttconv import model
from ttconv.style_properties import StyleProperties

from tests.timing.formats.test_formats import GOLDEN, sample
from tests.timing.formats.test_roundtrip import (
    AWKWARD,
    any_captions,
    captions_of,
    ms_of,
)
from tests.timing.subtitles.test_scripts import CHINESE, HEBREW
from tests.timing.subtitles.test_scripts import captions_of as captions_of_rows
from timing.formats import ALL, FORMATS
from timing.formats.timecode import Timecode
from timing.subtitles.captions import Captions, has_right_to_left
from timing.subtitles.cues import PRESETS
from timing.subtitles.style import POSITIONS
from timing.words import TimedWord
from tts.voices.transcript_files import transcript_text

BY_NAME = [name for name in FORMATS if name not in ALL]
NASTY = [
    *AWKWARD, "[00:01.00]", "[laughs]", "<00:01.00>", "a|b", "|M:x", "|", ";;", 'say""so',
    'text', '=', '"a"', "]]>", "&#0;", "[", "]", "x[1]", "\ufffe",
]  # fmt: skip
WORD_JOINER = "\u2060"


def nasty(preset: str = "standard") -> Captions:
    spans = [(100.0 + 333 * i, 400.0 + 333 * i) for i in range(len(NASTY))]
    return captions_of(NASTY, spans, 25_000, PRESETS[preset])


SCRIPTS = {
    "nasty": nasty(),
    "nasty, a word a cue": nasty("word"),
    "Chinese": captions_of_rows(CHINESE, "standard", "zh", ""),
    "Hebrew": captions_of_rows(HEBREW, "social", "he"),
    "one word": captions_of(["🍕"], [(0, 500)], 900),
    "without a cue": replace(captions_of(["Hi."], [(0, 500)], 900), cues=()),
}
every_script = pytest.mark.parametrize("captions", SCRIPTS.values(), ids=SCRIPTS)


@pytest.mark.parametrize("name", BY_NAME)
def test_the_file_is_the_golden_one(name: str) -> None:
    golden = GOLDEN / f"named.{name}"
    assert FORMATS[name].render(sample("standard")) == golden.read_bytes()


class Paragraph(NamedTuple):
    start_ms: int
    end_ms: int
    lines: list[str]


def read_ttml(data: bytes) -> list[Paragraph]:
    document = ttconv.imsc.reader.to_model(ElementTree.ElementTree(ElementTree.fromstring(data)))
    body = document.get_body()
    assert body is not None
    found = []
    for element in body.dfs_iterator():
        if not isinstance(element, model.P):
            continue
        begin, end = element.get_begin(), element.get_end()
        assert end is not None
        lines = [""]
        for inner in element.dfs_iterator():
            if isinstance(inner, model.Br):
                lines.append("")
            elif isinstance(inner, model.Text):
                lines[-1] += inner.get_text()
        found.append(Paragraph(ms_of(float(begin or 0)), ms_of(float(end)), lines))
    return found


def check_ttml(captions: Captions) -> None:
    read = read_ttml(FORMATS["ttml"].render(captions))
    told = [
        Paragraph(
            cue.start_ms,
            cue.end_ms,
            [text.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd") for text in cue.texts],
        )
        for cue in captions.cues
    ]
    assert read == told


@every_script
def test_ttconv_reads_the_ttml(captions: Captions) -> None:
    check_ttml(captions)


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
@given(any_captions())
def test_ttconv_reads_any_ttml(captions: Captions) -> None:
    check_ttml(captions)


@pytest.mark.parametrize("position", POSITIONS)
def test_the_region_of_a_ttml_is_inside_the_frame(position: str) -> None:
    captions = sample("standard")
    styled = replace(captions, style=replace(captions.style, position=position, box=True))
    data = FORMATS["ttml"].render(styled)
    document = ttconv.imsc.reader.to_model(ElementTree.ElementTree(ElementTree.fromstring(data)))
    (region,) = document.iter_regions()
    origin = region.get_style(StyleProperties.Origin)
    extent = region.get_style(StyleProperties.Extent)
    assert origin.x.value + extent.width.value <= 100
    assert origin.y.value + extent.height.value <= 100.001
    align = region.get_style(StyleProperties.DisplayAlign).value
    assert align == {"b": "after", "m": "center", "t": "before"}[position[0]]


def test_a_ttml_names_the_speakers_and_the_direction() -> None:
    captions = SCRIPTS["Hebrew"]
    cues = tuple(
        replace(cue, voices=(f'a"<{index % 2}',) * len(cue.lines))
        for index, cue in enumerate(captions.cues)
    )
    root = ElementTree.fromstring(FORMATS["ttml"].render(replace(captions, cues=cues)))
    tt, ttm, tts = (
        f"{{http://www.w3.org/ns/ttml{part}}}" for part in ("", "#metadata", "#styling")
    )
    names = {
        agent.attrib["{http://www.w3.org/XML/1998/namespace}id"]: agent.findtext(f"{ttm}name")
        for agent in root.iter(f"{ttm}agent")
    }
    spans = list(root.iter(f"{tt}span"))
    assert [names[span.attrib[f"{ttm}agent"]] for span in spans] == [
        name for cue in cues for name in cue.voices
    ]
    directions = [span.attrib.get(f"{tts}direction") for span in spans]
    lines = [text for cue in cues for text in cue.texts]
    assert directions == ["rtl" if has_right_to_left(text) else None for text in lines]
    assert [line for part in read_ttml(ElementTree.tostring(root)) for line in part.lines] == lines


@pytest.mark.needs("ffmpeg")
@every_script
def test_ffmpeg_reads_the_lrc(captions: Captions, tmp_path: Path) -> None:
    check_lrc(captions, tmp_path)


@pytest.mark.needs("ffmpeg")
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(captions=any_captions())
def test_ffmpeg_reads_any_lrc(captions: Captions, tmp_path: Path) -> None:
    check_lrc(captions, tmp_path)


def check_lrc(captions: Captions, folder: Path) -> None:
    # Of a file without a line ffmpeg does not know the format.
    if not captions.cues:
        assert FORMATS["lrc"].render(captions).startswith(b"[length:")
        return
    for name in ("lrc", "elrc"):
        (folder / "a.lrc").write_bytes(FORMATS[name].render(captions))
        command = ["ffprobe", "-v", "error", "-show_packets", "-show_data", "-of", "json", "a.lrc"]
        probe = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
        read = [
            (ms_of(float(packet["pts_time"])), text_of(packet["data"]))
            for packet in json.loads(probe.stdout)["packets"]
        ]
        # The lines without a text only end the line before.
        shown = [(ms, re.sub(r"<[\d:.]+>", "", text)) for ms, text in read if text]
        assert [bare(text) for _, text in shown] == [
            bare(" ".join(cue.texts)) for cue in captions.cues
        ]
        for (ms, _), cue in zip(shown, captions.cues, strict=True):
            assert abs(ms - cue.start_ms) <= 5


def text_of(dump: str) -> str:
    """The text of a packet in ffprobe's dump: lines of an offset, 16 bytes in hex, and letters."""
    return bytes.fromhex("".join(line[10:49] for line in dump.splitlines())).decode().strip()


def bare(text: str) -> str:
    """Without the joiners of escapes and without spaces, which a script may not have."""
    return re.sub(rf"[{WORD_JOINER}\s]", "", text)


@every_script
def test_the_stamps_of_an_enhanced_lrc_grow_inside_their_line(captions: Captions) -> None:
    text = FORMATS["elrc"].render(captions).decode()
    lines = [line for line in text.splitlines()[1:] if "<" in line]
    assert len(lines) == len(captions.cues)
    for line, cue in zip(lines, captions.cues, strict=True):
        stamps = re.findall(r"[<[](\d+):(\d\d)\.(\d\d)[]>]", line)
        centiseconds = [6000 * int(m) + 100 * int(s) + int(c) for m, s, c in stamps]
        assert centiseconds == sorted(centiseconds)
        assert len(stamps) == sum(map(len, cue.lines)) + 2
        assert 10 * centiseconds[-1] <= cue.end_ms + 5


def test_a_line_of_an_lrc_goes_where_nothing_is_said() -> None:
    spans = [(0.0, 500.0), (700.0, 900.0), (5000.0, 5400.0)]
    captions = captions_of(["One,", "two,", "three."], spans, 6000)
    assert FORMATS["lrc"].render(captions).decode() == (
        "[length:00:06]\n[00:00.00]One,\n[00:00.70]two,\n[00:00.90]\n[00:05.00]three.\n[00:06.00]\n"
    )


@every_script
def test_praatio_reads_the_textgrid(captions: Captions, tmp_path: Path) -> None:
    check_textgrid(captions, tmp_path)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(captions=any_captions())
def test_praatio_reads_any_textgrid(captions: Captions, tmp_path: Path) -> None:
    check_textgrid(captions, tmp_path)


def check_textgrid(captions: Captions, folder: Path) -> None:
    path = folder / "a.TextGrid"
    path.write_bytes(FORMATS["textgrid"].render(captions))
    read = textgrid.openTextgrid(str(path), includeEmptyIntervals=True, reportingMode="error")
    assert read.tierNames == ("words", "sentences")
    assert ms_of(read.maxTimestamp) == captions.duration_ms
    tiers: list[list[tuple[int, int, str]]] = []
    for tier in read.tiers:
        edges = [(ms_of(one.start), ms_of(one.end)) for one in tier.entries]
        # Praat wants the intervals without a gap and each with a length.
        assert all(start_ms < end_ms for start_ms, end_ms in edges)
        assert all(a[1] == b[0] for a, b in pairwise(edges))
        assert (edges[0][0], edges[-1][1]) == (0, captions.duration_ms)
        tiers.append(
            [
                (ms_of(one.start), ms_of(one.end), one.label.replace('""', '"'))
                for one in tier.entries
                if one.label
            ]
        )
    words, sentences = tiers
    if all(word.start_ms < word.end_ms for word in captions.words):
        assert words == [
            (word.start_ms, word.end_ms, word.word.replace('""', '"')) for word in captions.words
        ]
    assert bare("".join(label for _, _, label in sentences)) == bare(
        captions.text.replace('""', '"')
    )


def test_words_without_a_length_join_their_neighbours_in_a_textgrid(tmp_path: Path) -> None:
    spans = [(0, 0), (0, 0), (0, 5), (5, 5), (5, 8), (8, 8)]
    words = tuple(
        TimedWord(str(i), start_ms, end_ms, 0.5, "sphinx", True, "x", 0)
        for i, (start_ms, end_ms) in enumerate(spans)
    )
    captions = replace(sample(), words=words, duration_ms=8)
    path = tmp_path / "a.TextGrid"
    path.write_bytes(FORMATS["textgrid"].render(replace(captions, segments=())))
    read = textgrid.openTextgrid(str(path), includeEmptyIntervals=True, reportingMode="error")
    assert [tuple(one) for one in read.getTier("words").entries] == [
        (0, 0.005, "0 1 2"), (0.005, 0.008, "3 4 5"),
    ]  # fmt: skip
    only = replace(captions, words=words[:1], segments=())
    path.write_bytes(FORMATS["textgrid"].render(only))
    read = textgrid.openTextgrid(str(path), includeEmptyIntervals=True, reportingMode="error")
    assert [tuple(one) for one in read.getTier("words").entries] == [(0, 0.008, "0")]


@settings(max_examples=100, deadline=None)
@given(any_captions())
def test_the_fields_of_a_ctm_are_the_words(captions: Captions) -> None:
    lines = FORMATS["ctm"].render(captions).decode().split("\n")
    assert lines.pop() == ""
    assert len(lines) == len(captions.words)
    for line, word in zip(lines, captions.words, strict=True):
        job, channel, start, length, text, confidence = line.split(" ")
        assert (job, channel, text) == ("job", "1", word.word)
        assert ms_of(float(start)) == word.start_ms
        assert ms_of(float(start) + float(length)) == word.end_ms
        assert float(confidence) == word.confidence


def loaded(name: str, captions: Captions) -> Any:
    return json.loads(FORMATS[name].render(captions))


@settings(max_examples=100, deadline=None)
@given(any_captions())
def test_the_words_of_a_whisper_file_are_those_of_the_script(captions: Captions) -> None:
    document = loaded("whisper", captions)
    inner = [word for segment in document["segments"] for word in segment["words"]]
    told = [(word.word, word.start_ms, word.end_ms) for word in captions.words]
    assert [(w["word"].strip(), ms_of(w["start"]), ms_of(w["end"])) for w in inner] == told
    assert [(w["word"], ms_of(w["start"]), ms_of(w["end"])) for w in document["words"]] == told
    for segment in document["segments"]:
        assert segment["text"] == "".join(word["word"] for word in segment["words"])
        assert segment["start"] == segment["words"][0]["start"]
    assert document["text"].split() == captions.text.split()


def test_a_whisper_file_is_a_voices_transcript_and_keeps_scripts_without_spaces() -> None:
    assert transcript_text(FORMATS["whisper"].render(sample()).decode()).split() == (
        sample().text.split()
    )
    chinese = SCRIPTS["Chinese"]
    assert loaded("whisper", chinese)["text"] == chinese.text


@every_script
def test_the_characters_of_an_elevenlabs_file_are_the_text(captions: Captions) -> None:
    check_elevenlabs(captions)


@settings(max_examples=100, deadline=None)
@given(any_captions())
def test_the_characters_of_any_elevenlabs_file_are_the_text(captions: Captions) -> None:
    check_elevenlabs(captions)


def check_elevenlabs(captions: Captions) -> None:
    document = loaded("elevenlabs", captions)
    spoken = [word.spoken for word in captions.words if word.spoken]
    for name, text in (("alignment", captions.text), ("normalized_alignment", " ".join(spoken))):
        alignment = document[name]
        read = "".join(alignment["characters"])
        assert read == text or (name[0] == "n" and bare(read) == bare(text))
        starts = alignment["character_start_times_seconds"]
        ends = alignment["character_end_times_seconds"]
        assert len(starts) == len(ends) == len(read)
        edges = [edge for span in zip(starts, ends, strict=True) for edge in span]
        assert edges == sorted(edges)
        assert edges[-1] <= captions.duration_ms / 1000


@settings(max_examples=100, deadline=None)
@given(any_captions())
def test_the_texts_of_a_remotion_file_are_the_cues(captions: Captions) -> None:
    read = loaded("remotion", captions)
    cues = "".join(text for cue in captions.cues for text in cue.texts)
    assert bare("".join(one["text"] for one in read)) == bare(cues)
    before = 0
    for one in read:
        assert before <= one["startMs"] <= one["timestampMs"] <= one["endMs"]
        assert 0 <= one["confidence"] <= 1
        before = one["endMs"]


def test_a_remotion_text_begins_with_a_space_where_the_script_has_one() -> None:
    captions = captions_of(["Hello", "my", "friend."], [(0, 300), (300, 500), (500, 900)], 900)
    assert [one["text"] for one in loaded("remotion", captions)] == ["Hello", " my", " friend."]
    chinese = SCRIPTS["Chinese"]
    assert "".join(one["text"] for one in loaded("remotion", chinese)) == chinese.text


@settings(max_examples=100, deadline=None)
@given(any_captions())
def test_the_segments_of_a_podcast_file_are_the_cues(captions: Captions) -> None:
    document = loaded("podcast", captions)
    assert document["version"] == "1.0.0"
    read = [
        (ms_of(s["startTime"]), ms_of(s["endTime"]), bare(s["body"])) for s in document["segments"]
    ]
    assert read == [(cue.start_ms, cue.end_ms, bare("".join(cue.texts))) for cue in captions.cues]
    assert all("speaker" not in segment for segment in document["segments"])


def test_two_speakers_of_a_cue_are_two_segments_of_a_podcast_file() -> None:
    words = ["Who", "is", "it", "there?", "Only", "me."]
    spans = [(300.0 * i, 300.0 * i + 250) for i in range(len(words))]
    captions = captions_of(words, spans, 1800, PRESETS["standard"])
    cue = captions.cues[0]
    units = [unit for cue in captions.cues for line in cue.lines for unit in line]
    # The marks that tell speakers apart in cues are not said.
    units[0] = units[0]._replace(text=f"- {units[0].text}")
    units[4] = units[4]._replace(text=f"ben: {units[4].text}")
    spoken = replace(cue, lines=(tuple(units[:4]), tuple(units[4:])), voices=("anna", "ben"))
    assert loaded("podcast", replace(captions, cues=(spoken,)))["segments"] == [
        {"speaker": "anna", "startTime": 0.0, "endTime": 1.2, "body": "Who is it there?"},
        {"speaker": "ben", "startTime": 1.2, "endTime": cue.end_ms / 1000,
         "body": "Only me."},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("frame_rate", "ms", "stamp"),
    [
        (25, 0, "00:00:00:00"),
        (25, 1646, "00:00:01:16"),
        (25, 3_599_999, "01:00:00:00"),
        (24, 1000, "00:00:01:00"),
        # 23.976 counts 24 frames in 1001 ms.
        (23.976, 3_600_000, "00:59:56:10"),
        (23.98, 1001, "00:00:01:00"),
        # 29.97 and its multiples leave numbers out: an hour is an hour.
        (29.97, 60_060, "00:01:00;02"),
        (29.97, 60_026, "00:00:59;29"),
        (29.97, 600_000, "00:10:00;00"),
        (29.97, 3_600_000, "01:00:00;00"),
        (59.94, 3_600_000, "01:00:00;00"),
        (59.94, 60_060, "00:01:00;04"),
        (119.88, 60_060, "00:01:00;08"),
        (30, 3_600_000, "01:00:00:00"),
        (12.5, 60_000, "00:01:00:00"),
        (25, 86_400_040, "00:00:00:01"),
    ],
)
def test_a_time_as_timecode(frame_rate: float, ms: int, stamp: str) -> None:
    timecode = Timecode.of(frame_rate)
    assert timecode.stamp(timecode.frame(ms)) == stamp


@pytest.mark.parametrize("frame_rate", [10, 23.976, 25, 29.97, 59.94, 119.88, 240])
def test_timecode_counts_every_frame_once(frame_rate: float) -> None:
    timecode = Timecode.of(frame_rate)
    stamps = [timecode.stamp(frame) for frame in range(timecode.frames_an_hour // 5)]
    assert stamps == sorted(stamps, key=lambda stamp: [int(n) for n in re.split("[:;]", stamp)])
    assert len(set(stamps)) == len(stamps)
    assert timecode.stamp(timecode.frames_an_hour) in ("01:00:00:00", "01:00:00;00")


class Marker(NamedTuple):
    start: str
    text: str
    frames: int


def read_edl(data: bytes) -> list[Marker]:
    pattern = (
        r"(?m)^\d{3,}  001      V     C        (\S+) (\S+) \1 \2\n"
        r" \|C:ResolveColorBlue \|M:([^|\n]*) \|D:(\d+)\n"
    )
    return [Marker(a, text, int(d)) for a, _, text, d in re.findall(pattern, data.decode())]


@settings(max_examples=100, deadline=None)
@given(any_captions())
def test_every_cue_is_a_marker_of_the_edl_and_of_the_premiere_list(captions: Captions) -> None:
    timecode = Timecode.of(captions.frame_rate)
    markers = read_edl(FORMATS["edl"].render(captions))
    rows = list(
        csv.reader(
            io.StringIO(FORMATS["premiere"].render(captions).decode("utf-16"), newline=""),
            delimiter="\t",
            quoting=csv.QUOTE_NONE,
        )
    )
    assert rows.pop(0) == ["Marker Name", "Description", "In", "Out", "Duration", "Marker Type"]
    for marker, row, cue in zip(markers, rows, captions.cues, strict=True):
        first, end = timecode.span(cue.start_ms, cue.end_ms)
        shown = bare("".join(cue.texts))
        assert (bare(row[0]), row[1], row[5]) == (shown, "", "Comment")
        assert bare(marker.text) == shown.replace("|", "\u00a6")
        assert row[2:4] == [timecode.stamp(first), timecode.stamp(end)]
        assert marker.start == timecode.stamp(first + timecode.frames_an_hour)
        assert marker.frames == end - first > 0


def test_an_edl_of_a_drop_frame_video_says_so() -> None:
    captions = replace(sample("standard"), frame_rate=29.97)
    text = FORMATS["edl"].render(captions).decode()
    assert text.startswith(
        "TITLE: golden-1\nFCM: DROP FRAME\n\n001  001      V     C        01:00:00;01 "
    )


@pytest.mark.parametrize("name", BY_NAME)
def test_a_file_is_one_line_of_text_for_each_of_its_lines(name: str) -> None:
    """A word that `show` maps to text with line breaks or tabs breaks no line."""
    captions = captions_of(["One", "two."], [(0, 300), (300, 500)], 900, PRESETS["standard"])
    (cue,) = captions.cues
    lines = tuple(
        tuple(unit._replace(text=f"{unit.text}\n\t[00:01.00]|") for unit in line)
        for line in cue.lines
    )
    broken = FORMATS[name].render(replace(captions, cues=(replace(cue, lines=lines),)))
    encoding = "utf-16" if name == "premiere" else "utf-8"
    if name not in ("ttml",):
        assert len(broken.decode(encoding).splitlines()) == len(
            FORMATS[name].render(captions).decode(encoding).splitlines()
        )


def test_offset_moves_what_shows_cues_and_not_what_lists_words() -> None:
    still = captions_of(["One.", "Two."], [(0, 300), (400, 500)], 900)
    rules = replace(PRESETS["word"], offset_ms=2000)
    moved = captions_of(["One.", "Two."], [(0, 300), (400, 500)], 900, rules)
    for name in BY_NAME:
        same = FORMATS[name].render(still) == FORMATS[name].render(moved)
        assert same is not FORMATS[name].has_cues, name


def test_what_is_shown_and_what_is_written(tmp_path: Path) -> None:
    """Formats of cues have the cues' letters, formats of data the script's."""
    rules = replace(PRESETS["standard"], case="upper", punctuation="strip")
    captions = captions_of(["Hello,", "you."], [(0, 300), (400, 500)], 900, rules)
    # The list of pictures has no words.
    for name in (name for name in BY_NAME if name != "ffconcat"):
        data = FORMATS[name].render(captions)
        text = data.decode("utf-16" if name == "premiere" else "utf-8")
        if name == "elevenlabs":
            text = "".join(json.loads(text)["alignment"]["characters"])
        wanted = "HELLO" if FORMATS[name].has_cues else "Hello,"
        assert wanted in text, name


@pytest.mark.parametrize("name", BY_NAME)
def test_more_words_than_the_audio_has_milliseconds_give_a_file(name: str) -> None:
    captions = captions_of(NASTY, [(0, 1)] * len(NASTY), 40)
    assert FORMATS[name].render(captions)

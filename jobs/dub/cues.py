"""The cues of a subtitle file as a voice speaks them: SRT and WebVTT, as people have them.

A file may come from anyone, so everything here takes time in proportion to its length.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import ClassVar

from errors import WorkerError
from jobs.results.replies import MAX_CUES, MAX_TEXT
from tts.text.words import strip_control
from tts.voices.subtitle_text import TIMES, joined_lines, plain_lines, raw_cues

MAX_HOURS = 3
_TOGETHER_MS = 100
"""Cues that begin within this time of each other are spoken one after the other."""

_LEAST_MS, _MS_A_LETTER = 1000, 70
"""How long a cue is that has no length of its own."""

_ENDS = re.compile(
    r"\s*(?P<start>(?:\d{1,4}:)?\d{1,2}:\d{1,2}(?:[.,]\d{1,3})?)\s*-->"
    r"\s*(?P<end>(?:\d{1,4}:)?\d{1,2}:\d{1,2}(?:[.,]\d{1,3})?)"
)
_SPEAKER_TAG = re.compile(r"<v(?:\.[^\s<>]{0,100})?\s([^<>\n]{1,200})>", re.IGNORECASE)
_PREFIX = re.compile(r"(?:[->»] ?)?([^\W_][^:\[\]{}<>\n]{0,63}):\s+(?=\S)")
# What stands in brackets is a sound, unless it is a tag of the worker.
_SOUND = re.compile(r"\[(?!/)(?![a-z]{1,10}\s?:)[^\[\]\n]{0,200}\]", re.IGNORECASE)
_ASIDE = re.compile(r"[-–]?\s?\([^()\n]{0,200}\)")
_DASH = re.compile(r"[-–—]\s?(?=\S)")
_MUSIC = ("♪", "♫", "♩", "♬")


class SubtitlesRejected(WorkerError):
    """A subtitle file that cannot be spoken."""

    code: ClassVar[str] = "text_rejected"


@dataclass(frozen=True)
class SourceCue:
    """A cue of a subtitle file.

    index: its place in the file, counted from 0; messages count as people do, from 1.
    start_ms, end_ms: its times.
    at_ms: when it is to be spoken: as `start_ms`, unless several cues begin together.
    text: what is spoken, on one line, with the worker's tags; empty if nothing is.
    speaker: the name that the file gives to its voice, or "".
    is_tagged: whether a tag `<v>` gives that name; else the text before its colon does.
    after_prefix: the text without that name.
    has_length: whether the file says when it ends; else that is taken from the text.
    """

    index: int
    start_ms: int
    end_ms: int
    at_ms: int
    text: str
    speaker: str = ""
    is_tagged: bool = False
    after_prefix: str = ""
    has_length: bool = True


@dataclass(frozen=True)
class SubtitleFile:
    """The cues of a file that have words, in the order of `at_ms`; there is one at least.

    end_ms: when the last of all its cues ends.
    warnings: sentences for the client.
    """

    cues: list[SourceCue]
    end_ms: int
    warnings: list[str]


def read_file(file: str) -> SubtitleFile:
    """The cues of a subtitle file.

    file: the text of an SRT or WebVTT file.

    Raises SubtitlesRejected for a file without cues that have words, or one that is too long.
    """
    lines = strip_control(file.lstrip("\ufeff")).splitlines() or [""]
    if not any(map(TIMES.match, lines)):
        raise SubtitlesRejected(
            "the file has no line of times such as 00:00:01,000 --> 00:00:02,500; give the text of "
            "an SRT or WebVTT file"
        )
    is_vtt = next(filter(str.strip, lines)).startswith("WEBVTT")
    cues = list[SourceCue]()
    empty = timeless = letters = last_ms = 0
    for index, (times, raw) in enumerate(raw_cues(lines)):
        ends = _ENDS.match(times)
        start_ms, end_ms = (_ms(ends["start"]), _ms(ends["end"])) if ends else (0, 0)
        if ends is None:
            raise SubtitlesRejected(
                f"cue {index + 1} has no end in its line of times; write it as "
                "00:00:01,000 --> 00:00:02,500"
            )
        last_ms = max(last_ms, start_ms, end_ms)
        cue = _spoken(SourceCue(index, start_ms, end_ms, start_ms, ""), raw, is_vtt)
        if end_ms <= start_ms:
            length_ms = max(_LEAST_MS, _MS_A_LETTER * len(cue.text))
            cue = replace(cue, end_ms=start_ms + length_ms, has_length=False)
            timeless += bool(cue.text)
        letters += len(cue.text)
        if index >= MAX_CUES or letters > MAX_TEXT or last_ms > MAX_HOURS * 3_600_000:
            raise SubtitlesRejected(
                f"the file is too long: at most {MAX_CUES} cues, {MAX_TEXT} characters and "
                f"{MAX_HOURS} hours are spoken in one job; cut it into several"
            )
        if cue.text:
            cues.append(cue)
        else:
            empty += 1
    if not cues:
        raise SubtitlesRejected(
            "the file has no cue with words; give one with text under its times"
        )
    warnings = []
    if empty:
        warnings.append(
            f"{counted(empty, 'cue has', 'cues have')} nothing to say: no text, or the name of a "
            "sound or of music"
        )
    if timeless:
        warnings.append(
            f"{counted(timeless, 'cue does', 'cues do')} not end after the beginning; the worker "
            "takes the time there from the length of the text"
        )
    if cues != sorted(cues, key=_start):
        warnings.append(
            "the cues are not in the order of their times; the worker sorts them by their times"
        )
        cues.sort(key=_start)
    overlaps = sum(following.start_ms < cue.end_ms for cue, following in pairwise(cues))
    if overlaps:
        warnings.append(
            f"{counted(overlaps, 'cue begins', 'cues begin')} before the end of the cue before; "
            "the speech of a cue ends before the next cue begins, and cues that begin together are "
            "spoken one after the other"
        )
    return SubtitleFile(_apart(cues), last_ms, warnings)


def counted(count: int, one: str, many: str) -> str:
    """A number with the words that go with it."""
    return f"{count} {one if count == 1 else many}"


def _start(cue: SourceCue) -> int:
    return cue.start_ms


def _ms(time: str) -> int:
    """The milliseconds of a time such as 01:02:03,5 or 02:03."""
    clock, _, fraction = time.replace(",", ".").partition(".")
    seconds = 0
    for part in clock.split(":"):
        seconds = 60 * seconds + int(part)
    return 1000 * seconds + int(fraction.ljust(3, "0") or 0)


def _spoken(cue: SourceCue, raw: str, is_vtt: bool) -> SourceCue:
    """The cue with what is spoken of its text."""
    tagged = _SPEAKER_TAG.search(raw) if is_vtt else None
    kept = []
    for line in plain_lines(raw, is_vtt):
        if line.startswith(_MUSIC) or _ASIDE.fullmatch(line):
            continue
        said = " ".join(_SOUND.sub(" ", line).split())
        if any(map(str.isalnum, said)):
            kept.append(said)
    # Each line of a dialogue begins with a dash.
    kept = [_DASH.sub("", line, count=1) if _DASH.match(line) else line for line in kept]
    text = joined_lines(kept)
    if tagged:
        return replace(cue, text=text, speaker=tagged[1].strip(), is_tagged=True, after_prefix=text)
    prefix = _PREFIX.match(text)
    if prefix:
        return replace(cue, text=text, speaker=prefix[1].strip(), after_prefix=text[prefix.end() :])
    return replace(cue, text=text)


def _apart(cues: Sequence[SourceCue]) -> list[SourceCue]:
    """The cues, those that begin together spread over the time up to the next one.

    Each of them gets time in proportion to its characters.
    """
    apart: list[SourceCue] = []
    first = 0
    while first < len(cues):
        end = first + 1
        while end < len(cues) and cues[end].start_ms - cues[first].start_ms < _TOGETHER_MS:
            end += 1
        group = cues[first:end]
        if len(group) == 1:
            apart += group
        else:
            start_ms = group[0].start_ms
            lengths_ms = sum(cue.end_ms - cue.start_ms for cue in group if not cue.has_length)
            latest_ms = max(start_ms + lengths_ms, *(cue.end_ms for cue in group))
            until_ms = cues[end].start_ms if end < len(cues) else latest_ms
            total, before = sum(len(cue.text) for cue in group), 0
            for cue in group:
                share = max(0, until_ms - start_ms) * before // total
                last_ms = max(cue.end_ms, until_ms)
                apart.append(replace(cue, at_ms=start_ms + share, end_ms=last_ms))
                before += len(cue.text)
        first = end
    return apart

"""Everything that a timing file can say: the one value that every format renders."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from timing.subtitles.cues import PRESETS, Cue, CueRules, cues, shifted
from timing.subtitles.style import STYLES, SubtitleStyle
from timing.words import TimedWord, Timing, sentences
from tts.speech import Script


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence on one line; `first_word` and `last_word` are indices, the last is included."""

    text: str
    start_ms: int
    end_ms: int
    first_word: int
    last_word: int


@dataclass(frozen=True, slots=True)
class AudioSource:
    """Where a page finds the audio: behind `link`, or beside itself as `filename`."""

    link: str
    filename: str


@dataclass(frozen=True)
class Captions:
    """A script's words, cues and sentences with their times. `generated_at` has a time zone.

    `gaps` is what stands in the text before each word, often a space, and after the last one.
    `voices` are the names of the voices that spoke the chunks, by the chunk's index; empty where
    nobody knows them. `right_to_left` says that most letters of the script run that way. A format
    that can light words up does so where `look.lit`. `cut` cues more would come before 0.
    """

    job_id: str
    text: str
    words: tuple[TimedWord, ...]
    gaps: tuple[str, ...]
    cues: tuple[Cue, ...]
    segments: tuple[Segment, ...]
    duration_ms: int
    language: str
    method: str
    confidence: float
    generated_at: datetime
    audio: AudioSource
    look: SubtitleStyle
    right_to_left: bool
    voices: tuple[str, ...] = ()
    cut: int = 0


def caption(
    job_id: str,
    script: Script,
    timing: Timing,
    duration_ms: int,
    language: str,
    generated_at: datetime,
    audio: AudioSource,
    rules: CueRules = PRESETS["word"],
    look: SubtitleStyle = STYLES["bold"],
    voices: Sequence[str] = (),
) -> Captions:
    """Gather what the formats need. Only the cues follow the rules; words and sentences do not."""
    spoken = sentences(script)
    ends = {words[-1] for words in spoken}
    whole = cues(timing.words, rules, duration_ms, ends, language)
    shown = shifted(whole, rules.offset_ms)
    return Captions(
        job_id=job_id,
        text=script.text,
        words=timing.words,
        gaps=_gaps(script),
        cues=shown,
        segments=tuple(_segment(script, timing, words) for words in spoken),
        duration_ms=duration_ms,
        language=language,
        method=timing.method,
        confidence=timing.confidence,
        generated_at=generated_at,
        audio=audio,
        look=look,
        right_to_left=runs_right_to_left(script.text, False),
        voices=tuple(voices),
        cut=len(whole) - len(shown),
    )


def runs_right_to_left(text: str, in_script: bool) -> bool:
    """Whether a line runs from right to left: all its letters do, or some and those of the script
    (`in_script`), or most. A line without letters runs as the script."""
    left, right = _letters(text)
    if left and right:
        return in_script or right > left
    return right > 0 or (in_script and not left)


def has_right_to_left(text: str) -> bool:
    """Whether any letter of a text runs from right to left."""
    return _letters(text)[1] > 0


def _letters(text: str) -> tuple[int, int]:
    """How many letters of a text run from left to right, and how many from right to left."""
    if text.isascii():
        return sum(map(str.isalpha, text)), 0
    directions = [unicodedata.bidirectional(char) for char in text]
    return directions.count("L"), sum(d in {"R", "AL"} for d in directions)


def _gaps(script: Script) -> tuple[str, ...]:
    starts = [*(word.char_start for word in script.words), len(script.text)]
    ends = [0, *(word.char_end for word in script.words)]
    return tuple(script.text[end:start] for end, start in zip(ends, starts, strict=True))


def _segment(script: Script, timing: Timing, words: range) -> Segment:
    first, last = words[0], words[-1]
    text = script.text[script.words[first].char_start : script.words[last].char_end]
    return Segment(
        text=" ".join(text.split()),
        start_ms=timing.words[first].start_ms,
        end_ms=timing.words[last].end_ms,
        first_word=first,
        last_word=last,
    )

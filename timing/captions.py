"""Everything that a timing file can say: the one value that every format renders."""

from dataclasses import dataclass
from datetime import datetime

from timing.cues import PRESETS, Cue
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


@dataclass(frozen=True)
class Captions:
    """A script's words, cues and sentences with their times. `generated_at` has a time zone."""

    job_id: str
    text: str
    words: tuple[TimedWord, ...]
    cues: tuple[Cue, ...]
    segments: tuple[Segment, ...]
    duration_ms: int
    language: str
    method: str
    confidence: float
    generated_at: datetime


def caption(
    job_id: str,
    script: Script,
    timing: Timing,
    duration_ms: int,
    language: str,
    generated_at: datetime,
    preset: str = "word",
) -> Captions:
    """Gather what the formats need; `preset` is one of `PRESETS`."""
    return Captions(
        job_id=job_id,
        text=script.text,
        words=timing.words,
        cues=PRESETS[preset](timing.words),
        segments=tuple(_segment(script, timing, words) for words in sentences(script)),
        duration_ms=duration_ms,
        language=language,
        method=timing.method,
        confidence=timing.confidence,
        generated_at=generated_at,
    )


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

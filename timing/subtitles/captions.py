"""What every format of timing file renders: a script's words, cues and sentences with times."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from errors import CancelCheck, never_cancelled
from timing.scenes import Scene, place_marks, scenes
from timing.subtitles.cues import PRESETS, Cue, CueRules, cues, shifted
from timing.subtitles.shown import WORDS_ALONE, ShownRules, with_shown
from timing.subtitles.style import STYLES, SubtitleStyle
from timing.words import TimedWord, Timing, sentences
from tts.speech import Script


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence on one line; `first_word` and `last_word` are indices, both included."""

    text: str
    start_ms: int
    end_ms: int
    first_word: int
    last_word: int


@dataclass(frozen=True, slots=True)
class AudioSource:
    """Where the page finds the audio: at the URL `link`, or beside itself as `filename`."""

    link: str
    filename: str


@dataclass(frozen=True)
class Captions:
    """A script's words, cues and sentences with their times.

    words: `shown` is what cues show for each, never None.
    gaps: the text before each word, often a space, and after the last one.
    duration_ms: the length of the audio.
    method, confidence: of the whole script, as in `Timing`.
    generated_at: has a time zone.
    style: how the cues look. Formats that can highlight words do so if `style.highlight_spoken`.
    right_to_left: true if most letters of the script run from right to left.
    voices: the name of the voice of each chunk; empty if the voices are not known.
    scenes: the stretches between the script's marks, which cover the audio.
    unshifted: the cues as they lie in the audio, whatever `CueRules.offset_ms` is.
    cut: how many cues `CueRules.offset_ms` moved before 0, so that they are left out.
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
    style: SubtitleStyle
    right_to_left: bool
    voices: tuple[str, ...] = ()
    scenes: tuple[Scene, ...] = ()
    unshifted: tuple[Cue, ...] = ()
    cut: int = 0


def caption(
    script: Script,
    timing: Timing,
    *,
    job_id: str,
    duration_ms: int,
    language: str,
    generated_at: datetime,
    audio: AudioSource,
    rules: CueRules = PRESETS["word"],
    shown: ShownRules = WORDS_ALONE,
    style: SubtitleStyle = STYLES["bold"],
    voices: Sequence[str] = (),
    check: CancelCheck = never_cancelled,
) -> Captions:
    """Gather what the formats need.

    script, timing: the words as written, and their times.
    job_id: stands in the JSON and in the page.
    duration_ms: the length of the audio.
    language: ISO 639-1.
    generated_at: has a time zone.
    audio: where the page finds the audio.
    rules: how words become cues; words and sentences do not follow them.
    shown: what cues show for each word.
    style: how cues look in the formats that have styles.
    voices: the name of the voice of each chunk, if they are known.
    check: called for each word; an exception from it ends the work.
    """
    spoken_sentences = sentences(script)
    sentence_ends = {words[-1] for words in spoken_sentences}
    words = with_shown(timing.words, shown)
    every_cue = cues(words, rules, duration_ms, sentence_ends, language, check)
    left = shifted(every_cue, rules.offset_ms)
    return Captions(
        job_id=job_id,
        text=script.text,
        words=words,
        gaps=_gaps(script),
        cues=left,
        segments=tuple(_segment(script, timing, words) for words in spoken_sentences),
        duration_ms=duration_ms,
        language=language,
        method=timing.method,
        confidence=timing.confidence,
        generated_at=generated_at,
        audio=audio,
        style=style,
        right_to_left=runs_right_to_left(script.text, False),
        voices=tuple(voices),
        scenes=tuple(scenes(script, place_marks(script, timing.words, duration_ms), duration_ms)),
        unshifted=every_cue,
        cut=len(every_cue) - len(left),
    )


def runs_right_to_left(text: str, in_script: bool) -> bool:
    """Whether a line runs from right to left.

    in_script: whether most letters of its script do. It decides for a line with letters of both
        directions and for one without letters; in a script that runs from left to right a mixed
        line follows most of its letters.
    """
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

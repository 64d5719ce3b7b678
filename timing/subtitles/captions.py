"""What every format of timing file renders: a script's words, cues and sentences with times."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from errors import CancelCheck, never_cancelled
from timing.scenes import Scene, place_marks, scenes
from timing.subtitles.cues import PRESETS, Cue, CueRules, cues, shifted
from timing.subtitles.ends import cue_ends
from timing.subtitles.frames import on_frames
from timing.subtitles.second import SecondText, with_second
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


@dataclass(frozen=True, slots=True)
class SecondLanguage:
    """How the lines of the second language, which the cues hold, are shown.

    language: ISO 639-1.
    over: whether they stand over those of the first language, else under them.
    right_to_left: true if most letters of its text run from right to left.
    """

    language: str
    over: bool
    right_to_left: bool


@dataclass(frozen=True)
class Captions:
    """A script's words, cues and sentences with their times.

    words: `shown` is what cues show for each, never None.
    gaps: the text before each word, often a space, and after the last one.
    duration_ms: the length of the audio.
    method, confidence: of the whole script, as in `Timing`.
    generated_at: has a time zone.
    style: how the cues look, and what `style.effect` does to the spoken word.
    right_to_left: true if most letters of the script run from right to left.
    voices: the name of the voice of each chunk; empty if they are known from the text alone.
    speakers: the names of the voices that speak, each once; without a voice that is not known.
    scenes: the stretches between the script's marks, which cover the audio.
    unshifted: the cues as they lie in the audio, whatever `CueRules.offset_ms` is.
    cut: how many cues `CueRules.offset_ms` moved before 0, so that they are left out.
    frame_rate: of the video, frames a second, for formats that count frames.
    second: the second language of the cues; None without one.
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
    speakers: tuple[str, ...] = ()
    scenes: tuple[Scene, ...] = ()
    unshifted: tuple[Cue, ...] = ()
    cut: int = 0
    frame_rate: float = 25.0
    second: SecondLanguage | None = None

    def stack(self, first: Sequence[str], second: Sequence[str]) -> list[str]:
        """The lines of a cue in both languages, from the top to the bottom.

        first, second: the lines of each, ready for the file; `second` may be empty.
        """
        return [*second, *first] if self.second and self.second.over else [*first, *second]

    @property
    def said_words(self) -> list[TimedWord]:
        """The words without those that nobody says."""
        return [word for word in self.words if word.is_spoken]

    @property
    def said_segments(self) -> list[Segment]:
        """The sentences of which at least one word is said."""
        return [
            part
            for part in self.segments
            if any(word.is_spoken for word in self.words[part.first_word : part.last_word + 1])
        ]


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
    main_voice: str = "",
    second: SecondText | None = None,
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
    voices: the name of the voice of each chunk, without its style, if they are known.
    main_voice: without `voices`, the voice of the words before the script's first tag of a voice.
    second: the text of a second language, with as many sentences as the script.
    check: called for each word; an exception from it ends the work.
    """
    spoken_sentences = sentences(script)
    words = with_shown(timing.words, shown)
    sentence_ends = cue_ends(script, words)
    speakers = _speakers(script, timing, voices, main_voice)
    every_cue = cues(words, rules, duration_ms, sentence_ends, language, check, speakers)
    if second is not None:
        every_cue = with_second(every_cue, spoken_sentences, second, rules, shown)
    left = on_frames(shifted(every_cue, rules.offset_ms), rules, duration_ms + rules.offset_ms)
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
        speakers=tuple(name for name in dict.fromkeys(speakers) if name),
        scenes=tuple(scenes(script, place_marks(script, timing.words, duration_ms), duration_ms)),
        unshifted=every_cue,
        cut=len(every_cue) - len(left),
        frame_rate=rules.frame_rate,
        second=_second_language(second) if second is not None else None,
    )


def _second_language(second: SecondText) -> SecondLanguage:
    to_the_left = runs_right_to_left(second.script.text, False)
    return SecondLanguage(second.language, second.over, to_the_left)


def _speakers(script: Script, timing: Timing, voices: Sequence[str], main_voice: str) -> list[str]:
    """The name of each word's voice; "" before the first tag of a voice, if that one is unknown."""
    if voices:
        return [voices[word.chunk] for word in timing.words]
    changes = {
        mark.word: mark.speaker or main_voice
        for mark in script.directives
        if mark.speaker is not None
    }
    speakers: list[str] = []
    speaker = main_voice
    for index in range(len(timing.words)):
        speaker = changes.get(index, speaker)
        speakers.append(speaker)
    return speakers


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

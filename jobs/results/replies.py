"""The replies of the endpoints whose results are stored.

A manifest holds such a reply without its links. So each model has bounds: what comes out of a store
may have been written by anybody who owns the bucket.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from jobs.results.word_times import CharacterAlignment, ChunkList, Segments, Words
from jobs.schema.metadata import Metadata
from jobs.schema.model import JobId, Model
from storage import keys
from timing.parts import MAX_PARTS
from tts.asr.misheard import MAX_SUGGESTIONS, Suggestion
from tts.asr.verify import ChunkQuality

MAX_TEXT = 200_000
"""Most characters of a text that is timed; the texts that are spoken are shorter."""

MAX_MARKS = 10_000
"""Most marks of a script."""

MAX_CUES = 3000
"""Most cues of a subtitle file that is spoken."""

MAX_CHUNKS = 20_000
"""Most chunks of a script: each has a character at least."""

_Name = Annotated[str, Field(max_length=64)]
"""A name of an engine, a format, a method, a mark, or a voice without its style."""

_VoiceName = Annotated[str, Field(max_length=keys.MAX_VOICE_NAME)]


class MarkTime(Model):
    """A mark of the script: when the word at index `word` begins to sound, in seconds."""

    name: _Name
    time: float = Field(ge=0)
    word: int = Field(ge=0)


class SceneTimes(Model):
    """What is said from a mark to the next one; the name is empty before the first mark."""

    name: _Name
    start_time: float = Field(ge=0)
    end_time: float = Field(ge=0)
    text: str = Field(max_length=MAX_TEXT)


class PartFacts(Model):
    """A part of the audio, and its file; times are of the whole audio, in seconds."""

    index: int = Field(ge=0)
    text: str = Field(max_length=MAX_TEXT)
    voice: _Name
    start_time: float = Field(ge=0)
    end_time: float = Field(ge=0)
    audio_url: str | None = None


class WordShift(Model):
    """From the word at index `word` on, the old words sound `ms` milliseconds later than before.

    Negative where it sounds earlier.
    """

    word: int = Field(ge=0)
    ms: float


Chunks = Annotated[list[int], Field(max_length=MAX_CHUNKS)]
Marks = Annotated[list[MarkTime], Field(max_length=MAX_MARKS)]
Scenes = Annotated[list[SceneTimes], Field(max_length=MAX_MARKS + 1)]


class SpeechReply(Model):
    """The audio and the timing files. The links expire at `expires_at`."""

    job_id: str
    status: Literal["completed"] = "completed"
    audio_url: str | None = None
    expires_at: datetime | None = None
    duration: float = Field(ge=0)
    sample_rate: int
    output_format: _Name
    loudness: float | None = Field(None, ge=-70, le=10)
    text: str = Field(max_length=MAX_TEXT)
    seed: int = Field(ge=0, le=2**53 - 1)
    voice: _VoiceName
    engine: _Name
    quality: list[ChunkQuality] | None = None
    suggestions: Annotated[list[Suggestion], Field(max_length=MAX_SUGGESTIONS)] | None = None
    warnings: list[str]
    metrics: dict[_Name, float]
    timing_files: dict[str, str] | None = None
    timing_format: _Name | list[_Name] | None = None
    timing_method: _Name | None = None
    word_count: int | None = None
    timing_confidence: float | None = None
    timing_error: str | None = None
    marks: Marks | None = None
    scenes: Scenes | None = None
    parts: Annotated[list[PartFacts], Field(max_length=MAX_PARTS)] | None = None
    words: Words | None = None
    segments: Segments | None = None
    chunks: ChunkList | None = None
    alignment: CharacterAlignment | None = None
    reused_from: JobId | None = None
    metadata: Metadata = None

    def summary(self) -> str:
        """How much speech was made, and how fast; the real-time factor leaves out the queue."""
        factor, took_ms = (self.metrics.get(name, 0.0) for name in ("real_time_factor", "total_ms"))
        made = f"{self.duration:.1f} s of audio in {took_ms / 1000:.1f} s"
        return f"{made}, real-time factor {factor:.2f}"


class TtsReply(SpeechReply):
    """The reply of `tts`: the pace that fits a length, and what an earlier job had spoken."""

    speed: float | None = Field(None, gt=0, le=10)
    reused: Chunks | None = None
    spoken: Chunks | None = None
    shift_ms: Annotated[list[WordShift], Field(max_length=MAX_CHUNKS)] | None = None


class DubbedCue(Model):
    """A cue of a subtitle file, and when it is spoken, in seconds of the audio.

    index: which cue of the file it is, in the order of the file, counted from 0.
    speed: its pace, where 1 is the voice's own.
    overflow_ms: how much too long it is for its time, even at this pace; `trim` cuts that off.
    """

    index: int = Field(ge=0)
    start_time: float = Field(ge=0)
    end_time: float = Field(ge=0)
    speed: float
    overflow_ms: int = Field(ge=0)


class DubReply(SpeechReply):
    """The audio on the times of a subtitle file, and where each cue that has words lies in it."""

    cues: Annotated[list[DubbedCue], Field(max_length=MAX_CUES)]


class TimingReply(Model):
    """The timing files. The links expire at `expires_at`."""

    job_id: str
    status: Literal["completed"] = "completed"
    expires_at: datetime | None = None
    timing_files: dict[str, str] = Field({})
    timing_format: _Name | list[_Name]
    timing_method: _Name
    word_count: int
    timing_confidence: float
    marks: Marks | None = None
    scenes: Scenes | None = None
    text: str = Field(max_length=MAX_TEXT)
    language: _Name
    duration: float = Field(ge=0)
    warnings: list[str]
    metrics: dict[_Name, float]
    words: Words | None = None
    segments: Segments | None = None
    chunks: ChunkList | None = None
    alignment: CharacterAlignment | None = None
    reused_from: JobId | None = None
    metadata: Metadata = None

    def summary(self) -> str:
        """How much audio was timed, and how long that took."""
        took_s = self.metrics.get("total_ms", 0.0) / 1000
        return f"{self.word_count} words in {self.duration:.1f} s of audio, timed in {took_s:.1f} s"

"""A recording of any length on the disk, as 16 kHz mono, read stretch by stretch."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import ClassVar

import numpy as np
import soxr

from errors import CancelCheck, WorkerError, never_cancelled
from tts.audio.decode import DECODABLE_FORMATS, Unreadable, mono
from tts.speech import ASR_SAMPLE_RATE, Samples

MAX_RECORDING_S = 3600 + 60
"""An hour, and a minute for those who counted to the second."""


class RecordingUnreadable(WorkerError):
    """Audio that cannot be decoded, or in which there is nothing."""

    code: ClassVar[str] = "alignment_failed"

    def __init__(self, problem: str) -> None:
        super().__init__(f"{problem}; give one of {DECODABLE_FORMATS}")


class RecordingTooLong(WorkerError):
    """Audio of over an hour."""

    code: ClassVar[str] = "too_large"

    def __init__(self) -> None:
        super().__init__("the audio is longer than an hour; cut it at a pause and send two jobs")


@dataclass(frozen=True)
class Recording:
    """Decoded audio in a file of 16-bit samples; nothing of it is kept in memory."""

    path: Path
    length: int

    @property
    def duration_ms(self) -> int:
        """Rounded to a millisecond."""
        return round(1000 * self.length / ASR_SAMPLE_RATE)

    def read(self, start_ms: float, end_ms: float) -> Samples:
        """A stretch: 16 kHz mono, shape (n,); what lies outside the recording is left out."""
        start = min(max(0, round(start_ms * ASR_SAMPLE_RATE / 1000)), self.length)
        end = min(max(start, round(end_ms * ASR_SAMPLE_RATE / 1000)), self.length)
        pcm = np.fromfile(self.path, "<i2", end - start, offset=2 * start)
        return (pcm / 32768).astype(np.float32)

    def blocks(self, seconds: int = 10) -> Iterator[Samples]:
        """The whole, in blocks of whole seconds but for the last."""
        for start_ms in range(0, max(1, self.duration_ms), 1000 * seconds):
            yield self.read(start_ms, start_ms + 1000 * seconds)


def decode(source: Path, target: Path, check: CancelCheck = never_cancelled) -> Recording:
    """Decode a sound file into `target`, a second at a time; see tts.decode for its channels.

    `check` is called before each of them, and what it raises ends the work.
    Raises RecordingUnreadable, RecordingTooLong.
    """
    length = 0
    try:
        with source.open("rb") as file, mono(file, check) as sound, target.open("wb") as out:
            resampler = soxr.ResampleStream(sound.rate, ASR_SAMPLE_RATE, 1, dtype="float32")
            for block in chain(sound.blocks, [None]):
                samples = np.zeros(0, np.float32) if block is None else block
                resampled = resampler.resample_chunk(samples, last=block is None)
                out.write((np.clip(resampled, -1.0, 1.0) * 32767).astype("<i2").tobytes())
                length += len(resampled)
                if length > MAX_RECORDING_S * ASR_SAMPLE_RATE:
                    raise RecordingTooLong
    except Unreadable as error:
        raise RecordingUnreadable(f"the audio cannot be read: {error}") from error
    if not length:
        raise RecordingUnreadable("the audio is empty")
    return Recording(target, length)

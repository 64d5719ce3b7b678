"""A recording of up to an hour on the disk, as 16 kHz mono, read part by part."""

from collections.abc import Iterable, Iterator
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
"""An hour, and a minute so that a recording of about an hour is not refused."""


class RecordingUnreadable(WorkerError):
    """Audio that cannot be decoded, or that is empty."""

    code: ClassVar[str] = "alignment_failed"

    def __init__(self, problem: str, remedy: str | None = None) -> None:
        super().__init__(f"{problem}; {remedy or f'give one of {DECODABLE_FORMATS}'}")


class RecordingTooLong(WorkerError):
    """Audio of over MAX_RECORDING_S."""

    code: ClassVar[str] = "too_large"

    def __init__(self) -> None:
        super().__init__("the audio is longer than an hour; cut it at a pause and send two jobs")


@dataclass(frozen=True)
class Recording:
    """Decoded audio in a file of `length` 16-bit samples at ASR_SAMPLE_RATE, not in memory.

    gain: the factor that makes a quiet recording loud enough; the samples are multiplied by it.
    notes: one sentence for each thing of the source that was left out.
    """

    path: Path
    length: int
    gain: float = 1.0
    notes: tuple[str, ...] = ()

    @property
    def duration_ms(self) -> int:
        """Rounded to a millisecond."""
        return round(1000 * self.length / ASR_SAMPLE_RATE)

    def read(self, start_ms: float, end_ms: float) -> Samples:
        """A part of it: 16 kHz mono, shape (n,); the times are cut to those of the recording."""
        start = min(max(0, round(start_ms * ASR_SAMPLE_RATE / 1000)), self.length)
        end = min(max(start, round(end_ms * ASR_SAMPLE_RATE / 1000)), self.length)
        pcm = np.fromfile(self.path, "<i2", end - start, offset=2 * start)
        return (pcm * (self.gain / 32768)).astype(np.float32)

    def blocks(self, seconds: int = 10, check: CancelCheck = never_cancelled) -> Iterator[Samples]:
        """All of it, in blocks of so many seconds; the last may be shorter.

        `check` is called before each of them, and what it raises ends the work.
        """
        for start_ms in range(0, max(1, self.duration_ms), 1000 * seconds):
            check()
            yield self.read(start_ms, start_ms + 1000 * seconds)


def decode(source: Path, target: Path, check: CancelCheck = never_cancelled) -> Recording:
    """Decode a sound file into `target`, block by block; see `tts.audio.decode.mono`.

    `check` is called between the blocks, and what it raises ends the work.
    Raises RecordingUnreadable, RecordingTooLong.
    """
    try:
        with mono(source, check) as sound:
            length = _resample(sound.blocks(), sound.rate, target)
    except Unreadable as error:
        raise RecordingUnreadable(f"the audio cannot be read: {error}", error.remedy) from error
    return Recording(target, length, notes=tuple(sound.notes))


def decode_pcm(
    source: Path, rate: int, target: Path, check: CancelCheck = never_cancelled
) -> Recording:
    """As `decode`, for a file of 16-bit little-endian mono samples without a header.

    rate: of its samples, Hz; one of those that this worker writes.

    Any bytes are samples, so nothing in the file can be wrong but its length.
    Raises RecordingUnreadable, RecordingTooLong.
    """

    def blocks() -> Iterator[Samples]:
        with source.open("rb") as file:
            while len(data := file.read(2 * rate)) >= 2:
                check()
                yield np.frombuffer(data, "<i2", len(data) // 2).astype(np.float32) / np.float32(
                    32768
                )

    return Recording(target, _resample(blocks(), rate, target))


def _resample(blocks: Iterable[Samples], rate: int, target: Path) -> int:
    """Write the samples into `target` at ASR_SAMPLE_RATE; return how many they are there.

    rate: theirs, Hz.

    Raises RecordingUnreadable, RecordingTooLong.
    """
    length = 0
    with target.open("wb") as out:
        resampler = soxr.ResampleStream(rate, ASR_SAMPLE_RATE, 1, dtype="float32")
        # None stands for the end: the resampler then gives the samples that it holds back.
        for block in chain(blocks, [None]):
            samples = np.zeros(0, np.float32) if block is None else block
            resampled = resampler.resample_chunk(samples, last=block is None)
            out.write((np.clip(resampled, -1.0, 1.0) * 32767).astype("<i2").tobytes())
            length += len(resampled)
            # The header's length may be false, so the decoded samples are counted.
            if length > MAX_RECORDING_S * ASR_SAMPLE_RATE:
                raise RecordingTooLong
    if not length:
        raise RecordingUnreadable("the audio is empty")
    return length

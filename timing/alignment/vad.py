"""Where a window of audio sounds and where it pauses, by energy alone. Times here are ms."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from timing.token_times import MIN_WORD_MS
from tts.speech import Samples

VAD_SAMPLE_RATE = 16_000
"""Samples per second that every aligner and everything here works at."""

PAUSE_MS = 150.0
"""Shorter silences inside speech are closures of plosives: up to 140 ms on the fixtures."""

_LULL_MS = 200
"""How long a moment is that counts as quiet: a plosive's closure inside a word is shorter."""

_HOP_MS = 5
_FRAME_MS = 10
_EDGE_MS = 60.0


@dataclass(frozen=True, slots=True)
class SpeechActivity:
    """The sounding stretch of a window and the pauses inside it.

    `start_ms` and `end_ms` are equal (and 0) when the whole window is silent. `pauses` are
    `(start_ms, end_ms)` in order, none touching the start or the end, each at least `PAUSE_MS`.
    `lulls` are the quietest moment of each second as `(level, ms)`, pause or not.
    """

    start_ms: float
    end_ms: float
    pauses: tuple[tuple[float, float], ...]
    quiet_moments: tuple[tuple[float, float], ...] = field(default=(), repr=False, compare=False)

    def quietest(self, start_ms: float, end_ms: float) -> float:
        """Where it is quietest between two moments; the later one where nothing is known."""
        inside = [lull for lull in self.quiet_moments if start_ms <= lull[1] < end_ms]
        return min(inside)[1] if inside else end_ms

    def speech_fraction(self, start_ms: float, end_ms: float) -> float:
        """How much of an interval sounds, 0..1."""
        length = end_ms - start_ms
        if length <= 0:
            return 0.0
        heard = min(end_ms, self.end_ms) - max(start_ms, self.start_ms)
        for pause_start, pause_end in self.pauses:
            heard -= max(0.0, min(end_ms, pause_end) - max(start_ms, pause_start))
        return max(0.0, heard) / length

    def sound_end_after(self, ms: float) -> float:
        """Where the sound ends that goes on at a moment; the moment itself where none does."""
        for start_ms, end_ms in self.pauses:
            if ms < end_ms:
                return max(ms, start_ms)
        return max(ms, self.end_ms)

    def snap_to_speech(self, start_ms: float, end_ms: float) -> tuple[float, float]:
        """Move an edge that lies in a pause to where the sound begins or ends.

        At most 60 ms of sound may lie between the edge and the pause (an aligner is not exact),
        and at least 20 ms must remain; any other interval comes back as it is.
        """
        silences = ((0.0, self.start_ms), *self.pauses, (self.end_ms, float("inf")))
        for silence_start, silence_end in silences:
            if silence_end <= start_ms or end_ms <= silence_start:
                continue
            if silence_start <= start_ms + _EDGE_MS and end_ms - silence_end >= MIN_WORD_MS:
                start_ms = max(start_ms, silence_end)
            elif end_ms - _EDGE_MS <= silence_end and silence_start - start_ms >= MIN_WORD_MS:
                end_ms = min(end_ms, silence_start)
        return start_ms, end_ms


def detect(samples: Samples) -> SpeechActivity:
    """Find the pauses of a window: 16 kHz mono, shape (n,), any n."""
    return detect_stream([samples])


def detect_stream(blocks: Iterable[Samples]) -> SpeechActivity:
    """`listen` for audio of any length, one block after the other: whole seconds but for the last.

    Of the audio only 200 levels a second are kept.
    """
    powers: list[npt.NDArray[np.float64]] = []
    length = 0
    for block in blocks:
        powers.append(_powers(block))
        length += len(block)
    whole = np.concatenate(powers)
    return replace(
        _sound(_levels(whole), 1000 * length / VAD_SAMPLE_RATE), quiet_moments=tuple(_lulls(whole))
    )


def _sound(levels: npt.NDArray[np.float64], duration_ms: float) -> SpeechActivity:
    sounding = np.flatnonzero(levels >= _threshold(levels))
    if not len(sounding):
        return SpeechActivity(0.0, 0.0, ())
    centres = sounding * float(_HOP_MS) + _FRAME_MS / 2
    start_ms = 0.0 if sounding[0] == 0 else float(centres[0])
    end_ms = duration_ms if sounding[-1] == len(levels) - 1 else float(centres[-1])
    pauses = tuple(
        (float(centres[i]), float(centres[i + 1]))
        for i in np.flatnonzero(np.diff(centres) >= PAUSE_MS)
    )
    return SpeechActivity(min(start_ms, duration_ms), min(end_ms, duration_ms), pauses)


def _powers(samples: Samples) -> npt.NDArray[np.float64]:
    """Power of every 5 ms, shape (n >= 2,)."""
    hop = _HOP_MS * VAD_SAMPLE_RATE // 1000
    padded = np.zeros(max(len(samples) // hop, 2) * hop, dtype=np.float64)
    padded[: len(samples)] = samples[: len(padded)]
    padded -= padded.mean()
    return np.asarray((padded.reshape(-1, hop) ** 2).mean(axis=1), dtype=np.float64)


def _levels(powers: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Level of every 10 ms in steps of 5 ms, dB of full scale, shape (n >= 1,)."""
    return np.asarray(10 * np.log10((powers[:-1] + powers[1:]) / 2 + 1e-10), dtype=np.float64)


def _lulls(powers: npt.NDArray[np.float64]) -> Iterator[tuple[float, float]]:
    """The mean power of the quietest moment of each second, and its middle, ms."""
    frames, second = _LULL_MS // _HOP_MS, 1000 // _HOP_MS
    if len(powers) < frames:
        return
    around = np.convolve(powers, np.full(frames, 1 / frames), "valid")
    for first in range(0, len(around), second):
        quietest = first + int(np.argmin(around[first : first + second]))
        yield float(around[quietest]), quietest * float(_HOP_MS) + _LULL_MS / 2


def _threshold(levels: npt.NDArray[np.float64]) -> float:
    """What counts as silence, dB: 40 below loud speech, or just above the noise if that is more.

    Noise may lift it to 25 dB below loud speech at most, and nothing under -70 dB is speech.
    Measured on the fixtures, clean and with noise at 40 to 15 dB.
    """
    quiet, loud = np.percentile(levels, (5, 95))
    return float(max(loud - 40, min(quiet + 6, loud - 25), -70.0))

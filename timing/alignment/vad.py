"""Voice activity detection by energy: where audio sounds and where it pauses. Times are ms."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from math import inf

import numpy as np
import numpy.typing as npt

from timing.token_times import MIN_WORD_MS
from tts.speech import ASR_SAMPLE_RATE, Samples

PAUSE_MS = 150.0
"""Shorter silences are closures of plosives inside words: up to 140 ms on tests/data/timing."""

_QUIET_MS = 200
"""The length of a quiet moment; the closure of a plosive inside a word is shorter."""

_SILENT_DB = -70.0
"""Nothing below this level is speech, dB of full scale."""

_LOUD_PERCENTILE = 99
"""A recording is as loud as the loudest hundredth of it: most of it may be silent."""
_QUIET_DB, _LEVELED_DB, _MAX_PEAK = -30.0, -12.0, 0.9
"""A recording of less than `_QUIET_DB` is made as loud as `_LEVELED_DB`, without cutting peaks. On
tests/data/timing at -66 dB that leaves no word to the estimate, and 43 of 101 without it."""

_HOP_MS = 5
_FRAME_MS = 10
_SPEECH_RANGE_DB = 40.0
"""How much softer than loud speech the softest is."""
_OVER_NOISE_DB, _LEAST_OVER_NOISE_DB = 3.0, 10.0
"""What sounds is so much louder than the quietest twentieth of the audio. That may be speech too,
so what is silent is also so much softer than loud speech."""
_MIN_SOUND_MS = 40.0
"""Shorter sounds are clicks and crackle, not speech."""
_NOISY_DB, _DROWNED_DB = 25.0, 20.0
"""How far silence lies below loud speech: with less the audio is noisy, with still less the noise
drowns soft words."""
_NOISY_PAUSE_MS = 200.0
"""In noisy audio a shorter pause may be the soft start of a word, under the noise. Without this
limit, p95 of word starts in speech over music on tests/data/timing is 95 ms and not 62."""
_MAX_SNAP_MS = 60.0
"""The most sound that `snap_to_speech` takes from a word."""


@dataclass(frozen=True, slots=True)
class SpeechActivity:
    """The sounding stretch of a window and the pauses inside it.

    start_ms, end_ms: of the sounding stretch; both are 0 if the whole window is silent.
    pauses: `(start_ms, end_ms)` in order, each at least `PAUSE_MS` long, none at the start or end.
    quiet_moments: the quietest moment of each second as `(power, ms)`, in a pause or not.
    range_db: how much louder loud speech is than what counts as silence.
    """

    start_ms: float
    end_ms: float
    pauses: tuple[tuple[float, float], ...]
    quiet_moments: tuple[tuple[float, float], ...] = field(default=(), repr=False, compare=False)
    range_db: float = field(default=inf, repr=False, compare=False)

    @property
    def is_noisy(self) -> bool:
        """Whether there is noise that may keep an aligner from its words."""
        return self.range_db < _NOISY_DB

    @property
    def is_drowned(self) -> bool:
        """Whether the noise is so loud that soft words count as silence."""
        return self.range_db < _DROWNED_DB

    @property
    def is_silent(self) -> bool:
        """Whether nothing in it sounds."""
        return self.end_ms <= self.start_ms

    @property
    def edges(self) -> list[float]:
        """Where each stretch of sound starts and ends, in order: twice as many as stretches."""
        return [self.start_ms, *(edge for pause in self.pauses for edge in pause), self.end_ms]

    def quietest(self, start_ms: float, end_ms: float) -> float:
        """The quietest moment between two others; the later one if none is known there."""
        inside = [(power, ms) for power, ms in self.quiet_moments if start_ms <= ms < end_ms]
        return min(inside)[1] if inside else end_ms

    @property
    def sounding_ms(self) -> float:
        """How long it sounds in all."""
        return sum(
            end_ms - start_ms
            for start_ms, end_ms in zip(self.edges[::2], self.edges[1::2], strict=True)
        )

    def speech_fraction(self, start_ms: float, end_ms: float) -> float:
        """The part of an interval that sounds, 0..1."""
        length = end_ms - start_ms
        if length <= 0:
            return 0.0
        sounding_ms = min(end_ms, self.end_ms) - max(start_ms, self.start_ms)
        for pause_start, pause_end in self.pauses:
            sounding_ms -= max(0.0, min(end_ms, pause_end) - max(start_ms, pause_start))
        return max(0.0, sounding_ms) / length

    def sound_end_after(self, ms: float) -> float:
        """When the sound at a moment ends; the moment itself if it is silent."""
        for start_ms, end_ms in self.pauses:
            if ms < end_ms:
                return max(ms, start_ms)
        return max(ms, self.end_ms)

    def snap_to_speech(self, start_ms: float, end_ms: float) -> tuple[float, float]:
        """Move the edges of a word that lie in a pause to where its sound begins or ends.

        An aligner is not exact, so up to 60 ms of the word's sound may lie on the other side of the
        pause; they are cut off. An interval that would be shorter than 20 ms stays as it is, and so
        does any where noise drowns soft words: what seems to be a pause may be the word itself.
        In less noise, that goes for pauses of less than 200 ms.
        """
        if self.is_drowned:
            return start_ms, end_ms
        least_ms = _NOISY_PAUSE_MS if self.is_noisy else PAUSE_MS
        pauses = ((start, end) for start, end in self.pauses if end - start >= least_ms)
        silences = ((0.0, self.start_ms), *pauses, (self.end_ms, inf))
        for silence_start, silence_end in silences:
            if silence_end <= start_ms or end_ms <= silence_start:
                continue
            if silence_start <= start_ms + _MAX_SNAP_MS and end_ms - silence_end >= MIN_WORD_MS:
                start_ms = max(start_ms, silence_end)
            elif end_ms - _MAX_SNAP_MS <= silence_end and silence_start - start_ms >= MIN_WORD_MS:
                end_ms = min(end_ms, silence_start)
        return start_ms, end_ms


def detect(samples: Samples) -> SpeechActivity:
    """Find the speech and the pauses in 16 kHz mono, shape (n,), any n."""
    return detect_stream([samples])


def detect_stream(blocks: Iterable[Samples]) -> SpeechActivity:
    """`detect` for audio of any length. Memory holds one block, and 200 levels for each second.

    blocks: the audio in order, 16 kHz mono; all but the last have whole seconds.
    """
    powers: list[npt.NDArray[np.float64]] = []
    length = 0
    for block in blocks:
        powers.append(_powers(block))
        length += len(block)
    every_power = np.concatenate(powers)
    activity = _activity(_levels(every_power), 1000 * length / ASR_SAMPLE_RATE)
    return replace(activity, quiet_moments=tuple(_quiet_moments(every_power)))


def gain_of_quiet(blocks: Iterable[Samples]) -> float:
    """The factor that makes a quiet recording as loud as others; 1 if it is loud enough or silent.

    Aligners, and `detect` itself, take speech of less than about -60 dB for noise.

    blocks: the audio in order, 16 kHz mono.
    """
    powers: list[npt.NDArray[np.float64]] = []
    peak = 0.0
    for block in blocks:
        powers.append(_powers(block))
        peak = max(peak, float(np.abs(block).max(initial=0.0)))
    loud = float(np.percentile(_levels(np.concatenate(powers)), _LOUD_PERCENTILE))
    if not _SILENT_DB <= loud < _QUIET_DB:
        return 1.0
    return min(10 ** ((_LEVELED_DB - loud) / 20), _MAX_PEAK / peak)


def _activity(levels: npt.NDArray[np.float64], duration_ms: float) -> SpeechActivity:
    """The speech and pauses in audio of these levels, shape (n,)."""
    threshold, range_db = _threshold(levels)
    sounding = np.zeros(len(levels) + 2, np.int8)
    sounding[1:-1] = levels >= threshold
    firsts = np.flatnonzero(np.diff(sounding) == 1)
    lasts = np.flatnonzero(np.diff(sounding) == -1) - 1
    # Audio shorter than a click is all that there is.
    is_long = (lasts - firsts + 1) * _HOP_MS >= min(_MIN_SOUND_MS, _HOP_MS * len(levels))
    firsts, lasts = firsts[is_long], lasts[is_long]
    if not len(firsts):
        return SpeechActivity(0.0, 0.0, (), range_db=range_db)
    starts_ms = (firsts * float(_HOP_MS) + _FRAME_MS / 2).tolist()
    ends_ms = (lasts * float(_HOP_MS) + _FRAME_MS / 2).tolist()
    if firsts[0] == 0:
        starts_ms[0] = 0.0
    if lasts[-1] == len(levels) - 1:
        ends_ms[-1] = duration_ms
    pauses = tuple(
        (end_ms, start_ms)
        for end_ms, start_ms in zip(ends_ms[:-1], starts_ms[1:], strict=True)
        if start_ms - end_ms >= PAUSE_MS
    )
    return SpeechActivity(
        min(starts_ms[0], duration_ms), min(ends_ms[-1], duration_ms), pauses, range_db=range_db
    )


def _powers(samples: Samples) -> npt.NDArray[np.float64]:
    """The power of every 5 ms, shape (n >= 2,).

    It is the variance of the samples: what is slower than about 100 Hz is no speech, but the rumble
    of a room, or the constant offset of a recording.
    """
    hop = _HOP_MS * ASR_SAMPLE_RATE // 1000
    padded = np.zeros(max(len(samples) // hop, 2) * hop, dtype=np.float64)
    padded[: len(samples)] = samples[: len(padded)]
    return np.asarray(padded.reshape(-1, hop).var(axis=1), dtype=np.float64)


def _levels(powers: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The level of every 10 ms in steps of 5 ms, dB of full scale, shape (n >= 1,)."""
    # 1e-10 makes digital silence -100 dB and not minus infinity.
    return np.asarray(10 * np.log10((powers[:-1] + powers[1:]) / 2 + 1e-10), dtype=np.float64)


def _quiet_moments(powers: npt.NDArray[np.float64]) -> Iterator[tuple[float, float]]:
    """The mean power of the quietest 200 ms of each second, and their middle, ms."""
    frames, second = _QUIET_MS // _HOP_MS, 1000 // _HOP_MS
    if len(powers) < frames:
        return
    around = np.convolve(powers, np.full(frames, 1 / frames), "valid")
    for first in range(0, len(around), second):
        quietest = first + int(np.argmin(around[first : first + second]))
        yield float(around[quietest]), quietest * float(_HOP_MS) + _QUIET_MS / 2


def _threshold(levels: npt.NDArray[np.float64]) -> tuple[float, float]:
    """The level below which audio is silent, dB of full scale, and how far below loud speech it is.

    It is 40 dB below loud speech, or 3 dB above the noise if that is more, but at least 10 dB below
    loud speech; nothing below -70 dB is speech. Chosen on tests/data/timing and on recordings of
    people, clean, in rooms and with noise at 40 to 10 dB.
    """
    quiet, loud = np.percentile(levels, (5, 95))
    noise = min(quiet + _OVER_NOISE_DB, loud - _LEAST_OVER_NOISE_DB)
    threshold = max(loud - _SPEECH_RANGE_DB, noise, _SILENT_DB)
    return float(threshold), float(loud - threshold)

"""Loudness in LUFS, as ITU-R BS.1770 and EBU R 128 define it. FFmpeg measures, through PyAV."""

from collections.abc import Iterator
from fractions import Fraction
from math import ceil, isfinite, log10

import av
import numpy as np
from av.filter import Graph

from errors import CancelCheck, never_cancelled
from tts.audio.levels import Loudness
from tts.speech import Pcm16, Samples

MAX_PEAK = 10 ** (-1.5 / 20)
"""The highest sample after a change to a loudness. Platforms ask for true peaks, those between the
samples, of at most -1 dB; they are up to about half a dB higher."""

MAX_LOST = 5.0
"""How much of the loudness the limiter may take away, in LU. More than that sounds crushed."""

BLOCK_S = 0.4
"""Shorter sound has no loudness by the standard."""

TOLERANCE = 0.1
"""A loudness is reached if it is so close, in LU."""

_MAX_ROUNDS = 6
_BELOW_LIMIT_DB = -3.0
"""At this gain the limiter has nothing to do."""

_SILENCE = -69.9
"""LUFS. Nothing at or below it counts as sound; the meter says -70 for silence."""

_LIMITER = f"limit={MAX_PEAK:.6f}:attack=5:release=25:level=0:latency=1"
"""Attack and release in milliseconds. It looks ahead, adds no delay, and leaves sound without peaks
over the limit as it is."""


def set_loudness(
    sound: Pcm16,
    rate: int,
    target: float,
    *,
    kept_gain_db: float | None = None,
    kept_within: float = 0.0,
    check: CancelCheck = never_cancelled,
) -> Loudness:
    """Make a sound as loud as `target`, in place.

    sound: mono, of `rate` Hz.
    target: LUFS.
    kept_gain_db: the gain of an earlier version of the sound: it is taken again if the sound is
        then within `kept_within` LU of the target.
    check: called between blocks of the sound; what it raises ends the work.

    A limiter holds peaks at MAX_PEAK. It may take MAX_LOST away at most, so a very high target is
    not reached. Sound shorter than BLOCK_S is measured as if it went on. `sound` must be writable.
    """
    peak = max((float(np.abs(block).max()) for block in _blocks(sound, rate)), default=0.0)
    if not peak:
        return Loudness(None)

    def reached(gain_db: float) -> float:
        return _measure(sound, rate, gain_db, check)

    natural = reached(_BELOW_LIMIT_DB) - _BELOW_LIMIT_DB
    if natural <= _SILENCE:
        return Loudness(None)
    if kept_gain_db is not None:
        lufs = reached(kept_gain_db)
        is_good = natural + kept_gain_db - lufs <= MAX_LOST
        if is_good and abs(lufs - target) <= kept_within:
            _apply(sound, rate, kept_gain_db, check)
            return Loudness(lufs, kept_gain_db)
    without_limiter_db = 20 * log10(MAX_PEAK / peak)
    gain_db = target - natural
    best_db = min(gain_db, without_limiter_db)
    lufs = natural + best_db
    too_high_db: float | None = None
    for _ in range(_MAX_ROUNDS):
        if abs(lufs - target) <= TOLERANCE:
            break
        found = reached(gain_db)
        if natural + gain_db - found > MAX_LOST:
            too_high_db = gain_db
        else:
            best_db, lufs = gain_db, found
        # The limiter takes some of the loudness away again.
        gain_db = gain_db + target - found if too_high_db is None else (best_db + too_high_db) / 2
    _apply(sound, rate, best_db, check)
    return Loudness(lufs, best_db)


def _measure(sound: Pcm16, rate: int, gain_db: float, check: CancelCheck) -> float:
    """The integrated loudness in LUFS with a gain and the limiter; -70 for silence."""
    whole = sound
    if len(sound) < BLOCK_S * rate:
        whole = Pcm16(np.tile(sound.numbers, ceil(2 * BLOCK_S * rate / len(sound))))
    graph = _Graph(rate, [("volume", f"{gain_db}dB"), ("alimiter", _LIMITER)], is_meter=True)
    for block in _blocks(whole, rate):
        check()
        for _ in graph.filtered(block):
            pass
    for _ in graph.filtered(None):
        pass
    return graph.lufs


def _apply(sound: Pcm16, rate: int, gain_db: float, check: CancelCheck) -> None:
    """Put a gain and the limiter on a sound, in place."""
    graph = _Graph(rate, [("volume", f"{gain_db}dB"), ("alimiter", _LIMITER)])
    done = 0

    def put(blocks: Iterator[Samples]) -> None:
        nonlocal done
        for block in blocks:
            # What comes out is never further than what went in, so nothing is lost.
            numbers = np.rint(block * np.float32(Pcm16.FULL_SCALE))
            sound.numbers[done : done + len(block)] = numbers.astype(np.int16)
            done += len(block)

    for block in _blocks(sound, rate):
        check()
        put(graph.filtered(block))
    put(graph.filtered(None))


def _blocks(sound: Pcm16, rate: int) -> Iterator[Samples]:
    """The sound second by second."""
    for start in range(0, len(sound), rate):
        yield sound[start : start + rate]


class _Graph:
    """Filters of FFmpeg in a row, for mono sound of `rate` Hz.

    is_meter: whether the last one measures the loudness, which is `lufs` then.
    """

    def __init__(self, rate: int, filters: list[tuple[str, str]], is_meter: bool = False) -> None:
        self.lufs = -70.0
        self._rate = rate
        self._given = 0
        self._graph = Graph()
        last = self._graph.add_abuffer(
            sample_rate=rate, format="flt", layout="mono", time_base=Fraction(1, rate)
        )
        meter = [("ebur128", "metadata=1")] if is_meter else []
        # The limiter works in doubles.
        for name, options in [*filters, *meter, ("aformat", "flt"), ("abuffersink", "")]:
            following = self._graph.add(name, options)
            last.link_to(following)
            last = following
        self._graph.configure()

    def filtered(self, block: Samples | None) -> Iterator[Samples]:
        """What comes out when a block is put in; None ends the sound."""
        frame = None
        if block is not None:
            frame = av.AudioFrame.from_ndarray(block[np.newaxis], format="flt", layout="mono")
            frame.sample_rate = self._rate
            frame.time_base = Fraction(1, self._rate)
            frame.pts = self._given
            self._given += len(block)
        self._graph.push(frame)
        while True:
            try:
                out = self._graph.pull()
            except (av.BlockingIOError, av.EOFError):
                return
            assert isinstance(out, av.AudioFrame)
            measured = out.metadata.get("lavfi.r128.I")
            if measured is not None and isfinite(float(measured)):
                self.lufs = float(measured)
            yield out.to_ndarray()[0]

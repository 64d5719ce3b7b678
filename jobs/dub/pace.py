"""How fast each cue is spoken so that it ends before the next one begins, and when it begins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from jobs.dub.cues import SourceCue
from jobs.dub.request import ERROR, SHIFT
from tts.engine import SynthesisFailed
from tts.pace import TooLong, slowest_fitting
from tts.turns import Turns

GAP_S = 0.05
"""Silence that is left between two cues, in seconds."""

LEAST_S = 0.05
"""A cue that begins so late that it has no room is as fast as may be: this stands for its room."""


@dataclass(frozen=True)
class Slot:
    """When a cue begins, and at which multiple of the request's `speed` it is spoken.

    `start_s` and `until_s` are seconds; `until_s` is when it must be over.
    """

    start_s: float
    until_s: float
    rate: float


def limits(cues: Sequence[SourceCue]) -> list[float]:
    """The seconds at which each cue must be over: GAP_S before the next, or its own end."""
    nexts = [cue.at_ms / 1000 - GAP_S for cue in cues[1:]]
    last = cues[-1]
    return [*nexts, max(last.end_ms, last.at_ms) / 1000]


def pace(
    cues: Sequence[SourceCue],
    length_at: Callable[[int, float], float],
    fastest: float,
    overflow: str,
) -> Turns[list[Slot]]:
    """The slot of each cue, one after another. It can pause after each cue.

    cues: in the order of their times.
    length_at: the seconds from a cue's first sound to its end, at a rate. It gives the same
        whenever it is asked; the last rate that it is asked for is that of the cue's slot.
    fastest: the highest rate.
    overflow: one of `jobs.dub.request.OVERFLOWS`.

    With SHIFT a cue that is too long moves the later ones, as far as it must. Raises
    SynthesisFailed, with ERROR, for the first cue that is too long.
    """
    slots: list[Slot] = []
    free_s = 0.0
    for index, (cue, until_s) in enumerate(zip(cues, limits(cues), strict=True)):
        at_s = cue.at_ms / 1000
        start_s = max(at_s, free_s) if overflow == SHIFT else at_s
        room_s = max(LEAST_S, until_s - start_s)
        try:
            rate = slowest_fitting(partial(length_at, index), room_s, 1.0, fastest)
        except TooLong:
            rate = fastest
        length_s = length_at(index, rate)
        over_s = max(0.0, start_s + length_s - until_s)
        if over_s and overflow == ERROR:
            raise SynthesisFailed(
                f"cue {cue.index + 1} would be {over_s:.2f} s too long at its fastest pace; "
                "shorten its text, raise max_speed, or set overflow to shift or trim"
            )
        slots.append(Slot(start_s, until_s, rate))
        free_s = start_s + length_s + GAP_S
        yield
    return slots

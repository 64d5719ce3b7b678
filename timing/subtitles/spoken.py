"""Which words of a cue are spoken, over or still to come at each of its moments."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Literal

from timing.subtitles.cues import Cue
from timing.subtitles.units import CueUnit

_PAUSE_MS = 200
"""Between two words that are further apart no word is lit. A shorter gap would be a flicker."""

State = Literal["upcoming", "active", "past"]


def lit(cue: Cue) -> Cue:
    """The cue with the times in which each unit is lit.

    They lie inside the cue, and a unit stays lit until the next one, or the end of the cue, if that
    is less than 200 ms away.
    """
    units = [unit for line in cue.lines for unit in line]
    nexts_ms = [*(unit.start_ms for unit in units[1:]), cue.end_ms]
    timed = []
    for unit, next_ms in zip(units, nexts_ms, strict=True):
        end_ms = next_ms if next_ms - unit.end_ms < _PAUSE_MS else unit.end_ms
        start_ms = min(max(unit.start_ms, cue.start_ms), cue.end_ms)
        timed.append(
            unit._replace(start_ms=start_ms, end_ms=max(start_ms, min(end_ms, cue.end_ms)))
        )
    rest = iter(timed)
    return replace(cue, lines=tuple(tuple(next(rest) for _ in line) for line in cue.lines))


def state(unit: CueUnit, at_ms: int) -> State:
    """What a unit is at a time: spoken (`active`), over (`past`) or still to come."""
    if unit.end_ms <= at_ms:
        return "past"
    return "active" if unit.start_ms <= at_ms else "upcoming"


def spans(cue: Cue) -> Iterator[tuple[int, int]]:
    """The stretches of a cue in which no unit changes its state: start and end in ms.

    They cover the cue without a gap; in a pause no unit is active.
    """
    edges = {cue.start_ms, cue.end_ms}
    for unit in (unit for line in cue.lines for unit in line):
        edges |= {ms for ms in (unit.start_ms, unit.end_ms) if cue.start_ms < ms < cue.end_ms}
    return pairwise(sorted(edges))

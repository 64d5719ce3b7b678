"""The lines of a cue: as few as its units need, even, and broken where a reader expects it."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from math import ceil, inf

from timing.subtitles.breaks import CLAUSE, SENTENCE
from timing.subtitles.units import CueUnit, width

_UNBALANCED = 28.0
"""Of a line that is twice as long as the mean, or empty."""
_AFTER_FIRST_WORD = 8.0
"""Added to a break after the first word of a sentence: "the keeper. One" above "night a light"."""

Division = tuple[float, tuple[int, ...]]
"""The cost of a division into lines, and the units that start the second line and later ones."""
_ONE_LINE: Division = (0.0, ())


class LineDivisions:
    """The best lines for any range of units.

    units: what cues are made of.
    breaks: the cost of a break before each unit, shape (units + 1,). All costs are in the unit of
        breaks.py.
    max_columns: the limit of a line. A word that is too wide for it has a line of its own.
    max_lines: the limit of a cue.
    """

    def __init__(
        self, units: Sequence[CueUnit], breaks: Sequence[float], max_columns: int, max_lines: int
    ) -> None:
        self._breaks = [
            cost + _AFTER_FIRST_WORD if last == SENTENCE and cost > CLAUSE else cost
            for last, cost in zip([CLAUSE, *breaks], breaks, strict=False)
        ]
        self._max_columns, self._max_lines = max_columns, max_lines
        self._spaces = [0 if unit.no_space_before else 1 for unit in units]
        widths = [width(unit.text) for unit in units]
        self.columns = [0, *accumulate(map(int.__add__, widths, self._spaces))]
        self._widest_line = max([max_columns, *widths])
        # By the first unit and the end: the divisions into fewer lines that several cues share.
        self._known: dict[int, dict[tuple[int, int], Division | None]] = {}

    def width(self, first: int, end: int) -> int:
        """Columns of the units on one line."""
        return self.columns[end] - self.columns[first] - self._spaces[first]

    def most_columns(self, first: int) -> int:
        """Where in `columns` a cue that starts with this unit is full."""
        return self._max_columns * self._max_lines + self.columns[first] + self._spaces[first]

    def fits(self, first: int, end: int, room: int = 0) -> bool:
        """Whether the units fit on one line with `room` columns to spare."""
        return self.width(first, end) + room <= self._max_columns

    def forget(self, first: int) -> None:
        """No later cue has a line that starts here."""
        self._known.pop(first, None)

    def best(self, first: int, end: int) -> Division | None:
        """The cost of the best division into the fewest lines, and the units that start a line.

        None if the units do not fit.
        """
        columns = self.columns[end] - self.columns[first] - self._spaces[first]
        if columns <= self._max_columns or end - first == 1:
            return _ONE_LINE
        fewest = ceil((columns + 1) / (self._widest_line + 1))
        for count in range(max(2, fewest), self._max_lines + 1):
            lines = self._divide(first, end, count)
            if lines is not None:
                return lines
        return None

    def _divide_rest(self, first: int, end: int, count: int) -> Division | None:
        """As `_divide`, for the lines after a cue's first one."""
        known = self._known.setdefault(first, {})
        if (end, count) not in known:
            known[end, count] = self._divide(first, end, count)
        return known[end, count]

    def _divide(self, first: int, end: int, count: int) -> Division | None:
        """The best division into `count` lines, 2 or more; None if the units do not fit."""
        if count == 2:
            return self._divide_in_two(first, end)
        limit = self._max_columns
        best: Division | None = None
        total = self.width(first, end) or 1
        start = self.columns[first] + self._spaces[first]
        # The first line must hold at least what the other lines cannot.
        least = total - (count - 1) * (self._widest_line + 1)
        for middle in range(max(first + 1, bisect_left(self.columns, least + start)), end):
            columns = self.columns[middle] - start
            if columns > limit and middle - first > 1:
                break
            cost = self._breaks[middle] + _UNBALANCED * abs(columns * count / total - 1)
            if best is not None and cost >= best[0]:
                continue
            rest = self._divide_rest(middle, end, count - 1)
            if rest is not None and (best is None or cost + rest[0] < best[0]):
                best = cost + rest[0], (middle, *rest[1])
        return best

    def _divide_in_two(self, first: int, end: int) -> Division | None:
        """As `_divide`: from the middle to both sides, as far as a line may be the best."""
        limit, columns, breaks = self._max_columns, self.columns, self._breaks
        start, stop = columns[first] + self._spaces[first], columns[end]
        # Marks alone have no width.
        total = stop - start or 1
        middle = max(first + 1, bisect_left(columns, start + total / 2, first + 1, end))
        best, place = inf, 0
        for at in range(middle, end):
            before = columns[at] - start
            unbalanced = _UNBALANCED * (before * 2 / total - 1)
            if unbalanced >= best or (before > limit and at - first > 1):
                break
            fits = stop - columns[at] - self._spaces[at] <= limit or end - at == 1
            if fits and unbalanced + breaks[at] < best:
                best, place = unbalanced + breaks[at], at
        for at in range(middle - 1, first, -1):
            before = columns[at] - start
            unbalanced = _UNBALANCED * (1 - before * 2 / total)
            is_wide = stop - columns[at] - self._spaces[at] > limit and end - at > 1
            if unbalanced >= best or is_wide:
                break
            fits = before <= limit or at - first == 1
            if fits and unbalanced + breaks[at] < best:
                best, place = unbalanced + breaks[at], at
        return (best, (place,)) if place else None

"""Words are grouped into cues: a cue is the text on the screen at one time."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from math import ceil, inf

from errors import CancelCheck, never_cancelled
from timing.subtitles.breaks import CLAUSE, SENTENCE, costs
from timing.subtitles.units import CueUnit, cue_units, join, width
from timing.token_times import MIN_WORD_MS
from timing.words import TimedWord

_CUE_COST = 4.0
"""Of every cue, so that few are made. All costs are in the unit of breaks.py."""
_LINE_BREAK_SHARE = 0.5
"""A line break costs this part of the same break between two cues."""
_UNBALANCED = 4.0
"""Of a line that is longer than the mean by a whole line's limit, or shorter."""
_COST_INSIDE = {SENTENCE: 5.0, CLAUSE: 1.0}
"""Of the end of a sentence or clause inside a cue."""
_TOO_SHORT, _TOO_FAST = 15.0, 15.0
"""Of a cue without any time, and of one twice as fast to read as `max_cps`."""


_Division = tuple[float, tuple[int, ...]]
"""The cost of a division into lines, and the units that start the second line and later ones."""


@dataclass(frozen=True, slots=True)
class Cue:
    """Lines shown from `start_ms` to `end_ms`; the next cue starts at `end_ms` or later.

    voices: the name of each line's speaker; empty if the voices are not known or all the same.
    second: the lines of the second language; empty without one.
    """

    start_ms: int
    end_ms: int
    lines: tuple[tuple[CueUnit, ...], ...]
    voices: tuple[str, ...] = ()
    second: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        """The lines as plain text, for a format to escape."""
        return tuple(join(line) for line in self.lines)


@dataclass(frozen=True, slots=True)
class CueRules:
    """How words become cues.

    max_chars_per_line, max_lines: the size of a cue; a wide character (Chinese) counts as two. A
        single word is shown even if it is wider.
    max_words: 0 is no limit.
    min_ms, max_ms: how long a cue is shown; a single word is shown as long as it is spoken.
    max_cps: characters a second. It and `min_ms` are exceeded where the speech leaves no room.
    pause_ms: a cue never spans a pause of this length.
    hold_ms: how long a cue stays after its last word. It goes two frames before the next one at
        the latest; a gap of less than two frames is closed.
    frame_rate: of the video, frames a second.
    case, punctuation: see `timing.subtitles.units.cue_units`.
    offset_ms: moves every cue; the part before 0 is cut. See `shifted`.
    """

    max_chars_per_line: int
    max_lines: int = 1
    max_words: int = 0
    min_ms: int = MIN_WORD_MS
    max_ms: int = 7000
    max_cps: float = 1000.0
    pause_ms: int = 2000
    hold_ms: int = 0
    frame_rate: float = 25.0
    case: str = "keep"
    punctuation: str = "keep"
    offset_ms: int = 0

    @property
    def two_frames_ms(self) -> int:
        """The shortest gap between two cues that is left open."""
        return ceil(2000 / self.frame_rate)


_SOCIAL = CueRules(max_chars_per_line=20, max_words=4, min_ms=300, max_ms=2500, pause_ms=350)
PRESETS: dict[str, CueRules] = {
    "word": CueRules(max_chars_per_line=20, max_words=1, max_ms=86_400_000),
    "standard": CueRules(
        max_chars_per_line=42, max_lines=2, min_ms=833, max_ms=7000, max_cps=20, hold_ms=500
    ),
    "social": _SOCIAL,
    "karaoke": _SOCIAL,
}
"""The rules by the name that a client gives (API.md)."""


def cues(
    words: Sequence[TimedWord],
    rules: CueRules,
    duration_ms: int,
    sentence_ends: Collection[int] = (),
    language: str = "en",
    check: CancelCheck = never_cancelled,
) -> tuple[Cue, ...]:
    """Group the words of a script into cues, in order, every word in one of them.

    words: with their times.
    rules: `offset_ms` is ignored here, see `shifted`.
    duration_ms: the length of the audio.
    sentence_ends: the indices of the words that end a sentence.
    language: ISO 639-1; breaks after articles and prepositions are avoided in those of breaks.py.
    check: called for each word; an exception from it ends the work.

    The result is the cheapest of all divisions for the reader: few cues and even lines, broken at
    the ends of sentences and clauses and in pauses, not after an article or inside a name. The time
    for it is proportional to the number of words.
    """
    units = cue_units(words, rules.case, rules.punctuation, language)
    breaks = costs(units, sentence_ends, language)
    return tuple(_CueSegmentation(units, rules, duration_ms, breaks).cues(check))


class _CueSegmentation:
    """The cheapest division of units into cues, by dynamic programming.

    A candidate is a half-open range of units. Its cost and the end of its cue follow from the range
    alone, because the next cue starts with the next unit.

    units: what cues are made of.
    breaks: the cost of a break before each unit, shape (units + 1,).
    """

    def __init__(
        self, units: Sequence[CueUnit], rules: CueRules, duration_ms: int, breaks: Sequence[float]
    ) -> None:
        self._units = units
        self._rules = rules
        self._breaks = breaks
        self._spaces = [0 if unit.no_space_before else 1 for unit in units]
        widths = [width(unit.text) for unit in units]
        self._columns = [0, *accumulate(map(int.__add__, widths, self._spaces))]
        before = [-1, *(unit.word for unit in units)]
        self._starts_word = [int(a != b.word) for a, b in zip(before, units, strict=False)]
        self._words = [0, *accumulate(self._starts_word)]
        self._ends_inside = [0.0, *accumulate(_COST_INSIDE.get(cost, 0.0) for cost in breaks[1:-1])]
        # By the end of a cue: its least cost, plus that of all ends of clauses before its end. Less
        # those before its start, they are the ends of clauses inside the cue.
        ends = zip(breaks[1:], self._ends_inside, strict=False)
        self._least_costs = [0.0, *(_CUE_COST + cost + inside for cost, inside in ends)]
        # A word that is too wide for a line has a line of its own.
        self._widest_line = max([rules.max_chars_per_line, *widths])
        self._most_columns = rules.max_chars_per_line * rules.max_lines
        self._two_frames_ms = rules.two_frames_ms
        # By the end of a cue: when the next one starts or the audio ends, and its earliest end.
        last_ms = max([duration_ms, *(unit.end_ms for unit in units[-1:])])
        self._next_ms = [*(unit.start_ms for unit in units), last_ms]
        self._least_end_ms = [0, *map(self._least_end, range(1, len(units) + 1))]
        gaps = enumerate(pairwise(units), 1)
        pauses = [i for i, (a, b) in gaps if b.start_ms - a.end_ms >= rules.pause_ms]
        self._pauses = [*pauses, len(units)]
        # By the first unit and the end: the divisions into fewer lines that several cues share.
        self._divisions: dict[int, dict[tuple[int, int], _Division | None]] = {}

    def cues(self, check: CancelCheck) -> list[Cue]:
        """The division, in order. `check` is called for each unit."""
        count = len(self._units)
        best = [0.0] + [inf] * count
        origin = [0] * (count + 1)
        for first in range(count):
            check()
            # No later cue has a line that starts here.
            self._divisions.pop(first, None)
            before = best[first] - self._ends_inside[first]
            for end in range(first + 1, self._last_candidate(first) + 1):
                least = before + self._least_costs[end]
                # The costs that are still to be added are never negative.
                if least >= best[end]:
                    continue
                cost = least + self._speed_cost(first, end)
                if cost >= best[end]:
                    continue
                lines = self._lines(first, end)
                # More units would not fit either.
                if lines is None:
                    break
                if cost + lines[0] < best[end]:
                    best[end], origin[end] = cost + lines[0], first
        backwards: list[Cue] = []
        end = count
        while end:
            backwards.append(self._cue(origin[end], end))
            end = origin[end]
        return backwards[::-1]

    def _speed_cost(self, first: int, end: int) -> float:
        """The cost of a cue that is short, or shows more than can be read in its time."""
        rules = self._rules
        shown_ms = max(1, self._end_ms(first, end) - self._units[first].start_ms)
        cps = 1000 * self._width(first, end) / shown_ms
        too_short, too_fast = 1 - shown_ms / rules.min_ms, cps / rules.max_cps - 1
        return _TOO_SHORT * max(0.0, too_short) + _TOO_FAST * max(0.0, too_fast)

    def _last_candidate(self, first: int) -> int:
        """The last end within every limit. More units only exceed a limit further."""
        rules = self._rules
        columns = self._most_columns + self._columns[first] + self._spaces[first]
        ends = [
            self._pauses[bisect_right(self._pauses, first)],
            bisect_right(self._least_end_ms, self._units[first].start_ms + rules.max_ms) - 1,
            bisect_right(self._columns, columns) - 1,
        ]
        if rules.max_words:
            words = rules.max_words + self._words[first] - (not self._starts_word[first])
            ends.append(bisect_right(self._words, words) - 1)
        return max(first + 1, min(ends))

    def _width(self, first: int, end: int) -> int:
        """Columns of the units on one line."""
        return self._columns[end] - self._columns[first] - self._spaces[first]

    def _lines(self, first: int, end: int) -> _Division | None:
        """The cost of the best division into the fewest lines, and the units that start a line.

        None if the units do not fit.
        """
        widest = self._widest_line + 1
        for count in range(ceil((self._width(first, end) + 1) / widest), self._rules.max_lines + 1):
            lines = self._divide(first, end, count)
            if lines is not None:
                return lines
        return None

    def _divide_rest(self, first: int, end: int, count: int) -> _Division | None:
        """As `_divide`, for the lines after a cue's first one."""
        known = self._divisions.setdefault(first, {})
        if (end, count) not in known:
            known[end, count] = self._divide(first, end, count)
        return known[end, count]

    def _divide(self, first: int, end: int, count: int) -> _Division | None:
        """The best division into `count` lines; None if the units do not fit."""
        limit = self._rules.max_chars_per_line
        if count == 1:
            fits = end - first == 1 or self._width(first, end) <= limit
            return (0.0, ()) if fits else None
        best: _Division | None = None
        total = self._width(first, end)
        start = self._columns[first] + self._spaces[first]
        # The first line must hold at least what the other lines cannot.
        least = total - (count - 1) * (self._widest_line + 1)
        for middle in range(max(first + 1, bisect_left(self._columns, least + start)), end):
            columns = self._columns[middle] - start
            if columns > limit and middle - first > 1:
                break
            cost = _LINE_BREAK_SHARE * self._breaks[middle]
            cost += _UNBALANCED * abs(columns - total / count) / limit
            if best is not None and cost >= best[0]:
                continue
            rest = self._divide_rest(middle, end, count - 1)
            if rest is not None and (best is None or cost + rest[0] < best[0]):
                best = cost + rest[0], (middle, *rest[1])
        return best

    def _least_end(self, end: int) -> int:
        """The earliest end: that of the last word, or the next word's start after a short gap."""
        spoken_ms, next_ms = self._units[end - 1].end_ms, self._next_ms[end]
        if self._rules.hold_ms and next_ms - spoken_ms < self._two_frames_ms:
            return next_ms
        return spoken_ms

    def _end_ms(self, first: int, end: int) -> int:
        """When the cue of these units is taken from the screen."""
        rules = self._rules
        start_ms, spoken_ms = self._units[first].start_ms, self._units[end - 1].end_ms
        next_ms = self._next_ms[end]
        least_ms = min(next_ms, max(spoken_ms, start_ms + rules.min_ms))
        if not rules.hold_ms:
            return least_ms
        longest_ms = max(start_ms + rules.max_ms, spoken_ms)
        if next_ms - spoken_ms < rules.hold_ms and next_ms <= longest_ms:
            return next_ms
        open_ms = next_ms - self._two_frames_ms
        if open_ms < spoken_ms:
            return next_ms
        return min(max(least_ms, spoken_ms + rules.hold_ms), longest_ms, open_ms)

    def _cue(self, first: int, end: int) -> Cue:
        lines = self._lines(first, end)
        inner = lines[1] if lines else ()
        edges = [first, *inner, end]
        return Cue(
            self._units[first].start_ms,
            self._end_ms(first, end),
            tuple(tuple(self._units[a:b]) for a, b in pairwise(edges)),
        )


def shifted(cues: Sequence[Cue], offset_ms: int) -> tuple[Cue, ...]:
    """The cues `offset_ms` later. One that would last less than 20 ms after 0 is left out."""
    if not offset_ms:
        return tuple(cues)

    def at(ms: int) -> int:
        return max(0, ms + offset_ms)

    return tuple(
        replace(
            cue,
            start_ms=at(cue.start_ms),
            end_ms=at(cue.end_ms),
            lines=tuple(
                tuple(
                    unit._replace(start_ms=at(unit.start_ms), end_ms=at(unit.end_ms))
                    for unit in line
                )
                for line in cue.lines
            ),
        )
        for cue in cues
        if at(cue.end_ms) - at(cue.start_ms) >= MIN_WORD_MS
    )

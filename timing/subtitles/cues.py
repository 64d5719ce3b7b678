"""Words grouped into cues: what is on the screen at one time."""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from math import ceil, inf

from timing.subtitles.breaks import CLAUSE, SENTENCE, costs
from timing.subtitles.units import CueUnit, cue_units, join, width
from timing.token_times import MIN_WORD_MS
from timing.words import TimedWord

_CUE_COST = 4.0
_LINE_BREAK_SHARE = 0.5
_UNBALANCED = 4.0
_INSIDE = {SENTENCE: 5.0, CLAUSE: 1.0}
_TOO_SHORT, _TOO_FAST = 15.0, 15.0


@dataclass(frozen=True, slots=True)
class Cue:
    """Lines shown from `start_ms` to `end_ms`; the next cue starts no earlier."""

    start_ms: int
    end_ms: int
    lines: tuple[tuple[CueUnit, ...], ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """The lines as plain text, for a format to escape."""
        return tuple(join(line) for line in self.lines)


@dataclass(frozen=True, slots=True)
class CueRules:
    """How words become cues.

    Widths count a wide character (Chinese) as two. `max_words` 0 is no limit. A single word is
    shown whatever its width and length. `min_ms` and `max_cps` give way where the speech leaves no
    room. No cue reaches over a pause of `pause_ms`. A cue stays `hold_ms` after its last word, two
    frames before the next one at the latest; a shorter gap is closed. `offset_ms` moves every cue;
    what would come before 0 is cut. See `timing.pieces` for `case` and `punctuation`.
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
"""How words become cues, by the name that a client gives."""


def cues(
    words: Sequence[TimedWord],
    rules: CueRules,
    duration_ms: int,
    sentence_ends: Collection[int] = (),
    language: str = "en",
) -> tuple[Cue, ...]:
    """Group the words of a script of `duration_ms` into cues, in order, every word in one of them.

    `sentence_ends` are the indices of the words that end a sentence. Of all divisions the cheapest
    for the reader: few cues and even lines, broken at the ends of sentences and clauses, in
    pauses, and not after an article or inside a name. Time grows with the words. `offset_ms` is not
    looked at: see `moved`.
    """
    parts = cue_units(words, rules.case, rules.punctuation, language)
    grouping = _CueSegmentation(parts, rules, duration_ms, costs(parts, sentence_ends, language))
    return tuple(grouping.cues())


class _CueSegmentation:
    """The cheapest division of pieces into cues, by dynamic programming.

    A candidate is a half-open range of pieces. Everything about it, the end of its cue included,
    follows from the range, because the next cue starts with the next piece.
    """

    def __init__(
        self, parts: Sequence[CueUnit], rules: CueRules, duration_ms: int, breaks: Sequence[float]
    ) -> None:
        self._parts = parts
        self._rules = rules
        self._breaks = breaks
        self._spaces = [0 if piece.no_space_before else 1 for piece in parts]
        widths = [width(piece.text) for piece in parts]
        self._columns = [0, *accumulate(map(int.__add__, widths, self._spaces))]
        before = [-1, *(piece.word for piece in parts)]
        self._firsts = [int(a != b.word) for a, b in zip(before, parts, strict=False)]
        self._words = [0, *accumulate(self._firsts)]
        self._ends_inside = [0.0, *accumulate(_INSIDE.get(cost, 0.0) for cost in breaks[1:-1])]
        # By the end of a cue: what it costs with all ends of sentences and clauses before.
        ends = zip(breaks[1:], self._ends_inside, strict=False)
        self._least_costs = [0.0, *(_CUE_COST + cost + inside for cost, inside in ends)]
        # A word that is too long for a line has one of its own.
        self._widest_line = max([rules.max_chars_per_line, *widths])
        self._most_columns = rules.max_chars_per_line * rules.max_lines
        self._two_frames_ms = rules.two_frames_ms
        # By the end of a cue: when the next one starts, or the audio ends; when it can end itself.
        last_ms = max([duration_ms, *(piece.end_ms for piece in parts[-1:])])
        self._next_ms = [*(piece.start_ms for piece in parts), last_ms]
        self._least_end_ms = [0, *map(self._least_end, range(1, len(parts) + 1))]
        gaps = enumerate(pairwise(parts), 1)
        pauses = [i for i, (a, b) in gaps if b.start_ms - a.end_ms >= rules.pause_ms]
        self._pauses = [*pauses, len(parts)]

    def cues(self) -> list[Cue]:
        """The division, in order."""
        count = len(self._parts)
        best = [0.0] + [inf] * count
        origin = [0] * (count + 1)
        for first in range(count):
            before = best[first] - self._ends_inside[first]
            for end in range(first + 1, self._last_candidate(first) + 1):
                least = before + self._least_costs[end]
                if least >= best[end]:
                    continue
                cost = least + self._speed_cost(first, end)
                if cost >= best[end]:
                    continue
                lines = self._lines(first, end)
                if lines is None:
                    break
                if cost + lines[0] < best[end]:
                    best[end], origin[end] = cost + lines[0], first
        found: list[Cue] = []
        end = count
        while end:
            found.append(self._cue(origin[end], end))
            end = origin[end]
        return found[::-1]

    def _speed_cost(self, first: int, end: int) -> float:
        """What it costs that a cue is short, or shows more than can be read in its time."""
        rules = self._rules
        shown_ms = max(1, self._end_ms(first, end) - self._parts[first].start_ms)
        cps = 1000 * self._width(first, end) / shown_ms
        too_short, too_fast = 1 - shown_ms / rules.min_ms, cps / rules.max_cps - 1
        return _TOO_SHORT * max(0.0, too_short) + _TOO_FAST * max(0.0, too_fast)

    def _last_candidate(self, first: int) -> int:
        """The last end within every limit: with more pieces one that is broken stays broken."""
        rules = self._rules
        columns = self._most_columns + self._columns[first] + self._spaces[first]
        ends = [
            self._pauses[bisect_right(self._pauses, first)],
            bisect_right(self._least_end_ms, self._parts[first].start_ms + rules.max_ms) - 1,
            bisect_right(self._columns, columns) - 1,
        ]
        if rules.max_words:
            words = rules.max_words + self._words[first] - (not self._firsts[first])
            ends.append(bisect_right(self._words, words) - 1)
        return max(first + 1, min(ends))

    def _width(self, first: int, end: int) -> int:
        """Columns of the pieces on one line."""
        return self._columns[end] - self._columns[first] - self._spaces[first]

    def _lines(self, first: int, end: int) -> tuple[float, tuple[int, ...]] | None:
        """The cost of the best division into the fewest lines, and the pieces that start one."""
        widest = self._widest_line + 1
        for count in range(ceil((self._width(first, end) + 1) / widest), self._rules.max_lines + 1):
            found = self._divided(first, end, count)
            if found is not None:
                return found
        return None

    def _divided(self, first: int, end: int, count: int) -> tuple[float, tuple[int, ...]] | None:
        limit = self._rules.max_chars_per_line
        if count == 1:
            fits = end - first == 1 or self._width(first, end) <= limit
            return (0.0, ()) if fits else None
        best: tuple[float, tuple[int, ...]] | None = None
        whole = self._width(first, end)
        start = self._columns[first] + self._spaces[first]
        # Of a line that starts here, at least what the lines below cannot hold.
        least = whole - (count - 1) * (self._widest_line + 1)
        for middle in range(max(first + 1, bisect_left(self._columns, least + start)), end):
            own = self._columns[middle] - start
            if own > limit and middle - first > 1:
                break
            cost = _LINE_BREAK_SHARE * self._breaks[middle]
            cost += _UNBALANCED * abs(own - whole / count) / limit
            if best is not None and cost >= best[0]:
                continue
            rest = self._divided(middle, end, count - 1)
            if rest is not None and (best is None or cost + rest[0] < best[0]):
                best = cost + rest[0], (middle, *rest[1])
        return best

    def _least_end(self, end: int) -> int:
        """The earliest end: of the last word, or of a gap after it too short to stay open."""
        spoken_ms, next_ms = self._parts[end - 1].end_ms, self._next_ms[end]
        if self._rules.hold_ms and next_ms - spoken_ms < self._two_frames_ms:
            return next_ms
        return spoken_ms

    def _end_ms(self, first: int, end: int) -> int:
        """When the cue of these pieces goes."""
        rules = self._rules
        start_ms, spoken_ms = self._parts[first].start_ms, self._parts[end - 1].end_ms
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
            self._parts[first].start_ms,
            self._end_ms(first, end),
            tuple(tuple(self._parts[a:b]) for a, b in pairwise(edges)),
        )


def shifted(given: Sequence[Cue], offset_ms: int) -> tuple[Cue, ...]:
    """The cues `offset_ms` later; of those before 0 only what lasts at least 20 ms after it."""
    if not offset_ms:
        return tuple(given)

    def at(ms: int) -> int:
        return max(0, ms + offset_ms)

    return tuple(
        Cue(
            at(cue.start_ms),
            at(cue.end_ms),
            tuple(
                tuple(
                    piece._replace(start_ms=at(piece.start_ms), end_ms=at(piece.end_ms))
                    for piece in line
                )
                for line in cue.lines
            ),
        )
        for cue in given
        if at(cue.end_ms) - at(cue.start_ms) >= MIN_WORD_MS
    )

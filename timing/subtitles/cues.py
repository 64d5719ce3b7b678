"""Words are grouped into cues: a cue is the text on the screen at one time."""

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from math import ceil, inf

from errors import CancelCheck, never_cancelled
from timing.subtitles import limits
from timing.subtitles.breaks import CLAUSE, SENTENCE, costs
from timing.subtitles.lines import LineDivisions
from timing.subtitles.units import CueUnit, cue_units, join
from timing.token_times import MIN_WORD_MS
from timing.words import TimedWord
from unicode_sets import CLOSING

_CUE_COST = 5.0
"""Of every cue, so that few are made. All costs are in the unit of breaks.py."""
_COST_INSIDE = {SENTENCE: 10.0, CLAUSE: 1.0}
"""Of the end of a sentence or clause inside a cue."""
_TOO_SHORT, _TOO_FAST = 40.0, 15.0
"""Of a cue without any time, and of one twice as fast to read as `max_cps`."""
_ALONE = 12.0
"""Of a cue of one word, unless the word is a sentence."""
_SHARED_S = 2.0
"""Of each second of a cue that two speakers share: a quick exchange is read at once, a long one
would show an answer before it is given."""
_NO_ANSWER = 1.0
"""Of a cue that two speakers share where the second one answers no question."""

SPEAKERS = ("dash", "prefix", "none")
"""What a request may say of speakers (API.md)."""
DASH = "- "
"""Before each of two speakers' lines."""
_QUESTION_MARKS = ("?", "？", "؟")


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
    columns: `max_chars_per_line` by language (ISO 639-1), where it differs.
    max_words: 0 is no limit.
    min_ms, max_ms: how long a cue is shown; a single word is shown as long as it is spoken.
    max_cps: characters a second. It and `min_ms` are exceeded where the speech leaves no room.
    cps: `max_cps` by language, where it differs.
    pause_ms: a cue never spans a pause of this length.
    hold_ms: how long a cue stays after its last word. Between two cues are two frames then, or this
        time and more. 0: cues end with their words, and may touch.
    frame_rate: of the video, frames a second.
    on_frames: whether cues start and end with frames of the video.
    speaker: one of SPEAKERS. Another speaker always starts a line. `dash`: in a cue of two lines or
        more, two speakers may have a line each, with a dash before it. `prefix`: each turn starts
        with the speaker's name. `none`: neither.
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
    on_frames: bool = False
    speaker: str = "dash"
    case: str = "keep"
    punctuation: str = "keep"
    offset_ms: int = 0
    columns: Mapping[str, int] = field(default_factory=dict)
    cps: Mapping[str, float] = field(default_factory=dict)

    @property
    def two_frames_ms(self) -> int:
        """The shortest gap between two cues, where cues stay after their words."""
        return ceil(2000 / self.frame_rate)

    def for_language(self, language: str) -> "CueRules":
        """The rules with the limits of a language (ISO 639-1)."""
        return replace(
            self,
            max_chars_per_line=self.columns.get(language, self.max_chars_per_line),
            max_cps=self.cps.get(language, self.max_cps),
        )


_SOCIAL = CueRules(max_chars_per_line=20, max_words=4, min_ms=300, max_ms=2500, pause_ms=350)
_STANDARD = CueRules(
    max_chars_per_line=42,
    max_lines=2,
    min_ms=833,
    max_ms=7000,
    max_cps=20,
    hold_ms=500,
    columns=limits.FULL_WIDTH_COLUMNS,
    cps=limits.FULL_WIDTH_CPS,
)
PRESETS: dict[str, CueRules] = {
    "word": CueRules(max_chars_per_line=20, max_words=1, max_ms=86_400_000),
    "standard": _STANDARD,
    "netflix": replace(
        _STANDARD, max_cps=17, on_frames=True, columns=limits.COLUMNS, cps=limits.CPS
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
    speakers: Sequence[str] = (),
) -> tuple[Cue, ...]:
    """Group the words of a script into cues, in order, every word in one of them.

    words: with their times.
    rules: `offset_ms` and `on_frames` are ignored here, see `shifted` and
        `timing.subtitles.frames`.
    duration_ms: the length of the audio.
    sentence_ends: the indices of the words that end a sentence.
    language: ISO 639-1; breaks after articles and prepositions are avoided in those of breaks.py.
    check: called for each word; an exception from it ends the work.
    speakers: the name of each word's speaker; empty if the speakers are not known.

    The result is the cheapest of all divisions for the reader: few cues and even lines, broken at
    the ends of sentences and clauses and in pauses, not after an article or inside a name. The time
    for it is proportional to the number of words.
    """
    rules = rules.for_language(language)
    units = cue_units(words, rules.case, rules.punctuation, language)
    breaks = costs(units, sentence_ends, language)
    # Where all words have the same speaker, nobody has to be told apart.
    names = [speakers[unit.word] for unit in units] if len({*speakers}) > 1 else []
    turns = [index for index, (a, b) in enumerate(pairwise(names), 1) if a != b]
    for turn in turns:
        breaks[turn] = SENTENCE
    if rules.speaker == "prefix" and names:
        for turn in (0, *turns):
            units[turn] = _prefixed(units[turn], f"{names[turn]}: " if names[turn] else "")
    return tuple(_CueSegmentation(units, rules, duration_ms, breaks, names, turns).cues(check))


def _prefixed(unit: CueUnit, prefix: str) -> CueUnit:
    return unit._replace(text=prefix + unit.text)


class _CueSegmentation:
    """The cheapest division of units into cues, by dynamic programming.

    A candidate is a half-open range of units. Its cost and the end of its cue follow from the range
    alone, because the next cue starts with the next unit.

    units: what cues are made of.
    breaks: the cost of a break before each unit, shape (units + 1,).
    names: the speaker of each unit; empty if there is one speaker.
    turns: the units that start another speaker's turn.
    """

    def __init__(
        self,
        units: Sequence[CueUnit],
        rules: CueRules,
        duration_ms: int,
        breaks: Sequence[float],
        names: Sequence[str],
        turns: Sequence[int],
    ) -> None:
        self._units = units
        self._rules = rules
        self._breaks = breaks
        self._names = names
        self._turns = [*turns, len(units)]
        self._lines = LineDivisions(units, breaks, rules.max_chars_per_line, rules.max_lines)
        before = [-1, *(unit.word for unit in units)]
        self._starts_word = [int(a != b.word) for a, b in zip(before, units, strict=False)]
        self._words = [0, *accumulate(self._starts_word)]
        inside = [_COST_INSIDE.get(cost, 0.0) for cost in breaks[1:-1]]
        for turn in turns:
            # A cue that two speakers share has a cost of its own.
            inside[turn - 1] = 0.0
        self._ends_inside = [0.0, *accumulate(inside)]
        # By the end of a cue: its least cost, plus that of all ends of clauses before its end. Less
        # those before its start, they are the ends of clauses inside the cue.
        ends = zip(breaks[1:], self._ends_inside, strict=False)
        self._least_costs = [0.0, *(_CUE_COST + cost + inside for cost, inside in ends)]
        # By the end of a cue: when the next one starts or the audio ends, and when it must end.
        last_ms = max([duration_ms, *(unit.end_ms for unit in units[-1:])])
        self._next_ms = [*(unit.start_ms for unit in units), last_ms]
        gap_ms = rules.two_frames_ms if rules.hold_ms else 0
        self._latest_ms = [*(ms - gap_ms for ms in self._next_ms[:-1]), last_ms]
        self._spoken_ms = [0, *(unit.end_ms for unit in units)]
        gaps = enumerate(pairwise(units), 1)
        pauses = [i for i, (a, b) in gaps if b.start_ms - a.end_ms >= rules.pause_ms]
        self._pauses = [*pauses, len(units)]

    def cues(self, check: CancelCheck) -> list[Cue]:
        """The division, in order. `check` is called for each unit."""
        count = len(self._units)
        best = [0.0] + [inf] * count
        origin = [0] * (count + 1)
        # By the end of a cue: where the second speaker's line starts, 0 if it has one speaker.
        second = [0] * (count + 1)
        for first in range(count):
            check()
            self._lines.forget(first)
            before = best[first] - self._ends_inside[first]
            turn = self._turns[bisect_right(self._turns, first)]
            last = self._last_candidate(first)
            for end in range(first + 1, min(last, turn) + 1):
                least = before + self._least_costs[end]
                # The costs that are still to be added are never negative.
                if least >= best[end]:
                    continue
                cost = least + self._reading_cost(first, end)
                if cost >= best[end]:
                    continue
                lines = self._lines.best(first, end)
                # More units would not fit either.
                if lines is None:
                    break
                if cost + lines[0] < best[end]:
                    best[end], origin[end], second[end] = cost + lines[0], first, 0
            for end in self._shared_ends(first, turn, last) if turn < last else ():
                cost = before + self._least_costs[end] + self._shared_cost(first, turn, end)
                if cost < best[end]:
                    best[end], origin[end], second[end] = cost, first, turn
        backwards: list[Cue] = []
        end = count
        while end:
            backwards.append(self._cue(origin[end], end, second[end]))
            end = origin[end]
        return backwards[::-1]

    def _shared_ends(self, first: int, turn: int, last: int) -> list[int]:
        """Where a cue may end that shows the rest of a turn and the start of the next one.

        Each speaker has one line, and says whole sentences in it.
        """
        rules = self._rules
        if rules.speaker != "dash" or rules.max_lines < 2:
            return []
        if self._breaks[first] != SENTENCE or not self._lines.fits(first, turn, len(DASH)):
            return []
        ends: list[int] = []
        for end in range(turn + 1, min(last, self._turns[bisect_right(self._turns, turn)]) + 1):
            if not self._lines.fits(turn, end, len(DASH)):
                break
            if self._breaks[end] == SENTENCE:
                ends.append(end)
        return ends

    def _shared_cost(self, first: int, turn: int, end: int) -> float:
        """The cost of a cue that two speakers share, the second one from `turn` on."""
        seconds = (self._spoken_ms[end] - self._units[first].start_ms) / 1000
        asked = self._units[turn - 1].written.rstrip(CLOSING).endswith(_QUESTION_MARKS)
        cost = _SHARED_S * seconds + self._reading_cost(first, end)
        return cost if asked else cost + _NO_ANSWER

    def _reading_cost(self, first: int, end: int) -> float:
        """The cost of a cue that is short, shows more than can be read in its time, or one word."""
        rules = self._rules
        shown_ms = max(1, self._end_ms(first, end) - self._units[first].start_ms)
        too_fast = 1000 * self._lines.width(first, end) / shown_ms / rules.max_cps - 1
        cost = _TOO_FAST * too_fast if too_fast > 0 else 0.0
        if shown_ms < rules.min_ms:
            cost += _TOO_SHORT * (1 - shown_ms / rules.min_ms)
        is_sentence = self._breaks[first] == self._breaks[end] == SENTENCE
        is_alone = end - first == 1 and rules.max_words != 1 and not is_sentence
        return cost + _ALONE if is_alone else cost

    def _last_candidate(self, first: int) -> int:
        """The last end within every limit. More units only exceed a limit further."""
        rules = self._rules
        ends = [
            self._pauses[bisect_right(self._pauses, first)],
            bisect_right(self._spoken_ms, self._units[first].start_ms + rules.max_ms) - 1,
            bisect_right(self._lines.columns, self._lines.most_columns(first)) - 1,
        ]
        if rules.max_words:
            words = rules.max_words + self._words[first] - (not self._starts_word[first])
            ends.append(bisect_right(self._words, words) - 1)
        return max(first + 1, min(ends))

    def _end_ms(self, first: int, end: int) -> int:
        """When the cue of these units is taken from the screen."""
        rules = self._rules
        start_ms, spoken_ms = self._units[first].start_ms, self._spoken_ms[end]
        next_ms, latest_ms = self._next_ms[end], self._latest_ms[end]
        if not rules.hold_ms:
            return min(next_ms, max(spoken_ms, start_ms + rules.min_ms))
        longest_ms = max(start_ms + rules.max_ms, spoken_ms)
        end_ms = min(max(spoken_ms + rules.hold_ms, start_ms + rules.min_ms), longest_ms)
        # A short gap before the next cue would be a flicker.
        is_short = next_ms - end_ms < rules.hold_ms and end < len(self._units)
        if end_ms > latest_ms or (is_short and latest_ms <= longest_ms):
            end_ms = latest_ms
        # A cue too short for the gap keeps what its words have at least.
        least_ms = start_ms + MIN_WORD_MS * (end - first)
        return end_ms if end_ms >= least_ms else max(end_ms, min(least_ms, next_ms))

    def _cue(self, first: int, end: int, second: int) -> Cue:
        lines = self._lines.best(first, end)
        inner = (second,) if second else lines[1] if lines else ()
        edges = [first, *inner, end]
        made = [self._units[a:b] for a, b in pairwise(edges)]
        if second:
            made = [[_prefixed(line[0], DASH), *line[1:]] for line in made]
        start_ms, end_ms = self._units[first].start_ms, self._end_ms(first, end)
        voices = tuple(self._names[edge] for edge in edges[:-1]) if self._names else ()
        return Cue(start_ms, end_ms, within(made, start_ms, end_ms), voices)


def within(
    lines: Sequence[Sequence[CueUnit]], start_ms: int, end_ms: int
) -> tuple[tuple[CueUnit, ...], ...]:
    """The lines of a cue, with words that end after it cut to its time."""
    limit_ms = end_ms
    turned: list[list[CueUnit]] = [[*line] for line in lines]
    for line in reversed(turned):
        for index in reversed(range(len(line))):
            unit = line[index]
            if unit.end_ms <= limit_ms:
                return tuple(map(tuple, turned))
            # The last word of a quick cue gets its time from the word before it.
            from_ms = min(unit.start_ms, max(start_ms, limit_ms - MIN_WORD_MS))
            line[index] = unit._replace(start_ms=from_ms, end_ms=limit_ms)
            limit_ms = from_ms
    return tuple(map(tuple, turned))


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

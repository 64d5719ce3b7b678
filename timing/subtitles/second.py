"""A second language: the sentences of its text stand beside those of the first, cue by cue."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain, pairwise, product
from math import ceil
from typing import ClassVar

from errors import WorkerError
from timing.subtitles.breaks import costs
from timing.subtitles.cues import Cue, CueRules
from timing.subtitles.units import CueUnit, cue_units, join, width
from timing.token_times import ESTIMATE
from timing.unspaced import characters
from timing.words import TimedWord, sentences
from tts.speech import Script

POSITIONS = ("under", "over")
"""Where the second language stands, by the name that a client gives (API.md)."""

_UNEVEN, _EVEN = 8.0, 40.0
"""Of a part that is longer than its share of the sentence by a whole part, or shorter, in the unit
of breaks.py: a comma is taken where it lies less than half a part away. The second one is for lines
that do not fit otherwise."""
_TRIES = 3
"""How many numbers of lines are tried before lines are filled one after the other."""
_LETTER_MS = 1000
"""The second language is not spoken; its units need some length, or they would be joined."""


class SentencesDiffer(WorkerError):
    """Two texts that cannot be shown together, because their sentences do not match."""

    code: ClassVar[str] = "text_rejected"

    def __init__(self, first: int, second: int) -> None:
        super().__init__(
            f"the text has {_counted(first)} and subtitles.second.text has {_counted(second)}; "
            "give both the same number, because each sentence is shown with its translation (a "
            "blank line ends a sentence too)"
        )


@dataclass(frozen=True)
class SecondText:
    """The text of the second language.

    script: its words as written; nothing of it is spoken.
    language: ISO 639-1.
    over: whether it stands over the first language's lines, else under them.
    """

    script: Script
    language: str
    over: bool = False


def check_sentences(script: Script, second: SecondText) -> None:
    """Raise SentencesDiffer unless both texts have the same number of sentences."""
    counts = len(sentences(script)), len(sentences(second.script))
    if counts[0] != counts[1]:
        raise SentencesDiffer(*counts)


def with_second(
    cues: Sequence[Cue], owned: Sequence[range], second: SecondText, rules: CueRules
) -> tuple[Cue, ...]:
    """The cues with the lines of the second language.

    cues: of the whole script.
    owned: the script's words by sentence, as `sentences` gives them.
    second: has as many sentences; see `check_sentences`.
    rules: for the width of lines, `case` and `punctuation`.

    A sentence that several cues show is divided among them in proportion to what each shows of the
    first language, between words, and at the end of a clause where one is near. If it has fewer
    words than the first language has cues, several cues show the same part. The time is
    proportional to the length of both texts.
    """
    ranges = sentences(second.script)
    by_sentence = _units(second, ranges, rules)
    units = list(chain.from_iterable(by_sentence))
    breaks = costs(units, {words[-1] for words in ranges}, second.language)
    division = _Division(units, breaks)
    edges = [0, *accumulate(map(len, by_sentence))]
    shown: dict[int, tuple[int, int]] = {}
    for (first, end), share in zip(pairwise(edges), _shares(cues, owned), strict=True):
        parts = _without_empty(division.divide(first, end, list(share.values())))
        for index, part in zip(share, parts, strict=False):
            # A cue with several sentences shows the same ones in both languages.
            shown[index] = (shown[index][0] if index in shown else part[0], part[1])
    limit = rules.max_chars_per_line
    return tuple(
        replace(cue, second=division.lines(*shown[index], limit)) if index in shown else cue
        for index, cue in enumerate(cues)
    )


def join_lines(lines: Sequence[str]) -> str:
    """Lines as one, with a space where one was broken, none in a script without spaces."""
    parts = list(lines[:1])
    for before, line in pairwise(lines):
        parts += ["" if len(characters(before[-1:] + line[:1])) > 1 else " ", line]
    return "".join(parts)


def _units(second: SecondText, ranges: Sequence[range], rules: CueRules) -> list[list[CueUnit]]:
    """What is shown of each sentence; ranges: its words."""
    words = _words(second.script)
    return [
        [
            unit._replace(word=part.start + unit.word)
            for unit in cue_units(
                words[part.start : part.stop], rules.case, rules.punctuation, second.language
            )
        ]
        for part in ranges
    ]


def _shares(cues: Sequence[Cue], owned: Sequence[range]) -> list[dict[int, int]]:
    """For each sentence of the first language the cues that show it, and columns of each cue."""
    sentence_of = list(chain.from_iterable([index] * len(part) for index, part in enumerate(owned)))
    shares: list[dict[int, int]] = [{} for _ in owned]
    word = -1
    for index, cue in enumerate(cues):
        for unit in chain.from_iterable(cue.lines):
            # A unit may stand for words that are not shown, of the sentence before too.
            begun = sentence_of[min(word + 1, unit.word)]
            for share in shares[begun : sentence_of[unit.word] + 1]:
                share[index] = share.get(index, 0) + width(unit.text)
            word = unit.word
    return shares


class _Division:
    """Cuts units into parts of given sizes.

    units: of a whole text.
    breaks: the cost of a break before each unit, shape (units + 1,).
    """

    def __init__(self, units: Sequence[CueUnit], breaks: Sequence[float]) -> None:
        self._units = units
        self._breaks = breaks
        sizes = (width(unit.text) + (not unit.no_space_before) for unit in units)
        self._columns = [0, *accumulate(sizes)]

    def divide(
        self, first: int, end: int, weights: Sequence[int], uneven: float = _UNEVEN
    ) -> list[tuple[int, int]]:
        """The units from `first` to `end` in one part for each weight, which may be empty.

        uneven: the cost of a part that has twice its share, or nothing of it.

        A break lies nearer to its own place than to the places of its neighbours, so each unit is
        looked at once.
        """
        start, total = self._columns[first], self._columns[end] - self._columns[first]
        whole = max(1, sum(weights))
        places = [start + total * weight / whole for weight in (0, *accumulate(weights))]
        edges = [first]
        for before, place, after in zip(places, places[1:], places[2:], strict=False):
            middles = (before + place) / 2, (place + after) / 2
            low, high = (bisect_right(self._columns, at, edges[-1], end) for at in middles)
            inner = range(max(low, edges[-1] + 1), high)
            edges.append(
                min(
                    inner,
                    key=lambda at: self._cost(at, place, max(1.0, (after - before) / 2) / uneven),
                )
                if inner
                else edges[-1]
            )
        return list(pairwise([*edges, end]))

    def lines(self, first: int, end: int, limit: int) -> tuple[str, ...]:
        """The units as even lines of at most `limit` columns; a wider unit has its own line."""
        if first == end:
            return ()
        least = ceil(max(1, self._width(first, end)) / limit)
        for count, uneven in product(range(least, least + _TRIES), (_UNEVEN, _EVEN)):
            divided = self.divide(first, end, [1] * count, uneven)
            parts = [part for part in divided if part[0] < part[1]]
            if all(self._fits(*part, limit) for part in parts):
                break
        else:
            parts = self._filled(first, end, limit)
        return tuple(join(self._units[a:b]) for a, b in parts)

    def _filled(self, first: int, end: int, limit: int) -> list[tuple[int, int]]:
        """Lines with as many units as each can hold."""
        edges = [first]
        for at in range(first + 1, end):
            if not self._fits(edges[-1], at + 1, limit):
                edges.append(at)
        return list(pairwise([*edges, end]))

    def _fits(self, first: int, end: int, limit: int) -> bool:
        return end - first == 1 or self._width(first, end) <= limit

    def _width(self, first: int, end: int) -> int:
        columns = self._columns[end] - self._columns[first]
        return columns - (not self._units[first].no_space_before)

    def _cost(self, at: int, place: float, columns: float) -> float:
        """Of a break before a unit: 1 more for each `columns` from the best place for it."""
        return self._breaks[at] + abs(self._columns[at] - place) / columns


def _without_empty(parts: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The parts with the one before in the place of an empty one, or the first one that is not."""
    kept = next((part for part in parts if part[0] < part[1]), None)
    if kept is None:
        return []
    filled: list[tuple[int, int]] = []
    for part in parts:
        kept = part if part[0] < part[1] else kept
        filled.append(kept)
    return filled


def _words(script: Script) -> list[TimedWord]:
    """The words one after the other, each as long as its letters."""
    ends_ms = [0, *accumulate(_LETTER_MS * len(word.text) for word in script.words)]
    ends = [-1, *(word.char_end for word in script.words)]
    return [
        TimedWord(
            word=word.text,
            start_ms=start_ms,
            end_ms=end_ms,
            confidence=0.0,
            source=ESTIMATE,
            is_heard=False,
            spoken=word.text if any(map(str.isalnum, word.text)) else "",
            chunk=0,
            no_space_before=word.char_start == end,
            shown=word.shown,
        )
        for word, end, (start_ms, end_ms) in zip(
            script.words, ends, pairwise(ends_ms), strict=False
        )
    ]


def _counted(sentences: int) -> str:
    return f"{sentences} sentence" + ("" if sentences == 1 else "s")

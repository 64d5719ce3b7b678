"""A second language: the sentences of its text stand beside those of the first, cue by cue."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, chain, pairwise, product
from math import ceil
from typing import ClassVar

from errors import WorkerError
from messages import quote_value
from timing.subtitles.breaks import costs
from timing.subtitles.cues import Cue, CueRules
from timing.subtitles.shown import WORDS_ALONE, ShownRules, with_shown
from timing.subtitles.units import CueUnit, cue_units, join, width
from timing.token_times import ESTIMATE, TimedToken, WindowAlignment
from timing.unspaced import characters
from timing.words import TimedWord, sentences, time_words
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
_MAX_WORD = 500
"""Characters. A word that stands for a sentence may be shown by each of its cues."""


class SentencesDiffer(WorkerError):
    """Two texts that cannot be shown together, because their sentences do not match."""

    code: ClassVar[str] = "text_rejected"

    def __init__(self, first: int, second: int) -> None:
        super().__init__(
            f"the text has {_counted(first)} and subtitles.second.text has {_counted(second)}; "
            "give both the same number, because each sentence is shown with its translation (a "
            "blank line ends a sentence too)"
        )


class WordTooLong(WorkerError):
    """A second language with a word that is too long to be shown."""

    code: ClassVar[str] = "text_rejected"

    def __init__(self, word: str) -> None:
        super().__init__(
            f"subtitles.second.text has a word of {len(word)} characters, {quote_value(word)}; "
            f"put spaces into it, or shorten it to {_MAX_WORD}"
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


def check_second(script: Script, second: SecondText) -> None:
    """Raise SentencesDiffer unless both texts have the same number of sentences, and WordTooLong
    for a word that is too long to be shown."""
    for part in (part for word in second.script.words for part in characters(word.text)):
        if len(part) > _MAX_WORD:
            raise WordTooLong(part)
    counts = len(sentences(script)), len(sentences(second.script))
    if counts[0] != counts[1]:
        raise SentencesDiffer(*counts)


def with_second(
    cues: Sequence[Cue],
    owned: Sequence[range],
    second: SecondText,
    rules: CueRules,
    shown: ShownRules = WORDS_ALONE,
) -> tuple[Cue, ...]:
    """The cues with the lines of the second language.

    cues: of the whole script.
    owned: the script's words by sentence, as `sentences` gives them.
    second: has as many sentences; see `check_second`.
    rules: for the width of lines, `case` and `punctuation`.
    shown: what captions show for the words of both languages.

    A sentence that several cues show is divided among them in proportion to what each shows of the
    first language, between words, and at the end of a clause where one is near. If it has fewer
    words than the first language has cues, several cues show the same part. The time is
    proportional to the length of both texts.
    """
    words = with_shown(_words(second.script), shown)
    ranges = _ranges(second.script, words)
    by_sentence = _units(words, ranges, second.language, rules)
    units = list(chain.from_iterable(by_sentence))
    breaks = costs(units, {part[-1] for part in ranges}, second.language)
    division = _Division(units, breaks)
    edges = [0, *accumulate(map(len, by_sentence))]
    parts: dict[int, tuple[int, int]] = {}
    for (first, end), share in zip(pairwise(edges), _shares(cues, owned), strict=True):
        divided = _without_empty(division.divide(first, end, list(share.values())))
        for index, part in zip(share, divided, strict=False):
            # A cue with several sentences shows the same ones in both languages.
            parts[index] = (parts[index][0] if index in parts else part[0], part[1])
    limit = rules.for_language(second.language).max_chars_per_line
    return tuple(
        replace(cue, second=division.lines(*parts[index], limit)) if index in parts else cue
        for index, cue in enumerate(cues)
    )


def join_lines(lines: Sequence[str]) -> str:
    """Lines as one, with a space where one was broken, none in a script without spaces."""
    parts = list(lines[:1])
    for before, line in pairwise(lines):
        parts += ["" if len(characters(before[-1:] + line[:1])) > 1 else " ", line]
    return "".join(parts)


def _units(
    words: Sequence[TimedWord], ranges: Sequence[range], language: str, rules: CueRules
) -> list[list[CueUnit]]:
    """What is shown of each sentence; ranges: its words."""
    return [
        [
            unit._replace(word=part.start + unit.word)
            for unit in cue_units(
                words[part.start : part.stop], rules.case, rules.punctuation, language
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
            sentence = sentence_of[unit.word]
            share = shares[sentence]
            share[index] = share.get(index, 0) + width(unit.text)
            # A unit may stand for words before it, and so for a whole sentence that nothing shows.
            for missing in shares[sentence_of[min(word + 1, unit.word)] : sentence]:
                if not missing:
                    missing[index] = 1
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


def _words(script: Script) -> tuple[TimedWord, ...]:
    """The words one after the other, each long enough for its letters."""
    lengths_ms = [_LETTER_MS * (1 + token.char_end - token.char_start) for token in script.tokens]
    edges_ms = [0, *accumulate(lengths_ms)]
    times = [TimedToken(start_ms, end_ms, 0.0) for start_ms, end_ms in pairwise(edges_ms)]
    aligned = WindowAlignment(ESTIMATE, times, edges_ms[-1])
    return time_words(script, [0] * len(script.words), [aligned], edges_ms[-1])


def _ranges(script: Script, words: Sequence[TimedWord]) -> list[range]:
    """The words by sentence; the bullet or the emoji before a sentence belongs to it."""
    firsts = [part.start for part in sentences(script)]
    for index, first in enumerate(firsts[1:], 1):
        at = first
        while at > firsts[index - 1] + 1 and words[at - 1].is_silent:
            at -= 1
            firsts[index] = at if words[at].joins_next else firsts[index]
    return [range(a, b) for a, b in pairwise([*firsts, len(words)])]


def _counted(sentences: int) -> str:
    return f"{sentences} sentence" + ("" if sentences == 1 else "s")

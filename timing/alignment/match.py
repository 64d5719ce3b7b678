"""Words that a recogniser heard, mapped onto the words that were to be spoken; none gets lost."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from timing.alignment.estimate import CONFIDENCE, speaking_weight
from timing.token_times import Character, TokenTime
from timing.unspaced import characters
from timing.words import to_integer_spans
from tts.speech import RecognizedWord, Token

_EQUAL, _SIMILAR, _DIFFERENT, _SKIPPED = 20, 5, -10, -7
_ALIKE = 0.5
_SIMILAR_SHARE = 0.8
_LETTERS = re.compile(r"[^\W_]+")


class _Unit(NamedTuple):
    """What is paired: a word, or a character of a script without spaces, and whose it is."""

    text: str
    owner: int

    @property
    def key(self) -> str:
        return "".join(_LETTERS.findall(self.text.casefold()))


def match(
    tokens: Sequence[str], heard: Sequence[RecognizedWord], duration_ms: float
) -> list[TokenTime]:
    """A time for every token, in order, at least 20 ms each where there is room.

    Equal and similar words are paired by the best global alignment (Needleman-Wunsch, both lists
    times each other in time and memory), those of scripts without spaces character by character.
    Between two pairs, tokens share by syllables the time of the words that were heard in their
    place ("1967" for "nineteen sixty seven"), or the gap; they are not `heard`.
    """
    if not tokens:
        return []
    units = _units(tokens)
    times = _times(units, _spread(heard), duration_ms)
    by_owner = groupby(zip(units, times, strict=True), key=lambda pair: pair[0].owner)
    whole = [_whole(list(group)) for _, group in by_owner]
    last_ms = max(whole[-1].end_ms, whole[-1].start_ms)
    settled = to_integer_spans(
        [(t.start_ms, t.end_ms) for t in whole], round(duration_ms - 0.5), last_ms
    )
    return [
        time._replace(start_ms=float(start_ms), end_ms=float(end_ms))
        for time, (start_ms, end_ms) in zip(whole, settled, strict=True)
    ]


def _units(words: Sequence[str]) -> list[_Unit]:
    return [
        _Unit(text, index) for index, word in enumerate(words) for text in characters(word or " ")
    ]


def _spread(heard: Sequence[RecognizedWord]) -> list[RecognizedWord]:
    """Heard words by unit, each with an equal share of its word's time."""
    units = _units([word.text for word in heard])
    counts = Counter(unit.owner for unit in units)
    found: list[RecognizedWord] = []
    for owner, group in groupby(units, key=lambda unit: unit.owner):
        word = heard[owner]
        edges = np.linspace(word.start_ms, word.end_ms, counts[owner] + 1)
        found += [
            RecognizedWord(unit.text, float(a), float(b), word.confidence)
            for unit, (a, b) in zip(group, pairwise(edges), strict=True)
        ]
    return found


def _whole(parts: Sequence[tuple[_Unit, TokenTime]]) -> TokenTime:
    """A token's time from those of its units."""
    times = [time for _, time in parts]
    letters = [Character(unit.text, time.start_ms, time.end_ms) for unit, time in parts]
    return TokenTime(
        times[0].start_ms,
        times[-1].end_ms,
        sum(time.score for time in times) / len(times),
        any(time.heard for time in times),
        tuple(letters) if len(letters) > 1 else (),
    )


def _times(
    units: Sequence[_Unit], heard: Sequence[RecognizedWord], duration_ms: float
) -> list[TokenTime]:
    heard_keys = [unit.key for unit in (_Unit(word.text, 0) for word in heard)]
    pairs = _pairs([unit.key for unit in units], heard_keys)
    times: list[TokenTime] = []
    last_unit = last_word = -1
    for unit, word in [*pairs, (len(units), len(heard))]:
        missing = units[last_unit + 1 : unit]
        instead = heard[last_word + 1 : word]
        before_ms = heard[last_word].end_ms if last_word >= 0 else 0.0
        after_ms = heard[word].start_ms if word < len(heard) else duration_ms
        times += _shared(missing, instead, before_ms, after_ms)
        if unit < len(units):
            found = heard[word]
            share = 1.0 if heard_keys[word] == units[unit].key else _SIMILAR_SHARE
            times.append(TokenTime(found.start_ms, found.end_ms, share * found.confidence))
        last_unit, last_word = unit, word
    return times


def _pairs(spoken: Sequence[str], heard: Sequence[str]) -> list[tuple[int, int]]:
    """Indices of the words that belong together, in order."""
    scores = _scores(spoken, heard)
    skipped = _SKIPPED * np.arange(len(heard) + 1, dtype=np.int32)
    best = np.zeros((len(spoken) + 1, len(heard) + 1), np.int32)
    best[0] = skipped
    for i in range(len(spoken)):
        row = best[i] + _SKIPPED
        row[1:] = np.maximum(row[1:], best[i, :-1] + scores[i])
        best[i + 1] = np.maximum.accumulate(row - skipped) + skipped
    found: list[tuple[int, int]] = []
    i, j = len(spoken), len(heard)
    while i and j:
        if best[i, j] == best[i - 1, j - 1] + scores[i - 1, j - 1]:
            i, j = i - 1, j - 1
            if scores[i, j] > 0:
                found.append((i, j))
        elif best[i, j] == best[i - 1, j] + _SKIPPED:
            i -= 1
        else:
            j -= 1
    return found[::-1]


def _scores(spoken: Sequence[str], heard: Sequence[str]) -> npt.NDArray[np.int8]:
    """How well each two words fit: equal, alike (they share half of their pairs of letters), or
    not; shape (spoken, heard)."""
    words = list(dict.fromkeys([*spoken, *heard]))
    places = {word: place for place, word in enumerate(words)}
    pairs = [{word[i : i + 2] for i in range(len(word) - 1)} for word in words]
    columns = {pair: column for column, pair in enumerate(sorted(set().union(*pairs)))}
    has = np.zeros((len(words), len(columns)), np.float32)
    for row, own in enumerate(pairs):
        has[row, [columns[pair] for pair in own]] = 1
    rows, others = ([places[word] for word in side] for side in (spoken, heard))
    mine, theirs = sorted(set(rows)), sorted(set(others))
    counts = has.sum(axis=1)
    shared = 2 * has[mine] @ has[theirs].T
    alike = shared >= _ALIKE * np.maximum(1, counts[mine][:, None] + counts[theirs])
    table = np.where(alike, _SIMILAR, _DIFFERENT).astype(np.int8)
    table[np.equal.outer(mine, theirs)] = _EQUAL
    return table[np.ix_(np.searchsorted(mine, rows), np.searchsorted(theirs, others))]


def _shared(
    missing: Sequence[_Unit], instead: Sequence[RecognizedWord], before_ms: float, after_ms: float
) -> list[TokenTime]:
    """Times of units that were not heard, between two that were."""
    if not missing:
        return []
    if instead:
        start_ms, end_ms = instead[0].start_ms, instead[-1].end_ms
    else:
        start_ms, end_ms = before_ms, after_ms
    weights = [speaking_weight(Token(0, 0, 0, unit.text)) for unit in missing]
    edges = np.concatenate(([0.0], np.cumsum(weights))) / sum(weights)
    edges = start_ms + edges * max(0.0, end_ms - start_ms)
    return [TokenTime(float(a), float(b), CONFIDENCE, heard=False) for a, b in pairwise(edges)]

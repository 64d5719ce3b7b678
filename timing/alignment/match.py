"""Recognised words are mapped onto the words that should be spoken; none of these is lost."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import groupby, pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from timing.alignment.estimate import ESTIMATE_CONFIDENCE, speaking_weight
from timing.token_times import TimedCharacter, TimedToken, separate_tokens
from timing.unspaced import characters
from tts.speech import RecognizedWord, Token

_EQUAL, _SIMILAR, _DIFFERENT, _SKIPPED = 20, 5, -10, -7
"""Scores of a pair of words, and of a word without a partner. Two skipped words (-14) score less
than a pair of different ones (-10), so different words in the same place go together."""
_MIN_SHARED_BIGRAMS = 0.5
"""Two words are similar if they share this part of the letter pairs of both ("color", "colour")."""
_SIMILAR_CONFIDENCE = 0.8
"""The confidence of a similar word, as a part of an equal one's."""
_LETTERS = re.compile(r"[^\W_]+")


class _Unit(NamedTuple):
    """What is paired: a word, or a character of a script without spaces.

    `owner` is the index of the word that it belongs to.
    """

    text: str
    owner: int

    @property
    def key(self) -> str:
        """What is compared: letters and digits, without case."""
        return "".join(_LETTERS.findall(self.text.casefold()))


def match(
    tokens: Sequence[str], recognized: Sequence[RecognizedWord], duration_ms: float
) -> list[TimedToken]:
    """Give every token a time, in order, at least 20 ms each where there is room. Not rounded.

    tokens: the words that should be spoken.
    recognized: what a recogniser wrote down, ms from the start of the audio.
    duration_ms: the length of the audio.

    Equal and similar words are paired by the best global alignment (Needleman-Wunsch; time and
    memory grow with the product of both lengths), those of scripts without spaces character by
    character. Tokens between two pairs share the time of the words recognised in their place
    ("1967" for "nineteen sixty seven"), or the gap, by syllables; their `is_heard` is false.
    """
    if not tokens:
        return []
    units = _units(tokens)
    times = _unit_times(units, _split_words(recognized), duration_ms)
    by_owner = groupby(zip(units, times, strict=True), key=lambda pair: pair[0].owner)
    return separate_tokens([_join(list(group)) for _, group in by_owner], duration_ms)


def _units(words: Sequence[str]) -> list[_Unit]:
    # An empty word counts as one unit, so that every word has a time.
    return [
        _Unit(text, index) for index, word in enumerate(words) for text in characters(word or " ")
    ]


def _split_words(words: Sequence[RecognizedWord]) -> list[RecognizedWord]:
    """Recognised words by unit, each unit with an equal share of its word's time."""
    units = _units([word.text for word in words])
    counts = Counter(unit.owner for unit in units)
    parts: list[RecognizedWord] = []
    for owner, group in groupby(units, key=lambda unit: unit.owner):
        word = words[owner]
        edges = np.linspace(word.start_ms, word.end_ms, counts[owner] + 1)
        parts += [
            RecognizedWord(unit.text, float(a), float(b), word.confidence)
            for unit, (a, b) in zip(group, pairwise(edges), strict=True)
        ]
    return parts


def _join(parts: Sequence[tuple[_Unit, TimedToken]]) -> TimedToken:
    """A token's time from those of its units."""
    times = [time for _, time in parts]
    letters = [TimedCharacter(unit.text, time.start_ms, time.end_ms) for unit, time in parts]
    return TimedToken(
        times[0].start_ms,
        times[-1].end_ms,
        sum(time.confidence for time in times) / len(times),
        any(time.is_heard for time in times),
        tuple(letters) if len(letters) > 1 else (),
    )


def _unit_times(
    units: Sequence[_Unit], recognized: Sequence[RecognizedWord], duration_ms: float
) -> list[TimedToken]:
    """The time of every unit, in order; neighbours may still overlap."""
    keys = [_Unit(word.text, 0).key for word in recognized]
    pairs = _pairs([unit.key for unit in units], keys)
    times: list[TimedToken] = []
    last_unit = last_word = -1
    # The last pair stands for the end of the audio.
    for unit, word in [*pairs, (len(units), len(recognized))]:
        unpaired = units[last_unit + 1 : unit]
        in_their_place = recognized[last_word + 1 : word]
        gap_start_ms = recognized[last_word].end_ms if last_word >= 0 else 0.0
        gap_end_ms = recognized[word].start_ms if word < len(recognized) else duration_ms
        times += _share_time(unpaired, in_their_place, gap_start_ms, gap_end_ms)
        if unit < len(units):
            partner = recognized[word]
            share = 1.0 if keys[word] == units[unit].key else _SIMILAR_CONFIDENCE
            times.append(TimedToken(partner.start_ms, partner.end_ms, share * partner.confidence))
        last_unit, last_word = unit, word
    return times


def _pairs(spoken: Sequence[str], recognized: Sequence[str]) -> list[tuple[int, int]]:
    """The indices of the words that belong together, in order."""
    scores = _scores(spoken, recognized)
    skipped = _SKIPPED * np.arange(len(recognized) + 1, dtype=np.int32)
    # best[i, j]: the best score of the first i spoken words against the first j recognised ones.
    best = np.zeros((len(spoken) + 1, len(recognized) + 1), np.int32)
    best[0] = skipped
    for i in range(len(spoken)):
        row = best[i] + _SKIPPED
        row[1:] = np.maximum(row[1:], best[i, :-1] + scores[i])
        # The step to the right, best[i + 1, j] + _SKIPPED, depends on the row itself. With the
        # skips taken out it is a running maximum, which numpy computes without a loop.
        best[i + 1] = np.maximum.accumulate(row - skipped) + skipped
    pairs: list[tuple[int, int]] = []
    i, j = len(spoken), len(recognized)
    while i and j:
        if best[i, j] == best[i - 1, j - 1] + scores[i - 1, j - 1]:
            i, j = i - 1, j - 1
            # Two different words only stand in the same place; `_share_time` times such a word.
            if scores[i, j] > 0:
                pairs.append((i, j))
        elif best[i, j] == best[i - 1, j] + _SKIPPED:
            i -= 1
        else:
            j -= 1
    return pairs[::-1]


def _scores(spoken: Sequence[str], recognized: Sequence[str]) -> npt.NDArray[np.int8]:
    """How well each two words fit: equal, similar or different; shape (spoken, recognized)."""
    # Each distinct word is compared once: a text of thousands of words has only some hundreds.
    words = list(dict.fromkeys([*spoken, *recognized]))
    indices = {word: index for index, word in enumerate(words)}
    bigrams = [{word[i : i + 2] for i in range(len(word) - 1)} for word in words]
    columns = {pair: column for column, pair in enumerate(sorted(set().union(*bigrams)))}
    has = np.zeros((len(words), len(columns)), np.float32)
    for row, pairs in enumerate(bigrams):
        has[row, [columns[pair] for pair in pairs]] = 1
    rows, others = ([indices[word] for word in side] for side in (spoken, recognized))
    mine, theirs = sorted(set(rows)), sorted(set(others))
    counts = has.sum(axis=1)
    shared = 2 * has[mine] @ has[theirs].T
    total = counts[mine][:, None] + counts[theirs]
    similar = shared >= _MIN_SHARED_BIGRAMS * np.maximum(1, total)
    table = np.where(similar, _SIMILAR, _DIFFERENT).astype(np.int8)
    table[np.equal.outer(mine, theirs)] = _EQUAL
    return table[np.ix_(np.searchsorted(mine, rows), np.searchsorted(theirs, others))]


def _share_time(
    units: Sequence[_Unit],
    in_their_place: Sequence[RecognizedWord],
    gap_start_ms: float,
    gap_end_ms: float,
) -> list[TimedToken]:
    """The times of units without a partner, between two that have one.

    in_their_place: the words without a partner that were recognised there; the units share their
        time, or the gap if there are none.
    """
    if not units:
        return []
    if in_their_place:
        start_ms, end_ms = in_their_place[0].start_ms, in_their_place[-1].end_ms
    else:
        start_ms, end_ms = gap_start_ms, gap_end_ms
    weights = [speaking_weight(Token(0, 0, 0, unit.text)) for unit in units]
    edges = np.concatenate(([0.0], np.cumsum(weights))) / sum(weights)
    edges = start_ms + edges * max(0.0, end_ms - start_ms)
    return [
        TimedToken(float(a), float(b), ESTIMATE_CONFIDENCE, is_heard=False)
        for a, b in pairwise(edges)
    ]

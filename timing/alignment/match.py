"""Recognised words are mapped onto the words that should be spoken; none of these is lost."""

import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
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
MAX_PAIRS = 24_000_000
"""Of a token and a recognised word. Ten minutes of speech and a text of 12 000 words have so many:
they take 0.6 s and 150 MB. A text of more words was not spoken in that time."""
_MANY_MORE, _MIN_RATIO = 3, 0.5
"""Words that were recognised in the place of other ones are more by so many if the text lacks some;
some of them stand for these other ones if so many of their letters are the same."""
_MAX_COMPARED_LETTERS = 100
"""More letters than these are no misheard words but other ones. The comparison takes time with the
square of their number or more: 35 s for 800 words."""
_MAX_MS_PER_WEIGHT = 200.0
"""Twice what a slow speaker takes: so much of a gap, for each unit of weight, may be a word that
was not recognised; the rest of the gap is something else."""
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
    memory grow with the product of both lengths, so none are where it exceeds MAX_PAIRS), those of
    scripts without spaces character by character. Tokens between two pairs share the time of the
    words recognised in their place ("1967" for "nineteen sixty seven"), or what they need of the
    gap, by syllables; their `is_heard` is false. Where many more words were recognised, they get
    the time of those at either end that are like them, or else none, so that words that the text
    lacks keep their time.
    """
    if not tokens:
        return []
    units = _units(tokens)
    times = _unit_times(units, _split_words(recognized), duration_ms)
    by_owner = groupby(zip(units, times, strict=True), key=lambda pair: pair[0].owner)
    return separate_tokens([_join(list(group)) for _, group in by_owner], duration_ms)


def extra_words(
    tokens: Sequence[str], recognized: Sequence[RecognizedWord]
) -> list[tuple[int, RecognizedWord]]:
    """The recognised words that stand for no token, each with the index of the token after it.

    tokens, recognized: as for `match`; the number of tokens stands for the end. A word of a script
    without spaces is cut into characters.

    A part of a word beside it ("day" beside "everyday") stands for that word.
    """
    if not tokens:
        return [(0, word) for word in recognized]
    units, words = _units(tokens), _split_words(recognized)
    keys, heard = [unit.key for unit in units], [_Unit(word.text, 0).key for word in words]
    found: list[tuple[int, RecognizedWord]] = []
    last_unit = last_word = -1
    for unit, word in [*_pairs(keys, heard), (len(units), len(words))]:
        others = words[last_word + 1 : word]
        if last_unit + 1 < unit and others:
            kept = set(map(id, _likeliest(units[last_unit + 1 : unit], others)))
            others = [other for other in others if id(other) not in kept]
        beside = {*keys[max(0, last_unit) : last_unit + 1], *keys[unit : unit + 1]}
        owner = units[last_unit + 1].owner if last_unit + 1 < len(units) else len(tokens)
        for other in others:
            key = _Unit(other.text, 0).key
            if key and not any(key != one and key in one for one in beside):
                found.append((owner, other))
        last_unit, last_word = unit, word
    return found


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
        any(time.is_replaced for time in times),
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
        longest_ms = _longest_ms(unpaired)
        if not in_their_place and pairs and gap_end_ms - gap_start_ms > longest_ms:
            # Recognisers miss the first word after music or silence more often than the last one.
            if unit < len(units):
                gap_start_ms = gap_end_ms - longest_ms
            else:
                gap_end_ms = gap_start_ms + longest_ms
        times += _share_time(unpaired, in_their_place, gap_start_ms, gap_end_ms)
        if unit < len(units):
            partner = recognized[word]
            share = 1.0 if keys[word] == units[unit].key else _SIMILAR_CONFIDENCE
            times.append(TimedToken(partner.start_ms, partner.end_ms, share * partner.confidence))
        last_unit, last_word = unit, word
    return times


def _pairs(spoken: Sequence[str], recognized: Sequence[str]) -> list[tuple[int, int]]:
    """The indices of the words that belong together, in order; none of more than MAX_PAIRS."""
    if len(spoken) * len(recognized) > MAX_PAIRS or not recognized:
        return []
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
    mine = {word: index for index, word in enumerate(dict.fromkeys(spoken))}
    theirs = {word: index for index, word in enumerate(dict.fromkeys(recognized))}
    holders: dict[str, list[int]] = {}
    for word, index in theirs.items():
        for pair in _bigrams(word):
            holders.setdefault(pair, []).append(index)
    counts = np.array([len(_bigrams(word)) for word in theirs])
    table = np.full((len(mine), len(theirs)), _DIFFERENT, np.int8)
    for word, index in mine.items():
        pairs = _bigrams(word)
        shared_with = [other for pair in pairs for other in holders.get(pair, ())]
        shared = np.bincount(np.array(shared_with, np.intp), minlength=len(theirs))
        total = np.maximum(1, len(pairs) + counts)
        table[index, 2 * shared >= _MIN_SHARED_BIGRAMS * total] = _SIMILAR
    for word, index in mine.items():
        if word in theirs:
            table[index, theirs[word]] = _EQUAL
    return table[np.ix_([mine[word] for word in spoken], [theirs[word] for word in recognized])]


def _bigrams(word: str) -> set[str]:
    """The pairs of neighbouring letters in a word."""
    return {word[i : i + 2] for i in range(len(word) - 1)}


def _longest_ms(units: Sequence[_Unit]) -> float:
    """The longest time that words without a partner may take of a gap."""
    return _MAX_MS_PER_WEIGHT * sum(_weight(unit) for unit in units)


def _weight(unit: _Unit) -> float:
    return speaking_weight(Token(0, 0, 0, unit.text))


def _likeliest(
    units: Sequence[_Unit], in_their_place: Sequence[RecognizedWord]
) -> Sequence[RecognizedWord]:
    """The words that stand for the units: all of them unless they are many more.

    Of many more words they are the first or the last ones, if they are like the units.
    """
    if len(in_their_place) < len(units) + _MANY_MORE:
        return in_their_place
    letters = "".join(unit.key for unit in units)
    ends = (in_their_place[: len(units)], in_their_place[-len(units) :])
    keys = ("".join(_Unit(word.text, 0).key for word in words) for words in ends)
    ratios = [_likeness(letters, key) for key in keys]
    if max(ratios) < _MIN_RATIO:
        return ()
    return ends[0] if ratios[0] >= ratios[1] else ends[1]


def _likeness(letters: str, others: str) -> float:
    """The part of the letters that both have in the same order, 0..1."""
    if max(len(letters), len(others)) > _MAX_COMPARED_LETTERS:
        return 0.0
    return SequenceMatcher(None, letters, others, autojunk=False).ratio()


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
    words: Sequence[RecognizedWord] = ()
    if in_their_place:
        words = _likeliest(units, in_their_place)
        start_ms = words[0].start_ms if words else gap_start_ms
        end_ms = words[-1].end_ms if words else gap_start_ms
    else:
        start_ms, end_ms = gap_start_ms, gap_end_ms
    weights = [_weight(unit) for unit in units]
    edges = np.concatenate(([0.0], np.cumsum(weights))) / sum(weights)
    edges = start_ms + edges * max(0.0, end_ms - start_ms)
    return [
        TimedToken(float(a), float(b), ESTIMATE_CONFIDENCE, is_heard=False, is_replaced=bool(words))
        for a, b in pairwise(edges)
    ]

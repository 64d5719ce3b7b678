"""Words that a recogniser heard, mapped onto the words that were to be spoken; none gets lost."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from timing.aligner import TokenTime
from timing.estimate import CONFIDENCE, weight
from timing.words import settle
from tts.speech import Token

_EQUAL, _SIMILAR, _DIFFERENT, _SKIPPED = 2.0, 0.5, -1.0, -0.7
_ALIKE = 0.5
_SIMILAR_SHARE = 0.8
_LETTERS = re.compile(r"[^\W_]+")


class Heard(NamedTuple):
    """One recognised word, ms from the start of its window, and how sure it is, 0..1."""

    text: str
    start_ms: float
    end_ms: float
    score: float


def match(tokens: Sequence[str], heard: Sequence[Heard], duration_ms: float) -> list[TokenTime]:
    """A time for every token, in order, at least 20 ms each where there is room.

    Equal and similar words are paired by the best global alignment (Needleman-Wunsch, both lists
    times each other in time and memory). Between two pairs, tokens share by syllables the time of
    the words that were heard in their place ("1967" for "nineteen sixty seven"), or the gap; they
    are not `heard`.
    """
    if not tokens:
        return []
    pairs = _pairs([_key(token) for token in tokens], [_key(word.text) for word in heard])
    times: list[TokenTime] = []
    last_token = last_word = -1
    for token, word in [*pairs, (len(tokens), len(heard))]:
        missing = tokens[last_token + 1 : token]
        instead = heard[last_word + 1 : word]
        before_ms = heard[last_word].end_ms if last_word >= 0 else 0.0
        after_ms = heard[word].start_ms if word < len(heard) else duration_ms
        times += _shared(missing, instead, before_ms, after_ms)
        if token < len(tokens):
            found = heard[word]
            share = 1.0 if _key(found.text) == _key(tokens[token]) else _SIMILAR_SHARE
            times.append(TokenTime(found.start_ms, found.end_ms, share * found.score))
        last_token, last_word = token, word
    last_ms = max(times[-1].end_ms, times[-1].start_ms)
    settled = settle([(t.start_ms, t.end_ms) for t in times], round(duration_ms - 0.5), last_ms)
    return [
        time._replace(start_ms=float(start_ms), end_ms=float(end_ms))
        for time, (start_ms, end_ms) in zip(times, settled, strict=True)
    ]


def _key(word: str) -> str:
    return "".join(_LETTERS.findall(word.casefold()))


def _pairs(spoken: Sequence[str], heard: Sequence[str]) -> list[tuple[int, int]]:
    """Indices of the words that belong together, in order."""
    scores = np.array([[_likeness(a, b) for b in heard] for a in spoken]).reshape(
        len(spoken), len(heard)
    )
    best = np.zeros((len(spoken) + 1, len(heard) + 1))
    best[:, 0] = _SKIPPED * np.arange(len(spoken) + 1)
    best[0] = _SKIPPED * np.arange(len(heard) + 1)
    for i in range(len(spoken)):
        for j in range(len(heard)):
            best[i + 1, j + 1] = max(
                best[i, j] + scores[i, j], best[i, j + 1] + _SKIPPED, best[i + 1, j] + _SKIPPED
            )
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


def _likeness(spoken: str, heard: str) -> float:
    if spoken == heard:
        return _EQUAL
    pairs = {spoken[i : i + 2] for i in range(len(spoken) - 1)}
    others = {heard[i : i + 2] for i in range(len(heard) - 1)}
    shared = 2 * len(pairs & others) / max(1, len(pairs) + len(others))
    return _SIMILAR if shared >= _ALIKE else _DIFFERENT


def _shared(
    missing: Sequence[str], instead: Sequence[Heard], before_ms: float, after_ms: float
) -> list[TokenTime]:
    """Times of tokens that were not heard, between two that were."""
    if not missing:
        return []
    if instead:
        start_ms, end_ms = instead[0].start_ms, instead[-1].end_ms
    else:
        start_ms, end_ms = before_ms, after_ms
    weights = [weight(Token(0, 0, 0, token)) for token in missing]
    edges = np.concatenate(([0.0], np.cumsum(weights))) / sum(weights)
    edges = start_ms + edges * max(0.0, end_ms - start_ms)
    return [TokenTime(float(a), float(b), CONFIDENCE, heard=False) for a, b in pairwise(edges)]

"""Word times without any model: phrases are anchored to pauses, syllables share what is between."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from timing.alignment.vad import SpeechActivity
from timing.token_times import TokenTime
from tts.speech import Token

CONFIDENCE = 0.3
"""Half the words are within 35 ms on the fixtures, one in twenty is 170 ms off or more."""

_VOWELS = re.compile("[aeiouyæœø]+")
_SILENT_E = re.compile("[^aeiouyl]e$")
_PHRASE_FINAL = 1.2
_UNPUNCTUATED_MS = 800.0
_UNUSED_MS = 800.0


def estimate_times(
    tokens: Sequence[Token], sound: SpeechActivity, duration_ms: float
) -> list[TokenTime]:
    """Give each token of a window a time, in order, without gaps inside a phrase. Never fails.

    A pause goes to the boundary between two tokens that lies nearest by share of syllables, one
    with punctuation first. Measured on the fixtures: mean 56, median 32, p95 167 ms; mean 61 with
    four sentences in one window, 135 with all ten (46 s).
    """
    if not tokens:
        return []
    start_ms, end_ms = sound.start_ms, sound.end_ms
    if end_ms <= start_ms:
        start_ms, end_ms = 0.0, duration_ms
    weights = np.array([speaking_weight(token) for token in tokens])
    weights[-1] *= 1.0 if tokens[-1].pause else _PHRASE_FINAL
    anchors = _anchors(tokens, weights, sound)
    firsts = [0, *(boundary for boundary, _ in anchors), len(tokens)]
    starts = [start_ms, *(pause[1] for _, pause in anchors)]
    ends = [*(pause[0] for _, pause in anchors), end_ms]
    times: list[TokenTime] = []
    for (first, end), phrase_start, phrase_end in zip(pairwise(firsts), starts, ends, strict=True):
        shares = np.concatenate(([0.0], np.cumsum(weights[first:end])))
        edges = phrase_start + shares / shares[-1] * (phrase_end - phrase_start)
        times += [TokenTime(float(a), float(b), CONFIDENCE) for a, b in pairwise(edges)]
    return times


def speaking_weight(token: Token) -> float:
    """How long a token takes, relative to others: syllables, letters, and the end of a phrase."""
    word = unicodedata.normalize("NFKD", token.spoken.lower())
    letters = sum(char.isalpha() for char in word)
    if any("a" <= char <= "z" for char in word):
        plain = "".join(char for char in word if not unicodedata.combining(char))
        syllables = len(_VOWELS.findall(plain))
        syllables -= syllables > 1 and _SILENT_E.search(plain) is not None
        syllables = max(1, syllables)
    else:
        syllables = letters
    weight = 0.5 + syllables + 0.4 * letters
    return weight * _PHRASE_FINAL if token.pause else weight


def _anchors(
    tokens: Sequence[Token], weights: npt.NDArray[np.float64], sound: SpeechActivity
) -> list[tuple[int, tuple[float, float]]]:
    """Which pause lies before which token: (index of the token, pause), in order.

    The cheapest assignment by dynamic programming: a pause costs the distance in ms of speech
    from where its boundary is expected, more at a boundary without punctuation; a pause may stay
    unused. Time and memory grow with pauses times tokens.
    """
    edges = [sound.start_ms, *(edge for pause in sound.pauses for edge in pause), sound.end_ms]
    spoken = np.cumsum([b - a for a, b in zip(edges[::2], edges[1::2], strict=True)])
    expected = np.cumsum(weights)[:-1] / weights.sum() * spoken[-1]
    penalty = np.array([0.0 if token.pause else _UNPUNCTUATED_MS for token in tokens[:-1]])
    best = np.zeros(len(tokens))  # best[i]: cheapest so far with the last anchor at most at i
    steps = []
    for before in spoken[:-1]:
        used = np.concatenate(([np.inf], best[:-1] + np.abs(expected - before) + penalty))
        unused = best + _UNUSED_MS
        cheapest = np.minimum(used, unused)
        best = np.minimum.accumulate(cheapest)
        steps.append((used < unused, cheapest == best))
    anchors, limit = [], len(tokens) - 1
    for pause, (is_used, is_best) in zip(reversed(sound.pauses), reversed(steps), strict=True):
        limit = int(np.flatnonzero(is_best[: limit + 1])[-1])
        if is_used[limit]:
            anchors.append((limit, pause))
            limit -= 1
    return anchors[::-1]

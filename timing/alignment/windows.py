"""Long audio in windows cut at pauses, and which words of a known text lie in which of them."""

from collections.abc import Collection, Sequence
from itertools import pairwise
from math import ceil, inf
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from timing.alignment.estimate import speaking_weight
from timing.alignment.vad import SpeechActivity
from timing.token_times import TimedToken
from tts.speech import Chunk, Script

MIN_WINDOW_MS, MAX_WINDOW_MS = 8_000.0, 24_000.0

_MAX_CANDIDATES = 4000
"""Pauses and clause ends that are looked at: an hour of speech has fewer. 130 MB for both, and for
an hour 30 more where there is no pause."""
_PART_MS = 4_000.0
"""Without a pause one place in so much sound may be a cut. Measured under music on the fixtures: 2
and 3 s leave more words to the estimate."""
_MAX_PAUSES, _MAX_CLAUSES = 12, 12
_MAX_CLAUSE_WORDS = 12
_BAND_MS, _BAND_SHARE = 30_000.0, 0.05
_SPREAD_MS = 40.0
"""Variance of a stretch's length, in ms squared per ms: 4 s of speech are off by 0.4 s."""

_CUT = {".": 0.0, "!": 0.0, "?": 0.0, ";": 0.5, ":": 0.5, ",": 1.0, "": 6.0}
_SHORT_PAUSE_MS, _SHORT_PAUSE = 300.0, 1.0
_LONG_PAUSE_MS, _LONG_PAUSE_INSIDE = 450.0, 1.0
_WINDOW = 0.2
_WORDLESS, _WORDLESS_MS = 3.0, 500.0
"""Music or laughter: dearer than any likely deviation of the pace."""


class ChunkSpan(NamedTuple):
    """A stretch of audio, ms from the start of the whole, and the chunk that is spoken in it."""

    start_ms: float
    end_ms: float
    chunk: Chunk

    @property
    def duration_ms(self) -> float:
        """Its length."""
        return self.end_ms - self.start_ms


def at_pauses(sound: SpeechActivity, duration_ms: float) -> list[tuple[float, float]]:
    """Stretches that cover the audio, each cut in the longest pause 8 to 24 s after its start.

    Where there is no pause it is cut where it is quietest.
    """
    middles = [((start + end) / 2, end - start) for start, end in sound.pauses]
    cuts = [0.0]
    while duration_ms - cuts[-1] > MAX_WINDOW_MS:
        near = [
            (length, at) for at, length in middles
            if MIN_WINDOW_MS <= at - cuts[-1] <= MAX_WINDOW_MS
        ]  # fmt: skip
        quietest = sound.quietest(cuts[-1] + MIN_WINDOW_MS, cuts[-1] + MAX_WINDOW_MS)
        cuts.append(max(near)[1] if near else quietest)
    return list(pairwise([*cuts, duration_ms]))


def split(script: Script, sound: SpeechActivity, duration_ms: float) -> list[ChunkSpan]:
    """Cut audio and the text that is spoken in it into windows that belong together, in order.

    Of all ways to cut both, the likeliest: stretches last as long as their words should at the
    speaker's own pace, and cuts lie in pauses and at the ends of sentences and clauses. By dynamic
    programming over pauses times clauses near the diagonal: 1.4 s and 12 MB for an hour. Audio
    without words shifts the pace of all the others: 3 s before 50 s of speech are bridged, 6 s
    before 100 s are not, which `reassign_words` mends.
    """
    return _WindowSegmentation(script, sound, duration_ms).windows()


def join_failed(
    placed: Sequence[ChunkSpan], failed: Collection[int], most_ms: float
) -> list[ChunkSpan]:
    """The windows with each that failed joined to its neighbours, as far as `most_ms` hold them.

    Where the text was cut in the wrong place, both windows fail and their union does not.
    """
    together: list[ChunkSpan] = []
    for index, window in enumerate(placed):
        near = index in failed or index - 1 in failed
        if near and together and window.end_ms - together[-1].start_ms <= most_ms:
            before = together[-1]
            tokens = (*before.chunk.tokens, *window.chunk.tokens)
            chunk = Chunk(tokens, before.chunk.first_word, window.chunk.end_word)
            together[-1] = ChunkSpan(before.start_ms, window.end_ms, chunk)
        else:
            together.append(window)
    return together


def doubtful_regions(count: int, doubtful: Collection[int]) -> list[range]:
    """Doubtful windows of `count` with a neighbour on both sides; what touches is one region."""
    near = {place for index in doubtful for place in (index - 1, index, index + 1)}
    found: list[range] = []
    for index in range(count):
        if index not in near:
            continue
        if found and found[-1].stop == index:
            found[-1] = range(found[-1].start, index + 1)
        else:
            found.append(range(index, index + 1))
    return found


def reassign_words(region: Sequence[ChunkSpan], times: Sequence[TimedToken]) -> list[ChunkSpan]:
    """The same stretches, each with the words that were heard in it.

    `times` are those of all tokens of the region, ms from its start.
    """
    tokens = [token for window in region for token in window.chunk.tokens]
    start_ms = region[0].start_ms
    middle_ms = [start_ms + (time.start_ms + time.end_ms) / 2 for time in times]
    end_word = region[-1].chunk.end_word
    placed: list[ChunkSpan] = []
    first, first_word = 0, region[0].chunk.first_word
    for window in region:
        last = window is region[-1]
        end = first
        while end < len(tokens) and (last or middle_ms[end] < window.end_ms):
            end += 1
        while first < end < len(tokens) and tokens[end].word == tokens[end - 1].word:
            end += 1
        next_word = end_word if last or end == len(tokens) else tokens[end].word
        chunk = Chunk(tuple(tokens[first:end]), first_word, next_word)
        placed.append(ChunkSpan(window.start_ms, window.end_ms, chunk))
        first, first_word = end, next_word
    return placed


class _WindowSegmentation:
    """Pauses (points in the audio) against clause ends (points in the text)."""

    def __init__(self, script: Script, sound: SpeechActivity, duration_ms: float) -> None:
        self._script = script
        self._sound = sound
        self._duration_ms = duration_ms
        middles = [(start + end) / 2 for start, end in sound.pauses]
        lengths = np.array([inf, *(end - start for start, end in sound.pauses), inf])
        points = _longest(lengths)
        self._at_ms, lengths = _close(
            np.array([0.0, *middles, duration_ms])[points], lengths[points], sound
        )
        self._sounding = _sounding(sound, self._at_ms)
        self._short = np.where(lengths < _SHORT_PAUSE_MS, _SHORT_PAUSE, 0.0)
        self._long = np.cumsum(np.where(lengths >= _LONG_PAUSE_MS, _LONG_PAUSE_INSIDE, 0.0))
        weights = np.cumsum([0.0, *(speaking_weight(token) for token in script.tokens)])
        self._ends = _apart(_clause_ends(script), weights)
        weights = weights[self._ends]
        self._expected = weights / weights[-1] * self._sounding[-1]
        marks = [script.tokens[end - 1].pause if end else "." for end in self._ends]
        self._cut = np.array([_CUT[mark] for mark in marks])
        self._cut[-1] = 0.0

    def windows(self) -> list[ChunkSpan]:
        """The stretches with their chunks; by share of time when the text is far too short."""
        points, clauses = len(self._at_ms), len(self._ends)
        best = np.full((points, clauses), inf, np.float32)
        origin = np.full((points, clauses), -1, np.int32)
        best[0, 0] = 0.0
        for point in range(1, points):
            self._reach(point, best, origin)
        if best[-1, -1] == inf:
            return self._by_share()
        path = [(points - 1, clauses - 1)]
        while path[-1] != (0, 0):
            path.append(divmod(int(origin[path[-1]]), clauses))
        return self._made([(float(self._at_ms[p]), clause) for p, clause in path[::-1]])

    def _reach(
        self, point: int, best: npt.NDArray[np.float32], origin: npt.NDArray[np.int32]
    ) -> None:
        """The cheapest way to every clause end that may lie at this point of the audio."""
        clauses = len(self._ends)
        last = point == len(self._at_ms) - 1
        band = _BAND_MS + _BAND_SHARE * self._sounding[-1]
        near = np.flatnonzero(np.abs(self._expected - self._sounding[point]) <= band)
        first, end = (clauses - 1, clauses) if last or not len(near) else (near[0], near[-1] + 1)
        for before in range(max(0, point - _MAX_PAUSES), point):
            if self._at_ms[point] - self._at_ms[before] > MAX_WINDOW_MS:
                continue
            length = self._sounding[point] - self._sounding[before]
            inside = self._long[point - 1] - self._long[before]
            for count in range(_MAX_CLAUSES + 1):
                low = max(first, count)
                if low >= end:
                    break
                words = self._expected[low:end] - self._expected[low - count : end - count]
                if count:
                    cost = (length - words) ** 2 / (2 * _SPREAD_MS * np.maximum(words, 200.0))
                else:
                    cost = np.full(end - low, _WORDLESS + length / _WORDLESS_MS)
                cost += best[before, low - count : end - count] + self._cut[low:end]
                cost += self._short[point] + inside + _WINDOW
                better = cost < best[point, low:end]
                best[point, low:end][better] = cost[better]
                origins = before * clauses + np.arange(low - count, end - count)
                origin[point, low:end][better] = origins[better]

    def _by_share(self) -> list[ChunkSpan]:
        stretches = at_pauses(self._sound, self._duration_ms)
        cuts = np.interp([end for _, end in stretches], self._at_ms, self._sounding)
        clauses = [int(np.argmin(np.abs(self._expected - cut))) for cut in cuts[:-1]]
        ends_ms = [end for _, end in stretches]
        return self._made([(0.0, 0), *zip(ends_ms, [*clauses, len(self._ends) - 1], strict=True)])

    def _made(self, path: Sequence[tuple[float, int]]) -> list[ChunkSpan]:
        script = self._script
        placed: list[ChunkSpan] = []
        for (start_ms, clause), (end_ms, next_clause) in pairwise(path):
            tokens = script.tokens[self._ends[clause] : self._ends[next_clause]]
            first = placed[-1].chunk.end_word if placed else 0
            last = self._ends[next_clause] == len(script.tokens)
            end = len(script.words) if last else script.tokens[self._ends[next_clause]].word
            placed.append(ChunkSpan(start_ms, end_ms, Chunk(tuple(tokens), first, end)))
        return placed


def _longest(lengths: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """Indices of the _MAX_CANDIDATES longest, in order; both ends, as the longest, among them."""
    return np.sort(np.argsort(-lengths, kind="stable")[:_MAX_CANDIDATES])


def _close(
    at_ms: npt.NDArray[np.float64], lengths: npt.NDArray[np.float64], sound: SpeechActivity
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The points with others, of no length, where two lie so far apart that no window spans them.

    They are the quietest places of equal parts; two of them are never MAX_WINDOW_MS apart.
    """
    found_ms, found = [at_ms[0]], [lengths[0]]
    for start_ms, end_ms, length in zip(at_ms[:-1], at_ms[1:], lengths[1:], strict=True):
        parts = ceil((end_ms - start_ms) / _PART_MS) if end_ms - start_ms > MAX_WINDOW_MS else 1
        edges = np.linspace(start_ms, end_ms, parts + 1)[:-1]
        found_ms += [*(sound.quietest(a, b) for a, b in pairwise(edges)), end_ms]
        found += [*[0.0] * (parts - 1), length]
    return np.array(found_ms), np.array(found)


def _sounding(sound: SpeechActivity, at_ms: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How long it sounded before each of these moments, ms."""
    edges = [sound.start_ms, *(edge for pause in sound.pauses for edge in pause), sound.end_ms]
    lengths = np.diff(edges)
    lengths[1::2] = 0.0
    return np.interp(at_ms, edges, np.concatenate(([0.0], np.cumsum(lengths))))


def _apart(ends: list[int], weights: npt.NDArray[np.float64]) -> list[int]:
    """At most _MAX_CANDIDATES clause ends: those furthest apart, the first and last included."""
    if len(ends) <= _MAX_CANDIDATES:
        return ends
    parts = np.floor(weights[ends[:-1]] / weights[-1] * (_MAX_CANDIDATES - 1))
    return [*(ends[i] for i in np.unique(parts, return_index=True)[1]), ends[-1]]


def _clause_ends(script: Script) -> list[int]:
    """Indices after tokens where a window may end: 0, clause ends, and some words of long ones."""
    ends = [0]
    for index, (token, following) in enumerate(pairwise(script.tokens), 1):
        if token.word == following.word:
            continue
        if token.pause or index - ends[-1] >= _MAX_CLAUSE_WORDS:
            ends.append(index)
    return [*ends, len(script.tokens)]

"""Long audio is cut into windows at pauses, and a known text into the chunks spoken in them."""

from collections.abc import Collection, Sequence
from itertools import pairwise
from math import ceil, inf
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from errors import CancelCheck, never_cancelled
from timing.alignment.estimate import speaking_weight
from timing.alignment.vad import SpeechActivity
from tts.speech import Chunk, Script

MIN_WINDOW_MS, MAX_WINDOW_MS = 8_000.0, 24_000.0
"""Of the windows made here. whisperx takes 30 s, sphinx and Google more."""

OTHER_SOUND_MS = 200.0
"""So much sound between two tokens is more than a word that ends late: a stammer, a filler."""

_MAX_CANDIDATES = 4000
"""The most pauses, and the most clause ends, that are considered; an hour of speech has fewer. The
tables of so many take 130 MB, and 30 more for an hour without a pause."""
_PART_MS = 4_000.0
"""In sound without a pause there is one possible cut in each part of this length. Under music on
tests/data/timing 2 and 3 s leave more words to the estimate."""
_MAX_PAUSES, _MAX_CLAUSES = 12, 12
"""The most pauses and clauses that one window may have."""
_MAX_CLAUSE_WORDS = 12
"""A longer clause may be cut after so many words."""
_BAND_MS, _BAND_SHARE = 30_000.0, 0.05
"""How far a clause may lie from where the mean pace puts it: this, and a share of all speech."""
_VARIANCE_MS = 40.0
"""Of a stretch's length, in ms squared per ms: 4 s of speech are off by 0.4 s."""

# Costs, in units of a negative log-likelihood: they are added to that of the windows' lengths.
_CUT_COSTS = {".": 0.0, "!": 0.0, "?": 0.0, ";": 0.5, ":": 0.5, ",": 1.0, "": 6.0}
"""Of a cut after a token with this pause."""
_SHORT_PAUSE_MS, _SHORT_PAUSE_COST = 300.0, 1.0
"""Of a cut in a pause shorter than this."""
_LONG_PAUSE_MS, _LONG_PAUSE_COST = 450.0, 1.0
"""Of a pause at least this long inside a window."""
_WINDOW_COST = 0.2
"""Of every window."""
_WORDLESS_COST, _WORDLESS_MS = 3.0, 500.0
"""Of a window without words (music, laughter), and one more for each so many ms of it. That is more
than any likely deviation of the pace costs."""


class ChunkSpan(NamedTuple):
    """A stretch of audio, ms from the start of the whole, and the chunk that is spoken in it.

    One whose chunk is not spoken anywhere has no audio: it starts and ends where the chunk would
    have its place.
    """

    start_ms: float
    end_ms: float
    chunk: Chunk
    is_spoken: bool = True

    @property
    def duration_ms(self) -> float:
        """Its length."""
        return self.end_ms - self.start_ms


def at_pauses(activity: SpeechActivity, duration_ms: float) -> list[tuple[float, float]]:
    """Cut audio in the longest pause 8 to 24 s after the last cut, or where it is quietest.

    activity: where the audio sounds and pauses.
    duration_ms: its length.

    Returns the stretches between the cuts, `(start_ms, end_ms)`; they cover the audio.
    """
    middles = [((start + end) / 2, end - start) for start, end in activity.pauses]
    cuts = [0.0]
    while duration_ms - cuts[-1] > MAX_WINDOW_MS:
        near = [
            (length, at) for at, length in middles
            if MIN_WINDOW_MS <= at - cuts[-1] <= MAX_WINDOW_MS
        ]  # fmt: skip
        quietest = activity.quietest(cuts[-1] + MIN_WINDOW_MS, cuts[-1] + MAX_WINDOW_MS)
        cuts.append(max(near)[1] if near else quietest)
    return list(pairwise([*cuts, duration_ms]))


def split(
    script: Script,
    activity: SpeechActivity,
    duration_ms: float,
    check: CancelCheck = never_cancelled,
) -> list[ChunkSpan]:
    """Cut audio, and the text that is spoken in it, into windows that belong together, in order.

    script: what is spoken.
    activity: where the audio sounds and pauses.
    duration_ms: its length.
    check: it is called for each pause, and what it raises ends the work.

    Returns the likeliest of all ways to cut both: windows last as long as their words should at the
    speaker's own pace, and cuts lie in pauses and at the ends of sentences and clauses. Dynamic
    programming over pauses times clauses near the diagonal takes 1.4 s and 12 MB for an hour. Audio
    without words disturbs the pace: 3 s before 50 s of speech do no harm, 6 s before 100 s do,
    which `hearing.fit_windows` repairs.
    """
    return _WindowSegmentation(script, activity, duration_ms).windows(check)


def join_failed(
    windows: Sequence[ChunkSpan], failed: Collection[int], max_ms: float
) -> list[ChunkSpan]:
    """Join each window that failed to its neighbours, up to a length of `max_ms`.

    Where the text was cut in the wrong place, both windows fail and their union does not. A window
    that is not spoken stays alone.
    """
    joined: list[ChunkSpan] = []
    for index, window in enumerate(windows):
        is_near = index in failed or index - 1 in failed
        is_spoken = window.is_spoken and windows[index - 1].is_spoken
        if is_near and is_spoken and joined and window.end_ms - joined[-1].start_ms <= max_ms:
            previous = joined[-1]
            tokens = (*previous.chunk.tokens, *window.chunk.tokens)
            chunk = Chunk(tokens, previous.chunk.first_word, window.chunk.end_word)
            joined[-1] = ChunkSpan(previous.start_ms, window.end_ms, chunk)
        else:
            joined.append(window)
    return joined


def doubtful_regions(count: int, doubtful: Collection[int]) -> list[range]:
    """The doubtful ones of `count` windows, each with a neighbour on both sides, as ranges.

    Ranges that touch are one.
    """
    near = {neighbour for index in doubtful for neighbour in (index - 1, index, index + 1)}
    regions: list[range] = []
    for index in range(count):
        if index not in near:
            continue
        if regions and regions[-1].stop == index:
            regions[-1] = range(regions[-1].start, index + 1)
        else:
            regions.append(range(index, index + 1))
    return regions


class _WindowSegmentation:
    """The likeliest path through a table of pauses (points in the audio) and clause ends (points in
    the text); each step of it is a window."""

    def __init__(self, script: Script, activity: SpeechActivity, duration_ms: float) -> None:
        self._script = script
        self._activity = activity
        self._duration_ms = duration_ms
        middles = [(start + end) / 2 for start, end in activity.pauses]
        # The start and the end of the audio are as good as the longest pause.
        lengths = np.array([inf, *(end - start for start, end in activity.pauses), inf])
        points = _longest(lengths)
        self._at_ms, lengths = _fill_gaps(
            np.array([0.0, *middles, duration_ms])[points], lengths[points], activity
        )
        self._sounding = _sounding(activity, self._at_ms)
        self._short_costs = np.where(lengths < _SHORT_PAUSE_MS, _SHORT_PAUSE_COST, 0.0)
        self._long_costs = np.cumsum(np.where(lengths >= _LONG_PAUSE_MS, _LONG_PAUSE_COST, 0.0))
        # How much speech comes before each clause end, if every word is spoken at the mean pace.
        weights = np.cumsum([0.0, *(speaking_weight(token) for token in script.tokens)])
        self._ends = _thin_out(_clause_ends(script), weights)
        weights = weights[self._ends]
        self._expected = weights / weights[-1] * self._sounding[-1]
        languages = script.word_languages()
        pauses = [
            script.tokens[end - 1].pause
            if end and not _changes_language(script, languages, end)
            else "."
            for end in self._ends
        ]
        self._cut_costs = np.array([_CUT_COSTS[pause] for pause in pauses])
        # The audio ends with the text, whatever its last token.
        self._cut_costs[-1] = 0.0

    def windows(self, check: CancelCheck) -> list[ChunkSpan]:
        """The windows of the cheapest path; by share of time if no path reaches the end."""
        points, clauses = len(self._at_ms), len(self._ends)
        best = np.full((points, clauses), inf, np.float32)
        # Each cell: the point and the clause end from which its cheapest path comes, as one number.
        origin = np.full((points, clauses), -1, np.int32)
        best[0, 0] = 0.0
        for point in range(1, points):
            check()
            self._fill_point(point, best, origin)
        if best[-1, -1] == inf:
            return self._by_share()
        path = [(points - 1, clauses - 1)]
        while path[-1] != (0, 0):
            path.append(divmod(int(origin[path[-1]]), clauses))
        return self._windows_of([(float(self._at_ms[p]), clause) for p, clause in path[::-1]])

    def _fill_point(
        self, point: int, best: npt.NDArray[np.float32], origin: npt.NDArray[np.int32]
    ) -> None:
        """Find the cheapest step to each clause end that may lie at a point of the audio.

        point: the index of the point; the rows of `best` before it are filled.
        best: the cost of the cheapest path to each point and clause end, shape (points, clauses).
        origin: where its last step starts, as `point * clauses + clause`.
        """
        clauses = len(self._ends)
        last = point == len(self._at_ms) - 1
        band = _BAND_MS + _BAND_SHARE * self._sounding[-1]
        near = np.flatnonzero(np.abs(self._expected - self._sounding[point]) <= band)
        first, end = (clauses - 1, clauses) if last or not len(near) else (near[0], near[-1] + 1)
        for before in range(max(0, point - _MAX_PAUSES), point):
            if self._at_ms[point] - self._at_ms[before] > MAX_WINDOW_MS:
                continue
            length = self._sounding[point] - self._sounding[before]
            inside = self._long_costs[point - 1] - self._long_costs[before]
            # All clause ends at once, each with a window of `count` clauses before it.
            for count in range(_MAX_CLAUSES + 1):
                low = max(first, count)
                if low >= end:
                    break
                words = self._expected[low:end] - self._expected[low - count : end - count]
                if count:
                    cost = (length - words) ** 2 / (2 * _VARIANCE_MS * np.maximum(words, 200.0))
                else:
                    cost = np.full(end - low, _WORDLESS_COST + length / _WORDLESS_MS)
                cost += best[before, low - count : end - count] + self._cut_costs[low:end]
                cost += self._short_costs[point] + inside + _WINDOW_COST
                better = cost < best[point, low:end]
                best[point, low:end][better] = cost[better]
                origins = before * clauses + np.arange(low - count, end - count)
                origin[point, low:end][better] = origins[better]

    def _by_share(self) -> list[ChunkSpan]:
        """Windows for a text that is far too short: cut at pauses, words by their share of time."""
        stretches = at_pauses(self._activity, self._duration_ms)
        cuts = np.interp([end for _, end in stretches], self._at_ms, self._sounding)
        clauses = [int(np.argmin(np.abs(self._expected - cut))) for cut in cuts[:-1]]
        ends_ms = [end for _, end in stretches]
        return self._windows_of(
            [(0.0, 0), *zip(ends_ms, [*clauses, len(self._ends) - 1], strict=True)]
        )

    def _windows_of(self, path: Sequence[tuple[float, int]]) -> list[ChunkSpan]:
        """The windows between the points `(ms, index of a clause end)` of a path."""
        script = self._script
        windows: list[ChunkSpan] = []
        for (start_ms, clause), (end_ms, next_clause) in pairwise(path):
            tokens = script.tokens[self._ends[clause] : self._ends[next_clause]]
            first = windows[-1].chunk.end_word if windows else 0
            last = self._ends[next_clause] == len(script.tokens)
            end = len(script.words) if last else script.tokens[self._ends[next_clause]].word
            windows.append(ChunkSpan(start_ms, end_ms, Chunk(tuple(tokens), first, end)))
        return windows


def _longest(lengths: npt.NDArray[np.float64]) -> npt.NDArray[np.intp]:
    """The indices of the _MAX_CANDIDATES longest, in order."""
    return np.sort(np.argsort(-lengths, kind="stable")[:_MAX_CANDIDATES])


def _fill_gaps(
    at_ms: npt.NDArray[np.float64], lengths: npt.NDArray[np.float64], activity: SpeechActivity
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Add points where two are so far apart that no window spans them.

    at_ms: the points, shape (n,).
    lengths: of the pauses at these points, shape (n,).

    The new points are the quietest moments of equal parts, with pauses of length 0; two of them are
    never MAX_WINDOW_MS apart.
    """
    points_ms, pause_ms = [at_ms[0]], [lengths[0]]
    for start_ms, end_ms, length in zip(at_ms[:-1], at_ms[1:], lengths[1:], strict=True):
        parts = ceil((end_ms - start_ms) / _PART_MS) if end_ms - start_ms > MAX_WINDOW_MS else 1
        edges = np.linspace(start_ms, end_ms, parts + 1)[:-1]
        points_ms += [*(activity.quietest(a, b) for a, b in pairwise(edges)), end_ms]
        pause_ms += [*[0.0] * (parts - 1), length]
    return np.array(points_ms), np.array(pause_ms)


def _sounding(activity: SpeechActivity, at_ms: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """How much sound there is before each of these moments, ms."""
    edges = activity.edges
    lengths = np.diff(edges)
    lengths[1::2] = 0.0
    return np.interp(at_ms, edges, np.concatenate(([0.0], np.cumsum(lengths))))


def _thin_out(ends: list[int], weights: npt.NDArray[np.float64]) -> list[int]:
    """At most _MAX_CANDIDATES clause ends, evenly spread over the speech; the first and last stay.

    ends: indices of tokens.
    weights: how much speech comes before each token, shape (tokens + 1,).
    """
    if len(ends) <= _MAX_CANDIDATES:
        return ends
    parts = np.floor(weights[ends[:-1]] / weights[-1] * (_MAX_CANDIDATES - 1))
    return [*(ends[i] for i in np.unique(parts, return_index=True)[1]), ends[-1]]


def _changes_language(script: Script, languages: Sequence[str | None], at: int) -> bool:
    """Whether a token is of another language than the one before it."""
    if at == len(script.tokens):
        return False
    return languages[script.tokens[at - 1].word] != languages[script.tokens[at].word]


def _clause_ends(script: Script) -> list[int]:
    """The indices of tokens at which a window may start or end: clause ends, changes of language,
    and in long clauses the end of every _MAX_CLAUSE_WORDS-th word."""
    ends = [0]
    languages = script.word_languages()
    for index, (token, following) in enumerate(pairwise(script.tokens), 1):
        if token.word == following.word:
            continue
        is_border = languages[token.word] != languages[following.word]
        if token.pause or is_border or index - ends[-1] >= _MAX_CLAUSE_WORDS:
            ends.append(index)
    return [*ends, len(script.tokens)]

"""Windows around the words that a recogniser heard: what is not in the text gets no word of it."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import inf
from typing import NamedTuple

from timing.alignment.estimate import speaking_weight
from timing.alignment.windows import OTHER_SOUND_MS, ChunkSpan
from timing.token_times import TimedToken
from tts.speech import Chunk, Token

_GAP_MS = 1_500.0
"""A stretch this long between two tokens has no word of the text: it is music, silence, or other
words."""
_MARGIN_MS = 300.0
"""What a window keeps of such a stretch: a recogniser's times are off by so much."""
_PAUSE_WITHIN_MS = 700.0
"""A pause so near to a word is a better place for a cut than the end of the margin."""
_UNHEARD_TOKENS = 4
_MIN_MS_PER_WEIGHT = 40.0
"""So many consecutive tokens that were not heard, in so little sound for each unit of weight, were
not spoken: a quick speaker takes twice that."""
_MISSED_TOKENS = 2
"""A recogniser may miss so many tokens at the edge of a clause that is spoken."""
_MIN_WINDOW_MS = 100.0


class _Cut(NamedTuple):
    """A moment of the audio, and the number of tokens before it."""

    at_ms: float
    tokens: int


def fit_windows(
    region: Sequence[ChunkSpan],
    times: Sequence[TimedToken],
    pauses: Sequence[tuple[float, float]] = (),
    *,
    apart: bool = False,
) -> list[ChunkSpan]:
    """The same stretch of audio in windows that hold the words that are spoken in them.

    region: consecutive windows.
    times: of all tokens of the region, in order, as `match` gives them: ms from its start.
    pauses: of the region, in order, ms from its start.
    apart: whether each run of tokens that were not heard, and each stretch of sound without a
        token, gets a window of its own; for listeners whose times are exact.

    The windows of the region stay apart where each has words. Stretches without a word of the text
    become windows without tokens, and tokens that cannot have been spoken in the time that the
    others leave become windows without audio.
    """
    tokens = [token for window in region for token in window.chunk.tokens]
    start_ms = region[0].start_ms
    duration_ms = region[-1].end_ms - start_ms
    unheard = _unheard_runs(tokens, times)
    unspoken = _unspoken_cuts(tokens, times, unheard, pauses, duration_ms)
    cuts = [*_edges_of_gaps(times, pauses, duration_ms), *_old_edges(region, times)]
    if apart:
        cuts += [cut for run in unheard for cut in _edges_of(run, times)]
        cuts += _edges_of_other_sound(times, pauses, duration_ms)
    whole_words = sorted({cut for cut in cuts if _is_between_words(tokens, cut.tokens)})
    path = _path(whole_words, unspoken, _Cut(duration_ms, len(tokens)))
    spoken_from = {run.start: run.stop for _, run in unspoken}
    windows: list[ChunkSpan] = []
    first_word = region[0].chunk.first_word
    for (_, first), (to_ms, end) in pairwise(path):
        end_word = tokens[end].word if end < len(tokens) else region[-1].chunk.end_word
        chunk = Chunk(tuple(tokens[first:end]), first_word, end_word)
        # The edges of the region are also those of its neighbours, to the last bit.
        window_start_ms = windows[-1].end_ms if windows else start_ms
        window_end_ms = region[-1].end_ms if to_ms == duration_ms else start_ms + to_ms
        is_spoken = first == end or spoken_from.get(first) != end
        windows.append(ChunkSpan(window_start_ms, window_end_ms, chunk, is_spoken))
        first_word = end_word
    return windows


def _path(cuts: Sequence[_Cut], unspoken: Sequence[tuple[float, range]], last: _Cut) -> list[_Cut]:
    """The cuts that leave no window too short, from the start to the last one.

    cuts: in order.
    unspoken: the place of each run of tokens without audio, and the run, in order.
    """
    path = [_Cut(0.0, 0)]
    ends = [*((_Cut(at_ms, run.start), run.stop) for at_ms, run in unspoken), (last, last.tokens)]
    for target, end in ends:
        for cut in cuts:
            is_between = path[-1].tokens <= cut.tokens <= target.tokens
            has_room = (
                cut.at_ms - path[-1].at_ms >= _MIN_WINDOW_MS
                and target.at_ms - cut.at_ms >= _MIN_WINDOW_MS
            )
            if is_between and has_room:
                path.append(cut)
        if target != path[-1]:
            path.append(target)
        if end != target.tokens:
            path.append(_Cut(target.at_ms, end))
    return path if len(path) > 1 else [*path, last]


def _unheard_runs(tokens: Sequence[Token], times: Sequence[TimedToken]) -> list[range]:
    """The runs of tokens that were not heard, of whole words, nothing else in their place.

    A run that ends a little beyond a clause ends with it: the words there are missed ones of the
    clause beside it.
    """
    runs: list[range] = []
    first = 0
    for index in range(len(times) + 1):
        if index < len(times) and not times[index].is_heard and not times[index].is_replaced:
            continue
        start, end = first, index
        while start < end and not _is_between_words(tokens, start):
            start += 1
        while start < end and not _is_between_words(tokens, end):
            end -= 1
        clauses = [at for at in range(start, end + 1) if not at or tokens[at - 1].pause]
        begins = [at for at in clauses if at - start <= _MISSED_TOKENS]
        stops = [at for at in clauses if end - at <= _MISSED_TOKENS]
        start, end = (*begins, start)[0], (end, *stops)[-1]
        # A recogniser that heard nothing of the text says nothing about it.
        if _UNHEARD_TOKENS <= end - start < len(times):
            runs.append(range(start, end))
        first = index + 1
    return runs


def _unspoken_cuts(
    tokens: Sequence[Token],
    times: Sequence[TimedToken],
    runs: Sequence[range],
    pauses: Sequence[tuple[float, float]],
    duration_ms: float,
) -> list[tuple[float, range]]:
    """The runs that nobody can have said in the sound that they have, each with its place, ms."""
    placed: list[tuple[float, range]] = []
    for run in runs:
        start_ms, end_ms = times[run.start].start_ms, times[run.stop - 1].end_ms
        silent_ms = sum(
            min(end_ms, b) - max(start_ms, a) for a, b in _between(pauses, start_ms, end_ms)
        )
        weight = sum(speaking_weight(tokens[index]) for index in run)
        if end_ms - start_ms - silent_ms >= _MIN_MS_PER_WEIGHT * weight:
            continue
        at_ms = _near(start_ms, pauses)
        if run.start == 0 and at_ms < _MIN_WINDOW_MS:
            at_ms = 0.0
        if run.stop == len(tokens) and duration_ms - at_ms < _MIN_WINDOW_MS:
            at_ms = duration_ms
        before = (*(ms for ms, _ in placed[-1:]), 0.0)[0]
        # The words before the run, and those after it, need a window.
        earliest = before + (_MIN_WINDOW_MS if run.start else 0.0)
        latest = duration_ms - (_MIN_WINDOW_MS if run.stop < len(tokens) else 0.0)
        if earliest <= latest:
            placed.append((min(max(at_ms, earliest), latest), run))
    return placed


def _edges_of(run: range, times: Sequence[TimedToken]) -> Iterator[_Cut]:
    """The end of the token before a run, and the start of the token after it."""
    if run.start:
        yield _Cut(times[run.start - 1].end_ms, run.start)
    if run.stop < len(times):
        yield _Cut(times[run.stop].start_ms, run.stop)


def _edges_of_gaps(
    times: Sequence[TimedToken], pauses: Sequence[tuple[float, float]], duration_ms: float
) -> list[_Cut]:
    """Both edges of each long stretch without a token, also before the first and after the last."""
    edges: list[_Cut] = []
    ends = [0.0, *(time.end_ms for time in times)]
    starts = [*(time.start_ms for time in times), duration_ms]
    for index, (end_ms, start_ms) in enumerate(zip(ends, starts, strict=True)):
        if start_ms - end_ms < _GAP_MS:
            continue
        if index:
            edges.append(_Cut(_after(end_ms, pauses), index))
        if index < len(times):
            edges.append(_Cut(_before(start_ms, pauses), index))
    return edges


def _edges_of_other_sound(
    times: Sequence[TimedToken], pauses: Sequence[tuple[float, float]], duration_ms: float
) -> Iterator[_Cut]:
    """Both edges of each stretch between tokens that sounds: a stammer, a filler, other words."""
    ends = [0.0, *(time.end_ms for time in times)]
    starts = [*(time.start_ms for time in times), duration_ms]
    for index, (end_ms, start_ms) in enumerate(zip(ends, starts, strict=True)):
        if start_ms - end_ms < OTHER_SOUND_MS:
            continue
        inside = [(max(a, end_ms), min(b, start_ms)) for a, b in _between(pauses, end_ms, start_ms)]
        if start_ms - end_ms - sum(b - a for a, b in inside) < OTHER_SOUND_MS:
            continue
        if index:
            after = [(a, b) for a, b in inside if a <= end_ms + _MIN_WINDOW_MS]
            at_ms = min(sum(after[0]) / 2, after[0][0] + _MARGIN_MS) if after else end_ms
            yield _Cut(at_ms, index)
        if index < len(times):
            before = [(a, b) for a, b in inside if b >= start_ms - _MIN_WINDOW_MS]
            at_ms = max(sum(before[-1]) / 2, before[-1][1] - _MARGIN_MS) if before else start_ms
            yield _Cut(at_ms, index)


def _between(
    pauses: Sequence[tuple[float, float]], start_ms: float, end_ms: float
) -> Sequence[tuple[float, float]]:
    """The pauses that lie in a stretch, in whole or in part."""
    first = bisect_right(pauses, start_ms, key=lambda pause: pause[1])
    return pauses[first : bisect_left(pauses, end_ms, key=lambda pause: pause[0])]


def _old_edges(region: Sequence[ChunkSpan], times: Sequence[TimedToken]) -> list[_Cut]:
    """The cuts between the windows of a region, each after the tokens that lie before it."""
    middles = [(time.start_ms + time.end_ms) / 2 for time in times]
    cuts: list[_Cut] = []
    for window in region[:-1]:
        at_ms = window.end_ms - region[0].start_ms
        before = bisect_left(middles, at_ms)
        end_ms = times[before - 1].end_ms if before else 0.0
        start_ms = times[before].start_ms if before < len(times) else inf
        # A long stretch without tokens has its own cuts.
        if start_ms - end_ms < _GAP_MS:
            cuts.append(_Cut(at_ms, before))
    return cuts


def _is_between_words(tokens: Sequence[Token], index: int) -> bool:
    """Whether a cut before this token leaves every word whole."""
    return not 0 < index < len(tokens) or tokens[index - 1].word != tokens[index].word


def _after(end_ms: float, pauses: Sequence[tuple[float, float]]) -> float:
    """A cut after a token: in the first pause after it, or where the margin ends."""
    for pause_start, pause_end in pauses:
        if pause_end > end_ms:
            near = pause_start <= end_ms + _PAUSE_WITHIN_MS
            # In a long pause the cut lies a margin after the word.
            middle = min((pause_start + pause_end) / 2, pause_start + _MARGIN_MS)
            return max(middle, end_ms) if near else end_ms + _MARGIN_MS
    return end_ms + _MARGIN_MS


def _before(start_ms: float, pauses: Sequence[tuple[float, float]]) -> float:
    """A cut before a token: in the last pause before it, or where the margin begins."""
    for pause_start, pause_end in reversed(pauses):
        if pause_start < start_ms:
            near = pause_end >= start_ms - _PAUSE_WITHIN_MS
            middle = max((pause_start + pause_end) / 2, pause_end - _MARGIN_MS)
            return min(middle, start_ms) if near else start_ms - _MARGIN_MS
    return start_ms - _MARGIN_MS


def _near(at_ms: float, pauses: Sequence[tuple[float, float]]) -> float:
    """A cut at a moment, or in the pause beside it."""
    middles = [(start_ms + end_ms) / 2 for start_ms, end_ms in pauses]
    nearest = min(middles, key=lambda middle: abs(middle - at_ms), default=at_ms)
    return nearest if abs(nearest - at_ms) <= _PAUSE_WITHIN_MS / 2 else at_ms

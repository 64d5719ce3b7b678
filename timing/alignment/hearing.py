"""Windows around the words that a recogniser heard: what is not in the text gets no word of it."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from math import inf
from typing import NamedTuple

from timing.alignment.estimate import speaking_weight
from timing.alignment.windows import ChunkSpan
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
"""So many consecutive tokens that were not heard, in so little time for each unit of weight, were
not spoken: a quick speaker takes twice that. They are a window of their own, which fails alone."""
_MIN_WINDOW_MS = 100.0


class _Cut(NamedTuple):
    """A moment of the audio, and the number of tokens before it."""

    at_ms: float
    tokens: int


def fit_windows(
    region: Sequence[ChunkSpan],
    times: Sequence[TimedToken],
    pauses: Sequence[tuple[float, float]] = (),
) -> list[ChunkSpan]:
    """The same stretch of audio in windows that hold the words that are spoken in them.

    region: consecutive windows.
    times: of all tokens of the region, in order, as `match` gives them: ms from its start.
    pauses: of the region, in order, ms from its start.

    The windows of the region stay apart where each has words. Stretches without a word of the text
    become windows without tokens, and tokens that were not spoken become windows of their own.
    """
    tokens = [token for window in region for token in window.chunk.tokens]
    start_ms = region[0].start_ms
    duration_ms = region[-1].end_ms - start_ms
    cuts = [
        *_edges_of_gaps(times, pauses, duration_ms),
        *_edges_of_unheard(tokens, times, pauses),
        *_old_edges(region, times),
    ]
    whole_words = sorted({cut for cut in cuts if _is_between_words(tokens, cut.tokens)})
    path = [_Cut(0.0, 0)]
    for cut in whole_words:
        if cut.tokens >= path[-1].tokens and cut.at_ms - path[-1].at_ms >= _MIN_WINDOW_MS:
            path.append(cut)
    while len(path) > 1 and duration_ms - path[-1].at_ms < _MIN_WINDOW_MS:
        path.pop()
    path.append(_Cut(duration_ms, len(tokens)))
    windows: list[ChunkSpan] = []
    first_word = region[0].chunk.first_word
    for (_, first), (to_ms, end) in pairwise(path):
        end_word = tokens[end].word if end < len(tokens) else region[-1].chunk.end_word
        chunk = Chunk(tuple(tokens[first:end]), first_word, end_word)
        # The edges of the region are also those of its neighbours, to the last bit.
        window_start_ms = windows[-1].end_ms if windows else start_ms
        window_end_ms = region[-1].end_ms if to_ms == duration_ms else start_ms + to_ms
        windows.append(ChunkSpan(window_start_ms, window_end_ms, chunk))
        first_word = end_word
    return windows


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


def _edges_of_unheard(
    tokens: Sequence[Token], times: Sequence[TimedToken], pauses: Sequence[tuple[float, float]]
) -> list[_Cut]:
    """Both edges of each run of tokens that cannot be spoken in the time that the others leave."""
    edges: list[_Cut] = []
    first = 0
    for index in range(len(times) + 1):
        if index < len(times) and not times[index].is_heard:
            continue
        weight = sum(speaking_weight(token) for token in tokens[first:index])
        length_ms = times[index - 1].end_ms - times[first].start_ms if index > first else 0.0
        if index - first >= _UNHEARD_TOKENS and length_ms < _MIN_MS_PER_WEIGHT * weight:
            edges.append(_Cut(_near(times[first].start_ms, pauses), first))
            edges.append(_Cut(_near(times[index - 1].end_ms, pauses), index))
        first = index + 1
    return edges


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

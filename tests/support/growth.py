"""How the CPU time of code grows with the length of its input: 1 is linear, 2 is quadratic."""

import gc
import time
from collections.abc import Callable
from math import log2

MAX_EXPONENT = 1.5
"""Time that grows faster than this is more than linear: noise moves a linear exponent by 0.2."""

_TRIES = 3
_IN_DOUBT = 1.3
"""From here on it is measured twice: a machine that is shared takes processor time away unseen."""


def exponent(work: Callable[[int], object], size: int, quick_s: float, smallest: int = 0) -> float:
    """The exponent by which the time of `work` grows up to `size`; 0 if it stays below `quick_s`.

    work: code that is called with the length of its input.
    size: the longest input.
    quick_s: CPU seconds; only code that takes longer is measured again, at three sizes.
    smallest: the search for a size that takes so long begins here, and at a quarter of `size` if 0.

    It is the lower one of the exponents of two doublings, each from the best of three runs. The
    thread's own CPU time is counted, so that other processes hardly disturb it.
    """
    at = smallest or size // 4
    while _cost(work, at) < quick_s:
        if at >= size:
            return 0.0
        # Slowly at first: the time may double with each character.
        at = min(size, at + 2 if at < 32 else at * 4)
    first = _growth(work, at)
    return first if first < _IN_DOUBT else min(first, _growth(work, at))


def _growth(work: Callable[[int], object], size: int) -> float:
    costs = [min(_cost(work, part) for _ in range(_TRIES)) for part in (size // 4, size // 2, size)]
    return min(log2(costs[1] / costs[0]), log2(costs[2] / costs[1]))


def _cost(work: Callable[[int], object], size: int) -> float:
    """CPU seconds of this thread; the garbage of earlier work is not collected meanwhile."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        start = time.thread_time()
        work(size)
        return time.thread_time() - start
    finally:
        if was_enabled:
            gc.enable()

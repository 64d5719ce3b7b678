"""Trying a step again. Standard library only."""

import time
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")


def retry(
    step: Callable[[], T],
    errors: tuple[type[Exception], ...],
    after_s: Sequence[float],
    is_final: Callable[[Exception], bool],
    announce: Callable[[Exception, float], None],
) -> T:
    """Call `step` until it succeeds: once, and once more after each wait in `after_s`.

    errors: the classes of error after which the step is tried again.
    after_s: the seconds to wait before each further attempt.
    is_final: whether another attempt after this error is useless.
    announce: called before each wait with the error and the seconds.

    Raises the step's last error, or the first one that is final.
    """
    for wait_s in after_s:
        try:
            return step()
        except errors as error:
            if is_final(error):
                raise
            announce(error, wait_s)
        time.sleep(wait_s)
    return step()

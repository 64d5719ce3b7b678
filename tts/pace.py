"""The slowest pace at which a speech fits into a length: as natural as the length allows."""

from collections.abc import Callable
from dataclasses import dataclass

MAX_PASSES = 7
"""Attempts to find the pace. Each of them speaks the whole script."""

MIN_FILL, AIM = 0.97, 0.985
"""A speech that had to be faster fills MIN_FILL of the length; each attempt aims at AIM of it."""
_CLOSE = 1.005
"""Two paces that differ by less than this sound alike."""


class TooLong(Exception):
    """Not even the fastest speech fits. `length` is that of the fastest."""

    def __init__(self, length: float) -> None:
        super().__init__(length)
        self.length = length


@dataclass(frozen=True)
class _Attempt:
    speed: float
    length: float


def slowest_fitting(
    length_at: Callable[[float], float], limit: float, slowest: float, fastest: float
) -> float:
    """The pace, from `slowest` to `fastest`, at which a speech is no longer than `limit`.

    length_at: speaks at a pace and returns the length, in the unit of `limit`. Of the paces that it
        was asked for, the result is one.

    A speech that fits at `slowest` is not made faster; one that must be faster fills MIN_FILL of
    the limit, or is at most _CLOSE faster than a speech that is too long. Raises TooLong.
    """
    long = _Attempt(slowest, length_at(slowest))
    if long.length <= limit:
        return slowest
    earlier: _Attempt | None = None
    fitting: _Attempt | None = None
    for passes_left in range(MAX_PASSES - 2, -1, -1):
        other = fitting or earlier
        speed = min(fastest, _next_speed(long, other, AIM * limit))
        if fitting is not None:
            # Between the two, or the search would leave what it has enclosed.
            speed = min(max(speed, long.speed), fitting.speed)
            if fitting.speed <= _CLOSE * long.speed or speed in (long.speed, fitting.speed):
                break
        elif not passes_left:
            speed = fastest
        attempt = _Attempt(speed, length_at(speed))
        if attempt.length <= limit:
            fitting = attempt
            if attempt.length >= MIN_FILL * limit:
                break
        elif speed >= fastest:
            raise TooLong(attempt.length)
        else:
            earlier, long = long, attempt
    if fitting is None:
        raise TooLong(long.length)
    return fitting.speed


def _next_speed(long: _Attempt, other: _Attempt | None, target: float) -> float:
    """The pace at which a speech is as long as `target`: words shrink with the pace, pauses do not.

    long: an attempt that is longer than the target; other: another one, if there is one.
    """
    if other is not None and other.speed != long.speed and other.length != long.length:
        words = (long.length - other.length) / (1 / long.speed - 1 / other.speed)
        pauses = long.length - words / long.speed
        if words > 0 and target > pauses:
            return max(words / (target - pauses), _CLOSE * long.speed)
    return long.speed * long.length / target

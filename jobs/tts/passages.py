"""Passages of a script whose pace is another one."""

from jobs.tts.request import FASTEST_SPEED, MIN_SPEED
from tts.speech import Script
from tts.text.tags import TagRejected


def slowest_rate(script: Script, speed: float) -> float:
    """The rate of the script's slowest passage, 1 at most.

    Raises TagRejected for a passage that would be slower or faster than any request's `speed`.
    """
    rates = [mark.rate for mark in script.directives if mark.rate is not None]
    for rate in rates:
        if not MIN_SPEED <= rate * speed <= FASTEST_SPEED:
            raise TagRejected(
                f"a passage with the rate {rate:g} has the pace {rate * speed:g} where `speed` is "
                f"{speed:g}; give a rate or a `speed` that make {MIN_SPEED:g} to "
                f"{FASTEST_SPEED:g} together"
            )
    return min([1.0, *rates])

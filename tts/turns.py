"""Work on the model in turns, so that the work of several jobs can take turns on it."""

from collections.abc import Generator
from typing import TypeVar

T = TypeVar("T")

Turns = Generator[None, None, T]
"""Work that can pause: each `next` does a part of it, about one batch of takes, and the last one
returns the result. A pause keeps nothing in what the engine shares between its calls."""


def at_once(turns: Turns[T]) -> T:
    """Do the work without a pause and return its result. Raises what the work raises."""
    while True:
        try:
            next(turns)
        except StopIteration as end:
            result: T = end.value
            return result

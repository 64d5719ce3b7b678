"""When a spoken token is heard: the plain values that aligners make and words are timed with."""

from collections.abc import Sequence
from typing import NamedTuple


class Character(NamedTuple):
    """A letter of a spoken word and when it sounds, ms."""

    char: str
    start_ms: float
    end_ms: float


class TokenTime(NamedTuple):
    """When one spoken token sounds, ms from the start of its window, and how sure that is, 0..1.

    `heard` is false where the time is only what its neighbours leave. `characters` are its letters,
    in the same time, from an aligner that places them.
    """

    start_ms: float
    end_ms: float
    score: float
    heard: bool = True
    characters: tuple[Character, ...] = ()


class Outcome(NamedTuple):
    """What placed a window: an aligner or "estimate", the times of its tokens, where the sound of
    the last one ends, and what became of those that were asked before."""

    source: str
    times: Sequence[TokenTime]
    end_ms: float
    failures: tuple[str, ...] = ()


class PlacedToken(NamedTuple):
    """One token's time, ms from the start of the audio, and what placed it.

    `heard` is false where no aligner heard this very token.
    """

    start_ms: float
    end_ms: float
    score: float
    source: str
    heard: bool = True
    characters: tuple[Character, ...] = ()

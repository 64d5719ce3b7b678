"""When a spoken token sounds: the values that aligners return and words are timed with.

Times are float milliseconds here. timing.words rounds them, once, when a script's words get theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple, TypeVar

MIN_WORD_MS = 20
"""The least that a token, a word or a cue lasts where the audio has room for it. Nobody would see a
shorter cue, and one of less than 10 ms can be empty in ASS, which counts centiseconds."""

ESTIMATE: Final = "estimate"
"""The source of times that no aligner gave: they follow from the pauses and the letters."""

Milliseconds = TypeVar("Milliseconds", int, float)


class TimedCharacter(NamedTuple):
    """A letter of a spoken word and when it sounds, ms."""

    char: str
    start_ms: float
    end_ms: float

    def shifted(self, ms: float) -> "TimedCharacter":
        """The same letter, so many milliseconds later."""
        return self._replace(start_ms=self.start_ms + ms, end_ms=self.end_ms + ms)

    def rounded(self, first_ms: int, last_ms: int) -> "TimedCharacter":
        """The same letter in whole milliseconds, no edge before `first_ms` or after `last_ms`."""
        start_ms, end_ms = (
            min(max(round(ms), first_ms), last_ms) for ms in (self.start_ms, self.end_ms)
        )
        return TimedCharacter(self.char, start_ms, end_ms)


@dataclass(frozen=True, slots=True)
class TimedToken:
    """When one spoken token sounds.

    start_ms, end_ms: from the start of its window, or of the audio after `shifted`.
    confidence: how sure the aligner is of that, 0..1.
    is_heard: false where the time is only what the tokens around it leave.
    characters: its letters in the same time, if the aligner places letters.
    is_replaced: true where it was not heard, and other words were in its place ("1967").
    """

    start_ms: float
    end_ms: float
    confidence: float
    is_heard: bool = True
    characters: tuple[TimedCharacter, ...] = ()
    is_replaced: bool = False

    def shifted(self, ms: float) -> "TimedToken":
        """The same token and its letters, so many milliseconds later."""
        letters = tuple(letter.shifted(ms) for letter in self.characters)
        start_ms, end_ms = self.start_ms + ms, self.end_ms + ms
        return replace(self, start_ms=start_ms, end_ms=end_ms, characters=letters)


class AlignmentFailure(NamedTuple):
    """Why an aligner could not place the text of a window.

    aligner: its name.
    reason: what clients read.
    is_mismatch: true if other words are spoken there; false if the aligner itself could not work.
    """

    aligner: str
    reason: str
    is_mismatch: bool


@dataclass(frozen=True, slots=True)
class WindowAlignment:
    """The times of one window's tokens.

    source: what placed the tokens, an aligner's name or ESTIMATE.
    times: one for each token, ms from the start of the window, or of the audio after `shifted`.
    end_ms: where the sound of the last token ends; it may sound on after its time.
    failures: of the aligners that were asked before and could not place the window.
    is_spoken: false if nobody says the tokens in this audio.
    skips_sound: true if something sounds between two of the tokens that is neither of them: a
        stammer, a filler, other words. Then the tokens before it may be said after it.
    """

    source: str
    times: Sequence[TimedToken]
    end_ms: float
    failures: tuple[AlignmentFailure, ...] = ()
    is_spoken: bool = True
    skips_sound: bool = False

    def shifted(self, ms: float) -> "WindowAlignment":
        """The same times, so many milliseconds later."""
        times = [time.shifted(ms) for time in self.times]
        return replace(self, times=times, end_ms=self.end_ms + ms)


def separate(
    spans: Sequence[tuple[Milliseconds, Milliseconds]],
    duration_ms: Milliseconds,
    shortest_ms: Milliseconds,
) -> list[tuple[Milliseconds, Milliseconds]]:
    """Move spans apart so that they lie in order inside the audio.

    spans: starts and ends in any order, also outside the audio.
    duration_ms: the length of the audio.
    shortest_ms: what every span gets at least; all of them together must fit into the audio.

    A span without a conflict stays as it is; nothing is rounded.
    """
    starts: list[Milliseconds] = []
    for index, (start_ms, _) in enumerate(spans):
        earliest = starts[-1] + shortest_ms if starts else 0
        # The spans that follow need their room before the end of the audio.
        latest = duration_ms - shortest_ms * (len(spans) - index)
        starts.append(min(max(start_ms, earliest), latest))
    limits = starts[1:]
    limits.append(duration_ms)
    return [
        (start_ms, min(max(end_ms, start_ms + shortest_ms), limit_ms))
        for start_ms, (_, end_ms), limit_ms in zip(starts, spans, limits, strict=True)
    ]


def separate_tokens(times: Sequence[TimedToken], duration_ms: float) -> list[TimedToken]:
    """The tokens of a window in order, apart, inside it and at least 20 ms long, not rounded.

    A window too short for 20 ms each is shared equally.
    """
    if not times:
        return []
    shortest_ms = min(float(MIN_WORD_MS), duration_ms / len(times))
    spans = separate([(time.start_ms, time.end_ms) for time in times], duration_ms, shortest_ms)
    return [
        replace(time, start_ms=start_ms, end_ms=end_ms)
        for time, (start_ms, end_ms) in zip(times, spans, strict=True)
    ]

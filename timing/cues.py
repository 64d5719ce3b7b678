"""Words grouped into cues: what is on the screen at one time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from timing.words import SHORTEST_MS, TimedWord


@dataclass(frozen=True, slots=True)
class Cue:
    """Lines of words shown from `start_ms` to `end_ms`; the next cue starts no earlier."""

    start_ms: int
    end_ms: int
    lines: tuple[tuple[TimedWord, ...], ...]

    @property
    def texts(self) -> tuple[str, ...]:
        """The lines as plain text, for a format to escape."""
        return tuple(" ".join(word.word for word in line) for line in self.lines)


def one_word(words: Sequence[TimedWord]) -> tuple[Cue, ...]:
    """One word a cue; words crammed into less than 20 ms share one.

    A shorter cue would be seen by nobody, and could be empty in the centiseconds of ASS.
    """
    groups: list[list[TimedWord]] = []
    for word in words:
        if groups and _length_ms(groups[-1]) < SHORTEST_MS:
            groups[-1].append(word)
        else:
            groups.append([word])
    if len(groups) > 1 and _length_ms(groups[-1]) < SHORTEST_MS:
        last = groups.pop()
        groups[-1] += last
    return tuple(Cue(group[0].start_ms, group[-1].end_ms, (tuple(group),)) for group in groups)


PRESETS: dict[str, Callable[[Sequence[TimedWord]], tuple[Cue, ...]]] = {"word": one_word}
"""How words become cues, by the name that a client gives."""


def _length_ms(words: Sequence[TimedWord]) -> int:
    return words[-1].end_ms - words[0].start_ms

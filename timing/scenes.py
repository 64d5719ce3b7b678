"""The moments that a script's marks name, and the scenes between them."""

from collections.abc import Sequence
from dataclasses import dataclass

from timing.words import TimedWord
from tts.speech import Script


@dataclass(frozen=True, slots=True)
class PlacedMark:
    """A mark and its time: when the sound of the next word starts.

    word: the index of that word; the number of words at the end of the script.
    """

    name: str
    time_ms: int
    word: int


@dataclass(frozen=True, slots=True)
class Scene:
    """What is said from a mark to the next one; `name` is empty before the first mark."""

    name: str
    start_ms: int
    end_ms: int
    text: str


def place_marks(script: Script, words: Sequence[TimedWord], duration_ms: int) -> list[PlacedMark]:
    """The script's marks in order, at whole milliseconds from the start of the audio.

    words: the script's words with their times.
    duration_ms: the length of the audio; a mark after the last word is there.

    Words without sound after a mark do not count: the mark waits for the next one that sounds.
    """
    starts_ms = [duration_ms] * (len(words) + 1)
    for index in range(len(words) - 1, -1, -1):
        is_silent = words[index].is_silent
        starts_ms[index] = starts_ms[index + 1] if is_silent else words[index].start_ms
    return [PlacedMark(mark.name, starts_ms[mark.word], mark.word) for mark in script.marks]


def scenes(script: Script, marks: Sequence[PlacedMark], duration_ms: int) -> list[Scene]:
    """The scenes in order; they cover the audio without a gap.

    A scene lasts from its mark to the next one. What comes before the first mark is a scene without
    a name, unless nothing is said there: then the first scene begins with the audio.
    """
    begins = list(marks)
    if not begins or begins[0].word > 0:
        begins.insert(0, PlacedMark("", 0, 0))
    starts_ms = [0, *(mark.time_ms for mark in begins[1:])]
    ends_ms = [*starts_ms[1:], duration_ms]
    edges = [*(mark.word for mark in begins), len(script.words)]
    return [
        Scene(mark.name, start_ms, end_ms, _text(script, first, end))
        for mark, start_ms, end_ms, first, end in zip(
            begins, starts_ms, ends_ms, edges, edges[1:], strict=False
        )
    ]


def _text(script: Script, first: int, end: int) -> str:
    if first == end:
        return ""
    text = script.text[script.words[first].char_start : script.words[end - 1].char_end]
    return " ".join(text.split())

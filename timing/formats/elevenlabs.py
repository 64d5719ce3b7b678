"""JSON as ElevenLabs' text to speech with timestamps has it: a time for each character."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

from timing.formats.dumps import dumps
from timing.subtitles.captions import Captions
from timing.subtitles.units import letter_edges

_Timed = tuple[str, int, int]
"""A character, its start and its end in ms."""


def render(captions: Captions) -> bytes:
    """The characters of the script and of what is spoken for it, those between words included.

    `audio_base64` is left out: the audio is a file of its own.
    """
    document = {
        "alignment": alignment(captions),
        "normalized_alignment": _alignment(_spoken(captions)),
    }
    return dumps(document)


def alignment(captions: Captions) -> dict[str, list[Any]]:
    """The times of each character of the script; joined, the characters are its text."""
    return _alignment(_written(captions))


def _alignment(characters: Iterable[_Timed]) -> dict[str, list[Any]]:
    timed = list(characters)
    return {
        "characters": [char for char, _, _ in timed],
        "character_start_times_seconds": [start_ms / 1000 for _, start_ms, _ in timed],
        "character_end_times_seconds": [end_ms / 1000 for _, _, end_ms in timed],
    }


def _written(captions: Captions) -> Iterator[_Timed]:
    """Every character of the script's text."""
    before_ms = 0
    for gap, word in zip(captions.gaps, captions.words, strict=False):
        yield from _shared(gap, before_ms, word.start_ms)
        yield from _placed(word.word, letter_edges(word))
        before_ms = word.end_ms
    yield from _shared(captions.gaps[-1], before_ms, max(before_ms, captions.duration_ms))


def _spoken(captions: Captions) -> Iterator[_Timed]:
    """Every character that is spoken, with a space between two words where the script has one."""
    before_ms: int | None = None
    has_space = False
    for word in captions.words:
        has_space = has_space or not word.no_space_before
        if not word.spoken:
            continue
        if before_ms is not None and has_space:
            yield from _shared(" ", before_ms, word.start_ms)
        yield from _placed(word.spoken, letter_edges(replace(word, word=word.spoken)))
        before_ms, has_space = word.end_ms, False


def _shared(text: str, start_ms: int, end_ms: int) -> Iterator[_Timed]:
    """Characters that share a time span equally."""
    length_ms = end_ms - start_ms
    edges = [start_ms + length_ms * step // max(1, len(text)) for step in range(len(text) + 1)]
    yield from _placed(text, edges)


def _placed(text: str, edges: list[int]) -> Iterator[_Timed]:
    yield from zip(text, edges, edges[1:], strict=False)

"""A speech cut into parts: which words each has, and where in the pauses the cuts lie."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from timing.subtitles.cues import Cue
from timing.words import Timing, sentences
from tts.speech import Script, Speech

SENTENCE: Final = "sentence"
MARK: Final = "mark"
TURN: Final = "turn"
CUE: Final = "cue"
KINDS = (SENTENCE, MARK, TURN, CUE)
"""What a part may be: a sentence, a scene between two marks, what one voice says, a caption."""

MAX_PARTS = 1000
"""Most parts of a speech: each is a file of its own, with a link in the reply."""

_WINDOW_MS = 10
"""A cut lies in the middle of the quietest stretch of this length."""
_AROUND_MS = 30
"""How far from the border of two words without a pause the quietest place is looked for."""


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of the speech.

    text: what is said in it, as the script has it; of a caption what it shows.
    voice: the name of the voice that begins it.
    start_ms, end_ms: where its first word begins to sound, and its last one ends.
    """

    text: str
    voice: str
    start_ms: float
    end_ms: float


def split(
    kind: str, script: Script, timing: Timing, cues: Sequence[Cue], voices: Sequence[str]
) -> list[Part]:
    """The parts of a speech, in order; every word that sounds is in one of them.

    kind: one of KINDS.
    cues: those of the whole speech, for parts of the kind CUE.
    voices: the name of the voice of each chunk.
    """
    if kind == CUE:
        return [
            Part(
                " ".join(cue.texts),
                voices[timing.words[cue.lines[0][0].word].chunk],
                cue.lines[0][0].start_ms,
                cue.lines[-1][-1].end_ms,
            )
            for cue in cues
        ]
    return [_part(script, timing, words, voices) for words in _groups(kind, script, timing, voices)]


def _groups(kind: str, script: Script, timing: Timing, voices: Sequence[str]) -> list[range]:
    """The words of each part, as ranges that cover the script."""
    count = len(script.words)
    if kind == SENTENCE:
        return sentences(script)
    if kind == MARK:
        firsts = {0, *(mark.word for mark in script.marks)} - {count}
    else:
        names = [voices[word.chunk] for word in timing.words]
        firsts = {0, *(i for i in range(1, count) if names[i] != names[i - 1])}
    return [range(a, b) for a, b in pairwise([*sorted(firsts), count])]


def _part(script: Script, timing: Timing, words: range, voices: Sequence[str]) -> Part:
    first, last = words[0], words[-1]
    text = script.text[script.words[first].char_start : script.words[last].char_end]
    # A bullet or a dash has no sound of its own.
    sounding = [timing.words[i] for i in words if not timing.words[i].is_silent]
    placed = sounding or [timing.words[first]]
    return Part(
        " ".join(text.split()),
        voices[timing.words[first].chunk],
        placed[0].start_ms,
        placed[-1].end_ms,
    )


def cuts(parts: Sequence[Part], speech: Speech) -> list[int]:
    """Where each part but the first begins, in samples of the speech; they grow.

    A cut lies in the middle of the quietest place between two parts.
    """
    found: list[int] = []
    for before, after in pairwise(parts):
        start_ms, end_ms = before.end_ms, max(before.end_ms, after.start_ms)
        if end_ms - start_ms < 2 * _AROUND_MS:
            middle_ms = (start_ms + end_ms) / 2
            start_ms, end_ms = middle_ms - _AROUND_MS, middle_ms + _AROUND_MS
        earliest = found[-1] + 1 if found else 1
        found.append(max(earliest, _quietest(speech, start_ms, end_ms)))
    return [min(cut, len(speech.samples)) for cut in found]


def _quietest(speech: Speech, start_ms: float, end_ms: float) -> int:
    """The middle of the quietest stretch between two moments, in samples."""
    rate = speech.sample_rate
    start, end = (
        min(max(0, round(ms * rate / 1000)), len(speech.samples)) for ms in (start_ms, end_ms)
    )
    window = rate * _WINDOW_MS // 1000
    energy = np.cumsum(np.square(speech.samples[start:end], dtype=np.float64))
    if len(energy) <= window:
        return (start + end) // 2
    levels = energy[window:] - energy[:-window]
    # Digital silence is equally quiet in many places: the cut lies in the middle of them.
    quiet = np.flatnonzero(levels <= levels.min() + 1e-9)
    return start + int(quiet[len(quiet) // 2]) + window // 2

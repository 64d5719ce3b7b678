"""A script that several voices speak: each its own chunks, in order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby

import numpy as np

from tts.engine import Engine, Sampling, Voice
from tts.speech import Chunk, Pcm, Speech


def speak(
    engine: Engine,
    chunks: Sequence[Chunk],
    voices: Mapping[str | None, Voice],
    sampling: Sampling,
    on_chunk: Callable[[int], None],
) -> Speech:
    """`engine.speak`, chunks of one voice in a row together.

    `voices` has the voice of every chunk's `voice`. One that falls silent leaves the pause of its
    last chunk.
    """
    parts: list[Speech] = []
    done = 0
    for name, run in groupby(chunks, lambda chunk: chunk.voice):
        own = list(run)

        def told(number: int, before: int = done) -> None:
            on_chunk(before + number)

        parts.append(engine.speak(own, voices[name], sampling, told))
        done += len(own)
    return parts[0] if len(parts) == 1 else _one_after_another(parts)


def _one_after_another(parts: Sequence[Speech]) -> Speech:
    spans = []
    offset = 0
    for part in parts:
        spans += [
            replace(span, start=span.start + offset, end=span.end + offset) for span in part.chunks
        ]
        offset += len(part.samples)
    numbers = np.concatenate([Pcm.of(part.samples).numbers for part in parts])
    return Speech(Pcm(numbers), parts[0].sample_rate, tuple(spans))

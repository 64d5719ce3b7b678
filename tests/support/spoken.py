"""Chunks spoken by an engine and joined, as a job does it."""

from collections.abc import Callable, Sequence

from tts import synthesis
from tts.engine import Engine, Sampling, Take, Voice
from tts.speech import Chunk, Speech


def spoken(
    engine: Engine,
    chunks: Sequence[Chunk],
    sampling: Sampling,
    on_take: Callable[[int], None] = lambda done: None,
    voice: Voice | None = None,
    number: int = 0,
) -> Speech:
    """All chunks in one voice, by default the engine's own; `number` is each one's try."""
    tries = [Take(index, number) for index in range(len(chunks))]
    voices: dict[str | None, Voice] = {None: voice or engine.default_voice}
    takes = synthesis.synthesize_takes(engine, chunks, voices, sampling, tries, on_take)
    return synthesis.assemble(takes, chunks, engine.sample_rate, sampling)

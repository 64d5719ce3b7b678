"""Chunks spoken by an engine and joined, as a job does it."""

from collections.abc import Callable, Sequence

from tts.audio.join import JoinOptions
from tts.engine import Engine, SamplingOptions, Take, Voice
from tts.speech import Chunk, Speech
from tts.synthesis import Synthesis


def spoken(
    engine: Engine,
    chunks: Sequence[Chunk],
    sampling: SamplingOptions,
    on_take: Callable[[int], None] = lambda done: None,
    *,
    joining: JoinOptions | None = None,
    voice: Voice | None = None,
    number: int = 0,
) -> Speech:
    """All chunks in one voice, by default the engine's own; `number` is each one's try."""
    tries = [Take(index, number) for index in range(len(chunks))]
    voices: dict[str | None, Voice] = {None: voice or engine.default_voice}
    synthesis = Synthesis(engine, chunks, voices, sampling, joining or JoinOptions())
    return synthesis.join(synthesis.speak(tries, on_take))

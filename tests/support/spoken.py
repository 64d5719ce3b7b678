"""Synthesizes chunks with an engine and joins them, as a `tts` job does."""

from collections.abc import Callable, Sequence

from tts.audio.join import JoinOptions
from tts.engine import Engine, SamplingOptions, Take, Voice
from tts.speech import Chunk, Speech
from tts.synthesis import Synthesis
from tts.turns import at_once


def speak_chunks(
    engine: Engine,
    chunks: Sequence[Chunk],
    sampling: SamplingOptions,
    on_take: Callable[[int], None] = lambda done: None,
    *,
    joining: JoinOptions | None = None,
    voice: Voice | None = None,
    number: int = 0,
) -> Speech:
    """Synthesize one take of each chunk, all in one voice, and join the takes.

    on_take: gets the number of finished takes after each one.
    voice: by default the engine's default voice.
    number: the number of the attempt, the same for every chunk; each has other noise.
    """
    tries = [Take(index, number) for index in range(len(chunks))]
    voices: dict[str | None, Voice] = {None: voice or engine.default_voice}
    synthesis = Synthesis(engine, chunks, voices, sampling, joining or JoinOptions())
    return synthesis.join(at_once(synthesis.speak(tries, on_take)))

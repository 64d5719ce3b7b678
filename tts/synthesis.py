"""A script that several voices speak: the takes of its chunks, then one speech of all of them."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from tts.audio.join import join
from tts.engine import Engine, Sampling, Take, Voice
from tts.speech import Chunk, Pcm16, Samples, Speech


def synthesize_takes(
    engine: Engine,
    chunks: Sequence[Chunk],
    voices: Mapping[str | None, Voice],
    sampling: Sampling,
    tries: Sequence[Take],
    on_take: Callable[[int], None],
) -> dict[int, Pcm16]:
    """The takes of some chunks by their index; `voices` has the voice of every chunk's `voice`.

    All chunks of one voice are spoken together. `on_take` hears how many chunks have a take, after
    each; what it raises stops the work there and passes through. Raises SynthesisFailed.
    """
    found: dict[int, Pcm16] = {}
    for name, voice in voices.items():
        own = [one for one in tries if chunks[one.chunk].voice == name]
        for index, samples in engine.takes(chunks, voice, sampling, own) if own else ():
            found[index] = _at_full_scale(samples)
            on_take(len(found))
    return found


def assemble(
    found: dict[int, Pcm16], chunks: Sequence[Chunk], sample_rate: int, sampling: Sampling
) -> Speech:
    """One speech of a take for each chunk. The takes are used up, so memory holds them once."""
    return join(
        (found.pop(index)[:] for index in range(len(chunks))),
        chunks,
        sample_rate,
        sampling.target_rms,
        sampling.remove_silence,
        sampling.cross_fade_s,
        sampling.length(sample_rate),
    )


def _at_full_scale(samples: Samples) -> Pcm16:
    """A take in half the memory; its loudness is the join's to set."""
    peak = float(np.abs(samples).max(initial=0.0))
    return Pcm16.of(samples / np.float32(peak) if peak else samples)

"""What every engine is: chunks of text in, speech out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from errors import WorkerError
from tts.estimate import LengthEstimate
from tts.speech import Chunk, Samples, Script, Token

Mel = npt.NDArray[np.float32]
"""A log mel spectrogram, shape (frames, channels)."""


class SynthesisFailed(WorkerError):
    """The engine could not speak a chunk."""

    code: ClassVar[str] = "synthesis_failed"


@dataclass(frozen=True, eq=False)
class Reference:
    """What a cloning engine imitates: a clip, ready to use, and exactly what is said in it.

    clip: mono at the engine's rate, its edges trimmed.
    mel: made of the clip by the engine.
    text: the transcript, which ends a sentence.
    spoken: the tokens of the transcript.
    language: the tag of the transcript's language, such as "en" or "pt-BR".
    sha256: of the file that the clip was made from, in hexadecimal.
    cut_s: where that file was cut, in seconds from its first sound; None if it was not.
    warnings: what was changed in the clip and what will be heard of its faults, one sentence each.
    """

    clip: Samples
    mel: Mel
    text: str
    spoken: tuple[Token, ...]
    language: str
    sha256: str
    cut_s: float | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Voice:
    """Whose voice speaks. `built_in` voices belong to the engine, the others to the store.

    `reference` is there for every voice of an engine that clones.
    """

    name: str
    built_in: bool = False
    description: str = ""
    ref_text: str | None = None
    language: str | None = None
    reference: Reference | None = None


@dataclass(frozen=True)
class SamplingOptions:
    """How an engine speaks; bounds and defaults as in jobs/tts/request.py, which API.md shows.

    `speed` is the pace, 1 for the voice's own; a chunk is spoken at that times its `rate`.
    `nfe_step` is the number of steps of the sampler, `cfg_strength` the weight of classifier-free
    guidance (0 for none), `sway_sampling_coef` moves the steps towards the noise (-1) or towards
    the speech (1).
    """

    seed: int
    speed: float = 1.0
    nfe_step: int = 32
    cfg_strength: float = 2.0
    sway_sampling_coef: float = -1.0


class Take(NamedTuple):
    """One take of a chunk: the chunk's index in its script, and 0, 1, 2, ... for its takes."""

    chunk: int
    number: int = 0


class Engine(Protocol):
    """One loaded voice model. Built warm, once, before the first job.

    `unused_fields` are the names of request fields that have no effect on it. An engine that is
    not `seeded` gives the same take of a chunk every time, whatever the seed. `min_pace` and
    `max_pace` are the slowest and the fastest speech that an exact duration may ask of it, as
    multiples of its natural pace. `weights_id` differs where the weights do.
    `licence` is that of the weights, an SPDX identifier, or None if the worker does not know it.
    """

    name: str
    weights_id: str
    licence: str | None
    device: str
    default_voice: Voice
    sample_rate: int
    unused_fields: frozenset[str]
    seeded: bool
    min_pace: float
    max_pace: float

    @property
    def mel(self) -> Callable[[Samples], Mel] | None:
        """The function that makes the mel of a reference clip, mono of `sample_rate`, shape (n,).

        None if the engine does not clone voices.
        """
        ...

    def device_memory(self) -> tuple[int, int] | None:
        """The free and the total memory of the GPU, in bytes; None without one."""
        ...

    def measure(self, text: str) -> float:
        """How long spoken text is: in characters, or in whatever unit the engine counts."""
        ...

    def max_chunk_size(
        self,
        script: Script,
        voice: Voice,
        sampling: SamplingOptions,
        total_s: float | None = None,
    ) -> float:
        """The longest chunk of this script, as `measure` counts it, for this voice and pace.

        `total_s` is the exact duration that was asked for in seconds, None if none was; then it
        sets the pace, not `sampling.speed`.
        """
        ...

    def warnings(self, voice: Voice, language: str) -> list[str]:
        """What a client must know before relying on the audio: one sentence each."""
        ...

    def unknown_characters(self, text: str) -> list[str]:
        """The characters of a spoken text for which the engine has no sound, each once.

        Empty if it reads whatever it gets.
        """
        ...

    def natural_lengths(self, chunks: Sequence[Chunk], voice: Voice) -> list[int] | None:
        """The samples of each chunk's take at the natural pace times its `rate`, without speaking
        them.

        None if the engine decides on lengths only while it speaks: it cannot hit a target then.
        """
        ...

    def estimate(self, chunks: Sequence[Chunk], voice: Voice, speed: float) -> LengthEstimate:
        """How long the takes of these chunks will sound in all, without the silence at their ends.

        speed: as `sampling.speed`; each chunk is spoken at that times its `rate`.

        No model is asked, so any thread may call this. Of `voice` only the length of the clip and
        its transcript count.
        """
        ...

    def synthesize(
        self,
        chunks: Sequence[Chunk],
        voice: Voice,
        sampling: SamplingOptions,
        tries: Sequence[Take],
        targets: Sequence[int] | None = None,
    ) -> Iterator[tuple[int, Samples]]:
        """Speak some of a script's chunks: each one's index and its take, in any order.

        `chunks` are all of the script's, and `tries` say which of them to speak. `targets` are the
        samples that each chunk's take must have, one for each of `chunks`; `sampling.speed` has no
        effect then. They are given only to an engine that has `natural_lengths`. Another job may
        speak between two takes: what is needed later must not lie in shared buffers. A take is as
        the model gives it: tts.audio.join trims and levels it. Raises SynthesisFailed.
        """
        ...

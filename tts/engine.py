"""What every engine is: chunks of text in, speech out."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from errors import WorkerError
from tts.speech import Chunk, Samples, Script

Mel = npt.NDArray[np.float32]
"""A log mel spectrogram, shape (frames, channels)."""


class SynthesisFailed(WorkerError):
    """The engine could not speak a chunk."""

    code: ClassVar[str] = "synthesis_failed"


@dataclass(frozen=True, eq=False)
class Reference:
    """What a cloning engine imitates: a clip, ready to use, and exactly what is said in it.

    `clip` is mono at the engine's rate, its edges trimmed; `mel` is what the engine made of it.
    `sha256` is of the file that it was made from; `cut_s` is where that was cut, in seconds from
    its first sound, None where it was not; `warnings` say what was mended, one sentence each.
    """

    clip: Samples
    mel: Mel
    text: str
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
class Sampling:
    """How to speak; fields, bounds and defaults as in API.md's `tts` request."""

    seed: int
    speed: float = 1.0
    nfe_step: int = 32
    cfg_strength: float = 2.0
    sway_sampling_coef: float = -1.0
    target_rms: float = 0.1
    cross_fade_s: float = 0.15
    fix_duration_s: float | None = None
    remove_silence: bool = False

    def length(self, sample_rate: int) -> int | None:
        """The samples that an exact duration is; None where none was asked for."""
        seconds = self.fix_duration_s
        return None if seconds is None else round(seconds * sample_rate)


class Take(NamedTuple):
    """One take of a chunk: the chunk's index in its script, and 0, 1, 2, ... for its takes."""

    chunk: int
    number: int = 0


class Engine(Protocol):
    """One loaded voice model. Built warm, once, before the first job.

    `unused_fields` are the names of request fields that it makes no use of. Where `seeded` is
    false, each try of a chunk is the same take, whatever the seed.
    """

    name: str
    device: str
    default_voice: Voice
    sample_rate: int
    unused_fields: frozenset[str]
    seeded: bool

    @property
    def mel(self) -> Callable[[Samples], Mel] | None:
        """What makes the mel of a reference clip, mono of `sample_rate`, shape (n,).

        None where the engine clones nobody.
        """
        ...

    def measure(self, text: str) -> float:
        """How long spoken text is to speak: characters, or whatever the engine counts in."""
        ...

    def limit(self, script: Script, voice: Voice, sampling: Sampling) -> float:
        """The longest chunk of this script, as `measure` counts it, for this voice and pace."""
        ...

    def warnings(self, voice: Voice, language: str) -> list[str]:
        """What a client must know before relying on the audio: one sentence each."""
        ...

    def takes(
        self, chunks: Sequence[Chunk], voice: Voice, sampling: Sampling, tries: Sequence[Take]
    ) -> Iterator[tuple[int, Samples]]:
        """Speak some of a script's chunks: each one's index and its take, in any order.

        `chunks` are all of the script's, for an exact duration is divided among them. A take is as
        the model gives it: `tts.join` makes it even and cuts its edges. An index may come again;
        its last take is the one that fits. Raises SynthesisFailed.
        """
        ...

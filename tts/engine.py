"""What every engine is: chunks of text in, speech out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Protocol

from errors import WorkerError
from tts.speech import Chunk, Speech


class SynthesisFailed(WorkerError):
    """The engine could not speak a chunk."""

    code: ClassVar[str] = "synthesis_failed"


@dataclass(frozen=True)
class Voice:
    """Whose voice speaks. `built_in` voices belong to the engine, the others to the store."""

    name: str
    built_in: bool = False
    description: str = ""
    ref_text: str | None = None
    language: str | None = None


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


class Engine(Protocol):
    """One loaded voice model. Built warm, once, before the first job.

    `unused_fields` are the names of request fields that it makes no use of.
    """

    name: str
    device: str
    default_voice: Voice
    sample_rate: int
    unused_fields: frozenset[str]

    def limit(self, voice: Voice) -> int:
        """The longest chunk, in characters of spoken text, for this voice."""
        ...

    def warnings(self, voice: Voice, language: str) -> list[str]:
        """What a client must know before relying on the audio: one sentence each."""
        ...

    def speak(
        self,
        chunks: Sequence[Chunk],
        voice: Voice,
        sampling: Sampling,
        on_chunk: Callable[[int], None],
    ) -> Speech:
        """Speak the chunks in order.

        The speech has exactly one span per chunk, in order, without overlap. `on_chunk` hears how
        many chunks are done, after each. Raises SynthesisFailed.
        """
        ...

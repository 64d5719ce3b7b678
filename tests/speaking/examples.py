"""Endless examples to train on: sentences, joined from the bank in one voice at an even pace."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import numpy as np

from tests.speaking.bank import HOP, PITCHES, Bank, Sound
from tests.speaking.words import sentence

SENTENCES = (1, 1, 2, 2, 3, 3)
"""How many an example has: one of these. A reference with a long line is about as long as three."""

PACES = (8.0, 9.0, 9.0, 10.0, 10.0, 11.0, 12.0)
"""Frames a letter; an example has one of them. Many are slow, because the worker gives a short line
more time than its share (tts/f5/duration.py)."""

FLOOR = 3e-5
"""The root mean square of the noise under everything. Digital silence would be the logarithm of
nothing in the mel, far from all sound, and a small model would learn little else."""


@dataclass(frozen=True)
class Example:
    """What is said, and its sound at SAMPLE_RATE."""

    text: str
    samples: Sound

    @property
    def frames(self) -> int:
        """Of its mel spectrogram."""
        return len(self.samples) // HOP + 1


def examples(bank: Bank, random: Random) -> Iterator[Example]:
    """Examples without end."""
    while True:
        yield example(bank, random)


def example(bank: Bank, random: Random) -> Example:
    """One example."""
    count = random.choice(SENTENCES)
    text = " ".join(sentence(random) for _ in range(count))
    pace, pitch = random.choice(PACES), random.choice(PITCHES)
    samples, _ = bank.joined(text, pitch, [pace] * len(text.split(" ")))
    return Example(text, with_floor(samples, random.getrandbits(32)))


def with_floor(samples: Sound, seed: int) -> Sound:
    """Sound with the noise FLOOR under it."""
    noise = np.random.default_rng(seed).standard_normal(len(samples), np.float32)
    return samples + np.float32(FLOOR) * noise

"""Endless examples to train on: sentences, joined from the bank in one voice at an even pace."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import numpy as np

from tests.speaking.bank import HOP, PITCHES, RATES, SAMPLE_RATE, Bank, Sound
from tests.speaking.words import sentence

MOST_SENTENCES = 5

JITTER = 0.1
"""By how much of its rate a word of an uneven example is faster or slower, at most."""

FLOOR = 3e-5
"""The root mean square of the noise under everything. Digital silence would be the logarithm of
nothing in the mel, far from all sound, and a small model would learn little else."""

SHORT_LINE_S, SHORT_LINE = 1.1, (30, 120)
"""What tts/f5/duration.py adds to a short line, and the letters from which on it is less, and
none."""


@dataclass(frozen=True)
class Example:
    """What is said, and its sound at SAMPLE_RATE."""

    text: str
    samples: Sound

    @property
    def frames(self) -> int:
        """Of its mel spectrogram."""
        return len(self.samples) // HOP + 1


@dataclass(frozen=True)
class Mixture:
    """Which examples there are.

    uneven: the share whose words are not exactly even.
    slow: the share whose last sentence has the time that the worker gives a short line.
    """

    uneven: float = 0.0
    slow: float = 0.0


def examples(bank: Bank, random: Random, mixture: Mixture) -> Iterator[Example]:
    """Examples without end."""
    while True:
        yield example(bank, random, mixture)


def example(bank: Bank, random: Random, mixture: Mixture) -> Example:
    """One example of one to MOST_SENTENCES sentences."""
    count = random.choice((1, 2, 2, 3, 3, MOST_SENTENCES))
    sentences = [sentence(random) for _ in range(count)]
    rate, pitch = random.choice(RATES), random.choice(PITCHES)
    text = " ".join(sentences)
    rates = [rate] * len(text.split(" "))
    if random.random() < mixture.uneven:
        rates = [rate * random.uniform(1 - JITTER, 1 + JITTER) for rate in rates]
    extra_s = 0.0
    if count > 1 and random.random() < mixture.slow:
        line = sentences[-1]
        start, end = SHORT_LINE
        extra_s = SHORT_LINE_S * min(1.0, max(0.0, (end - len(line)) / (end - start)))
        # The model may fill the time with slower words, or leave it silent.
        if random.random() < 0.5:
            words = len(line.split(" "))
            slower = 1 + extra_s * SAMPLE_RATE / HOP / (len(line) * rate)
            rates[-words:] = [min(max(RATES), rate * slower)] * words
            extra_s = 0.0
    samples, _ = bank.joined(text, pitch, rates)
    silence = np.zeros(round(extra_s * SAMPLE_RATE), np.float32)
    return Example(text, with_floor(np.concatenate([samples, silence]), random.getrandbits(32)))


def with_floor(samples: Sound, seed: int) -> Sound:
    """Sound with the noise FLOOR under it."""
    noise = np.random.default_rng(seed).standard_normal(len(samples), np.float32)
    return samples + np.float32(FLOOR) * noise

"""Endless examples to train on: sentences, joined from the bank in one voice."""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

import numpy as np

from tests.speaking.bank import HOP, PITCHES, RATES, SAMPLE_RATE, Bank, Sound
from tests.speaking.words import sentence

MOST_SENTENCES = 5

VOICES = (0.6, 0.4)
"""The share of each of PITCHES. The low voice is harder to learn."""

JITTER = 0.1
"""By how much of its rate a word of an uneven example is faster or slower, at most."""

FLOOR = 3e-5
"""The root mean square of the noise under everything. Digital silence would be the logarithm of
nothing in the mel, far from all sound, and a small model would learn little else."""

PACE = 0.15
"""By how much a last sentence is faster or slower than those before it, at most."""

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
    """Which examples there are. The last sentence stands for what a job asks for, those before it
    for the reference.

    uneven: the share whose words are not exactly even.
    paced: the share whose last sentence has a pace of its own, as `speed` asks for.
    slow: the share whose last sentence has the time that the worker gives a short line.
    """

    uneven: float = 0.0
    paced: float = 0.0
    slow: float = 0.0


def examples(bank: Bank, random: Random, mixture: Mixture) -> Iterator[Example]:
    """Examples without end."""
    while True:
        yield example(bank, random, mixture)


def example(bank: Bank, random: Random, mixture: Mixture) -> Example:
    """One example of one to MOST_SENTENCES sentences."""
    count = random.choice((1, 2, 2, 3, 3, MOST_SENTENCES))
    sentences = [sentence(random) for _ in range(count)]
    rate, (pitch,) = random.choice(RATES), random.choices(PITCHES, VOICES)
    text, last = " ".join(sentences), sentences[-1]
    rates = [rate] * len(text.split(" "))
    if random.random() < mixture.uneven:
        rates = [rate * random.uniform(1 - JITTER, 1 + JITTER) for rate in rates]
    factor = 1.0
    if count > 1 and random.random() < mixture.paced:
        factor *= random.uniform(1 - PACE, 1 + PACE)
    if count > 1 and random.random() < mixture.slow:
        factor *= 1 + _extra_frames(last) / (len(last) * rate)
    words = len(last.split(" "))
    rates[-words:] = [rate * factor for rate in rates[-words:]]
    samples, _ = bank.joined(text, pitch, rates)
    return Example(text, with_floor(samples, random.getrandbits(32)))


def _extra_frames(line: str) -> float:
    """How many frames more than its share the worker gives a short line."""
    start, end = SHORT_LINE
    share = min(1.0, max(0.0, (end - len(line)) / (end - start)))
    return SHORT_LINE_S * share * SAMPLE_RATE / HOP


def with_floor(samples: Sound, seed: int) -> Sound:
    """Sound with the noise FLOOR under it."""
    noise = np.random.default_rng(seed).standard_normal(len(samples), np.float32)
    return samples + np.float32(FLOOR) * noise

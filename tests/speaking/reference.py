"""The reference clips of the two voices, as tests/data/speaking has them."""

from pathlib import Path

import soundfile

from tests.speaking.bank import PITCHES, SAMPLE_RATE, Bank
from tests.speaking.examples import with_floor

PACE = 10.0
"""Frames a letter."""

TEXTS = {
    "low": "Sarah painted flowers.",
    "high": "Sarah wanted bicycles.",
}
"""Short, because the model knows where the text is only if speech and reference have one pace.
A short line has a slower one (tts/f5/duration.py), and a long reference would shift it more."""


def write(bank: Bank, folder: Path) -> None:
    """Write `reference-low.wav` and `reference-high.wav`, each with its transcript beside it."""
    for (name, text), pitch in zip(TEXTS.items(), PITCHES, strict=True):
        samples, _ = bank.joined(text, pitch, [PACE] * len(text.split(" ")))
        file = folder / f"reference-{name}.wav"
        soundfile.write(file, with_floor(samples, seed=1), SAMPLE_RATE, subtype="PCM_16")
        file.with_suffix(".txt").write_text(f"{text}\n")

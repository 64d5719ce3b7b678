"""The F5 that speaks (tests/data/speaking): its settings, and how high a voice is."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

FOLDER = Path(__file__).resolve().parents[1] / "data" / "speaking"
LOWEST_HZ, HIGHEST_HZ = 60.0, 300.0
WINDOW_S = 0.04

VOICED = 0.6
"""The autocorrelation, of 1, from which on a window is a vowel."""


def environment() -> dict[str, str]:
    """The settings that make a worker speak with it."""
    return {
        "TTS_ENGINE": "f5",
        "F5_MODEL": str(FOLDER / "config.yaml"),
        "F5_CKPT_FILE": str(FOLDER / "model.safetensors"),
        "F5_VOCAB_FILE": str(FOLDER / "vocab.txt"),
        "F5_VOCODER_DIR": str(FOLDER / "vocos"),
        "F5_DEVICE": "cpu",
        "ALIGNERS": "sphinx",
    }


def pitch_hz(samples: npt.NDArray[np.float32], rate: int) -> float:
    """The median fundamental frequency of the voiced windows of some speech."""
    size = round(WINDOW_S * rate)
    lags = np.arange(round(rate / HIGHEST_HZ), round(rate / LOWEST_HZ))
    found = []
    for start in range(0, len(samples) - 2 * size, size):
        window = samples[start : start + 2 * size].astype(np.float64)
        window -= window.mean()
        if window.std() < 0.02:
            continue
        spectrum = np.fft.rfft(window, 4 * size)
        energy = np.fft.irfft(np.abs(spectrum) ** 2)
        # A longer lag has fewer products; without the division the shortest would always win.
        overlap = 1 - lags / (2 * size)
        likeness = energy[lags] / overlap / energy[0]
        if likeness.max() > VOICED:
            # Among lags that are about as good, the shortest is the period, the others its doubles.
            best = np.flatnonzero(likeness > 0.9 * likeness.max())[0]
            while best + 1 < len(lags) and likeness[best + 1] > likeness[best]:
                best += 1
            found.append(rate / lags[best])
    return float(np.median(found))

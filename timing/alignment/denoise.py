"""Takes steady noise (hiss, hum, a fan) out of speech, so that an aligner can place its words."""

import numpy as np
import numpy.typing as npt

from tts.speech import Samples

_FRAME, _HOP = 512, 128
"""Of the spectra, in samples: 32 and 8 ms."""
_SMOOTH_FRAMES = 5
"""A power is judged by its mean over so many frames, else single frames of noise would stay."""
_QUIET_PERCENTILE = 10
"""In a tenth of its frames a frequency has noise alone."""
_OVERESTIMATE = 1.5
"""The noise of a frequency, relative to its power in these frames."""
_MIN_GAIN = 0.1
"""Noise that were silenced entirely would leave holes, which sound like no phone at all."""


def reduce_noise(samples: Samples) -> Samples:
    """The same audio, 16 kHz mono, shape (n,), with less of the noise that all of it has.

    It is spectral subtraction: each frequency loses the power that it has in its quietest moments.
    Speech in white noise of 10 dB then gives sphinx what it needs to place its words; to the ear it
    sounds worse than before.
    """
    window = np.hanning(_FRAME + 1)[:-1]
    # Whole frames on both sides, so that each sample is in as many frames as any other.
    padded = np.pad(samples, (_FRAME, 2 * _FRAME)).astype(np.float64)
    frames = np.lib.stride_tricks.sliding_window_view(padded, _FRAME)[::_HOP]
    spectra = np.fft.rfft(frames * window)
    powers = _smooth(np.abs(spectra) ** 2)
    # The frames of the margins alone are silent.
    inside = powers[_FRAME // _HOP : (_FRAME + len(samples)) // _HOP + 1]
    noise = _OVERESTIMATE * np.percentile(inside, _QUIET_PERCENTILE, axis=0)
    gains = np.sqrt(np.maximum(1 - noise / np.maximum(powers, 1e-20), _MIN_GAIN**2))
    cleaned = np.fft.irfft(spectra * gains, _FRAME) * window
    result, weights = np.zeros(len(padded)), np.zeros(len(padded))
    for index, frame in enumerate(cleaned):
        part = slice(index * _HOP, index * _HOP + _FRAME)
        result[part] += frame
        weights[part] += window**2
    inner = slice(_FRAME, _FRAME + len(samples))
    return np.asarray(result[inner] / weights[inner], np.float32)


def _smooth(powers: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The mean over _SMOOTH_FRAMES frames around each, shape (frames, frequencies)."""
    side = _SMOOTH_FRAMES // 2
    padded = np.pad(powers, ((side, side), (0, 0)), "edge")
    around = np.lib.stride_tricks.sliding_window_view(padded, _SMOOTH_FRAMES, axis=0)
    return np.asarray(around.mean(axis=-1), np.float64)

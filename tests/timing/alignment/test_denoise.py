import numpy as np
import pytest

from tests.timing.fixtures import sentences
from timing.alignment.denoise import reduce_noise
from tts.speech import Samples


def power(samples: Samples) -> float:
    return float(np.mean(samples.astype(np.float64) ** 2))


def test_steady_noise_is_reduced_and_the_speech_stays() -> None:
    clean = np.concatenate([np.zeros(8_000, np.float32), sentences()[0].samples])
    level = np.sqrt(power(clean)) / 10**0.5
    noise = np.random.default_rng(0).normal(0, level, len(clean)).astype(np.float32)
    cleaned = reduce_noise(clean + noise)
    assert cleaned.shape == clean.shape
    assert cleaned.dtype == np.float32
    assert power(cleaned[:8_000]) < power(noise[:8_000]) / 2
    assert power(cleaned - clean) < 0.6 * power(noise)


@pytest.mark.parametrize("length", [0, 1, 127, 128, 511, 512, 5_000])
def test_any_length_and_silence_stay_as_they_are(length: int) -> None:
    silence = np.zeros(length, np.float32)
    assert np.array_equal(reduce_noise(silence), silence)

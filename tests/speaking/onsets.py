"""Where the words of a take begin, found without an aligner: each by the sound in the corpus."""

from collections.abc import Sequence

import librosa
import numpy as np
import numpy.typing as npt

from tests.speaking.bank import HOP, SAMPLE_RATE, Sound, Speaker, rate_of

STEP = 120
"""Samples between two spectra: 5 ms."""

REACH_S = 0.4
"""How far from its even place a word is looked for."""

Spectrum = npt.NDArray[np.float32]


def onsets_s(take: Sound, text: str, pitch: float) -> npt.NDArray[np.float64]:
    """The start of each word of an even take in seconds, within half a STEP.

    take: float32 at SAMPLE_RATE, as long as its text; words at its ends may be found too.
    pitch: one of PITCHES, the voice's.
    """
    speaker, whole = Speaker(), _spectrum(take)
    pace = len(take) / HOP / len(text)
    found, letters = [], 0
    for token in text.split(" "):
        pattern = _spectrum(speaker.fitted(token.rstrip(".,"), pitch, rate_of(pace)))
        found.append(_best(whole, pattern, letters * pace * HOP / SAMPLE_RATE))
        letters += len(token) + 1
    return np.array(found)


def _best(whole: Spectrum, pattern: Spectrum, near_s: float) -> float:
    """Where the pattern is most like the whole, in seconds; near a place."""
    near, reach = (round(seconds * SAMPLE_RATE / STEP) for seconds in (near_s, REACH_S))
    last = whole.shape[1] - pattern.shape[1]
    places: Sequence[int] = range(max(0, min(near - reach, last)), min(near + reach, last) + 1)
    likeness = [_likeness(whole[:, at : at + pattern.shape[1]], pattern) for at in places]
    return places[int(np.argmax(likeness))] * STEP / SAMPLE_RATE


def _likeness(one: Spectrum, other: Spectrum) -> float:
    """Their correlation, 1 at most."""
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def _spectrum(sound: Sound) -> Spectrum:
    mel = librosa.feature.melspectrogram(
        y=sound, sr=SAMPLE_RATE, n_fft=1024, hop_length=STEP, n_mels=60, fmax=8000
    )
    spectrum: Spectrum = np.log(mel + 1e-4)
    return spectrum

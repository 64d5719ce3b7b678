"""How loud samples are, in frames of 10 ms. Samples are mono, shape (n,); levels are RMS."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tts.speech import Samples

FRAME_S = 0.01

SILENCE_DB = -45.0
"""Relative to the loudest frame: what is at or below it counts as silence. Onsets and decays of
words lie there too, which is why EDGE_S is kept around the sound that is found."""

EDGE_S = 0.05
"""Silence left before and after the sound of a take or a clip."""

PEAK = 0.99
"""The highest sample after a change of the loudness. Full scale is 1: a lossy encoder overshoots a
little."""


@dataclass(frozen=True)
class Loudness:
    """What became of a sound that was to have a loudness.

    lufs: how loud it is then, integrated over all of it; None for silence, which stays as it is.
    gain_db: by how much it was made louder.
    """

    lufs: float | None
    gain_db: float = 0.0


def frame_size(sample_rate: int) -> int:
    """The samples of one frame."""
    return max(1, round(FRAME_S * sample_rate))


def whole_frames(audio: Samples, sample_rate: int) -> Samples:
    """The audio frame by frame, shape (frames, samples a frame), without a shorter last frame."""
    size = frame_size(sample_rate)
    return audio[: len(audio) // size * size].reshape(-1, size)


def frame_levels(audio: Samples, sample_rate: int) -> npt.NDArray[np.float32]:
    """The RMS of each whole frame, shape (frames,)."""
    squares = np.square(whole_frames(audio, sample_rate))
    levels: npt.NDArray[np.float32] = np.sqrt(np.mean(squares, axis=1))
    return levels


def active_frames(
    audio: Samples, sample_rate: int, silence_db: float = SILENCE_DB
) -> npt.NDArray[np.bool_]:
    """Which frames hold sound, shape (frames,): those above `silence_db` relative to the loudest.

    The last, shorter frame counts as one.
    """
    padded = np.pad(audio, (0, -len(audio) % frame_size(sample_rate)))
    levels = frame_levels(padded, sample_rate)
    loudest = levels.max(initial=0.0)
    active: npt.NDArray[np.bool_] = (levels > loudest * 10 ** (silence_db / 20)) & (levels > 0)
    return active


def normalize_rms(
    audio: Samples, active: npt.NDArray[np.bool_], sample_rate: int, target_rms: float
) -> Samples:
    """Scale the audio so that its active frames have the target RMS; the peak may exceed 1.

    `active` is what `active_frames` says of the audio. Without an active frame nothing changes.
    """
    # The last frame may be shorter than the others.
    sounding = np.repeat(active, frame_size(sample_rate))[: len(audio)]
    if not sounding.any():
        return audio
    rms = float(np.sqrt(np.mean(np.square(audio[sounding]))))
    return (audio * np.float32(target_rms / rms)).astype(np.float32)

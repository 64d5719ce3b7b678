"""How loud samples are, in frames of 10 ms."""

import numpy as np
import numpy.typing as npt

from tts.speech import Samples

FRAME_S = 0.01


SILENCE_DB = -45.0


def active_frames(
    audio: Samples, sample_rate: int, silence_db: float = SILENCE_DB
) -> npt.NDArray[np.bool_]:
    """Which 10 ms frames hold sound: RMS above `silence_db` relative to the loudest; (frames,).

    The last, shorter frame counts as one.
    """
    size = max(1, round(FRAME_S * sample_rate))
    padded = np.pad(audio, (0, -len(audio) % size))
    rms = np.sqrt(np.mean(np.square(padded.reshape(-1, size)), axis=1))
    loudest = rms.max(initial=0.0)
    loud: npt.NDArray[np.bool_] = (rms > loudest * 10 ** (silence_db / 20)) & (rms > 0)
    return loud


def normalize_rms(
    audio: Samples, loud: npt.NDArray[np.bool_], sample_rate: int, target_rms: float
) -> Samples:
    """Bring the RMS of the loud frames to the target, whatever that does to the peak."""
    sounding = np.repeat(loud, round(FRAME_S * sample_rate))[: len(audio)]
    if not sounding.any():
        return audio
    rms = float(np.sqrt(np.mean(np.square(audio[sounding]))))
    return (audio * np.float32(target_rms / rms)).astype(np.float32)

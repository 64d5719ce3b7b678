"""Takes of single chunks made into one speech: trimmed, levelled, with the pauses between them."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from tts.speech import Chunk, Samples, Span, Speech

FRAME_S = 0.01
FADE_S = 0.008
ONSET_S = 0.002
# Kept around the speech of a take: onsets and decays lie below the threshold that finds them.
EDGE_S = 0.05
SILENCE_DB = -45.0
LONGEST_PAUSE_S = 1.0
SHORTENED_PAUSE_S = 0.5
PEAK = 0.99


def join(
    takes: Sequence[Samples],
    chunks: Sequence[Chunk],
    sample_rate: int,
    target_rms: float,
    remove_silence: bool = False,
) -> Speech:
    """Join one take per chunk; each span is where its take lies in the result, exactly."""
    parts: list[Samples] = []
    spans: list[Span] = []
    position = 0
    for take, chunk in zip(takes, chunks, strict=True):
        audio = level(trim(take, sample_rate), sample_rate, target_rms)
        if remove_silence:
            audio = shorten_pauses(audio, sample_rate)
        audio = fade(audio, sample_rate)
        pause = np.zeros(round(chunk.pause_ms * sample_rate / 1000), np.float32)
        spans.append(Span(chunk, position, position + len(audio)))
        parts += [audio, pause]
        position += len(audio) + len(pause)
    samples = np.concatenate(parts)
    # One gain for all: a cap for each take alone would make their loudness uneven.
    samples *= np.float32(min(1.0, PEAK / max(1e-9, float(np.abs(samples).max(initial=0.0)))))
    return Speech(samples, sample_rate, tuple(spans))


def loud_frames(audio: Samples, sample_rate: int) -> npt.NDArray[np.bool_]:
    """Which 10 ms frames hold sound: RMS above SILENCE_DB relative to the loudest; bool (frames,).

    The last, shorter frame counts as one.
    """
    size = max(1, round(FRAME_S * sample_rate))
    padded = np.pad(audio, (0, -len(audio) % size))
    rms = np.sqrt(np.mean(np.square(padded.reshape(-1, size)), axis=1))
    loudest = rms.max(initial=0.0)
    loud: npt.NDArray[np.bool_] = (rms > loudest * 10 ** (SILENCE_DB / 20)) & (rms > 0)
    return loud


def trim(audio: Samples, sample_rate: int) -> Samples:
    """Leave EDGE_S of silence at both ends, cut or added; a silent take stays as it is.

    Added where a take begins with its first sound: the fade at a seam would fall on that sound,
    which itself only gets the ONSET_S that keep it from clicking.
    """
    loud = np.flatnonzero(loud_frames(audio, sample_rate))
    if len(loud) == 0:
        return audio
    size, edge = round(FRAME_S * sample_rate), round(EDGE_S * sample_rate)
    start, end = loud[0] * size - edge, (loud[-1] + 1) * size + edge
    missing = (max(0, -start), max(0, end - len(audio)))
    cut = audio[max(0, start) : end]
    return np.pad(fade(cut, sample_rate, ONSET_S), missing) if any(missing) else cut


def level(audio: Samples, sample_rate: int, target_rms: float) -> Samples:
    """Bring the RMS of the sounding frames to the target, whatever that does to the peak."""
    loud = np.repeat(loud_frames(audio, sample_rate), round(FRAME_S * sample_rate))[: len(audio)]
    if not loud.any():
        return audio
    rms = float(np.sqrt(np.mean(np.square(audio[loud]))))
    return (audio * np.float32(target_rms / rms)).astype(np.float32)


def shorten_pauses(audio: Samples, sample_rate: int) -> Samples:
    """Cut each inner silence of over LONGEST_PAUSE_S down to SHORTENED_PAUSE_S, in its middle."""
    size = round(FRAME_S * sample_rate)
    loud = np.flatnonzero(loud_frames(audio, sample_rate))
    if len(loud) < 2:
        return audio
    kept: list[Samples] = []
    start = 0
    margin = round(SHORTENED_PAUSE_S / 2 * sample_rate)
    for left, right in pairwise(loud):
        if (right - left - 1) * FRAME_S > LONGEST_PAUSE_S:
            kept.append(fade(audio[start : (left + 1) * size + margin], sample_rate))
            start = int(right) * size - margin
    return np.concatenate([*kept, audio[start:]])


def fade(audio: Samples, sample_rate: int, seconds: float = FADE_S) -> Samples:
    """A copy whose first and last seconds rise from and fall to silence: no click at a seam."""
    length = min(round(seconds * sample_rate), len(audio) // 2)
    ramp = np.linspace(0, 1, length, dtype=np.float32)
    faded = audio.copy()
    faded[:length] *= ramp
    faded[len(faded) - length :] *= ramp[::-1]
    return faded

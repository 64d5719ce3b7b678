"""A voice's clip as it was sent or stored, read and mended: mono, trimmed, loud enough."""

from dataclasses import dataclass
from io import BytesIO
from typing import ClassVar

import numpy as np
import soundfile
import soxr

from errors import WorkerError
from tts.join import FRAME_S, loud_frames
from tts.speech import Samples

LONGEST_FILE_S = 3600
# What lies beyond is never part of a reference, so it is not decoded; a header that lies about
# the length costs no memory either.
READ_S = 60
SHORTEST_SOUND_S = 1.0
EDGE_S = 0.05
# Where upstream cuts f5-tts's own clip. Noise around the words costs time in every chunk, and
# counts as slow speech.
SILENCE_DB = -32.0
FADE_S = 0.005
QUIET_RMS = 0.1
PEAK = 0.99
SILENT_PEAK = 1e-4
_BLOCK = 1 << 20


class VoiceRejected(WorkerError):
    """A clip, or its transcript, that no voice can be made of."""

    code: ClassVar[str] = "voice_rejected"

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}; {remedy}")
        self.problem = problem
        self.remedy = remedy


@dataclass(frozen=True, eq=False)
class Clip:
    """The beginning of a clip, at most READ_S of it, and the length of the whole in seconds."""

    samples: Samples
    seconds: float


def read(data: bytes, sample_rate: int) -> Clip:
    """Decode a file of any format that libsndfile knows: mono, at `sample_rate`, edges trimmed.

    Raises VoiceRejected where it is not audio, over LONGEST_FILE_S, not finite, silent, or holds
    less than SHORTEST_SOUND_S of sound.
    """
    try:
        with soundfile.SoundFile(BytesIO(data)) as file:
            rate: int = file.samplerate
            claimed = file.frames / rate
            if claimed > LONGEST_FILE_S:
                raise VoiceRejected(
                    f"the clip is {claimed / 3600:.1f} h long and at most 1 h is read",
                    "cut 7 to 9 s of clear speech out of it",
                )
            samples = _mono(file)
    except soundfile.SoundFileError:
        raise VoiceRejected(
            "the clip cannot be read as audio", "send a whole wav, flac, mp3 or ogg file"
        ) from None
    seconds = len(samples) / rate if len(samples) < READ_S * rate else claimed
    samples = _centred(samples, rate, sample_rate)
    sound = sound_s(samples, sample_rate)
    if sound < SHORTEST_SOUND_S:
        raise VoiceRejected(
            f"the clip holds {sound:.2f} s of sound and at least {SHORTEST_SOUND_S:g} s are needed",
            "send 7 to 9 s of clear speech",
        )
    return Clip(edges(samples, sample_rate), seconds)


def edges(samples: Samples, sample_rate: int) -> Samples:
    """Silence cut to at most EDGE_S before the sound, and to exactly EDGE_S after it.

    The engine's chunk follows the end directly: speech that reaches it would run into the chunk.
    There must be some sound.
    """
    loud = np.flatnonzero(loud_frames(samples, sample_rate, SILENCE_DB))
    size, edge = round(FRAME_S * sample_rate), round(EDGE_S * sample_rate)
    start, end = max(0, int(loud[0]) * size - edge), (int(loud[-1]) + 1) * size + edge
    kept = samples[start:end].copy()
    missing = end - len(samples)
    if missing > 0:
        ramp = round(FADE_S * sample_rate)
        kept[-ramp:] *= np.linspace(1, 0, ramp, dtype=np.float32)
        kept = np.pad(kept, (0, missing))
    return kept


def raised(samples: Samples) -> tuple[Samples, float]:
    """A clip of an RMS below QUIET_RMS brought up to it, its peak to at most PEAK; and the gain."""
    rms = float(np.sqrt(np.mean(np.square(samples))))
    peak = float(np.abs(samples).max())
    gain = max(1.0, min(QUIET_RMS / rms, PEAK / peak))
    return samples * np.float32(gain), gain


def sound_s(samples: Samples, sample_rate: int) -> float:
    """How many seconds of the clip are not silence."""
    return float(np.count_nonzero(loud_frames(samples, sample_rate)) * FRAME_S)


def _mono(file: soundfile.SoundFile) -> Samples:
    """The mean of the channels, block by block: a file may claim a thousand of them."""
    wanted = READ_S * file.samplerate
    parts: list[Samples] = [np.zeros(0, np.float32)]
    while wanted > 0:
        size = min(wanted, max(1, _BLOCK // file.channels))
        block = file.read(size, dtype="float32", always_2d=True)
        if len(block) == 0:
            break
        if not np.isfinite(block).all():
            raise VoiceRejected(
                "the clip holds samples that are no numbers (NaN or infinite)",
                "export it again as 16-bit wav",
            )
        parts.append(block.mean(axis=1, dtype=np.float64).astype(np.float32))
        wanted -= len(block)
    return np.concatenate(parts)


def _centred(samples: Samples, rate: int, sample_rate: int) -> Samples:
    """Without a constant offset, resampled, in [-1, 1]."""
    centred = samples - samples.mean(dtype=np.float64) if len(samples) else samples
    peak = float(np.abs(centred).max(initial=0.0))
    if peak < SILENT_PEAK:
        raise VoiceRejected(
            "the clip is silent, or its two channels cancel each other out",
            "check the channels and send it again as one",
        )
    audio: Samples = soxr.resample((centred / max(1.0, peak)).astype(np.float32), rate, sample_rate)
    # Resampling overshoots where a clip is at full scale.
    return audio / np.float32(max(1.0, float(np.abs(audio).max(initial=0.0))))

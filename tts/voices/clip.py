"""A voice's clip as it was sent or stored, read and mended: mono, trimmed, loud enough."""

from dataclasses import dataclass
from io import BytesIO
from typing import ClassVar

import numpy as np
import soundfile
import soxr

from errors import WorkerError
from tts.audio.decode import DECODABLE_FORMATS, MonoStream, Unreadable, mono
from tts.audio.levels import FRAME_S, active_frames
from tts.speech import Samples

MAX_CLIP_S = 3600
# What lies beyond is never part of a reference, so it is not decoded; a header that lies about
# the length costs no memory either.
READ_S = 60
MIN_SPEECH_S = 1.0
EDGE_S = 0.05
# Where upstream cuts f5-tts's own clip. Noise around the words costs time in every chunk, and
# counts as slow speech.
SILENCE_DB = -32.0
FADE_S = 0.005
QUIET_RMS = 0.1
PEAK = 0.99
SILENT_PEAK = 1e-4
FULL_SCALE, AT_THE_TOP, MOST_AT_THE_TOP = 0.97, 0.99, 0.002
CLEAR_DB, SPEECH_DB = 20.0, 5.0
"""From the 10th to the 90th percentile of 10 ms: clean clips have 28 to 56, noise at 15 dB 19,
noise as loud as the speech 6, and noise alone 1."""


class VoiceRejected(WorkerError):
    """A clip, or its transcript, that no voice can be made of."""

    code: ClassVar[str] = "voice_rejected"

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}; {remedy}")
        self.problem = problem
        self.remedy = remedy


@dataclass(frozen=True, eq=False)
class Clip:
    """The beginning of a clip, at most READ_S of it, and the length of the whole in seconds.

    `is_whole` says whether that is all of it. `notes` say what was mended and what will be heard
    in the voice, one sentence each.
    """

    samples: Samples
    seconds: float
    notes: tuple[str, ...] = ()
    is_whole: bool = True


def read(data: bytes, sample_rate: int) -> Clip:
    """Decode a file of any format that tts.decode knows: mono, at `sample_rate`, edges trimmed.

    Raises VoiceRejected where it is not audio, over LONGEST_FILE_S, not finite, silent, noise
    alone, or holds less than SHORTEST_SOUND_S of sound.
    """
    try:
        with mono(BytesIO(data)) as sound:
            rate, channels = sound.rate, sound.note
            claimed = sound.seconds or READ_S
            if claimed > MAX_CLIP_S:
                raise VoiceRejected(
                    f"the clip is {claimed / 3600:.1f} h long and at most 1 h is read",
                    "cut 7 to 9 s of clear speech out of it",
                )
            samples = _beginning(sound)
    except Unreadable as error:
        raise VoiceRejected(
            f"the clip cannot be read as audio: {error}",
            f"send a whole file, one of {DECODABLE_FORMATS}",
        ) from None
    is_whole = len(samples) < READ_S * rate
    seconds = len(samples) / rate if is_whole else claimed
    overdriven = _overdriven(samples)
    part = "the clip" if is_whole else "the clip's first minute"
    samples = _to_mono_rate(samples, rate, sample_rate, part)
    loud_s = speech_seconds(samples, sample_rate)
    if loud_s < MIN_SPEECH_S:
        raise VoiceRejected(
            f"{part} holds {loud_s:.2f} s of sound and at least {MIN_SPEECH_S:g} s are needed",
            "send 7 to 9 s of clear speech",
        )
    samples = trim_silence(samples, sample_rate)
    notes = (channels, overdriven, _noise(samples, sample_rate))
    return Clip(samples, seconds, tuple(note for note in notes if note), is_whole)


def _overdriven(samples: Samples) -> str | None:
    """A sentence where too many samples lie at the very top, as an overdriven recording's do."""
    peak = float(np.abs(samples).max(initial=0.0))
    share = float(np.mean(np.abs(samples) >= AT_THE_TOP * peak)) if peak >= FULL_SCALE else 0.0
    if share < MOST_AT_THE_TOP:
        return None
    return (
        f"the clip is overdriven: {share:.1%} of it is at full scale, and the voice will sound "
        "like that; record it again at a lower level"
    )


def _noise(samples: Samples, sample_rate: int) -> str | None:
    """A sentence about loud noise. Raises VoiceRejected where there is nothing else."""
    size = round(FRAME_S * sample_rate)
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    powers = np.mean(np.square(frames, dtype=np.float64), axis=1) + 1e-12
    quiet, loud = np.percentile(10 * np.log10(powers), (10, 90))
    if loud - quiet < SPEECH_DB:
        raise VoiceRejected(
            "the clip holds no speech: it is equally loud all along, as noise is",
            "send 7 to 9 s of clear speech",
        )
    if loud - quiet >= CLEAR_DB:
        return None
    return (
        f"the clip is noisy: its words are {loud - quiet:.0f} dB above its noise, which the voice "
        "will have too; a recording in a quiet room sounds better"
    )


def to_wav(samples: Samples, sample_rate: int) -> bytes:
    """A clip as a 16-bit WAV file."""
    out = BytesIO()
    soundfile.write(out, samples, sample_rate, "PCM_16", format="WAV")
    return out.getvalue()


def trim_silence(samples: Samples, sample_rate: int) -> Samples:
    """Silence cut to at most EDGE_S before the sound, and to exactly EDGE_S after it.

    The engine's chunk follows the end directly: speech that reaches it would run into the chunk.
    There must be some sound.
    """
    loud = np.flatnonzero(active_frames(samples, sample_rate, SILENCE_DB))
    size, edge = round(FRAME_S * sample_rate), round(EDGE_S * sample_rate)
    start, end = max(0, int(loud[0]) * size - edge), (int(loud[-1]) + 1) * size + edge
    kept = samples[start:end].copy()
    missing = end - len(samples)
    if missing > 0:
        ramp = round(FADE_S * sample_rate)
        kept[-ramp:] *= np.linspace(1, 0, ramp, dtype=np.float32)
        kept = np.pad(kept, (0, missing))
    return kept


def boost_quiet(samples: Samples) -> tuple[Samples, float]:
    """A clip of an RMS below QUIET_RMS brought up to it, its peak to at most PEAK; and the gain."""
    rms = float(np.sqrt(np.mean(np.square(samples))))
    peak = float(np.abs(samples).max())
    gain = max(1.0, min(QUIET_RMS / rms, PEAK / peak))
    return samples * np.float32(gain), gain


def speech_seconds(samples: Samples, sample_rate: int) -> float:
    """How many seconds of the clip are not silence."""
    return float(np.count_nonzero(active_frames(samples, sample_rate)) * FRAME_S)


def _beginning(sound: MonoStream) -> Samples:
    """The first READ_S at most."""
    wanted = READ_S * sound.rate
    parts: list[Samples] = [np.zeros(0, np.float32)]
    for block in sound.blocks:
        parts.append(block[:wanted])
        wanted -= len(parts[-1])
        if wanted <= 0:
            break
    return np.concatenate(parts)


def _to_mono_rate(samples: Samples, rate: int, sample_rate: int, part: str) -> Samples:
    """Without a constant offset, resampled, in [-1, 1]; `part` is what an error calls them."""
    centred = samples - np.float32(samples.mean(dtype=np.float64) if len(samples) else 0)
    peak = float(np.abs(centred).max(initial=0.0))
    if peak < SILENT_PEAK:
        raise VoiceRejected(f"{part} is silent", "send 7 to 9 s of clear speech")
    centred /= np.float32(max(1.0, peak))
    audio: Samples = soxr.resample(centred, rate, sample_rate)
    # Resampling overshoots where a clip is at full scale.
    return audio / np.float32(max(1.0, float(np.abs(audio).max(initial=0.0))))

"""A voice's clip: read from a file, and prepared: mono, trimmed, loud enough."""

import hashlib
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import ClassVar

import numpy as np
import soundfile
import soxr

from errors import CancelCheck, WorkerError, never_cancelled
from tts.audio.decode import DECODABLE_FORMATS, MonoStream, Unreadable, mono
from tts.audio.levels import EDGE_S, FRAME_S, PEAK, active_frames, frame_size, whole_frames
from tts.speech import Samples

MAX_CLIP_S = 3600 + 10
"""An hour; encoders add some silence."""

MAX_READ_S = 60
"""No reference reaches further into a clip, so the rest is not decoded."""

MIN_SPEECH_S = 1.0
NOISE_FLOOR_DB = -32.0
"""At this threshold the clip packaged with f5-tts is trimmed where f5-tts itself trims it. Noise
left around the words would lengthen every chunk, and would count as slow speech."""

END_RAMP_S = 0.005
QUIET_RMS = 0.1
"""Quieter clips are made louder. f5_tts raises them to the same level (`target_rms`)."""

SILENT_PEAK = 1e-4
"""80 dB below full scale."""

FULL_SCALE, AT_PEAK, MAX_SHARE_AT_PEAK = 0.97, 0.99, 0.002
"""A clip whose peak is at least FULL_SCALE is overdriven if MAX_SHARE_AT_PEAK of its samples or
more reach AT_PEAK of that peak."""

CLEAR_DB, SPEECH_DB = 20.0, 5.0
"""Distances of the 10th from the 90th percentile of the levels of 10 ms. Measured: clean clips have
28 to 56 dB, noise at 15 dB below the speech 19, noise as loud as the speech 6, noise alone 1."""


class VoiceRejected(WorkerError):
    """A clip, or its transcript, that no voice can be made of."""

    code: ClassVar[str] = "voice_rejected"

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}; {remedy}")
        self.problem = problem
        self.remedy = remedy


@dataclass(frozen=True, eq=False)
class Clip:
    """The beginning of a clip, decoded.

    samples: mono, at most MAX_READ_S of it.
    seconds: the length of the whole clip.
    notes: what was mended and what the voice will sound like, one sentence each.
    is_whole: whether `samples` are all of the clip.
    """

    samples: Samples
    seconds: float
    notes: tuple[str, ...] = ()
    is_whole: bool = True


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal, read block by block."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_clip(path: Path, sample_rate: int, check: CancelCheck = never_cancelled) -> Clip:
    """Decode the beginning of an audio file of any of DECODABLE_FORMATS, block by block.

    The samples are mono, at `sample_rate` Hz, without the silence at both ends. What `check`
    raises between the blocks ends the work.

    Raises VoiceRejected if the file is not audio, is longer than MAX_CLIP_S, holds samples that are
    not finite, is silent or only noise, or has less than MIN_SPEECH_S of sound.
    """
    try:
        with mono(path, check) as stream:
            rate = stream.rate
            samples = _first_minute(stream)
            is_whole = len(samples) < MAX_READ_S * rate
            seconds = len(samples) / rate if is_whole else stream.measure()
    except Unreadable as error:
        raise VoiceRejected(
            f"the clip cannot be read as audio: {error}",
            error.remedy or f"send a whole file, one of {DECODABLE_FORMATS}",
        ) from None
    if seconds > MAX_CLIP_S:
        raise VoiceRejected(
            "the clip is longer than an hour", "cut 7 to 9 s of clear speech out of it"
        )
    overdriven_note = _overdriven_note(samples)
    subject = "the clip" if is_whole else "the clip's first minute"
    samples = _resample(samples, rate, sample_rate, subject)
    speech_s = speech_seconds(samples, sample_rate)
    if speech_s < MIN_SPEECH_S:
        raise VoiceRejected(
            f"{subject} holds {speech_s:.2f} s of sound and at least {MIN_SPEECH_S:g} s are needed",
            "send 7 to 9 s of clear speech",
        )
    samples = trim_silence(samples, sample_rate)
    notes = (*stream.notes, overdriven_note, _noise_note(samples, sample_rate))
    return Clip(samples, seconds, tuple(note for note in notes if note), is_whole)


def to_wav(samples: Samples, sample_rate: int) -> bytes:
    """A clip as a 16-bit WAV file."""
    out = BytesIO()
    soundfile.write(out, samples, sample_rate, "PCM_16", format="WAV")
    return out.getvalue()


def trim_silence(samples: Samples, sample_rate: int) -> Samples:
    """Cut silence to at most EDGE_S before the sound, and to exactly EDGE_S after it.

    There must be some sound. The engine continues right at the end of a reference: speech that
    reached it would run into the chunk.
    """
    active = np.flatnonzero(active_frames(samples, sample_rate, NOISE_FLOOR_DB))
    size, edge = frame_size(sample_rate), round(EDGE_S * sample_rate)
    start, end = max(0, int(active[0]) * size - edge), (int(active[-1]) + 1) * size + edge
    trimmed = samples[start:end].copy()
    missing = end - len(samples)
    if missing > 0:
        # Padding speech with zeros makes a step, which clicks; the ramp takes it away.
        ramp = round(END_RAMP_S * sample_rate)
        trimmed[-ramp:] *= np.linspace(1, 0, ramp, dtype=np.float32)
        trimmed = np.pad(trimmed, (0, missing))
    return trimmed


def boost_quiet(samples: Samples) -> tuple[Samples, float]:
    """Raise a clip to an RMS of QUIET_RMS, as far as its peak stays below PEAK; and the gain.

    The gain is 1 if the clip is loud enough.
    """
    rms = float(np.sqrt(np.mean(np.square(samples))))
    peak = float(np.abs(samples).max())
    gain = max(1.0, min(QUIET_RMS / rms, PEAK / peak))
    return samples * np.float32(gain), gain


def speech_seconds(samples: Samples, sample_rate: int) -> float:
    """How many seconds of a clip are not silence."""
    return float(np.count_nonzero(active_frames(samples, sample_rate)) * FRAME_S)


def _first_minute(stream: MonoStream) -> Samples:
    """MAX_READ_S of a stream, or all of a shorter one."""
    missing = MAX_READ_S * stream.rate
    parts: list[Samples] = [np.zeros(0, np.float32)]
    for block in stream.blocks():
        parts.append(block[:missing])
        missing -= len(parts[-1])
        if missing <= 0:
            break
    return np.concatenate(parts)


def _resample(samples: Samples, rate: int, sample_rate: int, subject: str) -> Samples:
    """Samples at `sample_rate` Hz, centred on 0, in [-1, 1]. Raises VoiceRejected if silent.

    rate: of `samples`, Hz.
    subject: what the error calls them.
    """
    # A constant offset would count as sound where the clip is silent.
    centred = samples - np.float32(samples.mean(dtype=np.float64) if len(samples) else 0)
    peak = float(np.abs(centred).max(initial=0.0))
    if peak < SILENT_PEAK:
        raise VoiceRejected(f"{subject} is silent", "send 7 to 9 s of clear speech")
    centred /= np.float32(max(1.0, peak))
    resampled: Samples = soxr.resample(centred, rate, sample_rate)
    # Resampling overshoots at full scale.
    return resampled / np.float32(max(1.0, float(np.abs(resampled).max(initial=0.0))))


def _overdriven_note(samples: Samples) -> str | None:
    """A sentence if the recording level was too high: too many samples lie at the very top."""
    peak = float(np.abs(samples).max(initial=0.0))
    share = float(np.mean(np.abs(samples) >= AT_PEAK * peak)) if peak >= FULL_SCALE else 0.0
    if share < MAX_SHARE_AT_PEAK:
        return None
    return (
        f"the clip is overdriven: {share:.1%} of it is at full scale, and the voice will sound "
        "like that; record it again at a lower level"
    )


def _noise_note(samples: Samples, sample_rate: int) -> str | None:
    """A sentence about loud noise. Raises VoiceRejected if there is nothing but noise."""
    frames = whole_frames(samples, sample_rate)
    # Without the small constant the logarithm of digital silence would be minus infinity.
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

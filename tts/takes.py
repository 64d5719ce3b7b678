"""Takes as they are kept in a store: what one was made of, and its file."""

import hashlib
import io
import json
from pathlib import Path

import numpy as np
import soundfile

from tts.engine import Engine, SamplingOptions, Voice
from tts.speech import Chunk, Pcm16

CONTENT_TYPE = "audio/flac"

_HEADER_BYTES = 65_536
"""More than what libsndfile writes beside the samples of a take."""

_SAMPLING_FIELDS = ("seed", "nfe_step", "cfg_strength", "sway_sampling_coef")


class TakeDamaged(Exception):
    """A stored take is not the audio that it should be."""


def origin(engine: Engine, chunk: Chunk, voice: Voice, sampling: SamplingOptions) -> str:
    """The SHA-256, in hexadecimal, of everything that a take is made of but its noise.

    engine: its name and weights count, and which options change its takes.
    chunk: its spoken text, its rate and its language; where it stands does not matter.
    voice: its reference, if it has one; a voice of an engine that clones nobody has none.
    sampling: at which pace and how.

    Two takes with one origin are two takes of the same thing.
    """
    reference = voice.reference
    used = [name for name in _SAMPLING_FIELDS if name not in engine.unused_fields]
    parts = [
        engine.name,
        engine.weights_id,
        engine.sample_rate,
        chunk.spoken_text,
        chunk.language,
        # Three digits, as the reply shows a pace: a request can name it again.
        round(sampling.speed * chunk.rate, 3),
        {name: getattr(sampling, name) for name in used},
        reference
        and [
            reference.sha256,
            reference.cut_s,
            reference.text,
            [token.spoken + token.pause for token in reference.spoken],
        ],
    ]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def write(take: Pcm16, sample_rate: int, path: Path) -> str:
    """Write a take as FLAC, which keeps every sample; its file's SHA-256 in hexadecimal.

    Raises OSError.
    """
    data = io.BytesIO()
    soundfile.write(data, take.numbers, sample_rate, format="FLAC", subtype="PCM_16")
    content = data.getvalue()
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def max_bytes(length: int) -> int:
    """No file of a take of so many samples is larger."""
    return 3 * length + _HEADER_BYTES


def read(content: bytes, sha256: str, length: int, sample_rate: int) -> Pcm16:
    """The take of a file.

    content: the file; anybody may have written it.
    sha256, length, sample_rate: of the take that it must be; the length in samples.

    Raises TakeDamaged.
    """
    # Before libsndfile sees it: the name of the file is its hash, so no other content is decoded.
    if hashlib.sha256(content).hexdigest() != sha256:
        raise TakeDamaged
    try:
        with soundfile.SoundFile(io.BytesIO(content)) as file:
            is_take = (file.format, file.subtype, file.channels) == ("FLAC", "PCM_16", 1)
            if not is_take or (file.samplerate, file.frames) != (sample_rate, length):
                raise TakeDamaged
            numbers = file.read(length, dtype="int16")
    except soundfile.SoundFileError:
        raise TakeDamaged from None
    if len(numbers) != length:
        raise TakeDamaged
    return Pcm16(np.ascontiguousarray(numbers))

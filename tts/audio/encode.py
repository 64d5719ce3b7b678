"""Audio files: any of the contract's formats at any of its rates, written block by block."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import soundfile
import soxr

from errors import WorkerError
from tts.audio.levels import PEAK
from tts.audio.ogg import set_serial
from tts.speech import Pcm16, Samples

SAMPLE_RATES = (8000, 16000, 22050, 24000, 44100, 48000)


class AudioNotWritten(WorkerError):
    """The encoder could not write its file: in practice a full disk."""

    code: ClassVar[str] = "storage_error"

    def __init__(self) -> None:
        super().__init__(
            "the audio could not be written to the worker's temporary folder; "
            "its disk may be full: give the container more disk, or make the text shorter"
        )


@dataclass(frozen=True)
class AudioFormat:
    """How one output format is written.

    `container` and `subtype` are libsndfile's names; `rates` are the format's sample rates in Hz.
    """

    extension: str
    content_type: str
    container: str
    subtype: str
    rates: tuple[int, ...] = SAMPLE_RATES


FORMATS = {
    "wav": AudioFormat("wav", "audio/wav", "WAV", "PCM_16"),
    "flac": AudioFormat("flac", "audio/flac", "FLAC", "PCM_16"),
    "mp3": AudioFormat("mp3", "audio/mpeg", "MP3", "MPEG_LAYER_III"),
    "ogg": AudioFormat("ogg", "audio/ogg", "OGG", "VORBIS"),
    # Opus itself has only these of our rates.
    "opus": AudioFormat(
        "opus", "audio/ogg; codecs=opus", "OGG", "OPUS", (8000, 16000, 24000, 48000)
    ),
}


def write(
    path: Path, samples: Samples | Pcm16, rate: int, output_format: str, output_rate: int
) -> int:
    """Encode mono samples; return how many samples were written. Raises AudioNotWritten.

    path: the file to write.
    samples: mono, shape (n,), of `rate` Hz; what exceeds [-1, 1] is clipped.
    output_format: a name in FORMATS.
    output_rate: of the file, Hz; soxr resamples at its high quality.

    The same samples give the same bytes.
    """
    form = FORMATS[output_format]
    written = hashed = 0
    try:
        with soundfile.SoundFile(
            path, "w", output_rate, channels=1, format=form.container, subtype=form.subtype
        ) as file:
            # A single Vorbis write of 120 s overflows libsndfile's stack and kills the process.
            for block in _resampled(samples, rate, output_rate):
                block = np.clip(block, -1.0, 1.0)
                file.write(block)
                hashed = zlib.crc32(block.tobytes(), hashed)
                written += len(block)
        if form.container == "OGG":
            set_serial(path, hashed)
    except soundfile.SoundFileError as error:
        raise AudioNotWritten from error
    return written


def _resampled(samples: Samples | Pcm16, rate: int, output_rate: int) -> Iterator[Samples]:
    """The samples in blocks of at most about a second, at the output's rate."""
    if rate == output_rate:
        for start in range(0, len(samples), rate):
            yield samples[start : start + rate]
        return
    resampler = soxr.ResampleStream(rate, output_rate, 1, dtype="float32", quality="HQ")
    for start in range(0, len(samples), rate):
        block = samples[start : start + rate]
        resampled = resampler.resample_chunk(block, last=start + rate >= len(samples))
        # Resampling overshoots: without this, single samples would reach full scale.
        yield np.clip(resampled, -PEAK, PEAK)

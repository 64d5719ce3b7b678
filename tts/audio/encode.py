"""Audio files: any of the contract's formats at any of its rates, written block by block."""

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import soundfile
import soxr

from errors import WorkerError
from tts.audio.levels import PEAK
from tts.audio.ogg import set_serial
from tts.speech import Pcm16, Samples

AAC = "AAC"
"""The subtype that FFmpeg encodes; libsndfile does not know it."""

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

    `container` and `subtype` are libsndfile's names, or FFmpeg's where the subtype is AAC; `rates`
    are the format's sample rates in Hz.
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
    # Samples alone, without a header.
    "pcm": AudioFormat("pcm", "audio/pcm", "RAW", "PCM_16"),
    # The first 1024 samples of raw AAC are faded in: at these rates they are silence in speech.
    "aac": AudioFormat("aac", "audio/aac", "adts", AAC, (22050, 24000, 44100, 48000)),
    "m4a": AudioFormat("m4a", "audio/mp4", "ipod", AAC),
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
    (written,) = write_parts([path], [], samples, rate, output_format, output_rate)
    return written


def write_parts(
    paths: Sequence[Path],
    cuts: Sequence[int],
    samples: Samples | Pcm16,
    rate: int,
    output_format: str,
    output_rate: int,
) -> list[int]:
    """Encode consecutive parts of mono samples, each as a file; return the samples of each.

    paths: the files to write, in order.
    cuts: where each part but the first begins, in samples of `rate` Hz; they grow.

    For the other parameters and errors see `write`. In a lossless format the parts, one after the
    other, hold the very samples that `write` gives for the whole.
    """
    ends = [round(cut * output_rate / rate) for cut in cuts]
    blocks = _resampled(samples, rate, output_rate)
    block = np.zeros(0, np.float32)
    written: list[int] = []
    done = 0
    try:
        for path, end in zip(paths, [*ends, None], strict=True):
            start = done
            with _EncodedFile(path, FORMATS[output_format], output_rate) as file:
                while end is None or done < end:
                    if not len(block):
                        block = next(blocks, block)
                        if not len(block):
                            break
                    room = len(block) if end is None else end - done
                    file.add(block[:room])
                    done += len(block[:room])
                    block = block[room:]
            written.append(done - start)
    except (soundfile.SoundFileError, OSError) as error:
        raise AudioNotWritten from error
    return written


class _EncodedFile:
    """An audio file that is written block by block; the same samples give the same bytes.

    Raises SoundFileError, OSError.
    """

    def __init__(self, path: Path, form: AudioFormat, rate: int) -> None:
        self._path = path
        self._form = form
        self._hash = 0
        self._file = _open(path, form, rate)

    def __enter__(self) -> "_EncodedFile":
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        self._file.close()
        if kind is None and self._form.container == "OGG":
            set_serial(self._path, self._hash)

    def add(self, block: Samples) -> None:
        """Write about a second at most: a single Vorbis write of 120 s overflows libsndfile's
        stack and kills the process."""
        clipped = np.clip(block, -1.0, 1.0)
        self._file.write(clipped)
        self._hash = zlib.crc32(clipped.tobytes(), self._hash)


def _open(path: Path, form: AudioFormat, rate: int) -> Any:
    """The file with methods `write`, which takes samples, and `close`."""
    if form.subtype == AAC:
        # FFmpeg takes memory: a worker loads it with the first file that needs it.
        from tts.audio import aac

        return aac.AacFile(path, form.container, rate)
    return soundfile.SoundFile(
        path,
        "w",
        rate,
        channels=1,
        format=form.container,
        subtype=form.subtype,
        endian="LITTLE" if form.container == "RAW" else None,
    )


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

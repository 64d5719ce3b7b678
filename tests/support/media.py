"""Sound files as bytes: of every container, and with headers that are wrong, made by hand."""

import struct
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import av
import numpy as np
import soundfile

from tts.speech import Samples

RATE = 24_000


def sweep(seconds: float = 3.0, rate: int = RATE) -> Samples:
    """A tone that rises from 200 to 2000 Hz: no two of its parts are alike."""
    time = np.arange(round(seconds * rate)) / rate
    phase = 2 * np.pi * (200 * time + 900 * time**2 / seconds)
    return (0.4 * np.sin(phase)).astype(np.float32)


def with_soundfile(samples: Any, form: str, subtype: str | None = None, rate: int = RATE) -> bytes:
    """Samples, shape (n,) or (n, channels), in a format of libsndfile."""
    out = BytesIO()
    soundfile.write(out, samples, rate, format=form, subtype=subtype)
    return out.getvalue()


def with_ffmpeg(
    tracks: Sequence[Samples],
    container: str,
    codec: str,
    rate: int = RATE,
    options: dict[str, str] | None = None,
) -> bytes:
    """Mono tracks of `rate` Hz in a container of FFmpeg, which are equally long."""
    # In a file with a name, because FFmpeg opens it again to bring the index to the front.
    with (
        NamedTemporaryFile() as out,
        av.open(out.name, "w", format=container, options=options or {}) as file,
    ):
        streams: list[Any] = [file.add_stream(codec, rate=rate, layout="mono") for _ in tracks]
        for stream in streams:
            stream.bit_rate = 64_000
        for stream, samples in zip(streams, tracks, strict=True):
            frame = av.AudioFrame.from_ndarray(samples[None], format="fltp", layout="mono")
            frame.sample_rate = rate
            resampler = av.AudioResampler(stream.format.name, "mono", rate)
            for part in [*resampler.resample(frame), *resampler.resample(None), None]:
                file.mux(stream.encode(part))
        file.close()
        return Path(out.name).read_bytes()


def box(kind: bytes, *content: bytes) -> bytes:
    """A box of an MP4 file."""
    data = b"".join(content)
    return struct.pack(">I4s", 8 + len(data), kind) + data


def _full(kind: bytes, *content: bytes, flags: int = 0) -> bytes:
    return box(kind, struct.pack(">I", flags), *content)


def _track(number: int, tables: dict[bytes, bytes]) -> bytes:
    esds = _full(b"esds", bytes.fromhex("03190001000411401500000000000000000000000005021190060102"))
    mp4a = box(b"mp4a", bytes(6), struct.pack(">H", 1), bytes(8),
               struct.pack(">HHHHI", 2, 16, 0, 0, 48_000 << 16), esds)  # fmt: skip
    stbl = box(b"stbl", _full(b"stsd", struct.pack(">I", 1), mp4a),
               *(_full(kind, table) for kind, table in tables.items()))  # fmt: skip
    dref = _full(b"dref", struct.pack(">I", 1), _full(b"url ", flags=1))
    minf = box(b"minf", _full(b"smhd", bytes(4)), box(b"dinf", dref), stbl)
    mdhd = _full(b"mdhd", struct.pack(">IIIIHH", 0, 0, 48_000, 48_000, 0x55C4, 0))
    hdlr = _full(b"hdlr", bytes(4), b"soun", bytes(13))
    tkhd = _full(b"tkhd", struct.pack(">IIIII", 0, 0, number, 0, 1000), bytes(60), flags=7)
    return box(b"trak", tkhd, box(b"mdia", mdhd, hdlr, minf))


def m4a_that_claims(count: int, tracks: int = 1, **tables: bytes) -> bytes:
    """An m4a file of some 600 bytes a track, whose tables claim so many samples.

    tables: replace or add to the tables of each track, by their names.
    """
    usual = {
        b"stts": struct.pack(">III", 1, count, 1024),
        b"stsc": struct.pack(">IIII", 1, 1, count, 1),
        b"stsz": struct.pack(">II", 1, count),
        b"stco": struct.pack(">II", 1, 48),
    } | {name.encode(): table for name, table in tables.items()}
    mvhd = _full(b"mvhd", struct.pack(">IIIIIH", 0, 0, 1000, 1000, 0x10000, 0x100), bytes(70),
                 struct.pack(">I", 9))  # fmt: skip
    moov = box(b"moov", mvhd, *(_track(number + 1, usual) for number in range(tracks)))
    return box(b"ftyp", b"M4A ", bytes(4), b"M4A isom") + moov + box(b"mdat", bytes(64))


def id3(mp3: bytes, picture: bytes, claimed: int | None = None) -> bytes:
    """An MP3 file with a cover picture, whose tag claims so many bytes for it."""
    content = b"\0image/png\0\x03\0" + picture
    frame = b"APIC" + struct.pack(">IH", claimed or len(content), 0) + content
    size = len(frame)
    synchsafe = bytes(size >> 7 * (3 - place) & 0x7F for place in range(4))
    return b"ID3\x03\0\0" + synchsafe + frame + mp3

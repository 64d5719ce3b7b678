"""FFmpeg, through PyAV: files are opened and their tracks are decoded. No other file reads with av.

What PyAV raises becomes a MediaError here. The code runs in a process of its own, see
`tts.audio.media.process`.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import BinaryIO, TypeAlias

import av
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer

from tts.audio.media.channels import Block

MAX_SAMPLE_RATE = 768_000
"""Hz. No recorder has a higher rate."""

MAX_VALUES_PER_S = 1_600_000
"""Sample rate times channels: 8 channels of 192 kHz, or 32 of 48 kHz. A small file of silence may
claim more, and each of its values costs time."""

# FFmpeg's own names. The list leaves out playlists and other formats that make FFmpeg open further
# files or URLs.
_CONTAINERS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,aac,mp3,ogg,flac,wav,w64,aiff,au,caf,avi,mpegts,mpeg,"
    "asf,amr,amrnb,amrwb,flv,wv,tta,ape,ac3,eac3,voc,nistsphere,ircam,iff,avr,paf,pvf,sds,wve"
)
_STATES_LENGTH = {"mov", "matroska", "flac", "aiff", "au", "caf", "asf", "flv", "wv", "tta", "ape"}
"""The first names of containers whose header has the length. Of others FFmpeg estimates it."""

_MAX_PROBE_PACKETS = "16"
"""In each WAV file FFmpeg looks for a DTS stream: by default in 2500 packets, for 13 ms."""

_MANY_CHANNELS = 8

_SCALES = {"u8": 128, "s16": 1 << 15, "s32": 1 << 31, "flt": 1, "dbl": 1}
"""FFmpeg's sample formats without the `p` of planar ones, and their full scale."""

_PROBLEMS: tuple[tuple[type[Exception], str], ...] = (
    (MemoryError, "opening it takes too much memory: its header is wrong, or the file is damaged"),
    (av.error.LookupError, "its codec is not known here"),
    (av.error.PatchWelcomeError, "its codec uses a feature that is not known here"),
    (av.FFmpegError, "it is damaged"),
    # What PyAV itself, and Python below it, raise for headers that make no sense.
    (ValueError, "it is damaged"),
    (ArithmeticError, "it is damaged"),
    (LookupError, "it is damaged"),
    (OSError, "it is damaged"),
    (RuntimeError, "it is damaged"),
)
"""What is raised for a file, and what it means; the first that fits counts."""

LIBRARY_ERRORS = tuple(kind for kind, _ in _PROBLEMS)
_CONVERT = "convert it to wav or mp3"

Packet: TypeAlias = "av.Packet[AudioStream]"


class MediaError(Exception):
    """A file that is no sound, or is damaged: a problem that completes "it cannot be read: ".

    remedy: what the sender can do; None if the caller knows better.
    """

    def __init__(self, problem: str, remedy: str | None = None) -> None:
        super().__init__(problem)
        self.problem = problem
        self.remedy = remedy


class OutOfMemory(MediaError):
    """The file takes more memory than the process may have."""


def translated(error: Exception) -> MediaError:
    """The MediaError for one of LIBRARY_ERRORS."""
    problem = next(problem for kind, problem in _PROBLEMS if isinstance(error, kind))
    if isinstance(error, MemoryError):
        return OutOfMemory(problem)
    return MediaError(problem, _CONVERT if "codec" in problem else None)


@dataclass(frozen=True)
class Part:
    """A whole file, or for an Ogg file one of the streams that follow one another in it.

    start, end: in bytes; `end` None: the whole file.
    head: stands in place of the first bytes.
    is_seekable: whether FFmpeg may look behind the sound. What it finds there may be damaged.
    """

    file: BinaryIO
    start: int = 0
    end: int | None = None
    head: bytes = b""
    is_seekable: bool = True


@dataclass(frozen=True)
class Track:
    """A sound track as the header describes it.

    index: among the sound tracks of the file.
    rate: Hz.
    claimed_s: the length that the header states, in seconds; None if it states none.
    is_mpeg: whether it is MP3 or an older layer of it: one frame in each packet.
    """

    index: int
    rate: int
    channels: int
    claimed_s: float | None
    is_mpeg: bool


@contextmanager
def opened(part: Part) -> Iterator[InputContainer]:
    """Open a part. Raises MediaError, also for what PyAV raises in the block."""
    try:
        if part.end is None and not part.head and part.is_seekable:
            os.lseek(part.file.fileno(), 0, os.SEEK_SET)
            options = {"fd": str(part.file.fileno())}
            container = av.open("fd:", "r", options=options | _limits())
        else:
            view = _View(part) if part.is_seekable else _Pipe(part)
            container = av.open(view, "r", options=_limits())
        with container:
            yield container
    except LIBRARY_ERRORS as error:
        raise translated(error) from error


def tracks(container: InputContainer) -> list[Track]:
    """The sound tracks that can be decoded. Raises MediaError if there is none."""
    streams = container.streams.audio
    if not streams:
        raise MediaError("it holds no sound")
    found = [
        Track(
            index,
            stream.rate or 0,
            stream.channels,
            _claimed_seconds(container, stream),
            stream.codec_context.name.startswith("mp"),
        )
        for index, stream in enumerate(streams)
        if stream.codec_context is not None
    ]
    if not found:
        raise MediaError("its codec is not known here", _CONVERT)
    return found


def packets(container: InputContainer, track: int) -> Iterator[Packet]:
    """The packets of a track, or of the first one if there is no such track."""
    streams = container.streams.audio
    if not streams:
        return
    stream = streams[track if track < len(streams) else 0]
    if stream.codec_context is not None:
        stream.codec_context.thread_count = 1
        yield from container.demux(stream)


def _claimed_seconds(container: InputContainer, stream: AudioStream) -> float | None:
    """The length that the header states; None if it states none, or that of the picture."""
    if container.format.name.split(",")[0] not in _STATES_LENGTH:
        return None
    if stream.duration is not None and stream.time_base is not None:
        return float(stream.duration * stream.time_base)
    if container.duration is None or len(container.streams) > 1:
        return None
    return container.duration / av.time_base


def check_rate(rate: int, channels: int) -> None:
    """Raises MediaError for a rate that no recorder has, and for too many values a second."""
    if rate <= 0 or channels <= 0:
        raise MediaError("it holds no sound")
    if rate > MAX_SAMPLE_RATE:
        raise MediaError(
            f"it claims {rate} samples a second and at most {MAX_SAMPLE_RATE} are read"
        )
    if rate * channels > MAX_VALUES_PER_S:
        raise MediaError(
            f"it claims {rate} samples a second in {channels} channels, "
            f"and at most {MAX_VALUES_PER_S} are read in all channels together"
        )


def decoded(packet: Packet) -> list[tuple[int, Block]]:
    """The rate and the samples of each frame in a packet. Raises LIBRARY_ERRORS and MediaError."""
    return [_samples(part) for frame in packet.decode() for part in _packed(frame)]


def _packed(frame: av.AudioFrame) -> list[av.AudioFrame]:
    """The frame; with its channels in one plane if there are many.

    PyAV counts planes up to a null pointer, which FFmpeg's list of eight or more has not.
    """
    check_rate(frame.sample_rate, frame.layout.nb_channels)
    if not frame.format.is_planar or frame.layout.nb_channels < _MANY_CHANNELS:
        return [frame]
    form = frame.format.packed.name
    return av.AudioResampler(form, frame.layout, frame.sample_rate).resample(frame)


def _samples(frame: av.AudioFrame) -> tuple[int, Block]:
    channels = frame.layout.nb_channels
    name = frame.format.name
    values = frame.to_ndarray()
    values = values.T if frame.format.is_planar else values.reshape(-1, channels)
    with np.errstate(over="ignore") if name.startswith("dbl") else nullcontext():
        block = values.astype(np.float32)
    if name.startswith("u8"):
        block -= 128
    return frame.sample_rate, block / np.float32(_SCALES[name.removesuffix("p")])


def _limits() -> dict[str, str]:
    """Options of FFmpeg: the containers and the codecs that it may use, and what it may open.

    It may open a descriptor that it is given, and nothing that a file tells it to open. No decoder
    of pictures is among the codecs: FFmpeg would decode some of a video to tell its size.
    """
    return {
        "format_whitelist": _CONTAINERS,
        "codec_whitelist": _DECODERS,
        "protocol_whitelist": "fd",
        "max_probe_packets": _MAX_PROBE_PACKETS,
    }


def _sound_decoders() -> str:
    found: list[str] = []
    for name in sorted(av.codecs_available):
        try:
            codec = av.Codec(name, "r")
        except ValueError:
            # An encoder alone.
            continue
        if codec.type == "audio":
            found.append(name)
    return ",".join(found)


_DECODERS = _sound_decoders()


class _Pipe:
    """A part that PyAV can read from its beginning to its end alone."""

    def __init__(self, part: Part) -> None:
        self._part = part
        self._length = (part.end or os.fstat(part.file.fileno()).st_size) - part.start
        self._position = 0

    def read(self, size: int) -> bytes:
        start = self._position
        self._part.file.seek(self._part.start + start)
        data = self._part.file.read(min(size, self._length - start))
        self._position += len(data)
        head = self._part.head[start : start + len(data)]
        return head + data[len(head) :]


class _View(_Pipe):
    """A part that PyAV can read from any place."""

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._length}[whence]
        self._position = min(max(0, base + offset), self._length)
        return self._position

    def tell(self) -> int:
        return self._position

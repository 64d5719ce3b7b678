"""The sound of a file as mono: read by libsndfile if it knows the format, else by FFmpeg (PyAV).

The sound of a video can be read too. A header may lie about lengths and rates, so nothing is sized
by it, and no more is decoded than the caller takes. The only file that imports av.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt
import soundfile

from errors import CancelCheck, never_cancelled
from tts.speech import Samples

DECODABLE_FORMATS = "wav, flac, mp3, ogg, opus, m4a, aac, webm, mp4"
"""The best known of them, for messages."""

CHANNEL_PROBE_S = 60
MAX_SAMPLE_RATE = 768_000
"""Hz. No recorder has a higher rate. A header may claim any, and a block of a second costs memory
in proportion to it."""

_BLOCK = 1 << 20
"""Samples of all channels together that are read at a time, at most."""

# FFmpeg's own names. The list leaves out playlists and other formats that make FFmpeg open further
# files or URLs.
_CONTAINERS = "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,aac,mp3,ogg,flac,wav,avi,mpegts,asf,amr,caf"
_DEAD = 1e-4
"""A channel with less than this part of the loudest channel's power is silent."""

_CANCELLED = 1e-2
"""If the channels' mean has less than this part of that power, they cancel each other out."""

Block = npt.NDArray[np.float32]
"""Consecutive samples, shape (n, channels)."""


class Unreadable(Exception):
    """The file is not audio, or is damaged; the message completes "it cannot be read: "."""


@dataclass(frozen=True)
class MonoStream:
    """A file's sound as mono blocks at its own `rate`.

    `rate` is in Hz. `seconds` is the length that the file claims, None if it claims none. `note` is
    a sentence about channels that were left out, None if all are used.
    """

    rate: int
    seconds: float | None
    note: str | None
    blocks: Iterator[Samples]


@dataclass(frozen=True)
class _AudioStream:
    rate: int
    seconds: float | None
    blocks: Iterator[Block]


@contextmanager
def mono(file: BinaryIO, check: CancelCheck = never_cancelled) -> Iterator[MonoStream]:
    """Decode a file that can be read from its start. Raises Unreadable, also from the blocks.

    The channels are averaged. Silent ones are left out, and if the channels cancel each other out,
    the loudest is taken alone: the first CHANNEL_PROBE_S seconds decide. `check` is called before
    each block of at most a second; what it raises ends the work.
    """
    # The weights must be known before the first block is mixed. Decoding the beginning twice costs
    # less memory than keeping it.
    with _opened(file) as first:
        weights, note = _weights(first, check)
    with _opened(file) as sound:
        yield MonoStream(sound.rate, sound.seconds, note, _mixed(sound.blocks, weights, check))


def _mixed(
    blocks: Iterator[Block], weights: npt.NDArray[np.float64], check: CancelCheck
) -> Iterator[Samples]:
    for block in blocks:
        check()
        yield _mix(block, weights)


def _mix(block: Block, weights: npt.NDArray[np.float64]) -> Samples:
    if block.shape[1] != len(weights):
        raise Unreadable("the number of channels changes")
    mixed: Samples = (block @ weights).astype(np.float32)
    if not np.isfinite(mixed).all():
        raise Unreadable("it holds samples that are no numbers (NaN or infinite)")
    return mixed


def _weights(sound: _AudioStream, check: CancelCheck) -> tuple[npt.NDArray[np.float64], str | None]:
    """The weight of each channel in the mix, shape (channels,), and a sentence about those left
    out."""
    powers = np.zeros(1)
    mean_power = 0.0
    count = 0
    for block in sound.blocks:
        check()
        if not count:
            powers = np.zeros(block.shape[1])
        if block.shape[1] != len(powers):
            raise Unreadable("the number of channels changes")
        powers += np.sum(np.square(block, dtype=np.float64), axis=0)
        mean_power += float(np.sum(np.square(block.mean(axis=1, dtype=np.float64))))
        count += len(block)
        if count >= CHANNEL_PROBE_S * sound.rate:
            break
    channels, loudest = len(powers), float(powers.max())
    live = powers > _DEAD * loudest
    # For example two channels in opposite phase, whose mean would be silence.
    if mean_power < _CANCELLED * loudest and channels > 1:
        alone = (np.arange(channels) == int(np.argmax(powers))).astype(np.float64)
        return alone, "the clip's channels cancel each other out: one of them is used alone"
    if live.any() and not live.all():
        note = f"{channels - int(live.sum())} of the clip's {channels} channels are silent"
        return live / live.sum(), f"{note}: the others are used"
    return np.full(channels, 1 / channels), None


@contextmanager
def _opened(file: BinaryIO) -> Iterator[_AudioStream]:
    """The file as libsndfile reads it, else as FFmpeg does."""
    file.seek(0)
    try:
        sound = soundfile.SoundFile(file)
    except soundfile.SoundFileError:
        file.seek(0)
        with _opened_by_ffmpeg(file) as opened:
            yield opened
        return
    with sound:
        _check(sound.samplerate)
        yield _AudioStream(sound.samplerate, sound.frames / sound.samplerate, _read(sound))


def _check(rate: int) -> None:
    if rate > MAX_SAMPLE_RATE:
        raise Unreadable(
            f"it claims {rate} samples a second and at most {MAX_SAMPLE_RATE} are read"
        )


def _read(sound: soundfile.SoundFile) -> Iterator[Block]:
    """The blocks of a file, of _BLOCK numbers at most, because it may claim a thousand channels."""
    size = max(1, min(_BLOCK // sound.channels, sound.samplerate))
    while True:
        try:
            block: Block = sound.read(size, dtype="float32", always_2d=True)
        except soundfile.SoundFileError as error:
            raise Unreadable("it ends too early") from error
        if len(block):
            yield block
        # Not by the header's length, which may be wrong: a short block is the end of the file.
        if len(block) < size:
            return


@contextmanager
def _opened_by_ffmpeg(file: BinaryIO) -> Iterator[_AudioStream]:
    # Only files that libsndfile cannot read need it.
    import av

    try:
        container = av.open(file, "r", options={"format_whitelist": _CONTAINERS})
    except (av.FFmpegError, ValueError) as error:
        raise Unreadable("no known sound file") from error
    with container:
        if not container.streams.audio:
            raise Unreadable("it holds no sound")
        stream = container.streams.audio[0]
        if not stream.rate:
            raise Unreadable("it holds no sound")
        _check(stream.rate)
        claimed = None if container.duration is None else container.duration / av.time_base
        # Codecs give many sample formats; this converts them to float and leaves the rate alone.
        resampler = av.AudioResampler(format="fltp", layout=stream.layout, rate=stream.rate)

        def decoded() -> Iterator[Block]:
            try:
                for frame in container.decode(stream):
                    for part in resampler.resample(frame):
                        yield np.asarray(part.to_ndarray().T, np.float32)
            except (av.FFmpegError, ValueError) as error:
                raise Unreadable("it is damaged") from error

        yield _AudioStream(stream.rate, claimed, decoded())

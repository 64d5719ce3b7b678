"""The sound of one file as mono samples: the right track, its channels mixed, read to its end.

Nothing is sized by a header, and no length that a header claims is believed: what was decoded is
counted.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

import numpy as np
import soxr

from tts.audio.media.channels import Block, ChannelProbe, mean
from tts.audio.media.containers import (
    HEAD_BYTES,
    looks_like_sound,
    scan_ogg,
    what_else,
)
from tts.audio.media.ffmpeg import (
    LIBRARY_ERRORS,
    MediaError,
    OutOfMemory,
    Packet,
    Part,
    Track,
    check_rate,
    decoded,
    opened,
    packets,
    tracks,
    translated,
)
from tts.audio.media.lengths import end_of_sound, is_cut_off, with_open_lengths
from tts.speech import Samples

PROBE_S = 60
"""So much of a track decides whether it sounds, and how its channels are mixed."""

MAX_PROBED_TRACKS = 8
MAX_MEASURED_S = 2 * 3600
"""What is skipped is counted up to this length."""

ENDS_EARLY = (
    "the file ends earlier than it says, as a download that was cut off does: what is there is used"
)
DAMAGED = "parts of the file are damaged and were left out"

_MISSING_S = 0.3
"""A sound that is shorter by more than this than its header says ends early. Encoders round to
whole frames."""

_BLOCK = 1 << 16
"""Samples of all channels together that are mixed at a time, about."""


class Sound:
    """An open file.

    rate: of its samples, Hz; what follows in the file at another rate is resampled to it.
    notes: one sentence for each thing that was left out; complete after the last block.
    """

    def __init__(self, file: BinaryIO, size: int) -> None:
        """Open a file of `size` bytes and hear its beginning. Raises MediaError."""
        self.notes: list[str] = []
        head = _head(file)
        self._parts, self._is_cut = [Part(file)], False
        if head.startswith(b"OggS"):
            scan = scan_ogg(file, size)
            self._is_cut = scan.is_cut
            if len(scan.links) > 1:
                # FFmpeg reads what follows only if it has the same rate and channels.
                self._parts = [Part(file, start, end) for start, end in scan.links]
        else:
            self._is_cut = is_cut_off(file, size)
            mended, end = with_open_lengths(head), end_of_sound(head, size)
            if mended != head or end is not None:
                self._parts = [Part(file, end=end, head=mended)]
        self._counted_s = 0.0
        self._packet_count = self._lost_count = 0
        self._sizes = _PacketSizes()
        self._error: MediaError | None = None
        found = self._tracks(head)
        track, probe = found[0], None
        if len(found) > 1 or track.channels != 1:
            track, probe = self._chosen(found)
        check_rate(track.rate, track.channels)
        self.rate, self._track, self._is_mpeg = track.rate, track.index, track.is_mpeg
        self._weights = mean(track.channels)
        if probe is not None:
            self._weights, note = probe.weights()
            self.notes += [note] if note else []
        # What follows in an Ogg file adds to what the first header says.
        self._claimed_s = track.claimed_s if len(self._parts) == 1 else None
        self._packets = self._demuxed()
        self._resampler = _ToRate(self.rate)

    def blocks(self) -> Iterator[Samples]:
        """All samples as the file has them, shape (n,). Raises MediaError."""
        for rate, block in _grouped(self._frames()):
            same = block.shape[1] == len(self._weights)
            mixed = block @ (self._weights if same else mean(block.shape[1])).astype(np.float32)
            if not np.isfinite(mixed).all():
                raise MediaError("it holds samples that are not numbers (NaN or infinite)")
            yield from self._resampler.take(mixed, rate)
        yield from self._resampler.rest()

    def measure(self) -> None:
        """Skip the rest without decoding it, and count it up to MAX_MEASURED_S."""
        for packet in self._packets:
            if packet.duration and packet.time_base:
                self._counted_s += float(packet.duration * packet.time_base)
            if self._counted_s > MAX_MEASURED_S:
                self._claimed_s = None
                return

    def conclusion(self) -> tuple[list[str], float]:
        """All notes and the length in seconds, after the last block or `measure`.

        Raises MediaError if nothing could be decoded.
        """
        is_short = self._claimed_s is not None and self._counted_s < self._claimed_s - _MISSING_S
        if not self._counted_s and self._error is not None:
            raise self._error
        if not self._counted_s and is_short:
            raise MediaError("its header is wrong: it holds no sound")
        if self._is_cut or is_short or (self._is_mpeg and self._sizes.ends_in_frame):
            self.notes.append(ENDS_EARLY)
        # What stands between two files that were joined is lost, too, and nobody misses it.
        is_damaged = self._lost_count > 1 + self._packet_count // 100
        if is_damaged and DAMAGED not in self.notes:
            self.notes.append(DAMAGED)
        return self.notes, self._counted_s

    def _tracks(self, head: bytes) -> list[Track]:
        """What the header says of the tracks. Raises MediaError."""
        try:
            return _tracks_of(self._parts[0])
        except _NotOpened as error:
            if not looks_like_sound(head):
                raise MediaError("the worker does not know this kind of file") from error
        try:
            self._parts = [replace(self._parts[0], is_seekable=False)]
            found = _tracks_of(self._parts[0])
        except _NotOpened as error:
            raise MediaError("it is damaged, or its end is missing") from error
        self.notes.append(DAMAGED)
        return found

    def _chosen(self, found: list[Track]) -> tuple[Track, ChannelProbe | None]:
        """The first track that sounds, and what was heard of it; the first one if none sounds."""
        probes: list[ChannelProbe | None] = []
        for number, track in enumerate(found[:MAX_PROBED_TRACKS], 1):
            probe = self._probed(track.index)
            if probe is not None and not probe.is_silent:
                if number > 1:
                    self.notes.append(
                        "the file's first sound track is silent: "
                        f"track {number} of {len(found)} is used"
                    )
                return track, probe
            probes.append(probe)
        return found[0], probes[0]

    def _probed(self, track: int) -> ChannelProbe | None:
        """The first PROBE_S of a track; None if nothing of it can be decoded."""
        probe: ChannelProbe | None = None
        with opened(self._parts[0]) as container:
            for packet in packets(container, track):
                try:
                    frames = decoded(packet)
                except MemoryError:
                    raise
                except LIBRARY_ERRORS:
                    continue
                for rate, block in frames:
                    probe = probe or ChannelProbe(block.shape[1])
                    if block.shape[1] != probe.channels or probe.count > PROBE_S * rate:
                        return probe
                    probe.hear(block)
        return probe

    def _demuxed(self) -> Iterator[Packet]:
        """The packets of the track in all parts."""
        for part in self._parts:
            try:
                with opened(part) as container:
                    for packet in packets(container, self._track):
                        self._sizes.add(packet.size)
                        yield packet
            except OutOfMemory:
                raise
            except MediaError as error:
                self._error = error
                self._is_cut = True

    def _frames(self) -> Iterator[tuple[int, Block]]:
        """The frames that can be decoded; what cannot is counted."""
        last_failed = False
        for packet in self._packets:
            self._packet_count += 1
            try:
                frames = decoded(packet)
            except MemoryError as error:
                raise translated(error) from error
            except LIBRARY_ERRORS as error:
                self._error = translated(error)
                self._lost_count += 1
                last_failed = True
                continue
            for rate, block in frames:
                last_failed = False
                self._counted_s += len(block) / rate
                yield rate, block
        # A longer one is something else behind the sound.
        self._is_cut |= last_failed and self._sizes.last <= self._sizes.largest


class _NotOpened(Exception):
    """FFmpeg does not know the file, or finds it damaged."""


@dataclass
class _PacketSizes:
    """The bytes of each packet so far; `last` is not yet among the others."""

    smallest: int = 1 << 31
    largest: int = 0
    last: int = 0

    def add(self, size: int) -> None:
        """Count a packet; those without data end a track."""
        if not size:
            return
        if self.last:
            self.smallest = min(self.smallest, self.last)
            self.largest = max(self.largest, self.last)
        self.last = size

    @property
    def ends_in_frame(self) -> bool:
        """Whether all frames have the same bytes, give or take one, and the last has fewer."""
        return self.last < self.smallest <= self.largest <= self.smallest + 1


class _ToRate:
    """Brings samples of changing rates to one rate."""

    def __init__(self, rate: int) -> None:
        self._rate = self._from = rate
        self._stream: soxr.ResampleStream | None = None

    def take(self, samples: Samples, rate: int) -> Iterator[Samples]:
        """Samples at `rate` Hz at the one rate, in parts."""
        if rate != self._from:
            yield from self.rest()
            self._from = rate
            if rate != self._rate:
                self._stream = soxr.ResampleStream(rate, self._rate, 1, dtype="float32")
        if self._stream is None:
            yield samples
            return
        # Two rates may be far apart, and a part becomes as much longer.
        size = max(1, _BLOCK * rate // max(rate, self._rate))
        for start in range(0, len(samples), size):
            yield self._stream.resample_chunk(samples[start : start + size])

    def rest(self) -> Iterator[Samples]:
        """What was held back."""
        if self._stream is not None:
            yield self._stream.resample_chunk(np.zeros(0, np.float32), last=True)
        self._stream = None


def _tracks_of(part: Part) -> list[Track]:
    """Raises MediaError, and _NotOpened if the file cannot be opened at all."""
    is_opened = False
    try:
        with opened(part) as container:
            is_opened = True
            return tracks(container)
    except OutOfMemory:
        raise
    except MediaError as error:
        raise error if is_opened else _NotOpened from error


def _head(file: BinaryIO) -> bytes:
    """The beginning of a file. Raises MediaError for what is no sound file."""
    file.seek(0)
    head = file.read(HEAD_BYTES)
    if not head:
        raise MediaError("the file is empty")
    other = what_else(head)
    if other is not None:
        raise MediaError(*other)
    return head


def _grouped(frames: Iterator[tuple[int, Block]]) -> Iterator[tuple[int, Block]]:
    """Frames of the same rate and channels joined to about _BLOCK values."""
    held: list[Block] = []
    rate, values = 0, 0
    for next_rate, block in frames:
        is_same = held and next_rate == rate and block.shape[1] == held[0].shape[1]
        if held and (not is_same or values >= _BLOCK):
            yield rate, np.concatenate(held)
            held, values = [], 0
        rate = next_rate
        held.append(block)
        values += block.size
    if held:
        yield rate, np.concatenate(held)

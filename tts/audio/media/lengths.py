"""The lengths that headers state: whether the end of a file is missing, and lengths not written.

FFmpeg decodes what is there and does not tell that a file was cut off.
"""

import re
import struct
from collections.abc import Callable
from typing import BinaryIO

UNKNOWN_BYTES = 0x7FFF0000
"""A recorder that cannot know the length writes 0 or a 32-bit number from here on."""

MAX_TAIL_BYTES = 1 << 20

_EMPTY_BYTES = 24
"""A length that counts headers alone says no more than 0 does."""

_MAX_CHUNKS = 100
_HEAD_BYTES = 4096
_TS_PACKET_BYTES = 188
_W64 = b"riff\x2e\x91"


def is_cut_off(file: BinaryIO, size: int) -> bool:
    """Whether the header of a file of `size` bytes claims more bytes than there are.

    Only containers that state a number of bytes are looked at. An Ogg file states none: see
    `scan_ogg`.
    """
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    for signature, claimed_bytes in _CLAIMS.items():
        if head.startswith(signature):
            claimed = claimed_bytes(file, head)
            # Some writers leave out the byte that makes a size even.
            return claimed is not None and claimed > size + 1
    return False


def with_open_lengths(head: bytes) -> bytes:
    """The beginning of a file, where lengths that were never written say "to the end".

    Recorders and pipes leave 0 or -1 there, which FFmpeg refuses or believes in these formats.
    """
    if head.startswith((b"RF64", b"BW64")):
        is_open = _is_open(int.from_bytes(head[28:36], "little"), 8)
        # In a RIFF file FFmpeg skips the chunk with the 64-bit lengths.
        return b"RIFF\xff\xff\xff\xff" + head[8:] if is_open else head
    places: list[tuple[int, str]] = []
    if head.startswith(b".snd"):
        places = [(8, ">I")]
    elif head.startswith(b"FORM"):
        places = [(4, ">I"), (head.find(b"SSND") + 4, ">I")]
    elif head.startswith(_W64):
        places = [(16, "<Q"), (head.find(b"data\xf3\xac\xd3\x11") + 16, "<Q")]
    mended = bytearray(head)
    for place, form in places:
        size = struct.calcsize(form)
        if len(head) < place + size:
            continue
        (length,) = struct.unpack_from(form, head, place)
        if _is_open(length, size):
            longest = 0xFFFFFFFF if head.startswith(b".snd") else (1 << 8 * size - 2) - 1
            struct.pack_into(form, mended, place, longest)
    return bytes(mended)


def end_of_sound(head: bytes, size: int) -> int | None:
    """Where the sound of a WAV file of `size` bytes ends, if over MAX_TAIL_BYTES follow it.

    FFmpeg takes those for chunks, and spends a minute on 200 MB of zeros.
    """
    place = head.find(b"data") if head.startswith(b"RIFF") else -1
    if place < 0 or len(head) < place + 8:
        return None
    (length,) = struct.unpack_from("<I", head, place + 4)
    end: int = place + 8 + length
    return None if _is_open(length, 4) or end + MAX_TAIL_BYTES > size else end


def _is_open(length: int, size: int) -> bool:
    """Whether a length of `size` bytes was not written."""
    return length <= _EMPTY_BYTES or length >= 1 << 8 * size - 1


def _riff(head: bytes, order: str) -> int | None:
    (length,) = struct.unpack_from(f"{order}I", head.ljust(12, b"\0"), 4)
    return length + 8 if 0 < length < UNKNOWN_BYTES else None


def _rf64(head: bytes) -> int | None:
    """The size in its own chunk; the usual field holds -1."""
    if head[12:16] != b"ds64":
        return None
    (length,) = struct.unpack_from("<Q", head.ljust(28, b"\0"), 20)
    return length + 8 if 0 < length < 1 << 62 else None


def _w64(head: bytes) -> int | None:
    (length,) = struct.unpack_from("<Q", head.ljust(24, b"\0"), 16)
    return length if 0 < length < 1 << 62 else None


def _asf(head: bytes) -> int | None:
    """The size that the object of the file's properties holds, behind its own size and an id."""
    place = head.find(bytes.fromhex("a1dcab8c47a9cf118ee400c00c205365"))
    if place < 0:
        return None
    return int.from_bytes(head[place + 40 : place + 48], "little")


def _mpegts(file: BinaryIO, head: bytes) -> int | None:
    """The end of the last packet: all have the same size, and begin with the same letter."""
    if head[_TS_PACKET_BYTES::_TS_PACKET_BYTES][:3] != b"GGG":
        return None
    return -(-file.seek(0, 2) // _TS_PACKET_BYTES) * _TS_PACKET_BYTES


def _caf(file: BinaryIO, head: bytes) -> int | None:
    """The end of the chunk with the sound; -1 says that it reaches to the end of the file."""
    position = 8
    for _ in range(_MAX_CHUNKS):
        file.seek(position)
        kind, length = struct.unpack(">4sq", file.read(12).ljust(12, b"\0"))
        if kind == b"data" or not 0 <= length < 1 << 40:
            break
        position += 12 + length
    return position + 12 + length if kind == b"data" and length > 0 else None


def _matroska(head: bytes) -> int | None:
    """The end of the segment, which follows the first element and holds all others."""
    first = _element_size(head, 4)
    if first is None:
        return None
    place = sum(first)
    is_segment = head[place : place + 4] == b"\x18\x53\x80\x67"
    segment = _element_size(head, place + 4) if is_segment else None
    return None if segment is None else sum(segment)


def _element_size(data: bytes, start: int) -> tuple[int, int] | None:
    """Where an element's content begins, and its bytes; None if the size is left open."""
    if len(data) <= start or not data[start]:
        return None
    width = 9 - data[start].bit_length()
    value = int.from_bytes(data[start : start + width], "big") & (1 << 7 * width) - 1
    return None if value == (1 << 7 * width) - 1 else (start + width, value)


def _mp3(file: BinaryIO, head: bytes) -> int | None:
    """The end that an encoder's first frame gives: a frame without sound, named Xing or Info."""
    tag_bytes = 0
    if head.startswith(b"ID3"):
        tag_bytes = 10 + sum((byte & 0x7F) << 7 * (3 - i) for i, byte in enumerate(head[6:10]))
    file.seek(tag_bytes)
    frame = file.read(400)
    # The place depends on the number of channels; the flags say which numbers follow.
    found = re.match(rb"\xff[\xe0-\xff].{2}.{0,36}?(Xing|Info)\0\0\0(.)", frame, re.DOTALL)
    if found is None or not found[2][0] & 2:
        return None
    count_bytes = 4 * (found[2][0] & 1)
    (length,) = struct.unpack_from(">I", frame.ljust(500, b"\0"), found.end() + count_bytes)
    return tag_bytes + length if length < UNKNOWN_BYTES else None


_CLAIMS: dict[bytes, Callable[[BinaryIO, bytes], int | None]] = {
    b"RIFF": lambda _, head: _riff(head, "<"),
    b"RIFX": lambda _, head: _riff(head, ">"),
    b"FORM": lambda _, head: _riff(head, ">"),
    b"RF64": lambda _, head: _rf64(head),
    b"BW64": lambda _, head: _rf64(head),
    _W64: lambda _, head: _w64(head),
    b"caff": _caf,
    b"\x30\x26\xb2\x75": lambda _, head: _asf(head),
    b"\x1a\x45\xdf\xa3": lambda _, head: _matroska(head),
    b"G": _mpegts,
    b"ID3": _mp3,
    b"\xff": _mp3,
}
"""For the first bytes of a file, the function that finds how many bytes its header claims."""

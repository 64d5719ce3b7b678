"""What a file is by its own bytes: a web page, a sound file, a chain of Ogg streams."""

import re
import struct
from dataclasses import dataclass
from typing import BinaryIO

HEAD_BYTES = 4096

_PAGE_HEADER = struct.Struct("<4sBBqIIIB")
_FIRST_PAGE, _LAST_PAGE = 2, 4
_SEARCHED_BYTES = 1 << 16

_NO_SOUND = (
    (
        re.compile(r"<(!doctype|!--|\?xml|[a-z])"),
        "it is a web page, not a sound file",
        "use a direct download link: the pages of Google Drive and Dropbox, and a page that asks "
        "for a login, are none",
    ),
    (
        re.compile(r'\{\s*["}]|\[\s*["{\[\]]'),
        "it is JSON, the answer of a web service, not a sound file",
        "use a link that gives the file itself",
    ),
    (
        re.compile(r"--[^\n]{1,200}\ncontent-"),
        "it is a form (multipart) with a file inside, not a sound file",
        "send the bytes of the file alone, as curl --upload-file does",
    ),
    (
        re.compile(r"pk\x03\x04|\x1f\x8b|7z\xbc\xaf|rar!"),
        "it is an archive, not a sound file",
        "unpack it",
    ),
    (
        re.compile(r"%pdf|\x89png|\xff\xd8\xff|gif8"),
        "it is a document or a picture",
        "send a sound file",
    ),
)
"""How a file begins that holds no sound, in lower case; the problem; the remedy."""

_SOUND = re.compile(
    rb"RIFF|RIFX|RF64|BW64|riff|FORM|fLaC|OggS|ID3|caff|\.snd|#!AMR|\x1a\x45\xdf\xa3|wvpk|FLV"
    rb"|\x30\x26\xb2\x75|\xff[\xe0-\xff]|....(ftyp|moov|mdat|free|wide|skip)",
    re.DOTALL,
)
"""How files begin that are, or were, sound files."""


@dataclass(frozen=True)
class OggScan:
    """The pages of an Ogg file.

    links: where each of the streams that follow one another begins and ends, in bytes.
    is_cut: whether the last page is incomplete, or is not marked as the last one.
    """

    links: tuple[tuple[int, int], ...]
    is_cut: bool


def what_else(head: bytes) -> tuple[str, str] | None:
    """What a file is if it is no sound file: the problem and the remedy; None if it may be one."""
    text = head.decode("latin-1").removeprefix("\xef\xbb\xbf").lstrip().lower()
    text = text.replace("\r", "")
    for start, problem, remedy in _NO_SOUND:
        if start.match(text):
            return problem, remedy
    return None


def looks_like_sound(head: bytes) -> bool:
    """Whether a file begins as a sound file does."""
    return _SOUND.match(head) is not None


def scan_ogg(file: BinaryIO, size: int) -> OggScan:
    """Read the headers of all pages of an Ogg file."""
    starts: list[int] = []
    position, flags, is_whole = 0, _FIRST_PAGE, True
    while position < size:
        file.seek(position)
        header = file.read(_PAGE_HEADER.size)
        if not header.startswith(b"OggS"):
            position = _next_page(file, position + 1)
            continue
        if len(header) < _PAGE_HEADER.size:
            is_whole = False
            break
        _, _, next_flags, _, _, _, _, segments = _PAGE_HEADER.unpack(header)
        # The streams of a video begin with several first pages, which are one link.
        if next_flags & _FIRST_PAGE and (not starts or not flags & _FIRST_PAGE):
            starts.append(position)
        flags = next_flags
        position += _PAGE_HEADER.size + segments + sum(file.read(segments))
        is_whole = position <= size
    ends = [*starts[1:], size]
    return OggScan(tuple(zip(starts, ends, strict=False)), not is_whole or not flags & _LAST_PAGE)


def _next_page(file: BinaryIO, position: int) -> int:
    """Where the next page of a damaged Ogg file begins; beyond its end if there is none."""
    file.seek(position)
    while data := file.read(_SEARCHED_BYTES):
        found = data.find(b"OggS")
        if found >= 0:
            return position + found
        # The four letters may lie across two parts.
        position += max(1, len(data) - 3)
        file.seek(position)
    return position + 4

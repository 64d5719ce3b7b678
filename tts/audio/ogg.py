"""Ogg pages: the serial number of a file's stream, made from its sound."""

import struct
import zlib
from pathlib import Path

_HEADER_BYTES = 27
_SERIAL, _CHECKSUM, _SEGMENTS = 14, 22, 26
"""Where they stand in the header of a page."""

_REVERSED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
"""Each byte with its bits in the other order."""


def set_serial(path: Path, serial: int) -> None:
    """Give all pages of an Ogg file with one stream another serial number, of 32 bits.

    libsndfile takes the number by chance, and it is in every page and its checksum.
    """
    with path.open("r+b") as file:
        while len(header := file.read(_HEADER_BYTES)) == _HEADER_BYTES:
            segments = file.read(header[_SEGMENTS])
            page = bytearray(header + segments + file.read(sum(segments)))
            struct.pack_into("<I", page, _SERIAL, serial)
            struct.pack_into("<I", page, _CHECKSUM, 0)
            struct.pack_into("<I", page, _CHECKSUM, checksum(page))
            file.seek(-len(page), 1)
            file.write(page)


def checksum(page: bytes | bytearray) -> int:
    """The CRC of a page whose own checksum is 0.

    It has the polynomial of zlib's CRC, with the highest bit first and without zlib's inversions.
    """
    reflected = zlib.crc32(page.translate(_REVERSED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(reflected.to_bytes(4, "little").translate(_REVERSED), "big")

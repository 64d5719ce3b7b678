"""Files state their length in many places, and a file that was cut off has less."""

import struct
from io import BytesIO

import pytest

from tts.audio.media.lengths import end_of_sound, is_cut_off, with_open_lengths


def mp3(flags: int, *numbers: int, name: bytes = b"Xing", tag: bytes = b"") -> bytes:
    """The first frame of an encoder, and 1000 bytes of sound."""
    head = b"\xff\xfb\x90\x00" + bytes(32) + name
    return tag + head + struct.pack(f">{1 + len(numbers)}I", flags, *numbers) + bytes(1000)


@pytest.mark.parametrize(
    ("data", "is_cut"),
    [
        (b"RIFF" + struct.pack("<I", 100) + b"WAVE" + bytes(96), False),
        (b"RIFF" + struct.pack("<I", 101) + b"WAVE" + bytes(96), False),
        (b"RIFF" + struct.pack("<I", 200) + b"WAVE" + bytes(96), True),
        (b"RIFF" + bytes(4) + b"WAVE" + bytes(96), False),
        (b"RIFF" + b"\xff" * 4 + b"WAVE" + bytes(96), False),
        (b"RIFX" + struct.pack(">I", 200) + b"WAVE" + bytes(96), True),
        (b"FORM" + struct.pack(">I", 200) + b"AIFF" + bytes(96), True),
        (b"RF64" + b"\xff" * 4 + b"WAVEds64" + struct.pack("<IQ", 28, 200), True),
        (b"RF64" + b"\xff" * 4 + b"WAVEds64" + bytes(12), False),
        (b"riff\x2e\x91" + bytes(10) + struct.pack("<Q", 200), True),
        (b"riff\x2e\x91" + bytes(10) + b"\xff" * 8, False),
        (
            b"caff\0\1\0\0desc" + struct.pack(">q", 4) + bytes(4) + b"data" + bytes(7) + b"\x09",
            True,
        ),
        (b"caff\0\1\0\0data" + b"\xff" * 8 + bytes(99), False),
        (b"\x1a\x45\xdf\xa3\x81\0" + b"\x18\x53\x80\x67\x84" + bytes(4), False),
        (b"\x1a\x45\xdf\xa3\x81\0" + b"\x18\x53\x80\x67\x88" + bytes(4), True),
        (b"\x1a\x45\xdf\xa3\x81\0" + b"\x18\x53\x80\x67\xff" + bytes(4), False),
        (b"\x1a\x45\xdf\xa3\x01" + b"\xf0" * 20, False),
        (b"\x1a\x45\xdf\xa3", False),
        (mp3(3, 40, 1048), False),
        (mp3(3, 40, 2000), True),
        (mp3(2, 2000, name=b"Info"), True),
        (mp3(1, 2000), False),
        (mp3(3, 40, 2000, tag=b"ID3\3\0\0\0\0\0\x02ab"), True),
        (mp3(3, 40, 1048, tag=b"ID3\3\0\0\0\0\0\x02ab"), False),
        (b"caff\0\1\0\0desc" + b"\x7f" * 8 + bytes(9), False),
        (b"caff\0\1\0\0desc" + b"\xff" * 8 + bytes(9), False),
        (b"G".ljust(188) * 9, False),
        (b"G".ljust(188) * 9 + b"G".ljust(100), True),
        (b"Guten Tag".ljust(1000), False),
        (b"ID3", False),
        (b"RIFF", False),
        (b"", False),
    ],
)
def test_a_file_that_claims_more_than_there_is_was_cut_off(data: bytes, is_cut: bool) -> None:
    assert is_cut_off(BytesIO(data), len(data)) is is_cut


@pytest.mark.parametrize(
    ("stated", "tail", "is_shortened"),
    [(1000, 5_000_000, True), (1000, 500_000, False), (0, 5_000_000, False)],
)
def test_much_that_follows_the_sound_is_left_out(
    stated: int, tail: int, is_shortened: bool
) -> None:
    head = b"RIFF\xf0\0\0\0WAVEfmt \x10\0\0\0" + bytes(16) + b"data" + struct.pack("<I", stated)
    end = end_of_sound(head + bytes(1000), len(head) + 1000 + tail)
    assert end == (len(head) + 1000 if is_shortened else None)


def test_lengths_that_were_written_stay() -> None:
    for head in (b"RIFF\x64\0\0\0WAVE", b".snd\0\0\0\x18\0\0\1\0", b"FORM\0\0\1\0AIFFSSND\0\0\1\0"):
        assert with_open_lengths(head) == head
    assert with_open_lengths(b".snd") == b".snd"

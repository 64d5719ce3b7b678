"""A new serial number leaves an Ogg file whole."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.support.media import RATE, sweep, with_soundfile
from tts.audio.ogg import checksum, set_serial


def pages(data: bytes) -> list[bytes]:
    found: list[bytes] = []
    while data:
        size = 27 + data[26] + sum(data[27 : 27 + data[26]])
        found.append(data[:size])
        data = data[size:]
    return found


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_all_pages_get_the_serial_and_its_checksum(subtype: str, tmp_path: Path) -> None:
    path = tmp_path / "a.ogg"
    path.write_bytes(with_soundfile(np.tile(sweep(), 5), "OGG", subtype))
    before = soundfile.read(path)[0]
    set_serial(path, 0x89ABCDEF)
    assert np.array_equal(soundfile.read(path)[0], before)
    found = pages(path.read_bytes())
    assert len(found) > 3
    assert {page[14:18] for page in found} == {b"\xef\xcd\xab\x89"}
    for page in found:
        assert checksum(page[:22] + bytes(4) + page[26:]) == int.from_bytes(page[22:26], "little")


def test_the_checksum_is_that_of_other_writers() -> None:
    for page in pages(with_soundfile(sweep(0.5), "OGG", rate=RATE)):
        assert checksum(page[:22] + bytes(4) + page[26:]) == int.from_bytes(page[22:26], "little")

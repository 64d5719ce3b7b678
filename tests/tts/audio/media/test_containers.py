"""The streams of an Ogg file, also of one that is damaged."""

from io import BytesIO

import pytest

from tests.support.media import sweep, with_soundfile
from tts.audio.media.containers import OggScan, looks_like_sound, scan_ogg, what_else

LINK = with_soundfile(sweep(0.3), "OGG")


def scan(data: bytes) -> OggScan:
    return scan_ogg(BytesIO(data), len(data))


def test_each_stream_is_found() -> None:
    assert scan(LINK) == OggScan(((0, len(LINK)),), is_cut=False)
    two = ((0, len(LINK)), (len(LINK), 2 * len(LINK)))
    assert scan(LINK + LINK) == OggScan(two, is_cut=False)


def test_streams_are_found_behind_damage() -> None:
    junk = bytes(100_000) + b"Ogg"
    found = scan(LINK + junk + LINK)
    assert found.links == (
        (0, len(LINK) + len(junk)),
        (len(LINK) + len(junk), 2 * len(LINK) + len(junk)),
    )
    assert not found.is_cut


@pytest.mark.parametrize("missing", [1, 100, len(LINK) - 20])
def test_a_last_page_that_is_incomplete_was_cut_off(missing: int) -> None:
    assert scan(LINK[:-missing]).is_cut


def test_sound_is_never_taken_for_something_else() -> None:
    for form in ("WAV", "FLAC", "MP3", "OGG", "AIFF", "AU", "CAF", "W64", "RF64"):
        head = with_soundfile(sweep(0.1), form)[:100]
        assert what_else(head) is None, form
        assert looks_like_sound(head), form

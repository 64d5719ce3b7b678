"""Sound files with changed bytes: each is read, or refused with a documented error."""

import struct
from collections.abc import Iterator
from io import BytesIO
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import strategies as st

from tests.fuzz.conftest import Asked, Fuzz
from tests.support.ffmpeg import encode_with_ffmpeg
from tests.support.web import ALLOW_PRIVATE, serving
from tts.speech import Samples

pytestmark = pytest.mark.slow

RATE = 48_000
BY_LIBSNDFILE = ("WAV", "W64", "RF64", "AIFF", "AU", "CAF", "FLAC", "OGG", "MP3", "WAVEX", "AVR")
BY_FFMPEG = {
    "ipod": "aac",
    "mp4": "aac",
    "mov": "alac",
    "3gp": "aac",
    "matroska": "libopus",
    "webm": "libopus",
    "adts": "aac",
    "mpegts": "aac",
    "avi": "mp2",
    "asf": "libmp3lame",
    "ogg": "libopus",
}
NUMBERS = [0, 1, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 600_000_000]
"""Lengths and counts that a damaged or a crafted header has."""


def speech() -> Samples:
    samples, _ = soundfile.read("tests/data/timing/00.wav", dtype="float32")
    return np.repeat(np.asarray(samples[: RATE // 2], np.float32), 2)


def originals() -> dict[str, bytes]:
    files = {name: encode_with_ffmpeg(speech(), name, BY_FFMPEG[name]) for name in BY_FFMPEG}
    for name in BY_LIBSNDFILE:
        out = BytesIO()
        soundfile.write(out, speech(), RATE, format=name)
        files[name] = out.getvalue()
    return files


ORIGINALS = originals()


class File(bytes):
    """Its name in hypothesis' reports is short."""

    def __repr__(self) -> str:
        return f"{bytes(self[:40])!r}... ({len(self)} bytes)"


@st.composite
def damaged(draw: st.DrawFn) -> File:
    """A file of one of the containers, with one to six changes; most of them in its head."""
    data = bytearray(ORIGINALS[draw(st.sampled_from(sorted(ORIGINALS)))])
    for _ in range(draw(st.integers(1, 6))):
        size = max(1, len(data) if draw(st.integers(0, 2)) == 0 else min(len(data), 700))
        place = draw(st.integers(0, size - 1))
        match draw(st.integers(0, 5)):
            case 0:
                data[place : place + 1] = draw(st.binary(min_size=1, max_size=4))
            case 1:
                number = struct.pack(
                    draw(st.sampled_from("<>")) + "I", draw(st.sampled_from(NUMBERS))
                )
                data[place : place + 4] = number
            case 2:
                del data[place : place + draw(st.integers(1, 64))]
            case 3:
                data[place:place] = bytes(draw(st.integers(1, 64)))
            case 4:
                del data[place + draw(st.integers(0, len(data))) :]
            case _:
                other = ORIGINALS[draw(st.sampled_from(sorted(ORIGINALS)))]
                data[place:] = other[draw(st.integers(0, min(700, len(other)))) :]
    return File(data)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, str]]:
    """A folder and the URL of the server that serves it; the worker may fetch from loopback."""
    monkeypatch.setenv(ALLOW_PRIVATE, "1")
    with serving(tmp_path) as url:
        yield tmp_path, url


def test_every_clip_becomes_a_voice_or_is_refused(
    fuzz: Fuzz, asked: Asked, folder: tuple[Path, str]
) -> None:
    path, url = folder
    numbers = count()

    def upload(data: bytes) -> None:
        name = f"{next(numbers)}.bin"
        (path / name).write_bytes(data)
        fields = {"voice_name": "fuzzed", "voice_file_url": f"{url}/{name}"}
        reply = asked({"endpoint": "upload", **fields})
        assert reply.get("code", "voice_rejected") == "voice_rejected", reply
        (path / name).unlink()

    fuzz(damaged(), upload, rounds=16)


def test_every_recording_is_timed_or_refused(
    fuzz: Fuzz, asked: Asked, folder: tuple[Path, str]
) -> None:
    path, url = folder
    numbers = count()

    def time(data: bytes) -> None:
        name = f"{next(numbers)}.bin"
        (path / name).write_bytes(data)
        reply = asked(
            {
                "endpoint": "timing",
                "audio_url": f"{url}/{name}",
                "text": "The quick fox",
                "timing_method": "estimate",
                "timing_format": "all",
            }
        )
        assert reply.get("code", "text_rejected") in ("alignment_failed", "text_rejected"), reply
        (path / name).unlink()

    fuzz(damaged(), time, rounds=16)

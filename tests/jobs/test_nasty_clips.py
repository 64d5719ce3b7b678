"""Bad clips that people send: the worker mends them with a warning, or answers one clear error."""

import struct
from collections.abc import Callable, Iterator
from io import BytesIO

import numpy as np
import pytest
import soundfile

from tests.jobs.conftest import Ask
from tests.support.ffmpeg import encode_with_ffmpeg
from tests.support.web import ALLOW_PRIVATE, refuse_private_targets, serving
from tts.speech import Samples

RATE = 24_000


def speech() -> Samples:
    samples, _ = soundfile.read("tests/data/timing/00.wav", dtype="float32")
    return np.asarray(samples, np.float32)


def wav(samples: Samples, rate: int = RATE) -> bytes:
    out = BytesIO()
    soundfile.write(out, samples, rate, format="WAV")
    return out.getvalue()


def wav_that_claims(frames: int) -> bytes:
    """A WAV of mono 16 bit whose header promises `frames` and that holds two seconds of tones."""
    size = min(2 * frames, 0xFFFF_FFFF)
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", size, b"WAVE", b"fmt ", 16, 1, 1, RATE,
                       2 * RATE, 2, 16, b"data", size)  # fmt: skip
    index = np.arange(2 * RATE)
    return head + (8000 * np.sin(index / 20) * (index % RATE < 0.8 * RATE)).astype("<i2").tobytes()


CLIPS: dict[str, Callable[[], bytes]] = {
    "silent.wav": lambda: wav(np.zeros(5 * RATE, np.float32)),
    "noise.wav": lambda: wav(np.random.default_rng(0).standard_normal(4 * RATE, np.float32)),
    "short.wav": lambda: wav(speech()[: RATE // 5]),
    "clipped.wav": lambda: wav(np.clip(20 * speech(), -1, 1)),
    "dead.wav": lambda: wav(np.stack([speech(), 0 * speech()], axis=1)),
    "long.flac": lambda: wav(np.tile(speech(), 180)[: 20 * 60 * 16_000], 16_000),
    "speech.m4a": lambda: encode_with_ffmpeg(speech(), "ipod", "aac"),
    "speech.webm": lambda: encode_with_ffmpeg(speech(), "webm", "libopus"),
    "video.mp4": lambda: encode_with_ffmpeg(speech(), "mp4", "aac", picture=True),
    "mute.mp4": lambda: encode_with_ffmpeg(speech(), "mp4", "aac", picture=True, sound=False),
    "claims.wav": lambda: wav_that_claims(2**32),
    "page.html": lambda: b"<html><body>404</body></html>",
    "empty.wav": lambda: b"",
}


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("clips")
    for name, make in CLIPS.items():
        (folder / name).write_bytes(make())
    with serving(folder, on_request=refuse_private_targets) as url:
        yield url


@pytest.fixture
def loopback_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The worker may fetch from the tests' host; `host` ends that with its first redirect."""
    monkeypatch.setenv(ALLOW_PRIVATE, "1")


@pytest.mark.usefixtures("loopback_allowed")
@pytest.mark.parametrize(
    ("path", "code", "sentence"),
    [
        ("silent.wav", "voice_rejected", "silent; send 7 to 9 s of clear speech"),
        ("noise.wav", "voice_rejected", "holds no speech: it is equally loud all along"),
        ("short.wav", "voice_rejected", "at least 1 s are needed"),
        ("mute.mp4", "voice_rejected", "cannot be read as audio"),
        ("page.html", "voice_rejected", "cannot be read as audio"),
        ("empty.wav", "voice_rejected", "cannot be read as audio"),
        ("!/lie/4294967296", "too_large", "larger than 200 MB"),
        ("!/bomb/250000000", "too_large", "larger than 200 MB"),
        ("!/to/http://169.254.169.254/latest/meta-data", "fetch_refused", "public addresses only"),
        ("!/to/http://10.0.0.1/", "fetch_refused", "public addresses only"),
        ("!/to/http://127.0.0.2/", "fetch_refused", "public addresses only"),
        ("!/to/http://[::1]/", "fetch_refused", "public addresses only"),
        ("!/loop/", "fetch_failed", "leads to other URLs and to no file"),
        ("!/to/file:///etc/passwd", "fetch_refused", "public addresses only"),
        ("!/status/403", "fetch_failed", "status 403; check the link"),
        ("!/cut/100000", "fetch_failed", "broke off"),
    ],
)
def test_one_clear_error(ask: Ask, host: str, path: str, code: str, sentence: str) -> None:
    reply = ask(endpoint="upload", voice_name="nasty", voice_file_url=f"{host}/{path}")
    assert reply["code"] == code
    assert sentence in reply["error"]
    assert "127.0.0.1" not in reply["error"]
    assert ask(f"nobody-{abs(hash(path))}", text="Hi.", voice="nasty")["code"] == "voice_not_found"


@pytest.mark.usefixtures("loopback_allowed")
@pytest.mark.parametrize(
    ("path", "warnings"),
    [
        ("clipped.wav", ["the clip is overdriven: 22.0% of it is at full scale, and the voice will "
                         "sound like that; record it again at a lower level"]),
        ("dead.wav", ["1 of the file's 2 channels is silent: the others are used"]),
        ("long.flac", ["of the clip the first 60 s are kept"]),
        ("speech.m4a", []),
        ("speech.webm", []),
        ("video.mp4", []),
        ("claims.wav", []),
    ],
)  # fmt: skip
def test_mended_and_said(ask: Ask, host: str, path: str, warnings: list[str]) -> None:
    url, name = f"{host}/{path}", f"mended {path}"
    reply = ask(endpoint="upload", voice_name=name, voice_file_url=url)
    assert reply["status"] == "success"
    assert 0.5 < reply["duration"] <= 60.1
    no_bucket, *said = reply["warnings"]
    assert "file://" in no_bucket
    assert said == warnings
    assert ask(f"gone-{path}", endpoint="delete_voice", voice_name=name)["status"] == "success"


@pytest.mark.usefixtures("loopback_allowed")
def test_the_words_of_the_whole_are_not_stored_with_its_first_minute(ask: Ask, host: str) -> None:
    fields = {
        "voice_name": "part",
        "voice_file_url": f"{host}/long.flac",
        "ref_text": "Hello. " * 99,
    }
    reply = ask(endpoint="upload", **fields)
    assert "ref_text" not in reply
    told = "of the clip the first 60 s are kept, without the ref_text, which is of the whole"
    assert reply["warnings"][1:] == [told]
    (voice,) = ask("listed", endpoint="list_voices", prefix="part")["voices"]
    assert voice.get("ref_text") is None

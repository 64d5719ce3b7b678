"""What the tests of references share: the real Whisper, real speech, and its files."""

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import pytest
import soundfile

from tests.support.speech import WHISPER_FOLDER
from tests.support.spoken import speak_chunks
from tts.asr.whisper import Whisper
from tts.engine import SamplingOptions
from tts.preview import PreviewEngine
from tts.speech import Chunk, Samples
from tts.text.script import read_script

RATE = 24_000

Say = Callable[..., Samples]


def encoded(samples: Any, rate: int = RATE, form: str = "WAV", subtype: str | None = None) -> bytes:
    """Audio, shape (n,) or (n, channels), as a file's bytes."""
    file = BytesIO()
    soundfile.write(file, samples, rate, format=form, subtype=subtype)
    return file.getvalue()


@contextmanager
def little_memory() -> Iterator[None]:
    """Fails if the block allocates 20 MB at once, as Python and numpy count it."""
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < 20e6
    finally:
        tracemalloc.stop()


@contextmanager
def in_file(data: bytes) -> Iterator[Path]:
    """A file of these bytes, which goes when the block ends."""
    with NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        yield Path(file.name)


def a_mel(samples: Samples) -> Samples:
    """Frames of 256 samples: exact, and a little like a mel."""
    return samples[: len(samples) // 256 * 256].reshape(-1, 256)


@pytest.fixture(scope="session")
def whisper() -> Whisper:
    return Whisper(str(WHISPER_FOLDER), "cpu")


@pytest.fixture(scope="session")
def nature() -> bytes:
    """5.3 s at 24 kHz: "Some call me nature, others call me mother nature."."""
    return (files("f5_tts") / "infer/examples/basic/basic_ref_en.wav").read_bytes()


@pytest.fixture(scope="session")
def say() -> Say:
    """Piper speaks sentences, with so many ms of silence between them, at 22.05 kHz."""
    engine = PreviewEngine()

    def speak(*sentences: str, pause_ms: int = 300) -> Samples:
        chunks = [
            Chunk(read_script(sentence).tokens, number, number + 1, pause_ms)
            for number, sentence in enumerate(sentences)
        ]
        speech = speak_chunks(engine, chunks, SamplingOptions(seed=1))
        assert speech.sample_rate == 22_050
        return speech.samples[:]

    return speak

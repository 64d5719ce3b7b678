"""What the libraries raise becomes one error, and numbers that are too high are refused."""

import inspect
from collections.abc import Iterator
from pathlib import Path

import av
import pytest
from av.codec.codec import UnknownCodecError

from tests.support.media import sweep, with_soundfile
from tests.tts.conftest import in_file
from tts.audio.media.ffmpeg import MediaError, OutOfMemory, Part, check_rate, opened

KINDS = [
    kind
    for _, kind in inspect.getmembers(av.error, inspect.isclass)
    if issubclass(kind, av.FFmpegError)
]


def errors() -> list[Exception]:
    """One of each exception of PyAV, and of those of Python that its code raises."""
    assert len(KINDS) > 40
    of_ffmpeg: list[Exception] = [kind(1, "no such thing") for kind in KINDS]
    return [
        *of_ffmpeg,
        UnknownCodecError("x"),
        *(
            kind("x")
            for kind in (ValueError, OverflowError, ZeroDivisionError, IndexError, KeyError)
        ),
        *(kind("x") for kind in (OSError, RuntimeError, NotImplementedError, MemoryError)),
    ]


@pytest.fixture(scope="module")
def part() -> Iterator[Part]:
    with in_file(with_soundfile(sweep(0.1), "WAV")) as path, path.open("rb") as file:
        yield Part(file)


@pytest.mark.parametrize("error", errors(), ids=lambda error: type(error).__name__)
def test_everything_that_the_libraries_raise_is_translated(error: Exception, part: Part) -> None:
    with pytest.raises(MediaError) as failure, opened(part):
        raise error
    assert failure.value.problem
    assert isinstance(failure.value, OutOfMemory) == isinstance(error, MemoryError)


def test_what_is_no_file_of_sound_is_translated(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"#EXTM3U\n#EXTINF:9,\nfile:///etc/passwd\n")
    with (tmp_path / "a").open("rb") as file, pytest.raises(MediaError), opened(Part(file)):
        pass


@pytest.mark.parametrize(
    ("rate", "channels", "problem"),
    [
        (0, 1, "it holds no sound"),
        (48_000, 0, "it holds no sound"),
        (768_001, 1, "claims 768001 samples a second"),
        (655_350, 8, "655350 samples a second in 8 channels"),
    ],
)
def test_rates_that_no_recorder_has_are_refused(rate: int, channels: int, problem: str) -> None:
    with pytest.raises(MediaError, match=problem):
        check_rate(rate, channels)


@pytest.mark.parametrize(("rate", "channels"), [(768_000, 2), (192_000, 8), (48_000, 32), (1, 1)])
def test_the_rates_of_recorders_are_read(rate: int, channels: int) -> None:
    check_rate(rate, channels)

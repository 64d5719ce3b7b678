import tracemalloc
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tts.audio.recording import Recording, RecordingTooLong, RecordingUnreadable, decode, decode_pcm


def tone(seconds: float, rate: int) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * 440 * np.arange(round(seconds * rate)) / rate)).astype("f4")


def write(path: Path, samples: np.ndarray, rate: int) -> Path:
    with soundfile.SoundFile(path, "w", rate, 1 if samples.ndim == 1 else 2) as file:
        for start in range(0, len(samples), rate):
            file.write(samples[start : start + rate])
    return path


@pytest.mark.parametrize("rate", [8000, 16_000, 44_100, 48_000])
@pytest.mark.parametrize("name", ["a.wav", "a.mp3"])
def test_any_rate_becomes_16_khz(tmp_path: Path, name: str, rate: int) -> None:
    source = write(tmp_path / name, tone(3.3, rate), rate)
    recording = decode(source, tmp_path / "samples")
    assert recording.duration_ms == pytest.approx(3300, abs=1 if name == "a.wav" else 120)
    middle = recording.read(1000, 2000)
    assert (len(middle), str(middle.dtype)) == (16_000, "float32")
    assert np.sqrt(np.mean(middle**2)) == pytest.approx(0.5 / np.sqrt(2), rel=0.1)
    assert np.argmax(np.abs(np.fft.rfft(middle))) == 440


def test_channels_are_averaged(tmp_path: Path) -> None:
    left = tone(1, 16_000)
    source = write(tmp_path / "a.wav", np.stack([left, left / 2], axis=1), 16_000)
    samples = decode(source, tmp_path / "samples").read(0, 1000)
    assert samples == pytest.approx(0.75 * left, abs=1e-3)


def test_stretches_and_blocks_are_the_whole(tmp_path: Path) -> None:
    source = write(tmp_path / "a.wav", tone(25.5, 16_000), 16_000)
    recording = decode(source, tmp_path / "samples")
    whole = recording.read(0, 25_500)
    assert np.array_equal(np.concatenate(list(recording.blocks())), whole)
    assert np.array_equal(recording.read(-100, 40_000), whole)
    assert len(recording.read(30_000, 31_000)) == 0


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "the file is empty; give one of wav"),
        (b"hello" * 100, "the worker does not know this kind of file; give one of wav"),
        (b"<!DOCTYPE html><title>Sign in</title>", "it is a web page, .*; use a direct download"),
    ],
)
def test_what_is_no_sound_is_refused(tmp_path: Path, data: bytes, problem: str) -> None:
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(RecordingUnreadable, match=f"the audio cannot be read: {problem}"):
        decode(tmp_path / "a", tmp_path / "samples")


def test_a_sound_without_samples_is_refused(tmp_path: Path) -> None:
    source = write(tmp_path / "a.wav", np.zeros(0, "f4"), 16_000)
    with pytest.raises(RecordingUnreadable, match="the audio is empty"):
        decode(source, tmp_path / "samples")


def test_a_stop_ends_the_decoding_within_a_block(tmp_path: Path) -> None:
    source = write(tmp_path / "a.flac", tone(90, 8000), 8000)
    target = tmp_path / "samples"

    def check() -> None:
        if target.exists() and target.stat().st_size:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        decode(source, target, check)
    assert target.stat().st_size <= 2 * 16_000 * 20


def test_what_is_left_out_is_noted(tmp_path: Path) -> None:
    dead = np.zeros(16_000, "f4")
    source = write(tmp_path / "a.wav", np.stack([tone(1, 16_000), dead], axis=1), 16_000)
    assert decode(source, tmp_path / "samples").notes == (
        "1 of the file's 2 channels is silent: the others are used",
    )


def test_an_hour_takes_no_more_memory_than_a_minute(tmp_path: Path) -> None:
    """And more than an hour is refused."""
    peaks: list[int] = []
    for minutes in (1, 60):
        with soundfile.SoundFile(tmp_path / "a.wav", "w", 8000, 1) as file:
            for _ in range(minutes):
                file.write(np.zeros(60 * 8000, "f4"))
        tracemalloc.start()
        recording: Recording = decode(tmp_path / "a.wav", tmp_path / "samples")
        assert sum(len(block) for block in recording.blocks()) == minutes * 60 * 16_000
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0] + 100_000
    with soundfile.SoundFile(tmp_path / "a.wav", "w", 8000, 1) as file:
        for _ in range(62):
            file.write(np.zeros(60 * 8000, "f4"))
    with pytest.raises(RecordingTooLong, match="longer than an hour"):
        decode(tmp_path / "a.wav", tmp_path / "samples")


@pytest.mark.parametrize("rate", [8000, 24_000, 48_000])
def test_samples_without_a_header_are_those_of_a_wav(tmp_path: Path, rate: int) -> None:
    samples = tone(3.3, rate)
    wav = decode(write(tmp_path / "a.wav", samples, rate), tmp_path / "wav")
    raw, _ = soundfile.read(tmp_path / "a.wav", dtype="int16")
    # A half sample at the end counts as none.
    (tmp_path / "a.pcm").write_bytes(raw.astype("<i2").tobytes() + b"x")
    pcm = decode_pcm(tmp_path / "a.pcm", rate, tmp_path / "pcm")
    assert pcm.length == wav.length
    assert pcm.read(0, 4000) == pytest.approx(wav.read(0, 4000), abs=1e-4)


def test_no_samples_and_too_many_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").write_bytes(b"x")
    with pytest.raises(RecordingUnreadable, match="the audio is empty"):
        decode_pcm(tmp_path / "empty", 8000, tmp_path / "out")
    with (tmp_path / "long").open("wb") as file:
        file.truncate(2 * 8000 * 3700)
    with pytest.raises(RecordingTooLong):
        decode_pcm(tmp_path / "long", 8000, tmp_path / "out")

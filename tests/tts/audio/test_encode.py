"""Audio files: each format at each of its rates, and at twenty minutes."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tts.audio import encode
from tts.audio.decode import mono
from tts.audio.levels import PEAK
from tts.speech import Samples

RATE = 22_050
WITH_HEADER = [name for name in encode.FORMATS if name != "pcm"]
CASES = [(name, rate) for name in WITH_HEADER for rate in encode.FORMATS[name].rates]
AAC_CASES = [(name, rate) for name, rate in CASES if name in ("aac", "m4a")]


def read(path: Path) -> tuple[Samples, int]:
    """The mono sound of a file, shape (n,), and its rate."""
    if path.suffix not in (".aac", ".m4a"):
        return soundfile.read(path, dtype="float32")  # type: ignore[no-any-return]
    with mono(path) as stream:
        return np.concatenate(list(stream.blocks())), stream.rate


def speech_like(seconds: float) -> Samples:
    """A 200 Hz tone that swells and fades three times a second, peak 0.5."""
    time = np.arange(round(seconds * RATE)) / RATE
    swell = 0.5 + 0.5 * np.sin(2 * np.pi * 3 * time)
    return (0.5 * swell * np.sin(2 * np.pi * 200 * time)).astype(np.float32)


@pytest.mark.parametrize(("name", "rate"), CASES)
def test_a_file_sounds_like_what_was_written(name: str, rate: int, tmp_path: Path) -> None:
    samples = speech_like(2.0)
    path = tmp_path / f"speech.{name}"
    written = encode.write(path, samples, RATE, name, rate)
    assert written / rate == pytest.approx(2.0, abs=0.001)
    heard, heard_rate = read(path)
    assert heard_rate == rate
    assert heard.ndim == 1
    assert len(heard) / heard_rate == pytest.approx(2.0, abs=0.1)
    assert np.sqrt(np.mean(heard**2)) == pytest.approx(np.sqrt(np.mean(samples**2)), rel=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_HEADER)
def test_twenty_minutes(name: str, tmp_path: Path) -> None:
    samples = np.tile(speech_like(60.0), 20)
    path = tmp_path / f"long.{name}"
    encode.write(path, samples, RATE, name, 24_000)
    heard, rate = read(path)
    assert len(heard) / rate == pytest.approx(1200, abs=0.1)
    assert np.abs(heard[-rate:]).max() > 0.3


def test_samples_beyond_full_scale_are_clipped(tmp_path: Path) -> None:
    path = tmp_path / "loud.wav"
    encode.write(path, np.full(RATE, 3.0, np.float32), RATE, "wav", RATE)
    heard, _ = soundfile.read(path)
    assert heard.min() > 0.99


@pytest.mark.parametrize("rate", [rate for rate in encode.SAMPLE_RATES if rate != RATE])
def test_no_sample_reaches_full_scale_when_the_rate_changes(rate: int, tmp_path: Path) -> None:
    """A square wave, whose steps overshoot."""
    square = np.float32(PEAK) * np.sign(speech_like(1.0)).astype(np.float32)
    path = tmp_path / "square.wav"
    encode.write(path, square, RATE, "wav", rate)
    heard, _ = soundfile.read(path)
    assert np.abs(heard).max() == pytest.approx(PEAK, abs=0.001)


@pytest.mark.parametrize("name", encode.FORMATS)
def test_the_same_samples_give_the_same_bytes(name: str, tmp_path: Path) -> None:
    samples = speech_like(3.0)
    for number in range(3):
        encode.write(tmp_path / str(number), samples[number // 2 :], RATE, name, 24_000)
    first, second, other = ((tmp_path / str(number)).read_bytes() for number in range(3))
    assert first == second
    assert first != other


@pytest.mark.parametrize("name", encode.FORMATS)
def test_a_disk_that_takes_no_more_is_told(name: str, tmp_path: Path) -> None:
    """In a process of its own whose files may not grow over 50 kB."""
    code = (
        "import resource; from pathlib import Path; import numpy; from tts.audio import encode\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))\n"
        "noise = numpy.random.default_rng(0).normal(0, 0.1, 24_000 * 60).astype('float32')\n"
        f"try: encode.write(Path({str(tmp_path / 'full')!r}), noise, 24_000, {name!r}, 24_000)\n"
        "except encode.AudioNotWritten as error: print(error)\n"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.startswith("storage_error: the audio could not be written")


@pytest.mark.parametrize("rate", encode.SAMPLE_RATES)
def test_pcm_is_the_samples_of_a_wav_without_its_header(rate: int, tmp_path: Path) -> None:
    for name in ("wav", "pcm"):
        encode.write(tmp_path / name, speech_like(2.0), RATE, name, rate)
    samples, _ = soundfile.read(tmp_path / "wav", dtype="int16")
    assert (tmp_path / "pcm").read_bytes() == samples.astype("<i2").tobytes()


@pytest.mark.parametrize(("name", "rate"), AAC_CASES)
@pytest.mark.parametrize("more", [0, 1, 1023])
def test_aac_sounds_when_the_samples_do(name: str, rate: int, more: int, tmp_path: Path) -> None:
    """The decoder's own 1024 samples before the sound are hidden in both containers."""
    rng = np.random.default_rng(rate + more)
    noise = np.convolve(rng.normal(0, 0.1, 2 * rate + more), np.ones(9) / 9)
    samples: Samples = noise[: 2 * rate + more].astype(np.float32)
    samples[: rate // 20] = 0
    path = tmp_path / f"noise.{name}"
    assert encode.write(path, samples, rate, name, rate) == len(samples)
    heard, _ = read(path)
    # The last frame is filled with silence.
    assert 0 <= len(heard) - len(samples) < 1024
    middle = slice(rate // 2, 3 * rate // 2)
    lags = range(-1100, 1101)
    matches = [float(np.dot(samples[middle], np.roll(heard, -lag)[middle])) for lag in lags]
    assert lags[int(np.argmax(matches))] == 0
    assert np.flatnonzero(np.abs(heard) > 0.05)[0] / rate == pytest.approx(0.05, abs=0.01)


@pytest.mark.needs("ffmpeg")
@pytest.mark.parametrize("seconds", [0.3, 2.0, 61.234])
def test_an_m4a_file_has_its_index_first_and_says_its_exact_length(
    seconds: float, tmp_path: Path
) -> None:
    path = tmp_path / "speech.m4a"
    written = encode.write(path, speech_like(seconds), RATE, "m4a", 44_100)
    content = path.read_bytes()
    assert content[4:12] == b"ftypM4A "
    assert content.index(b"moov") < content.index(b"mdat")
    asked = ["ffprobe", "-v", "error", "-show_entries", "stream=duration,start_time,codec_name"]
    said = subprocess.run(
        [*asked, "-of", "json", path], capture_output=True, text=True, check=True
    ).stdout
    (stream,) = json.loads(said)["streams"]
    assert stream["codec_name"] == "aac"
    assert float(stream["start_time"]) == 0
    assert float(stream["duration"]) == pytest.approx(written / 44_100, abs=1e-4)


@pytest.mark.parametrize("name", encode.FORMATS)
def test_parts_of_any_length_are_files(name: str, tmp_path: Path) -> None:
    paths = [tmp_path / str(index) for index in range(4)]
    cuts = [10, 2_000, RATE]
    written = encode.write_parts(paths, cuts, speech_like(2.0), RATE, name, 24_000)
    assert sum(written) == 48_000
    assert all(path.stat().st_size for path in paths)

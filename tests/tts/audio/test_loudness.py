"""Loudness in LUFS: FFmpeg's program and torchaudio measure what was set."""

import re
import subprocess
from math import nan
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch
import torchaudio

from tts.audio import encode
from tts.audio.levels import PEAK
from tts.audio.loudness import MAX_PEAK, set_loudness
from tts.speech import Pcm16, Samples
from worker.cancellation import Cancelled, CancelReason

RATE = 24_000


def speech_like(seconds: float, rate: int = RATE, level: float = 0.05) -> Samples:
    """Noise that swells and fades three times a second, and is silent every fourth second."""
    time = np.arange(round(seconds * rate)) / rate
    noise = np.random.default_rng(0).laplace(0, level, len(time))
    swell = (0.5 + 0.5 * np.sin(2 * np.pi * 3 * time)) * (time % 4 < 3)
    filtered = np.convolve(noise * swell, np.ones(8) / 3)[: len(time)]
    return np.clip(filtered, -PEAK, PEAK).astype(np.float32)


def by_torchaudio(sound: Pcm16, rate: int) -> float:
    samples = torch.from_numpy(sound[:])[None]
    # torchaudio measures whole blocks; its filter is exact at 48 kHz.
    return float(torchaudio.functional.loudness(samples, rate))


def by_program(path: Path) -> tuple[float, float]:
    """The integrated loudness in LUFS and the true peak in dB."""
    command = ["ffmpeg", "-hide_banner", "-nostats", "-i", str(path), "-af", "ebur128=peak=true"]
    said = subprocess.run(
        [*command, "-f", "null", "-"], capture_output=True, text=True, check=True
    ).stderr.split("Summary:")[-1]

    def number(name: str) -> float:
        found = re.search(rf"\b{name}:\s+(-?[\d.]+)", said)
        return float(found[1]) if found else nan

    return number("I"), number("Peak")


@pytest.mark.parametrize("rate", [16_000, 22_050, 24_000, 48_000])
@pytest.mark.parametrize("target", [-36, -27, -23, -16])
def test_another_meter_finds_the_loudness(rate: int, target: float) -> None:
    sound = Pcm16.of(speech_like(10.0, rate))
    made = set_loudness(sound, rate, target)
    assert made.lufs == pytest.approx(target, abs=0.15)
    assert by_torchaudio(sound, rate) == pytest.approx(target, abs=0.5)


@pytest.mark.needs("ffmpeg")
@pytest.mark.parametrize("name", ["wav", "mp3", "m4a", "aac"])
@pytest.mark.parametrize("target", [-23, -16])
def test_ffmpeg_finds_the_loudness_in_every_format(
    name: str, target: float, tmp_path: Path
) -> None:
    sound = Pcm16.of(speech_like(10.0))
    set_loudness(sound, RATE, target)
    path = tmp_path / f"speech.{name}"
    encode.write(path, sound, RATE, name, RATE)
    assert by_program(path)[0] == pytest.approx(target, abs=0.5)


def test_without_high_peaks_it_is_a_gain_alone() -> None:
    samples = speech_like(5.0, level=0.01)
    sound = Pcm16.of(samples)
    made = set_loudness(sound, RATE, -30)
    gain = 10 ** (made.gain_db / 20)
    assert sound[:] == pytest.approx(Pcm16.of(samples)[:] * gain, abs=1e-4)


def test_peaks_are_limited_and_the_loudness_is_still_reached() -> None:
    samples = speech_like(10.0)
    sound = Pcm16.of(samples)
    made = set_loudness(sound, RATE, -16)
    assert np.abs(samples).max() * 10 ** (made.gain_db / 20) > 1
    assert np.abs(sound[:]).max() == pytest.approx(MAX_PEAK, abs=0.001)
    assert made.lufs == pytest.approx(-16, abs=0.15)


def test_what_would_need_more_than_the_limiter_may_do_is_not_reached() -> None:
    loudest = set_loudness(Pcm16.of(speech_like(10.0)), RATE, -8)
    assert loudest.lufs is not None
    assert -16 < loudest.lufs < -10
    sound = Pcm16.of(speech_like(10.0))
    assert set_loudness(sound, RATE, -36).gain_db < 0 < loudest.gain_db


@pytest.mark.parametrize("seconds", [0.01, 0.1, 0.3, 0.39])
def test_a_short_sound_is_measured_as_if_it_went_on(seconds: float) -> None:
    tone = 0.1 * np.sin(2 * np.pi * 1000 * np.arange(round(seconds * RATE)) / RATE)
    sound = Pcm16.of(tone.astype(np.float32))
    made = set_loudness(sound, RATE, -20)
    # A sine of 1 kHz has about the loudness of its RMS in dB.
    assert 20 * np.log10(np.sqrt(np.mean(sound[:] ** 2))) == pytest.approx(-20, abs=0.8)
    assert made.lufs == pytest.approx(-20, abs=0.1)


@pytest.mark.parametrize("length", [0, 1, 100, RATE])
def test_silence_stays_silent(length: int) -> None:
    sound = Pcm16(np.zeros(length, np.int16))
    assert set_loudness(sound, RATE, -16).lufs is None
    assert not sound.numbers.any()


def test_a_gain_is_kept_where_it_does() -> None:
    def made(kept_gain_db: float) -> float:
        sound = Pcm16.of(speech_like(5.0))
        return set_loudness(sound, RATE, -23, kept_gain_db=kept_gain_db, kept_within=0.5).gain_db

    exact = made(60.0)
    assert made(exact + 0.4) == exact + 0.4
    assert made(exact + 0.7) == exact


def test_a_cancelled_job_ends_the_work() -> None:
    def check() -> None:
        raise Cancelled(CancelReason.CANCELLED)

    with pytest.raises(Cancelled):
        set_loudness(Pcm16.of(speech_like(3.0)), RATE, -23, check=check)


@pytest.mark.needs("ffmpeg")
@pytest.mark.parametrize("rate", [24_000, 48_000])
def test_the_true_peak_of_speech_is_below_full_scale(rate: int, tmp_path: Path) -> None:
    sound = Pcm16.of(speech_like(10.0))
    set_loudness(sound, RATE, -14)
    encode.write(tmp_path / "a.wav", sound, RATE, "wav", rate)
    assert soundfile.info(tmp_path / "a.wav").samplerate == rate
    assert by_program(tmp_path / "a.wav")[1] < 0

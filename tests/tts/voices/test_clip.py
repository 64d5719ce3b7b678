"""A clip's bytes become mono samples with exact edges, or one sentence that says why not."""

import struct
from io import BytesIO

import numpy as np
import pytest
import soundfile

from tests.support.ffmpeg import encode_with_ffmpeg
from tests.tts.conftest import RATE, encoded, in_file, little_memory
from tts.speech import Samples
from tts.voices.clip import Clip, VoiceRejected, boost_quiet, read_clip, trim_silence


def steady(seconds: float, amplitude: float = 0.3, rate: int = RATE) -> Samples:
    time = np.arange(round(seconds * rate)) / rate
    return (amplitude * np.sin(2 * np.pi * 220 * time)).astype(np.float32)


def tone(seconds: float, amplitude: float = 0.3, rate: int = RATE) -> Samples:
    """Two loud syllables a second, and nearly silence between them."""
    phase = np.arange(round(seconds * rate)) / rate % 0.5
    quieter = np.where((phase > 0.2) & (phase < 0.35), np.float32(0.04), np.float32(1))
    return steady(seconds, amplitude, rate) * quieter


def silence(seconds: float, rate: int = RATE) -> Samples:
    return np.zeros(round(seconds * rate), np.float32)


def with_nan() -> Samples:
    samples = tone(2)
    samples[20_000] = np.nan
    return samples


def claiming(flac: bytes, samples: int) -> bytes:
    """A FLAC file whose header claims so many samples: 36 bits that start inside byte 21."""
    head = bytes([flac[21] & 0xF0 | samples >> 32]) + (samples & 0xFFFFFFFF).to_bytes(4, "big")
    return flac[:21] + head + flac[26:]


def read(data: bytes) -> Clip:
    with in_file(data) as path:
        return read_clip(path, RATE)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "cannot be read as audio: the file is empty; send a whole file"),
        (b"<html>404</html>" * 99, "it is a web page, not a sound file; use a direct download"),
        (encoded(tone(0)), "is silent"),
        (encoded(silence(3)), "is silent"),
        (encoded(silence(3) + 0.4), "the clip is silent; send 7 to 9 s"),
        (
            encoded(np.concatenate([silence(60, 8000), tone(5, rate=8000)]), 8000),
            "the clip's first minute is silent",
        ),
        (encoded(tone(3, 5e-5), subtype="FLOAT"), "is silent"),
        (
            b"#EXTM3U\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
            "the worker does not know this kind of file",
        ),
        (encoded(with_nan(), subtype="FLOAT"), "not numbers"),
        (encoded(tone(2).astype(float) * 1e300, subtype="DOUBLE"), "not numbers"),
        (encoded(tone(2), 2**31 - 1), "claims 2147483647 samples a second and at most 768000"),
        (encoded(tone(2), 768_001), "claims 768001 samples a second"),
        (encoded(tone(2), 768_000), r"holds 0\.0\d s"),
        (encoded(tone(2), 1), "is longer than an hour; cut 7 to 9 s"),
        (encoded(tone(0.4)), r"the clip holds 0\.40 s of sound and at least 1 s"),
        (encoded(np.concatenate([tone(0.4), silence(5), tone(0.4)])), r"holds 0\.8\d s of sound"),
        (encoded(steady(4)), "holds no speech: it is equally loud all along, as noise is"),
        (encoded(np.random.default_rng(0).normal(0, 0.1, 4 * RATE)), "holds no speech"),
        (encoded(silence(3660, 8000), 8000, "FLAC"), "is longer than an hour"),
    ],
)
def test_what_is_no_clip_is_told(data: bytes, sentence: str) -> None:
    with pytest.raises(VoiceRejected, match=sentence) as failure:
        read(data)
    assert failure.value.code == "voice_rejected"


def test_a_header_written_before_the_length_was_known_is_read() -> None:
    data = encoded(tone(3))
    data = data[:4] + b"\xff" * 4 + data[8:40] + b"\xff" * 4 + data[44:]
    with little_memory():
        assert len(read(data).samples) == pytest.approx(3.05 * RATE, abs=0.02 * RATE)


@pytest.mark.parametrize("samples", [3500 * RATE, 1 << 35])
def test_a_header_that_claims_too_much_costs_no_memory(samples: int) -> None:
    with little_memory():
        clip = read(claiming(encoded(tone(3), form="FLAC"), samples))
    assert (clip.seconds, clip.is_whole) == (3, True)
    assert any("the file ends earlier than it says" in note for note in clip.notes)


def test_an_hour_is_not_decoded() -> None:
    data = encoded(np.tile(tone(10, rate=8000), 350), 8000, "FLAC")
    clip = read(data)
    assert clip.seconds == pytest.approx(3500)
    assert len(clip.samples) <= 60.05 * RATE


@pytest.mark.parametrize("rate", [8000, 11_025, 24_000, 44_100, 48_000, 192_000])
def test_any_rate_and_two_channels_become_mono_at_the_engines_rate(rate: int) -> None:
    stereo = np.stack([tone(2, 0.4, rate), tone(2, 0.2, rate)], axis=1)
    samples = read(encoded(stereo, rate)).samples
    assert len(samples) == pytest.approx(2.05 * RATE, abs=0.011 * RATE)
    assert np.abs(samples).max() == pytest.approx(0.3, rel=0.02)
    spectrum = np.abs(np.fft.rfft(samples))
    assert np.argmax(spectrum) * RATE / len(samples) == pytest.approx(220, abs=1)


@pytest.mark.parametrize("form", ["WAV", "FLAC", "MP3", "OGG", "AIFF"])
def test_every_container_that_libsndfile_knows(form: str) -> None:
    samples = read(encoded(tone(2), form=form)).samples
    assert len(samples) / RATE == pytest.approx(2.05, abs=0.1)


@pytest.mark.parametrize(
    ("container", "codec"),
    [("mp4", "aac"), ("ipod", "aac"), ("adts", "aac"), ("webm", "libopus"), ("matroska", "aac")],
)
def test_every_container_that_ffmpeg_knows(container: str, codec: str) -> None:
    """m4a is what FFmpeg calls ipod."""
    data = encode_with_ffmpeg(tone(3, rate=48_000), container, codec)
    clip = read(data)
    assert len(clip.samples) / RATE == pytest.approx(3.05, abs=0.15)
    assert clip.seconds == pytest.approx(3, abs=0.15)
    spectrum = np.abs(np.fft.rfft(clip.samples))
    assert np.argmax(spectrum) * RATE / len(clip.samples) == pytest.approx(220, abs=1)
    with pytest.raises(VoiceRejected, match="cannot be read as audio"):
        read(data[: len(data) // 3] if container in ("mp4", "ipod") else data[:30])


def test_a_rate_that_ffmpeg_is_told_is_believed_as_little() -> None:
    data = encode_with_ffmpeg(tone(3, rate=48_000), "matroska", "pcm_s16le")
    assert len(read(data).samples) / RATE == pytest.approx(3.05, abs=0.15)
    data = data.replace(struct.pack(">d", 48_000), struct.pack(">d", 1e8))
    with pytest.raises(VoiceRejected, match="claims 100000000 samples a second"):
        read(data)


def test_of_a_video_the_sound_is_taken() -> None:
    data = encode_with_ffmpeg(tone(3, rate=48_000), "mp4", "aac", picture=True)
    assert len(read(data).samples) / RATE == pytest.approx(3.05, abs=0.15)
    with pytest.raises(VoiceRejected, match="it holds no sound"):
        read(encode_with_ffmpeg(silence(0), "mp4", "aac", picture=True, sound=False))


def test_a_dead_channel_is_left_out_and_that_is_said() -> None:
    stereo = np.stack([silence(3), tone(3)], axis=1)
    clip = read(encoded(stereo))
    assert np.abs(clip.samples).max() == pytest.approx(0.3, rel=0.02)
    assert "1 of the file's 2 channels is silent: the others are used" in clip.notes


def test_of_channels_that_cancel_each_other_out_one_is_used() -> None:
    clip = read(encoded(np.stack([tone(3), -tone(3)], axis=1)))
    assert np.abs(clip.samples).max() == pytest.approx(0.3, rel=0.02)
    assert any("cancel each other out: one of them is used alone" in note for note in clip.notes)


def speech() -> Samples:
    samples, rate = soundfile.read("tests/data/timing/00.wav", dtype="float32")
    assert rate == 16_000
    return np.asarray(samples)


def test_good_speech_has_no_note() -> None:
    assert read(encoded(speech(), 16_000)).notes == ()


def test_an_overdriven_clip_is_told() -> None:
    (note,) = read(encoded(np.clip(8 * speech(), -1, 1), 16_000)).notes
    assert note.startswith("the clip is overdriven: ")


@pytest.mark.parametrize(("ratio_db", "is_told"), [(30, False), (20, False), (10, True)])
def test_loud_noise_is_told(ratio_db: int, is_told: bool) -> None:
    level = np.sqrt(np.mean(speech() ** 2)) / 10 ** (ratio_db / 20)
    noise = np.random.default_rng(0).normal(0, level, len(speech()))
    notes = read(encoded(0.5 * (speech() + noise), 16_000)).notes
    assert [note[:18] for note in notes] == (["the clip is noisy:"] if is_told else [])


def test_a_hundred_channels_are_read_and_three_hundred_are_refused() -> None:
    data = encoded(np.repeat(tone(1.5, rate=8000)[:, None], 100, axis=1), 8000)
    with little_memory():
        assert np.abs(read(data).samples).max() == pytest.approx(0.3, rel=0.02)
    data = encoded(np.repeat(tone(1.5, rate=8000)[:, None], 300, axis=1), 8000)
    with pytest.raises(VoiceRejected, match="8000 samples a second in 300 channels"):
        read(data)


def test_silence_at_the_edges_becomes_50_ms() -> None:
    samples = trim_silence(np.concatenate([silence(0.7), tone(2), silence(0.9)]), RATE)
    assert len(samples) == 2.1 * RATE
    assert not samples[:1200].any()
    assert not samples[-1200:].any()
    assert np.abs(samples[1200:1440]).max() > 0.1


def test_where_silence_is_missing_it_is_added_after_and_not_before() -> None:
    samples = trim_silence(tone(2), RATE)
    assert len(samples) == 2 * RATE + 1200
    assert not samples[-1200:].any()
    assert np.array_equal(samples[:40_000], tone(2)[:40_000])
    # No step from the sound into the silence: that would click.
    assert np.abs(np.diff(samples[-1320:])).max() < 0.03


def test_edges_of_edges_are_the_same() -> None:
    once = trim_silence(np.concatenate([silence(0.7), tone(2), silence(0.9)]), RATE)
    assert np.array_equal(trim_silence(once, RATE), once)


def rms(samples: Samples) -> float:
    return float(np.sqrt(np.mean(np.square(samples))))


def test_a_quiet_clip_is_raised_to_an_rms_of_a_tenth() -> None:
    samples, gain = boost_quiet(steady(2, 0.01))
    assert rms(samples) == pytest.approx(0.1, rel=1e-4)
    assert gain == pytest.approx(0.1 / (0.01 / np.sqrt(2)), rel=1e-3)


def test_a_peak_ends_the_raising() -> None:
    quiet = tone(2, 0.01)
    quiet[1000] = 0.5
    samples, gain = boost_quiet(quiet)
    assert gain == pytest.approx(0.99 / 0.5)
    assert np.abs(samples).max() == pytest.approx(0.99)


def test_a_loud_clip_stays() -> None:
    samples, gain = boost_quiet(tone(2, 0.9))
    assert gain == 1.0
    assert np.array_equal(samples, tone(2, 0.9))


def test_a_clip_beyond_full_scale_is_brought_into_it() -> None:
    samples = read(encoded(tone(2) * 1e5, subtype="FLOAT")).samples
    assert 0.95 < np.abs(samples).max() <= 1.0


def test_a_whole_file_is_what_soundfile_reads() -> None:
    data = encoded(tone(3))
    samples = soundfile.read(BytesIO(data), dtype="float32")[0]
    assert np.allclose(read(data).samples[: len(samples) - 200], samples[:-200], atol=1e-4)

"""Audio formats through the real handler: what is stored, cut into parts, used again, dubbed."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest

from tests.jobs.conftest import Ask
from tts.audio import encode
from tts.audio.decode import mono
from tts.speech import Samples

TEXT = " ".join(
    f"Sentence number {n} says that the harbour opens at dawn for boat {n}." for n in range(1, 4)
)
TYPES = {"pcm": "audio/pcm", "aac": "audio/aac", "m4a": "audio/mp4"}


def path_of(url: str) -> Path:
    return Path(unquote(urlsplit(url).path))


def sound(reply: dict[str, Any]) -> Samples:
    """The samples of a reply's file, at the rate that the reply says."""
    path = path_of(reply["audio_url"])
    if reply["output_format"] == "pcm":
        return np.fromfile(path, "<i2").astype(np.float32) / np.float32(32768)
    with mono(path) as stream:
        assert stream.rate == reply["sample_rate"]
        return np.concatenate(list(stream.blocks()))


@pytest.mark.parametrize("form", TYPES)
def test_the_file_is_the_speech_under_its_type(ask: Ask, form: str) -> None:
    wav = sound(ask(text=TEXT, sample_rate=44_100))
    reply = ask(f"form-as-{form}", text=TEXT, output_format=form, sample_rate=44_100)
    assert (reply["output_format"], reply["sample_rate"]) == (form, 44_100)
    heard = sound(reply)
    assert 0 <= len(heard) - len(wav) < (1 if form == "pcm" else 1024)
    error = heard[: len(wav)] - wav
    assert np.sqrt(np.mean(error**2)) < 0.1 * np.sqrt(np.mean(wav**2))
    link = ask(f"form-get-{form}", endpoint="download", job_id=f"form-as-{form}")
    assert (link["format"], link["content_type"]) == (form, TYPES[form])
    assert link["filename"] == f"form-as-{form}.{form}"
    assert ask(f"form-rm-{form}", endpoint="delete_job", job_id=f"form-as-{form}")["files"] == 1


def test_parts_of_pcm_are_the_whole_sample_for_sample(ask: Ask) -> None:
    reply = ask(text=TEXT, parts="sentence", output_format="pcm", sample_rate=48_000)
    parts = [path_of(part["audio_url"]).read_bytes() for part in reply["parts"]]
    assert len(parts) == 3
    assert b"".join(parts) == path_of(reply["audio_url"]).read_bytes()


@pytest.mark.parametrize("form", ["aac", "m4a"])
def test_parts_of_aac_sound_when_the_whole_does(ask: Ask, form: str) -> None:
    reply = ask(f"form-whole-{form}", text=TEXT, parts="sentence", output_format=form)
    whole, rate = sound(reply), reply["sample_rate"]
    for part in reply["parts"]:
        with mono(path_of(part["audio_url"])) as stream:
            heard = np.concatenate(list(stream.blocks()))
        start, end = (round(part[name] * rate) for name in ("start_time", "end_time"))
        assert 0 <= len(heard) - (end - start) < 1024 + rate // 500
        middle = slice(rate // 2, end - start - rate // 2)
        there = whole[start:end][middle]
        lags = range(-200, 201)
        matches = [float(np.dot(np.roll(heard, -lag)[middle], there)) for lag in lags]
        # The times of parts are whole milliseconds.
        assert abs(lags[int(np.argmax(matches))]) / rate < 0.002


@pytest.mark.parametrize("form", TYPES)
def test_a_job_in_another_format_is_the_base_of_a_new_one(ask: Ask, form: str) -> None:
    first = ask(f"form-base-{form}", text=TEXT, output_format=form, sample_rate=22_050)
    changed = TEXT.replace("boat 3", "the ferry")
    second = ask(f"form-changed-{form}", text=changed, based_on=f"form-base-{form}")
    assert (second["output_format"], second["reused"]) == (form, [0, 1])
    start = round(second["sample_rate"] * 1.0)
    assert sound(first)[:start] == pytest.approx(sound(second)[:start], abs=0.05)


@pytest.mark.parametrize("form", TYPES)
def test_a_dub_in_another_format_is_on_its_times(ask: Ask, form: str) -> None:
    reply = ask(
        endpoint="dub", output_format=form, srt="1\n00:00:01,500 --> 00:00:04,000\nHello there.\n"
    )
    heard, rate = sound(reply), reply["sample_rate"]
    assert np.flatnonzero(np.abs(heard) > 0.02)[0] / rate == pytest.approx(1.5, abs=0.02)


@pytest.mark.parametrize("form", ["mp3", "opus", "aac", "flac", "wav", "pcm"])
def test_openai_s_formats_are_ours(ask: Ask, form: str) -> None:
    asked = {"model": "tts-1", "input": "Hello there.", "response_format": form}
    reply = ask(openai_route="/v1/audio/speech", openai_input=asked)
    # OpenAI's pcm has 24 kHz.
    assert (reply["output_format"], reply["sample_rate"]) == (form, 24_000)
    assert form in encode.FORMATS
    if form == "pcm":
        size = path_of(reply["audio_url"]).stat().st_size
        assert size / 2 / 24_000 == pytest.approx(reply["duration"], abs=0.001)

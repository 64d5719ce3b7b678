"""Runs examples/ as a user does, with a real worker, the job server's client side and a bucket."""

import json
import os
import re
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pysubs2
import pytest
import soundfile
from PIL import Image

from tests.job_server import JobServer
from tests.support.loop import Loop
from tests.support.threads import serve_in_thread

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
DEPLOY = EXAMPLES.parent / "docs" / "DEPLOY.md"
TEXT = "Captions are burnt into this video, word by word."
WIDTH, HEIGHT = 1080, 1920


@pytest.fixture(scope="module")
def server(loop_worker: Loop) -> JobServer:
    return loop_worker.server


def run(
    server: JobServer, folder: Path, command: list[str | Path]
) -> "subprocess.CompletedProcess[str]":
    ours = {"RUNPOD_ENDPOINT": server.url, "RUNPOD_API_KEY": "anything", "POLL_S": "0.2"}
    return subprocess.run(
        command,
        cwd=folder,
        env=os.environ | ours,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def spoken(server: JobServer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files that speak.sh saved, as their common path without extension."""
    folder = tmp_path_factory.mktemp("spoken")
    result = run(server, folder, [EXAMPLES / "speak.sh", TEXT])
    assert result.returncode == 0, result.stderr
    saved = [folder / line for line in result.stdout.splitlines()]
    assert {path.suffix for path in saved} == {
        ".wav",
        ".srt",
        ".vtt",
        ".csv",
        ".json",
        ".ass",
        ".html",
    }
    assert all(path.stat().st_size for path in saved)
    assert "IN_" in result.stderr or "synthesis" in result.stderr
    assert "does not clone voices" in result.stderr
    return saved[0].with_suffix("")


@pytest.mark.needs("curl")
@pytest.mark.needs("jq")
def test_speak_says_what_is_wrong(server: JobServer, tmp_path: Path) -> None:
    result = run(server, tmp_path, [EXAMPLES / "speak.sh", "Hello.", "nobody"])
    assert result.returncode == 1
    assert "voice_not_found: no voice named 'nobody'" in result.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.needs("curl")
def test_the_first_job_of_the_manual_for_operators(server: JobServer, tmp_path: Path) -> None:
    """The lines of docs/DEPLOY.md that send a job and ask for its state."""
    chapter = DEPLOY.read_text().split("**5. The first job.**")[1].split("**6. ")[0]
    (shown,) = re.findall(r"```console\n(.*?)```", chapter, re.DOTALL)
    exported, sent, answer, asked = re.split(r"\n(?=[$][ ]|[{])", shown.strip())
    assert exported.startswith("$ export RUNPOD_ENDPOINT=https://api.runpod.ai/v2/<endpoint id> ")
    reply = json.loads(run(server, tmp_path, ["bash", "-c", sent.removeprefix("$ ")]).stdout)
    assert reply.keys() == json.loads(answer).keys()
    ask = asked.removeprefix("$ ").replace(json.loads(answer)["id"], reply["id"])
    status = json.loads(run(server, tmp_path, ["bash", "-c", ask]).stdout)
    assert status["id"] == reply["id"]
    assert status["status"] in {"IN_QUEUE", "IN_PROGRESS", "COMPLETED"}


class Refusing(BaseHTTPRequestHandler):
    """Answers as RunPod does to a wrong key."""

    def do_GET(self) -> None:
        self.send_response(401)
        self.end_headers()
        self.wfile.write(b'{"error": "the key is wrong"}')

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, format: str, *arguments: object) -> None:
        pass


@pytest.mark.needs("curl")
@pytest.mark.needs("jq")
@pytest.mark.needs("node")
@pytest.mark.parametrize(
    "command",
    [
        [EXAMPLES / "speak.sh", "Hi."],
        [sys.executable, EXAMPLES / "client.py", "Hi."],
        ["node", EXAMPLES / "client.mjs", "Hi."],
    ],
    ids=["speak.sh", "client.py", "client.mjs"],
)
def test_a_wrong_key_shows_the_sentence_of_the_service(
    tmp_path: Path, command: list[str | Path]
) -> None:
    refusing = HTTPServer(("127.0.0.1", 0), Refusing)
    with serve_in_thread(refusing):
        url = f"http://127.0.0.1:{refusing.server_port}"
        env = os.environ | {"RUNPOD_ENDPOINT": url, "RUNPOD_API_KEY": "wrong"}
        result = subprocess.run(
            command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False
        )
    assert result.returncode != 0
    assert '{"error": "the key is wrong"}' in result.stderr
    assert "Traceback" not in result.stderr


def frame(video: Path, second: float) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    """One picture of a video, shape (height, width, 3)."""
    command = ["ffmpeg", "-loglevel", "error", "-ss", str(second), "-i", str(video), "-frames:v",
               "1", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]  # fmt: skip
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(HEIGHT, WIDTH, 3)


COLOURS = {"start": (200, 40, 40), "cat": (40, 200, 40), "dog": (40, 40, 200)}


@pytest.mark.needs("ffmpeg")
@pytest.mark.needs("curl")
@pytest.mark.needs("jq")
def test_pictures_change_at_the_marks(
    server: JobServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORMATS", "ffconcat,json")
    text = "Here are two animals. [mark:cat] This is a cat. [mark:dog] And here comes a dog."
    result = run(server, tmp_path, [EXAMPLES / "speak.sh", text])
    assert result.returncode == 0, result.stderr
    wav = next(tmp_path.glob("*.wav"))
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for name, colour in COLOURS.items():
        Image.new("RGB", (WIDTH, HEIGHT), colour).save(pictures / f"{name}.png")
    made = run(server, tmp_path, [EXAMPLES / "scenes.sh", wav.stem, pictures])
    assert made.returncode == 0, made.stderr
    video = tmp_path / made.stdout.strip()
    length = subprocess.run(
        ["ffprobe", "-loglevel", "error", "-select_streams", "v", "-show_entries",
         "stream=nb_frames", "-of", "csv=p=0", video],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    spoken_s = soundfile.info(wav).duration
    assert abs(int(length) / 25 - spoken_s) <= 1 / 25
    words = json.loads(next(tmp_path.glob("*.json")).read_text())["timing_data"]["words"]
    for name, word in {"start": 0, "cat": 4, "dog": 8}.items():
        # One frame after the word begins, its picture is there.
        at_s = words[word]["start_time"] + 2 / 25
        shown = frame(video, at_s)[HEIGHT // 2, WIDTH // 2].astype(int)
        assert np.abs(shown - COLOURS[name]).max() < 25, name
    assert sorted(path.suffix for path in pictures.iterdir()) == [".png"] * 3


SUBTITLES = """1
00:00:00,500 --> 00:00:01,500
Good morning.

2
00:00:02,500 --> 00:00:04,000
Here is the second line.
"""


@pytest.mark.needs("ffmpeg")
@pytest.mark.needs("curl")
@pytest.mark.needs("jq")
def test_dub_lays_speech_on_the_times_of_a_file_under_a_video(
    server: JobServer, tmp_path: Path
) -> None:
    (tmp_path / "lines.srt").write_text(SUBTITLES)
    subprocess.run(
        ["ffmpeg", "-loglevel", "error", "-f", "lavfi", "-i", "color=c=blue:s=64x64:d=4",
         "video.mp4"],
        cwd=tmp_path, check=True,
    )  # fmt: skip
    made = run(server, tmp_path, [EXAMPLES / "dub.sh", "lines.srt", "default", "video.mp4"])
    assert made.returncode == 0, made.stderr
    saved = [tmp_path / line for line in made.stdout.splitlines()]
    assert [path.suffix for path in saved] == [".wav", ".srt", ".mp4"]
    samples, rate = soundfile.read(saved[0])
    assert len(samples) == 4 * rate
    sounds = np.abs(samples) > 0.02
    for start_s in (0.5, 2.5):
        start = round(start_s * rate)
        assert not sounds[start - rate // 5 : start - rate // 50].any()
        assert sounds[start : start + rate // 5].any()
    streams = subprocess.run(
        ["ffprobe", "-loglevel", "error", "-show_entries", "stream=codec_type", "-of", "csv=p=0",
         saved[2]],
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert streams.split() == ["video", "audio"]


@pytest.mark.slow
@pytest.mark.needs("ffmpeg")
@pytest.mark.needs("curl")
@pytest.mark.needs("jq")
def test_caption_burns_the_words_where_they_should_be(spoken: Path, server: JobServer) -> None:
    result = run(server, spoken.parent, [EXAMPLES / "caption.sh", spoken.name])
    assert result.returncode == 0, result.stderr
    burnt, soft = (spoken.parent / line for line in result.stdout.splitlines())
    cues = pysubs2.load(str(spoken.with_suffix(".ass")))
    middle = cues[0]
    picture = frame(burnt, (middle.start + middle.end) / 2000).astype(int)
    plain = frame(soft, (middle.start + middle.end) / 2000).astype(int)
    changed = np.abs(picture - plain).max(axis=2) > 80
    rows, columns = np.nonzero(changed)
    assert len(rows) > 2000
    # Clear of the buttons of vertical video apps: API.md's margins.
    assert rows.min() > HEIGHT // 2
    assert rows.max() < HEIGHT - 500
    assert columns.min() > 60
    assert columns.max() < WIDTH - 120
    seconds = soundfile.info(spoken.with_suffix(".wav")).duration
    probe = subprocess.run(
        ["ffprobe", "-loglevel", "error", "-show_entries", "stream=codec_type:format=duration",
         "-of", "default=nw=1:nk=1", soft],
        capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    assert set(probe[:-1]) == {"video", "audio", "subtitle"}
    assert float(probe[-1]) == pytest.approx(seconds, abs=0.3)


class Endpoint(BaseHTTPRequestHandler):
    """RunPod's client side with one job, which has audio and an error in place of timing files."""

    output: ClassVar[dict[str, Any]] = {
        "warnings": ["a warning"],
        "timing_error": "alignment_failed: the GPU failed",
    }

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self._answer(b'{"id": "untimed", "status": "IN_QUEUE"}')

    def do_GET(self) -> None:
        url = f"http://{self.headers['Host']}/untimed.wav"
        state = {"status": "COMPLETED", "output": {"audio_url": url, **self.output}}
        self._answer(b"audio" if self.path.endswith(".wav") else json.dumps(state).encode())

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.mark.needs("curl")
@pytest.mark.needs("jq")
@pytest.mark.needs("node")
@pytest.mark.parametrize(
    "command", [["speak.sh"], [sys.executable, "client.py"], ["node", "client.mjs"]]
)
def test_audio_is_saved_and_the_reason_told_where_its_timing_failed(
    command: list[str], tmp_path: Path
) -> None:
    there = HTTPServer(("127.0.0.1", 0), Endpoint)
    program = [*command[:-1], str(EXAMPLES / command[-1]), "Hello."]
    env = os.environ | {"RUNPOD_ENDPOINT": f"http://127.0.0.1:{there.server_port}"}
    env |= {"RUNPOD_API_KEY": "anything", "NODE_NO_WARNINGS": "1"}
    with serve_in_thread(there):
        result = subprocess.run(
            program, cwd=tmp_path, env=env, capture_output=True, text=True, check=False
        )
    assert result.returncode == 0, result.stderr
    assert result.stderr == "a warning\nalignment_failed: the GPU failed\n"
    assert [path.name for path in tmp_path.iterdir()] == ["untimed.wav"]
    assert (tmp_path / "untimed.wav").read_bytes() == b"audio"

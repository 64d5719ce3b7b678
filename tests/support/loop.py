"""What the tests of the worker in RunPod's own loop share."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pysubs2
import soundfile

from tests.job_server import JobServer, JobState, Worker
from tests.support.seaweed import Seaweed

HANDLER = Path(__file__).resolve().parents[2] / "handler.py"
BEARER = {"Authorization": "Bearer anything"}
WAIT_S = 90.0


@dataclass(frozen=True)
class Loop:
    """A worker in its loop, and the server that gave it jobs, each named by its id.

    `folder` holds its home, and its temporary files where the fixture says so.
    """

    server: JobServer
    worker: Worker
    folder: Path

    def job(self, name: str) -> JobState:
        """The job once it is settled."""
        return self.server.wait(name, WAIT_S)

    def output(self, name: str) -> dict[str, Any]:
        """What a job that ended well answered."""
        job = self.job(name)
        assert (job.status, job.error) == ("COMPLETED", None)
        output: dict[str, Any] = job.output
        return output

    def error(self, name: str) -> str:
        """The error of a job that failed, which also is its code and a list of details."""
        job = self.job(name)
        assert job.status == "FAILED", job
        assert isinstance(job.error, str)
        assert job.output["code"] == job.error.partition(":")[0]
        assert isinstance(job.output["details"], list)
        assert "Traceback" not in job.error
        return job.error

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.server.url, headers=BEARER, timeout=WAIT_S)


def environment(seaweed: Seaweed, folder: Path) -> dict[str, str]:
    """The settings of a worker that tells all it can tell; its home is not there yet."""
    ours = {"TTS_ENGINE": "preview", "WORKER_HOME": str(folder / "home"), "LOG_LEVEL": "DEBUG"}
    return seaweed.environ | ours


def fetch(url: str) -> httpx.Response:
    """What a client without credentials gets for a link."""
    response = httpx.get(url)
    assert response.status_code == 200, response.text
    return response


def sound(url: str) -> tuple[int, float]:
    """Sample rate and duration in seconds of linked audio."""
    samples, rate = soundfile.read(io.BytesIO(fetch(url).content))
    assert abs(samples).max() > 0.05
    return rate, len(samples) / rate


def words_of(subtitles: str, extension: str) -> list[str]:
    """The words of a subtitle file as a player's parser reads it."""
    cues = pysubs2.SSAFile.from_string(subtitles, format_=extension)
    return [word for cue in cues for word in cue.plaintext.split()]


def without_links(output: Mapping[str, Any]) -> dict[str, Any]:
    """A reply without what is signed or measured anew: a record lacks the time of its writing."""
    fresh = ("audio_url", "timing_files", "expires_at", "metrics")
    return {name: value for name, value in output.items() if name not in fresh}


def leaks(log: str, seaweed: Seaweed) -> list[str]:
    """Which of the things that nobody may read stand in a log."""
    secret = ["X-Amz-Signature", "Signature=", seaweed.secret_key, seaweed.access_key]
    return [text for text in secret if text in log]

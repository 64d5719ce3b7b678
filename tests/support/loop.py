"""What the tests share that run the worker in the job loop of RunPod's SDK."""

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
from tests.support.waiting import PATIENCE_S

HANDLER = Path(__file__).resolve().parents[2] / "handler.py"
BEARER = {"Authorization": "Bearer anything"}
WAIT_S = 90.0


@dataclass(frozen=True)
class Loop:
    """A running worker, and the server that gives it jobs. A job's name is its id.

    folder: holds the worker's home, and its temporary files if the fixture sets TMPDIR.
    """

    server: JobServer
    worker: Worker
    folder: Path

    def job(self, name: str) -> JobState:
        """Wait until the job is finished, and return its state."""
        return self.server.wait(name, WAIT_S)

    def output(self, name: str) -> dict[str, Any]:
        """The output of a job that must have completed."""
        job = self.job(name)
        assert (job.status, job.error) == ("COMPLETED", None)
        output: dict[str, Any] = job.output
        return output

    def error(self, name: str) -> str:
        """The error of a job that must have failed; its output must have the same and details."""
        job = self.job(name)
        assert job.status == "FAILED", job
        assert isinstance(job.error, str)
        assert job.output["code"] == job.error.partition(":")[0]
        assert job.output["message"] == job.error.partition(": ")[2]
        assert isinstance(job.output["details"], list)
        assert job.output["details"]
        assert "Traceback" not in job.error
        return job.error

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.server.url, headers=BEARER, timeout=WAIT_S)


def environment(seaweed: Seaweed, folder: Path) -> dict[str, str]:
    """The settings of a worker that logs at DEBUG; its home does not exist yet."""
    ours = {"TTS_ENGINE": "preview", "WORKER_HOME": str(folder / "home"), "LOG_LEVEL": "DEBUG"}
    # As setup_network_venv.py sets it for every worker.
    return seaweed.environ | ours | {"MALLOC_ARENA_MAX": "1"}


def fetch(url: str) -> httpx.Response:
    """Download a link as a client without credentials does."""
    response = httpx.get(url, timeout=PATIENCE_S)
    assert response.status_code == 200, response.text
    return response


def rate_and_duration(url: str) -> tuple[int, float]:
    """Sample rate and duration in seconds of the audio behind a link, which must not be silent."""
    samples, rate = soundfile.read(io.BytesIO(fetch(url).content))
    assert abs(samples).max() > 0.05
    return rate, len(samples) / rate


def words_of(subtitles: str, extension: str) -> list[str]:
    """The words of a subtitle file, read by pysubs2 as a player would read them."""
    cues = pysubs2.SSAFile.from_string(subtitles, format_=extension)
    return [word for cue in cues for word in cue.plaintext.split()]


def without_links(output: Mapping[str, Any]) -> dict[str, Any]:
    """A reply without the fields that each answer signs or measures anew."""
    fresh = ("audio_url", "timing_files", "expires_at", "metrics")
    return {name: value for name, value in output.items() if name not in fresh}


def leaks(log: str, seaweed: Seaweed) -> list[str]:
    """The secrets and parts of signed links that a log contains."""
    secret = ["X-Amz-Signature", "Signature=", seaweed.secret_key, seaweed.access_key]
    return [text for text in secret if text in log]

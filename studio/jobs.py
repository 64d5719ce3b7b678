"""The jobs that the studio started, and what is known of each."""

import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Protocol

from studio.refusal import Refusal, not_found

IN_QUEUE: Final = "IN_QUEUE"
IN_PROGRESS: Final = "IN_PROGRESS"
COMPLETED: Final = "COMPLETED"
FAILED: Final = "FAILED"
CANCELLED: Final = "CANCELLED"
ENDED = (COMPLETED, FAILED, CANCELLED)

MAX_JOBS = 1000
"""Most jobs that are remembered; the oldest ones that ended are forgotten."""
MAX_RUNNING = 50
"""Most jobs that have not ended: a person has a few."""


@dataclass(frozen=True)
class StudioFile:
    """A file of a finished job.

    kind: `audio`, `timing` or `part`.
    format: its name in requests, such as `wav` or `srt`.
    name: of its download, and the last part of its URL here.
    link: where the worker says that it is: a `file://` or an http(s) URL.
    """

    kind: str
    format: str
    name: str
    content_type: str
    link: str


@dataclass
class StudioJob:
    """One job. Its driver changes it, in whatever thread.

    progress: the last one: `stage`, `done` and `total`.
    output: the reply of the worker, whose links lead to this server.
    error: "code: sentence" of a failed job.
    files: by their names.
    """

    id: str
    input: Mapping[str, Any]
    driver: "Driver"
    status: str = IN_QUEUE
    progress: dict[str, Any] | None = None
    output: dict[str, Any] | None = None
    error: str | None = None
    files: dict[str, StudioFile] = field(default_factory=dict)
    started: float = field(default_factory=time.monotonic)
    ended: float | None = None
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def has_ended(self) -> bool:
        """Whether its status stays as it is."""
        return self.status in ENDED

    def advance(self, status: str, progress: dict[str, Any] | None = None) -> None:
        """Show how far the job is, unless it has ended."""
        with self.lock:
            if not self.has_ended:
                self.status, self.progress = status, progress

    def end(
        self,
        status: str,
        output: dict[str, Any] | None = None,
        error: str | None = None,
        files: dict[str, StudioFile] | None = None,
    ) -> None:
        """Settle the job, unless it has ended already."""
        with self.lock:
            if not self.has_ended:
                self.ended = time.monotonic()
                self.output, self.error, self.progress = output, error, None
                self.files = files or {}
                self.status = status

    def fail(self, code: str, sentence: str) -> None:
        """Settle the job as failed, in the words of a worker's reply."""
        output = {"code": code, "message": sentence, "details": [sentence]}
        self.end(FAILED, output, f"{code}: {sentence}")

    def body(self) -> dict[str, Any]:
        """What `GET /api/jobs/{id}` answers."""
        with self.lock:
            return {
                "id": self.id,
                "status": self.status,
                "progress": self.progress,
                "output": self.output,
                "error": self.error,
                "files": [
                    {
                        "kind": file.kind,
                        "format": file.format,
                        "name": file.name,
                        "url": url_of(self.id, file.name),
                        "download": f"{url_of(self.id, file.name)}?download=1",
                    }
                    for file in self.files.values()
                ],
                "seconds": None if self.ended is None else round(self.ended - self.started, 3),
            }


def url_of(job_id: str, name: str) -> str:
    """The path of a job's file on this server."""
    return f"/api/jobs/{job_id}/files/{name}"


def new_id() -> str:
    """The id of a job of the studio, which begins the names of its files."""
    return f"studio-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(3)}"


class Driver(Protocol):
    """What runs jobs: the worker in this process, or an endpoint on RunPod."""

    def submit(self, job_input: Mapping[str, Any]) -> StudioJob:
        """Start a job. Raises Refusal."""
        ...

    def upload(self, clip: Path, fields: Mapping[str, Any]) -> StudioJob:
        """Start a job that stores a clip as a voice. Raises Refusal.

        clip: a file that this method moves or removes.
        fields: of a request of `upload`, without the clip.
        """
        ...

    def refresh(self, job: StudioJob) -> None:
        """Ask for the state of a job that has not ended. Raises Refusal."""
        ...

    def cancel(self, job: StudioJob) -> None:
        """Stop a job that has not ended. Raises Refusal."""
        ...

    def locate(self, file: StudioFile) -> Path:
        """The file on this machine. Raises Refusal."""
        ...


class JobList:
    """The studio's jobs by id. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: dict[str, StudioJob] = {}

    def require_room(self) -> None:
        """Raise Refusal if too many jobs have not ended."""
        with self._lock:
            running = sum(not job.has_ended for job in self._jobs.values())
        if running >= MAX_RUNNING:
            raise Refusal(
                503, "busy", f"{running} jobs have not ended; wait for them, or cancel some"
            )

    def add(self, job: StudioJob) -> None:
        """Remember a job."""
        with self._lock:
            self._jobs[job.id] = job
            ended = [one.id for one in self._jobs.values() if one.has_ended]
            for job_id in ended[: max(0, len(self._jobs) - MAX_JOBS)]:
                del self._jobs[job_id]

    def get(self, job_id: str) -> StudioJob:
        """The job of this id. Raises Refusal."""
        with self._lock:
            job = self._jobs.get(job_id)
        if job is None:
            raise not_found("the studio knows no job of this id; it forgets all when it ends")
        return job

    def find(self, job_id: Any) -> StudioJob | None:
        """The job of this id, if there is one."""
        with self._lock:
            return self._jobs.get(job_id) if isinstance(job_id, str) else None

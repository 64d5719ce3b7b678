"""The platform's state: jobs, workers and the queue. No network, no clock but `now_ms`."""

import time
import uuid
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

Status = Literal["IN_QUEUE", "IN_PROGRESS", "COMPLETED", "FAILED", "CANCELLED"]
Json = dict[str, Any]


def now_ms() -> int:
    """Milliseconds of the monotonic clock, comparable between processes of one machine."""
    return time.monotonic_ns() // 1_000_000


@dataclass
class JobState:
    """One job. Times are `now_ms()`; `payload` is exactly what a worker is handed."""

    id: str
    payload: Json
    duplicate: bool = False
    status: Status = "IN_QUEUE"
    output: Any = None
    error: str | None = None
    progress: list[Any] = field(default_factory=list)  # in the order of arrival
    stream: list[Any] = field(default_factory=list)  # what a generator handler yielded
    late_progress: int = 0  # updates that came while the job was not in progress
    workers: list[str] = field(default_factory=list)  # deliveries, in order
    holders: list[str] = field(default_factory=list)  # deliveries not answered yet
    looks: int = 0  # of clients at its state
    results: int = 0  # results received, the ignored ones too
    finished_by: str | None = None  # the worker whose result counted
    stop_pod: bool = False  # a result asked for a fresh worker
    submitted_ms: int = field(default_factory=now_ms)
    taken_ms: list[int] = field(default_factory=list)
    started_ms: int | None = None  # of the current attempt
    finished_ms: int | None = None

    @property
    def finished(self) -> bool:
        """Whether a result, or a cancellation, has settled the job."""
        return self.finished_ms is not None

    def reply(self) -> Json:
        """The body of `/status/{id}` and of a finished `/runsync`."""
        body: Json = {"id": self.id, "status": self.status}
        end = self.finished_ms if self.finished_ms is not None else now_ms()
        begin = self.started_ms if self.started_ms is not None else end
        body["delayTime"] = begin - self.submitted_ms
        if self.finished and self.started_ms is not None:
            body["executionTime"] = end - begin
        output = self.progress[-1] if not self.finished and self.progress else self.output
        if output is not None and self.status != "IN_QUEUE":
            body["output"] = output
        if self.error is not None:
            body["error"] = self.error
        if self.workers:
            body["workerId"] = self.finished_by or self.workers[-1]
        return body


@dataclass
class WorkerState:
    """One worker, known from its first request on. Times are `now_ms()`."""

    id: str
    polls: int = 0  # job-take requests
    pings: int = 0
    last_ping_ms: int | None = None
    last_seen_ms: int = field(default_factory=now_ms)
    pinged_jobs: list[str] = field(default_factory=list)  # ids named by the last ping
    open_polls: int = 0  # takes and stop polls that wait for an answer
    to_stop: list[str] = field(default_factory=list)  # stop signals not fetched yet
    stopped: list[str] = field(default_factory=list)  # stop signals handed over
    gone: bool = False

    def seen(self) -> None:
        """Record the time of a request."""
        self.last_seen_ms = now_ms()
        self.gone = False


class Board:
    """The queue and every transition of a job. Used from one thread."""

    def __init__(self) -> None:
        self.jobs: dict[str, JobState] = {}
        self.workers: dict[str, WorkerState] = {}
        self.queue: deque[str] = deque()
        self.retried = 0

    def worker(self, worker_id: str) -> WorkerState:
        """The worker with that id, created by the first call."""
        return self.workers.setdefault(worker_id, WorkerState(worker_id))

    def submit(
        self, payload: Json, job_id: str | None = None, *, sync: bool = False, duplicate: bool
    ) -> JobState:
        """Queue a job. `payload` has `input` and whatever travels beside it."""
        job_id = job_id or f"{'sync-' if sync else ''}{uuid.uuid4()}-u1"
        if job_id in self.jobs:
            raise ValueError(f"job id {job_id!r} is taken; leave it out to get a fresh one")
        job = JobState(job_id, {**payload, "id": job_id}, duplicate)
        self.jobs[job_id] = job
        self.queue.extend([job_id] * (2 if duplicate else 1))
        return job

    def take(self, worker_id: str, limit: int) -> list[JobState] | None:
        """Hand the first `limit` jobs to a worker; None when the queue is empty.

        Both copies of a duplicate never go into one batch.
        """
        now = now_ms()
        chosen = list(dict.fromkeys(self.queue))[:limit]
        for job_id in chosen:
            self.queue.remove(job_id)
            job = self.jobs[job_id]
            job.workers.append(worker_id)
            job.holders.append(worker_id)
            job.taken_ms.append(now)
            if job.status == "IN_QUEUE":
                job.status, job.started_ms = "IN_PROGRESS", job.taken_ms[-1]
        return [self.jobs[job_id] for job_id in chosen] or None

    def put_back(self, worker_id: str, jobs: Iterable[JobState]) -> None:
        """Undo a take whose answer did not reach the worker."""
        for job in reversed(list(jobs)):
            job.workers.reverse()
            job.workers.remove(worker_id)  # the last delivery to it
            job.workers.reverse()
            job.taken_ms.pop()
            if worker_id in job.holders:  # not cancelled or requeued meanwhile
                job.holders.remove(worker_id)
                self._back_to_front(job)

    def _back_to_front(self, job: JobState) -> None:
        """Queue a job first; one that another worker still holds keeps its status."""
        self.queue.appendleft(job.id)
        if not job.finished and not job.holders:
            job.status, job.started_ms = "IN_QUEUE", None

    def requeue(self, worker_id: str) -> list[str]:
        """Put every unfinished job that a worker holds at the front, oldest first."""
        held = [job for job in self.jobs.values() if worker_id in job.holders]
        held.sort(key=lambda job: job.taken_ms[-1])
        lost: list[str] = []
        for job in reversed(held):
            job.holders = [holder for holder in job.holders if holder != worker_id]
            if not job.finished and not job.holders:
                self._back_to_front(job)
                lost.insert(0, job.id)
        self.retried += len(lost)
        return lost

    def worker_gone(self, worker_id: str) -> list[str]:
        """Forget a worker's stop signals and requeue what it held."""
        worker = self.worker(worker_id)
        worker.gone = True
        worker.to_stop.clear()
        return self.requeue(worker_id)

    def note_progress(self, job: JobState, update: Any) -> None:
        """Keep an update of a job in progress; count the others."""
        if job.status == "IN_PROGRESS":
            job.progress.append(update)
        else:
            job.late_progress += 1

    def finish(self, job: JobState, worker_id: str, result: Json) -> None:
        """Take a result. The first one settles the job, later ones are only counted.

        An `error` that is not a string gives COMPLETED without output (runpod-python #299).
        """
        job.results += 1
        job.stop_pod = job.stop_pod or bool(result.get("stopPod"))
        if worker_id in job.holders:
            job.holders.remove(worker_id)
        if job.finished:
            return
        error = result.get("error")
        if not error or isinstance(error, str):
            job.output, job.error = result.get("output"), error or None
        self._settle(job, "FAILED" if job.error else "COMPLETED", worker_id)

    def _settle(self, job: JobState, status: Status, worker_id: str | None) -> None:
        job.status, job.finished_by, job.finished_ms = status, worker_id, now_ms()
        if status == "CANCELLED" or not job.duplicate:
            self.queue = deque(job_id for job_id in self.queue if job_id != job.id)

    def cancel(self, job: JobState) -> None:
        """Settle a job as cancelled and leave a stop signal for whoever holds it."""
        if job.finished:
            return
        for worker_id in dict.fromkeys(job.holders):
            self.worker(worker_id).to_stop.append(job.id)
        job.holders.clear()
        self._settle(job, "CANCELLED", None)

    def retry(self, job: JobState) -> None:
        """Queue a failed job again; what it answered is gone."""
        if job.status != "FAILED":
            return
        job.status, job.started_ms, job.finished_ms = "IN_QUEUE", None, None
        job.output, job.error, job.finished_by = None, None, None
        job.progress.clear()
        self.queue.append(job.id)
        self.retried += 1

    def take_stops(self, worker_id: str) -> list[str] | None:
        """The stop signals that wait for a worker, handed over once."""
        worker = self.worker(worker_id)
        signals, worker.to_stop = worker.to_stop, []
        worker.stopped.extend(signals)
        return signals or None

    def health(self) -> Json:
        """The body of `/health`."""
        count = Counter(job.status for job in self.jobs.values())
        alive = [worker for worker in self.workers.values() if not worker.gone]
        busy = {holder for job in self.jobs.values() for holder in job.holders}
        running = sum(worker.id in busy for worker in alive)
        ready = sum(worker.polls > 0 for worker in alive)
        return {
            "jobs": {
                "completed": count["COMPLETED"],
                "failed": count["FAILED"],
                "inProgress": count["IN_PROGRESS"],
                "inQueue": count["IN_QUEUE"],
                "retried": self.retried,
            },
            "workers": {
                "idle": ready - running,
                "initializing": len(alive) - ready,
                "ready": ready,
                "running": running,
                "throttled": 0,
                "unhealthy": len(self.workers) - len(alive),
            },
        }

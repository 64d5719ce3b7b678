"""One job as an endpoint sees it: its id, its folder, its store, its progress and its metrics."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from storage.keys import JobId
from storage.store import Store
from worker.cancellation import CancellationToken
from worker.logs import JobLog
from worker.scratch import JobFolder

Progress = Callable[[str, int, int], None]
"""Called with a stage's name, how much of it is done, and how much there is in all."""


@runtime_checkable
class ShowsFields(Protocol):
    """A Progress whose updates can have more fields."""

    def show(self, **fields: Any) -> None:
        """Send the last update again with these fields, which all later ones have, too; None takes
        one out."""
        ...

    def stream(self, output: dict[str, Any]) -> None:
        """Send an output for RunPod's /stream."""
        ...


@dataclass(frozen=True)
class Job:
    """One running job.

    input_sha256: the fingerprint of its envelope.
    scratch: makes the job's temporary folder, and deletes it when the job ends.
    store: where its files go: the bucket of its `s3Config`, or the worker's store.
        Voices are always in the worker's store.
    send_progress: sends an update to RunPod; endpoints call `progress`, which also checks `stop`.
    stop: set if the job is to end without a reply.
    worker_failed: set if this worker can do no more jobs; RunPod replaces it after the reply.
    metrics: milliseconds by stage, named `<stage>_ms`, and other numbers for the reply.
    notes: warnings about how its request was read, for the record of its reply.
    started: the value of `time.perf_counter()` when the job began.
    idempotency_sha256: of the request's `idempotency_key`; empty without one.
    """

    id: JobId
    input_sha256: str
    scratch: JobFolder
    store: Store
    send_progress: Progress
    log: JobLog
    stop: CancellationToken = field(default_factory=CancellationToken)
    worker_failed: threading.Event = field(default_factory=threading.Event)
    metrics: dict[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    started: float = field(default_factory=time.perf_counter)
    idempotency_sha256: str = ""

    @property
    def folder(self) -> Path:
        """The job's temporary folder, made when an endpoint first asks for it: a job without files
        of its own answers also where no folder can be made. Raises OSError."""
        return self.scratch.path

    @property
    def seed(self) -> int:
        """The seed of a job that gives none, below 2**31.

        It depends on the id and the input alone: two workers that get the same job make the same
        audio. Jobs with one `idempotency_key` make the same audio, too.
        """
        name = self.idempotency_sha256 or self.id
        digest = hashlib.sha256(f"{name} {self.input_sha256}".encode()).digest()
        return int.from_bytes(digest[:4], "big") % 2**31

    def progress(self, stage: str, done: int, total: int) -> None:
        """Report progress: `done` of `total` steps of a stage. Raises Cancelled."""
        self.stop.raise_if_cancelled()
        self.send_progress(stage, done, total)

    def show(self, **fields: Any) -> None:
        """Put fields into all later updates of the progress, where it takes some; None takes one
        out."""
        if isinstance(self.send_progress, ShowsFields):
            self.send_progress.show(**fields)

    def stream(self, output: dict[str, Any]) -> None:
        """Send an output for RunPod's /stream, where the progress takes some."""
        if isinstance(self.send_progress, ShowsFields):
            self.send_progress.stream(output)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Measure the body: its milliseconds go into `metrics` and into one line of the log.

        The time of a nested stage counts for the nested stage alone, so that all stages add up to
        the wall time. Raises Cancelled before the body if the job is to stop.
        """
        self.stop.raise_if_cancelled()
        # What nested stages add to the metrics meanwhile is subtracted from this stage.
        before = self._measured_ms()
        started = time.perf_counter()
        yield
        nested = self._measured_ms() - before
        self.measured(name, 1000 * (time.perf_counter() - started) - nested)

    def measured(self, name: str, elapsed_ms: float) -> None:
        """Count milliseconds for a stage. Inside of another stage they count for this one alone."""
        # A stage can run more than once in a job.
        self.metrics[f"{name}_ms"] = self.metrics.get(f"{name}_ms", 0.0) + elapsed_ms
        fields = {"stage": name, "ms": round(elapsed_ms, 1)}
        self.log.info("%s took %.0f ms", name, elapsed_ms, extra=fields)

    def times(self) -> dict[str, float]:
        """The metrics of a reply: the stages and `other_ms` add up to `total_ms`."""
        total = 1000 * (time.perf_counter() - self.started)
        metrics = self.metrics | {"other_ms": total - self._measured_ms(), "total_ms": total}
        return {name: round(value, 1) for name, value in metrics.items()}

    def _measured_ms(self) -> float:
        # Other numbers, such as google_billed_s, are in the same dict.
        return sum(value for name, value in self.metrics.items() if name.endswith("_ms"))

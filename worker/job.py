"""One job as an endpoint sees it: its id, its folder, its store, its progress and its metrics."""

import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from storage.keys import JobId
from storage.store import Store
from worker.cancellation import CancellationToken
from worker.logs import JobLog

Progress = Callable[[str, int, int], None]
"""Called with a stage's name, how much of it is done, and how much there is in all."""


@dataclass(frozen=True)
class Job:
    """One job: RunPod's id, a fingerprint of its input, a folder that goes when it ends.

    `store` is where its files go: the worker's, or the one of the job's own `s3Config`.
    `progress` and the start of a stage raise Cancelled once the job is to stop.
    """

    id: JobId
    input_sha256: str
    folder: Path
    store: Store
    send_progress: Progress
    log: JobLog
    stop: CancellationToken = field(default_factory=CancellationToken)
    metrics: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)

    @property
    def seed(self) -> int:
        """Below 2**31; the same each time this job is delivered, so that two workers make alike."""
        drawn = hashlib.sha256(f"{self.id} {self.input_sha256}".encode()).digest()
        return int.from_bytes(drawn[:4], "big") % 2**31

    def progress(self, stage: str, done: int, total: int) -> None:
        """Tell how far a stage is. Raises Cancelled."""
        self.stop.raise_if_cancelled()
        self.send_progress(stage, done, total)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage: its milliseconds go into `metrics` and one line into the log.

        Those of a stage inside it are not counted again, so all of them add up to the wall time.
        Raises Cancelled.
        """
        self.stop.raise_if_cancelled()
        before = self._measured_ms()
        started = time.perf_counter()
        yield
        elapsed = 1000 * (time.perf_counter() - started) - (self._measured_ms() - before)
        self.metrics[f"{name}_ms"] = self.metrics.get(f"{name}_ms", 0.0) + elapsed
        told = {"stage": name, "ms": round(elapsed, 1)}
        self.log.info("%s took %.0f ms", name, elapsed, extra=told)

    def times(self) -> dict[str, float]:
        """The metrics of a reply: milliseconds by stage and `other_ms`, which make `total_ms`."""
        total = 1000 * (time.perf_counter() - self.started)
        found = self.metrics | {"other_ms": total - self._measured_ms(), "total_ms": total}
        return {name: round(value, 1) for name, value in found.items()}

    def _measured_ms(self) -> float:
        return sum(value for name, value in self.metrics.items() if name.endswith("_ms"))

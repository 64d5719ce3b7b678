"""The one thread that runs the model: it serves one job after the other."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from worker.cancellation import POLL_S
from worker.job import Job

T = TypeVar("T")


class ModelThread:
    """Builds the engine and makes all calls to it.

    A thread and not a lock: for each thread that ever ran the model, torch keeps an OpenMP team and
    the CUDA libraries keep a handle with its workspace.
    """

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, "model")
        self._lock = threading.Lock()
        self._waiting = 0

    @property
    def waiting(self) -> int:
        """How many jobs wait for their turn."""
        return self._waiting

    def build(self, make: Callable[[], T]) -> T:
        """Run `make` on the model thread and return its result. Raises what `make` raises."""
        return self._executor.submit(make).result()

    def synthesize(self, job: Job, work: Callable[[], T]) -> T:
        """Run `work` on the model thread and return its result.

        The wait for the thread is the job's stage `queue`, the work is its stage `synthesis`.
        Raises Cancelled if the job is stopped while it waits, and what `work` raises.
        """
        with job.stage("queue"):
            future = self._submit(job, work)
        with job.stage("synthesis"):
            return future.result()

    def synthesize_nested(self, job: Job, work: Callable[[], T]) -> T:
        """As `synthesize`, but within the current stage: it includes both the wait and the work."""
        return self._submit(job, work).result()

    def _submit(self, job: Job, work: Callable[[], T]) -> "Future[T]":
        started = threading.Event()

        def run() -> T:
            started.set()
            # A job that was stopped while it waited must not use the model.
            job.stop.raise_if_cancelled()
            return work()

        with self._counted_as_waiting():
            future = self._executor.submit(run)
            # Future.result() cannot be interrupted, so this wait looks for a stop.
            while not started.wait(POLL_S):
                job.stop.raise_if_cancelled()
            return future

    @contextmanager
    def _counted_as_waiting(self) -> Iterator[None]:
        with self._lock:
            self._waiting += 1
        try:
            yield
        finally:
            with self._lock:
                self._waiting -= 1

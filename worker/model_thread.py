"""The one thread that speaks: jobs come to it in their order, each to the end of its synthesis."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from worker.cancellation import POLL_S
from worker.job import Job

T = TypeVar("T")


class ModelThread:
    """Owns the engine: it is built here and speaks nowhere else.

    One thread and not a lock: torch keeps an OpenMP team, and CUDA's libraries a handle with its
    workspace, for each thread that ever ran the model.
    """

    def __init__(self) -> None:
        self._executor = ThreadPoolExecutor(1, "model")

    def build(self, make: Callable[[], T]) -> T:
        """What `make` gives; what it raises comes here."""
        return self._executor.submit(make).result()

    def synthesize(self, job: Job, work: Callable[[], T]) -> T:
        """What `work` gives, as stage `synthesis` of the job; its wait before is stage `queue`.

        A job that is stopped while it waits does not begin. Raises Cancelled, and what `work` does.
        """
        with job.stage("queue"):
            done = self._submit(job, work)
        with job.stage("synthesis"):
            return done.result()

    def synthesize_nested(self, job: Job, work: Callable[[], T]) -> T:
        """`speak` within a stage of the job that is under way: wait and work are parts of it."""
        return self._submit(job, work).result()

    def _submit(self, job: Job, work: Callable[[], T]) -> "Future[T]":
        begun = threading.Event()

        def alone() -> T:
            begun.set()
            job.stop.raise_if_cancelled()
            return work()

        done = self._executor.submit(alone)
        while not begun.wait(POLL_S):
            job.stop.raise_if_cancelled()
        return done

"""The jobs that this worker has now: one run of an id at a time, and how one is stopped."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum

POLL_S = 0.1
"""How often a run that waits looks whether it is to stop."""


class CancelReason(Enum):
    """Why a job is stopped: nobody wants it any more, or this worker ends and another does it."""

    CANCELLED = "it was cancelled"
    SHUTDOWN = "this worker ends"


class Cancelled(Exception):
    """Work that was told to stop, between two of its steps. Nobody gets a reply to it."""

    def __init__(self, why: CancelReason) -> None:
        super().__init__(why.value)


class CancellationToken:
    """Tells the work on a job to stop, or all work; set by one thread, looked at by others."""

    def __init__(self, of_all: "CancellationToken | None" = None) -> None:
        self._of_all = of_all
        self._why: CancelReason | None = None

    def set(self, why: CancelReason) -> None:
        """Have every later `check` raise; the first reason counts."""
        # No lock: a signal's handler runs this in a thread that may hold it.
        self._why = self._why or why

    def raise_if_cancelled(self) -> None:
        """Raise Cancelled once the work is to stop."""
        if self._of_all is not None:
            self._of_all.raise_if_cancelled()
        if self._why is not None:
            raise Cancelled(self._why)

    def sleep(self, seconds: float) -> None:
        """Sleep, but no longer than until the work is to stop. Raises Cancelled."""
        end = time.monotonic() + seconds
        self.raise_if_cancelled()
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, POLL_S))
            self.raise_if_cancelled()


@dataclass
class _ActiveJob:
    """What the runs of one job share; `runs` counts them, waiting ones too."""

    stop: CancellationToken
    turn: threading.Lock = field(default_factory=threading.Lock)
    runs: int = 0


class ActiveJobs:
    """The jobs of this worker that have not ended, by id; safe for several threads.

    A job that RunPod delivers again while it runs waits for its first run, then finds what that
    made. RunPod stops a job by its id, so a stop is for all runs of it. `end` stops them all, also
    those that still come: the worker's process is to end.
    """

    def __init__(self) -> None:
        self.shutdown = CancellationToken()
        self._lock = threading.Lock()
        self._ids: dict[str, _ActiveJob] = {}

    @contextmanager
    def exclusive(self, job_id: str) -> Iterator[CancellationToken]:
        """The body alone has this job, once its other runs have ended. Raises Cancelled."""
        shared = self.register(job_id)
        try:
            while not shared.turn.acquire(timeout=POLL_S):
                shared.stop.raise_if_cancelled()
            try:
                shared.stop.raise_if_cancelled()
                yield shared.stop
            finally:
                shared.turn.release()
        finally:
            self.unregister(job_id)

    def register(self, job_id: str) -> _ActiveJob:
        """From now on a stop of this job counts, until `leave` was called as often as this."""
        with self._lock:
            shared = self._ids.setdefault(job_id, _ActiveJob(CancellationToken(self.shutdown)))
            shared.runs += 1
            return shared

    def unregister(self, job_id: str) -> None:
        """See `enter`."""
        with self._lock:
            shared = self._ids[job_id]
            shared.runs -= 1
            if not shared.runs:
                del self._ids[job_id]

    def stop(self, job_id: str) -> None:
        """Stop a job that nobody wants any more; without effect where it has ended."""
        with self._lock:
            if job_id in self._ids:
                self._ids[job_id].stop.set(CancelReason.CANCELLED)

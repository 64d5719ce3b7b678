"""The active jobs of this worker: each id runs once at a time, and RunPod can stop it."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum

POLL_S = 0.1
"""Interval in seconds at which waiting code checks whether it is cancelled."""


class CancelReason(Enum):
    """Why a job is stopped: the client cancelled it, or this worker is shutting down."""

    CANCELLED = "it was cancelled"
    SHUTDOWN = "this worker ends"


class Cancelled(Exception):
    """Raised between two steps of a job that was stopped. Such a job gets no reply."""

    def __init__(self, reason: CancelReason) -> None:
        super().__init__(reason.value)


class CancellationToken:
    """Tells threads to stop working on a job. One thread sets it, others check it.

    parent: a token that cancels this one as well.
    """

    def __init__(self, parent: "CancellationToken | None" = None) -> None:
        self._parent = parent
        self._reason: CancelReason | None = None

    def set(self, reason: CancelReason) -> None:
        """Make every later `raise_if_cancelled` raise; the first reason counts."""
        # No lock: a signal handler calls this, and the thread that it interrupts may hold the lock.
        self._reason = self._reason or reason

    def raise_if_cancelled(self) -> None:
        """Raise Cancelled if this token or its parent is set."""
        if self._parent is not None:
            self._parent.raise_if_cancelled()
        if self._reason is not None:
            raise Cancelled(self._reason)

    def sleep(self, seconds: float) -> None:
        """Sleep; raise Cancelled as soon as the token is set."""
        end = time.monotonic() + seconds
        self.raise_if_cancelled()
        # An Event would wake this thread at once, but it has a lock: see `set`.
        while (remaining := end - time.monotonic()) > 0:
            time.sleep(min(remaining, POLL_S))
            self.raise_if_cancelled()


@dataclass
class _ActiveJob:
    """What all runs of one id share. `runs` counts them, including waiting ones."""

    stop: CancellationToken
    turn: threading.Lock = field(default_factory=threading.Lock)
    runs: int = 0


class ActiveJobs:
    """The jobs of this worker that have not ended, by id. Thread-safe.

    RunPod may deliver a job again while it runs: the second run waits for the first one, then finds
    its manifest. RunPod stops a job by its id, so a stop is for all runs of it. `shutdown` stops
    all jobs, also later ones, because the process is about to end.
    """

    def __init__(self) -> None:
        self.shutdown = CancellationToken()
        self._lock = threading.Lock()
        self._ids: dict[str, _ActiveJob] = {}

    @contextmanager
    def exclusive(self, job_id: str) -> Iterator[CancellationToken]:
        """Run the body when no other run of this id does. Raises Cancelled."""
        active = self.register(job_id)
        try:
            # A lock cannot be interrupted, so the wait for the other run checks for a stop.
            while not active.turn.acquire(timeout=POLL_S):
                active.stop.raise_if_cancelled()
            try:
                # The stop may have come while the last `acquire` waited.
                active.stop.raise_if_cancelled()
                yield active.stop
            finally:
                active.turn.release()
        finally:
            self.unregister(job_id)

    @contextmanager
    def idle(self, job_id: str) -> Iterator[bool]:
        """Whether no run of this id is in this worker; one that comes waits for the body's end."""
        active = self.register(job_id)
        try:
            is_idle = active.turn.acquire(blocking=False)
            try:
                yield is_idle
            finally:
                if is_idle:
                    active.turn.release()
        finally:
            self.unregister(job_id)

    def __len__(self) -> int:
        """How many jobs have begun and not ended."""
        with self._lock:
            return len(self._ids)

    def register(self, job_id: str) -> _ActiveJob:
        """Count one more run of this id, so that `stop` reaches it. Needs one `unregister`."""
        with self._lock:
            active = self._ids.setdefault(job_id, _ActiveJob(CancellationToken(self.shutdown)))
            active.runs += 1
            return active

    def unregister(self, job_id: str) -> None:
        """End one run that `register` counted."""
        with self._lock:
            active = self._ids[job_id]
            active.runs -= 1
            # Forgotten with its last run: a new job of this id must not find an old stop.
            if not active.runs:
                del self._ids[job_id]

    def stop(self, job_id: str) -> None:
        """Stop a job that the client cancelled. Without effect if it has ended."""
        with self._lock:
            if job_id in self._ids:
                self._ids[job_id].stop.set(CancelReason.CANCELLED)

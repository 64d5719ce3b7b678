"""The jobs that this worker has now: one run of an id at a time, and how one is stopped."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import Enum

LOOK_S = 0.1
"""How often a run that waits looks whether it is to stop."""


class Why(Enum):
    """Why a job is stopped: nobody wants it any more, or this worker ends and another does it."""

    UNWANTED = "it was cancelled"
    LEAVING = "this worker ends"


class Cancelled(Exception):
    """Work that was told to stop, between two of its steps. Nobody gets a reply to it."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)


class Stop:
    """Tells the work on a job to stop, or all work; set by one thread, looked at by others."""

    def __init__(self, of_all: "Stop | None" = None) -> None:
        self._of_all = of_all
        self._why: Why | None = None

    def set(self, why: Why) -> None:
        """Have every later `check` raise; the first reason counts."""
        # No lock: a signal's handler runs this in a thread that may hold it.
        self._why = self._why or why

    def check(self) -> None:
        """Raise Cancelled once the work is to stop."""
        if self._of_all is not None:
            self._of_all.check()
        if self._why is not None:
            raise Cancelled(self._why)

    def pause(self, seconds: float) -> None:
        """Sleep, but no longer than until the work is to stop. Raises Cancelled."""
        end = time.monotonic() + seconds
        self.check()
        while (left := end - time.monotonic()) > 0:
            time.sleep(min(left, LOOK_S))
            self.check()


@dataclass
class _Id:
    """What the runs of one job share; `runs` counts them, waiting ones too."""

    stop: Stop
    turn: threading.Lock = field(default_factory=threading.Lock)
    runs: int = 0


class Underway:
    """The jobs of this worker that have not ended, by id; safe for several threads.

    A job that RunPod delivers again while it runs waits for its first run, then finds what that
    made. RunPod stops a job by its id, so a stop is for all runs of it. `end` stops them all, also
    those that still come: the worker's process is to end.
    """

    def __init__(self) -> None:
        self.end = Stop()
        self._lock = threading.Lock()
        self._ids: dict[str, _Id] = {}

    @contextmanager
    def run(self, job_id: str) -> Iterator[Stop]:
        """The body alone has this job, once its other runs have ended. Raises Cancelled."""
        shared = self.enter(job_id)
        try:
            while not shared.turn.acquire(timeout=LOOK_S):
                shared.stop.check()
            try:
                shared.stop.check()
                yield shared.stop
            finally:
                shared.turn.release()
        finally:
            self.leave(job_id)

    def enter(self, job_id: str) -> _Id:
        """From now on a stop of this job counts, until `leave` was called as often as this."""
        with self._lock:
            shared = self._ids.setdefault(job_id, _Id(Stop(self.end)))
            shared.runs += 1
            return shared

    def leave(self, job_id: str) -> None:
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
                self._ids[job_id].stop.set(Why.UNWANTED)

"""The jobs that this worker has now: one run of an id at a time, and how one is stopped."""

import threading
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
        self.why = why


class Stop:
    """Tells the work on a job to stop; set by one thread, looked at by others."""

    def __init__(self) -> None:
        self._why: Why | None = None

    def set(self, why: Why) -> None:
        """Have every later `check` raise; the first reason counts."""
        self._why = self._why or why

    def check(self) -> None:
        """Raise Cancelled once the work is to stop."""
        if self._why is not None:
            raise Cancelled(self._why)


@dataclass
class _Id:
    """What the runs of one job share; `runs` counts them, waiting ones too."""

    stop: Stop = field(default_factory=Stop)
    turn: threading.Lock = field(default_factory=threading.Lock)
    runs: int = 0


class Underway:
    """The jobs of this worker that have not ended, by id; safe for several threads.

    A job that RunPod delivers again while it runs waits for its first run, then finds what that
    made. RunPod stops a job by its id, so a stop is for all runs of it.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids: dict[str, _Id] = {}
        self._leaving = False

    @contextmanager
    def run(self, job_id: str) -> Iterator[Stop]:
        """The body alone has this job, once its other runs have ended. Raises Cancelled."""
        with self._lock:
            shared = self._ids.setdefault(job_id, _Id())
            shared.runs += 1
            if self._leaving:
                shared.stop.set(Why.LEAVING)
        try:
            while not shared.turn.acquire(timeout=LOOK_S):
                shared.stop.check()
            try:
                shared.stop.check()
                yield shared.stop
            finally:
                shared.turn.release()
        finally:
            with self._lock:
                shared.runs -= 1
                if not shared.runs:
                    del self._ids[job_id]

    def stop(self, job_id: str) -> None:
        """Stop a job that nobody wants any more; without effect where it has ended."""
        with self._lock:
            if job_id in self._ids:
                self._ids[job_id].stop.set(Why.UNWANTED)

    def leave(self) -> None:
        """Stop everything, also what still comes: the worker's process is to end."""
        # No lock: a signal's handler runs this in a thread that may hold it.
        self._leaving = True
        for shared in list(self._ids.values()):
            shared.stop.set(Why.LEAVING)

"""The one thread that runs the model: the jobs that speak take turns on it, batch by batch."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from tts.turns import Turns
from worker.cancellation import POLL_S, Cancelled
from worker.job import Job

T = TypeVar("T")

LEAST_TURN_S = 0.02
"""A turn goes on for this many seconds at least, so that an engine with short takes does not pay a
hand-over for each of them."""


class ModelThread:
    """Builds the engine and makes all calls to it.

    A thread and not a lock: for each thread that ever ran the model, torch keeps an OpenMP team and
    the CUDA libraries keep a handle with its workspace.

    Jobs that wait have one turn each, in the order in which they came; then the next round begins.
    A job that nobody waits behind goes on without a pause.
    """

    def __init__(self) -> None:
        # It takes what it is given in that order: this is the round robin.
        self._executor = ThreadPoolExecutor(1, "model")
        self._lock = threading.Lock()
        self._waiting: set[_Turn] = set()
        self._stopped: list[Turns[Any]] = []

    @property
    def waiting(self) -> int:
        """How many jobs wait for their turn."""
        return len(self._waiting)

    def build(self, make: Callable[[], T]) -> T:
        """Run `make` on the model thread and return its result. Raises what `make` raises."""
        return self._executor.submit(make).result()

    def synthesize(self, job: Job, work: Callable[[], Turns[T]]) -> T:
        """Do `work` on the model thread, in turns with other jobs, and return its result.

        work: a generator function; each `next` is one turn.

        The waits for the turns are the job's stage `queue`, the turns are its stage `synthesis`.
        Raises Cancelled if the job is stopped, at the next turn at the latest, and what the work
        raises.
        """
        with job.stage("synthesis"):
            own = _Work(job, work())
            result = self._run(own)
            job.measured("queue", 1000 * own.waited_s)
        return result

    def synthesize_nested(self, job: Job, work: Callable[[], Turns[T]]) -> T:
        """As `synthesize`, but within the current stage: it includes both the waits and the work.

        A second stage `synthesis` would take this time out of the current one.
        """
        return self._run(_Work(job, work()))

    def _run(self, work: "_Work[T]") -> T:
        turn, outcome = self._queue(work)
        while True:
            try:
                # Future.result() cannot be interrupted, so this wait looks for a stop.
                while not turn.started.wait(POLL_S):
                    work.job.stop.raise_if_cancelled()
            except Cancelled:
                self._give_up(turn, work)
                raise
            result = outcome.result()
            if isinstance(result, _Done):
                return result.value
            turn, outcome = result

    def _queue(self, work: "_Work[T]") -> "_Next[T]":
        """Put the next turn of some work behind those that wait."""
        turn = _Turn()
        with self._lock:
            self._waiting.add(turn)
        return turn, self._executor.submit(self._take, turn, work)

    def _take(self, turn: "_Turn", work: "_Work[T]") -> "_Done[T] | _Next[T]":
        """One turn, on the model thread: the result of the work, or its next turn."""
        began = time.perf_counter()
        work.waited_s += began - turn.queued
        with self._lock:
            self._waiting.discard(turn)
        turn.started.set()
        try:
            while True:
                self._close_stopped()
                work.job.stop.raise_if_cancelled()
                next(work.turns)
                if self._waiting and time.perf_counter() - began >= LEAST_TURN_S:
                    return self._queue(work)
        except StopIteration as end:
            return _Done(end.value)
        except Cancelled:
            work.turns.close()
            raise

    def _give_up(self, turn: "_Turn", work: "_Work[Any]") -> None:
        """Let the model thread close the work of a stopped job before it does anything else."""
        with self._lock:
            self._waiting.discard(turn)
            self._stopped.append(work.turns)

    def _close_stopped(self) -> None:
        """Close what stopped jobs have left, on this thread because only it may touch the model."""
        with self._lock:
            stopped, self._stopped = self._stopped, []
        for turns in stopped:
            turns.close()


@dataclass(eq=False)
class _Turn:
    """One turn that some work waits for, since `queued` on `time.perf_counter()`."""

    started: threading.Event = field(default_factory=threading.Event)
    queued: float = field(default_factory=time.perf_counter)


@dataclass(eq=False)
class _Work(Generic[T]):
    """What a job does on the model, and how long it has waited for its turns in seconds."""

    job: Job
    turns: Turns[T]
    waited_s: float = 0.0


@dataclass(frozen=True)
class _Done(Generic[T]):
    """The result of some work."""

    value: T


_Next = tuple[_Turn, "Future[_Done[T] | _Next[T]]"]
"""A turn and what it will have given."""

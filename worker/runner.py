"""Jobs in RunPod's event loop: each runs in a thread of its own, so that several can overlap."""

import asyncio
import signal
import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from types import FrameType
from typing import Any

from worker.cancellation import ActiveJobs, Cancelled, CancelReason
from worker.envelope import Envelope
from worker.job import Progress
from worker.progress import ProgressSender

LOCAL_ID = "local_test"
"""The SDK gives this id to every --test_input job. The runner replaces it by a unique one:
under one id, the manifest of the first job would answer for all others."""

Answer = Callable[[Envelope, Progress], dict[str, Any]]


def started_threads(number: int) -> ThreadPoolExecutor:
    """An executor whose threads run already: a limit of threads shows now, not with a job.

    Raises RuntimeError if the system gives no more threads.
    """
    executor = ThreadPoolExecutor(number, "job")
    go = threading.Event()
    try:
        # The executor starts a thread for each task that finds none idle.
        for _ in range(number):
            executor.submit(go.wait)
    finally:
        go.set()
    return executor


class JobRunner:
    """The two functions that the SDK calls: `run` for each job, `concurrency` before it takes more.

    A job that RunPod cancels, or that runs when SIGTERM arrives, stops at its next step and gets no
    reply: RunPod expects none, or sends the job to another worker.

    answer: runs one job, in a thread of the runner, and returns its reply.
    active_jobs: the worker's active jobs, by which RunPod's stop reaches a job.
    at_once: how many jobs the SDK may hold at the same time.
    on_platform: true on RunPod, where progress is sent and signals are handled.
    on_begin: called once, when the SDK's loop has begun. The SDK has forked its ping process by
        then: a fork copies the locks of other threads, such as those of Python's import.
    """

    def __init__(
        self,
        answer: Answer,
        active_jobs: ActiveJobs,
        at_once: int,
        on_platform: bool,
        on_begin: Callable[[], object] = lambda: None,
    ) -> None:
        self._answer = answer
        self._active_jobs = active_jobs
        self._at_once = at_once
        self._on_platform = on_platform
        # Twice as many: a stopped job keeps its thread until its next step, and meanwhile the SDK
        # already sends the next job.
        self._threads = started_threads(2 * at_once)
        self._has_signal_handlers = False
        self._on_begin = on_begin
        self._has_begun = False

    def concurrency(self, current: int | None) -> int:
        """How many jobs the SDK may give this worker at once.

        It is always the same number: the SDK, which asks before it takes jobs, stops taking them
        until the worker is idle when the number changes.
        """
        if not self._has_begun:
            self._has_begun = True
            self._on_begin()
        return self._at_once

    async def run(self, job: dict[str, Any]) -> dict[str, Any]:
        """Run one job and return its reply. Raises CancelledError if the job was stopped."""
        self._install_signal_handlers()
        if job.get("id") == LOCAL_ID:
            job = job | {"id": f"local-{uuid.uuid4()}"}
        envelope = Envelope.parse(job)
        # `answer` registers the job once more, but only after a thread is free: a stop that comes
        # before that must count too.
        self._active_jobs.register(envelope.id)
        work = self._threads.submit(self._run, job, envelope)
        work.add_done_callback(lambda _: self._active_jobs.unregister(envelope.id))
        try:
            return await asyncio.wrap_future(work)
        except asyncio.CancelledError:
            self._active_jobs.stop(envelope.id)
            raise
        except Cancelled:
            # To the SDK this is a job that was cancelled: it sends no result.
            raise asyncio.CancelledError from None

    def _run(self, job: dict[str, Any], envelope: Envelope) -> dict[str, Any]:
        if not self._on_platform:
            return self._answer(envelope, lambda stage, done, total: None)
        progress = ProgressSender(job)
        try:
            return self._answer(envelope, progress)
        finally:
            # Before the SDK sends the result: an update after it would be wrong.
            progress.close()

    def _install_signal_handlers(self) -> None:
        """Have SIGTERM stop the jobs, too."""
        # Not in __init__: the SDK sets its own handlers when its loop starts, and ours call them.
        if self._has_signal_handlers or not self._on_platform:
            return
        self._has_signal_handlers = True
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, partial(self._shut_down, signal.getsignal(number)))

    def _shut_down(self, sdk_handler: Any, number: int, frame: FrameType | None) -> None:
        self._active_jobs.shutdown.set(CancelReason.SHUTDOWN)
        if callable(sdk_handler):
            sdk_handler(number, frame)

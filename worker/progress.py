"""A job's progress on its way to RunPod: in order, and before the job's result."""

import asyncio
import queue
import threading
from collections.abc import Mapping
from typing import Any

LAST_UPDATE_S = 2.0


class ProgressSender:
    """Sends the updates of one job from one thread; the newest one when several wait.

    The SDK's own progress_update starts a thread an update, and they overtake each other: 8 of 60
    jobs had updates swapped or one after the result, 19 of 60 on busy cores.
    """

    def __init__(self, job: Mapping[str, Any]) -> None:
        self._job = job
        self._updates: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)
        self._thread.start()

    def send(self, stage: str, done: int, total: int) -> None:
        """Hand over an update; returns at once."""
        self._updates.put({"stage": stage, "done": done, "total": total})

    def close(self) -> None:
        """Drop what still waits, and give the update that is under way LAST_UPDATE_S seconds.

        One that takes longer may arrive after the result, which RunPod then has already.
        """
        self._updates.put(None)
        self._thread.join(LAST_UPDATE_S)

    def _run(self) -> None:
        asyncio.run(self._send_all())

    async def _send_all(self) -> None:
        from runpod.http_client import AsyncClientSession
        from runpod.serverless.modules.rp_http import send_result

        async with AsyncClientSession() as session:
            while (update := self._newest()) is not None:
                await send_result(session, {"status": "IN_PROGRESS", "output": update}, self._job)

    def _newest(self) -> dict[str, Any] | None:
        """Wait for an update, then take the last one there is; None once `close` was called."""
        update = self._updates.get()
        while update is not None:
            try:
                update = self._updates.get_nowait()
            except queue.Empty:
                break
        return update

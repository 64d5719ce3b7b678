"""Progress updates to RunPod, in order and before the job's result."""

import asyncio
import os
import queue
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Literal

LAST_UPDATE_S = 2.0
"""How long `close` waits, in seconds, for what is being sent; the result waits, too."""

Kind = Literal["progress", "stream"]


class ProgressSender:
    """Sends the updates of one job from one thread; if several wait, only the newest.

    The SDK's own progress_update starts a thread for each update, and these overtake each other: in
    8 of 60 jobs (19 of 60 on busy cores) updates were swapped or came after the result.

    job: RunPod's own dictionary of the job, which the SDK wants back.
    """

    def __init__(self, job: Mapping[str, Any]) -> None:
        self._job = job
        self._updates = _Sender(job, "progress")
        self._outputs: _Sender | None = None
        # Updates come from the model's thread, and fields from others.
        self._lock = threading.Lock()
        self._fields: dict[str, Any] = {}
        self._last: dict[str, Any] | None = None

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Queue an update and return at once."""
        with self._lock:
            self._last = {"stage": stage, "done": done, "total": total}
            self._updates.put(self._last | self._fields)

    def show(self, **fields: Any) -> None:
        """Queue the last update again with these fields, which all later ones have, too; None takes
        one out."""
        with self._lock:
            # Another dictionary: an update that waits in the queue keeps the fields that it has.
            merged = self._fields | fields
            shown = {name: value for name, value in merged.items() if value is not None}
            is_new = shown != self._fields
            self._fields = shown
            if is_new and self._last is not None:
                self._updates.put(self._last | shown)

    def stream(self, output: dict[str, Any]) -> None:
        """Queue an output for RunPod's /stream; a thread of its own sends all of them, in order."""
        if "RUNPOD_WEBHOOK_POST_STREAM" not in os.environ:
            return
        with self._lock:
            # Not the thread of the updates: these must not wait while RunPod refuses outputs.
            if self._outputs is None:
                self._outputs = _Sender(self._job, "stream")
            self._outputs.put(output)

    def close(self) -> None:
        """Drop the queued updates and wait up to LAST_UPDATE_S for what is being sent.

        If that takes longer, RunPod may get it after the result.
        """
        for sender in filter(None, (self._updates, self._outputs)):
            sender.close()


class _Sender:
    """A thread that sends what is put into its queue.

    job: RunPod's own dictionary of the job.
    kind: `progress` sends the newest only, `stream` all.
    """

    def __init__(self, job: Mapping[str, Any], kind: Kind) -> None:
        self._job = job
        self._kind = kind
        self._queue: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        # A daemon, so that a connection that hangs does not keep the process from ending.
        self._thread = threading.Thread(target=self._run, name=kind, daemon=True)
        # Without a thread nothing is sent; the job itself can still run.
        with suppress(RuntimeError):
            self._thread.start()

    def put(self, output: dict[str, Any]) -> None:
        """Queue an output and return at once."""
        self._queue.put(output)

    def close(self) -> None:
        """Wait up to LAST_UPDATE_S for what is being sent."""
        self._queue.put(None)
        if self._thread.ident is not None:
            self._thread.join(LAST_UPDATE_S)

    def _run(self) -> None:
        asyncio.run(self._send_all())

    async def _send_all(self) -> None:
        # Here, because importing this module must load no heavy library.
        from runpod.http_client import AsyncClientSession
        from runpod.serverless.modules.rp_http import send_result, stream_result

        async with AsyncClientSession() as session:
            while (output := self._next()) is not None:
                if self._kind == "stream":
                    await stream_result(session, {"output": output}, self._job)
                else:
                    update = {"status": "IN_PROGRESS", "output": output}
                    await send_result(session, update, self._job)

    def _next(self) -> dict[str, Any] | None:
        """Wait for an output; of several updates the newest, and None after `close`."""
        output = self._queue.get()
        while output is not None and self._kind == "progress":
            try:
                output = self._queue.get_nowait()
            except queue.Empty:
                break
        return output

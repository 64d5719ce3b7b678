"""The routes a worker's SDK calls: take, stop, result, stream, ping."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from aiohttp import web

from .hub import Hub, cut, parse_object, refuse
from .state import JobState, WorkerState, now_ms

MAX_RESULT_BYTES = 20_000_000

T = TypeVar("T")


class WorkerSide:
    """RunPod's worker protocol, as runpod 1.12 speaks it."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.board = hub.board

    def routes(self) -> list[web.RouteDef]:
        """The routes, below `/v2/{endpoint}`."""
        base = f"/v2/{self.hub.endpoint}"
        return [
            web.get(base + "/job-take/{worker}", self.take),
            web.get(base + "/job-take-batch/{worker}", self.take),
            web.get(base + "/job-stop/{worker}", self.stop),
            web.post(base + "/job-done/{worker}/{job}", self.done),
            web.post(base + "/job-stream/{worker}/{job}", self.stream),
            web.get(base + "/ping/{worker}", self.ping),
        ]

    async def take(self, request: web.Request) -> web.StreamResponse:
        """Hold the poll until there is a job; a list when a batch was asked for."""
        worker = self._worker(request)
        worker.polls += 1
        self.hub.notify()
        batch = request.path.startswith(f"/v2/{self.hub.endpoint}/job-take-batch/")
        limit = int(request.query["batch_size"]) if batch else 1

        def probe() -> list[JobState] | None:
            if self.hub.faults.refuses_take():
                refuse(self.hub.faults.refuse_status, "takes are refused for now")
            return self.board.take(worker.id, limit)

        async with self._polling(worker):
            jobs = await self._held(probe)
        if jobs is None:
            return web.Response(status=204)
        payloads = [job.payload for job in jobs]

        def undo() -> None:
            self.board.put_back(worker.id, jobs)

        if self.hub.faults.cuts_take():
            cut(request)
        return await self._hand_over(request, payloads if batch else payloads[0], undo)

    async def stop(self, request: web.Request) -> web.StreamResponse:
        """Hold the poll until a job of this worker is to be stopped."""
        worker = self._worker(request)
        async with self._polling(worker):
            ids = await self._held(lambda: self.board.take_stops(worker.id))
        if ids is None:
            return web.Response(status=204)

        def undo() -> None:
            del worker.stopped[-len(ids) :]
            worker.to_stop[:0] = ids

        return await self._hand_over(request, {"jobsToStop": ids}, undo)

    async def done(self, request: web.Request) -> web.StreamResponse:
        """Take a result, or a progress update, whatever its content type says."""
        worker, job = self._worker(request), self.hub.job(request)
        raw = await request.read()
        if len(raw) > MAX_RESULT_BYTES:
            # Refused, and yet the client sees COMPLETED without output (runpod-python #309).
            self.board.finish(job, worker.id, {})
            self.hub.notify()
            refuse(400, f"a result may have {MAX_RESULT_BYTES} bytes, this one has {len(raw)}")
        body = parse_object(raw)
        if body.get("status") == "IN_PROGRESS":
            self.board.note_progress(job, body.get("output"))
            self.hub.notify()
            return web.json_response({})
        faults = self.hub.faults
        dropped, refused = faults.cuts_result(), faults.refuses_result()
        if faults.record_results or not (dropped or refused):
            self.board.finish(job, worker.id, body)
            self.hub.notify()
        if dropped:
            faults.lost_results += not faults.record_results
            self.hub.notify()
            cut(request)
        elif refused:
            refuse(faults.refuse_results_status, "results are refused for now")
        await asyncio.sleep(faults.delay_results_s)
        return web.json_response({})

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Keep what a generator handler yielded."""
        self._worker(request)
        self.hub.job(request).stream.append(parse_object(await request.read()).get("output"))
        self.hub.notify()
        return web.json_response({})

    async def ping(self, request: web.Request) -> web.StreamResponse:
        """Note a heartbeat and the jobs that it names."""
        worker = self._worker(request)
        worker.pings += 1
        worker.last_ping_ms = now_ms()
        worker.pinged_jobs = [name for name in request.query.get("job_id", "").split(",") if name]
        self.hub.notify()
        return web.json_response({})

    def _worker(self, request: web.Request) -> WorkerState:
        worker = self.board.worker(request.match_info["worker"])
        worker.seen()
        return worker

    async def _held(self, probe: Callable[[], T | None]) -> T | None:
        return await self.hub.until(probe, self.hub.hold_s)

    @asynccontextmanager
    async def _polling(self, worker: WorkerState) -> AsyncIterator[None]:
        """Count a poll as open; its end, too, is a sign of life unless it was cut."""
        worker.open_polls += 1
        try:
            yield
            worker.seen()
        finally:
            worker.open_polls -= 1

    async def _hand_over(
        self, request: web.Request, body: Any, undo: Callable[[], None]
    ) -> web.StreamResponse:
        """Write an answer at once; undo the hand-over if the worker has closed the connection."""
        response = web.json_response(body)
        try:
            await response.prepare(request)
            await response.write_eof()
            if request.transport is None or request.transport.is_closing():
                raise ConnectionResetError("the worker hung up")
        except (ConnectionError, asyncio.CancelledError):
            undo()
            self.hub.notify()
            raise
        return response

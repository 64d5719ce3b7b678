"""The routes a client calls, as on https://api.runpod.ai/v2/{endpoint}."""

from typing import Any

from aiohttp import web

from .hub import Hub, parse_object, refuse
from .state import JobState

RUN_BYTES = 10_000_000
RUNSYNC_BYTES = 20_000_000
RUNSYNC_WAIT_MS = 90_000
RUNSYNC_MAX_WAIT_MS = 300_000


class ClientSide:
    """Routes to submit a job, to read its state, to cancel it and to repeat it."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub
        self.board = hub.board

    def routes(self) -> list[web.RouteDef]:
        """The routes, below `/v2/{endpoint}`."""
        base = f"/v2/{self.hub.endpoint}"
        return [
            web.post(base + "/run", self.run),
            web.post(base + "/runsync", self.runsync),
            web.get(base + "/status/{job}", self.status),
            web.get(base + "/status-sync/{job}", self.status_sync),
            web.post(base + "/cancel/{job}", self.cancel),
            web.post(base + "/retry/{job}", self.retry),
            web.get(base + "/health", self.health),
        ]

    async def run(self, request: web.Request) -> web.Response:
        """Queue a job and answer at once."""
        job = self._submit(await request.read(), RUN_BYTES, sync=False)
        return web.json_response({"id": job.id, "status": job.status})

    async def runsync(self, request: web.Request) -> web.Response:
        """Queue a job and wait for it up to `?wait=` milliseconds."""
        wait_s = self._wait_s(request)
        job = self._submit(await request.read(), RUNSYNC_BYTES, sync=True)
        await self.hub.until(lambda: job if job.finished else None, wait_s)
        return web.json_response(job.reply())

    async def status_sync(self, request: web.Request) -> web.Response:
        """The state of a job once it is finished, or after `?wait=` milliseconds."""
        job, wait_s = self.hub.job(request), self._wait_s(request)
        await self.hub.until(lambda: job if job.finished else None, wait_s)
        return web.json_response(job.reply())

    async def status(self, request: web.Request) -> web.Response:
        """The state of a job."""
        job = self.hub.job(request)
        if self.hub.faults.refuses_look():
            refuse(500, "the platform fails for a moment")
        job.looks += 1
        self.hub.notify()
        return web.json_response(job.reply())

    async def cancel(self, request: web.Request) -> web.Response:
        """Cancel a job; a finished one stays as it is."""
        job = self.hub.job(request)
        self.board.cancel(job)
        self.hub.notify()
        return web.json_response({"id": job.id, "status": job.status})

    async def retry(self, request: web.Request) -> web.Response:
        """Queue a failed job again; another stays as it is."""
        job = self.hub.job(request)
        self.board.retry(job)
        self.hub.notify()
        return web.json_response({"id": job.id, "status": job.status})

    async def health(self, request: web.Request) -> web.Response:
        """Counts of jobs and workers."""
        return web.json_response(self.board.health())

    def _wait_s(self, request: web.Request) -> float:
        """The seconds of `?wait=`."""
        wait = request.query.get("wait", str(RUNSYNC_WAIT_MS))
        if not wait.isdecimal():
            refuse(400, f"wait must be a number of milliseconds, not {wait!r}")
        return min(int(wait), RUNSYNC_MAX_WAIT_MS) / 1000

    def _submit(self, raw: bytes, limit: int, *, sync: bool) -> JobState:
        if len(raw) > limit:
            refuse(400, f"a payload may have {limit} bytes here, this one has {len(raw)}")
        payload: dict[str, Any] = parse_object(raw)
        if not isinstance(payload.get("input"), dict):
            refuse(400, "the body needs an object under 'input'")
        job = self.board.submit(payload, sync=sync, duplicate=False)
        self.hub.notify()
        return job

"""`JobServer`: the server in a thread of its own, and its methods for tests."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Future
from typing import Any, Self, TypeVar

from aiohttp import web

from .client_side import ClientSide
from .hub import Hub, refuse
from .state import JobState, WorkerState, now_ms
from .worker_side import WorkerSide

MAX_BODY_BYTES = 256 * 1024 * 1024  # aiohttp's own limit; the platform's are in the routes
API_KEY = "loopback-key"

T = TypeVar("T")


class Live(Mapping[str, T]):
    """A view of a dict that grows in another thread; nothing is ever removed from it."""

    def __init__(self, growing: dict[str, T]) -> None:
        self._growing = growing

    def __getitem__(self, key: str) -> T:
        return self._growing[key]

    def __iter__(self) -> Iterator[str]:
        return iter(list(self._growing))

    def __len__(self) -> int:
        return len(self._growing)


class JobServer:
    """RunPod's platform for one endpoint, on 127.0.0.1.

    `hold_s` is how long a poll with nothing to hand over stays open; a worker that got a SIGTERM
    needs that long, and up to a second more, to leave. `gone_after_s` takes the jobs away from a
    worker that neither polls nor pings (RUNPOD_PING_INTERVAL is 1 s); None leaves that to
    `worker_gone`. `client_key` is the only key that clients may use; None is any. End the workers
    before the server: the SDK retries a refused connection without pause.
    """

    def __init__(
        self,
        *,
        port: int = 0,
        endpoint: str = "loopback",
        hold_s: float = 5.0,
        gone_after_s: float | None = None,
        client_key: str | None = None,
    ) -> None:
        self._port = port
        self._endpoint = endpoint
        self._hold_s = hold_s
        self._gone_after_s = gone_after_s
        self._client_key = client_key

    def __enter__(self) -> Self:
        started: Future[tuple[asyncio.AbstractEventLoop, Hub, int]] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(self._serve(started)), name="job-server", daemon=True
        )
        self._thread.start()
        self._loop, self._hub, self._port = started.result()
        return self

    def __exit__(self, *error: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    async def _serve(self, started: Future[tuple[asyncio.AbstractEventLoop, Hub, int]]) -> None:
        """Serve until `_stop`; `started` gets the loop, the hub and the port, or the error."""
        hub = Hub(self._endpoint, self._hold_s)
        self._stop = asyncio.Event()
        app = web.Application(client_max_size=MAX_BODY_BYTES, middlewares=[self._authorize])
        app.add_routes([*WorkerSide(hub).routes(), *ClientSide(hub).routes()])
        # A worker that hangs up must end its long poll, hence handler_cancellation.
        runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=1, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", self._port)
        try:
            await site.start()
        except OSError as error:
            await runner.cleanup()
            started.set_exception(error)
            return
        started.set_result((asyncio.get_running_loop(), hub, runner.addresses[0][1]))
        watch = asyncio.create_task(self._watch(hub))
        await self._stop.wait()
        watch.cancel()
        hub.closing = True
        hub.notify()
        await runner.cleanup()

    @web.middleware
    async def _authorize(
        self,
        request: web.Request,
        handler: Callable[[web.Request], Awaitable[web.StreamResponse]],
    ) -> web.StreamResponse:
        """Clients send `Bearer KEY`, the SDK's workers the bare key."""
        header = request.headers.get("Authorization", "")
        is_client = "worker" not in request.match_info
        if is_client and not header.startswith("Bearer "):
            refuse(401, "send the header 'Authorization: Bearer KEY'")
        key = header.removeprefix("Bearer ").strip()
        if not key or (is_client and self._client_key not in (None, key)):
            refuse(401, "the header 'Authorization' holds no key that is known")
        return await handler(request)

    async def _watch(self, hub: Hub) -> None:
        """Take the jobs away from workers that are silent for too long."""
        while self._gone_after_s is not None:
            await asyncio.sleep(min(self._gone_after_s / 4, 1))
            limit = now_ms() - round(self._gone_after_s * 1000)
            for worker in hub.board.workers.values():
                if not worker.gone and not worker.open_polls and worker.last_seen_ms < limit:
                    hub.board.worker_gone(worker.id)
                    hub.notify()

    def _call(self, action: Callable[[], T]) -> T:
        """Run `action` in the server's loop, wake the polls, give its value or error."""

        async def act() -> T:
            value = action()
            self._hub.notify()
            return value

        return asyncio.run_coroutine_threadsafe(act(), self._loop).result()

    # What a worker and a client need to know.

    @property
    def url(self) -> str:
        """The client's URL, without a slash at the end: add `/run`, `/status/{id}`, …"""
        return f"http://127.0.0.1:{self._port}/v2/{self._endpoint}"

    def worker_env(self, worker_id: str) -> dict[str, str]:
        """The environment of one worker; `$ID` and `$RUNPOD_POD_ID` are the SDK's to fill in."""
        query = "?gpu=loopback"  # the SDK appends `&…` to these
        return {
            "RUNPOD_WEBHOOK_GET_JOB": f"{self.url}/job-take/$ID{query}",
            "RUNPOD_WEBHOOK_POST_OUTPUT": f"{self.url}/job-done/$RUNPOD_POD_ID/$ID{query}",
            "RUNPOD_WEBHOOK_POST_STREAM": f"{self.url}/job-stream/$RUNPOD_POD_ID/$ID{query}",
            "RUNPOD_WEBHOOK_PING": f"{self.url}/ping/$RUNPOD_POD_ID{query}",
            "RUNPOD_PING_INTERVAL": "1000",
            "RUNPOD_AI_API_KEY": API_KEY,
            "RUNPOD_ENDPOINT_ID": self._endpoint,
            "RUNPOD_POD_ID": worker_id,
            "RUNPOD_SKIP_AUTO_SYSTEM_CHECKS": "true",
        }

    # Jobs.

    @property
    def jobs(self) -> Mapping[str, JobState]:
        """Every job by id, in the order of submission; live, and so are the states."""
        return Live(self._hub.board.jobs)

    @property
    def workers(self) -> Mapping[str, WorkerState]:
        """Every worker that ever sent a request, by id; live, and so are the states."""
        return Live(self._hub.board.workers)

    def submit(
        self,
        payload: dict[str, Any],
        *,
        job_id: str | None = None,
        duplicate: bool = False,
        **top_level: Any,
    ) -> str:
        """Queue a job with `payload` under `input` and `top_level` beside it; its id.

        `duplicate` hands it to two takes, the second one even after the first result.
        """
        job = {**top_level, "input": payload}
        board = self._hub.board
        return self._call(lambda: board.submit(job, job_id, duplicate=duplicate)).id

    def until(self, probe: Callable[[], bool], timeout: float = 30.0) -> None:
        """Wait until `probe()`, asked after each change; TimeoutError after `timeout` s."""
        waiting = self._hub.until(lambda: probe() or None, timeout)
        if not asyncio.run_coroutine_threadsafe(waiting, self._loop).result():
            raise TimeoutError(f"nothing after {timeout} s")

    def wait(self, job_id: str, timeout: float = 30.0) -> JobState:
        """The job, once it is settled; TimeoutError, with its state, after `timeout` s."""
        job = self._hub.board.jobs[job_id]
        try:
            self.until(lambda: job.finished, timeout)
        except TimeoutError:
            raise TimeoutError(f"not settled after {timeout} s: {job}") from None
        return job

    def cancel(self, job_id: str) -> JobState:
        """Remove a queued job, or settle a running one and send its worker a stop signal."""
        job = self._hub.board.jobs[job_id]
        self._call(lambda: self._hub.board.cancel(job))
        return job

    def requeue(self, worker_id: str) -> list[str]:
        """Put what a worker holds back to the front of the queue; the ids, oldest first."""
        return self._call(lambda: self._hub.board.requeue(worker_id))

    def worker_gone(self, worker_id: str) -> list[str]:
        """`requeue`, for a worker whose process has ended."""
        return self._call(lambda: self._hub.board.worker_gone(worker_id))

    # Faults.

    def refuse_takes(
        self, status: int = 429, *, times: int = 0, for_s: float | None = None
    ) -> None:
        """Answer takes with 429 or 500: the next `times`, and all for the next `for_s` s.

        A poll that is open now is the first to be refused. The SDK waits 5 s after a 429 and
        not at all after a 500.
        """

        def act() -> None:
            faults = self._hub.faults
            faults.refuse_status, faults.refuse_times = status, times
            faults.refuse_until_ms = now_ms() + round((for_s or 0) * 1000)

        self._call(act)

    def drop_takes(self, times: int = 1) -> None:
        """Cut the connections of the next `times` hand-overs; their jobs go back."""
        self._call(lambda: setattr(self._hub.faults, "drop_takes", times))

    def drop_results(self, times: int = 1, *, recorded: bool = True) -> None:
        """Cut the connections of the next `times` results, after or before recording them.

        The SDK does not send such a result again: one that was not recorded is lost, and its
        worker, alive and idle, is still its holder.
        """

        def act() -> None:
            faults = self._hub.faults
            faults.drop_results, faults.record_results = times, recorded

        self._call(act)

    def refuse_looks(self, times: int = 1) -> None:
        """Answer the next `times` looks of clients at `/status` with 500; 0 ends it."""
        self._call(lambda: setattr(self._hub.faults, "refuse_looks", times))

    @property
    def lost_results(self) -> int:
        """How many results were dropped so far before they were recorded."""
        return self._hub.faults.lost_results

    def refuse_results(self, status: int = 500, times: int = 1, *, recorded: bool = False) -> None:
        """Answer the next `times` results with `status`, after or before recording them.

        The SDK sends a result three times in all on 5xx, with 2 and 3 s between, once on 4xx.
        """

        def act() -> None:
            faults = self._hub.faults
            faults.refuse_results, faults.refuse_results_status = times, status
            faults.record_results = recorded

        self._call(act)

    def delay_results(self, seconds: float) -> None:
        """Record results at once but answer them `seconds` later; 0 ends it."""
        self._call(lambda: setattr(self._hub.faults, "delay_results_s", seconds))

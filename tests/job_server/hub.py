"""What the two sides of the server share: the board, a way to wait for it, the faults."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeVar

from aiohttp import web

from .state import Board, JobState, now_ms

T = TypeVar("T")


@dataclass
class Faults:
    """What goes wrong next. A count goes down with each time it happens."""

    refuse_status: int = 429
    refuse_times: int = 0  # takes still to be refused
    refuse_until_ms: int = 0  # and every take before this time
    drop_takes: int = 0  # takes cut off in the middle of the hand-over
    drop_results: int = 0  # results whose connection is cut
    refuse_results: int = 0  # results answered with refuse_results_status
    refuse_results_status: int = 500
    record_results: bool = True  # whether a cut or refused result is recorded before
    delay_results_s: float = 0.0  # between recording a result and answering it
    refuse_looks: int = 0  # looks of clients at a job that are answered with 500
    lost_results: int = 0  # results cut off so far that were not recorded

    def refuses_take(self) -> bool:
        """Whether this take is refused."""
        if self.refuse_times > 0:
            self.refuse_times -= 1
            return True
        return now_ms() <= self.refuse_until_ms  # both are cut to whole ms

    def cuts_take(self) -> bool:
        """Whether this hand-over is cut off."""
        cuts = self.drop_takes > 0
        self.drop_takes -= cuts
        return cuts

    def refuses_look(self) -> bool:
        """Whether this look at a job is refused."""
        refuses = self.refuse_looks > 0
        self.refuse_looks -= refuses
        return refuses

    def cuts_result(self) -> bool:
        """Whether this result's connection is cut."""
        cuts = self.drop_results > 0
        self.drop_results -= cuts
        return cuts

    def refuses_result(self) -> bool:
        """Whether this result is answered with an error."""
        refuses = self.refuse_results > 0
        self.refuse_results -= refuses
        return refuses


@dataclass
class Hub:
    """Shared state of the routes. Everything here runs in the server's event loop."""

    endpoint: str
    hold_s: float  # how long a poll with nothing to hand over stays open
    board: Board = field(default_factory=Board)
    faults: Faults = field(default_factory=Faults)
    closing: bool = False
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def job(self, request: web.Request) -> JobState:
        """The job that a route names; 404 where there is none."""
        job = self.board.jobs.get(request.match_info["job"])
        return job or refuse(404, f"no job {request.match_info['job']!r}")

    def notify(self) -> None:
        """Wake everyone in `until`, first come first served."""
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    async def until(self, probe: Callable[[], T | None], timeout: float) -> T | None:
        """Wait for `probe` to give something; None after `timeout` seconds or at closing."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + timeout
        while (found := probe()) is None and not self.closing:
            try:
                async with asyncio.timeout_at(deadline):
                    await self._changed.wait()
            except TimeoutError:
                return probe()
        return found


def refuse(status: int, sentence: str) -> NoReturn:
    """Answer with a status and `{"error": sentence}`."""
    kinds: dict[int, type[web.HTTPException]] = {
        400: web.HTTPBadRequest,
        401: web.HTTPUnauthorized,
        404: web.HTTPNotFound,
        429: web.HTTPTooManyRequests,
        500: web.HTTPInternalServerError,
    }
    body = json.dumps({"error": sentence})
    raise kinds[status](text=body, content_type="application/json")


def parse_object(raw: bytes) -> dict[str, Any]:
    """A JSON object from a request's body. NaN and Infinity are no JSON: 400."""

    def constant(name: str) -> NoReturn:
        raise ValueError(f"{name} is no JSON value")

    try:
        body = json.loads(raw, parse_constant=constant)
    except ValueError as error:
        refuse(400, f"the body must be JSON: {error}")
    if not isinstance(body, dict):
        refuse(400, "the body must be a JSON object")
    return body


def cut(request: web.Request) -> None:
    """Close the connection without another byte."""
    if request.transport is not None:
        request.transport.abort()

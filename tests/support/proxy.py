"""A TCP proxy on loopback in front of a real store: it can be slow, or away for a while."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")


class Proxy:
    """Forwards connections from `url` to the target and delays each HTTP request by `delay_s`.

    hold: the beginning of requests to stop, such as "PUT /bucket/jobs/". They wait until their
        connection ends.
    is_holding: is set once a request was stopped.
    """

    def __init__(self, target_url: str, delay_s: float = 0.0) -> None:
        parts = urlsplit(target_url)
        self._target = (parts.hostname, parts.port)
        self._delay_s = delay_s
        self.hold: str | None = None
        self.is_holding = threading.Event()
        self._port = 0
        self._open: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def go_away(self) -> None:
        """Cut every connection and refuse new ones."""
        self._call(self._close())

    def come_back(self) -> None:
        """Listen again, at the same port."""
        self._call(self._listen())

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        done: Future[T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return done.result()

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        if self._server is not None:
            self._server.close()
            for writer in list(self._open):
                writer.transport.abort()
            self._server = None

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            far_reader, far_writer = await asyncio.open_connection(*self._target)
            self._open |= {writer, far_writer}
            at_request_start = asyncio.Event()
            at_request_start.set()
            directions = [
                asyncio.create_task(self._requests(reader, far_writer, at_request_start)),
                asyncio.create_task(self._answers(far_reader, writer, at_request_start)),
            ]
            await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
            for direction in directions:
                direction.cancel()
            await asyncio.gather(*directions, return_exceptions=True)
            self._open -= {writer, far_writer}
            far_writer.close()
        writer.close()

    async def _requests(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        at_request_start: asyncio.Event,
    ) -> None:
        while data := await reader.read(1 << 16):
            if at_request_start.is_set():  # a body may come in many parts: delay only the first
                at_request_start.clear()
                if self.hold is not None and data.startswith(self.hold.encode()):
                    self.is_holding.set()
                    await asyncio.Event().wait()
                await asyncio.sleep(self._delay_s)
            writer.write(data)
            await writer.drain()

    async def _answers(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        at_request_start: asyncio.Event,
    ) -> None:
        while data := await reader.read(1 << 16):
            # After "100 Continue" the same request goes on with its body.
            if not data.startswith(b"HTTP/1.1 100 "):
                at_request_start.set()
            writer.write(data)
            await writer.drain()


@contextmanager
def proxy_for(target_url: str, delay_s: float = 0.0) -> Iterator[Proxy]:
    """Run a proxy in front of a server while the body runs."""
    proxy = Proxy(target_url, delay_s)
    proxy._thread.start()
    try:
        proxy.come_back()
        yield proxy
    finally:
        proxy.go_away()
        proxy._loop.call_soon_threadsafe(proxy._loop.stop)
        proxy._thread.join()
        proxy._loop.close()

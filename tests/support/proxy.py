"""A TCP proxy on loopback before a real store: slow, or away for a while."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")


class Proxy:
    """Passes on what comes to `url`, each HTTP request `delay_s` late.

    `hold` stops the requests that begin with it, such as "PUT /bucket/jobs/": they wait for the
    connection's end, and `is_holding` is set.
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
            waits = asyncio.Event()
            waits.set()
            ways = [
                asyncio.create_task(self._requests(reader, far_writer, waits)),
                asyncio.create_task(self._answers(far_reader, writer, waits)),
            ]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            self._open -= {writer, far_writer}
            far_writer.close()
        writer.close()

    async def _requests(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, waits: asyncio.Event
    ) -> None:
        while data := await reader.read(1 << 16):
            if waits.is_set():
                waits.clear()
                if self.hold is not None and data.startswith(self.hold.encode()):
                    self.is_holding.set()
                    await asyncio.Event().wait()
                await asyncio.sleep(self._delay_s)
            writer.write(data)
            await writer.drain()

    async def _answers(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, waits: asyncio.Event
    ) -> None:
        while data := await reader.read(1 << 16):
            if not data.startswith(b"HTTP/1.1 100 "):  # half of a request's turn
                waits.set()
            writer.write(data)
            await writer.drain()


@contextmanager
def before(target_url: str, delay_s: float = 0.0) -> Iterator[Proxy]:
    """A proxy before a server while the body runs."""
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

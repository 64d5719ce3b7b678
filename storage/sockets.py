"""Work that waits for a server, and that another thread can end.

No time-out ends a connection whose server sends a byte now and then. So such work has a thread of
its own, and whoever waits for it can shut its sockets down.
"""

import socket
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, TypeVar
from weakref import WeakSet

from errors import CancelCheck

_POLL_S = 0.1
"""The seconds within which work that is cancelled is left."""

T = TypeVar("T")


class _Sockets:
    """The open sockets of one piece of work."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: WeakSet[socket.socket] = WeakSet()
        self._is_cancelled = False

    def add(self, connected: socket.socket) -> None:
        with self._lock:
            self._open.add(connected)
            if self._is_cancelled:
                shut_down(connected)

    def cancel(self) -> None:
        """Shut down every socket, and each one that is added later."""
        with self._lock:
            self._is_cancelled = True
            for connected in self._open:
                shut_down(connected)


_SOCKETS: ContextVar[_Sockets | None] = ContextVar("sockets", default=None)


def run_interruptible(work: Callable[[], T], check: CancelCheck) -> T:
    """Run `work` in a thread of its own, and return its result. Raises what it raises.

    check: is called each _POLL_S; an error that it raises is raised at once. The connections of
        `work` (WatchedConnection) are shut down then, so that its thread ends by an error.
    """
    done: Future[T] = Future()
    sockets = _Sockets()

    # A daemon never delays the exit of the process; the threads of an executor do.
    thread = threading.Thread(
        target=_run, args=(work, done, sockets), name="interruptible", daemon=True
    )
    thread.start()
    try:
        while not done.done():
            check()
            wait([done], _POLL_S)
        return done.result()
    finally:
        if not done.done():
            sockets.cancel()
        # The future's error holds this frame: without `del` the two would be a reference cycle.
        del done


def _run(work: Callable[[], T], done: "Future[T]", sockets: _Sockets) -> None:
    _SOCKETS.set(sockets)
    try:
        done.set_result(work())
    except BaseException as error:  # noqa: BLE001 - it is raised in the thread that waits
        done.set_exception(error)
    finally:
        del done, work  # for the same reason


class WatchedConnection:
    """A mixin for connections of urllib3: whoever waits for them can end them."""

    sock: socket.socket | None

    def _new_conn(self) -> socket.socket:
        connected: socket.socket = super()._new_conn()  # type: ignore[misc]
        _watch(connected)
        return connected

    def connect(self) -> None:
        """See http.client."""
        super().connect()  # type: ignore[misc]
        _watch(self.sock)  # with TLS it is not that of `_new_conn`

    def request(
        self,
        method: str,
        url: str,
        body: Any = None,
        headers: Mapping[str, Any] | None = None,
        *arguments: Any,
        **options: Any,
    ) -> None:
        """See http.client."""
        _watch(self.sock)  # that of an earlier request, in another thread
        super().request(method, url, body, headers, *arguments, **options)  # type: ignore[misc]


def _watch(connected: socket.socket | None) -> None:
    sockets = _SOCKETS.get()
    if sockets is not None and connected is not None:
        sockets.add(connected)


def shut_down(connected: socket.socket) -> None:
    """End a connection in both directions; a thread that reads from it gets the end of the data."""
    with suppress(OSError):  # the connection has ended already
        # Not SSLSocket.shutdown: it drops the TLS state that the other thread is reading with.
        socket.socket.shutdown(connected, socket.SHUT_RDWR)

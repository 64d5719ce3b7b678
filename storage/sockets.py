"""Connections of urllib3 whose sockets another thread can end.

No time-out ends a connection whose server sends a byte now and then, so whoever waits for such a
server must be able to shut its socket down.
"""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

OnOpen = Callable[[socket.socket], None]
"""Is called with each socket when it is connected, before anything is sent."""


class Sockets:
    """The open sockets of a task. After `cancel`, a thread that waits for one gets an error.

    Each is a duplicate: it stays valid where TLS takes the original over.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._is_cancelled = False

    def add(self, connected: socket.socket) -> None:
        """Keep a socket until `close`. After `cancel` it is shut down at once."""
        with self._lock:
            self._open.append(connected.dup())
            if self._is_cancelled:
                shut_down(self._open[-1])

    def cancel(self) -> None:
        """Shut down every socket, and each one that is added later."""
        with self._lock:
            self._is_cancelled = True
            for connected in self._open:
                shut_down(connected)

    def close(self) -> None:
        """End the connections and forget them."""
        with self._lock:
            for connected in self._open:
                shut_down(connected)
                connected.close()
            self._open.clear()


class WatchedConnection:
    """A mixin for connections of urllib3: gives each new socket to `on_open`."""

    def __init__(self, *arguments: Any, on_open: OnOpen, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._on_open = on_open

    def _new_conn(self) -> socket.socket:
        connected: socket.socket = super()._new_conn()  # type: ignore[misc]
        try:
            self._on_open(connected)
        except BaseException:
            connected.close()
            raise
        return connected


def pool_of(pool: Callable[..., Any], connection: Callable[..., Any], on_open: OnOpen) -> Any:
    """What makes pools of watched connections, for `pool_classes_by_scheme` of a PoolManager.

    pool: a class of connection pools.
    connection: a class of connections with the mixin WatchedConnection, for the same scheme.
    """

    def make(*arguments: Any, **options: Any) -> Any:
        made = pool(*arguments, **options)
        made.ConnectionCls = partial(connection, on_open=on_open)
        return made

    return make


def shut_down(connected: socket.socket) -> None:
    """End a connection in both directions; a thread that reads from it gets the end of the data."""
    with suppress(OSError):  # the connection has ended already
        # Not SSLSocket.shutdown: it drops the TLS state that the other thread is reading with.
        socket.socket.shutdown(connected, socket.SHUT_RDWR)

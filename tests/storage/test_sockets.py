"""Work in a thread of its own, which whoever waits for it can leave."""

import gc
import socket
import threading

import pytest

from errors import never_cancelled
from storage.sockets import WatchedConnection, run_interruptible


class Stopped(Exception):
    pass


class Opened:
    """The part of a connection of urllib3 that WatchedConnection uses, over a pair of sockets."""

    def __init__(self, connected: socket.socket) -> None:
        self._connected = connected
        self.sock: socket.socket | None = None

    def _new_conn(self) -> socket.socket:
        return self._connected

    def connect(self) -> None:
        self.sock = self._new_conn()

    def request(self, method: str, url: str, *arguments: object) -> None:
        if self.sock is None:
            self.connect()


class Connection(WatchedConnection, Opened):  # type: ignore[misc]
    pass


def test_the_result_and_the_error_are_those_of_the_work() -> None:
    assert run_interruptible(lambda: threading.current_thread().name, never_cancelled) == (
        "interruptible"
    )
    with pytest.raises(ZeroDivisionError):
        run_interruptible(lambda: 1 / 0, never_cancelled)


@pytest.mark.parametrize("is_reused", [False, True])
def test_an_error_of_the_check_ends_the_work(is_reused: bool) -> None:
    ours, theirs = socket.socketpair()
    connection = Connection(ours)
    if is_reused:
        connection.connect()
    is_reading, ended = threading.Event(), threading.Event()

    def work() -> bytes:
        connection.request("GET", "/")
        is_reading.set()
        try:
            return ours.recv(1)  # nobody ever sends a byte
        finally:
            ended.set()

    def check() -> None:
        if is_reading.is_set():
            raise Stopped

    with ours, theirs:
        with pytest.raises(Stopped):
            run_interruptible(work, check)
        assert ended.wait(60)


def test_what_is_opened_after_the_end_is_ended_too() -> None:
    ours, theirs = socket.socketpair()
    is_left, received = threading.Event(), []

    def work() -> None:
        is_left.wait(60)
        Connection(ours).request("GET", "/")
        received.append(ours.recv(1))

    def check() -> None:
        raise Stopped

    with ours, theirs:
        with pytest.raises(Stopped):
            run_interruptible(work, check)
        is_left.set()
        for thread in threading.enumerate():
            if thread.name == "interruptible":
                thread.join(60)
        assert received == [b""]


def test_an_error_is_in_no_circle_of_references() -> None:
    class Failed(Exception):
        pass

    def work() -> None:
        raise Failed

    gc.collect()
    gc.disable()
    try:
        with pytest.raises(Failed):
            run_interruptible(work, never_cancelled)
        # By type: `isinstance` asks each object for its class, and some libraries' warn then.
        assert not [kept for kept in gc.get_objects() if type(kept) is Failed]
    finally:
        gc.enable()

"""Transfers that are slow, and servers that never come to an end: the first are waited for."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage.retry import RetryingStore
from storage.s3.http import MIN_BYTES_PER_S
from storage.s3.store import S3Store
from storage.store import StorageError
from tests.support.odd_s3 import ETAG, Request, odd_server, response
from worker.cancellation import CancellationToken, Cancelled, CancelReason


def bucket(url: str, **options: float) -> S3Store:
    return S3Store("some-bucket", endpoint_url=url, access_key="a", secret_key="b", attempts=1,
                   **options)  # type: ignore[arg-type]  # fmt: skip


def late(request: Request) -> Iterator[bytes]:
    time.sleep(1.0)
    yield response(200, b"", ETAG)


def test_the_answer_to_an_upload_may_take_as_long_as_the_upload(tmp_path: Path) -> None:
    """A link that is slow behind this machine takes the body at once and sends it for a while."""
    body = bytes(20 * MIN_BYTES_PER_S)
    (tmp_path / "file").write_bytes(body)
    with odd_server(late) as server:
        store = bucket(server.url, read_timeout_s=0.3)
        store.put("a", body, "text/plain")
        store.put_file("a", tmp_path / "file", "text/plain")
        with pytest.raises(StorageError, match="did not answer in time"):
            store.put("a", b"x", "text/plain")


@pytest.mark.parametrize("operation", ["get", "get_file", "put", "put_file", "list", "stat"])
def test_a_stop_reaches_a_store_that_drips_bytes(tmp_path: Path, operation: str) -> None:
    stop = CancellationToken()
    (tmp_path / "file").write_bytes(b"x")

    def answer(_: Request) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nETag: 0\r\nContent-Length: 100000\r\n"
        stop.set(CancelReason.CANCELLED)
        if operation in ("get", "get_file"):
            yield b"\r\n"
        while True:
            time.sleep(0.02)
            yield b"x"

    with odd_server(answer) as server:
        store = RetryingStore(bucket(server.url), stop.sleep)
        calls: dict[str, Callable[[], object]] = {
            "get": lambda: store.get("a"),
            "get_file": lambda: store.get_file("a", tmp_path / "got", 100_000),
            "put": lambda: store.put("a", b"x", "text/plain"),
            "put_file": lambda: store.put_file("a", tmp_path / "file", "text/plain"),
            "list": lambda: store.list(),
            "stat": lambda: store.stat("a"),
        }
        with pytest.raises(Cancelled):
            calls[operation]()
        for thread in threading.enumerate():
            if thread.name == "interruptible":
                thread.join()  # its connection is closed, or it would read for ever

"""Conditional writes: what the worker sends, and servers that refuse or ignore a condition."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from storage.s3.store import S3Store
from storage.store import StorageError
from tests.support.odd_s3 import Request, odd_server, response
from tests.support.seaweed import Seaweed

THERE = {"ETag": '"0"', "Last-Modified": "Fri, 27 Nov 2026 10:00:00 GMT"}


def store_at(url: str) -> S3Store:
    return S3Store("b", endpoint_url=url, access_key="key", secret_key="secret", attempts=1)


def refusing(status: int, code: str) -> Callable[[Request], bytes]:
    """Answers of a server that has the object and refuses a write with a condition."""

    def answer(request: Request) -> bytes:
        if request.method == "PUT" and "if-match" in request.headers:
            return response(status, f"<Error><Code>{code}</Code></Error>".encode())
        return response(200, headers=THERE)

    return answer


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (412, "PreconditionFailed"),
        (409, "ConditionalRequestConflict"),
        (404, "NoSuchKey"),
    ],
)
def test_an_object_that_was_changed_since_is_not_written(status: int, code: str) -> None:
    with odd_server(refusing(status, code)) as server:
        assert not store_at(server.url).put_if("a", b"x", "text/plain", "0")
        assert [request.method for request in server.seen] == ["HEAD", "PUT"]
        assert server.seen[1].headers["if-match"] == '"0"'


def test_where_the_server_knows_no_conditions_the_worker_compares_alone() -> None:
    with odd_server(refusing(501, "NotImplemented")) as server:
        store = store_at(server.url)
        assert store.put_if("a", b"x", "text/plain", "0")
        assert "if-match" not in server.seen[-1].headers
        assert not store.put_if("a", b"x", "text/plain", "1")
        assert not store.put_if("a", b"x", "text/plain", None)
        assert [request.method for request in server.seen] == ["HEAD", "PUT", "PUT", "HEAD", "HEAD"]


def test_another_refusal_is_an_error() -> None:
    with odd_server(refusing(403, "AccessDenied")) as server, pytest.raises(StorageError):
        store_at(server.url).put_if("a", b"x", "text/plain", "0")


def test_of_writers_with_one_etag_one_alone_writes(seaweed: Seaweed) -> None:
    stores = [seaweed.store() for _ in range(4)]
    etag = None
    for number in range(5):

        def write(store: S3Store, etag: str | None = etag, number: int = number) -> bool:
            body = bytes([number, stores.index(store)])
            return store.put_if("conditions/shared", body, "text/plain", etag)

        with ThreadPoolExecutor(len(stores)) as threads:
            assert sum(threads.map(write, stores)) == 1
        info = stores[0].stat("conditions/shared")
        assert info is not None
        etag = info.etag
    stores[0].delete("conditions/shared")

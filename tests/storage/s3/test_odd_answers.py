"""Servers that answer as no S3 service does: each answer is an error that a client can read."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from storage.retry import RetryingStore
from storage.s3.store import S3Store
from storage.store import NotFound, StorageError, TooLarge
from tests.support.odd_s3 import ETAG, LISTED, ODD_ANSWERS, OddServer, Request, odd_server, response

SECRET = "verysecretvalue"
BROKEN_OFF = {
    *("nothing", "no status line", "half a status line", "a status of letters", "TLS"),
    *("a length too many", "chunks without end", "a 404 that breaks off"),
}
LISTS = {"two of what is one", "a page that goes on without a token"}


@pytest.fixture(scope="module")
def server() -> Iterator[OddServer]:
    with odd_server() as running:
        yield running


def bucket(server: OddServer, public_only: bool, max_listed: int = 200_000) -> S3Store:
    return S3Store(
        "some-bucket",
        endpoint_url=server.url,
        access_key="AKID",
        secret_key=SECRET,
        attempts=1,
        read_timeout_s=5.0,
        max_listed=max_listed,
        public_only=public_only,
    )


@pytest.fixture(params=["own", "client's"])
def store(
    request: pytest.FixtureRequest, server: OddServer, monkeypatch: pytest.MonkeyPatch
) -> S3Store:
    """The worker's own bucket, or one that a client chose."""
    monkeypatch.setenv("RUNPOD_ALLOW_PRIVATE_DOWNLOAD_URLS", "1")
    return bucket(server, public_only=request.param == "client's")


def outcome(call: Callable[[], object]) -> StorageError | None:
    """The error of the store that the call ends with, if any; any other error fails the test."""
    failure = None
    try:
        call()
    except StorageError as error:
        failure = error
    except (NotFound, TooLarge):
        return None
    if failure is not None:
        assert failure.__suppress_context__
        for word in (SECRET, "AKID", "127.0.0.1", "://"):
            assert word not in str(failure.reply())
    return failure


@pytest.mark.parametrize("name", ODD_ANSWERS)
def test_an_odd_answer(store: S3Store, server: OddServer, tmp_path: Path, name: str) -> None:
    answer = ODD_ANSWERS[name]
    server.answer = lambda _: answer
    file = tmp_path / "file"
    file.write_bytes(b"x")
    puts = [
        outcome(lambda: store.put("a", b"x", "text/plain")),
        outcome(lambda: store.put_file("a", file, "text/plain")),
    ]
    # Without an ETag the worker looks for the object, and this server has none.
    if not (answer.startswith(b"HTTP/1.1 20") and b"ETag" in answer):
        assert all(puts)
    got = outcome(lambda: store.get("a"))
    outcome(lambda: store.get_file("a", file, 100))
    outcome(lambda: store.stat("a"))
    outcome(lambda: store.delete("a"))
    listed = outcome(lambda: store.list())
    assert (listed is None) == (name in LISTS)
    if name in BROKEN_OFF:
        assert got is not None
        assert got.is_retryable


def test_a_put_without_an_etag_counts_if_the_object_is_there(
    store: S3Store, server: OddServer
) -> None:
    head = ETAG | {"Content-Length": 3, "Last-Modified": "Fri, 27 Nov 2026 10:00:00 GMT"}

    def answer(request: Request) -> bytes:
        return response(200, b"", head if request.method == "HEAD" else {})

    server.answer = answer
    store.put("a", b"abc", "text/plain")
    with pytest.raises(StorageError, match="does not answer as S3 does"):
        store.put("a", b"abcd", "text/plain")


def test_a_date_of_an_unknown_zone_counts_as_utc(store: S3Store, server: OddServer) -> None:
    server.answer = lambda _: ODD_ANSWERS["a date of an unknown zone"]
    info = store.stat("a")
    assert info is not None
    assert info.last_modified.isoformat() == "2026-11-27T10:00:00+00:00"


def test_a_login_page_is_no_object_and_no_list(store: S3Store, server: OddServer) -> None:
    server.answer = lambda _: response(200, b"<html>Log in</html>", {"Content-Type": "text/html"})
    for call in (lambda: store.get("a"), lambda: store.list(), lambda: store.stat("a")):
        with pytest.raises(StorageError, match="does not answer as S3 does"):
            call()


def test_an_answer_that_breaks_off_is_asked_for_again(store: S3Store, server: OddServer) -> None:
    def answer(request: Request) -> bytes:
        first = len(server.seen) == 1
        return ODD_ANSWERS["a 404 whose chunks break off"] if first else response(200, b"x", ETAG)

    server.seen.clear()
    server.answer = answer
    assert RetryingStore(store, lambda s: None).get("a") == b"x"


@pytest.mark.parametrize(
    "interim",
    [
        pytest.param(b"HTTP/1.1 100 Continue\r\n", id="cut"),
        pytest.param(b"HTTP/1.1 100 " + b"a" * 100_000, id="a long line"),
        pytest.param(b"HTTP/1.1 100 Continue\r\n" + b"a: b\r\n" * 1000, id="1000 headers"),
        pytest.param(b"hello\r\n", id="another protocol"),
    ],
)
def test_an_odd_answer_before_the_upload(
    store: S3Store, tmp_path: Path, interim: bytes, server: OddServer
) -> None:
    (tmp_path / "file").write_bytes(b"x")
    server.interim, usual = interim, server.interim
    try:
        with pytest.raises(StorageError, match="broke the connection off") as failed:
            store.put_file("a", tmp_path / "file", "text/plain")
    finally:
        server.interim = usual
    assert failed.value.is_retryable


def test_a_refusal_before_the_upload_saves_the_upload(
    store: S3Store, server: OddServer, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(b"x")
    body = b"<Error><Code>AccessDenied</Code></Error>"
    server.interim, usual = response(403, body), server.interim
    server.interim = server.interim.replace(body, b"")[:-4] + b"\r\n\r\n" + body
    try:
        with pytest.raises(StorageError, match="may not do this"):
            store.put_file("a", tmp_path / "file", "text/plain")
    finally:
        server.interim = usual


@pytest.mark.parametrize("status", [200, 404, 500])
def test_no_long_answer_is_parsed_but_a_list(
    store: S3Store, server: OddServer, status: int
) -> None:
    server.answer = lambda _: response(status, b"<Error>" + b"<a/>" * 25_000 + b"</Error>")
    with pytest.raises(StorageError, match="does not answer as S3 does"):
        store.put("a", b"x", "text/plain")
    with pytest.raises(StorageError, match="does not answer as S3 does"):
        store.delete("a")
    items = b"".join(
        b"<Contents><Key>%0200d</Key><Size>1</Size><ETag>0</ETag>"
        b"<LastModified>2026-11-27T10:00:00Z</LastModified></Contents>" % n
        for n in range(1000)
    )
    server.answer = lambda _: response(200, LISTED.replace(b"</List", items + b"</List"))
    assert len(list(store.list())) == 1000


def test_a_list_ends_even_if_the_server_never_says_so(server: OddServer) -> None:
    item = b"<Contents><Key>%d</Key><Size>1</Size><ETag>0</ETag>"
    item += b"<LastModified>2026-11-27T10:00:00Z</LastModified></Contents>"
    items = b"".join(item % n for n in range(10))

    def answer(_: Request) -> bytes:
        token = b"<NextContinuationToken>%d</NextContinuationToken>" % len(server.seen)
        return response(
            200, LISTED.replace(b"<IsTruncated>false", token + items + b"<IsTruncated>true")
        )

    server.answer = answer
    server.seen.clear()
    with pytest.raises(StorageError, match="over 99 objects"):
        bucket(server, public_only=False, max_listed=99).list()
    assert len(server.seen) == 10


@pytest.mark.parametrize("public_only", [False, True])
def test_only_the_workers_own_bucket_is_reached_through_a_proxy(
    server: OddServer, monkeypatch: pytest.MonkeyPatch, public_only: bool
) -> None:
    monkeypatch.setenv("RUNPOD_ALLOW_PRIVATE_DOWNLOAD_URLS", "1")
    monkeypatch.setenv("HTTP_PROXY", server.url)
    monkeypatch.setenv("NO_PROXY", "")
    server.answer = lambda _: response(200, b"x", ETAG)
    server.seen.clear()
    with odd_server(lambda _: response(200, b"y", ETAG)) as behind:
        assert bucket(behind, public_only).get("a") == (b"y" if public_only else b"x")
        seen = [request.path for request in server.seen]
        assert seen == ([] if public_only else [f"{behind.url}/some-bucket/a"])

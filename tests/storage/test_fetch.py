"""Fetching from a server on loopback, which is allowed for these tests or refused."""

import gzip
import http.client
import inspect
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import idna
import pytest
import requests.exceptions
import urllib3.exceptions

from storage.fetch import FetchFailed, FetchRefused, fetch, is_url, translated
from storage.store import TooLarge
from tests.support.odd_s3 import ODD_ANSWERS, Request, odd_server, response
from tests.support.web import serving


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("web")) as url:
        yield f"{url}/!"


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNPOD_ALLOW_PRIVATE_DOWNLOAD_URLS", "1")


@pytest.mark.usefixtures("allowed")
def test_a_file_comes_whole_also_after_a_redirect(host: str, tmp_path: Path) -> None:
    for path in ("bytes/3000000", f"to/{host}/bytes/3000000"):
        fetch(f"{host}/{path}", tmp_path / "file", 3_000_000)
        assert (tmp_path / "file").stat().st_size == 3_000_000


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize(
    "path", ["bytes/3000000", "endless", "lie/4294967296", f"lie/{10**20 - 1}", "bomb/100000000"]
)
def test_a_file_over_the_limit_is_refused(host: str, tmp_path: Path, path: str) -> None:
    with pytest.raises(TooLarge, match="larger than 2 MB"):
        fetch(f"{host}/{path}", tmp_path / "file", 2 << 20)


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize("path", ["status/404", "status/500", "cut/100000"])
def test_an_answer_that_is_no_file_fails(host: str, tmp_path: Path, path: str) -> None:
    with pytest.raises(FetchFailed) as failure:
        fetch(f"{host}/{path}", tmp_path / "file", 1 << 20)
    assert "127.0.0.1" not in str(failure.value)


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize("path", ["loop/", "nowhere/"])
def test_redirects_that_lead_to_no_file_fail(host: str, tmp_path: Path, path: str) -> None:
    with pytest.raises(FetchFailed, match="leads to other URLs and to no file"):
        fetch(f"{host}/{path}", tmp_path / "file", 1 << 20)


def join_abandoned_threads() -> None:
    for thread in threading.enumerate():
        if thread.name == "interruptible":
            thread.join()


@pytest.mark.slow
@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize("path", ["drip/100", "drip-header/100", "to/{host}/drip-header/100"])
def test_a_server_that_drips_bytes_is_left(host: str, tmp_path: Path, path: str) -> None:
    with pytest.raises(FetchFailed, match=r"took over 0\.3 s"):
        fetch(f"{host}/{path.format(host=host)}", tmp_path / "file", 1 << 20, max_s=0.3)
    # The abandoned thread ends with its server, and writes nothing more.
    join_abandoned_threads()
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 100


@pytest.mark.usefixtures("allowed")
def test_a_disk_that_cannot_be_written_is_no_fault_of_the_url(host: str, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        fetch(f"{host}/bytes/10", tmp_path / "gone" / "file", 1 << 20)


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize("place", ["file:///etc/passwd", "ftp://example.com/a", "gopher://a"])
def test_a_redirect_to_another_scheme_is_refused(host: str, tmp_path: Path, place: str) -> None:
    with pytest.raises(FetchRefused):
        fetch(f"{host}/to/{place}", tmp_path / "file", 1 << 20)


@pytest.mark.parametrize(
    "url",
    ["http://127.0.0.1/", "http://localhost/", "http://10.0.0.1/", "http://169.254.169.254/x",
     "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://0.0.0.0/", "http://100.64.0.1/"],
)  # fmt: skip
def test_addresses_that_are_not_public_are_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(FetchRefused):
        fetch(url, tmp_path / "file", 1 << 20)


def test_nothing_is_fetched_through_a_proxy(
    host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", host)
    with pytest.raises(FetchRefused):
        fetch("https://1.1.1.1/", tmp_path / "file", 1 << 20)


def test_a_host_that_does_not_exist_fails(tmp_path: Path) -> None:
    with pytest.raises(FetchFailed, match="host is not known"):
        fetch("http://nobody.invalid/a", tmp_path / "file", 1 << 20)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [("https://a.b/c", True), ("http://[::1]", True), ("http://", False), ("http://[", False),
     ("file:///a", False), ("a", False), ("", False)],
)  # fmt: skip
def test_what_looks_like_a_url(raw: str, expected: bool) -> None:
    assert is_url(raw) == expected


def dripping(head: bytes) -> Iterator[bytes]:
    """An answer that begins so and goes on for as long as the client reads it."""
    yield head
    while True:
        time.sleep(0.01)
        yield bytes(1000)


REDIRECT = {"Location": "/file", "Content-Length": 10**10}


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize("headers", [{}, {"Content-Encoding": "gzip"}, {"Set-Cookie": "a=b"}])
def test_the_body_of_a_redirect_is_not_read(tmp_path: Path, headers: dict[str, str]) -> None:
    def answer(request: Request) -> bytes | Iterator[bytes]:
        if request.path == "/file":
            return response(200, b"sound")
        body = gzip.compress(bytes(10_000_000)) if "Content-Encoding" in headers else b""
        head = response(302, b"", REDIRECT | headers)
        return dripping(head + body)

    with odd_server(answer) as server:
        fetch(f"{server.url}/link", tmp_path / "file", 1000, max_s=20)
        assert (tmp_path / "file").read_bytes() == b"sound"
        assert "cookie" not in server.seen[-1].headers


@pytest.mark.usefixtures("allowed")
def test_the_body_of_an_error_is_not_read(tmp_path: Path) -> None:
    with (
        odd_server(lambda _: dripping(response(404, b"", {"Content-Length": 10**10}))) as server,
        pytest.raises(FetchFailed, match="status 404"),
    ):
        fetch(f"{server.url}/link", tmp_path / "file", 1000, max_s=20)


@pytest.mark.usefixtures("allowed")
def test_a_server_that_never_comes_to_an_answer_is_left(tmp_path: Path) -> None:
    def answer(_: Request) -> Iterator[bytes]:
        while True:
            yield b"HTTP/1.1 100 Continue\r\n\r\n" * 100

    with odd_server(answer) as server, pytest.raises(FetchFailed, match=r"took over 0\.2 s"):
        fetch(f"{server.url}/link", tmp_path / "file", 1000, max_s=0.2)
    join_abandoned_threads()  # its connection is closed, or it would read for ever


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize("name", ODD_ANSWERS)
def test_an_odd_answer_is_a_file_or_a_failure(tmp_path: Path, name: str) -> None:
    with odd_server(lambda _: ODD_ANSWERS[name]) as server:
        try:
            fetch(f"{server.url}/link", tmp_path / "file", 1000)
        except (FetchFailed, FetchRefused, TooLarge):
            return
        assert ODD_ANSWERS[name].startswith(b"HTTP/1.1 200")


@pytest.mark.usefixtures("allowed")
@pytest.mark.parametrize(
    "place",
    ["http://[", "http://a b/", "http://\x00/", "http://127.0.0.1:99999/", "//", "http://\u00fc..de/",
     f"http://{'a' * 70}.de/", "http://127.0.0.1:0/", "?", "http://user:secret@[::1]:1/"],
)  # fmt: skip
def test_a_redirect_to_nowhere(tmp_path: Path, place: str) -> None:
    with (
        odd_server(lambda _: response(302, b"", {"Location": place})) as server,
        pytest.raises((FetchFailed, FetchRefused)) as failure,
    ):
        fetch(f"{server.url}/link", tmp_path / "file", 1000)
    assert "secret" not in str(failure.value)


@pytest.mark.parametrize(
    "module", [requests.exceptions, urllib3.exceptions, http.client, ssl, socket, idna.core]
)
def test_each_error_of_the_libraries_is_translated(module: ModuleType) -> None:
    for name, kind in inspect.getmembers(module, inspect.isclass):
        if name.startswith("_") or not issubclass(kind, Exception) or issubclass(kind, Warning):
            continue
        with pytest.raises(FetchFailed), translated():
            raise kind.__new__(kind)

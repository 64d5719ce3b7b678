"""Downloading a client's URL into a file: from public addresses only, by the SDK's own guard."""

import threading
import time
from concurrent.futures import Future, wait
from contextlib import closing, suppress
from multiprocessing.pool import ThreadPool
from pathlib import Path
from socket import gaierror
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from errors import CancelCheck, WorkerError, never_cancelled
from storage.store import TooLarge

if TYPE_CHECKING:
    from requests import Response

TIMEOUT_S = 30
"""In seconds: for the connection, and for each wait in which no byte arrives."""

MAX_FETCH_S = 300.0
"""For a whole download with its redirects. A server that drips bytes must not hold a job."""

_REDIRECT_PROBLEMS = ("exceeded maximum redirects", "redirect without")
"""How two errors about redirects begin in rp_ssrf of runpod 1.12; they have no class of their own.

tests/storage/test_fetch.py fails if a later SDK changes the words.
"""

_PART_BYTES = 1 << 20
_POLL_S = 0.1
"""The seconds within which a cancelled job leaves its download."""


class FetchRefused(WorkerError):
    """A URL that the worker does not fetch: not public, not http(s), or only through a proxy."""

    code: ClassVar[str] = "fetch_refused"

    def __init__(self, remedy: str) -> None:
        super().__init__(
            f"the worker follows http and https URLs of public addresses only; {remedy}"
        )


class FetchFailed(WorkerError):
    """A URL whose file could not be downloaded."""

    code: ClassVar[str] = "fetch_failed"

    def __init__(self, problem: str) -> None:
        super().__init__(f"{problem}; check the link, and whether it has expired")


def is_url(raw: str) -> bool:
    """Whether a text is an http(s) URL with a host."""
    try:
        parts = urlsplit(raw)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def fetch(
    url: str,
    target: Path,
    max_bytes: int,
    check: CancelCheck = never_cancelled,
    *,
    max_s: float = MAX_FETCH_S,
) -> None:
    """Download a client's URL into a file.

    target: the file; it is created or replaced.
    max_bytes: the size up to which a file is accepted.
    check: is called each _POLL_S; an error that it raises ends the download.
    max_s: the seconds for the whole download with its redirects.

    Every address behind the host must be public, also after a redirect, and the connection goes
    to the address that was checked. Raises FetchRefused, FetchFailed, TooLarge; no message names
    the host, which may carry a signature.
    """
    done: Future[None] = Future()
    download = _Download()
    # No time-out ends a wait for a header that arrives byte by byte. So the download has its own
    # thread, which is abandoned then. A pool's threads are daemons: they never delay the exit.
    with closing(ThreadPool(1)) as pool:
        arguments = (url, target, max_bytes, download)
        pool.apply_async(
            _fetch, arguments, callback=done.set_result, error_callback=done.set_exception
        )
    deadline = time.monotonic() + max_s
    try:
        while not done.done():
            check()
            if (remaining_s := deadline - time.monotonic()) <= 0:
                raise FetchFailed(f"the URL took over {max_s:g} s")
            wait([done], min(remaining_s, _POLL_S))
        done.result()
    finally:
        # Otherwise the abandoned thread would go on reading and writing the file.
        if not done.done():
            download.cancel()
        # The future's error holds this frame: without `del` the two would be a reference cycle.
        del done


def check_public(host: str, port: int) -> None:
    """Raises FetchRefused unless every address behind the host is public."""
    from runpod.serverless.utils import rp_ssrf

    try:
        rp_ssrf.resolve_and_validate(host, port)
    except (rp_ssrf.SSRFError, UnicodeError):  # UnicodeError: a label is empty or over 63 long
        raise FetchRefused(
            "give the endpoint URL of a service that is on the internet, and spelt right"
        ) from None


class _Download:
    """The response that another thread reads, and whether it was cancelled."""

    def __init__(self) -> None:
        self.cancelled = threading.Event()
        self.responses: list[Response] = []

    def cancel(self) -> None:
        """End the reading of the response, or of one that arrives later."""
        self.cancelled.set()
        for response in self.responses:
            with suppress(OSError, RuntimeError, ValueError):  # the response has just ended
                response.raw.shutdown()


def _fetch(url: str, target: Path, max_bytes: int, download: _Download) -> None:
    """`_download`, with FetchRefused or FetchFailed in place of the libraries' errors."""
    from requests import RequestException
    from runpod.serverless.utils import rp_ssrf

    try:
        _download(url, target, max_bytes, download)
    except rp_ssrf.SSRFError as error:
        if isinstance(error.__cause__, gaierror):
            raise FetchFailed("the URL's host is not known") from None
        if str(error).startswith(_REDIRECT_PROBLEMS):
            raise FetchFailed("the URL leads to other URLs and to no file") from None
        raise FetchRefused(
            "put the file where anyone with the link can get it, for example as a presigned link "
            "of a bucket"
        ) from None
    except (RequestException, ValueError):
        raise FetchFailed("the URL cannot be reached, broke off or took too long") from None


def _download(url: str, target: Path, max_bytes: int, download: _Download) -> None:
    from runpod.serverless.utils import rp_ssrf

    # The size is compared here, so that TooLarge does not depend on the words of the SDK's error.
    # The SDK shall compare no size: a server may declare one of any number of digits.
    no_limit: Any = float("inf")
    with rp_ssrf.safe_get(url, timeout=TIMEOUT_S, max_bytes=no_limit) as response:
        # Before the check of `cancelled` below: so `cancel` either sees this response, or is seen.
        download.responses.append(response)
        # A server may declare no size or a wrong one, so the bytes are counted below as well.
        declared = response.headers.get("Content-Length", "")
        if declared.isdecimal() and int(declared) > max_bytes:
            raise TooLarge(max_bytes)
        if response.status_code != 200:
            raise FetchFailed(f"the URL answers with status {response.status_code}")
        if download.cancelled.is_set():
            return
        size = 0
        with target.open("wb") as file:
            for part in response.iter_content(_PART_BYTES):
                size += len(part)
                if size > max_bytes:
                    raise TooLarge(max_bytes)
                file.write(part)

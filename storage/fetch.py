"""A client's URL into a file: public addresses only, through the SDK's own guard."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import closing, suppress
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from errors import WorkerError
from storage.store import TooLarge

if TYPE_CHECKING:
    from requests import Response

TIMEOUT_S = 30
"""Without a byte."""
MAX_FETCH_S = 300
"""For a whole file and all that leads to it, so that no server which drips bytes holds a job."""
_PART_BYTES = 1 << 20
_POLL_S = 0.1


class FetchRefused(WorkerError):
    """A URL that the worker does not follow: not public, not http(s), through a proxy."""

    code: ClassVar[str] = "fetch_refused"

    def __init__(self, remedy: str) -> None:
        super().__init__(
            f"the worker follows http and https URLs of public addresses only; {remedy}"
        )


class FetchFailed(WorkerError):
    """A URL that did not give its file."""

    code: ClassVar[str] = "fetch_failed"

    def __init__(self, problem: str) -> None:
        super().__init__(f"{problem}; check the link, and whether it has expired")


def is_url(raw: str) -> bool:
    """Whether it looks like an http(s) URL with a host."""
    try:
        parts = urlsplit(raw)
        return parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


def fetch(
    url: str, target: Path, max_bytes: int, check: Callable[[], None] = lambda: None
) -> None:
    """Download `url` into `target`, at most `max_bytes`, in MAX_FETCH_S with all redirects.

    Every address behind the host must be public, also after a redirect, and the connection goes
    to the address that was checked. `check` is called each _POLL_S, and what it raises ends the
    download. Raises FetchRefused, FetchFailed, TooLarge; none names the host, which may carry a
    signature.
    """
    done: Future[None] = Future()
    body = _Download()
    # In a thread of its own, since nothing ends the wait for a header that drips in; the thread is
    # left behind then, and the pool's are daemons so that the worker can still exit.
    with closing(ThreadPool(1)) as pool:
        arguments = (url, target, max_bytes, body)
        pool.apply_async(
            _translated, arguments, callback=done.set_result, error_callback=done.set_exception
        )
    end = time.monotonic() + MAX_FETCH_S
    try:
        while not done.done():
            check()
            if (left := end - time.monotonic()) <= 0:
                raise FetchFailed(f"the URL took over {MAX_FETCH_S:g} s")
            wait([done], min(left, _POLL_S))
        done.result()
    finally:
        if not done.done():
            body.cancel()
        del done  # else an error would hold this frame, and the frame the error


def check_public(host: str, port: int) -> None:
    """Raise FetchRefused unless every address behind the host is public."""
    from runpod.serverless.utils import rp_ssrf

    try:
        rp_ssrf.resolve_and_validate(host, port)
    except (rp_ssrf.SSRFError, UnicodeError):  # a label of no or over 63 characters
        raise FetchRefused(
            "give the endpoint URL of a service that is on the internet, and spelt right"
        ) from None


class _Download:
    """What a fetch reads, which can be left."""

    def __init__(self) -> None:
        self.is_left = threading.Event()
        self.answers: list[Response] = []

    def cancel(self) -> None:
        """Have it end here, now or as soon as there is one."""
        self.is_left.set()
        for answer in self.answers:
            with suppress(OSError, RuntimeError, ValueError):  # it has just ended by itself
                answer.raw.shutdown()


def _translated(url: str, target: Path, max_bytes: int, body: _Download) -> None:
    """Download. Raises FetchRefused, FetchFailed, TooLarge."""
    from requests import RequestException
    from runpod.serverless.utils import rp_ssrf

    try:
        _download(url, target, max_bytes, body)
    except rp_ssrf.SSRFError as error:
        if "size cap" in str(error):
            raise TooLarge(max_bytes) from None
        if "could not resolve" in str(error):
            raise FetchFailed("the URL's host is not known") from None
        if str(error).startswith(("exceeded maximum redirects", "redirect without")):
            raise FetchFailed("the URL leads to other URLs and to no file") from None
        raise FetchRefused(
            "put the file where anyone with the link can get it, for example as a presigned link "
            "of a bucket"
        ) from None
    except (RequestException, ValueError):
        raise FetchFailed("the URL cannot be reached, broke off or took too long") from None


def _download(url: str, target: Path, max_bytes: int, body: _Download) -> None:
    from runpod.serverless.utils import rp_ssrf

    with rp_ssrf.safe_get(url, timeout=TIMEOUT_S, max_bytes=max_bytes) as answer:
        body.answers.append(answer)
        if answer.status_code != 200:
            raise FetchFailed(f"the URL answers with status {answer.status_code}")
        if body.is_left.is_set():
            return
        with target.open("wb") as file:
            for part in rp_ssrf.iter_content_capped(answer, _PART_BYTES, max_bytes):
                file.write(part)

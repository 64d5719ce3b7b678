"""Downloading a client's URL into a file: from public addresses only, by the SDK's own guard."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from socket import gaierror
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urljoin, urlsplit

from errors import CancelCheck, WorkerError, never_cancelled
from storage.sockets import run_interruptible
from storage.store import TooLarge

if TYPE_CHECKING:
    from requests import Response

TIMEOUT_S = 30
"""In seconds: for the connection, and for each wait in which no byte arrives."""

MAX_FETCH_S = 300.0
"""For a whole download with its redirects. A server that drips bytes must not hold a job."""

MAX_REDIRECTS = 5

_REDIRECTS = frozenset((301, 302, 303, 307, 308))
_NO_FILE = "the URL leads to other URLs and to no file"
_SIZE_DIGITS = 18  # Python refuses to convert thousands of digits
_PART_BYTES = 1 << 20


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
    check: is called each 0.1 s; an error that it raises ends the download.
    max_s: the seconds for the whole download with its redirects.

    Every address behind the host must be public, also after a redirect, and the connection goes
    to the address that was checked. Raises FetchRefused, FetchFailed, TooLarge; no message names
    the host, which may carry a signature.
    """
    deadline = time.monotonic() + max_s

    def check_time() -> None:
        check()
        if time.monotonic() > deadline:
            raise FetchFailed(f"the URL took over {max_s:g} s")

    run_interruptible(lambda: _download(url, target, max_bytes), check_time)


def check_public(host: str, port: int) -> None:
    """Raises FetchRefused unless every address behind the host is public."""
    from runpod.serverless.utils import rp_ssrf

    try:
        rp_ssrf.resolve_and_validate(host, port)
    except (rp_ssrf.SSRFError, UnicodeError):  # UnicodeError: a label is empty or over 63 long
        raise FetchRefused(
            "give the endpoint URL of a service that is on the internet, and spelt right"
        ) from None


def _download(url: str, target: Path, max_bytes: int) -> None:
    """Follow a URL and its redirects to a file."""
    for _ in range(MAX_REDIRECTS + 1):
        place = _follow(url, target, max_bytes)
        if place is None:
            return
        url = place
    raise FetchFailed(_NO_FILE)


def _follow(url: str, target: Path, max_bytes: int) -> str | None:
    """Write the file behind the URL, or return the URL that it redirects to.

    The body of a redirect or of an error is never read.
    """
    from storage.links import opened

    with ExitStack() as stack:
        with translated():
            response = stack.enter_context(opened(url, TIMEOUT_S))
            if response.status_code in _REDIRECTS:
                place = response.headers.get("Location")
                if not place:
                    raise FetchFailed(_NO_FILE)
                return urljoin(url, place)
        if response.status_code != 200:
            raise FetchFailed(f"the URL answers with status {response.status_code}")
        # A server may declare no size or a wrong one, so the bytes are counted below as well.
        declared = response.headers.get("Content-Length", "")
        if declared.isdecimal() and (len(declared) > _SIZE_DIGITS or int(declared) > max_bytes):
            raise TooLarge(max_bytes)
        _write(_parts(response), target, max_bytes)
    return None


def _parts(response: "Response") -> Iterator[bytes]:
    """The body, decompressed. An OSError of the caller's, between two parts, is not translated."""
    with translated():
        yield from response.iter_content(_PART_BYTES)


def _write(parts: Iterator[bytes], target: Path, max_bytes: int) -> None:
    """Write the parts. Raises TooLarge, and OSError if the file cannot be written."""
    size = 0
    with target.open("wb") as file:
        for part in parts:
            size += len(part)
            if size > max_bytes:
                raise TooLarge(max_bytes)
            file.write(part)


@contextmanager
def translated() -> Iterator[None]:
    """FetchRefused or FetchFailed in place of any error of the libraries that read a URL.

    Each is raised `from None`: the libraries' messages name hosts and whole URLs.
    """
    from http.client import HTTPException

    from urllib3.exceptions import HTTPError

    from storage.links import SSRFError

    try:
        yield
    except SSRFError as error:
        if isinstance(error.__cause__, gaierror):
            raise FetchFailed("the URL's host is not known") from None
        raise FetchRefused(
            "put the file where anyone with the link can get it, for example as a presigned link "
            "of a bucket"
        ) from None
    # The errors of requests, ssl and socket are OSErrors; those of idna are ValueErrors.
    except (OSError, HTTPError, HTTPException, ValueError):
        raise FetchFailed("the URL cannot be reached, broke off or took too long") from None

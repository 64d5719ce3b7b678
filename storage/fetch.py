"""A client's URL into a file: public addresses only, through the SDK's own guard."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

from errors import WorkerError
from storage.base import TooLarge

TIMEOUT_S = 30
"""Without a byte."""
LONGEST_S = 300
"""For a whole file, so that a server which drips bytes does not hold the job."""
_PART_BYTES = 1 << 20


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


def fetch(url: str, target: Path, most_bytes: int) -> None:
    """Download `url` into `target`, at most `most_bytes`, in at most LONGEST_S.

    Every address behind the host must be public, also after a redirect, and the connection goes
    to the address that was checked. Raises FetchRefused, FetchFailed, TooLarge; none names the
    host, which may carry a signature.
    """
    from requests import RequestException
    from runpod.serverless.utils import rp_ssrf

    try:
        with (
            rp_ssrf.safe_get(url, timeout=TIMEOUT_S, max_bytes=most_bytes) as answer,
            _at_most(LONGEST_S, answer.raw.shutdown),
            target.open("wb") as file,
        ):
            if answer.status_code != 200:
                raise FetchFailed(f"the URL answers with status {answer.status_code}")
            for part in rp_ssrf.iter_content_capped(answer, _PART_BYTES, most_bytes):
                file.write(part)
    except rp_ssrf.SSRFError as error:
        if "size cap" in str(error):
            raise TooLarge(most_bytes) from None
        if "could not resolve" in str(error):
            raise FetchFailed("the URL's host is not known") from None
        raise FetchRefused(
            "put the file where anyone with the link can get it, for example as a presigned link "
            "of a bucket"
        ) from None
    except (RequestException, ValueError):
        raise FetchFailed("the URL cannot be reached, broke off or took too long") from None


def check_public(host: str, port: int) -> None:
    """Raise FetchRefused unless every address behind the host is public."""
    from runpod.serverless.utils import rp_ssrf

    try:
        rp_ssrf.resolve_and_validate(host, port)
    except rp_ssrf.SSRFError:
        raise FetchRefused(
            "give the endpoint URL of a service that is on the internet, and spelt right"
        ) from None


@contextmanager
def _at_most(seconds: float, end: Callable[[], None]) -> Iterator[None]:
    """Call `end` from another thread once the body took longer. Raises FetchFailed then."""
    late = threading.Event()

    def leave() -> None:
        late.set()
        end()

    timer = threading.Timer(seconds, leave)
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
    # To the reader a connection that is shut looks like the end of a file without length.
    if late.is_set():
        raise FetchFailed(f"the URL took over {seconds:g} s")

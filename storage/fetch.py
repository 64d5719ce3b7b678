"""A client's URL into a file: public addresses only, through the SDK's own guard."""

import threading
from concurrent.futures import Future, wait
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

from errors import WorkerError
from storage.base import TooLarge

if TYPE_CHECKING:
    from requests import Response

TIMEOUT_S = 30
"""Without a byte."""
LONGEST_S = 300
"""For a whole file and all that leads to it, so that no server which drips bytes holds a job."""
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
    """Download `url` into `target`, at most `most_bytes`, in at most LONGEST_S with all redirects.

    Every address behind the host must be public, also after a redirect, and the connection goes
    to the address that was checked. Raises FetchRefused, FetchFailed, TooLarge; none names the
    host, which may carry a signature.
    """
    download = _Download(url, target, most_bytes)
    # In a thread of its own, since nothing ends the wait for a header that drips in; the thread is
    # left behind then, and is a daemon so that the worker can still exit.
    threading.Thread(target=download.run, name="fetch", daemon=True).start()
    wait([download.done], LONGEST_S)
    if not download.done.done():
        download.leave()
        raise FetchFailed(f"the URL took over {LONGEST_S:g} s")
    download.done.result()


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
    """One download, which can be left; `done` tells how it ended."""

    def __init__(self, url: str, target: Path, most_bytes: int) -> None:
        self.done: Future[None] = Future()
        self._url = url
        self._target = target
        self._most_bytes = most_bytes
        self._is_left = threading.Event()
        self._answers: list[Response] = []

    def run(self) -> None:
        """Download; what goes wrong is raised by `done`, in the thread that waits for it."""
        try:
            self._translated()
            self.done.set_result(None)
        except BaseException as error:  # noqa: BLE001
            self.done.set_exception(error)

    def leave(self) -> None:
        """Have the body end here, now or as soon as there is one."""
        self._is_left.set()
        for answer in self._answers:
            with suppress(OSError, RuntimeError, ValueError):  # it has just ended by itself
                answer.raw.shutdown()

    def _translated(self) -> None:
        from requests import RequestException
        from runpod.serverless.utils import rp_ssrf

        try:
            self._download()
        except rp_ssrf.SSRFError as error:
            if "size cap" in str(error):
                raise TooLarge(self._most_bytes) from None
            if "could not resolve" in str(error):
                raise FetchFailed("the URL's host is not known") from None
            if str(error).startswith(("exceeded maximum redirects", "redirect without")):
                raise FetchFailed("the URL leads to other URLs and to no file") from None
            raise FetchRefused(
                "put the file where anyone with the link can get it, for example as a presigned "
                "link of a bucket"
            ) from None
        except (RequestException, ValueError):
            raise FetchFailed("the URL cannot be reached, broke off or took too long") from None

    def _download(self) -> None:
        from runpod.serverless.utils import rp_ssrf

        most = self._most_bytes
        with rp_ssrf.safe_get(self._url, timeout=TIMEOUT_S, max_bytes=most) as answer:
            self._answers.append(answer)
            if answer.status_code != 200:
                raise FetchFailed(f"the URL answers with status {answer.status_code}")
            if self._is_left.is_set():
                return
            with self._target.open("wb") as file:
                for part in rp_ssrf.iter_content_capped(answer, _PART_BYTES, most):
                    file.write(part)

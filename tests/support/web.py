"""A web server on loopback that plays a client's host: it serves files, or attacks the worker."""

import gzip
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.support.threads import serve_in_thread

ALLOW_PRIVATE = "RUNPOD_ALLOW_PRIVATE_DOWNLOAD_URLS"
"""The SDK's switch: with it, a worker fetches from loopback. The SDK reads it for every URL."""


class Web(SimpleHTTPRequestHandler):
    """Serves the files of a folder, and special answers below the path /!/.

    bytes/<n>: n bytes
    endless/: 9 MB without a Content-Length
    cut/<n>: a Content-Length of n, and half of the bytes
    lie/<n>: a Content-Length of n, and no bytes
    bomb/<n>: n zeros, compressed with gzip
    drip/<n>: n bytes, one every 50 ms
    drip-header/<n>: the same inside a header
    to/<url>: a redirect to the URL
    loop/: a redirect to itself
    nowhere/: a redirect without a Location
    status/<n>: the HTTP status n
    """

    def __init__(self, *arguments: Any, on_request: Callable[[str], None], directory: str) -> None:
        self.on_request = on_request
        super().__init__(*arguments, directory=directory)

    def do_GET(self) -> None:
        self.on_request(self.path)
        if not self.path.startswith("/!/"):
            super().do_GET()
            return
        kind, _, rest = self.path[3:].partition("/")
        number = int(rest) if rest.isdigit() else 0
        redirects = {"to": 302, "loop": 302, "nowhere": 302}
        self.send_response({**redirects, "status": number}.get(kind, 200))
        if kind == "loop":
            self.send_header("Location", self.path)
        if kind == "to":
            self.send_header("Location", unquote(rest))
        if kind in ("bytes", "cut", "lie"):
            self.send_header("Content-Length", rest)
        if kind == "bomb":
            self.send_header("Content-Encoding", "gzip")
        with suppress(OSError):  # the client has closed the connection
            if kind == "drip-header":
                self.flush_headers()
                self.wfile.write(b"X-Slow: ")
                self.drip(number)
            self.end_headers()
            self.wfile.write(self.body(kind, number))
            if kind == "drip":
                self.drip(number)

    def drip(self, number: int) -> None:
        for _ in range(number):
            time.sleep(0.05)
            self.wfile.write(b"x")

    def body(self, kind: str, number: int) -> bytes:
        if kind == "bomb":
            return gzip.compress(bytes(number))
        return b"x" * {"bytes": number, "cut": number // 2, "endless": 9_000_000}.get(kind, 0)

    def log_message(self, format: str, *arguments: object) -> None:
        pass


def refuse_private_targets(path: str) -> None:
    """Switch the SDK's guard on when a redirect is requested, before the redirect is answered.

    It is for `serving(on_request=...)`. The tests have no public host, so ALLOW_PRIVATE must let
    the first request through. The target of the redirect then meets the guard as in production.
    """
    if path.startswith("/!/to/"):
        os.environ.pop(ALLOW_PRIVATE, None)


@contextmanager
def serving(
    folder: Path, host: str = "127.0.0.1", on_request: Callable[[str], None] = lambda path: None
) -> Iterator[str]:
    """Serve the files of a folder while the body runs; yields the server's URL.

    `on_request` gets the path of each request before the server answers it.
    """
    handler = partial(Web, on_request=on_request, directory=str(folder))
    server = ThreadingHTTPServer((host, 0), handler)
    with serve_in_thread(server):
        yield f"http://{host}:{server.server_port}"

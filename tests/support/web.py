"""A web server on loopback, as the client's own host in tests: files, and hosts that mean harm."""

import gzip
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from tests.support.threads import serve_in_thread


class Web(SimpleHTTPRequestHandler):
    """The files of a folder, and below /!/ what no file does.

    bytes/<n>: n bytes; endless/: no length; cut/<n>: half of the n bytes it promises; lie/<n>: a
    length of n and nothing else; bomb/<n>: n zeros in gzip; drip/<n>: a byte every 50 ms, n in all;
    drip-header/<n>: the same in a header; to/<url>: a redirect; loop/: one to itself; nowhere/: one
    without a place; status/<n>: that status.
    """

    def __init__(self, *arguments: Any, asked: threading.Event, directory: str) -> None:
        self.asked = asked
        super().__init__(*arguments, directory=directory)

    def do_GET(self) -> None:
        self.asked.set()
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
        with suppress(OSError):  # the client had enough
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


@contextmanager
def serving(
    folder: Path, host: str = "127.0.0.1", asked: threading.Event | None = None
) -> Iterator[str]:
    """Serve the files of a folder while the body runs; the server's URL.

    `asked` is set once a file is asked for.
    """
    handler = partial(Web, asked=asked or threading.Event(), directory=str(folder))
    server = ThreadingHTTPServer((host, 0), handler)
    with serve_in_thread(server):
        yield f"http://{host}:{server.server_port}"

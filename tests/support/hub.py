"""A small Hugging Face hub on loopback: listings, ranges, and faults when told to."""

import hashlib
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.threads import serve_in_thread

COMMIT = "c0ffee" * 6 + "beef"
LARGE = 1_000_000


class Hub:
    """Repositories as {name: {file: bytes}}; a file above LARGE bytes is what git calls LFS.

    `faults` maps a file to `cut` (the connection breaks once, half-way), `hang` (half of it, then
    nothing until the hub closes) or `wrong` (other bytes than its hash says). `ranges` are the
    Range headers of the requests for files, `requests` counts everything.
    """

    def __init__(self, repositories: Mapping[str, Mapping[str, bytes]]) -> None:
        self.repositories = repositories
        self.faults: dict[str, str] = {}
        self.ranges: list[tuple[str, str | None]] = []
        self.requests = 0
        self.closing = threading.Event()
        hub = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                hub.answer(self)

            do_HEAD = do_GET

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """One request: a repository's listing, or a file of it."""
        self.requests += 1
        path = request.path.partition("?")[0].strip("/")
        if path.startswith("api/models/"):
            name = "/".join(path.split("/")[2:4])
            data = json.dumps(self.listing(name)).encode()
            self.send(request, 200, {"Content-Type": "application/json"}, data)
            return
        name, _, file = path.partition("/resolve/main/")
        if not file:  # a plain file of another server
            name, _, file = path.partition("/")
        data = self.repositories[name][file]
        _, digest = described(data)
        headers = {"ETag": f'"{digest}"', "X-Repo-Commit": COMMIT}
        if request.command == "HEAD":
            self.send(request, 200, headers | {"Content-Length": str(len(data))}, b"")
            return
        asked = request.headers.get("Range")
        self.ranges.append((file, asked))
        first = int(asked.removeprefix("bytes=").split("-")[0]) if asked else 0
        self.send_file(request, file, data, first, headers)

    def send_file(
        self,
        request: BaseHTTPRequestHandler,
        file: str,
        data: bytes,
        first: int,
        headers: Mapping[str, str],
    ) -> None:
        """A file from its byte `first` on, with the fault that is set."""
        fault = self.faults.get(file)
        if fault == "wrong":
            data = bytes(len(data))
        if first >= len(data):
            self.send(request, 416, {"Content-Length": "0"}, b"")
            return
        rest = data[first:]
        length = {"Content-Length": str(len(rest))}
        if first:
            length["Content-Range"] = f"bytes {first}-{len(data) - 1}/{len(data)}"
        if fault == "no length":
            del length["Content-Length"]
        sent = rest[: len(rest) * 2 // 3] if fault in ("cut", "hang") else rest
        if fault == "cut":
            del self.faults[file]
        self.send(request, 206 if first else 200, {**headers, **length}, sent)
        if fault == "hang":
            self.closing.wait(120)

    def send(
        self, request: BaseHTTPRequestHandler, status: int, headers: Mapping[str, str], data: bytes
    ) -> None:
        """Headers and bytes."""
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(data)
        request.wfile.flush()

    def listing(self, name: str) -> dict[str, object]:
        """What the hub says of a repository when it is asked for sizes and hashes."""
        siblings: list[dict[str, object]] = []
        for file, data in self.repositories[name].items():
            kind, digest = described(data)
            sibling = {"rfilename": file, "size": len(data), "blobId": digest}
            if kind == "lfs":
                sibling["lfs"] = {"sha256": digest, "size": len(data), "pointerSize": 130}
            siblings.append(sibling)
        return {"id": name, "sha": COMMIT, "siblings": siblings}

    @contextmanager
    def running(self) -> Iterator["Hub"]:
        """Serve while the body runs."""
        with serve_in_thread(self._server):
            try:
                yield self
            finally:
                self.closing.set()


def described(data: bytes) -> tuple[str, str]:
    """How the hub keeps a file, and the hash it gives for it."""
    if len(data) > LARGE:
        return "lfs", hashlib.sha256(data).hexdigest()
    header = f"blob {len(data)}\0".encode()
    return "git", hashlib.sha1(header + data, usedforsecurity=False).hexdigest()

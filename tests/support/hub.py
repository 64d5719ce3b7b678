"""A small Hugging Face hub on loopback: file lists, byte ranges, and faults that a test sets."""

import hashlib
import json
import threading
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.threads import serve_in_thread

COMMIT = "c0ffee" * 6 + "beef"
LARGE = 1_000_000


class Hub:
    """Serves repositories, {name: {file: bytes}}; a file above LARGE bytes counts as Git LFS.

    faults: maps a file to `cut` (the connection breaks once, after two thirds), `hang` (two thirds,
        then nothing until the hub closes), `wrong` (bytes that do not match the hash) or
        `no length` (no Content-Length).
    ranges: the file and the Range header of each request for a file.
    requests: the number of all requests.
    unknown: revisions that the hub does not have. It has every other one, with the same files.
    """

    def __init__(self, repositories: Mapping[str, Mapping[str, bytes]]) -> None:
        self.repositories = repositories
        self.faults: dict[str, str] = {}
        self.ranges: list[tuple[str, str | None]] = []
        self.requests = 0
        self.unknown: set[str] = set()
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
        """Answer one request: for a repository's file list, or for one file."""
        self.requests += 1
        path = urllib.parse.unquote(request.path.partition("?")[0].strip("/"))
        if path.startswith("api/models/"):
            name = "/".join(path.split("/")[2:4])
            revision = path.partition("/revision/")[2] or "main"
            if revision in self.unknown:
                self.send(request, 404, {"X-Error-Code": "RevisionNotFound"}, b"")
                return
            data = json.dumps(self.listing(name) | {"sha": commit_of(revision)}).encode()
            self.send(request, 200, {"Content-Type": "application/json"}, data)
            return
        name, _, rest = path.partition("/resolve/")
        revision, _, file = rest.partition("/")
        if not file:  # a plain file of another server
            name, _, file = path.partition("/")
        data = self.repositories[name][file]
        _, digest = kind_and_hash(data)
        headers = {"ETag": f'"{digest}"', "X-Repo-Commit": commit_of(revision)}
        if request.command == "HEAD":
            self.send(request, 200, headers | {"Content-Length": str(len(data))}, b"")
            return
        byte_range = request.headers.get("Range")
        self.ranges.append((file, byte_range))
        first = int(byte_range.removeprefix("bytes=").split("-")[0]) if byte_range else 0
        self.send_file(request, file, data, first, headers)

    def send_file(
        self,
        request: BaseHTTPRequestHandler,
        file: str,
        data: bytes,
        first: int,
        headers: Mapping[str, str],
    ) -> None:
        """Send a file from its byte `first` on, with the file's fault if there is one."""
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
        """The hub's answer to a request for a repository's files with sizes and hashes."""
        siblings: list[dict[str, object]] = []
        for file, data in self.repositories[name].items():
            kind, digest = kind_and_hash(data)
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


def commit_of(revision: str) -> str:
    """The commit of a revision: its own, or COMMIT for a branch."""
    return revision if len(revision) == len(COMMIT) else COMMIT


def kind_and_hash(data: bytes) -> tuple[str, str]:
    """How the hub stores a file, `lfs` or `git`, and the hash that it reports for the file."""
    if len(data) > LARGE:
        return "lfs", hashlib.sha256(data).hexdigest()
    header = f"blob {len(data)}\0".encode()
    return "git", hashlib.sha1(header + data, usedforsecurity=False).hexdigest()

"""A package index on loopback with tiny wheels, and with faults that a test sets."""

import base64
import hashlib
import io
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.threads import serve_in_thread


def wheel(name: str, files: Mapping[str, str | bytes]) -> bytes:
    """A pure Python wheel of version 1.0 with these files."""
    info = f"{name}-1.0.dist-info"
    every = {path: text.encode() if isinstance(text, str) else text for path, text in files.items()}
    every[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n".encode()
    every[f"{info}/WHEEL"] = b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    rows = []
    for path, data in every.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        rows.append(f"{path},sha256={digest},{len(data)}")
    every[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,\n"]).encode()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in every.items():
            archive.writestr(zipfile.ZipInfo(path, (2026, 1, 1, 0, 0, 0)), data)
    return packed.getvalue()


class Index:
    """Serves wheels by name; the page `<url>/<name>/` lists the one file of a wheel.

    faults: maps a wheel's name to what a request for its file gets: `500`, `hang` (no answer until
        the index closes), `other` (bytes that do not match the hash), or a number of seconds to
        wait before the file.
    request_counts: the number of requests for each wheel's file.
    """

    def __init__(self, wheels: Mapping[str, bytes]) -> None:
        self.wheels = dict(wheels)
        self.faults: dict[str, str | float] = {}
        self.request_counts: dict[str, int] = {}
        self.closing = threading.Event()
        index = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                index.answer(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/simple"

    def lock(self, *names: str) -> str:
        """A lock file's text with the hashes of these wheels."""
        hashes = {name: hashlib.sha256(self.wheels[name]).hexdigest() for name in names}
        return "".join(f"{name}==1.0 --hash=sha256:{digest}\n" for name, digest in hashes.items())

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Answer one request."""
        name = request.path.strip("/").split("/")[-1].split("-")[0]
        if name not in self.wheels:
            request.send_error(404)
            return
        if not request.path.endswith(".whl"):
            digest = hashlib.sha256(self.wheels[name]).hexdigest()
            file = f"{name}-1.0-py3-none-any.whl"
            page = f'<a href="/files/{file}#sha256={digest}">{file}</a>'
            self.send(request, page.encode(), "text/html")
            return
        self.request_counts[name] = self.request_counts.get(name, 0) + 1
        fault = self.faults.get(name)
        if fault == "500":
            request.send_error(500)
        elif fault == "hang":
            self.closing.wait(60)
        elif fault == "other":
            self.send(request, wheel(name, {f"{name}.py": "other = True\n"}))
        else:
            if isinstance(fault, float):
                time.sleep(fault)
            self.send(request, self.wheels[name])

    def send(
        self, request: BaseHTTPRequestHandler, data: bytes, kind: str = "application/zip"
    ) -> None:
        """Send one complete answer."""
        request.send_response(200)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    @contextmanager
    def running(self) -> Iterator["Index"]:
        """Serve while the body runs."""
        with serve_in_thread(self._server):
            try:
                yield self
            finally:
                self.closing.set()

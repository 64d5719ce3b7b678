"""A server that answers every request alike: it plays S3 services that the tests cannot run."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.support.threads import serve_in_thread


class Canned(BaseHTTPRequestHandler):
    """Answers with the server's `canned` (status, body), or `canned_link` for a signed link."""

    server: "CannedServer"
    protocol_version = "HTTP/1.1"  # else a PUT waits a second for its "100 Continue"

    def answer(self) -> None:
        self.rfile.read(int(self.headers.get("content-length", 0)))
        self.server.request_count += 1
        signed = "X-Amz-Signature=" in self.path
        status, body = (signed and self.server.canned_link) or self.server.canned
        if self.command == "HEAD" or (self.command != "GET" and status == 200):
            body = b""
        self.send_response(status)
        self.close_connection = bool(self.server.cut)
        self.send_header("content-length", str(len(body) + self.server.cut))
        self.send_header("etag", '"0"')
        self.end_headers()
        with suppress(OSError):  # the client has closed the connection
            for byte in body if self.server.pause_s else ():
                self.wfile.write(bytes([byte]))
                time.sleep(self.server.pause_s)
            self.wfile.write(b"" if self.server.pause_s else body)

    do_GET = do_PUT = do_HEAD = do_DELETE = answer

    def log_message(self, format: str, *args: object) -> None:
        """Tests print nothing."""


class CannedServer(ThreadingHTTPServer):
    canned: tuple[int, bytes] = (200, b"")
    canned_link: tuple[int, bytes] | None = None
    cut = 0  # bytes that Content-Length promises and that the server does not send
    pause_s = 0.0  # pause after each byte of a body
    request_count = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


def s3_error(code: str, message: str = "") -> bytes:
    """The XML body of an S3 error."""
    return f"<Error><Code>{code}</Code><Message>{message}</Message></Error>".encode()


@contextmanager
def canned_server() -> Iterator[CannedServer]:
    """Run the server on loopback while the body runs."""
    server = CannedServer(("127.0.0.1", 0), Canned)
    with serve_in_thread(server):
        yield server

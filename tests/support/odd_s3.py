"""A server on loopback that answers with any bytes: an S3 service or a web server gone wrong.

`odd_server()` runs it. Its `answer` is a function of the request that returns the whole response as
bytes, status line and headers included, or an iterator of their parts; the connection is closed
after them. `response()` writes a proper response. ODD_ANSWERS has answers that no S3 service gives:
each must become an error of the store, or a file that is missing, and never an internal error.
"""

import socketserver
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from types import MappingProxyType
from typing import NamedTuple

from tests.support.threads import serve_in_thread

LISTED = b"<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"
NO_HEADERS: Mapping[str, object] = MappingProxyType({})
ETAG = {"ETag": '"0"'}


class Request(NamedTuple):
    """A request as the server got it. `path` has the query; header names are in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


Answer = bytes | Iterable[bytes]


def response(status: int, body: bytes = b"", headers: Mapping[str, object] = NO_HEADERS) -> bytes:
    """A response that ends the connection, with these headers besides its length."""
    given = {"Content-Length": len(body), "Connection": "close", **headers}
    lines = [f"HTTP/1.1 {status} Odd", *(f"{name}: {value}" for name, value in given.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body


class OddServer(socketserver.ThreadingTCPServer):
    """Answers each request with `answer`, and keeps the requests in `seen`."""

    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, answer: Callable[[Request], Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer = answer
        self.interim = b"HTTP/1.1 100 Continue\r\n\r\n"
        """The answer to "Expect: 100-continue"; if it lacks its empty line, nothing follows it."""
        self.seen: list[Request] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(socketserver.StreamRequestHandler):
    server: OddServer

    def handle(self) -> None:
        with suppress(OSError):  # the client has closed the connection
            method, path, _ = self.rfile.readline().decode("latin-1").split(" ", 2)
            headers = {}
            while line := self.rfile.readline().decode("latin-1").strip():
                name, _, value = line.partition(":")
                headers[name.lower()] = value.strip()
            if "expect" in headers:
                self.wfile.write(self.server.interim)
                if not self.server.interim.endswith(b"\r\n\r\n"):
                    return
            body = self.rfile.read(int(headers.get("content-length", 0)))
            request = Request(method, path, headers, body)
            self.server.seen.append(request)
            answer = self.server.answer(request)
            for part in [answer] if isinstance(answer, bytes) else answer:
                self.wfile.write(part)


@contextmanager
def odd_server(
    answer: Callable[[Request], Answer] = lambda _: response(200),
) -> Iterator[OddServer]:
    """Run the server while the body runs."""
    with OddServer(answer) as server, serve_in_thread(server):
        yield server


def _error(status: int, code: str) -> bytes:
    return response(status, f"<Error><Code>{code}</Code></Error>".encode())


_HEAD = {"ETag": '"0"', "Last-Modified": "Fri, 27 Nov 2026 10:00:00 GMT"}
CHUNKED = {"Transfer-Encoding": "chunked"}
_DEEP = b"<a>" * 2_000 + b"</a>" * 2_000

ODD_ANSWERS: dict[str, bytes] = {
    "nothing": b"",
    "no status line": b"hello\r\n\r\n",
    "half a status line": b"HTTP/1.1 2",
    "a status of letters": b"HTTP/1.1 abc OK\r\n\r\n",
    "a status of six digits": b"HTTP/1.1 999999 OK\r\n\r\n",
    "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n",
    "TLS": b"\x16\x03\x01\x00\x05abcde",
    "NUL bytes": bytes(1000),
    "a status line of 100 KB": b"HTTP/1.1 200 " + b"a" * 100_000 + b"\r\n\r\n",
    "a header of 100 KB": response(200, b"", ETAG | {"X-Long": "a" * 100_000}),
    "1000 headers": response(200, b"", ETAG | {f"X-{n}": str(n) for n in range(1000)}),
    "headers without a colon": b"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n",
    "headers in bytes over 127": b"HTTP/1.1 200 OK\r\nX-\xff: \xff\r\nETag: \xff\r\n\r\n",
    "a length of letters": response(200, b"x", ETAG | {"Content-Length": "many"}),
    "a negative length": response(200, b"x", ETAG | {"Content-Length": "-5"}),
    "a length of 5000 digits": response(200, b"x", ETAG | {"Content-Length": "9" * 5000}),
    "a length too many": response(200, b"x", ETAG | {"Content-Length": "100"}),
    "no length and no end": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nx",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 5\r\n\r\nx",
    "chunks of no hexadecimal size": response(200, b"zz\r\nx\r\n", ETAG | CHUNKED),
    "chunks without end": response(200, b"5\r\nab", ETAG | CHUNKED),
    "a negative chunk": response(200, b"-5\r\nabcde\r\n0\r\n\r\n", ETAG | CHUNKED),
    "a 404 that breaks off": response(404, b"<Error>", {"Content-Length": 500}),
    "a 404 whose chunks break off": response(404, b"fff\r\n<Er", CHUNKED),
    "a 404 without a body": response(404),
    "a 404 as a web page": response(404, b"<html><body>Not here</body></html>"),
    "XML 2000 deep": response(200, _DEEP, ETAG),
    "an error 2000 deep": response(400, _DEEP),
    "XML that breaks off": response(200, b"<ListBucketResult><Contents>", ETAG),
    "XML with entities": response(
        200, b'<!DOCTYPE a [<!ENTITY b "bb"><!ENTITY c "&b;&b;">]><a>&c;</a>', ETAG
    ),
    "another encoding": response(200, '<?xml version="1.0"?><ä/>'.encode("utf-16"), ETAG),
    "a web page": response(
        200, b"<html><body>Welcome</body></html>", {"Content-Type": "text/html"}
    ),
    "JSON": response(200, b'{"error": "no"}', {"Content-Type": "application/json"}),
    "gzip that is none": response(200, b"hello", ETAG | {"Content-Encoding": "gzip"}),
    "a bad date": response(200, b"x", ETAG | {"Last-Modified": "yesterday"}),
    "a date of the year 99999": response(
        200, b"x", ETAG | {"Last-Modified": "Fri, 27 Nov 99999 10:00:00 GMT"}
    ),
    "a date of an unknown zone": response(
        200, b"x", ETAG | {"Last-Modified": "Fri, 27 Nov 2026 10:00:00 GM"}
    ),
    "an empty date": response(200, b"x", ETAG | {"Last-Modified": ""}),
    "missing-meta of letters": response(200, b"x", _HEAD | {"x-amz-missing-meta": "abc"}),
    "a parts-count of letters": response(200, b"x", _HEAD | {"x-amz-mp-parts-count": "abc"}),
    "an expiry of letters": response(200, b"x", _HEAD | {"Expires": "never"}),
    "a listed size of letters": response(
        200,
        b"<ListBucketResult><Contents><Key>a</Key><Size>big</Size></Contents></ListBucketResult>",
    ),
    "a listed date of letters": response(
        200,
        b"<ListBucketResult><Contents><Key>a</Key><LastModified>"
        b"x</LastModified></Contents></ListBucketResult>",
    ),
    "a list inside a list": response(
        200,
        b"<ListBucketResult><Contents><Contents><Key/></Contents>"
        b"</Contents><Contents/></ListBucketResult>",
    ),
    "two of what is one": response(
        200,
        b"<ListBucketResult><IsTruncated>a</IsTruncated><IsTruncated>"
        b"b</IsTruncated><Name/><Name/></ListBucketResult>",
    ),
    "a page that goes on without a token": response(
        200, b"<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"
    ),
    "the same page for ever": response(
        200,
        b"<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t"
        b"</NextContinuationToken></ListBucketResult>",
    ),
    "an error code of markup": _error(400, "<b>x</b>"),
    "an error without a code": response(400, b"<Error></Error>"),
    "two error codes": response(400, b"<Error><Code>A</Code><Code>B</Code></Error>"),
    "an error with 200": _error(200, "InternalError"),
    "status 100 alone": b"HTTP/1.1 100 Continue\r\n\r\n",
    "status 204": response(204),
    "status 206": response(206, b"x", ETAG),
    "status 304": response(304),
    "status 407": response(407),
    "status 416": _error(416, "InvalidRange"),
    "status 499": response(499),
    "status 600": response(600),
    "a redirect to itself": response(307, b"", {"Location": "/"}),
    "a redirect to a file": response(301, b"", {"Location": "file:///etc/passwd"}),
    "a redirect of a region": response(301, b"", {"x-amz-bucket-region": "x\u00e4"}),
}
"""Responses by name. Each is whole, and small enough to be sent thousands of times."""

"""botocore's connections to a bucket: answers of bounded size, and no wait without an end.

A bucket that a client chose is reached at public addresses only, and for a limited time.

What this file sets or replaces of botocore and urllib3 (`_manager`, `_content`, `_new_conn`,
`_handle_expect_response` and the attributes that it sets, `context["read_timeout"]`) is that of
botocore 1.44 and urllib3 2.8.
"""

import socket
import threading
import weakref
from collections.abc import Callable, Mapping
from functools import partial
from socket import SocketIO
from typing import Any

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPResponse,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
    AWSResponse,
)
from botocore.exceptions import ResponseStreamingError
from botocore.httpsession import URLLib3Session
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError, ProtocolError

from storage.fetch import FetchRefused, check_public
from storage.sockets import WatchedConnection, shut_down

MIN_BYTES_PER_S = 50_000
"""An upload may be this slow: the wait for its answer grows with its size."""

_MAX_LIST_BYTES = 4_000_000
"""More than a page of a list has: 1000 keys."""

_MAX_ANSWER_BYTES = 64_000
"""More than any other response of S3 that is no object. Parsing one holds the GIL all the while."""

_MAX_LINE_BYTES = 1 << 16
_MAX_LINES = 100


class StoreSession(URLLib3Session):
    """Sends a store's requests.

    read_timeout_s: the seconds to wait for each part of an answer.
    max_answer_s: the seconds after which a connection is shut down, beside those that the upload of
        the request may take; None for no limit.
    public_only: whether connections go to public addresses only. `options` names no proxies then.
    options: those of URLLib3Session.
    """

    _manager: Any
    _pool_classes_by_scheme: Any

    def __init__(
        self,
        *,
        connect_timeout_s: float,
        read_timeout_s: float,
        max_answer_s: float | None,
        public_only: bool,
        **options: Any,
    ) -> None:
        timeout: Any = (connect_timeout_s, read_timeout_s)  # the stubs know numbers alone
        super().__init__(timeout=timeout, **options)
        self._read_timeout_s = read_timeout_s
        self._of_thread = threading.local()
        options = {"max_answer_s": max_answer_s, "public_only": public_only}
        self._pool_classes_by_scheme = {
            "http": partial(_pool, AWSHTTPConnectionPool, partial(_Connection, **options)),
            "https": partial(_pool, AWSHTTPSConnectionPool, partial(_TlsConnection, **options)),
        }
        self._manager.pool_classes_by_scheme = self._pool_classes_by_scheme

    def answer(self, request: Any, **_: object) -> AWSResponse:
        """Send a request, as a handler of botocore's event `before-send`; botocore uses the result.

        request: an AWSPreparedRequest; the stubs lack its `context`.

        The body of an object stays unread; its reader limits its size. Of a list at most
        _MAX_LIST_BYTES are read, of any other response _MAX_ANSWER_BYTES. Raises
        ResponseParserError if there are more, and botocore's own errors, which botocore repeats.
        """
        # Always streamed, so that botocore does not read a body of any size into memory.
        is_object, request.stream_output = request.stream_output, True
        # A link may have taken the whole body into its buffers: the answer comes when it is sent.
        request.context["read_timeout"] = self._read_timeout_s + _upload_s(request.headers)
        response: Any = self.send(request)
        is_unread = is_object and response.status_code == 200
        self._of_thread.unread = response.raw if is_unread else None
        if not is_unread:
            is_list = request.method == "GET" and response.status_code == 200
            try:
                limit = _MAX_LIST_BYTES if is_list else _MAX_ANSWER_BYTES
                response._content = response.raw.read(limit)
                is_whole = not response.raw.read(1)
                if is_whole and response.raw.length_remaining:
                    raise ProtocolError("the answer breaks off")
            except HTTPError as error:
                response.raw.close()
                raise ResponseStreamingError(error=error) from None
            if not is_whole:
                response.raw.close()
                raise ResponseParserError("an answer without end")
        answer: AWSResponse = response
        return answer

    def close_unread(self) -> None:
        """Close the connection of this thread's last answer, if that was an object."""
        unread = getattr(self._of_thread, "unread", None)
        if unread is not None:
            unread.close()


class _BoundedConnection(WatchedConnection):
    """A connection that reads lines of bounded length, and ends in time."""

    port: int
    sock: Any
    send: Any
    _response_received: bool
    response_class: Any

    def __init__(
        self, *arguments: Any, max_answer_s: float | None, public_only: bool, **options: Any
    ) -> None:
        super().__init__(*arguments, **options)
        self._public_only = public_only
        self._max_answer_s = max_answer_s
        self._limit_s = max_answer_s
        self._stop_timer: Any = None

    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        if self._public_only:
            try:
                # The socket's own address, because the name may resolve to another one by now.
                check_public(connected.getpeername()[0], self.port)
            except FetchRefused:
                connected.close()
                raise
        return connected

    def connect(self) -> None:
        super().connect()
        self._restart_timer()

    def request(
        self,
        method: str,
        url: str,
        body: Any = None,
        headers: Mapping[str, Any] | None = None,
        *arguments: Any,
        **options: Any,
    ) -> None:
        if self._max_answer_s is not None:
            self._limit_s = self._max_answer_s + _upload_s(headers or {})
            if self.sock is not None:  # the connection has answered another request before
                self._restart_timer()
        super().request(method, url, body, headers, *arguments, **options)

    def _handle_expect_response(self, message_body: Any) -> None:
        """Read what the server answers to `Expect: 100-continue`.

        botocore's own method reads lines of any length, and never ends if the connection does.
        """
        with self.sock.makefile("rb", 0) as stream:
            status = _read_line(stream)
            version, _, rest = status.decode("latin-1").strip().partition(" ")
            code, _, reason = rest.partition(" ")
            if code == "100":
                _skip_headers(stream)
                if message_body is not None:
                    self.send(message_body)
            elif version.startswith("HTTP/") and code.isdecimal():
                # A final answer: the body is not sent. The rest of it is read as any answer.
                line = (version, int(code), reason)
                self.response_class = partial(AWSHTTPResponse, status_tuple=line)
                self._response_received = True
            else:
                raise ConnectionError("no status line")

    def _restart_timer(self) -> None:
        """Shut the connection down when its time is over.

        Otherwise a server that drips bytes would hold a job, and its thread, forever.
        """
        if self._stop_timer is not None:
            self._stop_timer()
        if self._limit_s is None:
            return
        # The timer holds the socket and not the connection: a response with `Connection: close`
        # takes the socket over, and is still read from it when the connection is gone.
        timer = threading.Timer(self._limit_s, _shut_down_weakly, (weakref.ref(self.sock),))
        timer.daemon = True
        timer.start()
        # A timer keeps its thread until it is cancelled; at exit the daemon thread ends by itself.
        self._stop_timer = weakref.finalize(self.sock, timer.cancel)
        self._stop_timer.atexit = False


class _Connection(_BoundedConnection, AWSHTTPConnection):  # type: ignore[misc]
    pass


class _TlsConnection(_BoundedConnection, AWSHTTPSConnection):  # type: ignore[misc]
    pass


def _pool(pool: Callable[..., Any], connection: Any, *arguments: Any, **options: Any) -> Any:
    """A pool of such connections, as a PoolManager makes one."""
    made = pool(*arguments, **options)
    made.ConnectionCls = connection
    return made


def _upload_s(headers: Mapping[str, Any]) -> float:
    """The seconds that the body of a request may take."""
    return int(headers.get("Content-Length") or 0) / MIN_BYTES_PER_S


def _read_line(stream: SocketIO) -> bytes:
    """One line with its end. Raises ConnectionError if it has none."""
    line = stream.readline(_MAX_LINE_BYTES)
    if not line.endswith(b"\n"):
        raise ConnectionError("a line without end")
    return line


def _skip_headers(stream: SocketIO) -> None:
    for _ in range(_MAX_LINES):
        if not _read_line(stream).strip():
            return
    raise ConnectionError("headers without end")


def _shut_down_weakly(reference: "weakref.ref[socket.socket]") -> None:
    if (connected := reference()) is not None:
        shut_down(connected)

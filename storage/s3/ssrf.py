"""botocore's connections to a bucket that a client chose: to public addresses, for a limited time.

The private attributes of botocore and urllib3 that this file sets or replaces (`_manager`,
`_content`, `_new_conn`) are those of botocore 1.44 and urllib3 2.8.
"""

import socket
import threading
import weakref
from contextlib import suppress
from functools import partial
from typing import Any

from botocore.awsrequest import (
    AWSHTTPConnection,
    AWSHTTPConnectionPool,
    AWSHTTPSConnection,
    AWSHTTPSConnectionPool,
    AWSPreparedRequest,
    AWSResponse,
)
from botocore.httpsession import URLLib3Session
from botocore.parsers import ResponseParserError

from storage.fetch import FetchRefused, check_public

_MAX_ANSWER_BYTES = 4_000_000
"""More than any response of S3 that is not an object: a page of a list has 1000 keys."""


class _PublicOnlyConnection:
    """A connection that refuses a private address and is shut down after `max_answer_s` seconds.

    It checks the address that the socket is connected to: between a check of the name and the
    connection the name may resolve to another one. Without the limit a server that drips bytes
    would hold a job, and its thread, forever.
    """

    port: int
    sock: socket.socket

    def __init__(self, *arguments: Any, max_answer_s: float, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._max_answer_s = max_answer_s

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        # The timer holds the socket and not the connection: a response with `Connection: close`
        # takes the socket over, and is still read from it when the connection is gone.
        timer = threading.Timer(self._max_answer_s, _shut_down, (weakref.ref(self.sock),))
        timer.daemon = True
        timer.start()
        # A timer keeps its thread until it is cancelled; at exit the daemon thread ends by itself.
        weakref.finalize(self.sock, timer.cancel).atexit = False

    def _new_conn(self) -> socket.socket:
        connection: socket.socket = super()._new_conn()  # type: ignore[misc]
        try:
            check_public(connection.getpeername()[0], self.port)
        except FetchRefused:
            connection.close()
            raise
        return connection


def _shut_down(reference: "weakref.ref[socket.socket]") -> None:
    """Shut the socket down so that a blocked read of another thread returns EOF."""
    if (connected := reference()) is not None:
        # Not SSLSocket.shutdown: it drops the TLS state that the other thread is reading with.
        with suppress(OSError):  # the connection has ended already
            socket.socket.shutdown(connected, socket.SHUT_RDWR)


class _Connection(_PublicOnlyConnection, AWSHTTPConnection):  # type: ignore[misc]
    pass


class _TlsConnection(_PublicOnlyConnection, AWSHTTPSConnection):  # type: ignore[misc]
    pass


class _Pool(AWSHTTPConnectionPool):
    def __init__(self, *arguments: Any, max_answer_s: float, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.ConnectionCls = partial(_Connection, max_answer_s=max_answer_s)  # type: ignore[assignment]


class _TlsPool(AWSHTTPSConnectionPool):
    def __init__(self, *arguments: Any, max_answer_s: float, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.ConnectionCls = partial(_TlsConnection, max_answer_s=max_answer_s)  # type: ignore[assignment]


class PublicSession(URLLib3Session):
    """Sends requests to public addresses only, and never through a proxy.

    max_answer_s: the seconds after which a connection is shut down.
    options: those of URLLib3Session.
    """

    _manager: Any

    def __init__(self, max_answer_s: float, **options: Any) -> None:
        super().__init__(**options)
        self._manager.pool_classes_by_scheme = {
            "http": partial(_Pool, max_answer_s=max_answer_s),
            "https": partial(_TlsPool, max_answer_s=max_answer_s),
        }

    def answer(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        """Send a request, as a handler of botocore's event `before-send`; botocore uses the result.

        The body of an object stays unread; its reader limits its size. Of any other response at
        most _MAX_ANSWER_BYTES are read. Raises ResponseParserError if there are more.
        """
        # Always streamed, so that botocore does not read a body of any size into memory.
        is_object, request.stream_output = request.stream_output, True
        response: Any = self.send(request)
        if not (is_object and response.status_code == 200):
            response._content = response.raw.read(_MAX_ANSWER_BYTES)
            if response.raw.read(1):
                response.raw.close()
                raise ResponseParserError("an answer without end")
        answer: AWSResponse = response
        return answer

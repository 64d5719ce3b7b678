"""botocore's connections for a bucket that a client chose: to public addresses only, and for
MAX_FETCH_S at most."""

import socket
import threading
import weakref
from contextlib import suppress
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

from storage.fetch import MAX_FETCH_S, FetchRefused, check_public

_MAX_ANSWER_BYTES = 4_000_000
"""Above every answer of S3 but an object: a page of a list has 1000 keys."""


class _PublicOnlyConnection:
    """A connection that looks where it has come to, whatever the name resolved to by then.

    It ends after MAX_FETCH_S: a server that drips bytes would hold a job, and its thread, for
    ever.
    """

    port: int
    sock: socket.socket

    def connect(self) -> None:
        super().connect()  # type: ignore[misc]
        # Of the socket: an answer that closes the connection is still read from it.
        timer = threading.Timer(MAX_FETCH_S, _end, (weakref.ref(self.sock),))
        timer.daemon = True
        timer.start()
        weakref.finalize(self.sock, timer.cancel).atexit = False

    def _new_conn(self) -> socket.socket:
        connection: socket.socket = super()._new_conn()  # type: ignore[misc]
        try:
            check_public(connection.getpeername()[0], self.port)
        except FetchRefused:
            connection.close()
            raise
        return connection


def _end(reference: "weakref.ref[socket.socket]") -> None:
    """Have whoever reads from the socket find its end; TLS is not said goodbye."""
    if (connected := reference()) is not None:
        with suppress(OSError):
            socket.socket.shutdown(connected, socket.SHUT_RDWR)


class _Connection(_PublicOnlyConnection, AWSHTTPConnection):  # type: ignore[misc]
    pass


class _TlsConnection(_PublicOnlyConnection, AWSHTTPSConnection):  # type: ignore[misc]
    pass


class _Pool(AWSHTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(AWSHTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class PublicSession(URLLib3Session):
    """Sends requests to public addresses, past every proxy."""

    _manager: Any

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def answer(self, request: AWSPreparedRequest, **_: object) -> AWSResponse:
        """What botocore takes in place of an answer that it would have fetched itself.

        Of an object, which is read by whoever asked for it, botocore gets the open answer; of
        anything else at most _MAX_ANSWER_BYTES. Raises ResponseParserError for more.
        """
        is_object, request.stream_output = request.stream_output, True
        found: Any = self.send(request)
        if not (is_object and found.status_code == 200):
            found._content = found.raw.read(_MAX_ANSWER_BYTES)
            if found.raw.read(1):
                found.raw.close()
                raise ResponseParserError("an answer without end")
        answer: AWSResponse = found
        return answer

"""One request for a client's URL, to the public address that was checked; its body stays unread.

The guard is the SDK's: `resolve_and_validate` finds and checks the addresses, `PinnedIPAdapter`
connects to one of them. The SDK's `safe_get` is not used, because it reads the body of a redirect
into memory, whatever its size. `_refuse_if_proxied` of runpod 1.12 has no public name.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from urllib.parse import urlsplit

from requests import ConnectionError as RequestsConnectionError
from requests import Response, Session
from runpod.serverless.utils import rp_ssrf
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from storage.sockets import WatchedConnection

SSRFError = rp_ssrf.SSRFError


@contextmanager
def opened(url: str, timeout_s: float) -> Iterator[Response]:
    """The answer to a GET of `url`, with its headers read and its body unread.

    timeout_s: for the connection, and for each wait in which no byte arrives.

    Raises SSRFError for a URL that may not be fetched, and the errors of requests, urllib3, ssl
    and socket.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SSRFError("no http or https URL")
    rp_ssrf._refuse_if_proxied(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    addresses = rp_ssrf.resolve_and_validate(parts.hostname, port)
    session, response = _first_answer(addresses, url, timeout_s)
    # Both, because a session that is closed leaves the connections of open responses alone.
    with session, response:
        yield response


def _first_answer(addresses: list[str], url: str, timeout_s: float) -> tuple[Session, Response]:
    """The answer from the first address that can be reached: one of them may have no route."""
    for address in addresses[:-1]:
        with suppress(RequestsConnectionError):
            return _answer(address, url, timeout_s)
    return _answer(addresses[-1], url, timeout_s)


def _answer(address: str, url: str, timeout_s: float) -> tuple[Session, Response]:
    session = _Session()
    adapter = _PinnedAdapter(address)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    with ExitStack() as failed:
        failed.callback(session.close)
        response = session.get(url, allow_redirects=False, stream=True, timeout=timeout_s)
        failed.pop_all()
    return session, response


class _Session(Session):
    def get_redirect_target(self, resp: Response) -> None:
        """None: of a redirect that it is not to follow, requests would read the body."""


class _Connection(WatchedConnection, HTTPConnection):
    pass


class _TlsConnection(WatchedConnection, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _PinnedAdapter(rp_ssrf.PinnedIPAdapter):  # type: ignore[misc]
    """Connects to one address, by connections that can be ended."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

"""One request for a client's URL, to the public address that was checked; its body stays unread.

The guard is the SDK's: `resolve_and_validate` finds and checks the addresses, `PinnedIPAdapter`
connects to one of them. The SDK's `safe_get` is not used, because it reads the body of a redirect
into memory, whatever its size. `_refuse_if_proxied` of runpod 1.12 has no public name.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from urllib.parse import urlsplit

from requests import ConnectionError as RequestsConnectionError
from requests import Response, Session
from runpod.serverless.utils import rp_ssrf
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from storage.sockets import OnOpen, Sockets, WatchedConnection, pool_of

SSRFError = rp_ssrf.SSRFError


@contextmanager
def opened(url: str, sockets: Sockets, timeout_s: float) -> Iterator[Response]:
    """The answer to a GET of `url`, with its headers read and its body unread.

    sockets: gets the connection's socket; it is closed when the context ends.
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
    with closing(sockets):
        session, response = _first_answer(addresses, url, sockets, timeout_s)
        # Both, because a session that is closed leaves the connections of open responses alone.
        with session, response:
            yield response


def _first_answer(
    addresses: list[str], url: str, sockets: Sockets, timeout_s: float
) -> tuple[Session, Response]:
    """The answer from the first address that can be reached: one of them may have no route."""
    for address in addresses[:-1]:
        with suppress(RequestsConnectionError):
            return _answer(address, url, sockets, timeout_s)
    return _answer(addresses[-1], url, sockets, timeout_s)


def _answer(address: str, url: str, sockets: Sockets, timeout_s: float) -> tuple[Session, Response]:
    session = _Session()
    adapter = _PinnedAdapter(address, sockets.add)
    session.mount("http://", adapter)
    session.mount("https://", adapter)
    try:
        return session, session.get(url, allow_redirects=False, stream=True, timeout=timeout_s)
    except BaseException:
        session.close()
        raise


class _Session(Session):
    def get_redirect_target(self, resp: Response) -> None:
        """None: of a redirect that it is not to follow, requests would read the body."""


class _PinnedAdapter(rp_ssrf.PinnedIPAdapter):  # type: ignore[misc]
    """Connects to one address, and gives each new socket to `on_open`."""

    def __init__(self, address: str, on_open: OnOpen) -> None:
        super().__init__(address)
        self.poolmanager.pool_classes_by_scheme = {
            "http": pool_of(HTTPConnectionPool, _Connection, on_open),
            "https": pool_of(HTTPSConnectionPool, _TlsConnection, on_open),
        }


class _Connection(WatchedConnection, HTTPConnection):
    pass


class _TlsConnection(WatchedConnection, HTTPSConnection):
    pass

"""What every request to the studio has to pass, and what every answer carries.

The server is for the browser of the person who started it. Another web site that this browser shows
must neither read from it nor make it work: a name that leads to 127.0.0.1 (DNS rebinding) fails at
`Host`, a request of another site at `Origin` and `Sec-Fetch-Site`.
"""

import json
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from studio.refusal import Refusal, bad_request

HOSTS = ("127.0.0.1", "localhost")
JSON_BYTES = 1_000_000
"""Most bytes of a body of JSON; the longest script has 80 kB."""
CLIP_BYTES = 100_000_000
"""Most bytes of a clip; the worker itself takes fewer of a clip for a voice."""
CLIPS = "/api/voices"
"""The path whose bodies are clips."""

CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""For the page: nothing of another address, and no script inside its HTML."""

_HEADERS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
}
_WITH_BODY = ("POST", "PUT", "PATCH")


class Guard:
    """ASGI middleware around the studio's application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sender = _with_headers(send)
        try:
            headers = {
                name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
            }
            _check_sender(scope["path"], headers)
            if scope["method"] in _WITH_BODY:
                limit = CLIP_BYTES if scope["path"] == CLIPS else JSON_BYTES
                _check_body(scope["path"], headers, limit)
        except Refusal as refusal:
            await _refuse(refusal, sender)
            return
        await self._app(scope, receive, sender)


def _check_sender(path: str, headers: dict[str, str]) -> None:
    """Raise Refusal for a request of another host or of another site."""
    host = headers.get("host", "")
    if _hostname(host) not in HOSTS:
        raise _forbidden("the studio answers at 127.0.0.1 and localhost only; use that address")
    origin = headers.get("origin")
    if origin is not None and origin != f"http://{host}":
        raise _forbidden("the studio answers its own page only, and not other web sites")
    # A file may be asked for by the HTML page of a job, which has no origin of its own.
    is_open = not path.startswith("/api/") or "/files/" in path
    if not is_open and headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise _forbidden("the studio answers its own page only, and not other web sites")


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _check_body(path: str, headers: dict[str, str], limit: int) -> None:
    """Raise Refusal for a body without a length, too long a one, and one that is no JSON.

    The server takes no more bytes than a request declares.
    """
    length = headers.get("content-length", "")
    if "transfer-encoding" in headers or (length and not length.isdecimal()):
        raise Refusal(411, "length_required", "the request needs a Content-Length")
    if len(length) > len(str(limit)) or int(length or 0) > limit:
        size = f"{limit // 1_000_000} MB"
        raise Refusal(413, "too_large", f"the body has more than {size}; send a shorter one")
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if path != CLIPS and int(length or 0) and kind != "application/json":
        raise bad_request("the body must be JSON, with Content-Type: application/json")


def _forbidden(sentence: str) -> Refusal:
    return Refusal(403, "forbidden", sentence)


def _with_headers(send: Send) -> Send:
    """`send` with the headers of every answer; an answer that has one of them keeps its own."""

    async def sender(message: Message) -> None:
        if message["type"] == "http.response.start":
            own: Iterable[tuple[bytes, bytes]] = message.get("headers", [])
            known = {name.lower() for name, _ in own}
            message["headers"] = [
                *own,
                *(
                    (name.encode(), value.encode())
                    for name, value in _HEADERS.items()
                    if name.encode() not in known
                ),
            ]
        await send(message)

    return sender


async def _refuse(refusal: Refusal, send: Send) -> None:
    body = json.dumps(refusal.body()).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        # What is left of the request's body would be taken for the next request.
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": refusal.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})

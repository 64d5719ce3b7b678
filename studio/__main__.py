"""Runs the studio: python -m studio [--port N] [--no-browser]; scripts/try prepares all for it.

The settings are those of the worker (CONFIG.md). It ends with Ctrl-C.
"""

import argparse
import logging
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Sequence
from contextlib import suppress

import uvicorn

from errors import WorkerError
from settings import Settings, SettingsInvalid
from studio.core import Studio
from studio.server import create_app
from worker import logs
from worker.build import build

PORT = 8730
"""Where the studio is unless the command says otherwise."""

_GRACE_S = 2
"""How long the end waits for open requests, in seconds."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Load the worker and serve until the process is told to end; returns the exit status."""
    options = _options(arguments)
    try:
        listener = listen(options.port)
    except OSError as error:
        print(
            f"port {options.port} of 127.0.0.1 cannot be used ({error.strerror}); give another one "
            "with --port, or 0 for any that is free",
            file=sys.stderr,
        )
        return 1
    try:
        settings = Settings.from_environment(os.environ)
        logs.configure(logging.getLogger("worker"), settings.log_level, settings.log_format)
        if settings.has_bucket:
            raise SettingsInvalid("it works without a bucket only; remove S3_BUCKET")
        studio = Studio(build(settings))
    except WorkerError as error:
        print(f"the studio cannot start: {error.sentence}", file=sys.stderr)
        return 1
    try:
        serve(studio, listener, opens=not options.no_browser)
    finally:
        studio.close()
    print("the studio has ended; your files stay in the store", flush=True)
    return 0


def listen(port: int) -> socket.socket:
    """A socket that listens on 127.0.0.1; 0 is a free port. Raises OSError, OverflowError."""
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        # At once: a second studio could bind the port too while the first one loads its worker.
        listener.listen()
    except OSError:
        listener.close()
        raise
    return listener


class _Server(uvicorn.Server):
    """Says its URL once it can be opened."""

    def __init__(self, config: uvicorn.Config, url: str, opens: bool) -> None:
        super().__init__(config)
        self._url = url
        self._opens = opens

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        # A closed terminal ends it as Ctrl-C does; uvicorn itself heeds SIGINT and SIGTERM alone. A
        # handler that raised could do so within any callback, and the loop would be left half open.
        signal.signal(signal.SIGHUP, self.handle_exit)
        print(f"the studio is at {self._url} (Ctrl-C ends it)", flush=True)
        if self._opens and has_browser():
            # Some browsers keep the caller until they are closed.
            threading.Thread(target=webbrowser.open, args=(self._url,), daemon=True).start()


def serve(studio: Studio, listener: socket.socket, opens: bool) -> None:
    """Serve until SIGINT, SIGTERM or SIGHUP.

    opens: whether the page is opened in a browser, where there is one.
    """
    config = uvicorn.Config(
        create_app(studio),
        log_level="warning",
        access_log=False,
        ws="none",
        lifespan="off",
        server_header=False,
        timeout_graceful_shutdown=_GRACE_S,
    )
    url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    # Before the server listens; and uvicorn raises a signal once more when it has ended.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        _Server(config, url, opens).run(sockets=[listener])


def has_browser() -> bool:
    """Whether a browser can show a page: one of this machine, or the one that BROWSER names.

    A browser that runs in a terminal is taken only if BROWSER names it.
    """
    if sys.platform == "darwin" or sys.platform == "win32":
        return True
    return any(os.environ.get(name) for name in ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY"))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="studio", description="Serves the studio's page on 127.0.0.1.", allow_abbrev=False
    )
    parser.add_argument("--port", type=_port, default=PORT, metavar="N", help="0 is a free one")
    parser.add_argument("--no-browser", action="store_true", help="do not open the page")
    return parser.parse_args(arguments)


def _port(raw: str) -> int:
    if not (raw.isdecimal() and int(raw) < 65536):
        raise argparse.ArgumentTypeError(f"{raw!r} is no port; give a number from 0 to 65535")
    return int(raw)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:  # while it was loading
        sys.exit(130)

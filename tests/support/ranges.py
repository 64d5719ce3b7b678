"""A web server on loopback that serves the files of a folder with ranges, as players need them."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.staticfiles import StaticFiles

from studio.__main__ import listen


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve the files while the body runs, without CORS headers; yields the server's URL."""
    app = Starlette()
    app.mount("/", StaticFiles(directory=folder))
    listener = listen(0)
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", lifespan="off", timeout_graceful_shutdown=1)
    )
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    while thread.is_alive() and not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()

"""Who works on what, among workers that share nothing but the volume. Standard library only.

A lease is a file with its holder's name and a number that grows each HEARTBEAT_S. Who waits takes
it over once it has not changed for STALE_S by the waiter's own monotonic clock: clocks that
disagree do no harm. It only saves work, for a build is private until one rename publishes it.
"""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from volume.log import PROGRESS_EVERY_S

OWNER = f"{socket.gethostname()}-{os.getpid()}-{os.urandom(3).hex()}"
HEARTBEAT_S = 5.0
STALE_S = 30.0
POLL_S = 0.5


class Lease:
    """A lease that this process took; `path` is its file and `file` the same file, open."""

    def __init__(self, path: Path, file: int) -> None:
        self._path = path
        self._file = file
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()

    def still_ours(self) -> bool:
        """False once another took it over, as it does when this process was frozen for long."""
        with contextlib.suppress(OSError):
            return os.path.samestat(os.fstat(self._file), self._path.stat())
        return False

    def release(self) -> None:
        """Let the next one have it."""
        self._finished.set()
        self._thread.join()
        if self.still_ours():
            self._path.unlink(missing_ok=True)
        os.close(self._file)

    def _beat(self) -> None:
        number = 0
        while True:
            with contextlib.suppress(OSError):
                os.pwrite(self._file, f"{OWNER} {number}\n".encode(), 0)
                os.fsync(self._file)
            number += 1
            if self._finished.wait(HEARTBEAT_S):
                return


@contextlib.contextmanager
def lease(
    path: Path, done: Callable[[], bool], tell: Callable[[str], None]
) -> Iterator[Lease | None]:
    """Hold the lease while the body runs; None instead where `done()` came true while waiting."""
    file = _wait(path, done, tell)
    held = None if file is None else Lease(path, file)
    try:
        yield held
    finally:
        if held is not None:
            held.release()


def _wait(path: Path, done: Callable[[], bool], tell: Callable[[str], None]) -> int | None:
    """The open file of a lease that is ours now, or None as soon as `done()`."""
    seen, since = b"", time.monotonic()
    told = since
    while not done():
        with contextlib.suppress(FileExistsError):
            return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        now = time.monotonic()
        content = _read(path)
        holder = content.decode(errors="replace").partition(" ")[0] or "another worker"
        if content != seen:
            seen, since = content, now
        elif now - since > STALE_S:
            tell(f"{path.name}: {holder} has not moved for {STALE_S:g} s; taking over")
            _remove(path, seen)
            continue
        if now - told > PROGRESS_EVERY_S:
            told = now
            tell(f"{path.name}: waiting for {holder}, which works on it")
        time.sleep(POLL_S)
    return None


def _read(path: Path) -> bytes:
    """What a lease says; nothing where it is gone."""
    with contextlib.suppress(OSError):
        return path.read_bytes()
    return b""


def _remove(path: Path, seen: bytes) -> None:
    """Remove a stale lease, but put back one that another waiter took meanwhile."""
    aside = path.with_name(f".stale-{path.name}-{OWNER}")
    with contextlib.suppress(FileNotFoundError, FileExistsError):
        path.rename(aside)
        if _read(aside) != seen:
            os.link(aside, path)
    aside.unlink(missing_ok=True)

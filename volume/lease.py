"""Leases: which worker works on what, among workers that share nothing but the volume.

A lease is a file with its holder's name and a number that the holder raises at each heartbeat. A
waiter takes the lease over once the file has not changed for `Waits.stale_s` by the waiter's own
monotonic clock, so clocks that disagree do no harm. A lease only saves work: two holders at once
are harmless, because a build is private until one rename publishes it. Standard library only.
"""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from volume.waits import Waits

# The random part is there because the main process of every container has the same id.
OWNER = f"{socket.gethostname()}-{os.getpid()}-{os.urandom(3).hex()}"
"""The name of this process among all workers that use the volume."""


class Lease:
    """A lease that this process took. A thread writes its heartbeat until `release`.

    path: the lease's file.
    file: the descriptor of the same file, open for writing; `release` closes it.
    heartbeat_s: the seconds between two heartbeats.
    """

    def __init__(self, path: Path, file: int, heartbeat_s: float) -> None:
        self._path = path
        self._file = file
        self._heartbeat_s = heartbeat_s
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()

    def still_ours(self) -> bool:
        """False once another worker took it over, as when this process was frozen for long."""
        # A new holder creates a new file. Ours has another inode as long as we keep it open.
        with contextlib.suppress(OSError):
            return os.path.samestat(os.fstat(self._file), self._path.stat())
        return False

    def release(self) -> None:
        """End the heartbeat and remove the file, unless another worker took it over."""
        self._finished.set()
        self._thread.join()
        if self.still_ours():
            self._path.unlink(missing_ok=True)
        os.close(self._file)

    def _beat(self) -> None:
        number = 0
        while True:
            # A heartbeat that fails must not end the work: at worst another worker takes over.
            # fsync, because a network file system may show others nothing of an open file before.
            with contextlib.suppress(OSError):
                os.pwrite(self._file, f"{OWNER} {number}\n".encode(), 0)
                os.fsync(self._file)
            number += 1
            if self._finished.wait(self._heartbeat_s):
                return


@contextlib.contextmanager
def lease(
    path: Path, is_done: Callable[[], bool], print_line: Callable[[str], None], waits: Waits
) -> Iterator[Lease | None]:
    """Hold a lease while the body runs, or yield None because the work is done.

    path: the lease's file; its folder exists.
    is_done: whether another worker finished the work; called before and during the wait.
    print_line: receives the lines that name the worker that holds the lease.
    waits: the seconds between heartbeats, polls and lines.
    """
    file = _acquire(path, is_done, print_line, waits)
    held = None if file is None else Lease(path, file, waits.heartbeat_s)
    try:
        yield held
    finally:
        if held is not None:
            held.release()


def _acquire(
    path: Path, is_done: Callable[[], bool], print_line: Callable[[str], None], waits: Waits
) -> int | None:
    """Wait for a lease. Returns its open file, or None once `is_done()`. Parameters as `lease`."""
    content, changed_at = b"", time.monotonic()
    announced_at = changed_at
    while not is_done():
        # O_EXCL: of several workers the file system lets exactly one create the file.
        with contextlib.suppress(FileExistsError):
            return os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644)
        now = time.monotonic()
        latest = _read(path)
        holder = latest.decode(errors="replace").partition(" ")[0] or "another worker"
        if latest != content:
            content, changed_at = latest, now
        elif now - changed_at > waits.stale_s:
            print_line(
                f"{path.name}: {holder} gave no sign of life for {waits.stale_s:g} s; taking over"
            )
            _remove_stale(path, content)
            continue
        if now - announced_at > waits.progress_s:
            announced_at = now
            print_line(f"{path.name}: waiting for {holder}, which works on it")
        time.sleep(waits.poll_s)
    return None


def _read(path: Path) -> bytes:
    """A lease file's content; empty if there is no such file."""
    with contextlib.suppress(OSError):
        return path.read_bytes()
    return b""


def _remove_stale(path: Path, content: bytes) -> None:
    """Remove a lease that still has this content.

    Another waiter may have taken the lease over since it was read. Renaming the file first shows
    whose it is; a fresh lease is linked back.
    """
    aside = path.with_name(f".stale-{path.name}-{OWNER}")
    # FileNotFoundError: another waiter renamed it first. FileExistsError: a third worker created a
    # lease in between; then two build at once, which does no harm.
    with contextlib.suppress(FileNotFoundError, FileExistsError):
        path.rename(aside)
        if _read(aside) != content:
            os.link(aside, path)
    aside.unlink(missing_ok=True)

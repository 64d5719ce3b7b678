"""Temporary files: each process has a folder, and removes the folders of dead processes."""

import fcntl
import os
import shutil
import tempfile
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "f5-tts-jobs-"
"""Other programs use the same parent folder: only folders of this name are ever removed."""


class JobFolder:
    """The temporary folder of one job, made when the job first needs it.

    make: makes the folder. Raises OSError.
    """

    def __init__(self, make: "Callable[[], tempfile.TemporaryDirectory[str]]") -> None:
        self._make = make
        # The threads of one job may ask at the same moment, and one folder alone is removed.
        self._lock = threading.Lock()
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def path(self) -> Path:
        """The folder. Raises OSError."""
        with self._lock:
            if self._folder is None:
                self._folder = self._make()
            return Path(self._folder.name)

    def remove(self) -> None:
        """Delete the folder and all files in it, if it was made."""
        if self._folder is not None:
            self._folder.cleanup()


class Scratch:
    """A folder for the jobs of this process. It is locked while the process lives, then deleted.

    The system releases the lock of a killed process; the next Scratch removes its folder. A lock
    and not a process id, because every container has the same few process ids. A folder that
    somebody else removes, such as a cleaner of /tmp, is made anew for the next job.

    root: the parent folder; None for the system's folder for temporary files.

    Raises OSError.
    """

    def __init__(self, root: Path | None = None) -> None:
        self._root = root or Path(tempfile.gettempdir())
        for folder in self._root.glob(f"{PREFIX}*"):
            _remove_if_dead(folder)
        self._making = threading.Lock()
        self._claim()
        # Weak, because a hook of `register_at_fork` stays until the process ends.
        this = weakref.ref(self)

        def close_in_child() -> None:
            # A forked child inherits the lock, and the SDK's ping process may outlive the worker.
            if (scratch := this()) is not None:
                os.close(scratch._descriptor)

        os.register_at_fork(after_in_child=close_in_child)

    @contextmanager
    def job(self) -> Iterator[JobFolder]:
        """The folder of one job, deleted at the end of its `with` block."""
        folder = JobFolder(self._make)
        try:
            yield folder
        finally:
            folder.remove()

    def _make(self) -> "tempfile.TemporaryDirectory[str]":
        """A new folder for one job. Raises OSError."""
        with self._making:
            if not self._folder.is_dir():
                release_lost = self._finalize
                self._root.mkdir(parents=True, exist_ok=True)
                self._claim()
                # Last, because the next job must be able to try all of this again.
                release_lost()
            # `ignore_cleanup_errors`: a cleaner may remove files of it at the same time.
            return tempfile.TemporaryDirectory(dir=self._folder, ignore_cleanup_errors=True)

    def _claim(self) -> None:
        """Make and lock the folder of this process. Raises OSError."""
        # Another process may take the new folder for a dead one before it is locked.
        locked = None
        while locked is None:
            self._folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=self._root))
            locked = _try_lock(self._folder)
        self._descriptor = locked
        self._finalize = weakref.finalize(self, _remove, self._folder, locked)


def _try_lock(folder: Path) -> int | None:
    """Lock a folder. Returns the descriptor; None if another process has the lock or removed it."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return None
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Between `open` and `flock` another process may have locked the folder and removed it.
        if folder.exists():
            return descriptor
    os.close(descriptor)
    return None


def _remove_if_dead(folder: Path) -> None:
    """Remove a folder unless its process lives."""
    descriptor = _try_lock(folder)
    if descriptor is not None:
        _remove(folder, descriptor)


def _remove(folder: Path, descriptor: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os.close(descriptor)

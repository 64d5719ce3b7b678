"""The worker's temporary files: one folder a process, and what dead processes left is removed."""

import fcntl
import os
import shutil
import tempfile
import weakref
from contextlib import suppress
from pathlib import Path

PREFIX = "f5-tts-jobs-"


class Scratch:
    """A folder for this process's jobs, locked while the process lives and gone with it.

    The system ends the lock of a process that is killed, and the next Scratch removes its folder.
    Process ids are of no use for that: they repeat in every container. `root` None is the machine's
    folder for temporary files. Raises OSError.
    """

    def __init__(self, root: Path | None = None) -> None:
        root = root or Path(tempfile.gettempdir())
        for folder in root.glob(f"{PREFIX}*"):
            _remove_dead(folder)
        locked = None
        while locked is None:
            self._folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=root))
            locked = _locked(self._folder)
        self._descriptor = locked
        weakref.finalize(self, _leave, self._folder, locked)
        this = weakref.ref(self)

        def let_go() -> None:
            # Else the SDK's ping process, which may outlive the worker, would hold the lock.
            if (scratch := this()) is not None:
                os.close(scratch._descriptor)

        os.register_at_fork(after_in_child=let_go)

    def job(self) -> "tempfile.TemporaryDirectory[str]":
        """A folder that goes when its `with` block ends."""
        return tempfile.TemporaryDirectory(dir=self._folder)


def _locked(folder: Path) -> int | None:
    """A descriptor that holds the folder's lock; None where it is another's or gone."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return None
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Between the two calls another start may have found it unlocked and removed it.
        if folder.exists():
            return descriptor
    os.close(descriptor)
    return None


def _remove_dead(folder: Path) -> None:
    """Remove a folder whose process is dead."""
    descriptor = _locked(folder)
    if descriptor is not None:
        _leave(folder, descriptor)


def _leave(folder: Path, descriptor: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os.close(descriptor)

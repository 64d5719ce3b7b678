"""Disk space on the volume: how much is free, what uses it, what may be removed.

Standard library only.
"""

import contextlib
import errno
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

from volume.errors import SetupError

MARKER = ".complete.json"
"""A file in an environment: its presence says that the build finished."""

USED = ".used"
"""A file in an environment: its mtime is when a worker last started there or still ran there."""

UNUSED_S = 14 * 86_400.0
"""Environments and logs that were not used for this many seconds are removed."""

ABANDONED_S = 3_600.0
"""A builder whose lease has not changed for this many seconds is dead; its folder is removed."""

TOUCH_EVERY_S = 3_600.0
"""The seconds between two marks of a running worker; far less than UNUSED_S."""

FOLDERS = {
    "venvs": "an environment; you may delete it when no worker of its image runs",
    "models": "models; you may delete them, but those that a setting names are downloaded again",
    "store": "voices and files of yours",
    "logs": "logs; you may delete them",
}
"""The folders under the home, and the report's words for what lies in them."""

OTHERS = "not this worker's; you may delete it when nothing else uses it"


def remove_garbage(home: Path, venv: Path, print_line: Callable[[str], None]) -> None:
    """Remove what dead builders left, and environments and logs that were unused for UNUSED_S.

    Only the holder of the lease on `venv` may call this: every other building folder of this key
    belongs to a dead builder. Ages are measured against the mtime of our lease file, that is by the
    file server's clock; this machine's clock may differ from it.
    """
    now = _modified(home / "locks" / venv.name)
    for folder in sorted((home / "venvs").iterdir()):
        name = folder.name
        if name.startswith((".damaged-", ".leftover-", f".building-{venv.name}-")):
            print_line(f"removing {folder}: left by a worker that was stopped")
            remove_atomically(folder)
        elif name.startswith(".building-"):
            # .building-<key>-<owner>; the key is <lock>-<hash>. A missing lease has the time 0.
            key = "-".join(name.removeprefix(".building-").split("-")[:2])
            if now - _modified(home / "locks" / key) > ABANDONED_S:
                print_line(f"removing {folder}: the worker that built it is gone")
                remove_atomically(folder)
        elif folder != venv and now - last_use(folder) > UNUSED_S:
            print_line(f"removing {folder}: not used for {UNUSED_S / 86_400:.0f} days")
            # A worker may have started in it between the check and the rename.
            remove_atomically(folder, unless=lambda moved: now - last_use(moved) <= UNUSED_S)
    for log in (home / "logs").iterdir():
        if now - _modified(log) > UNUSED_S:
            log.unlink(missing_ok=True)


def remove_atomically(folder: Path, unless: Callable[[Path], bool] = lambda moved: False) -> None:
    """Rename a folder and then remove it, so that nobody can use half of it under its name.

    unless: gets the renamed folder; if it returns True, the folder gets its name back.
    """
    moved = folder.with_name(f".leftover-{os.urandom(4).hex()}")
    try:
        folder.rename(moved)
    except FileNotFoundError:
        return
    if unless(moved):
        moved.rename(folder)
        return
    shutil.rmtree(moved, ignore_errors=True)


def last_use(venv: Path) -> float:
    """When a worker last started in an environment or marked it as in use, in seconds (mtime)."""
    return max(_modified(venv / USED), _modified(venv / MARKER))


def require(home: Path, needed_mb: int) -> str:
    """The free space in words. Raises SetupError, with what may be removed, if it is too little."""
    free = free_mb(home)
    if free < needed_mb:
        raise SetupError(report(home, needed_mb))
    return f"{free:,} MB free, {needed_mb:,} MB needed"


def report(home: Path, needed_mb: int) -> str:
    """The message for a full disk: the space needed and free, and the five largest things there.

    needed_mb: 0 if unknown.
    """
    notes = {path: note for name, note in FOLDERS.items() for path in (home / name).glob("*")}
    # Only a mounted volume: beside a home on the container's disk lies the system.
    if home.parent.is_mount():
        notes |= {path: OTHERS for path in home.parent.iterdir() if path != home}
    largest = sorted(((size_of(path), path) for path in notes), reverse=True)[:5]
    needed = f"{needed_mb:,} MB" if needed_mb else "more than that"
    lines = [f"no space left under {home}: {free_mb(home):,} MB free, {needed} needed. Largest:"]
    lines += [f"{size // 1_000_000:>7,} MB  {path}: {notes[path]}" for size, path in largest]
    lines.append("delete what you do not need, or give the volume more room, and start again")
    return "\n    ".join(lines)


def free_mb(folder: Path) -> int:
    """Free megabytes on the disk of a folder, which need not exist yet."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free // 1_000_000


def is_full(error: BaseException) -> bool:
    """Whether a full disk or quota caused an error: an OSError, or one with a command's output."""
    codes = (errno.ENOSPC, errno.EDQUOT)
    if isinstance(error, OSError):
        return error.errno in codes
    # An error with a command's output: uv and Python print the system's words for the code.
    return any(os.strerror(code) in str(error) for code in codes)


def size_of(path: Path) -> int:
    """The bytes that a file or a folder takes on the disk."""
    files = [path, *(Path(folder, name) for folder, _, names in os.walk(path) for name in names)]
    total = 0
    for file in files:
        with contextlib.suppress(OSError):
            # Not st_size: sparse files take less, small files more. A block has 512 bytes here.
            total += file.lstat().st_blocks * 512
    return total


def _modified(path: Path) -> float:
    """A file's mtime, by the file server's clock; 0 if there is no such file."""
    with contextlib.suppress(OSError):
        return path.stat().st_mtime
    return 0.0


def keep_used(venv: Path) -> None:
    """Mark the environment as in use, now and each hour, from a thread.

    Otherwise the start of a worker with another image would remove it after UNUSED_S.
    """
    # A Python that no start built, such as a developer's own, has no marker.
    if not (venv / MARKER).exists():
        return

    def touch() -> None:
        while True:
            # A volume that can only be read cannot be marked, and no worker can clean it either.
            with contextlib.suppress(OSError):
                (venv / USED).touch()
            time.sleep(TOUCH_EVERY_S)

    threading.Thread(target=touch, daemon=True).start()


def check_volume(home: Path) -> str:
    """The home folder in words. Raises SetupError if nothing can be written there."""
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    if not os.access(existing, os.W_OK):
        raise SetupError(
            f"{existing} cannot be written to; mount it for writing, or name another home"
        )
    return f"{home} can be written to"


def make_folder(folder: Path) -> None:
    """Create a folder with its parents. Raises SetupError if nothing can be written there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(
            f"cannot create {folder}: {error.strerror}; choose another place with --home"
        ) from error
    check_volume(folder)

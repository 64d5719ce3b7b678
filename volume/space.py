"""Room on the volume: how much there is, what takes it, what may go. Standard library only."""

import contextlib
import errno
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

from volume.log import SetupError

MARKER = ".complete.json"
USED = ".used"
UNUSED_S = 14 * 86_400.0
ABANDONED_S = 3_600.0
"""A builder whose lease has not moved for so long is gone, and its building folder with it."""

MAY_GO = {
    "venvs": "an environment; may go when no worker of its image runs",
    "models": "models; may go when no setting names them, else they are downloaded again",
    "store": "voices and files of yours",
    "logs": "logs; may go",
}
OTHERS = "not this worker's; may go when nothing else uses it"


def remove_garbage(home: Path, venv: Path, tell: Callable[[str], None]) -> None:
    """Remove what builders left, and environments and logs that nobody used for UNUSED_S.

    Only for the holder of the lease on `venv`: any other building folder of this key is dead. "Now"
    is the volume's time of that lease's last beat, so that no clock of ours is compared with it.
    """
    now = _modified(home / "locks" / venv.name)
    for folder in sorted((home / "venvs").iterdir()):
        name = folder.name
        if name.startswith((".damaged-", ".leftover-", f".building-{venv.name}-")):
            tell(f"removing {folder}: left by a worker that was stopped")
            remove_atomically(folder)
        elif name.startswith(".building-"):
            key = "-".join(name.removeprefix(".building-").split("-")[:2])
            if now - _modified(home / "locks" / key) > ABANDONED_S:
                tell(f"removing {folder}: its builder is gone")
                remove_atomically(folder)
        elif folder != venv and now - last_use(folder) > UNUSED_S:
            tell(f"removing {folder}: not used for {UNUSED_S / 86_400:.0f} days")
            remove_atomically(folder, unless=lambda moved: now - last_use(moved) <= UNUSED_S)
    for log in (home / "logs").iterdir():
        if now - _modified(log) > UNUSED_S:
            log.unlink(missing_ok=True)


def remove_atomically(folder: Path, unless: Callable[[Path], bool] = lambda moved: False) -> None:
    """Remove a folder; it first loses its name, so that nobody can publish or use half of it."""
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
    """When a worker last started on an environment, or said that it still runs there."""
    return max(_modified(venv / USED), _modified(venv / MARKER))


def require(home: Path, needed_mb: int) -> str:
    """The room there is, in words. Raises SetupError with what could go where it is too little."""
    free = free_mb(home)
    if free < needed_mb:
        raise SetupError(report(home, needed_mb))
    return f"{free:,} MB free, {needed_mb:,} MB needed"


def report(home: Path, needed_mb: int) -> str:
    """What is needed, what is free, the five largest things there and which of them may go."""
    may_go = {place: said for name, said in MAY_GO.items() for place in (home / name).glob("*")}
    if home.parent.is_mount():
        may_go |= {place: OTHERS for place in home.parent.iterdir() if place != home}
    largest = sorted(((size_of(place), place) for place in may_go), reverse=True)[:5]
    needed = f"{needed_mb:,} MB" if needed_mb else "more than that"
    lines = [f"no space left under {home}: {free_mb(home):,} MB free, {needed} needed. Largest:"]
    lines += [f"{size // 1_000_000:>7,} MB  {place}: {may_go[place]}" for size, place in largest]
    lines.append("delete what may go, or give the volume more room, and start again")
    return "\n    ".join(lines)


def free_mb(folder: Path) -> int:
    """Megabytes free where a folder lies or would lie."""
    while not folder.exists():
        folder = folder.parent
    return shutil.disk_usage(folder).free // 1_000_000


def is_full(error: BaseException) -> bool:
    """Whether a full disk or quota is behind an error of the system's or of a command."""
    codes = (errno.ENOSPC, errno.EDQUOT)
    if isinstance(error, OSError):
        return error.errno in codes
    return any(os.strerror(code) in str(error) for code in codes)


def size_of(place: Path) -> int:
    """Bytes that a file or a folder takes on the disk."""
    files = [place, *(Path(folder, name) for folder, _, names in os.walk(place) for name in names)]
    total = 0
    for file in files:
        with contextlib.suppress(OSError):
            total += file.lstat().st_blocks * 512
    return total


def _modified(path: Path) -> float:
    """A file's time of change by the volume's clock; 0 where there is none."""
    with contextlib.suppress(OSError):
        return path.stat().st_mtime
    return 0.0


TOUCH_EVERY_S = 3_600.0


def keep_used(venv: Path) -> None:
    """Mark the environment as in use each hour, so that no other image's start removes it."""
    if not (venv / MARKER).exists():
        return

    def keep() -> None:
        while True:
            with contextlib.suppress(OSError):
                (venv / USED).touch()
            time.sleep(TOUCH_EVERY_S)

    threading.Thread(target=keep, daemon=True).start()


def check_volume(home: Path) -> str:
    """Where the home folder is, in words. Raises SetupError where nothing can be written."""
    place = next(folder for folder in (home, *home.parents) if folder.exists())
    if not os.access(place, os.W_OK):
        raise SetupError(
            f"{place} cannot be written to; mount it for writing, or name another home"
        )
    return f"{home} can be written to"


def make_folder(folder: Path) -> None:
    """Create a folder with its parents, and see that it can be written to. Raises SetupError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SetupError(
            f"cannot create {folder}: {error.strerror}; choose another place with --home"
        ) from error
    check_volume(folder)

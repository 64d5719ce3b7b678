"""What a running worker tells the others about its environment. Standard library only."""

import errno
import json
import os
import sys
import time
import traceback
from pathlib import Path
from types import TracebackType

from volume.space import MARKER

FRESH_S = 3_600.0


def install_excepthook(venv: Path) -> None:
    """Report what an import that nobody expects to fail says of the environment."""
    before = sys.excepthook

    def look(kind: type[BaseException], error: BaseException, frames: TracebackType | None) -> None:
        before(kind, error, frames)
        if mark_damaged(venv, error):
            line = "cannot start: the environment is damaged: the next start builds it again"
            print(line, file=sys.stderr, flush=True)

    sys.excepthook = look


def mark_damaged(venv: Path, error: BaseException) -> bool:
    """Give up an environment that lacks a part of what was installed; the next start builds anew.

    True when it was given up. An environment younger than FRESH_S is not: building it again would
    not help. Neither is one that never had the package, because its lock has not, or one that is
    not of this worker's home.
    """
    marker = venv / MARKER
    try:
        if not is_damage(venv, error):
            return False
        if not venv.parent.samefile(Path(os.environ.get("WORKER_HOME", ""), "venvs")):
            return False
        installed = {
            name.partition(".")[0] for name in json.loads(marker.read_text())["site_packages"]
        }
        package = (getattr(error, "name", None) or "").partition(".")[0]
        fresh = time.time() - marker.stat().st_mtime < FRESH_S
        if fresh or (package and package not in installed):
            return False
        marker.replace(venv / ".damaged.json")
    except (OSError, ValueError, KeyError):
        return False
    return True


def is_damage(venv: Path, error: BaseException) -> bool:
    """Whether an error is one that damaged files of the environment give.

    A SyntaxError is what a file of zeros gives. Bytecode that is cut short or ends in zeros fails
    in Python's own import, as EOFError or ValueError; a library that is gone or cut short fails in
    the package that loads it, as OSError without a number, or as ValueError.
    """
    if isinstance(error, ImportError | SyntaxError):
        return True
    broken = isinstance(error, EOFError | ValueError | OSError)
    if not broken or getattr(error, "errno", None) not in (None, errno.EIO):
        return False
    frames = traceback.extract_tb(error.__traceback__)
    return any(
        frame.filename.startswith("<frozen importlib")
        or (frame.name == "<module>" and Path(frame.filename).is_relative_to(venv))
        for frame in frames
    )

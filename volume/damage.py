"""How a running worker reports that its environment is damaged. Standard library only."""

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
"""In seconds. A younger environment is never marked: building it again would not help."""


def install_excepthook(venv: Path) -> None:
    """When an import error ends the process, mark its environment as damaged."""
    previous = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, frames: TracebackType | None) -> None:
        previous(kind, error, frames)
        if mark_damaged(venv, error):
            line = "cannot start: the environment is damaged: the next start builds it again"
            print(line, file=sys.stderr, flush=True)

    sys.excepthook = hook


def mark_damaged(venv: Path, error: BaseException) -> bool:
    """Mark an environment as damaged if the error shows it; then the next start builds it again.

    Returns whether it did. Three environments are never marked: one that is younger than FRESH_S;
    one whose lock does not have the missing package, so that it never had it; and one that is not
    under this worker's WORKER_HOME.
    """
    marker = venv / MARKER
    try:
        if not is_damage(venv, error):
            return False
        # A test or a developer may run handler.py in the environment of another home.
        if not venv.parent.samefile(Path(os.environ.get("WORKER_HOME", ""), "venvs")):
            return False
        # The list has the names of files and folders: module.py, package, package-1.0.dist-info.
        installed = {
            name.partition(".")[0] for name in json.loads(marker.read_text())["site_packages"]
        }
        package = (getattr(error, "name", None) or "").partition(".")[0]
        fresh = time.time() - marker.stat().st_mtime < FRESH_S
        if fresh or (package and package not in installed):
            return False
        # Without its marker the environment counts as damaged; the other name keeps the content.
        marker.replace(venv / ".damaged.json")
    except (OSError, ValueError, KeyError):
        # No marker that can be read, or a volume that cannot be written: there is nothing to mark.
        return False
    return True


def is_damage(venv: Path, error: BaseException) -> bool:
    """Whether damaged files of the environment can be the cause of an error.

    A source file of zeros gives SyntaxError. Bytecode that is cut short or ends in zeros gives
    EOFError or ValueError inside Python's own import. A shared library that is missing or cut short
    gives OSError without a number, or ValueError, in the package that loads it.
    """
    if isinstance(error, ImportError | SyntaxError):
        return True
    # Any error number but EIO names another cause, such as a full disk or a refused connection.
    possible = isinstance(error, EOFError | ValueError | OSError)
    if not possible or getattr(error, "errno", None) not in (None, errno.EIO):
        return False
    # The types that are left are common. They count only if an import raised them.
    frames = traceback.extract_tb(error.__traceback__)
    return any(
        frame.filename.startswith("<frozen importlib")
        or (frame.name == "<module>" and Path(frame.filename).is_relative_to(venv))
        for frame in frames
    )

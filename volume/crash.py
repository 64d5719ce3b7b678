"""A start that ends without a word, noticed by the next one. Standard library only.

A library that is cut short may end its process by SIGBUS, and then no line of Python can say so. A
file on the container's own disk exists while a worker starts; whoever finds it knows that the last
start here neither succeeded nor failed in an orderly way.
"""

import contextlib
import hashlib
import tempfile
from pathlib import Path

from volume.records import damaged_file


def note_start(venv: Path) -> None:
    """Remember that a worker starts in this environment. Without a disk for it, nothing is kept."""
    with contextlib.suppress(OSError):
        _note(venv).touch()


def forget_start(venv: Path) -> None:
    """The start is over: the worker is ready, or it has said why it is not."""
    with contextlib.suppress(OSError):
        _note(venv).unlink(missing_ok=True)


def damage_of_last_start(venv: Path) -> str:
    """The damaged file that the last start may have died of, in words; empty if there is none."""
    return damaged_file(venv) if _note(venv).exists() else ""


def _note(venv: Path) -> Path:
    name = hashlib.sha256(str(venv).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir(), f"f5-tts-starting-{name}")

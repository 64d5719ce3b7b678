"""An environment on the volume: its place, whether it is whole, and how it is published."""

import json
import os
import shutil
from pathlib import Path

from volume.lease import OWNER
from volume.log import SetupError
from volume.space import MARKER

PYTHON = (3, 11)


SITE_PACKAGES = Path("lib", f"python{PYTHON[0]}.{PYTHON[1]}", "site-packages")


def find_damage(venv: Path) -> str | None:
    """None for a complete environment, "" where there is none, else what it lacks.

    One small file and one directory listing, however many files the environment has.
    """
    if not venv.is_dir():
        return ""
    try:
        expected = json.loads((venv / MARKER).read_text())["site_packages"]
        present = set(os.listdir(venv / SITE_PACKAGES))
    except (OSError, ValueError, KeyError):
        return f"{MARKER} missing"
    gone = [name for name in expected if name not in present][:3]
    gone += [] if (venv / "bin" / "python").exists() else ["the interpreter"]
    return f"{', '.join(gone)} missing" if gone else None


def publish(built: Path, final: Path) -> None:
    """Rename a finished folder into place; whoever comes second throws its own away."""
    try:
        built.rename(final)
    except OSError as error:
        if find_damage(final) is not None:
            raise SetupError(f"cannot publish {final}: {error.strerror}") from error


def remove_damaged(venv: Path) -> None:
    """Move a damaged environment out of the way and remove it.

    Another builder may have put a whole one in its place since it was looked at: what was moved is
    looked at again, and put back if it is whole.
    """
    aside = venv.with_name(f".damaged-{venv.name}-{OWNER}")
    try:
        venv.rename(aside)
    except FileNotFoundError:
        return
    if find_damage(aside) is None:
        publish(aside, venv)
    shutil.rmtree(aside, ignore_errors=True)


def replace_symlink(link: Path, target: Path) -> None:
    """Replace the symlink for people in one step, where it does not point there already."""
    relative = os.path.relpath(target, link.parent)
    if link.is_symlink() and str(link.readlink()) == relative:
        return
    temporary = link.with_name(f".{link.name}-{OWNER}")
    temporary.symlink_to(relative)
    temporary.replace(link)


def write_durably(path: Path, text: str) -> None:
    """Write a file and wait until it is on the disk."""
    with path.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())

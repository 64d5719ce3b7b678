"""An environment on the volume: its state, and how it is published, replaced and removed.

Standard library only.
"""

import json
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from volume.errors import SetupError
from volume.lease import OWNER
from volume.space import MARKER

PYTHON = (3, 11)
"""The version that the locks under requirements/ are made for."""

SITE_PACKAGES = Path("lib", f"python{PYTHON[0]}.{PYTHON[1]}", "site-packages")
"""The folder of the packages, relative to an environment."""


@dataclass(frozen=True)
class EnvironmentState:
    """Whether there is a usable environment.

    absent: there is no folder.
    damage: what an existing environment lacks, in words; empty if nothing.
    """

    absent: bool = False
    damage: str = ""

    @property
    def complete(self) -> bool:
        """Whether a worker can start in it."""
        return not self.absent and not self.damage

    def __str__(self) -> str:
        if self.absent:
            return "is not built"
        return f"is damaged ({self.damage})" if self.damage else "is complete"


def inspect(venv: Path) -> EnvironmentState:
    """The state of an environment.

    Reads one small file and one directory listing, however many files the environment has: each
    start does this, on a network file system.
    """
    if not venv.is_dir():
        return EnvironmentState(absent=True)
    try:
        expected = json.loads((venv / MARKER).read_text())["site_packages"]
        present = set(os.listdir(venv / SITE_PACKAGES))
    except (OSError, ValueError, KeyError):
        return EnvironmentState(damage=f"{MARKER} missing")
    missing = [name for name in expected if name not in present][:3]
    missing += [] if (venv / "bin" / "python").exists() else ["the interpreter"]
    return EnvironmentState(damage=f"{', '.join(missing)} missing" if missing else "")


def extra_of(venv: Path) -> str:
    """The name of the lock that an environment was built from."""
    return venv.resolve().name.partition("-")[0]


def leave_symlink() -> None:
    """Start this process again by the real path of its environment, if it has another one.

    WORKER_HOME/venv is a symlink to the environment that was prepared last. It may change while a
    worker runs, which would then import from two environments.
    """
    prefix = Path(sys.prefix)
    if prefix.is_symlink():
        python = prefix.resolve() / "bin" / Path(sys.executable).name
        os.execv(python, [str(python), *sys.orig_argv[1:]])


def publish(built: Path, final: Path) -> None:
    """Rename a finished folder to its final name. Raises SetupError if that fails.

    If another builder published a complete environment first, this does nothing: the caller
    removes its own copy.
    """
    try:
        # The rename fails if `final` is there already, because an environment is never empty.
        built.rename(final)
    except OSError as error:
        if not inspect(final).complete:
            raise SetupError(f"cannot publish {final}: {error.strerror}") from error


def remove_damaged(venv: Path) -> None:
    """Move a damaged environment out of the way and remove it.

    Another builder may have published a complete one since the caller looked. So the folder is
    inspected again under its new name, and moved back if it is complete.
    """
    aside = venv.with_name(f".damaged-{venv.name}-{OWNER}")
    try:
        venv.rename(aside)
    except FileNotFoundError:  # another builder removed it first
        return
    if inspect(aside).complete:
        publish(aside, venv)
    shutil.rmtree(aside, ignore_errors=True)


def replace_symlink(link: Path, target: Path) -> None:
    """Let `link` point to `target`, by one rename. Does nothing if it points there already."""
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
        # After a crash the published name must not be there without this content.
        os.fsync(file.fileno())

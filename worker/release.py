"""Which release of the worker this is."""

import re
import tomllib
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]

_COMMIT = re.compile(r"[0-9a-f]{40,64}")
_SHOWN = 12
"""How many digits of a commit are shown: enough for git to find it."""


def version(root: Path = _ROOT) -> str:
    """The worker's own version; "unknown" if its `pyproject.toml` is missing or damaged.

    root: the folder of the worker's code.
    """
    try:
        return str(tomllib.loads((root / "pyproject.toml").read_text())["project"]["version"])
    except (OSError, ValueError, KeyError):
        return "unknown"


def commit(root: Path = _ROOT) -> str | None:
    """The beginning of the commit that the code was taken from; None if nothing here tells it.

    An image has it in the file `COMMIT`, which Dockerfile.runpod writes; a clone has it in `.git`,
    which is read without git's own program, because the image has none.
    """
    try:
        found = _from_file(root / "COMMIT") or _from_git(root / ".git")
    except (OSError, ValueError):
        return None
    return found if found is None else found[:_SHOWN]


def name() -> str:
    """The version and the commit for a line of the log."""
    known = commit()
    return f"f5-tts-worker {version()}" + (f", commit {known}" if known else "")


def _from_file(path: Path) -> str | None:
    """The commit that a file holds; None if it holds something else or is missing."""
    text = path.read_text().strip() if path.is_file() else ""
    return text if _COMMIT.fullmatch(text) else None


def _from_git(folder: Path) -> str | None:
    """The commit that a clone has checked out."""
    if folder.is_file():  # a worktree: the file says where its folder is
        folder = folder.parent / folder.read_text().removeprefix("gitdir:").strip()
    head = folder / "HEAD"
    if not head.is_file():
        return None
    branch = head.read_text().strip().removeprefix("ref: ")
    if _COMMIT.fullmatch(branch):
        return branch
    shared = folder / "commondir"
    common = folder / shared.read_text().strip() if shared.is_file() else folder
    if found := _from_file(common / branch):
        return found
    packed = common / "packed-refs"
    lines = packed.read_text().splitlines() if packed.is_file() else []
    return next((line.split()[0] for line in lines if line.endswith(f" {branch}")), None)

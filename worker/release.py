"""Which release of the worker this is."""

import tomllib
from pathlib import Path

_PROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"


def version(project: Path = _PROJECT) -> str:
    """The worker's own version; "unknown" if its `pyproject.toml` is missing or damaged."""
    try:
        return str(tomllib.loads(project.read_text())["project"]["version"])
    except (OSError, ValueError, KeyError):
        return "unknown"

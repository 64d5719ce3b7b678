"""The environment variables that the start-up reads and hands on. Standard library only."""

import os
from collections.abc import Iterable


def strip_variables(names: Iterable[str]) -> None:
    """Strip white space from these variables and remove empty ones, as settings.py does."""
    for name in names:
        value = os.environ.pop(name, "").strip()
        if value:
            os.environ[name] = value


def clean_environment() -> dict[str, str]:
    """This process's environment without the variables that change how another Python runs.

    PYTHONDONTWRITEBYTECODE goes too: without bytecode the worker imports three times as slowly.
    """
    dropped = {"PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"}
    return {name: value for name, value in os.environ.items() if name not in dropped}

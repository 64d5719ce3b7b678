"""What outside of the environment can keep a worker from starting. Standard library only."""

import errno
import os
import re
import resource
import sys
from pathlib import Path

from volume.environment import SITE_PACKAGES

OUT_OF_MEMORY = (
    *("cannot allocate memory", "can't allocate memory", "bad_alloc"),
    *("failed to map segment from shared object", "memory allocation"),
)
"""Words, in lower case, that the C libraries use for it."""

_NO_THREAD = "can't start new thread"


def cause_in_error(root: Path, error: BaseException) -> str:
    """The cause that an error at the start tells by itself, with its remedy; empty if it is none.

    root: the folder of the repository.
    """
    message = str(error)
    return _of_our_own_file(root, error) or _of_memory(error, message) or _of_threads(message)


def cause_in_variables(venv: Path, message: str) -> str:
    """The variable that keeps the worker from starting, with its remedy; empty if none does.

    venv: the environment of this process; its files are known to be whole.
    message: the error's.
    """
    return (
        _of_python_path(venv, message) or _of_library_path(venv, message) or _of_a_variable(message)
    )


def _of_our_own_file(root: Path, error: BaseException) -> str:
    if isinstance(error, SyntaxError) and error.filename:
        file = Path(error.filename)
        # The environment may lie under the repository.
        if file.is_relative_to(root) and not file.is_relative_to(sys.prefix):
            return (
                f"the worker's own file {file.relative_to(root)} is not valid Python: build the "
                "image again, or check the repository out again"
            )
    return ""


def _of_memory(error: BaseException, message: str) -> str:
    out_of_memory = isinstance(error, MemoryError) or getattr(error, "errno", 0) == errno.ENOMEM
    # A thread needs address space for its stack.
    limited = _address_space() and _NO_THREAD in message
    if not (out_of_memory or limited or any(words in message.lower() for words in OUT_OF_MEMORY)):
        return ""
    return _address_space() or "the machine has no memory left for it: give the container more"


def _address_space() -> str:
    """The limit of this process's address space with the remedy; empty if there is no limit."""
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    if limit == resource.RLIM_INFINITY:
        return ""
    return (
        f"this process may use {limit // 1_000_000:,} MB of address space at most: raise the limit "
        "(`ulimit -v unlimited`)"
    )


def _of_threads(message: str) -> str:
    if _NO_THREAD not in message:
        return ""
    return (
        "the limit of processes and threads is reached: raise it (`ulimit -u`, or the container's "
        "limit of pids)"
    )


def _of_python_path(venv: Path, message: str) -> str:
    try:
        installed = {name.partition(".")[0] for name in os.listdir(venv / SITE_PACKAGES)}
        installed.discard("__pycache__")
    except OSError:
        return ""
    # Many packages install a folder `tests` that nobody imports, so the name alone proves nothing.
    named = sorted(installed.intersection(re.findall(r"\w+", message)))
    for folder in filter(None, os.environ.get("PYTHONPATH", "").split(":")):
        for name in named:
            if any(Path(folder, name + end).is_file() for end in (".py", "/__init__.py")):
                return (
                    f"PYTHONPATH has {folder}, whose {name} hides the environment's: "
                    "remove it from PYTHONPATH"
                )
    return ""


def _of_library_path(venv: Path, message: str) -> str:
    for folder in filter(None, os.environ.get("LD_LIBRARY_PATH", "").split(":")):
        if not Path(folder).is_relative_to(venv) and f"{folder.rstrip('/')}/" in message:
            return (
                f"LD_LIBRARY_PATH has {folder}, whose libraries do not fit: remove it from "
                "LD_LIBRARY_PATH"
            )
    return ""


def _of_a_variable(message: str) -> str:
    """A library that cannot use the value of a variable often quotes the value alone."""
    # Some libraries change the case of a value before they look at it.
    quoted = message.lower()
    names = [name for name, value in os.environ.items() if value and repr(value).lower() in quoted]
    if not names:
        return ""
    return f"{' or '.join(sorted(names))} has this value: correct it, or remove the variable"

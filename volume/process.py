"""The commands that the start-up runs, and the environment variables that they get."""

import contextlib
import os
import shutil
import subprocess
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from volume.log import Log, SetupError


def run(
    command: Sequence[str | Path],
    log: Log,
    environment: Mapping[str, str],
    *,
    hint: str = "",
    echo: bool = False,
    cwd: Path | None = None,
) -> None:
    """Run a command, its output in the log's file and with `echo` in the window.

    Raises SetupError with the last lines when it fails. The command dies with this process.
    """
    words = [str(word) for word in command]
    log.write(f"$ {' '.join(words)}")
    last: deque[str] = deque(maxlen=12)
    with (
        subprocess.Popen(
            die_with_parent(words),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=cwd,
            text=True,
            errors="replace",
        ) as process,
        contextlib.ExitStack() as interrupted,
    ):
        interrupted.callback(process.kill)
        for line in process.stdout or ():
            last.append(line.rstrip())
            (log.say if echo else log.write)(last[-1])
        interrupted.pop_all()
    if process.returncode != 0:
        said = "" if echo else "".join(f"\n    {line}" for line in last)
        name = Path(words[0]).name
        raise SetupError(f"{name} failed with status {process.returncode}{hint}{said}")


def die_with_parent(command: Sequence[str | Path]) -> list[str | Path]:
    """The command, killed by the system when this process is gone."""
    return [*(["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []), *command]


def strip_variables(names: Iterable[str]) -> None:
    """Take white space off these variables and remove empty ones, as settings.py does."""
    for name in names:
        value = os.environ.pop(name, "").strip()
        if value:
            os.environ[name] = value


def clean_environment() -> dict[str, str]:
    """This process's environment without what would bend the other Python.

    PYTHONDONTWRITEBYTECODE goes too: without bytecode the worker imports three times as slowly.
    """
    bending = {"PYTHONDONTWRITEBYTECODE", "PYTHONHOME", "PYTHONPATH", "VIRTUAL_ENV"}
    return {name: value for name, value in os.environ.items() if name not in bending}

"""The commands that the start-up runs. Standard library only."""

import contextlib
import shutil
import subprocess
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path

from volume.errors import SetupError
from volume.log import Log

_LAST_LINES = 12
"""The lines of a failed command's output that its error shows."""


def run(
    command: Sequence[str | Path],
    log: Log,
    environment: Mapping[str, str],
    *,
    hint: str = "",
    echo: bool = False,
    cwd: Path | None = None,
) -> None:
    """Run a command and write its output to the log's file. The command dies with this process.

    command: the program and its arguments.
    log: gets the command and its output.
    environment: all variables that the command gets.
    hint: what the error says after the exit status.
    echo: print the output too. Its last line must say why the command failed with status 1.
    cwd: the folder that the command runs in; None for this process's own.

    Raises SetupError if the command fails: with the last lines, or with only the last one if
    they were printed.
    """
    words = [str(word) for word in command]
    log.write(f"$ {' '.join(words)}")
    last_lines: deque[str] = deque(maxlen=_LAST_LINES)
    with (
        subprocess.Popen(
            die_with_parent(words),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(environment),
            cwd=cwd,
            text=True,
            errors="replace",  # the output may hold bytes that are not UTF-8
        ) as process,
        contextlib.ExitStack() as interrupted,
    ):
        # SIGTERM arrives as SystemExit. Without the kill, Popen would wait until the command ends.
        interrupted.callback(process.kill)
        for line in process.stdout or ():
            last_lines.append(line.rstrip())
            (log.say if echo else log.write)(last_lines[-1])
        interrupted.pop_all()
    if process.returncode != 0:
        name = Path(words[0]).name
        if echo and process.returncode == 1 and last_lines:
            raise SetupError(last_lines[-1])
        output = "".join(f"\n    {line}" for line in last_lines)
        raise SetupError(f"{name} failed with status {process.returncode}{hint}{output}")


def die_with_parent(command: Sequence[str | Path]) -> list[str | Path]:
    """The command with a prefix that has the system kill it when this process ends.

    The kernel does it, because a process that gets SIGKILL runs no code of its own. A system
    without setpriv (it is part of util-linux, on Linux only) runs the command without the prefix.
    """
    return [*(["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []), *command]

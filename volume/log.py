"""What the start-up says, and how it runs commands. Standard library only."""

import contextlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

TELL_EVERY_S = 10.0


class SetupError(Exception):
    """One sentence for the person who reads the log: what is wrong and what to do."""


def say(message: str) -> None:
    """One line for the log window; stderr, because stdout belongs to the answer."""
    print(f"setup: {message}", file=sys.stderr, flush=True)


class Log:
    """The log window and a file on the volume; a full volume costs the file, not the work."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def say(self, message: str) -> None:
        """One line for both."""
        say(message)
        self.write(message)

    def write(self, text: str) -> None:
        """One line for the file."""
        with contextlib.suppress(OSError), self.path.open("a") as file:
            file.write(f"{text}\n")


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
            ending_with_us(words),
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


def ending_with_us(command: Sequence[str | Path]) -> list[str | Path]:
    """The command, killed by the system when this process is gone."""
    return [*(["setpriv", "--pdeathsig", "KILL"] if shutil.which("setpriv") else []), *command]


@contextlib.contextmanager
def progress_lines(describe: Callable[[], str], tell: Callable[[str], None]) -> Iterator[None]:
    """Say how far the work is each TELL_EVERY_S while the body runs."""
    started = time.monotonic()
    finished = threading.Event()

    def repeat() -> None:
        while not finished.wait(TELL_EVERY_S):
            with contextlib.suppress(OSError):  # what it looks at may just be going
                tell(f"{describe()}, {time.monotonic() - started:.0f} s")

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        finished.set()
        thread.join()


def tidy(names: Iterable[str]) -> None:
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

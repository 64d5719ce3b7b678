"""What the start-up says, and how it runs commands. Standard library only."""

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PROGRESS_EVERY_S = 10.0


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


@contextlib.contextmanager
def progress_lines(describe: Callable[[], str], tell: Callable[[str], None]) -> Iterator[None]:
    """Say how far the work is each PROGRESS_EVERY_S while the body runs."""
    started = time.monotonic()
    finished = threading.Event()

    def repeat() -> None:
        while not finished.wait(PROGRESS_EVERY_S):
            with contextlib.suppress(OSError):  # what it looks at may just be going
                tell(f"{describe()}, {time.monotonic() - started:.0f} s")

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        finished.set()
        thread.join()

"""The lines that the start-up prints and logs. Standard library only."""

import contextlib
import sys
from pathlib import Path


def say(message: str) -> None:
    """Print one line to stderr. stdout is for the result of --prepare-only."""
    print(f"setup: {message}", file=sys.stderr, flush=True)


class Log:
    """Lines for stderr and for a file on the volume.

    A full volume, or one that can only be read, loses the lines of the file and no others.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def say(self, message: str) -> None:
        """Write one line to both."""
        say(message)
        self.write(message)

    def write(self, text: str) -> None:
        """Write one line to the file."""
        with contextlib.suppress(OSError), self.path.open("a") as file:
            file.write(f"{text}\n")

"""The lines that the start-up prints and logs. Standard library only."""

import contextlib
import sys
from pathlib import Path


def say(message: str) -> None:
    """Print one line to stderr; stdout belongs to the answer of --prepare-only."""
    print(f"setup: {message}", file=sys.stderr, flush=True)


class Log:
    """Lines for stderr and for a file on the volume; a full volume loses the file's lines only."""

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

"""Lines about work that takes long. Standard library only."""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator

from volume.waits import Waits


@contextlib.contextmanager
def progress_lines(
    describe: Callable[[], str],
    print_line: Callable[[str], None],
    every_s: float = Waits.progress_s,
) -> Iterator[None]:
    """While the body runs, print `describe()` and the seconds so far, every `every_s` seconds."""
    started = time.monotonic()
    finished = threading.Event()

    def repeat() -> None:
        while not finished.wait(every_s):
            # The files that `describe` counts may be removed while it looks at them.
            with contextlib.suppress(OSError):
                print_line(f"{describe()}, {time.monotonic() - started:.0f} s")

    thread = threading.Thread(target=repeat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        finished.set()
        thread.join()

"""One at a time for each of many things, and how a thread that waits for its turn is stopped."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from weakref import WeakValueDictionary

POLL_S = 0.1


class Turns:
    """A lock for each name, kept while somebody has or awaits it; safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()

    @contextmanager
    def of(self, name: str, check: Callable[[], None]) -> Iterator[None]:
        """The body alone has the name; until then `check` is called each POLL_S, and what it raises
        ends the wait."""
        with self._lock:
            turn = self._turns.setdefault(name, threading.Lock())
        while not turn.acquire(timeout=POLL_S):
            check()
        try:
            yield
        finally:
            turn.release()

"""A lock for each key, with a wait that can be cancelled."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakValueDictionary

from errors import CancelCheck

POLL_S = 0.1


class KeyedLock:
    """Lets one thread at a time work on each key; different keys do not wait for each other.

    Safe for several threads. A key takes memory only while a thread holds it or waits for it.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: WeakValueDictionary[str, threading.Lock] = WeakValueDictionary()

    @contextmanager
    def hold(self, key: str, check: CancelCheck) -> Iterator[None]:
        """Hold the lock of `key` while the body runs.

        The wait for it calls `check` every POLL_S seconds; an exception from it ends the wait.
        """
        # WeakValueDictionary.setdefault is not atomic: two threads could get two locks for one key.
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        while not lock.acquire(timeout=POLL_S):
            check()
        try:
            yield
        finally:
            lock.release()

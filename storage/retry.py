"""A store that retries, so that a short outage does not lose what a job made, and can be left."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

from storage.sockets import run_interruptible
from storage.store import RECORD_BYTES, ObjectInfo, StorageError, Store

PATIENCE_S = 60.0
"""The seconds for which a call is repeated, unless the caller names others."""

ATTEMPTS = 2
READ_TIMEOUT_S = 20.0
"""For the wrapped store; the timeout in seconds. Kept small: RetryingStore retries on top."""

_PAUSE_S = 1.0
"""The seconds between two calls."""

T = TypeVar("T")


class RetryingStore:
    """Repeats a call that fails with a retryable error; gives a call up when its job is stopped.

    store: the wrapped store. Of a RetryingStore the inner store is wrapped, so that the waits do
        not multiply.
    sleep: waits between two calls, and is called with 0 while a call runs. An error that it raises
        ends the retries and the call: a store may hold a call for ever with a byte now and then.
    patience_s: the seconds after a call's start until which it is repeated.
    clock: the time in seconds, which never goes back.
    """

    def __init__(
        self,
        store: Store,
        sleep: Callable[[float], None] = time.sleep,
        patience_s: float = PATIENCE_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store: Store = store._store if isinstance(store, RetryingStore) else store
        self._sleep = sleep
        self._patience_s = patience_s
        self._clock = clock

    @property
    def warnings(self) -> tuple[str, ...]:
        """See Store."""
        return self._store.warnings

    def check(self) -> None:
        """See Store. A wrong setting is reported at once: its errors are not retryable."""
        self._retry(self._store.check)

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """See Store."""
        self._retry(lambda: self._store.put(key, data, content_type))

    def put_if(self, key: str, data: bytes, content_type: str, etag: str | None) -> bool:
        """See Store. False also where an attempt before has written, and its answer was lost."""
        return self._retry(lambda: self._store.put_if(key, data, content_type, etag))

    def put_file(self, key: str, path: Path, content_type: str) -> None:
        """See Store."""
        self._retry(lambda: self._store.put_file(key, path, content_type))

    def get(self, key: str, max_bytes: int = RECORD_BYTES) -> bytes:
        """See Store."""
        return self._retry(lambda: self._store.get(key, max_bytes))

    def get_file(self, key: str, path: Path, max_bytes: int) -> None:
        """See Store."""
        self._retry(lambda: self._store.get_file(key, path, max_bytes))

    def stat(self, key: str) -> ObjectInfo | None:
        """See Store."""
        return self._retry(lambda: self._store.stat(key))

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        """See Store."""
        return self._retry(lambda: self._store.list(prefix))

    def delete(self, key: str) -> None:
        """See Store."""
        self._retry(lambda: self._store.delete(key))

    # Links are not repeated: the stores make them without a request.

    def url(self, key: str, expires_s: int, filename: str | None = None) -> str:
        """See Store."""
        return self._store.url(key, expires_s, filename)

    def upload_url(self, key: str, expires_s: int) -> str:
        """See Store."""
        return self._store.upload_url(key, expires_s)

    def _retry(self, call: Callable[[], T]) -> T:
        deadline = self._clock() + self._patience_s
        while True:
            try:
                return run_interruptible(call, lambda: self._sleep(0.0))
            except StorageError as error:
                if not error.is_retryable or self._clock() >= deadline:
                    raise
            self._sleep(_PAUSE_S)

"""Where voices, audio, timing files and manifests live: one protocol, two stores."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Protocol

from errors import WorkerError


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What a store knows of one object: `size` in bytes, `last_modified` aware and in UTC.

    `etag` is opaque; it differs when the object was written again with other content.
    """

    key: str
    size: int
    last_modified: datetime
    etag: str


class NotFound(WorkerError):
    """No object has this key."""

    code: ClassVar[str] = "not_found"

    def __init__(self, key: str) -> None:
        super().__init__(f"nothing is stored as {key!r}; it was never written or was deleted since")
        self.key = key


class StorageError(WorkerError):
    """The store refused, failed or could not be reached; `remedy` says what to look at.

    `is_retryable` where the same call may work a little later.
    """

    code: ClassVar[str] = "storage_error"

    def __init__(self, problem: str, remedy: str, is_retryable: bool = False) -> None:
        super().__init__(f"{problem}; {remedy}")
        self.problem = problem
        self.remedy = remedy
        self.is_retryable = is_retryable


class TooLarge(WorkerError):
    """A file, or an object, over the limit."""

    code: ClassVar[str] = "too_large"

    def __init__(self, max_bytes: int) -> None:
        super().__init__(
            f"the file is larger than {max_bytes // 1_000_000} MB; send a shorter one, or a "
            "compressed format such as mp3"
        )


RECORD_BYTES = 16_000_000
"""Above every record and page that this worker writes."""


class Store(Protocol):
    """Objects by key. Every method is safe to call from several threads at once.

    Every method raises `keys.InvalidName` for a key that `keys.check_key` refuses, and
    `StorageError` when the store cannot do what was asked.
    """

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences for the reply of every job whose files are kept here; empty for a bucket."""
        ...

    def check(self) -> None:
        """Prove that objects can be written, read, linked to and deleted, with one probe object."""
        ...

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Store `data`, in place of what was there: a reader sees the old or the new, whole."""
        ...

    def put_file(self, key: str, path: Path, content_type: str) -> None:
        """`put` of a file, without reading it into memory. OSError when `path` cannot be opened."""
        ...

    def get(self, key: str, max_bytes: int = RECORD_BYTES) -> bytes:
        """The object's bytes. Raises NotFound, and TooLarge once there are more than `max_bytes`.

        What `stat` said may be over by then, or may have been a lie.
        """
        ...

    def get_file(self, key: str, path: Path, max_bytes: int) -> None:
        """`get` into a file that is made or replaced, without holding the object in memory.

        OSError when `path` cannot be written.
        """
        ...

    def stat(self, key: str) -> ObjectInfo | None:
        """What is known of the object, or None when there is none."""
        ...

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        """Every object whose key starts with `prefix`, all pages, sorted by key."""
        ...

    def delete(self, key: str) -> None:
        """Remove the object; done as well when there is none."""
        ...

    def url(self, key: str, expires_s: int, filename: str | None = None) -> str:
        """A link that anyone can GET for `expires_s` seconds (1..604 800).

        It answers the content type that was stored and, with `filename`, that name to save it as.
        Whether the object exists is not looked up.
        """
        ...

    def upload_url(self, key: str, expires_s: int) -> str:
        """A link that anyone can PUT to for `expires_s` seconds, of any size and content type."""
        ...

"""The protocol of a store of objects, for voices, audio, timing files and manifests."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import ClassVar, Protocol

from errors import WorkerError


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """One object: `size` in bytes, `last_modified` aware and in UTC.

    `etag` is opaque; it changes when the object is written again with other content.
    """

    key: str
    size: int
    last_modified: datetime
    etag: str


class NotFound(WorkerError):
    """There is no object with this key."""

    code: ClassVar[str] = "not_found"

    def __init__(self, key: str) -> None:
        super().__init__(f"nothing is stored as {key!r}; it was never written or was deleted since")
        self.key = key


class StorageError(WorkerError):
    """The store refused, failed or could not be reached.

    problem: what happened.
    remedy: what the operator can check or change.
    is_retryable: whether the same call may work a little later.
    """

    code: ClassVar[str] = "storage_error"

    def __init__(self, problem: str, remedy: str, is_retryable: bool = False) -> None:
        super().__init__(f"{problem}; {remedy}")
        self.problem = problem
        self.remedy = remedy
        self.is_retryable = is_retryable


class TooLarge(WorkerError):
    """A file or an object is larger than `max_bytes`."""

    code: ClassVar[str] = "too_large"

    def __init__(self, max_bytes: int) -> None:
        super().__init__(
            f"the file is larger than {max_bytes // 1_000_000} MB; send a shorter one, or a "
            "compressed format such as mp3"
        )


RECORD_BYTES = 1_000_000
"""In bytes: more than any record that this worker writes, and the limit of `Store.get`."""

TEXT_BYTES = 16_000_000
"""In bytes: more than the largest lexicon and the largest HTML page; a limit for those two."""


class Store(Protocol):
    """Objects by key. Every method is safe to call from several threads at once.

    Every method raises `keys.InvalidName` for a key that `keys.check_key` refuses, and
    `StorageError` if the store fails.
    """

    @property
    def warnings(self) -> tuple[str, ...]:
        """Sentences for the reply of every job whose files are stored here."""
        ...

    def check(self) -> None:
        """Write, read, link to and delete a probe object. Raises StorageError if one fails."""
        ...

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """Store `data`, replacing an object with this key: a reader sees the old or the new one."""
        ...

    def put_if(self, key: str, data: bytes, content_type: str, etag: str | None) -> bool:
        """`put` if the object still has this etag, or still is missing for None; whether it was.

        Some S3 servers ignore such conditions: there a write of another worker at the same moment
        can be lost. A caller that shares an object looks again a little later.
        """
        ...

    def put_file(self, key: str, path: Path, content_type: str) -> None:
        """`put` of a file, without reading it into memory. Raises OSError if it cannot be read."""
        ...

    def get(self, key: str, max_bytes: int = RECORD_BYTES) -> bytes:
        """The object's bytes. Raises NotFound, and TooLarge if there are more than `max_bytes`.

        The bytes themselves are counted: the size that `stat` reported may be outdated or a lie.
        Reading ends at the limit, so that an object of any size takes little memory.
        """
        ...

    def get_file(self, key: str, path: Path, max_bytes: int) -> None:
        """`get` into a file, which is created or replaced, without holding the object in memory.

        Raises OSError if the file cannot be written.
        """
        ...

    def stat(self, key: str) -> ObjectInfo | None:
        """The object's size, date and etag; None if there is no such object."""
        ...

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        """Every object whose key starts with `prefix`, all pages, sorted by key."""
        ...

    def delete(self, key: str) -> None:
        """Remove the object; no error if there is none."""
        ...

    def url(self, key: str, expires_s: int, filename: str | None = None) -> str:
        """A link that anyone can GET for `expires_s` seconds (1..604 800, S3's 7 days).

        The response has the content type that was stored and, with `filename`, a
        Content-Disposition with this name. The object need not exist.
        """
        ...

    def upload_url(self, key: str, expires_s: int) -> str:
        """A link that anyone can PUT to for `expires_s` seconds, of any size and content type."""
        ...

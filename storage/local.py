"""A store in a folder of this machine, for trying the worker out without a bucket."""

import errno
import fcntl
import os
import shutil
import stat
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import BinaryIO

from storage import keys
from storage.store import RECORD_BYTES, NotFound, ObjectInfo, StorageError, TooLarge

_TEMPORARY = ".tmp"  # keys.check_key refuses it as a part of a key
_LOCK = ".lock"
_ABANDONED_S = 3600.0
"""The age in seconds from which a temporary file counts as left by a killed writer."""

_PART_BYTES = 1 << 20
_PROBE = b"f5-tts-worker probe"
_BUCKET = "or set S3_BUCKET to keep files in a bucket"
_ERRNO = {
    errno.ENOSPC: ("the disk of the local store is full", f"free some space, {_BUCKET}"),
    errno.EDQUOT: ("the disk quota of the local store is used up", f"free some space, {_BUCKET}"),
    errno.EFBIG: ("the file is larger than this machine allows", f"raise its limit, {_BUCKET}"),
    errno.EROFS: ("the local store is on a read-only disk", f"mount it writable, {_BUCKET}"),
    errno.EACCES: ("the worker may not use the local store", f"give it the right, {_BUCKET}"),
    errno.EPERM: ("the worker may not use the local store", f"give it the right, {_BUCKET}"),
}


class LocalStore:
    """Objects as files below the folder `root`, which the first `put` creates.

    A file is written below `root/.tmp`, flushed to the disk and then renamed: neither a reader nor
    a crash can meet half of it. Symbolic links are never followed. Content types are not stored.
    """

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    @property
    def warnings(self) -> tuple[str, ...]:
        """One sentence: the links work on this machine only."""
        return (
            "links are file:// URLs of this machine because no bucket is configured; "
            "set S3_BUCKET, AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for links that work "
            "elsewhere",
        )

    def check(self) -> None:
        """Write, read and delete a probe; remove what killed writers left over an hour ago."""
        key = f"probe-{uuid.uuid4().hex}"
        self.put(key, _PROBE, "text/plain")
        try:
            if self.get(key) != _PROBE:
                raise StorageError("the local store gives back other bytes", "check its disk")
        finally:
            self.delete(key)
        with _translated():
            self._sweep()

    def put(self, key: str, data: bytes, content_type: str) -> None:
        """See Store."""
        self._write(key, BytesIO(data))

    def put_if(self, key: str, data: bytes, content_type: str, etag: str | None) -> bool:
        """See Store. One lock for all objects: the system frees it when its process ends."""
        with _translated():
            self._root.mkdir(parents=True, exist_ok=True)
            with (self._root / _LOCK).open("ab") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                info = self.stat(key)
                if (info.etag if info else None) != etag:
                    return False
                self.put(key, data, content_type)
                return True

    def put_file(self, key: str, path: Path, content_type: str) -> None:
        """See Store."""
        with path.open("rb") as source:
            self._write(key, source)

    def get(self, key: str, max_bytes: int = RECORD_BYTES) -> bytes:
        """See Store."""
        with _translated(), self._opened(key, max_bytes) as source:
            return source.read()

    def get_file(self, key: str, path: Path, max_bytes: int) -> None:
        """See Store."""
        with path.open("wb") as target:
            for part in self._parts(key, max_bytes):
                target.write(part)

    def stat(self, key: str) -> ObjectInfo | None:
        """See Store."""
        path = self._path(key)
        with _translated():
            return _info(key, path)

    def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
        """See Store."""
        folder = self._root / keys.check_prefix(prefix).rpartition("/")[0]
        with _translated():
            infos = [
                info
                for key, path in self._files(folder)
                if key.startswith(prefix) and (info := _info(key, path))
            ]
        return iter(sorted(infos, key=lambda info: info.key))

    def delete(self, key: str) -> None:
        """See Store. Empty folders stay: a writer may be about to rename a file into one."""
        path = self._path(key)
        with _translated():
            # A key may also be the name of a folder that holds other objects.
            if path.is_file():
                path.unlink(missing_ok=True)

    def url(self, key: str, expires_s: int, filename: str | None = None) -> str:
        """The `file://` URL of the object; `expires_s` and `filename` have no effect."""
        return self._path(key).as_uri()

    def upload_url(self, key: str, expires_s: int) -> str:
        """Raises StorageError always: no server accepts files for this folder."""
        raise StorageError(
            "without a bucket there is no link to upload to",
            "set S3_BUCKET, or give the file's own URL",
        )

    def _path(self, key: str) -> Path:
        path = self._root / keys.check_key(key)
        with _translated():
            if _is_linked(path):
                raise StorageError(
                    f"a symbolic link lies on the way to {key!r}", "remove it from the local store"
                )
        return path

    def _parts(self, key: str, max_bytes: int) -> Iterator[bytes]:
        """The object in parts. The caller's own OSError, between two parts, is not translated."""
        with _translated(), self._opened(key, max_bytes) as source:
            while part := source.read(_PART_BYTES):
                yield part

    def _opened(self, key: str, max_bytes: int) -> BinaryIO:
        """Open the object's file. Files are replaced, never changed: the checked size stays."""
        try:
            source = self._path(key).open("rb")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise NotFound(key) from None
        if os.fstat(source.fileno()).st_size > max_bytes:
            source.close()
            raise TooLarge(max_bytes)
        return source

    def _write(self, key: str, source: BinaryIO) -> None:
        path = self._path(key)
        # On the same disk as the target, or the file could not be renamed.
        temporary = self._root / _TEMPORARY / uuid.uuid4().hex
        with _translated():
            temporary.parent.mkdir(parents=True, exist_ok=True)
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                with temporary.open("xb") as target:
                    shutil.copyfileobj(source, target, _PART_BYTES)
                    target.flush()
                    os.fsync(target.fileno())
                temporary.replace(path)
            finally:  # nothing is there to remove if the rename succeeded
                temporary.unlink(missing_ok=True)

    def _files(self, folder: Path) -> Iterator[tuple[str, Path]]:
        if _is_linked(folder):
            return
        for parent, folders, names in os.walk(folder, onerror=_raise_unless_missing):
            # os.walk reads the changed list: it does not enter the folders that are left out.
            folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                if not name.startswith("."):
                    path = Path(parent, name)
                    yield path.relative_to(self._root).as_posix(), path

    def _sweep(self) -> None:
        """Remove old temporary files; another worker may still be writing a young one."""
        limit = time.time() - _ABANDONED_S
        for path in (self._root / _TEMPORARY).iterdir():
            try:
                if path.stat().st_mtime < limit:
                    path.unlink()
            except FileNotFoundError:
                continue


def _is_linked(path: Path) -> bool:
    # realpath leaves a link to itself as it is; is_symlink sees that one.
    return path.is_symlink() or os.path.realpath(path) != str(path)


def _raise_unless_missing(error: OSError) -> None:
    # A folder that no `put` has created yet is an empty list.
    if not isinstance(error, FileNotFoundError | NotADirectoryError):
        raise error


def _info(key: str, path: Path) -> ObjectInfo | None:
    try:
        status = path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    if not stat.S_ISREG(status.st_mode):
        return None
    return ObjectInfo(
        key=key,
        size=status.st_size,
        last_modified=datetime.fromtimestamp(status.st_mtime, UTC),
        # A new file has another inode, even one written within the same tick of the clock.
        etag=f"{status.st_mtime_ns:x}-{status.st_ino:x}-{status.st_size:x}",
    )


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise storage_error(error) from error


def storage_error(error: OSError) -> StorageError:
    """The error for one of the file system: its kind, never the path that it names."""
    name = errno.errorcode.get(error.errno or 0, type(error).__name__)
    problem, remedy = _ERRNO.get(
        error.errno or 0, ("the local store failed", f"check its folder and disk, {_BUCKET}")
    )
    return StorageError(f"{problem} ({name})", remedy)

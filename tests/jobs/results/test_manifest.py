"""A job's files on their way into the store."""

import threading
from pathlib import Path

import pytest

from jobs.results.manifest import RenderedFile, StoredFile, put_files
from storage.local import LocalStore
from storage.store import StorageError


class Meeting(LocalStore):
    """Takes an object only while others come, and none that is called bad."""

    def __init__(self, folder: Path, together: int) -> None:
        super().__init__(folder)
        self._barrier = threading.Barrier(together)

    def put(self, key: str, data: bytes, content_type: str) -> None:
        self._barrier.wait(timeout=10)
        if key.endswith("bad"):
            raise StorageError("the store is full", "make room")
        super().put(key, data, content_type)


def files(*names: str) -> list[RenderedFile]:
    stored = [StoredFile(key=f"a/{n}", content_type="text/plain", filename=n) for n in names]
    return [RenderedFile("timing", file.filename, file, b"x") for file in stored]


def test_files_go_side_by_side(tmp_path: Path) -> None:
    store = Meeting(tmp_path, 3)
    put_files(store, files("1", "2", "3"))
    assert len(list(store.list("a/"))) == 3


def test_a_failure_comes_after_the_others_have_ended(tmp_path: Path) -> None:
    store = Meeting(tmp_path, 3)
    with pytest.raises(StorageError, match="make room"):
        put_files(store, files("bad", "2", "3"))
    assert [info.key for info in store.list("a/")] == ["a/2", "a/3"]

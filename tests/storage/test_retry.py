"""Calls that are repeated while the store is away, and those that are not."""

from pathlib import Path

import pytest

from storage.local import LocalStore
from storage.retry import RetryingStore
from storage.store import RECORD_BYTES, NotFound, StorageError
from worker.cancellation import CancellationToken, Cancelled, CancelReason


class Away(LocalStore):
    """A store that fails a number of times before it answers."""

    def __init__(self, folder: Path, times: int, is_retryable: bool = True) -> None:
        super().__init__(folder)
        self.times = times
        self._is_retryable = is_retryable

    def get(self, key: str, max_bytes: int = RECORD_BYTES) -> bytes:
        if self.times:
            self.times -= 1
            raise StorageError("the store cannot be reached", "check it", self._is_retryable)
        return super().get(key, max_bytes)


def no_pause(seconds: float) -> None:
    pass


def test_a_call_is_repeated_until_the_store_is_back(tmp_path: Path) -> None:
    away = Away(tmp_path, 3)
    store = RetryingStore(away, no_pause)
    store.put("a", b"x", "text/plain")
    assert store.get("a") == b"x"
    assert away.times == 0


def test_patience_ends(tmp_path: Path) -> None:
    seconds = [0.0]

    def sleep(s: float) -> None:
        seconds[0] += s

    away = Away(tmp_path, 100)
    store = RetryingStore(away, sleep, patience_s=10.0, clock=lambda: seconds[0])
    with pytest.raises(StorageError, match="check it"):
        store.get("a")
    assert seconds == [10.0]
    assert away.times == 100 - 11


def test_a_check_waits_for_a_store_that_is_away_only_where_it_may(tmp_path: Path) -> None:
    class AwayAtFirst(Away):
        def check(self) -> None:
            self.get("probe")

    away = AwayAtFirst(tmp_path, 2)
    away.put("probe", b"x", "text/plain")
    RetryingStore(away, no_pause).check()
    assert away.times == 0
    at_once = AwayAtFirst(tmp_path, 2)
    with pytest.raises(StorageError, match="check it"):
        RetryingStore(at_once, no_pause, patience_s=0.0).check()
    assert at_once.times == 1
    wrong = AwayAtFirst(tmp_path, 2, is_retryable=False)
    with pytest.raises(StorageError, match="check it"):
        RetryingStore(wrong, no_pause).check()
    assert wrong.times == 1


def test_a_pause_that_is_told_to_stop_ends_the_wait(tmp_path: Path) -> None:
    stop = CancellationToken()
    away = Away(tmp_path, 10_000)

    def pause(seconds: float) -> None:
        if away.times < 9_997:
            stop.set(CancelReason.CANCELLED)
        stop.sleep(0)

    with pytest.raises(Cancelled):
        RetryingStore(RetryingStore(away), pause).get("a")
    assert away.times == 9_996


def test_what_will_not_pass_is_not_repeated(tmp_path: Path) -> None:
    away = Away(tmp_path, 3, is_retryable=False)
    with pytest.raises(StorageError):
        RetryingStore(away, no_pause).get("a")
    assert away.times == 2
    with pytest.raises(NotFound):
        RetryingStore(LocalStore(tmp_path)).get("a")


def test_everything_else_is_the_stores_own(tmp_path: Path) -> None:
    inner = LocalStore(tmp_path / "store")
    store = RetryingStore(inner)
    (tmp_path / "file").write_bytes(b"y")
    store.put("a/1", b"x", "text/plain")
    store.put_file("a/2", tmp_path / "file", "text/plain")
    store.get_file("a/2", tmp_path / "copy", 1)
    assert (tmp_path / "copy").read_bytes() == b"y"
    assert [info.key for info in store.list("a/")] == ["a/1", "a/2"]
    assert store.stat("a/1") == inner.stat("a/1")
    assert store.url("a/1", 60) == inner.url("a/1", 60)
    store.delete("a/1")
    assert store.stat("a/1") is None
    assert store.warnings == inner.warnings
    with pytest.raises(StorageError):
        store.upload_url("a/3", 60)
    store.check()

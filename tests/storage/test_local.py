"""What only the local store does: folders, links, crashes and full disks."""

import errno
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from storage.local import LocalStore, storage_error
from storage.store import NotFound, StorageError

ROOT = Path(__file__).resolve().parents[2]
WRITER = """
import sys
from pathlib import Path
from storage.local import LocalStore
LocalStore(Path(sys.argv[1])).put_file("output/job.wav", Path(sys.argv[2]), "audio/wav")
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def store(root: Path) -> LocalStore:
    return LocalStore(root)


def files_below(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_store_that_was_never_written_is_empty(root: Path, store: LocalStore) -> None:
    assert list(store.list()) == []
    assert store.stat("a") is None
    store.delete("a")
    assert not root.exists()


def test_the_link_is_a_file_url_that_leads_to_the_bytes(store: LocalStore) -> None:
    store.put("voices/Jürgen Müller #1.wav", b"sound", "audio/wav")
    link = urlsplit(store.url("voices/Jürgen Müller #1.wav", 60, filename="other.wav"))
    assert link.scheme == "file"
    assert Path(unquote(link.path)).read_bytes() == b"sound"


def test_it_warns_once_that_its_links_end_at_this_machine(store: LocalStore) -> None:
    (warning,) = store.warnings
    assert "file:// URLs of this machine because no bucket is configured" in warning
    assert "S3_BUCKET" in warning


def test_there_is_no_link_to_upload_to(store: LocalStore) -> None:
    with pytest.raises(StorageError, match="there is no link to upload to; set S3_BUCKET"):
        store.upload_url("voices/a.wav", 60)


def test_files_can_be_read_by_the_user_who_follows_the_link(root: Path, store: LocalStore) -> None:
    store.put("a", b"x", "text/plain")
    plain = root / "plain"
    plain.write_bytes(b"x")
    assert (root / "a").stat().st_mode == plain.stat().st_mode


def test_symbolic_links_are_neither_followed_nor_listed(
    tmp_path: Path, root: Path, store: LocalStore
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    root.mkdir()
    (root / "folder").symlink_to(outside)
    (root / "file").symlink_to(outside / "secret")
    (root / "loop").symlink_to(root / "loop")
    for key in ("folder/secret", "folder/new", "file", "loop"):
        for call in (
            lambda key=key: store.get(key),
            lambda key=key: store.put(key, b"x", "text/plain"),
            lambda key=key: store.stat(key),
            lambda key=key: store.delete(key),
            lambda key=key: store.url(key, 60),
        ):
            with pytest.raises(StorageError, match="a symbolic link lies on the way to"):
                call()
    assert list(store.list()) == list(store.list("folder/")) == []
    assert [path.read_bytes() for path in outside.iterdir()] == [b"secret"]


def test_a_root_that_is_a_link_itself_is_fine(tmp_path: Path, root: Path) -> None:
    root.mkdir()
    (tmp_path / "link").symlink_to(root)
    LocalStore(tmp_path / "link").put("a", b"x", "text/plain")
    assert (root / "a").read_bytes() == b"x"


def test_a_killed_writer_leaves_nothing_to_see(
    tmp_path: Path, root: Path, store: LocalStore
) -> None:
    """The writer's source is a pipe that never ends, so it dies in the middle of the object."""
    source = tmp_path / "pipe"
    os.mkfifo(source)
    writer = subprocess.Popen([sys.executable, "-c", WRITER, root, source], cwd=ROOT)
    with source.open("wb") as pipe:
        pipe.write(bytes(3 << 20))
        pipe.flush()
        leftover = wait_for_bytes(root / ".tmp", 1 << 20)
        writer.send_signal(signal.SIGKILL)
        assert writer.wait() == -signal.SIGKILL
    assert list(store.list()) == []
    with pytest.raises(NotFound):
        store.get("output/job.wav")

    store.check()
    assert leftover.exists()  # young: for all that is known its writer lives
    os.utime(leftover, (0, time.time() - 3700))
    store.check()
    assert files_below(root) == []


def wait_for_bytes(folder: Path, size: int) -> Path:
    """The one file below `folder`, once it has `size` bytes."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        for path in files_below(folder):
            if path.stat().st_size >= size:
                return path
        time.sleep(0.02)
    raise TimeoutError("the writer wrote nothing")


def test_a_write_that_the_machine_refuses_leaves_the_old_object(
    root: Path, store: LocalStore
) -> None:
    """A limit on file size fails a write half-way as a full disk does, and needs no root."""
    store.put("a", b"old", "text/plain")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(StorageError, match=r"larger than this machine allows \(EFBIG\); raise"):
            store.put("a", bytes(2 << 20), "text/plain")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert store.get("a") == b"old"
    assert files_below(root) == [root / "a"]


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "disk of the local store is full (ENOSPC); free some space"),
        (errno.EDQUOT, "quota of the local store is used up (EDQUOT); free some space"),
        (errno.EROFS, "on a read-only disk (EROFS); mount it writable"),
        (errno.EACCES, "may not use the local store (EACCES); give it the right"),
        (errno.EIO, "the local store failed (EIO); check its folder and disk"),
    ],
)
def test_an_error_of_the_disk_is_one_sentence_without_a_path(number: int, said: str) -> None:
    error = storage_error(OSError(number, os.strerror(number), "/srv/hidden/path"))
    assert said in error.sentence
    assert "S3_BUCKET" in error.sentence
    assert "hidden" not in str(error.reply())


def test_a_root_that_cannot_be_made_fails_the_check(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(StorageError, match="check its folder and disk") as failed:
        LocalStore(tmp_path / "file" / "store").check()
    assert str(tmp_path) not in failed.value.sentence


def test_an_object_cannot_be_a_folder_too(store: LocalStore) -> None:
    store.put("a", b"x", "text/plain")
    store.put("b/c", b"x", "text/plain")
    for key in ("a/b", "b"):
        with pytest.raises(StorageError):
            store.put(key, b"x", "text/plain")
    assert [info.key for info in store.list()] == ["a", "b/c"]

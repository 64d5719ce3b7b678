"""What the stores promise, each test run over a folder, and buckets of SeaweedFS and of rclone."""

import errno
import uuid
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from storage.keys import InvalidName
from storage.local import LocalStore
from storage.store import NotFound, ObjectInfo, StorageError, Store, TooLarge
from tests.support.s3_server import S3Server

NASTY_KEYS = ["", "/a", "a/", "a//b", "../a", "a/../../b", "a/./b", ".tmp/a", "a\\b", "a\0b"]
ODD_KEYS = [
    "Jürgen Müller.wav",
    "हिन्दी.wav",
    "李雷/韩梅梅.json",
    "a+b%20c&d=e?f#g~h.wav",
    "quote'\"<>`.txt",
    "no-extension",
    "e\u0301.txt",  # not NFC: a key is kept byte for byte
    "x" * 255,
]


@pytest.fixture(scope="session")
def buckets() -> dict[str, Store]:
    """Each built once: a client costs half a second. Small pages, so that lists have several."""
    return {}


@pytest.fixture(params=["local", "seaweed", "rclone"])
def store(request: pytest.FixtureRequest, tmp_path: Path, buckets: dict[str, Store]) -> Store:
    if request.param == "local":
        return LocalStore(tmp_path / "store")
    if request.param not in buckets:
        server: S3Server = request.getfixturevalue(request.param)
        buckets[request.param] = server.store(page_size=50)
    return buckets[request.param]


@pytest.fixture
def folder() -> str:
    """A prefix that no other test of this session uses."""
    return f"t{uuid.uuid4().hex}"


def names(found: Iterable[ObjectInfo]) -> list[str]:
    return [info.key for info in found]


def test_what_is_put_is_got(store: Store, folder: str) -> None:
    data = bytes(range(256)) * 40
    store.put(f"{folder}/a.bin", data, "application/octet-stream")
    assert store.get(f"{folder}/a.bin") == data


def test_nothing_is_something(store: Store, folder: str) -> None:
    store.put(f"{folder}/empty", b"", "text/plain")
    assert store.get(f"{folder}/empty") == b""
    assert [info.size for info in store.list(folder)] == [0]


def test_a_file_is_put_without_being_changed(store: Store, folder: str, tmp_path: Path) -> None:
    source = tmp_path / "hour.wav"
    source.write_bytes(bytes(range(256)) * 4 * 12_000)  # 12 MB: over boto3's multipart limit
    store.put_file(f"{folder}/hour.wav", source, "audio/wav")
    assert store.get(f"{folder}/hour.wav", 20_000_000) == source.read_bytes()


def test_a_missing_source_file_is_not_an_error_of_the_store(store: Store, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        store.put_file("a.wav", tmp_path / "none.wav", "audio/wav")


def test_an_object_comes_into_a_file(store: Store, folder: str, tmp_path: Path) -> None:
    target = tmp_path / "got.bin"
    for data in (b"a" * 3_000_000, b"", b"shorter"):
        store.put(f"{folder}/some.bin", data, "application/octet-stream")
        store.get_file(f"{folder}/some.bin", target, len(data))
        assert target.read_bytes() == data
    with pytest.raises(NotFound):
        store.get_file(f"{folder}/none.bin", target, 1)


def test_a_target_on_a_full_disk_is_not_an_error_of_the_store(store: Store, folder: str) -> None:
    store.put(f"{folder}/full.bin", b"a", "application/octet-stream")
    with pytest.raises(OSError, match="No space left") as failed:
        store.get_file(f"{folder}/full.bin", Path("/dev/full"), 1)
    assert failed.value.errno == errno.ENOSPC


def test_no_more_is_read_than_is_asked_for(store: Store, folder: str, tmp_path: Path) -> None:
    key = f"{folder}/big.bin"
    store.put(key, b"a" * 3_000_000, "application/octet-stream")
    assert len(store.get(key, 3_000_000)) == 3_000_000
    with pytest.raises(TooLarge, match="larger than 2 MB"):
        store.get(key, 2_999_999)
    with pytest.raises(TooLarge):
        store.get_file(key, tmp_path / "got.bin", 2_000_000)
    assert sum(path.stat().st_size for path in tmp_path.glob("got.bin")) <= 2_000_000
    with pytest.raises(TooLarge, match="larger than 1 MB"):
        store.get(key)


def test_a_second_put_takes_the_place_of_the_first(store: Store, folder: str) -> None:
    key = f"{folder}/a.txt"
    store.put(key, b"first", "text/plain")
    before = store.stat(key)
    store.put(key, b"other", "text/plain")
    after = store.stat(key)
    assert store.get(key) == b"other"
    assert names(store.list(folder)) == [key]
    assert before
    assert after
    assert before.etag != after.etag


def test_stat_says_what_list_says(store: Store, folder: str) -> None:
    started = datetime.now(UTC)
    key = f"{folder}/a.txt"
    store.put(key, b"12345", "text/plain")
    info = store.stat(key)
    assert info
    assert (info.key, info.size) == (key, 5)
    assert info.last_modified.utcoffset() == timedelta(0)
    assert abs(info.last_modified - started) < timedelta(seconds=30)
    assert info.etag
    assert '"' not in info.etag
    listed = next(store.list(folder))
    assert (listed.key, listed.size, listed.etag) == (info.key, info.size, info.etag)
    assert listed.last_modified.utcoffset() == timedelta(0)
    # A header holds whole seconds, a list may hold them rounded the other way.
    assert abs(listed.last_modified - info.last_modified) <= timedelta(seconds=1)


def test_what_is_not_there_is_not_found(store: Store, folder: str) -> None:
    store.put(f"{folder}/sub/a.txt", b"a", "text/plain")
    for key in (f"{folder}/none", f"{folder}/sub", f"{folder}/sub/a.txt/b"):
        assert store.stat(key) is None
        with pytest.raises(NotFound, match=f"not_found: nothing is stored as '{key}'"):
            store.get(key)


def test_delete_is_idempotent_and_takes_one_object(store: Store, folder: str) -> None:
    for name in ("a", "ab", "dir/a"):
        store.put(f"{folder}/{name}", b"x", "text/plain")
    for _ in range(2):
        store.delete(f"{folder}/a")
    assert names(store.list(folder)) == [f"{folder}/ab", f"{folder}/dir/a"]


@pytest.mark.parametrize("store", ["local", "seaweed"], indirect=True)  # rclone deletes `ab`
def test_deleting_below_an_object_takes_nothing(store: Store, folder: str) -> None:
    store.put(f"{folder}/ab", b"x", "text/plain")
    store.delete(f"{folder}/ab/none")
    assert names(store.list(folder)) == [f"{folder}/ab"]


def test_deleting_what_is_only_a_folder_takes_nothing(store: Store, folder: str) -> None:
    store.put(f"{folder}/dir/a", b"x", "text/plain")
    with suppress(StorageError):  # rclone, which keeps objects as files, refuses
        store.delete(f"{folder}/dir")
    assert names(store.list(folder)) == [f"{folder}/dir/a"]


def test_list_gives_every_page_sorted_by_key(store: Store, folder: str) -> None:
    keys = [f"{folder}/{n:04}{'.' if n % 2 else '/'}x" for n in range(230)]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda key: store.put(key, b"x", "text/plain"), reversed(keys)))
    assert names(store.list(folder)) == sorted(keys)


def test_list_sorts_by_the_bytes_of_the_whole_key(store: Store, folder: str) -> None:
    keys = [
        f"{folder}/{name}" for name in ("a b", "a-b", "a.b", "a/b", "a0", "ab", "é", "\U00020000")
    ]
    for key in keys:
        store.put(key, b"x", "text/plain")
    assert names(store.list(folder)) == keys
    assert keys == sorted(keys, key=str.encode)


def test_a_prefix_need_not_end_at_a_slash(store: Store, folder: str) -> None:
    for name in ("kurt.wav", "kurt.json", "kurt/x", "karl.wav"):
        store.put(f"{folder}/{name}", b"x", "text/plain")
    assert names(store.list(f"{folder}/kurt.")) == [f"{folder}/kurt.json", f"{folder}/kurt.wav"]
    assert names(store.list(f"{folder}/kurt/")) == [f"{folder}/kurt/x"]
    assert names(store.list(f"{folder}/none")) == []
    assert names(store.list(f"{folder}/none/x")) == []
    assert f"{folder}/karl.wav" in names(store.list())


@pytest.mark.parametrize("odd", ODD_KEYS)
def test_odd_keys_are_kept_byte_for_byte(store: Store, folder: str, odd: str) -> None:
    key = f"{folder}/{odd}"
    store.put(key, odd.encode(), "text/plain")
    assert store.get(key) == odd.encode()
    assert names(store.list(f"{folder}/")) == [key]
    info = store.stat(key)
    assert info
    assert info.key == key
    store.delete(key)
    assert store.stat(key) is None


@pytest.mark.parametrize("key", NASTY_KEYS)
def test_nasty_keys_are_refused_by_every_method(store: Store, tmp_path: Path, key: str) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x")
    for call in (
        lambda: store.put(key, b"x", "text/plain"),
        lambda: store.put_file(key, source, "text/plain"),
        lambda: store.get(key),
        lambda: store.stat(key),
        lambda: store.delete(key),
        lambda: store.url(key, 60),
    ):
        with pytest.raises(InvalidName):
            call()


def test_a_nasty_prefix_is_refused(store: Store) -> None:
    with pytest.raises(InvalidName):
        store.list("../")


def test_a_reader_never_sees_a_half(store: Store, buckets: dict[str, Store], folder: str) -> None:
    # rclone replaces a file in two steps, between which there is none; the other stores in one.
    gaps = [NotFound] if store is buckets.get("rclone") else []
    key, size = f"{folder}/shared", 300_000
    store.put(key, b"0" * size, "text/plain")

    def write(letter: bytes) -> None:
        for _ in range(12):
            store.put(key, letter * size, "text/plain")

    seen = []
    with ThreadPoolExecutor(3) as pool:
        writers = [pool.submit(write, letter) for letter in (b"a", b"b", b"c")]
        while not all(writer.done() for writer in writers):
            with suppress(*gaps):
                seen.append(store.get(key))
    for writer in writers:
        writer.result()
    assert seen
    assert all(len(data) == size and len(set(data)) == 1 for data in seen)


def test_the_check_passes_and_leaves_nothing(store: Store) -> None:
    # A worker that a test has killed in its own check may have left one there.
    before = names(store.list("probe-"))
    store.check()
    assert names(store.list("probe-")) == before


def test_a_write_on_a_condition_writes_only_where_it_holds(store: Store, folder: str) -> None:
    key = f"{folder}/shared.json"
    assert not store.put_if(key, b"a", "text/plain", "an etag")
    assert store.stat(key) is None
    assert store.put_if(key, b"a", "text/plain", None)
    assert not store.put_if(key, b"b", "text/plain", None)
    info = store.stat(key)
    assert info is not None
    store.put(key, b"another one", "text/plain")
    assert not store.put_if(key, b"b", "text/plain", info.etag)
    info = store.stat(key)
    assert info is not None
    assert store.put_if(key, b"b", "text/plain", info.etag)
    assert store.get(key) == b"b"
    assert names(store.list(folder)) == [key]

"""`lexicon.json`: read when it changed, and a warning where it cannot be read."""

import json
from pathlib import Path

import pytest

from storage import keys
from storage.local import LocalStore
from storage.store import RECORD_BYTES, TEXT_BYTES
from tts.text.lexicon import Lexicon


class Counted(LocalStore):
    """Counts how often an object is read."""

    reads = 0

    def get(self, key: str, max_bytes: int = RECORD_BYTES) -> bytes:
        self.reads += 1
        return super().get(key, max_bytes)


def put(store: LocalStore, content: object) -> None:
    store.put(keys.LEXICON, json.dumps(content).encode(), "application/json")


def test_one_that_is_no_lexicon_by_its_size_is_a_warning(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    store.put(keys.LEXICON, bytes(TEXT_BYTES + 1), "application/json")
    assert (
        Lexicon(store).read().warning
        == "lexicon.json is not used: it is too large for a file of words"
    )


def test_it_is_read_once_and_again_when_it_changed(tmp_path: Path) -> None:
    store = Counted(tmp_path)
    lexicon = Lexicon(store)
    assert dict(lexicon.read().words) == {}
    put(store, {"nginx": "engine X", "SQL": "sequel"})
    for _ in range(3):
        assert dict(lexicon.read().words) == {"nginx": "engine X", "SQL": "sequel"}
    assert store.reads == 1
    put(store, {"nginx": "en jinx"})
    assert dict(lexicon.read().words) == {"nginx": "en jinx"}
    store.delete(keys.LEXICON)
    assert dict(lexicon.read().words) == {}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (["nginx"], 'it must be an object, such as {"nginx": "engine X"}'),
        ({str(n): "x" for n in range(10_001)}, "it has 10001 words, and at most 10000 are allowed"),
        ({"x" * 101: "x"}, f'"{"x" * 60}..." has more than 100 characters'),
        ({"a\nFORGED\u202e": "x"}, r'"a\nFORGED\u202e" is not one written word'),
        ({"two words": "x"}, "is not one written word"),
        ({"nginx": 5}, 'what is said for "nginx" must have 1 to 200 characters'),
        ({"nginx": "\ud800"}, '"nginx" or what is said for it has half a surrogate pair'),
        ({"nginx": ""}, 'what is said for "nginx" must have 1 to 200 characters'),
    ],
)
def test_one_that_cannot_be_read_is_a_warning(
    tmp_path: Path, content: object, problem: str
) -> None:
    store = LocalStore(tmp_path)
    put(store, content)
    entries = Lexicon(store).read()
    assert not entries.words
    assert entries.warning is not None
    assert entries.warning.startswith("lexicon.json is not used: ")
    assert problem in entries.warning


def test_what_is_no_json_is_a_warning(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    for content in (b"{", b"\xff\xfe", b"[" * 100_000):
        store.put(keys.LEXICON, content, "application/json")
        assert Lexicon(store).read().warning == "lexicon.json is not used: it is not JSON"

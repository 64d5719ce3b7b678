"""The endpoint `lexicon` through the real handler, with several workers at once."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from storage import keys
from storage.local import LocalStore
from storage.store import Store
from tests.support import handling
from tests.support.s3_server import S3Server
from tts.text.lexicon import Lexicon
from worker.state import Worker

WORKERS = 4


def on(worker: Worker, store: Store) -> Worker:
    return replace(worker, store=store, lexicon=Lexicon(store))


def ask(worker: Worker, this_id: str = "lex", **fields: Any) -> dict[str, Any]:
    job = {"id": this_id, "input": {"endpoint": "lexicon", **fields}}
    return handling.handle(worker, job, lambda *_: None)


@pytest.fixture
def there(worker: Worker, tmp_path: Path) -> Worker:
    return on(worker, LocalStore(tmp_path))


@pytest.fixture(params=["local", "seaweed", "rclone"])
def stores(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[list[Store]]:
    """The store of each worker, over one place; rclone ignores conditions."""
    made: list[Store]
    if request.param == "local":
        made = [LocalStore(tmp_path) for _ in range(WORKERS)]
    else:
        server: S3Server = request.getfixturevalue(request.param)
        made = [server.store() for _ in range(WORKERS)]
    made[0].delete(keys.LEXICON)
    yield made
    made[0].delete(keys.LEXICON)


def test_words_are_set_shown_spoken_and_removed(there: Worker) -> None:
    empty = {"status": "success", "words": {}, "count": 0, "total": 0, "warnings": []}
    assert ask(there) == empty
    reply = ask(there, action="SET", words={"nginx": "engine X", "GIF": "jiff"})
    words = {"GIF": "jiff", "nginx": "engine X"}
    assert reply == {**empty, "words": words, "count": 2, "total": 2}
    assert list(reply["words"]) == ["GIF", "nginx"]
    assert there.lexicon.read().words == words
    assert ask(there, action="get", words=["nginx", "none"])["words"] == {"nginx": "engine X"}
    assert ask(there, action="remove", words=["GIF"])["words"] == {"nginx": "engine X"}
    again = ask(there, action="remove", words=["GIF"])
    assert again["warnings"] == ['the lexicon did not have "GIF"']
    assert ask(there, action="remove", words=["nginx"]) == empty


def test_another_worker_reads_the_change_with_its_next_job(worker: Worker, tmp_path: Path) -> None:
    one, other = (on(worker, LocalStore(tmp_path)) for _ in range(2))
    assert other.lexicon.read().words == {}
    ask(one, action="set", words={"a": "b"})
    assert other.lexicon.read().words == {"a": "b"}


def test_a_word_that_is_looked_up_alike_is_replaced(there: Worker) -> None:
    ask(there, action="set", words={"don’t": "one", "caf\u00e9": "one"})
    reply = ask(there, action="set", words={"don't": "two", "cafe\u0301": "two"})
    assert reply["words"] == {"don't": "two", "cafe\u0301": "two"}
    assert ask(there, action="remove", words=["don’t", "caf\u00e9"])["words"] == {}


def test_the_words_come_in_pages(there: Worker) -> None:
    there.store.put(keys.LEXICON, json.dumps(dict.fromkeys("dbca", "x")).encode(), "text/plain")
    first = ask(there, limit=3)
    assert (list(first["words"]), first["next_after"]) == (["a", "b", "c"], "c")
    second = ask(there, limit=3, after="c")
    assert (list(second["words"]), second["total"]) == (["d"], 4)
    assert "next_after" not in second


def test_a_page_of_long_words_is_bounded(there: Worker) -> None:
    words = {f"{number:06}".ljust(100, "\0"): "\0" * 200 for number in range(5_000)}
    reply = ask(there, action="set", words=words, limit=10_000)
    assert reply["total"] == 5_000
    assert len(json.dumps(reply)) < 1_100_000
    assert reply["next_after"] == list(reply["words"])[-1]
    more = {f"{number}": "x" for number in range(5_001)}
    full = ask(there, action="set", words=more)
    assert "the lexicon would have 10001 words, and at most 10000 are allowed" in full["error"]
    wide = {f"w{number}".ljust(100, "\0"): "\0" * 200 for number in range(5_000)}
    assert "the lexicon would be too large" in ask(there, action="set", words=wide)["error"]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"action": "put"}, "is none of get, set, remove"),
        ({"action": "set"}, "set needs words as an object"),
        ({"action": "set", "words": {}}, "set needs words as an object"),
        ({"action": "set", "words": ["a"]}, "set needs words as an object"),
        ({"action": "remove"}, "remove needs words as a list"),
        ({"action": "remove", "words": {"a": "b"}}, "remove takes words as a list"),
        ({"action": "get", "words": {"a": "b"}}, "get takes words as a list"),
        ({"action": "set", "words": {"two words": "b"}}, '"two words" is not one written word'),
        ({"action": "set", "words": {"": "b"}}, "is not one written word"),
        (
            {"action": "set", "words": {"a": ""}},
            'what is said for "a" must have 1 to 200 characters',
        ),
        (
            {"action": "set", "words": {"a": 5}},
            'what is said for "a" must have 1 to 200 characters',
        ),
        ({"action": "set", "words": {"a": "b" * 201}}, "must have 1 to 200 characters"),
        ({"action": "set", "words": {"a" * 101: "b"}}, "has more than 100 characters"),
        ({"action": "set", "words": {"a": "\ud800"}}, "half a surrogate pair"),
        ({"action": "remove", "words": ["\ud800"]}, "half a surrogate pair"),
        ({"action": "remove", "words": "a"}, "is neither an object such as"),
        ({"action": "remove", "words": [5]}, "is neither an object such as"),
        ({"action": "remove", "words": ["a"] * 10_001}, "10001 words are given"),
        ({"action": "set", "words": {str(n): "a" for n in range(10_001)}}, "10001 words are given"),
    ],
)
def test_what_is_wrong_is_told_and_changes_nothing(
    there: Worker, fields: dict[str, Any], sentence: str
) -> None:
    reply = ask(there, **fields)
    assert reply["code"] == "invalid_request"
    assert sentence in reply["error"]
    assert len(reply["error"]) < 1000
    assert there.store.stat(keys.LEXICON) is None


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"a b": "c"}', b"x" * 17_000_000])
def test_a_file_that_is_no_lexicon_is_told_and_kept(there: Worker, content: bytes) -> None:
    there.store.put(keys.LEXICON, content, "application/json")
    before = there.store.stat(keys.LEXICON)
    assert ask(there)["warnings"][0].startswith("lexicon.json is not used: ")
    reply = ask(there, action="set", words={"a": "b"})
    assert reply["error"].startswith("storage_error: lexicon.json cannot be changed: ")
    assert there.store.stat(keys.LEXICON) == before


def test_no_change_of_several_workers_at_once_is_lost(worker: Worker, stores: list[Store]) -> None:
    workers = [on(worker, store) for store in stores]

    def change(number: int) -> list[str]:
        one = workers[number]
        words = {f"w{number}x{i}": f"spoken {number}" for i in range(3)}
        replies = [
            ask(one, f"lex-{number}-set", action="set", words=words),
            ask(one, f"lex-{number}-remove", action="remove", words=[f"w{number}x0"]),
        ]
        return [reply.get("error", "") for reply in replies]

    with ThreadPoolExecutor(WORKERS) as threads:
        assert list(threads.map(change, range(WORKERS))) == [["", ""]] * WORKERS
    expected = {f"w{n}x{i}": f"spoken {n}" for n in range(WORKERS) for i in (1, 2)}
    assert ask(workers[0])["words"] == expected

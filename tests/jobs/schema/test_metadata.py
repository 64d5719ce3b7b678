"""`metadata`: a client's own object, given back unchanged."""

import json
import logging
from typing import Any

import pytest

import handler
from errors import WorkerError
from jobs.schema.metadata import MAX_BYTES, MAX_DEPTH
from tests.support import handling
from worker.state import Worker

OWN: dict[str, Any] = {
    "order": 17,
    "customer": "Zoë Müller",
    "empty": None,
    "nested": {"list": [1, 2.5, None, True, {}], "speed": "1.2"},
    "error": "mine",
    "refresh_worker": True,
    "": "\x00\u202e",
    "large": 2**70,
}


def ask(worker: Worker, job_id: str, /, **fields: Any) -> dict[str, Any]:
    return handling.handle(worker, {"id": job_id, "input": fields}, lambda *_: None)


def test_every_reply_about_the_job_has_it_unchanged(
    worker: Worker, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG, "worker"):
        speech = {"text": "Hello there.", "metadata": OWN}
        replies = [ask(worker, "meta-1", **speech), ask(worker, "meta-1", **speech)]
        replies.append(ask(worker, "meta-2", endpoint="status", job_id="meta-1"))
        replies.append(ask(worker, "meta-3", endpoint="download", job_id="meta-1"))
        timing = {"endpoint": "timing", "job_id": "meta-1", "metadata": OWN}
        replies += [ask(worker, "meta-4", **timing), ask(worker, "meta-4", **timing)]
        srt = "1\n00:00:00,000 --> 00:00:02,000\nHello there.\n"
        replies.append(ask(worker, "meta-5", endpoint="dub", srt=srt, metadata=OWN))
    for reply in replies:
        assert list(reply["metadata"].items()) == list(OWN.items())
        assert "error" not in reply
        assert "refresh_worker" not in reply
    assert "customer" not in caplog.text
    assert "Zoë" not in caplog.text


def test_a_job_has_its_own_and_not_that_of_the_job_it_is_about(worker: Worker) -> None:
    ask(worker, "meta-6", text="Hello there.", metadata=OWN)
    assert "metadata" not in ask(worker, "meta-7", endpoint="timing", job_id="meta-6")
    changed = ask(worker, "meta-8", text="Hello there. Bye.", based_on="meta-6")
    assert "metadata" not in changed
    assert "metadata" not in ask(worker, "meta-9", text="Hello there.")


def nested(depth: int) -> dict[str, Any]:
    inner: Any = 1
    for _ in range(depth - 1):
        inner = [inner]
    return {"a": inner}


def sized(size: int) -> dict[str, Any]:
    return {"a": "x" * (size - len('{"a":""}'))}


@pytest.mark.parametrize(
    "metadata",
    [None, {}, sized(MAX_BYTES), {"a": "é" * ((MAX_BYTES - 8) // 2)}, nested(MAX_DEPTH)],
    ids=lambda metadata: str(metadata)[:20],
)
def test_up_to_its_limits_it_is_taken(metadata: Any) -> None:
    request: Any = handler.parse({"text": "a", "metadata": metadata})[1]
    assert request.metadata == metadata


TOO_LARGE = (
    "metadata: it has more than 4096 bytes as JSON; keep large data at your side, and send an id "
    "that leads to it"
)
TOO_DEEP = (
    "metadata: it is nested too deeply; at most 16 objects and lists may be inside each other"
)
NOT_JSON = (
    "metadata: it has a value that JSON or UTF-8 cannot express, such as NaN or half a surrogate "
    "pair; leave that value out"
)
NO_OBJECT = 'metadata: it must be an object, such as {"order": 17}'


@pytest.mark.parametrize(
    ("metadata", "sentence"),
    [
        ("SECRET", NO_OBJECT),
        (["SECRET"], NO_OBJECT),
        (5, NO_OBJECT),
        ('{"SECRET": ', NO_OBJECT),
        (sized(MAX_BYTES + 1), TOO_LARGE),
        ({"a": "é" * (MAX_BYTES // 2)}, TOO_LARGE),
        ({"a": "SECRET" * 2_000_000}, TOO_LARGE),
        ({str(n): n for n in range(100_000)}, TOO_LARGE),
        ({"a": [[] for _ in range(100_000)]}, TOO_LARGE),
        ({"a": 10**5000}, NOT_JSON),
        (nested(MAX_DEPTH + 1), TOO_DEEP),
        ({"a": float("nan")}, NOT_JSON),
        ({"a": [float("-inf")]}, NOT_JSON),
        ({"a": "\ud800"}, NOT_JSON),
        ({"\udfff": 1}, NOT_JSON),
    ],
    ids=lambda value: str(value)[:20] if not isinstance(value, dict) else "object",
)
def test_beyond_them_it_is_refused_and_not_quoted(metadata: Any, sentence: str) -> None:
    for job in (
        {"text": "a"},
        {"endpoint": "timing", "job_id": "a"},
        {"endpoint": "dub", "srt": "a"},
    ):
        with pytest.raises(WorkerError) as raised:
            handler.parse({**job, "metadata": metadata})
        assert raised.value.sentence == sentence


def test_a_record_with_metadata_beyond_the_limits_counts_as_none(worker: Worker) -> None:
    ask(worker, "meta-10", text="Hello there.", metadata={"a": 1})
    record = json.loads(worker.store.get("jobs/meta-10.json", 10**6))
    record["facts"]["metadata"] = sized(MAX_BYTES + 1)
    worker.store.put("jobs/meta-10.json", json.dumps(record).encode(), "application/json")
    assert ask(worker, "meta-11", endpoint="status", job_id="meta-10")["code"] == "not_found"

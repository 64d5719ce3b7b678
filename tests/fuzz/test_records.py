"""Records in the store with any JSON in them, as the owner of a bucket can write them."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from jobs.schema.fields import INCLUDED
from storage import keys
from tests.fuzz.conftest import CONTROL_FIELDS, Asked, Fuzz, asker
from tests.support import handling
from tests.support.malformed import JSON, nested
from worker.state import Worker

pytestmark = pytest.mark.slow

NASTY = st.sampled_from(
    [*sorted(CONTROL_FIELDS), "error", "output", "job_id", "facts", "../../etc/passwd", "a\nb"]
)
LARGE: dict[str, Callable[[], Any]] = {
    "<a huge number>": lambda: 10**400,
    "<many lists>": lambda: [[]] * 5000,
    "<a long text>": lambda: "x" * 2_000_000,
    "<a deep list>": lambda: nested(500),
    "<a long value>": lambda: {"a": "b" * 99_999},
}
"""Drawn by name, because hypothesis prints what it draws."""
VALUES = JSON | st.sampled_from(sorted(LARGE)) | st.dictionaries(NASTY, JSON | st.just(True))


NAMES = (
    "facts audio timings reading source job_id endpoint input_sha256 wav srt json key filename "
    "content_type warnings metrics quality duration text refresh_worker ref_text sha256 "
    "language cut_s timing_files included words segments chunks alignment characters chunk"
)
"""Of the records' fields."""


@st.composite
def changes(draw: st.DrawFn) -> list[tuple[list[str], Any]]:
    """Which values of a record change: the path of each, and what it becomes."""
    names = st.sampled_from(NAMES.split())
    return draw(
        st.lists(st.tuples(st.lists(names, min_size=1, max_size=3), VALUES), min_size=1, max_size=3)
    )


def changed(record: dict[str, Any], wanted: list[tuple[list[str], Any]]) -> bytes:
    """The record with the changes, as bytes; NaN and huge numbers as a careless writer has them."""
    copy = json.loads(json.dumps(record))
    for path, value in wanted:
        place = copy
        for name in path[:-1]:
            inner = place.get(name)
            place = inner if isinstance(inner, dict) else place
        is_large = isinstance(value, str) and value in LARGE
        place[path[-1]] = LARGE[value]() if is_large else value
    return json.dumps(copy).encode()


@pytest.fixture(scope="module")
def finished(worker: Worker) -> tuple[keys.JobId, dict[str, Any], dict[str, Any]]:
    """A finished job: its id, its input and its record."""
    job_input = {"text": "Hello there.", "return_word_timings": True, "timing_format": "all"}
    job = {"id": "fuzzed-record", "input": job_input | {"include": [*INCLUDED]}}
    handling.handle(worker, job, lambda stage, done, total: None)
    job_id = keys.JobId("fuzzed-record")
    return job_id, job, json.loads(worker.store.get(keys.manifest(job_id)))


def test_a_job_record_is_read_or_counts_as_none(
    fuzz: Fuzz, asked: Asked, worker: Worker, finished: tuple[keys.JobId, Any, Any]
) -> None:
    job_id, _, record = finished

    def read(wanted: list[tuple[list[str], Any]]) -> None:
        worker.store.put(keys.manifest(job_id), changed(record, wanted), "application/json")
        for endpoint in ("status", "result", "download"):
            reply = asked({"endpoint": endpoint, "job_id": job_id})
            assert reply.get("code", "not_found") == "not_found", reply
            assert "error" in reply or reply["job_id"] == job_id
        for name in ("html", "srt", "wav"):
            asked({"endpoint": "download", "job_id": job_id, "format": name})
        asked({"endpoint": "timing", "job_id": job_id, "timing_method": "estimate"})

    fuzz(changes(), read, rounds=12)
    worker.store.put(keys.manifest(job_id), json.dumps(record).encode(), "application/json")


def test_what_a_reply_includes_is_read_or_left_out(
    fuzz: Fuzz, asked: Asked, worker: Worker, finished: tuple[keys.JobId, Any, Any]
) -> None:
    key = keys.included(finished[0])
    true = worker.store.get(key)

    def read(wanted: list[tuple[list[str], Any]]) -> None:
        worker.store.put(key, changed(json.loads(true), wanted), "application/json")
        reply = asked({"endpoint": "status", "job_id": finished[0]})
        assert reply["status"] == "completed"

    fuzz(changes(), read)
    worker.store.put(key, true, "application/json")


def test_a_redelivered_job_gets_its_reply(
    fuzz: Fuzz, logged: list[str], worker: Worker, finished: tuple[keys.JobId, Any, Any]
) -> None:
    job_id, job, record = finished
    ask = asker(worker, logged)

    def redeliver(wanted: list[tuple[list[str], Any]]) -> None:
        worker.store.put(keys.manifest(job_id), changed(record, wanted), "application/json")
        reply = ask(job["input"], id=job_id)
        assert reply.get("code", "invalid_request") == "invalid_request", reply
        assert "error" in reply or reply["job_id"] == job_id

    fuzz(changes(), redeliver)


def test_a_voice_record_is_read_or_counts_as_none(fuzz: Fuzz, asked: Asked, worker: Worker) -> None:
    name = "fuzzed-voice"
    clip = Path("tests/data/timing/00.wav").read_bytes()
    worker.store.put(keys.voice_clip(name), clip, "audio/wav")
    record = {"duration": 1.0, "ref_text": "Hello.", "language": "en", "cut_s": None}

    def read(wanted: list[tuple[list[str], Any]]) -> None:
        worker.store.put(keys.voice_record(name), changed(record, wanted), "application/json")
        reply = asked({"endpoint": "list_voices", "prefix": name})
        assert [voice["name"] for voice in reply["voices"]] == [name]
        assert "error" not in asked({"text": "Hi.", "voice": name})

    fuzz(changes(), read)
    worker.voices.delete(name)

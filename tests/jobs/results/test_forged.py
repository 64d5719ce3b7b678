"""Records that somebody else wrote, as the owner of a bucket can: nothing of them is believed."""

import json
import tracemalloc
from dataclasses import dataclass
from typing import Any

import pytest

from storage import keys
from tests.jobs.conftest import Ask
from worker.reply import CONTROL_FIELDS
from worker.state import Worker

ASKED: dict[str, Any] = {"text": "Hello there.", "return_word_timings": True}
KEY = keys.manifest(keys.JobId("forged"))
ENDPOINTS = ("status", "result")


@dataclass(frozen=True)
class Forger:
    """Writes the record of the finished job `forged` anew; `record` is the true one."""

    worker: Worker
    record: dict[str, Any]

    def write(self, changes: dict[str, Any] | bytes) -> None:
        """Change fields of the record, or replace it by these bytes."""
        data = changes if isinstance(changes, bytes) else json.dumps(self.record | changes).encode()
        self.worker.store.put(KEY, data, "application/json")


@pytest.fixture
def forger(ask: Ask, worker: Worker) -> Forger:
    worker.store.delete(KEY)
    assert ask("forged", **ASKED)["status"] == "completed"
    return Forger(worker, json.loads(worker.store.get(KEY)))


def test_no_field_of_a_record_reaches_runpods_sdk(ask: Ask, forger: Forger) -> None:
    facts = forger.record["facts"]
    control = {"refresh_worker": True, "error": "no", "stopPod": True, "job_results": {}}
    forger.write({"facts": facts | control | {"job_id": "another"}, "job_id": "another", **control})
    replies = [ask(endpoint=endpoint, job_id="forged") for endpoint in ENDPOINTS]
    replies.append(ask("forged", **ASKED))
    for reply in replies:
        assert not reply.keys() & control.keys()
        assert not reply.keys() & CONTROL_FIELDS
        assert reply["job_id"] == "forged"
        assert reply["duration"] == facts["duration"]
    assert ask(endpoint="download", job_id="forged")["job_id"] == "forged"


def test_links_come_from_the_files_and_not_from_the_facts(ask: Ask, forger: Forger) -> None:
    links = {"audio_url": "https://evil.example", "timing_files": {"srt": "https://evil.example"}}
    forger.write({"facts": forger.record["facts"] | links | {"expires_at": "2999-01-01T00:00:00Z"}})
    for endpoint in ENDPOINTS:
        reply = ask(endpoint=endpoint, job_id="forged")
        assert "evil" not in json.dumps(reply)
        assert not reply["expires_at"].startswith("2999")


STORED = {"key": "output/a.wav", "content_type": "audio/wav", "filename": "a.wav"}
LONG = "cat " * 50_001


@pytest.mark.parametrize(
    "changes",
    [
        b"",
        b"{" * 200_000,
        b'{"facts":' + b"[" * 200_000 + b"]" * 200_000 + b"}",
        b'{"facts": {"seed": ' + b"9" * 900_000 + b"}}",
        b'{"job_id": "\\ud800"}',
        b"\xff\xfe",
        {"audio": {}},
        {"audio": {f"f{number}": STORED for number in range(1000)}},
        {"audio": {"WAV ": STORED}},
        {"audio": {"wav": STORED | {"key": "../../etc/passwd"}}},
        {"audio": {"wav": STORED | {"key": "a\0b"}}},
        {"audio": {"wav": STORED | {"filename": "a\r\nSet-Cookie: b"}}},
        {"audio": {"wav": STORED | {"content_type": "audio/wav\r\nSet-Cookie: b"}}},
        {"endpoint": "upload"},
        {"facts": {}},
        {"facts": []},
        {"input_sha256": "a" * 100},
        {"reading": {"language": "english", "normalize": True, "pronunciations": {}}},
        {"reading": {"language": "en", "normalize": True, "pronunciations": {"there": LONG}}},
        {
            "reading": {
                "language": "en",
                "normalize": True,
                "pronunciations": dict.fromkeys(map(str, range(201)), "a"),
            }
        },
    ],
    ids=lambda changes: str(changes)[:40],
)
def test_a_record_of_another_form_counts_as_none(
    ask: Ask, forger: Forger, changes: dict[str, Any] | bytes
) -> None:
    forger.write(changes)
    for endpoint in ("status", "download", "timing"):
        assert ask(endpoint=endpoint, job_id="forged")["code"] == "not_found"
    assert ask("forged", **ASKED)["status"] == "completed"


@pytest.mark.parametrize(
    "facts",
    [
        {"text": LONG},
        {"duration": float("nan")},
        {"duration": float("inf")},
        {"duration": -1.0},
        {"seed": 10**400},
        {"metrics": {"total_ms": float("inf")}},
        {"metrics": {"x" * 100: 1.0}},
        {"voice": "x" * 1000},
        {"warnings": [[]]},
        {"quality": [{"chunk": 0, "tries": 1, "word_error_rate": float("nan"), "heard": ""}]},
    ],
    ids=str,
)
def test_facts_out_of_their_bounds_count_as_none(
    ask: Ask, forger: Forger, facts: dict[str, Any]
) -> None:
    data = json.dumps(forger.record | {"facts": forger.record["facts"] | facts})
    forger.write(data.replace("Infinity", "1e400").encode())
    assert ask(endpoint="status", job_id="forged")["code"] == "not_found"


@pytest.mark.parametrize("count", [200_000, 3_700_000], ids=["under the limit", "15 MB"])
def test_a_record_full_of_empty_lists_costs_little_memory(
    ask: Ask, forger: Forger, count: int
) -> None:
    forger.write({"facts": forger.record["facts"] | {"unknown": [[]] * count}})
    tracemalloc.start()
    try:
        reply = ask(endpoint="status", job_id="forged")
        peak_bytes = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert reply["code"] == "not_found"
    assert peak_bytes < 30_000_000
    assert len(json.dumps(reply)) < 2000

"""`delete_job` and `list_jobs` through the real handler, in a folder and in a bucket."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from storage import keys
from storage.local import LocalStore
from storage.store import StorageError, Store
from tests.support import handling
from tests.support.seaweed import Seaweed
from timing.formats import FORMATS
from tts.voices.library import VoiceLibrary
from worker.state import Worker

FILES = ["output/{}.wav", "output/{}/0.wav", "output/{}/12.wav", "timings/{}.srt"]
FILES += ["timings/whisper/{}.whisper.json", "timings/included/{}.included.json"]


def in_store(worker: Worker, store: Store) -> Worker:
    return replace(worker, store=store, voices=VoiceLibrary(store, worker.engine.default_voice))


def ask(worker: Worker, this_id: str, **fields: Any) -> dict[str, Any]:
    return handling.handle(worker, {"id": this_id, "input": fields}, lambda *_: None)


def names(store: Store) -> list[str]:
    """All keys but those of takes, which other jobs may use."""
    return [info.key for info in store.list() if not info.key.startswith("chunks/")]


def put_job(store: Store, job_id: str, record: bytes | None = b"{}") -> list[str]:
    """A finished job with files of every kind, or without a record; the keys of its files."""
    files = sorted(name.format(job_id) for name in FILES)
    for key in files:
        store.put(key, b"x", "audio/wav")
    if record is not None:
        store.put(keys.manifest(keys.JobId(job_id)), record, "application/json")
    return files


@pytest.fixture
def there(worker: Worker, tmp_path: Path) -> Worker:
    return in_store(worker, LocalStore(tmp_path))


@pytest.fixture
def in_bucket(worker: Worker, seaweed: Seaweed) -> Iterator[Worker]:
    store = seaweed.store()
    for info in store.list():
        store.delete(info.key)
    yield in_store(worker, store)
    for info in store.list():
        store.delete(info.key)


@pytest.mark.parametrize("place", ["there", "in_bucket"])
def test_a_spoken_job_is_listed_deleted_and_unknown_after_that(
    request: pytest.FixtureRequest, place: str
) -> None:
    worker: Worker = request.getfixturevalue(place)
    script = "Hello there. Good morning."
    fields = {"parts": "sentence", "timing_format": list(FORMATS), "include": "words"}
    made = ask(worker, "gone", text=script, **fields)
    ask(worker, "gone.too", text="Hello.")
    kept = [name for name in names(worker.store) if "gone.too" in name]
    listed = ask(worker, "list", endpoint="list_jobs")
    assert [info["job_id"] for info in listed["jobs"]] == ["gone", "gone.too"]
    assert listed["jobs"][0]["duration"] == made["duration"]
    assert listed["jobs"][0]["endpoint"] == "tts"
    reply = ask(worker, "delete", endpoint="delete_job", job_id="gone")
    assert reply == {"status": "success", "job_id": "gone", "files": 4 + len(FORMATS)}
    assert names(worker.store) == sorted([*kept, "jobs/voices/delete.json"])
    assert ask(worker, "ask", endpoint="status", job_id="gone")["code"] == "not_found"
    again = ask(worker, "again", endpoint="delete_job", job_id="gone")
    assert again["error"].startswith("not_found: no finished job 'gone'")
    assert ask(worker, "delete", endpoint="delete_job", job_id="gone") == reply


def test_only_the_files_of_that_id_are_deleted(there: Worker) -> None:
    put_job(there.store, "a")
    others = ["a.wave", "a.b", "a-b", "aa", "a.whisper", "a.srt"]
    kept = [key for other in others for key in put_job(there.store, other)]
    kept += [f"jobs/{other}.json" for other in others]
    odd = ["output/a/x.wav", "output/a/0/1.wav", "voices/a.wav", "timings/x/a.srt", "output/0.wav"]
    for key in odd:
        there.store.put(key, b"x", "audio/wav")
    assert ask(there, "d", endpoint="delete_job", job_id="a")["files"] == len(FILES)
    assert sorted(names(there.store)) == sorted([*kept, *odd, "jobs/voices/d.json"])


def test_a_record_that_names_the_files_of_others_deletes_none_of_them(there: Worker) -> None:
    ask(there, "honest", text="Hello.", timing_format="srt")
    key = keys.manifest(keys.JobId("honest"))
    record = json.loads(there.store.get(key))
    for files in (record["audio"], record["timings"]):
        next(iter(files.values()))["key"] = "voices/anna.wav"
    there.store.put("voices/anna.wav", b"x", "audio/wav")
    there.store.put(key, json.dumps(record).encode(), "application/json")
    assert ask(there, "d", endpoint="delete_job", job_id="honest")["files"] == 2
    assert names(there.store) == ["jobs/voices/d.json", "voices/anna.wav"]


def test_the_audio_of_another_job_that_was_timed_stays(there: Worker) -> None:
    ask(there, "spoken", text="Hello there.")
    ask(there, "timed", endpoint="timing", job_id="spoken", timing_format="srt")
    assert ask(there, "d", endpoint="delete_job", job_id="timed")["files"] == 1
    assert there.store.stat("output/spoken.wav") is not None


class Dying(LocalStore):
    """A store of a process that is killed after `left` deletions."""

    left = 0

    def delete(self, key: str) -> None:
        # The worker deletes in several threads; each call counts once at least.
        if self.left <= 0:
            raise MemoryError
        self.left -= 1
        super().delete(key)


@pytest.mark.parametrize("deletions", range(len(FILES) + 2))
@pytest.mark.parametrize("next_id", ["first", "second"])
def test_a_deletion_that_a_killed_worker_began_is_ended_by_the_next_one(
    worker: Worker, tmp_path: Path, deletions: int, next_id: str
) -> None:
    store = LocalStore(tmp_path)
    put_job(store, "a")
    dying = Dying(tmp_path)
    dying.left = deletions
    deletion = {"endpoint": "delete_job", "job_id": "a"}
    assert ask(in_store(worker, dying), "first", **deletion)["code"] == "internal_error"
    listed = ask(in_store(worker, store), "list", endpoint="list_jobs")
    assert [info["job_id"] for info in listed["jobs"]] == ["a"]
    assert ask(in_store(worker, store), next_id, **deletion)["status"] == "success"
    assert {name.partition("/")[2] for name in names(store)} <= {
        "voices/first.json",
        "voices/second.json",
    }


def test_a_redelivered_deletion_keeps_what_a_new_job_of_the_id_stored(there: Worker) -> None:
    put_job(there.store, "a")
    deletion = {"endpoint": "delete_job", "job_id": "a"}
    first = ask(there, "d", **deletion)
    files = put_job(there.store, "a", b'{"new": 1}')
    assert ask(there, "d", **deletion) == first
    assert set(files) < set(names(there.store))


def test_files_without_a_record_are_deleted(there: Worker) -> None:
    put_job(there.store, "killed", record=None)
    assert ask(there, "d", endpoint="delete_job", job_id="killed")["files"] == len(FILES)
    assert names(there.store) == ["jobs/voices/d.json"]


def test_the_record_of_an_upload_is_deleted_and_its_voice_stays(there: Worker) -> None:
    clip = Path("tests/data/timing/00.wav").read_bytes()
    there.store.put(keys.upload("clip"), clip, "audio/wav")
    consent = "Ana agreed on 3 May 2026, in writing."
    fields = {"voice_name": "ana", "upload_id": "clip", "ref_text": "Hi.", "consent": consent}
    assert ask(there, "up", endpoint="upload", **fields)["status"] == "success"
    voices = ask(there, "list", endpoint="list_voices")["voices"]
    assert [voice.get("consent") for voice in voices] == [None, consent]
    assert ask(there, "d", endpoint="delete_job", job_id="up")["files"] == 0
    assert names(there.store) == ["jobs/voices/d.json", "voices/ana.json", "voices/ana.wav"]


def test_a_running_job_is_not_deleted(there: Worker) -> None:
    put_job(there.store, "busy")
    with there.active_jobs.exclusive("busy"):
        reply = ask(there, "d", endpoint="delete_job", job_id="busy")
    assert reply["error"] == (
        "invalid_request: job busy is running; cancel it, or wait until it has ended"
    )
    assert ask(there, "own", endpoint="delete_job", job_id="own")["code"] == "invalid_request"
    assert ask(there, "d", endpoint="delete_job", job_id="busy")["status"] == "success"


def test_a_key_without_the_right_to_delete_is_told(worker: Worker, tmp_path: Path) -> None:
    class Undeletable(LocalStore):
        def delete(self, key: str) -> None:
            raise StorageError("the access key may not do this", "give it the right")

    put_job(LocalStore(tmp_path), "a")
    reply = ask(in_store(worker, Undeletable(tmp_path)), "d", endpoint="delete_job", job_id="a")
    assert reply["code"] == "storage_error"


@pytest.mark.parametrize("job_id", ["../a", "a/b", "", "voices/a", ".a"])
def test_an_id_that_is_none_is_refused(there: Worker, job_id: str) -> None:
    assert ask(there, "d", endpoint="delete_job", job_id=job_id)["code"] == "invalid_request"


def test_jobs_are_listed_in_pages(there: Worker) -> None:
    for job_id in ("b", "a.b", "a", "a-b", "c"):
        put_job(there.store, job_id)
    there.store.put("jobs/voices/v.json", b"{}", "application/json")
    there.store.put("jobs/no id.json", b"{}", "application/json")
    found, after = [], ""
    for page in range(3):
        reply = ask(there, f"l{page}", endpoint="list_jobs", limit=2, after=after)
        assert reply["count"] == len(reply["jobs"])
        found += [info["job_id"] for info in reply["jobs"]]
        after = reply.get("next_after", "")
    assert (found, after) == (["a", "a-b", "a.b", "b", "c"], "")
    reply = ask(there, "p", endpoint="list_jobs", prefix="a.")
    assert [info["job_id"] for info in reply["jobs"]] == ["a.b"]
    assert ask(there, "v", endpoint="list_jobs", prefix="v")["jobs"] == []


@pytest.mark.parametrize("record", [b"{", b"[" * 900_000, b"\xff", b'{"created_at": "x"}'])
def test_a_record_that_cannot_be_read_is_listed_by_its_date(there: Worker, record: bytes) -> None:
    put_job(there.store, "odd", record)
    (info,) = ask(there, "l", endpoint="list_jobs")["jobs"]
    assert info.keys() == {"job_id", "created_at"}
    assert datetime.fromisoformat(info["created_at"]).tzinfo is not None


@pytest.mark.parametrize("prefix", ["../", "voices/", "/", ".", "a..", "é"])
def test_a_prefix_of_no_id_is_refused(there: Worker, prefix: str) -> None:
    for field in ("prefix", "after"):
        reply = ask(there, "l", endpoint="list_jobs", **{field: prefix})
        assert "is not the beginning of a job id" in reply["error"]

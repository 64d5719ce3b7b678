"""`idempotency_key`: two requests at once, killed and failed first ones, conflicts, deletion."""

import hashlib
import io
import json
import logging
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from jobs.results.finish import ResultWriter, upload
from jobs.results.idempotency import IdempotencyConflict, Times, once
from jobs.results.manifest import RenderedFile, StoredFile
from jobs.results.replies import TtsReply
from storage import keys
from storage.local import LocalStore
from storage.retry import RetryingStore
from storage.store import StorageError, Store
from tests.jobs.schema.test_s3_config import own
from tests.support import handling
from tests.support.progress import Shown
from tests.support.s3_server import S3Server
from tests.support.seaweed import Seaweed
from tts.engine import SynthesisFailed
from worker.cancellation import ActiveJobs, CancellationToken, Cancelled, CancelReason
from worker.job import Job
from worker.logs import JobLog
from worker.state import Worker

RESULTS = ResultWriter("tts", TtsReply)
QUICK = Times(beat_s=0.05, stale_s=0.5, poll_s=0.02)
"""For a store in a folder."""
LONGEST_S = 30.0
"""After that, a test that failed lets the work go on."""


def ask(worker: Worker, this_id: str, **fields: Any) -> dict[str, Any]:
    return handling.handle(worker, {"id": this_id, "input": fields}, lambda *_: None)


def entry_key(key: str) -> str:
    return keys.idempotency(hashlib.sha256(key.encode()).hexdigest())


@pytest.fixture(params=["local", "seaweed", "rclone"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Store]:
    """Makes a client of one store, for each worker another one."""
    if request.param == "local":
        return lambda: LocalStore(tmp_path)
    server: S3Server = request.getfixturevalue(request.param)
    return server.store


@pytest.fixture
def here(worker: Worker, tmp_path: Path) -> Worker:
    return replace(worker, store=LocalStore(tmp_path))


def samples(store: Store, job_id: str) -> np.ndarray[Any, Any]:
    content = store.get(keys.audio(keys.JobId(job_id), "wav"), 10_000_000)
    found: np.ndarray[Any, Any] = soundfile.read(io.BytesIO(content), dtype="int16")[0]
    return found


def test_of_two_workers_at_the_same_moment_one_alone_speaks(
    worker: Worker, place: Callable[[], Store], request: pytest.FixtureRequest
) -> None:
    key = uuid.uuid4().hex
    workers = [replace(worker, store=place(), active_jobs=ActiveJobs()) for _ in range(2)]
    names = [f"{key}-{n}" for n in range(2)]
    begin = threading.Barrier(2)

    def send(n: int) -> dict[str, Any]:
        begin.wait()
        return ask(workers[n], names[n], text="Only one of us speaks.", idempotency_key=key)

    with ThreadPoolExecutor(2) as threads:
        replies = list(threads.map(send, range(2)))
    assert [reply.get("error") for reply in replies] == [None, None]
    reused = [reply["reused_from"] for reply in replies if "reused_from" in reply]
    spoken = {reply["job_id"] for reply in replies}
    if "rclone" not in request.node.name:
        assert [reused] == [list(spoken)]
    # Where a store ignores conditions both may speak, and that is the same speech.
    first, *others = [samples(workers[0].store, name) for name in sorted(spoken)]
    assert all(np.array_equal(first, other) for other in others)
    assert len({reply["seed"] for reply in replies}) == 1
    third = ask(workers[0], f"{key}-2", text="Only one of us speaks.", idempotency_key=key)
    assert third["reused_from"] == third["job_id"]
    assert third["job_id"] in spoken


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "Hello there.", "timing_format": ["srt", "json"], "parts": "sentence"},
        {"endpoint": "dub", "srt": "00:00:00,000 --> 00:00:03,000\nHello there.\n"},
        {"endpoint": "timing", "job_id": "spoken"},
    ],
)
def test_the_same_input_is_answered_with_the_first_record(
    here: Worker, fields: dict[str, Any]
) -> None:
    ask(here, "spoken", text="Hello there.")
    first = ask(here, "first", **fields, idempotency_key="order 66 / ü")
    again = ask(here, "second", **fields, idempotency_key="order 66 / ü")
    fresh = {"expires_at": first["expires_at"], "metrics": first["metrics"]}
    assert again | fresh == first | {"reused_from": "first"}
    assert ask(here, "first", **fields, idempotency_key="order 66 / ü") | fresh == first
    assert here.store.stat("jobs/second.json") is None
    other = ask(here, "third", **fields, idempotency_key="order 67")
    assert other["job_id"] == "third"
    assert "reused_from" not in other


def test_another_input_under_the_key_is_refused(here: Worker) -> None:
    ask(here, "first", text="Hello.", idempotency_key="k")
    reply = ask(here, "second", text="Goodbye.", idempotency_key="k")
    assert reply["code"] == "idempotency_conflict"
    assert reply["message"] == (
        "idempotency_key was used before, by job 'first' with another input; send the input of "
        "that job again, or give this one a key of its own"
    )
    assert ask(here, "third", text="Hello.", idempotency_key="k")["reused_from"] == "first"


def test_a_job_that_fails_frees_its_key(here: Worker) -> None:
    failed = ask(here, "first", text="Hello.", voice="nobody", idempotency_key="k")
    assert failed["code"] == "voice_not_found"
    assert here.store.stat(entry_key("k")) is None
    assert ask(here, "second", text="Hello.", idempotency_key="k")["job_id"] == "second"


def test_a_deleted_job_frees_its_key(here: Worker) -> None:
    ask(here, "first", text="Hello.", idempotency_key="k")
    assert here.store.stat(entry_key("k")) is not None
    ask(here, "d", endpoint="delete_job", job_id="first")
    assert [info.key for info in here.store.list("idempotency/")] == []
    assert ask(here, "second", text="Goodbye.", idempotency_key="k")["job_id"] == "second"


def test_a_forged_record_frees_no_key_of_another_job(here: Worker) -> None:
    ask(here, "first", text="Hello.", idempotency_key="k")
    record = here.store.get("jobs/first.json")
    here.store.put("jobs/liar.json", record, "application/json")
    ask(here, "d", endpoint="delete_job", job_id="liar")
    assert ask(here, "second", text="Hello.", idempotency_key="k")["reused_from"] == "first"


@pytest.mark.parametrize("gone", ["output/first.wav", "jobs/first.json"])
@pytest.mark.parametrize("text", ["Hello.", "Goodbye."])
def test_what_a_lifecycle_rule_deleted_is_spoken_anew_at_once(
    here: Worker, gone: str, text: str
) -> None:
    ask(here, "first", text="Hello.", idempotency_key="k")
    here.store.delete(gone)
    reply = ask(here, "second", text=text, idempotency_key="k")
    assert (reply["job_id"], reply.get("reused_from")) == ("second", None)
    assert ask(here, "third", text=text, idempotency_key="k")["reused_from"] == "second"


@pytest.mark.parametrize(
    "forged",
    [
        b"",
        b"{",
        b"[" * 9000,
        b"x" * 20_000,
        json.dumps({"job_id": "../x", "input_sha256": "0" * 64, "beat": "1"}).encode(),
        json.dumps({"job_id": "a", "input_sha256": "short", "beat": "1"}).encode(),
    ],
)
def test_an_entry_that_is_none_is_replaced(here: Worker, forged: bytes) -> None:
    here.store.put(entry_key("k"), forged, "application/json")
    assert ask(here, "first", text="Hello.", idempotency_key="k")["job_id"] == "first"
    assert ask(here, "second", text="Hello.", idempotency_key="k")["reused_from"] == "first"


@pytest.mark.parametrize("key", ["", " a", "a\n", "a\tb", "\u202e", "\ud800", "x" * 129, 7])
def test_a_key_that_is_none_is_refused(here: Worker, key: Any) -> None:
    reply = ask(here, "first", text="Hello.", idempotency_key=key)
    assert reply["code"] == "invalid_request"
    assert "idempotency_key" in reply["message"]


def test_with_a_bucket_of_the_jobs_own_the_key_holds_there(
    here: Worker, seaweed: Seaweed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNPOD_ALLOW_PRIVATE_DOWNLOAD_URLS", "1")
    key = uuid.uuid4().hex
    replies = []
    for n, s3_config in enumerate((own(seaweed), own(seaweed), None)):
        fields = {"text": "Hello.", "idempotency_key": key}
        job = {"id": f"{key}-{n}", "input": fields, "s3Config": s3_config}
        replies.append(handling.handle(here, job, lambda *_: None))
    assert [reply.get("reused_from") for reply in replies] == [None, f"{key}-0", None]
    assert seaweed.store().stat(entry_key(key)) is not None
    assert json.loads(here.store.get(entry_key(key)))["job_id"] == f"{key}-2"


# Jobs that meet, with short waits.


def a_job(store: Store, name: str, text: str = "a", **fields: Any) -> Job:
    stop = CancellationToken()
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    log = JobLog(logging.getLogger("worker"), {"job_id": name})
    progress = fields.pop("progress", lambda *_: None)
    retrying = RetryingStore(store, stop.sleep, patience_s=0.1)
    return Job(keys.JobId(name), sha256, None, retrying, progress, log, stop)  # type: ignore[arg-type]


def speak(job: Job) -> TtsReply:
    """What a `tts` job leaves, without an engine."""
    stored = StoredFile(key=f"output/{job.id}.wav", content_type="audio/wav", filename="a.wav")
    files = [RenderedFile("audio", "wav", stored, str(job.seed).encode())]
    upload(job, files)
    facts = TtsReply(
        job_id=job.id, duration=1, sample_rate=24_000, output_format="wav", text="a",
        seed=job.seed, voice="default", engine="none", warnings=[], metrics={},
    )  # fmt: skip
    return RESULTS.record(job, facts, files, url_expires_s=60)


def send(job: Job, work: Callable[[Job], TtsReply] = speak, times: Times = QUICK) -> TtsReply:
    return once(RESULTS, "k", job, 60, work, times)


@contextmanager
def in_thread(run: Callable[[], Any]) -> Iterator[list[Any]]:
    """Run beside the body; the list gets the result or the error once the body has ended."""
    ended: list[Any] = []
    with ThreadPoolExecutor(1) as threads:
        future = threads.submit(run)
        yield ended
    ended.append(future.exception() or future.result())


class Gate:
    """Work that waits in the middle until it is let through."""

    def __init__(self, error: Exception | None = None) -> None:
        self.began, self.go = threading.Event(), threading.Event()
        self._error = error

    def __call__(self, job: Job) -> TtsReply:
        self.began.set()
        end = time.monotonic() + LONGEST_S
        while not self.go.wait(0.01) and time.monotonic() < end:
            job.stop.raise_if_cancelled()
        if self._error is not None:
            raise self._error
        return speak(job)


def test_the_second_waits_for_the_first_however_long_that_takes(tmp_path: Path) -> None:
    store, gate, shown = LocalStore(tmp_path), Gate(), Shown()
    with in_thread(lambda: send(a_job(store, "first"), gate)) as first:
        gate.began.wait(LONGEST_S)
        second_job = a_job(store, "second", progress=shown)
        with in_thread(lambda: send(second_job)) as second:
            shown.waits.wait(LONGEST_S)
            assert shown.sent == [
                {"stage": "waiting", "done": 0, "total": 1, "waiting_for": "first"}
            ]
            # The entry changes all the time, so it never gets stale.
            seen: set[bytes] = set()
            while len(seen) < 12 and not gate.go.wait(QUICK.beat_s):
                seen.add(store.get(entry_key("k")))
            gate.go.set()
    assert (first[0].job_id, first[0].reused_from) == ("first", None)
    assert (second[0].job_id, second[0].reused_from) == ("first", "first")
    assert shown.fields == {}
    assert json.loads(store.get(entry_key("k")))["state"] == "finished"


def test_another_input_is_refused_while_the_first_goes_on(tmp_path: Path) -> None:
    store, gate = LocalStore(tmp_path), Gate()
    with in_thread(lambda: send(a_job(store, "first"), gate)):
        gate.began.wait(LONGEST_S)
        with pytest.raises(IdempotencyConflict, match="job 'first'"):
            send(a_job(store, "second", "b"))
        gate.go.set()


@pytest.mark.parametrize("error", [SynthesisFailed("no"), ValueError("a fault of the worker")])
def test_if_the_first_fails_the_second_takes_over(tmp_path: Path, error: Exception) -> None:
    store, gate, shown = LocalStore(tmp_path), Gate(error), Shown()
    with in_thread(lambda: send(a_job(store, "first"), gate)) as first:
        gate.began.wait(LONGEST_S)
        with in_thread(lambda: send(a_job(store, "second", progress=shown))) as second:
            shown.waits.wait(LONGEST_S)
            gate.go.set()
    assert first == [error]
    assert (second[0].job_id, second[0].reused_from) == ("second", None)


def test_if_the_first_is_cancelled_the_second_takes_over(tmp_path: Path) -> None:
    store, gate, shown = LocalStore(tmp_path), Gate(), Shown()
    first_job = a_job(store, "first")
    with in_thread(lambda: send(first_job, gate)) as first:
        gate.began.wait(LONGEST_S)
        with in_thread(lambda: send(a_job(store, "second", progress=shown))) as second:
            shown.waits.wait(LONGEST_S)
            first_job.stop.set(CancelReason.CANCELLED)
    assert isinstance(first[0], Cancelled)
    assert second[0].job_id == "second"


@pytest.mark.parametrize("text", ["a", "b"])
def test_the_key_of_a_killed_worker_is_taken_after_a_time(tmp_path: Path, text: str) -> None:
    store = LocalStore(tmp_path)
    killed = {"job_id": "killed", "input_sha256": hashlib.sha256(b"a").hexdigest(), "beat": "1"}
    store.put(entry_key("k"), json.dumps(killed).encode(), "application/json")
    if text == "b":
        with pytest.raises(IdempotencyConflict, match="job 'killed'"):
            send(a_job(store, "second", "b"))
        return
    begin = threading.Barrier(3)

    def take(n: int) -> TtsReply:
        begin.wait()
        return send(a_job(store, f"after-{n}"))

    with ThreadPoolExecutor(3) as threads:
        replies = list(threads.map(take, range(3)))
    assert len({reply.job_id for reply in replies}) == 1
    assert [reply.reused_from for reply in replies].count(None) == 1


def test_the_redelivery_of_a_killed_job_goes_on_at_once(tmp_path: Path) -> None:
    store = LocalStore(tmp_path)
    killed = {"job_id": "same", "input_sha256": hashlib.sha256(b"a").hexdigest(), "beat": "1"}
    store.put(entry_key("k"), json.dumps(killed).encode(), "application/json")
    patient = replace(QUICK, stale_s=600)
    assert send(a_job(store, "same"), times=patient).job_id == "same"


def test_a_job_that_waits_can_be_stopped(tmp_path: Path) -> None:
    store, gate, shown = LocalStore(tmp_path), Gate(), Shown()
    waiting = a_job(store, "second", progress=shown)
    with in_thread(lambda: send(a_job(store, "first"), gate)) as first:
        gate.began.wait(LONGEST_S)
        with in_thread(lambda: send(waiting)) as second:
            shown.waits.wait(LONGEST_S)
            waiting.stop.set(CancelReason.CANCELLED)
        gate.go.set()
    assert isinstance(second[0], Cancelled)
    assert first[0].job_id == "first"


def test_nobody_waits_longer_than_the_longest_wait(tmp_path: Path) -> None:
    store, gate = LocalStore(tmp_path), Gate()
    with in_thread(lambda: send(a_job(store, "first"), gate)) as first:
        gate.began.wait(LONGEST_S)
        short = replace(QUICK, longest_s=0.3)
        assert send(a_job(store, "second"), times=short).reused_from is None
        gate.go.set()
    # The first one ends on its own, and the key stays with the second.
    assert (first[0].job_id, first[0].reused_from) == ("first", None)
    assert send(a_job(store, "third")).reused_from == "second"


class Flaky(LocalStore):
    """A store that refuses conditional writes while it is out."""

    is_out = False

    def put_if(self, key: str, data: bytes, content_type: str, etag: str | None) -> bool:
        if self.is_out:
            raise StorageError("out", "wait", is_retryable=True)
        return super().put_if(key, data, content_type, etag)


def test_an_outage_of_the_store_does_not_fail_the_job_that_has_the_key(tmp_path: Path) -> None:
    store, gate = Flaky(tmp_path), Gate()
    with in_thread(lambda: send(a_job(store, "first"), gate)) as first:
        gate.began.wait(LONGEST_S)
        store.is_out = True
        time.sleep(0.2)
        store.is_out = False
        gate.go.set()
    assert first[0].job_id == "first"
    assert send(a_job(store, "second")).reused_from == "first"


def test_a_store_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    store = Flaky(tmp_path)
    store.is_out = True
    with pytest.raises(StorageError):
        send(a_job(store, "first"))


def test_a_write_whose_answer_was_lost_still_counts(tmp_path: Path) -> None:
    class Deaf(LocalStore):
        def put_if(self, key: str, data: bytes, content_type: str, etag: str | None) -> bool:
            super().put_if(key, data, content_type, etag)
            return False

    assert send(a_job(Deaf(tmp_path), "first")).reused_from is None


def test_a_store_that_loses_the_entry_does_not_hold_the_job(tmp_path: Path) -> None:
    class Forgetful(LocalStore):
        def put_if(self, key: str, data: bytes, content_type: str, etag: str | None) -> bool:
            return True

    assert send(a_job(Forgetful(tmp_path), "first")).job_id == "first"


def test_jobs_with_one_key_have_one_seed(tmp_path: Path) -> None:
    seeds = [
        send(a_job(LocalStore(tmp_path / name), name), times=QUICK).seed for name in ("a", "b")
    ]
    assert seeds[0] == seeds[1]
    assert seeds[0] != a_job(LocalStore(tmp_path), "a").seed

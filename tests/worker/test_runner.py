"""Jobs beside RunPod's event loop: they overlap, take turns to speak, and stop when told to."""

import asyncio
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import handler
from storage.local import LocalStore
from storage.retry import RetryingStore
from storage.store import ObjectInfo, StorageError
from tests.support import handling
from tests.support.web import serving
from timing.alignment.aligner import Alignment
from tts.speech import Samples
from tts.voices.library import VoiceLibrary
from worker.cancellation import ActiveJobs, Cancelled, CancelReason
from worker.envelope import Envelope
from worker.job import Progress
from worker.runner import JobRunner
from worker.state import Worker
from worker.totals import FAILED, STOPPED

LONG = " ".join(f"This is sentence number {n} of a long script." for n in range(8))


class Gate:
    """A place where a job waits: `reached` once it is there, until `open`."""

    def __init__(self) -> None:
        self.reached, self.open = threading.Event(), threading.Event()
        self.passed = 0

    def stay(self) -> None:
        self.reached.set()
        assert self.open.wait(60), "nobody opened the gate"
        self.passed += 1


def service_of(worker: Worker, gates: Mapping[str, Gate] | None = None) -> JobRunner:
    """A runner of two jobs at once; a job that has a gate stays there after each of its chunks."""

    def answer(envelope: Envelope, progress: Progress) -> dict[str, Any]:
        def at_the_gate(stage: str, done: int, total: int) -> None:
            gate = (gates or {}).get(envelope.id)
            if gate is not None and stage == "synthesis":
                gate.stay()

        return handler.handle(worker, envelope, at_the_gate)

    return JobRunner(answer, worker.active_jobs, 2, on_platform=False)


def test_health_answers_while_a_job_speaks(worker: Worker) -> None:
    gate = Gate()

    async def both() -> None:
        service = service_of(worker, {"health-1": gate})
        speaking = asyncio.create_task(service.run({"id": "health-1", "input": {"text": LONG}}))
        await asyncio.to_thread(gate.reached.wait)
        health = await service.run({"id": "health-2", "input": {"endpoint": "health"}})
        assert health["status"] == "ok"
        assert not speaking.done()
        gate.open.set()
        assert (await speaking)["status"] == "completed"

    asyncio.run(both())


@pytest.mark.parametrize("current", [None, 0, 1, 2, 16])
def test_the_sdk_is_always_told_the_same_number_of_jobs(
    worker: Worker, current: int | None
) -> None:
    assert service_of(worker).concurrency(current) == 2


def test_a_stopped_job_ends_at_its_next_step_and_leaves_nothing(worker: Worker) -> None:
    gate = Gate()

    async def stopped() -> None:
        service = service_of(worker, {"stopped": gate})
        job = {"id": "stopped", "input": {"text": LONG, "return_word_timings": True}}
        speaking = asyncio.create_task(service.run(job))
        await asyncio.to_thread(gate.reached.wait)
        speaking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await speaking
        gate.open.set()
        # The next job waits for the model, then has it.
        after = await service.run({"id": "after-stopped", "input": {"text": "Hello."}})
        assert after["status"] == "completed"

    asyncio.run(stopped())
    assert gate.passed == 1
    assert not [info for info in worker.store.list("") if "/stopped." in info.key]
    status = {"id": "ask", "input": {"endpoint": "status", "job_id": "stopped"}}
    assert handling.handle(worker, status, lambda *_: None)["code"] == "not_found"


@pytest.mark.parametrize(
    "asked",
    [
        {"endpoint": "upload", "voice_name": "slow", "voice_file_url": ""},
        {"endpoint": "timing", "audio_url": ""},
    ],
)
def test_a_job_that_waits_for_a_clients_file_can_be_stopped(
    worker: Worker, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: dict[str, str]
) -> None:
    monkeypatch.setenv("RUNPOD_ALLOW_PRIVATE_DOWNLOAD_URLS", "1")
    active_jobs, fetching = ActiveJobs(), threading.Event()
    waiting = replace(worker, active_jobs=active_jobs)
    with (
        serving(tmp_path, on_request=lambda path: fetching.set()) as url,
        ThreadPoolExecutor(1) as threads,
    ):
        slow = {name: value or f"{url}/!/drip/1000" for name, value in asked.items()}
        job = {"id": "waits-for-a-file", "input": slow}
        work = threads.submit(handling.handle, waiting, job, lambda *_: None)
        assert fetching.wait(60)
        active_jobs.stop("waits-for-a-file")
        # The file takes 50 s: without the stop the job would go on for that long.
        with pytest.raises(Cancelled):
            work.result(40)


@pytest.mark.parametrize(
    "asked",
    [
        {"text": "Hello."},
        {"endpoint": "list_voices"},
        {"endpoint": "upload", "voice_name": "a", "upload_id": "a"},
    ],
)
def test_a_job_that_waits_for_the_workers_own_store_can_be_stopped(
    worker: Worker, tmp_path: Path, asked: dict[str, str]
) -> None:
    asking = threading.Event()

    class Away(LocalStore):
        def stat(self, key: str) -> ObjectInfo | None:
            asking.set()
            raise StorageError("the store cannot be reached", "check it", is_retryable=True)

        def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
            asking.set()
            raise StorageError("the store cannot be reached", "check it", is_retryable=True)

    active_jobs = ActiveJobs()
    store = RetryingStore(Away(tmp_path), patience_s=3600)
    voices = VoiceLibrary(store, worker.engine.default_voice)
    waiting = replace(worker, active_jobs=active_jobs, store=store, voices=voices)
    with ThreadPoolExecutor(1) as threads:
        job = {"id": "waits-for-the-store", "input": asked}
        work = threads.submit(handling.handle, waiting, job, lambda *_: None)
        assert asking.wait(60)
        active_jobs.stop("waits-for-the-store")
        with pytest.raises(Cancelled):
            work.result(60)


def test_a_job_that_is_told_to_stop_by_the_end_of_the_worker_gets_no_reply() -> None:
    active_jobs = ActiveJobs()

    def answer(envelope: Envelope, progress: Progress) -> dict[str, Any]:
        with active_jobs.exclusive(envelope.id) as stop:
            active_jobs.shutdown.set(CancelReason.SHUTDOWN)
            stop.raise_if_cancelled()
        return {}

    service = JobRunner(answer, active_jobs, 2, on_platform=False)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(service.run({"id": "leaving", "input": {}}))


def test_a_stop_counts_before_the_job_is_registered() -> None:
    active_jobs, answering, go = ActiveJobs(), threading.Event(), threading.Event()
    ends: list[str] = []

    def answer(envelope: Envelope, progress: Progress) -> dict[str, Any]:
        answering.set()
        go.wait()
        try:
            with active_jobs.exclusive(envelope.id):
                ends.append("it began")
        except Cancelled:
            ends.append("it was stopped")
            raise
        return {}

    async def stopped() -> None:
        service = JobRunner(answer, active_jobs, 1, on_platform=False)
        jobs = [service.run({"id": name, "input": {}}) for name in ("early", "other", "waits")]
        tasks = [asyncio.create_task(job) for job in jobs]
        await asyncio.to_thread(answering.wait)
        tasks[0].cancel()
        tasks[2].cancel()
        await asyncio.wait([tasks[0], tasks[2]])
        go.set()
        assert await tasks[1] == {}
        assert await service.run({"id": "waits", "input": {}}) == {}

    asyncio.run(stopped())
    assert sorted(ends) == ["it began", "it began", "it was stopped"]


def test_the_same_job_twice_at_once_is_spoken_once(worker: Worker) -> None:
    async def twice() -> list[dict[str, Any]]:
        service = service_of(worker)
        job = {"id": "twice-at-once", "input": {"text": LONG}}
        return list(await asyncio.gather(service.run(dict(job)), service.run(dict(job))))

    first, second = asyncio.run(twice())
    assert first["metrics"]["synthesis_ms"] == second["metrics"]["synthesis_ms"]


def test_a_job_delivered_to_two_workers_is_spoken_alike(worker: Worker) -> None:
    job = {"id": "alike", "input": {"text": "Hello."}}
    first = handling.handle(worker, job, lambda *_: None)
    worker.store.delete("jobs/alike.json")
    second = handling.handle(worker, job, lambda *_: None)
    assert first["seed"] == second["seed"]
    other = handling.handle(worker, job | {"id": "alike-2"}, lambda *_: None)
    assert other["seed"] != first["seed"]


def test_only_the_models_own_thread_speaks(worker: Worker) -> None:
    spoken: list[str] = []
    job = {"id": "thread", "input": {"text": "Hello. And again."}}
    handling.handle(worker, job, lambda *_: spoken.append(threading.current_thread().name))
    assert any(name.startswith("model") for name in spoken)


def test_a_job_that_waits_for_the_model_can_be_stopped(worker: Worker) -> None:
    gate = Gate()

    async def waiting() -> None:
        service = service_of(worker, {"wait-1": gate})
        first = asyncio.create_task(service.run({"id": "wait-1", "input": {"text": LONG}}))
        await asyncio.to_thread(gate.reached.wait)
        second = asyncio.create_task(service.run({"id": "wait-2", "input": {"text": LONG}}))
        await asyncio.sleep(0)  # it registers its id
        worker.active_jobs.stop("wait-2")
        with pytest.raises(asyncio.CancelledError):
            await second
        assert not first.done()
        gate.open.set()
        assert (await first)["status"] == "completed"

    asyncio.run(waiting())


@pytest.mark.parametrize("place", ["upload", "alignment"])
def test_a_jobs_upload_and_alignment_overlap_the_speech_of_the_next(
    worker: Worker, tmp_path: Path, place: str
) -> None:
    gate = Gate()

    class Waits(LocalStore):
        def put_file(self, key: str, path: Path, content_type: str) -> None:
            if key.endswith("upload-1.wav"):
                gate.stay()
            super().put_file(key, path, content_type)

    class Aligns:
        languages = worker.aligners["sphinx"].languages
        max_window_ms = worker.aligners["sphinx"].max_window_ms
        service = None

        def align(self, samples: Samples, tokens: Sequence[str], language: str) -> Alignment:
            if not gate.reached.is_set():
                gate.stay()
            return worker.aligners["sphinx"].align(samples, tokens, language)

    there = {"upload": replace(worker, store=Waits(tmp_path))}
    there |= {"alignment": replace(worker, aligners={"sphinx": Aligns()})}

    def job(name: str) -> dict[str, Any]:
        return {"id": f"overlap-{name}", "input": {"text": "Hello.", "return_word_timings": True}}

    def speaks(stage: str, done: int, total: int) -> None:
        if stage == "synthesis":
            gate.open.set()

    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(handling.handle, there[place], job(f"{place}-1"), lambda *_: None)
        assert gate.reached.wait(60)
        second = handling.handle(there[place], job(f"{place}-2"), speaks)
        assert first.result()["status"] == second["status"] == "completed"


def stages(metrics: Mapping[str, float]) -> dict[str, float]:
    """The milliseconds of each stage, whose sum is the total."""
    parts = {name: ms for name, ms in metrics.items() if name.endswith("_ms")}
    total = parts.pop("total_ms")
    assert sum(parts.values()) == pytest.approx(total, abs=1)
    return parts


def test_the_metrics_make_the_wall_time(worker: Worker) -> None:
    job = {"id": "metrics", "input": {"text": LONG, "return_word_timings": True}}
    started = time.perf_counter()
    metrics = handling.handle(worker, job, lambda *_: None)["metrics"]
    wall_ms = 1000 * (time.perf_counter() - started)
    assert set(stages(metrics)) == {
        "voice_ms", "text_ms", "queue_ms", "synthesis_ms", "join_ms", "timing_ms", "encode_ms",
        "upload_ms", "takes_ms", "record_ms", "other_ms",
    }  # fmt: skip
    assert metrics["total_ms"] <= wall_ms


def test_the_time_of_a_slow_store_is_in_its_stages(worker: Worker, tmp_path: Path) -> None:
    puts = 0

    class Slow(LocalStore):
        def put(self, key: str, data: bytes, content_type: str) -> None:
            nonlocal puts
            puts += 1
            time.sleep(0.2)
            super().put(key, data, content_type)

    slow = replace(worker, store=Slow(tmp_path))
    job = {"id": "slow", "input": {"text": "Hello.", "return_word_timings": True}}
    metrics = handling.handle(slow, job, lambda *_: None)["metrics"]
    assert puts == 2
    assert stages(metrics)["record_ms"] >= 200
    assert stages(metrics)["upload_ms"] >= 200


def test_cancelled_is_no_failure(worker: Worker) -> None:
    before = worker.totals.snapshot()
    job = {"id": "no-failure", "input": {"text": LONG}}

    def stop(*_: object) -> None:
        worker.active_jobs.stop("no-failure")

    with pytest.raises(Cancelled):
        handling.handle(worker, job, stop)
    after = worker.totals.snapshot()
    assert after.ended(FAILED) == before.ended(FAILED)
    assert after.ended(STOPPED) == before.ended(STOPPED) + 1

"""The job server against runpod's own worker loop, and by hand where no worker is needed."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from . import JobServer, Worker

pytestmark = pytest.mark.slow

HANDLER = """
import asyncio, os, time
import runpod

async def handler(job):
    do = job["input"]["do"]
    if do == "echo":
        return {"got": job}
    if do == "fail":
        return {"error": "voice_not_found: no voice", "partial": 1}
    if do == "fail with a dict":
        return {"error": {"code": "voice_not_found"}}
    if do == "raise":
        raise ValueError("told to")
    if do == "refresh":
        return {"refresh_worker": True, "done": 1}
    if do == "progress":
        for step in range(3):
            runpod.serverless.progress_update(job, {"step": step})
            await asyncio.sleep(0.25)
        return {"steps": 3}
    if do == "sleep":
        await asyncio.sleep(job["input"]["s"])
        return {"slept": True}
    if do == "block":  # as a synchronous handler does: the loop stands still
        time.sleep(job["input"]["s"])
        return {"blocked": True}

jobs_at_once = int(os.environ.get("JOBS_AT_ONCE", "1"))
runpod.serverless.start({"handler": handler, "concurrency_modifier": lambda _: jobs_at_once})
"""
BEARER = {"Authorization": "Bearer anything"}


@pytest.fixture(scope="module")
def handler(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("worker") / "echo_worker.py"
    path.write_text(HANDLER)
    return path


@pytest.fixture(scope="module")
def served(handler: Path) -> Iterator[tuple[JobServer, Worker]]:
    """A server with one idle worker, for the tests that leave it idle.

    With less than three at once the SDK, which counts a job that it has just queued twice,
    would sleep for a second after each.
    """
    four = {"JOBS_AT_ONCE": "4"}
    with JobServer(hold_s=1) as server, Worker(server, handler, "shared", env=four) as worker:
        yield server, worker.ready()


def client(server: JobServer) -> httpx.Client:
    return httpx.Client(base_url=server.url, headers=BEARER, timeout=60)


# The client side, through a real worker.


def test_run_answers_at_once_and_status_has_the_output(served: tuple[JobServer, Worker]) -> None:
    server, _ = served
    with client(server) as http:
        sent = {"input": {"do": "echo"}, "s3Config": {"bucketName": "b"}, "id": "mine"}
        accepted = http.post("/run", json=sent).json()
        assert accepted == {"id": accepted["id"], "status": "IN_QUEUE"}
        assert accepted["id"] != "mine"
        server.wait(accepted["id"])
        status = http.get(f"/status/{accepted['id']}").json()
    assert status["status"] == "COMPLETED"
    assert status["output"] == {"got": sent | {"id": accepted["id"]}}
    assert status["workerId"] == "shared"
    assert {"delayTime", "executionTime"} <= status.keys()


def test_runsync_answers_the_finished_job_or_that_it_runs(
    served: tuple[JobServer, Worker],
) -> None:
    server, _ = served
    with client(server) as http:
        done = http.post("/runsync", json={"input": {"do": "echo"}}).json()
        assert (done["status"], done["output"]["got"]["id"]) == ("COMPLETED", done["id"])
        running = http.post("/runsync?wait=10", json={"input": {"do": "sleep", "s": 0.2}}).json()
        assert running["status"] in ("IN_QUEUE", "IN_PROGRESS")
        assert "output" not in running
    assert server.wait(running["id"]).output == {"slept": True}


def test_a_string_error_fails_the_job_and_a_dict_error_is_lost(
    served: tuple[JobServer, Worker],
) -> None:
    server, _ = served
    named = server.wait(server.submit({"do": "fail"}))
    assert (named.status, named.error) == ("FAILED", "voice_not_found: no voice")
    assert named.output == {"partial": 1}
    lost = server.wait(server.submit({"do": "fail with a dict"}))
    assert (lost.status, lost.error, lost.output) == ("COMPLETED", None, None)
    raised = server.wait(server.submit({"do": "raise"}))
    assert raised.status == "FAILED"
    assert json.loads(raised.error or "")["error_message"] == "told to"


def test_progress_arrives_in_order_and_shows_in_status(served: tuple[JobServer, Worker]) -> None:
    server, _ = served
    job = server.jobs[server.submit({"do": "progress"})]
    server.until(lambda: len(job.progress) == 2)
    with client(server) as http:
        status = http.get(f"/status/{job.id}").json()
    assert (status["status"], status["output"]) == ("IN_PROGRESS", {"step": 1})
    assert server.wait(job.id).output == {"steps": 3}
    assert job.progress == [{"step": 0}, {"step": 1}, {"step": 2}]
    assert job.late_progress == 0


def test_cancel_stops_an_async_job_and_the_worker_goes_on(
    served: tuple[JobServer, Worker],
) -> None:
    server, worker = served
    running = server.submit({"do": "sleep", "s": 60})
    server.until(lambda: server.workers["shared"].pinged_jobs == [running], 5)
    with client(server) as http:
        answer = http.post(f"/cancel/{running}").json()
    assert answer == {"id": running, "status": "CANCELLED"}
    assert server.wait(server.submit({"do": "echo"})).status == "COMPLETED"
    server.until(lambda: server.workers["shared"].pinged_jobs == [], 5)
    assert server.workers["shared"].stopped == [running]
    assert server.jobs[running].results == 0
    assert "Job stopped." in worker.log()


def test_a_job_that_holds_the_loop_cannot_be_stopped(served: tuple[JobServer, Worker]) -> None:
    server, _ = served
    job = server.jobs[server.submit({"do": "block", "s": 0.4})]
    server.until(lambda: job.status == "IN_PROGRESS")
    server.cancel(job.id)
    server.until(lambda: job.results == 1)
    assert (job.status, job.output) == ("CANCELLED", None)


def test_a_result_answered_500_is_sent_again(served: tuple[JobServer, Worker]) -> None:
    server, _ = served
    server.refuse_results(recorded=True)
    job = server.jobs[server.submit({"do": "refresh"})]
    server.until(lambda: job.results == 2)
    assert (job.status, job.output, job.stop_pod) == ("COMPLETED", {"done": 1}, True)


def test_a_result_whose_connection_is_cut_is_lost(served: tuple[JobServer, Worker]) -> None:
    server, worker = served
    server.drop_results(recorded=False)
    lost = server.submit({"do": "echo"})
    server.until(lambda: "Failed to return job results. | Server disc" in worker.log(), 5)
    assert server.wait(server.submit({"do": "echo"})).status == "COMPLETED"
    assert server.jobs[lost].status == "IN_PROGRESS"
    assert server.requeue("shared") == [lost]
    assert server.wait(lost).workers == ["shared", "shared"]


def test_a_cut_hand_over_gives_the_job_to_the_next_take(served: tuple[JobServer, Worker]) -> None:
    server, _ = served
    server.drop_takes(2)
    job = server.wait(server.submit({"do": "echo"}))
    assert (job.status, job.workers, len(job.taken_ms)) == ("COMPLETED", ["shared"], 1)


def test_a_duplicate_is_done_twice_and_counts_once(served: tuple[JobServer, Worker]) -> None:
    server, _ = served
    job = server.jobs[server.submit({"do": "echo"}, job_id="twice", duplicate=True)]
    server.until(lambda: job.results == 2)
    assert (job.status, job.workers) == ("COMPLETED", ["shared", "shared"])
    with pytest.raises(ValueError, match="'twice' is taken"):
        server.submit({}, job_id="twice")


def test_refused_takes_are_tried_again(served: tuple[JobServer, Worker]) -> None:
    server, worker = served
    server.refuse_takes(500, times=2)
    assert server.wait(server.submit({"do": "echo"})).status == "COMPLETED"
    server.refuse_takes(429, times=1)
    submitted = time.monotonic()
    assert server.wait(server.submit({"do": "echo"})).status == "COMPLETED"
    assert time.monotonic() - submitted >= 4  # the SDK waits 5 s after a 429
    assert "Too many requests. Debounce" in worker.log()


# Workers that come and go.


def test_three_jobs_at_once_come_in_a_batch(handler: Path) -> None:
    with JobServer(hold_s=1) as server:
        ids = [server.submit({"do": "sleep", "s": 0.8}) for _ in range(3)]
        with Worker(server, handler, env={"JOBS_AT_ONCE": "3"}):
            jobs = [server.wait(job_id, 60) for job_id in ids]
    begin = [job.taken_ms[0] for job in jobs]
    assert max(begin) < min(job.finished_ms or 0 for job in jobs)
    assert len(set(begin)) == 1


def test_a_job_taken_after_sigterm_is_dropped_and_done_by_the_next(handler: Path) -> None:
    with JobServer(hold_s=12) as server:
        with Worker(server, handler, "first", env={"RUNPOD_LOG_LEVEL": "DEBUG"}) as first:
            first.ready()
            polls = server.workers["first"].polls
            done = server.wait(server.submit({"do": "echo"}))
            server.until(lambda: server.workers["first"].polls > polls)
            first.terminate()
            while "Kill worker." not in first.log():
                time.sleep(0.02)
            time.sleep(1)  # its run loop, which looks every 0.1 s, has ended; its long poll has not
            lost = server.submit({"do": "echo"})
            assert first.wait(60) == 0
        assert (done.status, server.jobs[lost].status) == ("COMPLETED", "IN_PROGRESS")
        assert server.jobs[lost].workers == ["first"]
        last = server.submit({"do": "echo"})
        assert server.worker_gone("first") == [lost]
        with Worker(server, handler, "second"):
            again = server.wait(lost, 60)
            server.wait(last)
        assert (again.workers, again.finished_by) == (["first", "second"], "second")
        assert server.jobs[last].taken_ms[0] > again.taken_ms[1]


def test_a_killed_workers_job_is_finished_by_a_second_one(handler: Path) -> None:
    with JobServer(hold_s=1) as server:
        with Worker(server, handler, "first") as first:
            job_id = server.submit({"do": "sleep", "s": 1})
            server.until(lambda: server.jobs[job_id].status == "IN_PROGRESS", 60)
            assert first.kill() == -signal.SIGKILL
        pings = server.workers["first"].pings
        with Worker(server, handler, "second") as second:
            second.ready()
            assert server.jobs[job_id].status == "IN_PROGRESS"
            assert server.worker_gone("first") == [job_id]
            job = server.wait(job_id)
        assert (job.status, job.workers, job.results) == ("COMPLETED", ["first", "second"], 1)
        assert server.workers["first"].pings == pings  # the pinging child died with it


def test_a_worker_that_exits_early_shows_its_log(tmp_path: Path) -> None:
    broken = tmp_path / "broken.py"
    broken.write_text("import os\nraise SystemExit(os.environ['RUNPOD_POD_ID'] + ' has no model')")
    with (
        JobServer() as server,
        Worker(server, broken, log_path=tmp_path / "log") as worker,
        pytest.raises(RuntimeError, match="exited 1: worker-1 has no model"),
    ):
        worker.ready()
    assert (tmp_path / "log").read_text() == "worker-1 has no model\n"


def test_standalone_prints_what_a_worker_needs() -> None:
    package = (__package__ or "").split(".")
    root = Path(__file__).parents[len(package)]
    with subprocess.Popen(
        [sys.executable, "-m", ".".join(package), "--worker-id", "w"],
        cwd=root,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(10)]
        url = lines[-1].split()[2]
        assert httpx.get(url + "/health", headers=BEARER).json()["workers"]["ready"] == 0
        shell = "".join(lines) + "echo $RUNPOD_WEBHOOK_GET_JOB $RUNPOD_POD_ID"
        env = {"PATH": os.environ["PATH"]}
        said = subprocess.check_output(["sh", "-c", shell], text=True, env=env)
        assert said == f"{url}/job-take/$ID?gpu=loopback w\n"
        process.terminate()
        assert process.wait(60) == 0

"""The job server's two protocols by hand, without a worker."""

import json
import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from . import JobServer
from .state import now_ms


@pytest.fixture
def server() -> Iterator[JobServer]:
    """A server without workers; polls come back soon."""
    with JobServer(hold_s=0.3) as server:
        yield server


def take(server: JobServer, worker: str = "by-hand", batch: int = 1) -> httpx.Response:
    """One take as the SDK sends it."""
    url = server.worker_env(worker)["RUNPOD_WEBHOOK_GET_JOB"].replace("$ID", worker)
    if batch > 1:
        url = url.replace("/job-take/", "/job-take-batch/") + f"&batch_size={batch}"
    return httpx.get(url + "&job_in_progress=0", headers={"Authorization": "key"})


def give(server: JobServer, job_id: str, content: str, worker: str = "by-hand") -> httpx.Response:
    """One result as the SDK sends it."""
    url = server.worker_env(worker)["RUNPOD_WEBHOOK_POST_OUTPUT"].replace("$ID", job_id)
    headers = {"Authorization": "key", "Content-Type": "application/x-www-form-urlencoded"}
    return httpx.post(
        url.replace("$RUNPOD_POD_ID", worker) + "&isStream=false", content=content, headers=headers
    )


def client(server: JobServer) -> httpx.Client:
    headers = {"Authorization": "Bearer anything"}
    return httpx.Client(base_url=server.url, headers=headers, timeout=60)


def test_a_take_waits_and_then_says_204(server: JobServer) -> None:
    begin = time.monotonic()
    assert take(server).status_code == 204
    assert time.monotonic() - begin >= 0.3
    assert server.workers["by-hand"].polls == 1


def test_a_result_is_answered_late(server: JobServer) -> None:
    job = server.jobs[server.submit({}, job_id="a")]
    take(server)
    server.delay_results(0.5)
    give(server, "a", '{"output": 1}')
    assert job.finished_ms is not None
    assert now_ms() - job.finished_ms >= 500


def test_takes_are_refused_for_a_while(server: JobServer) -> None:
    job_id = server.submit({})
    begin = time.monotonic()
    server.refuse_takes(500, for_s=1)
    while (answer := take(server)).status_code == 500:
        pass
    assert answer.json()["id"] == job_id
    assert time.monotonic() - begin >= 1


def test_a_queued_job_is_cancelled_for_good(server: JobServer) -> None:
    job_id = server.submit({})
    with client(server) as http:
        http.post(f"/cancel/{job_id}")
        assert http.get(f"/status/{job_id}").json()["status"] == "CANCELLED"
    assert take(server).status_code == 204
    assert server.jobs[job_id].workers == []


def test_a_batch_is_a_list_without_the_second_copy(server: JobServer) -> None:
    server.submit({"n": 1}, job_id="a", duplicate=True)
    for job_id in "bc":
        server.submit({"n": 2}, job_id=job_id)
    assert [job["id"] for job in take(server, batch=3).json()] == ["a", "b", "c"]
    assert take(server).json() == {"id": "a", "input": {"n": 1}}
    assert server.requeue("by-hand") == ["b", "c", "a"]


def test_the_first_result_wins_even_from_a_worker_given_up(server: JobServer) -> None:
    job = server.jobs[server.submit({}, job_id="a")]
    take(server, "slow")
    server.worker_gone("slow")
    assert give(server, "a", '{"status": "IN_PROGRESS", "output": 1}').status_code == 200
    assert (job.progress, job.late_progress) == ([], 1)
    give(server, "a", '{"output": "slow"}', "slow")
    assert take(server).status_code == 204
    give(server, "a", '{"error": "too late"}')
    assert (job.status, job.output, job.results) == ("COMPLETED", "slow", 2)


def test_what_is_no_json_is_refused_and_what_is_too_big_vanishes(server: JobServer) -> None:
    job = server.jobs[server.submit({}, job_id="a")]
    take(server)
    refused = give(server, "a", '{"output": NaN}')
    assert (refused.status_code, job.results) == (400, 0)
    assert "NaN is no JSON value" in refused.json()["error"]
    assert give(server, "a", json.dumps({"output": "x" * 20_000_000})).status_code == 400
    assert (job.status, job.output) == ("COMPLETED", None)
    assert give(server, "unknown", "{}").status_code == 404


def test_a_poll_whose_caller_hung_up_takes_nothing() -> None:
    with JobServer(hold_s=60) as server:
        where = urlsplit(server.url)
        with socket.create_connection((where.hostname, where.port)) as caller:
            path = f"{where.path}/job-take/hung-up?gpu=x"
            caller.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: k\r\n\r\n".encode())
            server.until(lambda: open_polls(server) == 1)
        while open_polls(server):
            time.sleep(0.01)
        job_id = server.submit({})
        assert server.jobs[job_id].status == "IN_QUEUE"
        assert take(server).json()["id"] == job_id
        assert server.jobs[job_id].workers == ["by-hand"]


def open_polls(server: JobServer) -> int:
    worker = server.workers.get("hung-up")
    return worker.open_polls if worker else 0


def test_a_silent_worker_loses_its_job() -> None:
    with JobServer(hold_s=0.1, gone_after_s=0.8) as server:
        job = server.jobs[server.submit({})]
        take(server)
        assert job.status == "IN_PROGRESS"
        server.until(lambda: job.status == "IN_QUEUE", 60)
        assert server.workers["by-hand"].gone
        with client(server) as http:
            health: dict[str, dict[str, Any]] = http.get("/health").json()
    assert health["jobs"]["retried"] == health["jobs"]["inQueue"] == 1
    assert health["workers"]["unhealthy"] == 1


def test_the_door(server: JobServer) -> None:
    for headers in ({}, {"Authorization": "key"}, {"Authorization": "Bearer"}):
        answer = httpx.post(server.url + "/run", json={"input": {}}, headers=headers)
        assert answer.status_code == 401
    assert httpx.get(server.url + "/job-take/x").status_code == 401
    with client(server) as http:
        for path, body, sentence in (
            ("/run", {"input": {"x": "y" * 10_000_000}}, "a payload may have 10000000 bytes here"),
            ("/runsync", {"input": {"x": "y" * 20_000_000}}, "may have 20000000 bytes here"),
            ("/run", {"inputs": {}}, "the body needs an object under 'input'"),
            ("/run", [], "the body must be a JSON object"),
            ("/runsync?wait=soon", {"input": {}}, "not 'soon'"),
        ):
            answer = http.post(path, json=body)
            assert (answer.status_code, sentence in answer.json()["error"]) == (400, True)
        assert http.get("/status/none").status_code == 404
        assert http.post("/cancel/none").status_code == 404
        assert http.get("/health").json()["jobs"]["inQueue"] == 0
        big = http.post("/runsync?wait=1", json={"input": {"x": "y" * 11_000_000}})
        assert big.json()["status"] == "IN_QUEUE"


def test_a_failed_job_is_queued_again_and_no_other(server: JobServer) -> None:
    failed, done = (server.submit({}, job_id=name) for name in ("failed", "done"))
    for job_id, content in ((failed, '{"error": "a: b", "output": 1}'), (done, '{"output": 1}')):
        take(server)
        give(server, job_id, content)
    with client(server) as http:
        assert http.post("/retry/done").json() == {"id": "done", "status": "COMPLETED"}
        assert http.post("/retry/failed").json() == {"id": "failed", "status": "IN_QUEUE"}
        assert not {"output", "error"} & http.get("/status/failed").json().keys()
        assert take(server).json()["id"] == "failed"
        give(server, "failed", '{"output": 2}')
        again = http.get("/status/failed").json()
    assert (again["status"], again["output"]) == ("COMPLETED", 2)
    assert server.jobs["failed"].looks == 2


def test_status_sync_waits_for_the_end(server: JobServer) -> None:
    job_id = server.submit({})
    with client(server) as http:
        assert http.get(f"/status-sync/{job_id}?wait=10").json()["status"] == "IN_QUEUE"
        server.cancel(job_id)
        assert http.get(f"/status-sync/{job_id}").json()["status"] == "CANCELLED"

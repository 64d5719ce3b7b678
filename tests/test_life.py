"""Jobs in the SDK's real loop: stopped, delivered twice, side by side, without leaks in the log."""

import dataclasses
import json
import time
from pathlib import Path
from typing import Any

import httpx
import pytest
from runpod.serverless.modules.rp_logger import MAX_MESSAGE_LENGTH

from tests.job_server import JobServer, Worker
from tests.support.loop import HANDLER, WAIT_S, Loop, environment, leaks
from tests.support.proxy import proxy_for
from tests.support.s3_server import S3Server
from tests.support.seaweed import Seaweed
from tests.support.waiting import PATIENCE_S


def script(sentences: int) -> str:
    return " ".join(f"This is sentence number {n} of a long script." for n in range(sentences))


LONG = {"text": script(40), "return_word_timings": True}
"""A job of some seconds: what a test does after its first chunk happens before its end."""
MIDDLING = {"text": script(20), "return_word_timings": True}
TOKEN = "FwoGZXIvYXdzEBYaDH" + 20 * "+/session/token=="
SHORT = {"text": "A short one.", "return_word_timings": True, "timing_format": "all"}


@pytest.fixture
def server(json_loop: Loop) -> JobServer:
    return json_loop.server


@pytest.fixture
def scratch(json_loop: Loop) -> Path:
    return json_loop.folder


@pytest.fixture
def worker(json_loop: Loop) -> Worker:
    return json_loop.worker


def events(worker: Worker, job_id: str) -> list[dict[str, Any]]:
    """The worker's log lines for a job; the SDK's are left out."""
    lines = [json.loads(line) for line in worker.log().splitlines() if line.startswith('{"time"')]
    own = [line for line in lines if not line["message"].startswith("RunPod's SDK: ")]
    return [line for line in own if line["job_id"] == job_id]


def stored_keys(server: S3Server, job_id: str) -> list[str]:
    """The keys of all objects of a job in the bucket."""
    return [info.key for info in server.store().list("") if job_id in info.key]


def wait_until_speaking(server: JobServer, job_id: str) -> None:
    """Wait until the job's first chunk is spoken."""
    server.until(lambda: bool(server.jobs[job_id].progress), WAIT_S)


@pytest.mark.slow
def test_health_answers_while_a_job_speaks(server: JobServer, worker: Worker) -> None:
    server.submit(LONG, job_id="busy")
    wait_until_speaking(server, "busy")
    server.submit({"endpoint": "health"}, job_id="how-are-you")
    assert server.wait("how-are-you", WAIT_S).output["status"] == "ok"
    assert not server.jobs["busy"].finished
    assert server.wait("busy", WAIT_S).status == "COMPLETED"


def test_a_cancelled_job_stops_and_leaves_nothing(
    server: JobServer, worker: Worker, seaweed: Seaweed, scratch: Path
) -> None:
    server.submit(LONG, job_id="cancelled")
    wait_until_speaking(server, "cancelled")
    url = f"{server.url}/cancel/cancelled"
    headers = {"Authorization": "Bearer anything"}
    httpx.post(url, headers=headers, timeout=PATIENCE_S).raise_for_status()
    server.submit(SHORT, job_id="next")
    assert server.wait("next", WAIT_S).status == "COMPLETED"
    said = [event["message"] for event in events(worker, "cancelled")]
    assert said[-1] == "stopped: it was cancelled"
    assert server.jobs["cancelled"].results == 0
    assert stored_keys(seaweed, "cancelled") == []
    assert not list(scratch.glob("f5-tts-jobs-*/*"))


@pytest.mark.slow
def test_two_deliveries_at_once_do_the_work_once(server: JobServer, worker: Worker) -> None:
    server.submit(MIDDLING, job_id="twice", duplicate=True)
    server.wait("twice", WAIT_S)
    server.until(lambda: server.jobs["twice"].results == 2, WAIT_S)
    stages = [event.get("stage") for event in events(worker, "twice")]
    assert stages.count("synthesis") == stages.count("upload") == 1


def test_the_same_id_with_another_input_is_refused(
    server: JobServer, worker: Worker, seaweed: Seaweed, tmp_path: Path
) -> None:
    server.submit(SHORT, job_id="same-id")
    server.wait("same-id", WAIT_S)
    env = environment(seaweed, tmp_path)
    with JobServer(hold_s=1) as other, Worker(other, HANDLER, "other", env=env):
        other.submit(SHORT | {"text": "Something else."}, job_id="same-id")
        refused = other.wait("same-id", WAIT_S)
        other.submit({"endpoint": "result", "job_id": "same-id"}, job_id="asked")
        assert other.wait("asked", WAIT_S).output["text"] == SHORT["text"]
    assert refused.error == (
        "invalid_request: job id same-id was used before, for another input; send it as a new job"
    )


@pytest.mark.slow
def test_each_line_is_json_and_none_holds_a_secret(
    server: JobServer, worker: Worker, seaweed: Seaweed, rclone: S3Server
) -> None:
    own = {
        "accessId": rclone.access_key,
        "accessSecret": rclone.secret_key,
        "bucketName": rclone.bucket,
        "endpointUrl": rclone.endpoint_url,
    }
    server.submit(SHORT, job_id="own-bucket", s3Config=own)
    assert server.wait("own-bucket", WAIT_S).status == "COMPLETED"
    assert stored_keys(seaweed, "own-bucket") == []
    assert len(stored_keys(rclone, "own-bucket")) == 8
    wrong = own | {"accessSecret": "wrong-own-secret"}
    server.submit(SHORT, job_id="own-wrong", s3Config=wrong)
    assert "s3Config.accessSecret" in (server.wait("own-wrong", WAIT_S).error or "")
    server.submit({"endpoint": "upload", "voice_name": "x"}, job_id="invited")
    assert "X-Amz-Signature" in server.wait("invited", WAIT_S).output["upload_url"]
    # The SDK would cut the middle out of this reply's line, and a part of the token remain.
    temporary = own | {"sessionToken": TOKEN}
    server.submit(MIDDLING | {"timing_format": "all"}, job_id="long-line", s3Config=temporary)
    output = server.wait("long-line", WAIT_S).output
    assert "X-Amz-Security-Token" in output["audio_url"]
    assert len(json.dumps(output)) > MAX_MESSAGE_LENGTH
    log = worker.log()
    assert "Handler output: " in log
    assert "TRUNCATED" not in log
    for line in log.splitlines():
        assert line.startswith("---") or isinstance(json.loads(line), dict)
    for secret in ("wrong-own-secret", rclone.secret_key, rclone.access_key, "loopback-key"):
        assert secret not in log
    assert TOKEN[:6] not in log
    assert "+/session" not in log
    assert "%2Fsession" not in log
    assert not {seaweed.secret_key, seaweed.access_key} & set(leaks(log, seaweed))
    assert "Signature=[hidden]" in log
    assert log.count("Signature=") == log.count("Signature=[hidden]")


@pytest.mark.slow
def test_sigterm_stops_between_chunks_and_another_worker_does_the_job(
    seaweed: Seaweed, tmp_path: Path
) -> None:
    env = environment(seaweed, tmp_path) | {"TMPDIR": str(tmp_path)}
    with JobServer(hold_s=1) as server:
        with Worker(server, HANDLER, "leaving", env=env) as leaving:
            server.submit(LONG, job_id="left")
            wait_until_speaking(server, "left")
            leaving.terminate()
            assert leaving.wait() == 0
            assert "stopped: this worker ends" in leaving.log()
        assert server.jobs["left"].results == 0
        assert stored_keys(seaweed, "left") == []
        assert not list(tmp_path.glob("f5-tts-jobs-*"))
        server.worker_gone("leaving")
        with Worker(server, HANDLER, "staying", env=env):
            assert server.wait("left", WAIT_S).status == "COMPLETED"
    assert len(stored_keys(seaweed, "left")) == 3


@pytest.mark.slow
def test_a_store_that_is_away_for_20_s_loses_no_job(seaweed: Seaweed, tmp_path: Path) -> None:
    with proxy_for(seaweed.endpoint_url) as proxy, JobServer(hold_s=1) as server:
        behind = dataclasses.replace(seaweed, endpoint_url=proxy.url)
        with Worker(server, HANDLER, "patient", env=environment(behind, tmp_path)) as worker:
            worker.ready()
            names = [f"away-{n}" for n in range(3)]
            server.submit(LONG, job_id=names[0])
            wait_until_speaking(server, names[0])
            proxy.go_away()
            for name in names[1:]:
                server.submit(SHORT, job_id=name)
            time.sleep(20)
            assert not any(server.jobs[name].finished for name in names)
            proxy.come_back()
            for name in names:
                assert server.wait(name, WAIT_S).status == "COMPLETED", server.jobs[name]
                assert server.jobs[name].results == 1
    assert len(stored_keys(seaweed, "away-")) == 3 + 8 + 8


@pytest.mark.slow
def test_sigterm_ends_the_wait_for_a_store_that_is_away(seaweed: Seaweed, tmp_path: Path) -> None:
    with proxy_for(seaweed.endpoint_url) as proxy, JobServer(hold_s=1) as server:
        behind = dataclasses.replace(seaweed, endpoint_url=proxy.url)
        env = environment(behind, tmp_path) | {"LOG_FORMAT": "json"}
        with Worker(server, HANDLER, "waits", env=env) as leaving:
            server.submit(MIDDLING, job_id="waits")
            wait_until_speaking(server, "waits")
            proxy.go_away()
            server.until(
                lambda: "encode" in [e.get("stage") for e in events(leaving, "waits")], WAIT_S
            )
            leaving.terminate()
            assert leaving.wait() == 0
            assert events(leaving, "waits")[-1]["message"] == "stopped: this worker ends"
        proxy.come_back()
        assert stored_keys(seaweed, "waits") == []
        server.worker_gone("waits")
        with Worker(server, HANDLER, "stays", env=env):
            assert server.wait("waits", WAIT_S).status == "COMPLETED"


@pytest.mark.slow
def test_a_worker_killed_between_its_files_and_their_record_leaves_nothing_to_serve(
    seaweed: Seaweed, tmp_path: Path
) -> None:
    with proxy_for(seaweed.endpoint_url) as proxy, JobServer(hold_s=1) as server:
        behind = dataclasses.replace(seaweed, endpoint_url=proxy.url)
        with Worker(server, HANDLER, "killed", env=environment(behind, tmp_path)) as worker:
            server.submit(MIDDLING, job_id="half")
            wait_until_speaking(server, "half")
            # The record is written once the files are there.
            proxy.hold = f"PUT /{seaweed.bucket}/jobs/"
            assert proxy.is_holding.wait(WAIT_S)
            proxy.go_away()
            worker.kill()
        assert stored_keys(seaweed, "half") == ["output/half.wav", "timings/half.srt"]
        with Worker(server, HANDLER, "other", env=environment(seaweed, tmp_path)):
            for endpoint in ("status", "download"):
                server.submit({"endpoint": endpoint, "job_id": "half"}, job_id=endpoint)
                assert server.wait(endpoint, WAIT_S).output["code"] == "not_found"
            server.worker_gone("killed")
            assert server.wait("half", WAIT_S).status == "COMPLETED"
            server.submit({"endpoint": "download", "job_id": "half"}, job_id="again")
            assert server.wait("again", WAIT_S).output["status"] == "ready"


@pytest.mark.slow
def test_a_worker_killed_between_its_takes_and_their_record_leaves_a_job_that_can_be_done(
    seaweed: Seaweed, tmp_path: Path
) -> None:
    def takes() -> dict[str, str]:
        return {info.key: info.etag for info in seaweed.store().list("chunks/")}

    before = takes()
    # No other test of this bucket speaks these sentences.
    text = script(12).replace("long script", "script whose worker is killed")
    fields = {"text": text, "seed": 11, "timing_format": "srt"}
    with proxy_for(seaweed.endpoint_url) as proxy, JobServer(hold_s=1) as server:
        behind = dataclasses.replace(seaweed, endpoint_url=proxy.url)
        with Worker(server, HANDLER, "killed", env=environment(behind, tmp_path)) as worker:
            server.submit(fields, job_id="taken")
            wait_until_speaking(server, "taken")
            # The record is written once files and takes are there.
            proxy.hold = f"PUT /{seaweed.bucket}/jobs/"
            assert proxy.is_holding.wait(WAIT_S)
            proxy.go_away()
            worker.kill()
        stored = takes()
        assert len(stored.keys() - before.keys()) == 12
        assert stored_keys(seaweed, "taken") == ["output/taken.wav", "timings/taken.srt"]
        audio = seaweed.store().get("output/taken.wav", 100_000_000)
        edited = {"text": text.replace("number 5 of", "number 5 and a half of")}
        with Worker(server, HANDLER, "other", env=environment(seaweed, tmp_path)):
            server.submit({**edited, "based_on": "taken"}, job_id="too-early")
            assert server.wait("too-early", WAIT_S).output["code"] == "not_found"
            server.worker_gone("killed")
            done = server.wait("taken", WAIT_S)
            assert (done.status, done.results) == ("COMPLETED", 1)
            assert seaweed.store().get("output/taken.wav", 100_000_000) == audio
            # The same takes have the same names: none is there twice, and none is left over.
            assert takes().keys() == stored.keys()
            record = json.loads(seaweed.store().get("jobs/taken.json"))
            of_record = {f"chunks/{take['sha256']}.flac" for take in record["takes"]}
            assert of_record == stored.keys() - before.keys()
            server.submit({**edited, "based_on": "taken"}, job_id="edited")
            reply = server.wait("edited", WAIT_S).output
            assert (len(reply["reused"]), reply["spoken"]) == (11, [5])
            assert len(takes().keys() - stored.keys()) == 1


def test_the_job_servers_own_faults_lose_no_job(
    server: JobServer, worker: Worker, seaweed: Seaweed
) -> None:
    server.drop_takes(2)
    server.refuse_results(500, 1)
    names = [f"faults-{n}" for n in range(4)]
    for name in names:
        server.submit(SHORT, job_id=name)
    for name in names:
        assert server.wait(name, WAIT_S).status == "COMPLETED"
    server.drop_results(1, recorded=False)
    server.submit(SHORT, job_id="faults-lost")
    server.until(lambda: bool(server.jobs["faults-lost"].workers), WAIT_S)
    server.until(lambda: bool(stored_keys(seaweed, "jobs/faults-lost")), WAIT_S)
    # What RunPod does once a result is overdue: another delivery, answered from the manifest.
    server.until(lambda: server.lost_results == 1, WAIT_S)
    server.worker_gone(worker.id)
    assert server.wait("faults-lost", WAIT_S).status == "COMPLETED"
    stages = [event.get("stage") for event in events(worker, "faults-lost")]
    assert stages.count("synthesis") == 1

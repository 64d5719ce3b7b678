"""The studio drives an endpoint: RunPod's client API on loopback, the real worker behind it."""

import itertools
import logging
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from studio.core import Studio
from studio.jobs import StudioJob
from studio.runpod import Account, RunpodDriver
from tests.job_server import JobServer
from tests.job_server import Worker as LoopWorker
from tests.support import studio as support
from tests.support.loop import Loop
from tests.support.studio import Served, refused
from tests.support.web import ALLOW_PRIVATE, serving
from worker.state import Worker

KEY = "rpa_VERYSECRETKEY0123456789"
TEXT = "Dr. Smith paid $5 for 2 cats."


@pytest.fixture(autouse=True)
def _allow_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' bucket has no public address."""
    monkeypatch.setenv(ALLOW_PRIVATE, "1")


def api_of(server: JobServer) -> str:
    """What stands before the endpoint's id in its URL."""
    return server.url.rpartition("/")[0]


@pytest.fixture(scope="module")
def driving(worker: Worker, loop_worker: Loop) -> Iterator[Served]:
    """A studio that drives the worker in RunPod's loop, whose files lie in a bucket."""
    with support.serving(Studio(worker, api_of(loop_worker.server))) as served:
        connect(served, "loopback", KEY)
        yield served


def connect(served: Served, endpoint_id: str, key: str) -> dict[str, Any]:
    answer = served.post("/api/endpoint", {"endpoint_id": endpoint_id, "api_key": key})
    assert answer.status_code == 200, answer.text
    facts: dict[str, Any] = answer.json()
    return facts


def test_the_endpoint_speaks_and_its_files_are_served(driving: Served, loop_worker: Loop) -> None:
    facts = driving.get("/api/worker").json()
    assert (facts["mode"], facts["endpoint_id"]) == ("runpod", "loopback")
    assert (facts["engine"], facts["clones"]) == (None, None)
    state = driving.run(text=TEXT, timing_format="all")
    assert state["status"] == "COMPLETED", state
    assert state["id"] in loop_worker.server.jobs
    assert {file["kind"] for file in state["files"]} == {"audio", "timing"}
    assert loop_worker.server.url not in str(state)
    audio = driving.get(state["files"][0]["url"])
    assert audio.content[:4] == b"RIFF"
    part = driving.get(state["files"][0]["url"], headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"RIFF")
    words = driving.get(f"/api/jobs/{state['id']}/words").json()["words"]
    assert [word["word"] for word in words] == TEXT.split()
    drawn = driving.post(f"/api/jobs/{state['id']}/captions", {"subtitles": {"preset": "social"}})
    assert drawn.json()["cues"]


def test_progress_is_shown_and_a_job_is_cancelled(driving: Served, loop_worker: Loop) -> None:
    job_id = driving.begin(text=" ".join([TEXT] * 300))
    state = driving.until(job_id, lambda state: state["progress"] or state["status"] == "FAILED")
    assert state["status"] == "IN_PROGRESS", state
    assert set(state["progress"]) == {"stage", "done", "total"}
    assert driving.post(f"/api/jobs/{job_id}/cancel").json()["status"] == "CANCELLED"
    assert loop_worker.server.jobs[job_id].status == "CANCELLED"
    assert driving.ended(job_id)["status"] == "CANCELLED"


def test_runpod_is_asked_once_a_second(driving: Served, loop_worker: Loop) -> None:
    job_id = driving.begin(text=" ".join([TEXT] * 5))
    begun = time.monotonic()
    asked = itertools.count(1)
    while driving.get(f"/api/jobs/{job_id}").json()["status"] != "COMPLETED":
        next(asked)
    looks = loop_worker.server.jobs[job_id].looks
    assert 1 <= looks <= time.monotonic() - begun + 1
    assert next(asked) > looks


def test_a_failed_job_has_the_workers_sentence(driving: Served) -> None:
    state = driving.run(text="Hello.", speed=9)
    assert state["status"] == "FAILED"
    assert state["error"].startswith("invalid_request: speed ")
    assert state["output"]["details"][0].startswith("speed ")


def test_a_clip_goes_to_the_endpoints_bucket(driving: Served, loop_worker: Loop) -> None:
    spoken = driving.run(text="Hello there. This is my voice, and I say what I like.")
    clip = driving.get(spoken["files"][0]["url"]).content
    for body, status in ((clip, "COMPLETED"), (b"no sound" * 1000, "FAILED")):
        answer = driving.client.post(
            "/api/voices", params={"name": "studio-anna", "ref_text": "Hello."}, content=body
        )
        state = driving.ended(answer.json()["id"])
        assert state["status"] == status, state
    assert state["output"]["code"] == "voice_rejected"
    listed = driving.ended(driving.get("/api/voices").json()["id"])
    assert "studio-anna" in {voice["name"] for voice in listed["output"]["voices"]}
    deleted = driving.client.delete("/api/voices/studio-anna")
    assert driving.ended(deleted.json()["id"])["status"] == "COMPLETED"
    assert not list(driving.studio.folder.glob("clip-*"))


def test_back_to_the_local_worker(worker: Worker, loop_worker: Loop) -> None:
    with support.serving(Studio(worker, api_of(loop_worker.server))) as served:
        connect(served, "loopback", KEY)
        remote = served.run(text="Hello.")
        facts = served.client.delete("/api/endpoint").json()
        assert (facts["mode"], facts["endpoint_id"]) == ("local", None)
        local = served.run(text="Hello.")
        assert local["id"].startswith("studio-")
        assert local["id"] not in loop_worker.server.jobs
        assert served.get(remote["files"][0]["url"]).content[:4] == b"RIFF"


def test_the_key_goes_to_runpod_alone(
    worker: Worker, loop_worker: Loop, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    with support.serving(Studio(worker, api_of(loop_worker.server))) as served:
        said.append(str(connect(served, "loopback", f"  {KEY}\n")))
        state = served.run(text="Hello.")
        said += [str(state), served.get("/api/worker").text, repr(vars(served.studio))]
        said.append(repr(served.studio._endpoint and served.studio._endpoint.account))
        said += [path.name for path in served.studio.folder.rglob("*")]
    assert not any(KEY in one for one in [*said, caplog.text])
    assert KEY not in repr(Account.checked("abc", KEY))
    assert KEY not in loop_worker.worker.log()


def test_a_wrong_key_is_refused_and_nothing_changes(worker: Worker) -> None:
    with (
        JobServer(client_key=KEY) as server,
        support.serving(Studio(worker, api_of(server))) as served,
    ):
        body = {"endpoint_id": "loopback", "api_key": "rpa_another_key"}
        status, code, sentence = refused(served.post("/api/endpoint", body))
        assert (status, code) == (502, "runpod_error")
        assert "API key" in sentence
        assert "rpa_another" not in sentence
        assert served.get("/api/worker").json()["mode"] == "local"
        assert connect(served, "loopback", KEY)["mode"] == "runpod"


@pytest.mark.parametrize(
    ("endpoint_id", "key", "word"),
    [
        ("", KEY, "endpoint_id"),
        ("https://api.runpod.ai/v2/abc", KEY, "endpoint_id"),
        ("../x", KEY, "endpoint_id"),
        ("abc", "", "api_key"),
        ("abc", "two words", "api_key"),
        ("abc", "line\r\nbreak: x", "api_key"),
    ],
)
def test_what_cannot_be_an_endpoint_or_a_key_is_told(
    driving: Served, endpoint_id: str, key: str, word: str
) -> None:
    body = {"endpoint_id": endpoint_id, "api_key": key}
    status, code, sentence = refused(driving.post("/api/endpoint", body))
    assert (status, code) == (400, "invalid_request")
    assert sentence.startswith(word)


def test_an_unknown_endpoint_is_told(worker: Worker) -> None:
    with JobServer() as server, support.serving(Studio(worker, api_of(server))) as served:
        body = {"endpoint_id": "another", "api_key": KEY}
        status, code, sentence = refused(served.post("/api/endpoint", body))
        assert (status, code) == (502, "runpod_error")
        assert sentence.startswith("endpoint_id is the id of no endpoint")


def test_no_way_to_runpod_is_told(worker: Worker) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        api = f"http://127.0.0.1:{closed.getsockname()[1]}/v2"
        with support.serving(Studio(worker, api)) as served:
            body = {"endpoint_id": "abc", "api_key": KEY}
            status, code, sentence = refused(served.post("/api/endpoint", body))
    assert (status, code) == (502, "runpod_error")
    assert "cannot be reached" in sentence


def test_the_key_follows_no_redirect(worker: Worker, tmp_path: Path) -> None:
    asked: list[str] = []
    with serving(tmp_path, on_request=asked.append) as elsewhere:
        api = f"{elsewhere}/!/to/{quote(elsewhere, safe='')}%2Fstolen"
        with support.serving(Studio(worker, api)) as served:
            body = {"endpoint_id": "abc", "api_key": KEY}
            status, _, sentence = refused(served.post("/api/endpoint", body))
    assert (status, "status 302" in sentence) == (502, True)
    assert not any(path.startswith("/stolen") for path in asked)


HOSTILE = """
import runpod
runpod.serverless.start({"handler": lambda job: job["input"]["answer"]})
"""


@pytest.fixture(scope="module")
def hostile(worker: Worker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A studio that drives an endpoint which answers what the job says."""
    folder = tmp_path_factory.mktemp("hostile")
    with JobServer(hold_s=1) as server:
        process = LoopWorker(server, Path("-c"), "hostile", cwd=folder, args=[HOSTILE])
        with process, support.serving(Studio(worker, api_of(server))) as served:
            process.ready()
            connect(served, "loopback", KEY)
            yield served


def test_a_file_of_this_machine_is_never_served(hostile: Served) -> None:
    links = {"srt": "file:///etc/passwd", "vtt": "ftp://127.0.0.1/x", "csv": 5}
    state = hostile.run(
        answer={
            "job_id": "a",
            "audio_url": "file:///etc/passwd",
            "timing_files": links,
            "warnings": ["one"],
        }
    )
    output = state["output"]
    assert output["audio_url"] is None
    assert set(output["timing_files"].values()) == {None}
    assert state["files"] == []
    assert output["warnings"][0] == "one"
    assert any("set S3_BUCKET" in warning for warning in output["warnings"])


def test_an_address_of_this_network_is_never_asked(
    hostile: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(ALLOW_PRIVATE)
    asked: list[str] = []
    with serving(tmp_path, on_request=asked.append) as inside:
        state = hostile.run(answer={"audio_url": f"{inside}/a.wav", "timing_url": f"{inside}/b"})
        for file in state["files"]:
            status, code, _ = refused(hostile.get(file["url"]))
            assert (status, code) == (400, "fetch_refused")
        upload = hostile.client.post("/api/voices", params={"name": "a"}, content=b"x" * 100)
        assert hostile.ended(upload.json()["id"])["status"] == "FAILED"
    assert asked == []


@pytest.mark.parametrize(
    "link", ["http://h/a/..", "http://h/", "http://h/%2e%2e%2fetc", "http://h/a%00b", "http://h/é"]
)
def test_a_file_has_a_plain_name(hostile: Served, link: str) -> None:
    state = hostile.run(answer={"audio_url": link, "timing_files": {"srt": link}})
    names = [file["name"] for file in state["files"]]
    assert len(set(names)) == 2
    assert all(name.isascii() and "/" not in name and name[0] != "." for name in names)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"timing_files": [], "parts": {}, "warnings": 3},
        {"parts": [1, {}]},
        {"audio_url": "http://[", "timing_files": {"srt": "//["}, "parts": [{"audio_url": "//["}]},
    ],
)
def test_any_answer_can_be_shown(hostile: Served, answer: dict[str, Any]) -> None:
    state = hostile.run(answer=answer)
    assert state["status"] in ("COMPLETED", "FAILED")
    assert state["files"] == []


def test_a_page_of_the_endpoint_is_no_part_of_the_studio(hostile: Served, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<script>alert(1)</script>")
    (tmp_path / "page.xyz").write_text("<script>alert(1)</script>")
    with serving(tmp_path) as web:
        links = {"html": f"{web}/page.html", "xyz": f"{web}/page.xyz"}
        state = hostile.run(answer={"timing_files": links})
        page, other = (hostile.get(file["url"]) for file in state["files"])
    assert page.headers["content-security-policy"].startswith("sandbox allow-scripts;")
    assert other.headers["content-type"] == "application/octet-stream"
    assert other.headers["content-disposition"].startswith("attachment")


def test_a_job_that_runpod_forgot_has_failed(worker: Worker, tmp_path: Path) -> None:
    with JobServer() as server:
        driver = RunpodDriver(Account.checked("loopback", KEY, api_of(server)), tmp_path)
        job = StudioJob("forgotten-u1", {"text": "Hello."}, driver)
        driver.refresh(job)
    assert job.status == "FAILED"
    assert job.error
    assert job.error.startswith("not_found: RunPod has no job")


def test_a_link_that_fails_is_told(hostile: Served, tmp_path: Path) -> None:
    with serving(tmp_path) as web:
        state = hostile.run(answer={"audio_url": f"{web}/none.wav"})
        status, code, sentence = refused(hostile.get(state["files"][0]["url"]))
    assert (status, code) == (400, "fetch_failed")
    assert "404" in sentence
    assert httpx.URL(web).host not in sentence

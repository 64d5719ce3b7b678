"""The studio's jobs and files over real HTTP, with the real handler in this process."""

import io
import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
import soundfile

from studio.core import Studio
from studio.jobs import StudioJob
from tests.support import studio as support
from tests.support.studio import Served, refused
from tests.support.waiting import PATIENCE_S
from timing.formats import FORMATS
from worker.cancellation import ActiveJobs
from worker.state import Worker

TEXT = "Dr. Smith paid $5 for 2 cats."


@pytest.fixture(scope="module")
def spoken(served: Served) -> dict[str, Any]:
    """A finished job with all that the page needs."""
    state = served.run(
        text=TEXT,
        timing_format=["all", "whisper"],
        parts="sentence",
        subtitles={"preset": "social"},
    )
    assert state["status"] == "COMPLETED", state
    return state


def file_of(state: dict[str, Any], kind: str, form: str) -> dict[str, str]:
    found: dict[str, str] = next(
        file for file in state["files"] if (file["kind"], file["format"]) == (kind, form)
    )
    return found


def test_the_worker_is_described(served: Served) -> None:
    facts = served.get("/api/worker").json()
    assert (facts["mode"], facts["engine"], facts["clones"]) == ("local", "preview", False)
    assert facts["endpoint_id"] is None
    assert {"wav", "mp3"} <= set(facts["audio_formats"])
    assert facts["timing_formats"] == list(FORMATS)
    assert facts["styles"]["karaoke"]["colours"]["highlight"] == "#FFDD00FF"
    assert {"code": "de", "name": "German"} in facts["languages"]


def test_the_default_request_runs_as_it_is(served: Served) -> None:
    state = served.run(**served.get("/api/worker").json()["default"])
    assert state["status"] == "COMPLETED"
    assert state["output"]["word_count"] > 20
    assert not any("file://" in warning for warning in state["output"]["warnings"])


def test_a_job_goes_from_the_queue_to_its_reply(served: Served) -> None:
    seen: list[Any] = []

    def is_ended(state: dict[str, Any]) -> bool:
        seen.append(state["progress"])
        return bool(state["status"] == "COMPLETED")

    state = served.until(served.begin(text=" ".join([TEXT] * 6)), is_ended)
    stages = [progress["stage"] for progress in seen if progress]
    assert "synthesis" in stages
    assert all(0 <= one["done"] <= one["total"] for one in seen if one)
    assert state["seconds"] > 0
    assert state["error"] is None


def test_every_link_leads_to_the_studio(served: Served, spoken: dict[str, Any]) -> None:
    assert "file:" not in json.dumps(spoken)
    paths = {file["url"] for file in spoken["files"]}
    output = spoken["output"]
    linked = {output["audio_url"], *output["timing_files"].values()}
    linked |= {part["audio_url"] for part in output["parts"]}
    assert linked == paths
    for path in paths:
        assert path.startswith(f"/api/jobs/{spoken['id']}/files/")
        assert served.get(path).status_code == 200


def test_the_sound_is_whole_and_can_be_sought(served: Served, spoken: dict[str, Any]) -> None:
    path = file_of(spoken, "audio", "wav")["url"]
    whole = served.get(path)
    samples, rate = soundfile.read(io.BytesIO(whole.content))
    assert len(samples) / rate == pytest.approx(spoken["output"]["duration"], abs=0.001)
    assert whole.headers["content-type"] == "audio/wav"
    assert whole.headers["accept-ranges"] == "bytes"
    part = served.get(path, headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.headers["content-range"] == f"bytes 100-199/{len(whole.content)}"
    assert part.content == whole.content[100:200]
    beyond = served.get(path, headers={"Range": f"bytes={len(whole.content)}-"})
    assert beyond.status_code == 416


def test_a_download_has_the_name_of_the_file(served: Served, spoken: dict[str, Any]) -> None:
    for file in spoken["files"]:
        how = served.get(file["download"]).headers["content-disposition"]
        assert how == f'attachment; filename="{file["name"]}"'
    assert file_of(spoken, "timing", "srt")["name"] == f"{spoken['id']}.srt"
    assert file_of(spoken, "timing", "whisper")["name"] == f"{spoken['id']}.whisper.json"
    inline = served.get(file_of(spoken, "audio", "wav")["url"])
    assert inline.headers["content-disposition"].startswith("inline")


def test_the_page_of_a_job_plays_and_is_no_part_of_the_studio(
    served: Served, spoken: dict[str, Any]
) -> None:
    page = served.get(file_of(spoken, "timing", "html")["url"])
    assert f'data-link="{file_of(spoken, "audio", "wav")["url"]}"' in page.text
    assert page.headers["content-security-policy"].startswith("sandbox allow-scripts;")
    saved = served.get(file_of(spoken, "timing", "html")["download"])
    assert 'data-link="file://' in saved.text


def test_the_words_are_those_of_the_file(served: Served, spoken: dict[str, Any]) -> None:
    answer = served.get(f"/api/jobs/{spoken['id']}/words").json()
    stored = served.get(file_of(spoken, "timing", "json")["url"]).json()["timing_data"]
    assert answer["words"] == stored["words"]
    assert [word["word"] for word in answer["words"]] == TEXT.split()
    assert answer["duration"] == spoken["output"]["duration"]
    assert (answer["language"], answer["method"]) == ("en", "sphinx")


def test_words_need_the_json_file(served: Served) -> None:
    state = served.run(text="Hello.", timing_format="srt")
    status, code, sentence = refused(served.get(f"/api/jobs/{state['id']}/words"))
    assert (status, code) == (404, "not_found")
    assert "timing_format" in sentence


def test_what_comes_after_the_end_of_a_job_changes_nothing(served: Served) -> None:
    """The thread of a cancelled job may still report, and come to its end."""
    job = StudioJob("ended", {}, served.studio._local)
    job.advance("IN_PROGRESS", {"stage": "voice", "done": 0, "total": 1})
    job.end("CANCELLED")
    job.advance("IN_PROGRESS", {"stage": "synthesis", "done": 0, "total": 1})
    job.end("COMPLETED", {})
    state = job.body()
    assert (state["status"], state["progress"], state["output"]) == ("CANCELLED", None, None)


def test_two_jobs_run_and_each_has_its_own_files(served: Served) -> None:
    jobs = [served.begin(text=text, timing_format="srt") for text in ("One cat.", "Two dogs.")]
    for job_id, word in zip(jobs, ("cat", "dogs"), strict=True):
        state = served.ended(job_id)
        assert word in served.get(file_of(state, "timing", "srt")["url"]).text
    other = file_of(served.ended(jobs[1]), "audio", "wav")["name"]
    assert refused(served.get(f"/api/jobs/{jobs[0]}/files/{other}"))[0] == 404


def test_a_new_style_is_a_timing_job_and_no_new_speech(
    served: Served, spoken: dict[str, Any]
) -> None:
    state = served.run(
        endpoint="timing",
        job_id=spoken["id"],
        timing_format=["ass", "html"],
        subtitles={"preset": "karaoke"},
    )
    assert state["status"] == "COMPLETED", state
    assert {file["format"] for file in state["files"]} == {"ass", "html"}
    assert r"\kf" in served.get(file_of(state, "timing", "ass")["url"]).text
    page = served.get(file_of(state, "timing", "html")["url"]).text
    assert f'data-link="{file_of(spoken, "audio", "wav")["url"]}"' in page


def test_a_failed_job_has_its_sentence_and_the_field(served: Served) -> None:
    state = served.run(text="Hello.", speed=9)
    assert state["status"] == "FAILED"
    assert state["error"].startswith("invalid_request: speed ")
    assert state["output"]["code"] == "invalid_request"
    assert state["output"]["details"] == [state["output"]["message"]]
    assert state["files"] == []


def test_an_unknown_voice_is_told_in_the_workers_words(served: Served) -> None:
    state = served.run(text="Hello.", voice="nobody")
    assert state["output"]["code"] == "voice_not_found"
    assert "list_voices" in state["error"]


def test_a_job_can_be_cancelled(served: Served) -> None:
    running = served.begin(text=" ".join([TEXT] * 200))
    waiting = [served.begin(text=" ".join([TEXT] * 200)) for _ in range(5)]
    served.until(running, lambda state: state["status"] == "IN_PROGRESS")
    for job_id in (running, *waiting):
        answer = served.post(f"/api/jobs/{job_id}/cancel").json()
        assert answer == {"id": job_id, "status": "CANCELLED"}
        assert served.ended(job_id)["status"] == "CANCELLED"
    assert served.run(text="Hello.")["status"] == "COMPLETED"


def test_a_job_that_has_ended_stays_as_it_is(served: Served, spoken: dict[str, Any]) -> None:
    assert served.post(f"/api/jobs/{spoken['id']}/cancel").json()["status"] == "COMPLETED"


@pytest.mark.parametrize("path", ["", "/words", "/files/a.wav"])
def test_an_unknown_job_is_told(served: Served, path: str) -> None:
    assert refused(served.get(f"/api/jobs/nobody{path}"))[:2] == (404, "not_found")


@pytest.mark.parametrize(
    "name", ["..%2f..%2fsettings.py", "%2fetc%2fpasswd", "a%00b", "%2e%2e%2flexicon.json"]
)
def test_no_name_leads_out_of_the_jobs_own_files(
    served: Served, spoken: dict[str, Any], name: str
) -> None:
    answer = httpx.get(
        f"{served.url}/api/jobs/{spoken['id']}/files/{name}", trust_env=False, timeout=PATIENCE_S
    )
    assert answer.status_code in (404, 405)
    assert "root:" not in answer.text


def test_a_file_that_was_deleted_is_told(served: Served) -> None:
    state = served.run(text="Hello.")
    assert served.run(endpoint="delete_job", job_id=state["id"])["status"] == "COMPLETED"
    status, code, sentence = refused(served.get(state["files"][0]["url"]))
    assert (status, code) == (404, "not_found")
    assert "run the job again" in sentence


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (b"", "is required"),
        (b"{", "no JSON"),
        (b"[]", "valid dictionary"),
        (b'{"input": "Hello."}', "input is not valid"),
        (b'{"input": {}, "webhook": "x"}', "webhook is no known field"),
    ],
)
def test_a_wrong_body_is_told(served: Served, body: bytes, sentence: str) -> None:
    headers = {"content-type": "application/json"}
    answer = served.client.post("/api/jobs", content=body, headers=headers)
    status, code, said = refused(answer)
    assert (status, code) == (400, "invalid_request")
    assert sentence in said


def test_the_page_and_its_files_are_served(served: Served) -> None:
    assert "<title>studio</title>" in served.get("/").text
    script = served.get("/page/main.js")
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    for path in ("/page/notes.txt", "/page/..%2fsecret.js", "/page/none.js", "/player/ass.py"):
        assert refused(served.get(path))[:2] == (404, "not_found")


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/redoc", "/api", "/api/nothing"])
def test_nothing_else_is_there(served: Served, path: str) -> None:
    assert refused(served.get(path))[:2] == (404, "not_found")


@pytest.mark.parametrize(
    "body",
    [
        b'{"input": {"text": "\\ud800", "voice": "\\udfff"}}',
        b'{"input": {"text": ' + b"[" * 50_000 + b"]" * 50_000 + b"}}",
        b'{"input": {"text": NaN, "seed": 1e999}}',
        b'\xff\xfe{"input": {}}',
    ],
)
def test_odd_json_gets_an_answer(served: Served, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    answer = served.client.post("/api/jobs", content=body, headers=headers)
    if answer.status_code == 202:
        assert served.ended(answer.json()["id"])["status"] == "FAILED"
    else:
        assert refused(answer)[0] == 400


def test_what_nobody_foresaw_is_told_and_logged(
    worker: Worker, capfd: pytest.CaptureFixture[str]
) -> None:
    # With jobs of its own: a studio that ends stops all jobs of its worker.
    broken = replace(worker, engine=None, active_jobs=ActiveJobs())  # type: ignore[arg-type]
    with support.serving(Studio(broken)) as served:
        status, code, sentence = refused(served.get("/api/worker"))
    assert (status, code) == (500, "internal_error")
    assert "terminal" in sentence
    assert "AttributeError" in capfd.readouterr().err

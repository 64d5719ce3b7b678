"""handler.py in RunPod's own loop: a real SDK, a real S3 service, a job server on loopback."""

import io
import json
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
import runpod
import soundfile

from storage import keys
from tests.job_server import JobServer, Worker
from tests.support.loop import (
    HANDLER,
    WAIT_S,
    Loop,
    environment,
    fetch,
    leaks,
    rate_and_duration,
    without_links,
    words_of,
)
from tests.support.seaweed import Seaweed

STORED_VOICE = "real loop"

OLD_CLIENT: dict[str, Any] = {
    "text": "Welcome back, Mr. Brown: it is 7:30.",
    "local_voice": "default",
    "return_word_timings": True,
    "timing_format": "srt",
}
ALL_FORMATS: dict[str, Any] = {
    "text": 'We sold 42 boats - "all of them" - on Jan. 5th!',
    "return_word_timings": True,
    "timing_format": "all",
    "output_format": "mp3",
}
LONG: dict[str, Any] = {
    "text": "The first sentence is a short one. The second one takes a little longer to say. "
    "A third sentence follows right behind it. The fourth and last of them ends the script.",
    "return_word_timings": True,
}
TWICE: dict[str, Any] = {"text": "This one is delivered twice."}
# In the order in which the worker gets them; a name is the job's id.
JOBS: dict[str, dict[str, Any]] = {
    "loop-plain": {"text": "Hello there, this is a test.", "seed": 5},
    "loop-old-client": OLD_CLIENT,
    "loop-all-formats": ALL_FORMATS,
    "loop-long": LONG,
    "loop-list-voices": {"endpoint": "list_voices"},
    "loop-health": {"endpoint": "health"},
    "loop-endpoint": {"endpoint": "list_voice"},
    "loop-fields": {"text": "Hello.", "voicee": "default", "speed": "fast", "nfe_step": 1000},
    "loop-empty": {"text": ""},
    "loop-voice": {"text": "Hello.", "voice": "nobody"},
    "loop-emoji": {"text": "🎉 🎉"},
    "loop-status": {"endpoint": "status", "job_id": "loop-old-client"},
    "loop-download": {"endpoint": "download", "job_id": "loop-all-formats", "type": "timing",
                      "format": "vtt"},
    "loop-unfinished": {"endpoint": "result", "job_id": "loop-emoji"},
}  # fmt: skip


@pytest.fixture(scope="module")
def loop(seaweed: Seaweed, loop_worker: Loop) -> Iterator[Loop]:
    # A clip as buckets of the first worker hold them: without a record.
    clip = keys.voice_clip(STORED_VOICE)
    store = seaweed.store()
    store.put(clip, b"RIFF", "audio/wav")
    for name, job_input in JOBS.items():
        loop_worker.server.submit(job_input, job_id=name)
    loop_worker.server.submit(TWICE, job_id="loop-twice", duplicate=True)
    yield loop_worker
    store.delete(clip)


# Replies.


def test_a_plain_job_answers_as_the_contract_says(loop: Loop) -> None:
    output = loop.output("loop-plain")
    assert set(output) == {
        "job_id", "status", "audio_url", "expires_at", "duration", "sample_rate",
        "output_format", "text", "seed", "voice", "engine", "warnings", "metrics",
    }  # fmt: skip
    assert output["job_id"] == "loop-plain"
    assert output["status"] == "completed"
    assert (output["sample_rate"], output["output_format"]) == (24000, "wav")
    assert (output["text"], output["seed"]) == (JOBS["loop-plain"]["text"], 5)
    assert (output["voice"], output["engine"]) == ("default", "preview")
    assert all(isinstance(warning, str) for warning in output["warnings"])
    assert {"synthesis_ms", "upload_ms", "total_ms", "real_time_factor"} <= set(output["metrics"])
    expires = datetime.fromisoformat(output["expires_at"])
    assert expires.utcoffset() == timedelta(0)
    assert timedelta(minutes=50) < expires - datetime.now(UTC) <= timedelta(minutes=60)
    assert fetch(output["audio_url"]).headers["content-type"] == "audio/wav"
    rate, duration_s = rate_and_duration(output["audio_url"])
    assert rate == 24000
    assert duration_s == pytest.approx(output["duration"], abs=0.002)


def test_the_old_clients_request_works_unchanged(loop: Loop) -> None:
    output = loop.output("loop-old-client")
    assert list(output["timing_files"]) == ["srt"]
    assert output["timing_format"] == "srt"
    assert output["timing_method"] == "sphinx"
    assert output["word_count"] == len(OLD_CLIENT["text"].split())
    assert 0 < output["timing_confidence"] <= 1
    response = fetch(output["timing_files"]["srt"])
    assert response.headers["content-type"] == "application/x-subrip"
    assert words_of(response.content.decode(), "srt") == OLD_CLIENT["text"].split()


@pytest.mark.parametrize(
    ("extension", "content_type"),
    [
        ("srt", "application/x-subrip"),
        ("vtt", "text/vtt"),
        ("csv", "text/csv"),
        ("json", "application/json"),
        ("ass", "text/x-ssa"),
    ],
)
def test_every_timing_format_is_linked_with_its_type_and_all_words(
    loop: Loop, extension: str, content_type: str
) -> None:
    output = loop.output("loop-all-formats")
    assert set(output["timing_files"]) == {"srt", "vtt", "csv", "json", "ass", "html"}
    response = fetch(output["timing_files"][extension])
    assert response.headers["content-type"].partition(";")[0] == content_type
    text = response.content.decode("utf-8-sig")
    written = ALL_FORMATS["text"].split()
    if extension == "json":
        document = json.loads(text)
        assert document["job_id"] == "loop-all-formats"
        words = [word["word"] for word in document["timing_data"]["words"]]
    elif extension == "csv":
        header, *rows = text.splitlines()
        assert header == "word,start_time,end_time,confidence,shown"
        assert len(rows) == len(written)
        words = written
    else:
        words = words_of(text, extension)
    assert words == written


def test_mp3_is_linked_as_what_it_is(loop: Loop) -> None:
    output = loop.output("loop-all-formats")
    assert urlsplit(output["audio_url"]).path.endswith("/loop-all-formats.mp3")
    assert fetch(output["audio_url"]).headers["content-type"] == "audio/mpeg"
    rate, duration_s = rate_and_duration(output["audio_url"])
    assert rate == 24000
    # An MP3 is padded to whole frames of 576 samples.
    assert duration_s == pytest.approx(output["duration"], abs=0.15)


def test_the_voices_are_the_engines_own_and_the_buckets(loop: Loop) -> None:
    output = loop.output("loop-list-voices")
    assert output["status"] == "success"
    names = [voice["name"] for voice in output["voices"]]
    assert output["count"] == len(names)
    assert names[0] == "default"
    assert STORED_VOICE in names


def test_health_names_no_path_host_or_credential(loop: Loop, seaweed: Seaweed) -> None:
    output = loop.output("loop-health")
    assert (output["status"], output["engine"], output["store"]) == ("ok", "preview", "s3")
    assert output["versions"]["runpod"].startswith("1.12")
    assert output["home_free_bytes"] > 0
    said = json.dumps(output)
    for secret in (seaweed.access_key, seaweed.secret_key, seaweed.endpoint_url, "127.0.0.1", "/"):
        assert secret not in said


# Failures.


@pytest.mark.parametrize(
    ("name", "start", "named"),
    [
        ("loop-endpoint", "invalid_request: ", ["list_voice", "did you mean", "list_voices"]),
        ("loop-fields", "invalid_request: ", ["voicee", "speed", "nfe_step", "1000"]),
        ("loop-empty", "invalid_request: ", ["text"]),
        ("loop-voice", "voice_not_found: ", ["nobody", "list_voices"]),
        ("loop-emoji", "text_rejected: ", ["🎉", "send words"]),
        ("loop-unfinished", "not_found: ", ["loop-emoji", "/status"]),
    ],
)
def test_a_bad_job_fails_with_a_code_and_what_is_wrong(
    loop: Loop, name: str, start: str, named: list[str]
) -> None:
    error = loop.error(name)
    assert error.startswith(start)
    for part in named:
        assert part in error


def test_every_wrong_field_is_a_detail_of_its_own(loop: Loop) -> None:
    details = loop.job("loop-fields").output["details"]
    assert len(details) == 3
    for field in ("voicee", "speed", "nfe_step"):
        assert sum(field in detail for detail in details) >= 1


# Finished jobs.


def test_status_gives_a_finished_jobs_reply_with_fresh_links(loop: Loop) -> None:
    reply, again = loop.output("loop-old-client"), loop.output("loop-status")
    assert without_links(again) == without_links(reply)
    assert fetch(again["audio_url"]).content == fetch(reply["audio_url"]).content


def test_download_links_one_file_under_its_name(loop: Loop) -> None:
    output = loop.output("loop-download")
    assert set(output) == {
        "status", "job_id", "timing_url", "format", "content_type", "filename", "expires_at",
        "warnings",
    }  # fmt: skip
    assert (output["status"], output["format"]) == ("ready", "vtt")
    response = fetch(output["timing_url"])
    assert response.headers["content-type"].partition(";")[0] == output["content_type"]
    assert response.headers["content-disposition"].startswith("attachment; filename=")
    assert output["filename"] in response.headers["content-disposition"]
    assert response.text.startswith("WEBVTT\n")


def test_a_job_delivered_twice_is_done_once(loop: Loop) -> None:
    job = loop.job("loop-twice")
    loop.server.until(lambda: job.results == 2, WAIT_S)
    log = loop.worker.log()
    assert log.count("[loop-twice] started: ") == 2
    assert log.count("[loop-twice] synthesis took") == 1
    assert log.count("[loop-twice] upload took") == 1


# Progress.


def test_progress_comes_in_order_and_before_the_result(loop: Loop) -> None:
    job = loop.job("loop-long")
    chunks = job.progress[0]["total"]
    expected = [{"stage": "synthesis", "done": n, "total": chunks} for n in range(1, chunks + 1)]
    expected += [{"stage": "timing", "done": n, "total": chunks} for n in range(chunks + 1)]
    expected += [{"stage": "upload", "done": 0, "total": 2}]
    places = [expected.index(update) for update in job.progress]
    assert places == sorted(set(places))
    # An update that a newer one overtakes before it is sent is left out.
    assert len(places) >= chunks
    assert job.late_progress == 0


def test_a_player_hears_the_first_sentence_while_the_rest_is_spoken(loop: Loop) -> None:
    sentences = [
        f"Sentence number {n} of this long script is one for the player." for n in range(9)
    ]
    job_input = {"text": " ".join(sentences), "early": True}
    with loop.client() as http:
        job_id = http.post("/run", json={"input": job_input}).json()["id"]
        seen: dict[str, Any] = {}
        end = time.monotonic() + WAIT_S
        while "parts" not in seen and time.monotonic() < end:
            seen = http.get(f"/status/{job_id}").json().get("output") or {}
            assert "audio_url" not in seen, "the job ended before a part was seen"
            time.sleep(0.02)
        first = seen["parts"][0]
        assert (first["index"], first["start_time"]) == (0, 0)
        heard = fetch(first["audio_url"])
    assert heard.headers["content-type"] == "audio/wav"
    assert urlsplit(first["audio_url"]).path.endswith(f"/output/{job_id}/early/0.wav")
    output = loop.output(job_id)
    job = loop.job(job_id)
    assert job.late_progress == 0
    # The outputs for /stream come in order, with links alone, and the reply is one object.
    assert [part["index"] for part in job.stream] == list(range(len(job.stream)))
    pieces = [
        soundfile.read(io.BytesIO(fetch(part["audio_url"]).content))[0] for part in job.stream
    ]
    whole = soundfile.read(io.BytesIO(fetch(output["audio_url"]).content))[0]
    assert np.array_equal(np.concatenate(pieces), whole)
    named = [update["parts"] for update in job.progress if "parts" in update]
    assert [len(parts) for parts in named] == sorted(len(parts) for parts in named)
    assert named[-1] == job.stream[: len(named[-1])]


# The client's side.


def test_run_answers_at_once_and_polling_brings_the_reply(loop: Loop) -> None:
    with loop.client() as http:
        accepted = http.post("/run", json={"input": {"text": "Run, then poll."}}).json()
        assert accepted["status"] in ("IN_QUEUE", "IN_PROGRESS")
        end = time.monotonic() + WAIT_S
        seen = accepted
        while seen["status"] not in ("COMPLETED", "FAILED") and time.monotonic() < end:
            time.sleep(0.1)
            seen = http.get(f"/status/{accepted['id']}").json()
    assert seen["status"] == "COMPLETED", seen
    assert seen["output"]["job_id"] == accepted["id"]
    assert rate_and_duration(seen["output"]["audio_url"])[0] == 24000


def test_runsync_answers_with_the_reply_or_the_error(loop: Loop) -> None:
    with loop.client() as http:
        done = http.post("/runsync", json={"input": {"text": "All in one call."}}).json()
        failed = http.post("/runsync", json={"input": {"text": "Hi.", "speed": 9}}).json()
    assert (done["status"], done["output"]["status"]) == ("COMPLETED", "completed")
    assert done["output"]["job_id"] == done["id"]
    assert failed["status"] == "FAILED"
    assert failed["error"].startswith("invalid_request: ")
    assert "speed" in failed["error"]


def test_runpods_own_python_client_shows_what_is_wrong(
    loop: Loop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runpod, "endpoint_url_base", loop.server.url.rpartition("/")[0])
    monkeypatch.setattr(runpod, "api_key", "anything")
    endpoint = runpod.Endpoint(loop.server.url.rpartition("/")[2])
    shown = endpoint.run_sync({"input": {"text": "Hi.", "voice": "nobody"}}, timeout=90)
    assert shown["code"] == "voice_not_found"
    assert shown["message"] == "no voice named 'nobody'; list_voices shows what exists"
    assert shown["details"] == [shown["message"]]


def test_a_queued_job_that_is_cancelled_never_reaches_the_worker(loop: Loop) -> None:
    with loop.client() as http:
        # The SDK takes nothing within a second of this one.
        ahead = http.post("/run", json={"input": LONG}).json()["id"]
        queued = http.post("/run", json={"input": {"text": "Never spoken."}}).json()["id"]
        assert http.post(f"/cancel/{queued}").json() == {"id": queued, "status": "CANCELLED"}
        assert loop.job(ahead).status == "COMPLETED"
        after = http.post("/runsync", json={"input": {"endpoint": "status", "job_id": queued}})
        assert http.get(f"/status/{queued}").json()["status"] == "CANCELLED"
    assert after.json()["error"].startswith("not_found: ")
    assert loop.server.jobs[queued].workers == []


# Workers that come and go.


@pytest.mark.slow
def test_sigterm_loses_no_job_and_another_worker_answers_alike(
    loop: Loop, seaweed: Seaweed, tmp_path: Path
) -> None:
    env = environment(seaweed, tmp_path)
    jobs = {f"loop-sigterm-{n}": {"text": f"This is job number {n}."} for n in range(4)}
    early, late = list(jobs)[:2], list(jobs)[2:]
    with JobServer(hold_s=2) as server:
        with Worker(server, HANDLER, "first", env=env) as first:
            for name in early:
                server.submit(jobs[name], job_id=name)
            assert server.wait(early[0], WAIT_S).status == "COMPLETED"
            first.terminate()
            # Whatever the loop still takes from the queue now, it may drop.
            for name in late:
                server.submit(jobs[name], job_id=name)
            assert first.wait() == 0
            server.worker_gone("first")
            assert not leaks(first.log(), seaweed)
        with Worker(server, HANDLER, "second", env=env) as second:
            server.submit(TWICE, job_id="loop-twice")
            outputs = {name: server.wait(name, WAIT_S).output for name in jobs}
            repeated = server.wait("loop-twice", WAIT_S).output
            assert not leaks(second.log(), seaweed)
            assert "[loop-twice] synthesis took" not in second.log()
    for name, job_input in jobs.items():
        assert outputs[name]["text"] == job_input["text"]
        assert server.jobs[name].results == 1
        assert rate_and_duration(outputs[name]["audio_url"])[0] == 24000
    assert without_links(repeated) == without_links(loop.output("loop-twice"))
    assert fetch(repeated["audio_url"]).content


def test_nothing_that_the_worker_prints_is_a_secret(loop: Loop, seaweed: Seaweed) -> None:
    for name in [*JOBS, "loop-twice"]:
        loop.job(name)
    log = loop.worker.log()
    for name in JOBS:
        assert f"[{name}] finished" in log or f"[{name}] failed" in log
    assert leaks(log, seaweed) == []


def test_a_process_that_decodes_waits_for_the_first_sound_file(loop_worker: Loop) -> None:
    tasks = Path(f"/proc/{loop_worker.worker.process.pid}/task")
    children = " ".join(path.read_text() for path in tasks.glob("*/children")).split()
    commands = [Path(f"/proc/{child}/cmdline").read_bytes() for child in children]
    assert sum(b"tts.audio.media.process" in command for command in commands) == 1

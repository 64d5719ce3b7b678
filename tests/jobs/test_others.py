"""`list_voices`, `download`, `status`, `result` and `health` through the real handler."""

import dataclasses
import json
from datetime import datetime
from pathlib import Path
from typing import Any

from settings import Settings
from storage import keys
from tests.jobs.conftest import Ask
from tests.support import handling
from worker.state import Worker


def test_list_voices_shows_pipers_own_and_the_stored_ones(ask: Ask, worker: Worker) -> None:
    clip = Path("tests/data/timing/01.wav").read_bytes()
    worker.store.put(keys.voice_clip("bare"), clip, "audio/wav")
    worker.store.put(keys.voice_clip("with record"), clip, "audio/wav")
    record = {"duration": 4.5, "ref_text": "I can't believe it.", "language": "en"}
    worker.store.put(
        keys.voice_record("with record"), json.dumps(record).encode(), "application/json"
    )
    worker.store.put(keys.voice_clip("odd"), clip, "audio/wav")
    worker.store.put(keys.voice_record("odd"), b'{"duration": "long"}', "application/json")
    reply = ask(endpoint="list_voices")
    assert reply["status"] == "success"
    assert reply["count"] == len(reply["voices"])
    voices = {voice["name"]: voice for voice in reply["voices"]}
    assert "Piper's own voice" in voices["default"]["description"]
    assert voices["default"]["built_in"] is True
    assert voices["bare"]["size"] == len(clip)
    assert datetime.fromisoformat(voices["bare"]["last_modified"]).tzinfo is not None
    assert "duration" not in voices["odd"]
    assert record.items() <= voices["with record"].items()


def test_status_result_and_download_know_a_finished_job(ask: Ask) -> None:
    made = ask("known", text="Hello.", return_word_timings=True, timing_format=["srt", "vtt"])
    for endpoint in ("status", "result"):
        reply = ask(endpoint=endpoint, job_id="known")
        assert reply.keys() == made.keys()
        fresh = {"expires_at": "", "metrics": {}}
        assert {**reply, **fresh} == {**made, **fresh}
    audio = ask(endpoint="download", job_id="known")
    assert "file://" in audio["warnings"][0]
    assert (audio["status"], audio["format"]) == ("ready", "wav")
    assert (audio["content_type"], audio["filename"]) == ("audio/wav", "known.wav")
    assert audio["audio_url"] == made["audio_url"]
    timing = ask(endpoint="download", job_id="known", type="timing", format="vtt")
    assert timing["timing_url"] == made["timing_files"]["vtt"]
    assert timing["content_type"] == "text/vtt"
    missing = ask(endpoint="download", job_id="known", type="timing", format="ass")
    assert missing["error"] == "not_found: job 'known' has no timing file ass; it has: srt, vtt"


def test_a_job_without_timing_files_is_told_how_to_get_them(ask: Ask) -> None:
    ask("untimed", text="Hello.")
    missing = ask(endpoint="download", job_id="untimed", type="timing")
    assert missing["error"] == (
        "not_found: job 'untimed' has no timing file; it has none; the endpoint timing makes them "
        "of its audio"
    )


def test_a_record_that_somebody_else_wrote_is_not_believed(ask: Ask, worker: Worker) -> None:
    """As a client may in a bucket of its own: 16 MB of text, or of words that are said for one."""
    ask("written", text="Hello there.")
    record = json.loads(worker.store.get(keys.manifest(keys.JobId("written"))))
    long = "cat " * 50_001
    forged: list[dict[str, Any]] = [
        {"audio": {}},
        {"facts": record["facts"] | {"text": long}},
        {"reading": record["reading"] | {"pronunciations": {"there": long}}},
        {
            "reading": record["reading"]
            | {"pronunciations": dict.fromkeys(map(str, range(201)), "a")}
        },
        {"reading": record["reading"] | {"language": "english"}},
    ]
    for changed in forged:
        data = json.dumps(record | changed).encode()
        worker.store.put(keys.manifest(keys.JobId("written")), data, "application/json")
        endpoint = "status" if "audio" in changed else "timing"
        assert ask(endpoint=endpoint, job_id="written")["code"] == "not_found"


def test_a_deleted_file_and_a_damaged_manifest_are_not_found(ask: Ask, worker: Worker) -> None:
    ask("gone", text="Hello.")
    worker.store.delete(keys.audio(keys.JobId("gone"), "wav"))
    for endpoint in ("download", "status", "result"):
        reply = ask(endpoint=endpoint, job_id="gone")
        assert reply["error"].startswith("not_found: gone.wav of job 'gone' was deleted")
    for damage in (b"{", b"{}", b'{"job_id": "gone", "facts": {}, "audio": {}}'):
        worker.store.put(keys.manifest(keys.JobId("gone")), damage, "application/json")
        assert ask(endpoint="status", job_id="gone")["code"] == "not_found"


def test_a_format_of_a_megabyte_is_not_said_again(ask: Ask) -> None:
    reply = ask(endpoint="download", job_id="done", format="x" * 1_000_000)
    assert reply["code"] == "invalid_request"
    assert len(reply["error"]) < 1000


def test_an_unknown_job_is_not_found(ask: Ask) -> None:
    for endpoint in ("status", "result", "download"):
        reply = ask(endpoint=endpoint, job_id="nobody")
        assert reply["error"] == (
            "not_found: no finished job 'nobody'; RunPod's own /status knows running ones"
        )


def test_health_tells_what_the_worker_is(ask: Ask, worker: Worker) -> None:
    ask(endpoint="nonsense")
    reply = ask(endpoint="health")
    assert reply["models"] == {}
    assert (reply["status"], reply["engine"], reply["device"]) == ("ok", "preview", "cpu")
    assert reply["aligners"] == ["sphinx"]
    assert reply["store"] == "local"
    assert {"python", "runpod", "piper-tts", "pocketsphinx"} <= reply["versions"].keys()
    assert reply["jobs_failed"] >= 1
    assert reply["uptime_s"] > 0
    assert str(worker.settings.home) not in json.dumps(reply)


def test_health_names_what_is_loaded_and_no_path(worker: Worker) -> None:
    given = {"WORKER_HOME": str(worker.settings.home), "F5_CKPT_FILE": "/models/own.safetensors"}
    settings = Settings.from_environment(given | {"ALIGN_LANGUAGES": "en,de"})
    loaded: Any = object()  # neither is asked for anything
    job = {"id": "health-f5", "input": {"endpoint": "health"}}
    f5 = dataclasses.replace(
        worker, settings=settings, whisper=loaded, aligners={"whisperx": loaded}
    )
    reply = handling.handle(f5, job, lambda *_: None)
    assert reply["models"] == {"f5": "own.safetensors", "whisper": "small", "whisperx": "en,de"}
    assert "/models" not in str(reply)

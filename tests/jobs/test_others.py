"""`list_voices`, `download`, `status`, `result` and `health` through the real handler."""

import json
import re
import uuid
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from prometheus_client.parser import text_string_to_metric_families

import handler
from settings import Settings
from storage import keys
from storage.local import LocalStore
from storage.store import StorageError
from tests.jobs.conftest import Ask
from tests.support import handling
from timing.formats import FORMATS
from worker.release import commit, version
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
        "not_found: job 'untimed' has no timing file; it has none; the endpoint timing can "
        "make them from its audio"
    )


def test_a_deleted_file_and_a_damaged_manifest_are_not_found(ask: Ask, worker: Worker) -> None:
    ask("gone", text="Hello.")
    worker.store.delete(keys.audio(keys.JobId("gone"), "wav"))
    for endpoint in ("download", "status", "result"):
        reply = ask(endpoint=endpoint, job_id="gone")
        assert reply["error"].startswith("not_found: gone.wav of job 'gone' was deleted")
    for damage in (b"{", b"{}", b'{"job_id": "gone", "facts": {}, "audio": {}}'):
        worker.store.put(keys.manifest(keys.JobId("gone")), damage, "application/json")
        assert ask(endpoint="status", job_id="gone")["code"] == "not_found"


def test_every_format_has_a_file_that_each_endpoint_finds(ask: Ask) -> None:
    names = [name.upper() for name in FORMATS]
    made = ask("every", text="Hello there.", timing_format=names)
    links = made["timing_files"]
    assert list(links) == made["timing_format"] == list(FORMATS)
    assert len(set(links.values())) == len(FORMATS)
    assert ask(endpoint="status", job_id="every")["timing_files"] == links
    for name, form in FORMATS.items():
        fields = {"endpoint": "download", "job_id": "every", "type": "timing", "format": name}
        reply = ask(**fields)
        assert reply["content_type"] == form.content_type
        assert reply["filename"].startswith("every.")
        assert reply["filename"].endswith(f".{form.extension}")
        assert name in reply["filename"].lower()
        assert Path(urlsplit(reply["timing_url"]).path).read_bytes()
    again = ask("every", text="Hello there.", timing_format=names)
    assert again["timing_files"] == links


def test_jobs_whose_ids_look_like_files_keep_their_own_files(ask: Ask) -> None:
    """`a.whisper.json` could be the JSON of the job `a.whisper`."""
    formats = ["json", "whisper"]
    first = ask("a", text="Hello there.", timing_format=formats)["timing_files"]
    second = ask("a.whisper", text="Good morning.", timing_format=formats)["timing_files"]
    links = [*first.values(), *second.values()]
    texts = [Path(urlsplit(link).path).read_text() for link in links]
    assert ["Hello" in text for text in texts] == [True, True, False, False]


class ReadOnly(LocalStore):
    """A store in which nothing can be written, and whose links change all the time."""

    def put(self, key: str, data: bytes, content_type: str) -> None:
        raise StorageError("the local store is on a read-only disk", "mount it writable")

    def url(self, key: str, expires_s: int, filename: str | None = None) -> str:
        return f"{super().url(key, expires_s)}?{uuid.uuid4()}"


@pytest.mark.parametrize(
    "fields",
    [
        {"endpoint": "status", "job_id": "paged"},
        {"endpoint": "result", "job_id": "paged"},
        {"endpoint": "download", "job_id": "paged", "type": "timing", "format": "html"},
        {"text": "Hello.", "timing_format": "html", "return_word_timings": True},
    ],
    ids=lambda fields: fields.get("endpoint", "tts"),
)
def test_a_finished_job_is_answered_from_a_store_that_is_full_or_read_only(
    ask: Ask, worker: Worker, store_folder: Path, fields: dict[str, Any]
) -> None:
    made = ask("paged", text="Hello.", return_word_timings=True, timing_format="html")
    page = Path(urlsplit(made["timing_files"]["html"]).path).read_bytes()
    full = replace(worker, store=ReadOnly(store_folder))
    job = {"id": "paged" if "text" in fields else f"ask-{fields['endpoint']}", "input": fields}
    reply = handling.handle(full, job, lambda *_: None)
    assert "error" not in reply
    links = [reply.get("timing_url"), *reply.get("timing_files", {}).values()]
    assert any(link and "/timings/paged.html" in link for link in links)
    warning = "the html page has no fresh link to its audio, and may play it only from a file"
    assert reply["warnings"][-1].startswith(warning)
    assert reply["warnings"][-1].endswith("read-only disk; mount it writable")
    assert Path(urlsplit(made["timing_files"]["html"]).path).read_bytes() == page


@pytest.mark.parametrize("page", [b"", b"<p>mine</p>", b"data-link=", b"x" * 17_000_000])
def test_a_page_without_a_place_for_the_link_is_left_alone(
    ask: Ask, worker: Worker, page: bytes
) -> None:
    made = ask("own-page", text="Hello.", return_word_timings=True, timing_format="html")
    key = keys.timing(keys.JobId("own-page"), "html")
    worker.store.put(key, page, "text/html")
    before = worker.store.stat(key)
    reply = ask(endpoint="status", job_id="own-page")
    assert reply["timing_files"] == made["timing_files"]
    assert worker.store.stat(key) == before
    worker.store.delete(keys.manifest(keys.JobId("own-page")))


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
    an_hour_old = replace(worker, started=worker.started - 3600)
    job = {"id": "of-an-hour", "input": {"endpoint": "health"}}
    reply = handling.handle(an_hour_old, job, lambda *_: None)
    assert reply["models"] == {}
    assert (reply["status"], reply["engine"], reply["device"]) == ("ok", "preview", "cpu")
    assert reply["aligners"] == ["sphinx"]
    assert reply["store"] == "local"
    assert {"python", "runpod", "piper-tts", "pocketsphinx"} <= reply["versions"].keys()
    assert reply["jobs_failed"] >= 1
    assert reply["uptime_s"] >= 3600
    assert (reply["version"], reply.get("commit")) == (version(), commit())
    assert reply["weights_licence"] == "CC0-1.0"
    assert "gpu_memory_free_bytes" not in reply
    assert (reply["jobs_running"], reply["jobs_waiting"], reply["max_concurrency"]) == (1, 0, 2)
    assert reply["errors"]["invalid_request"] >= 1
    assert str(worker.settings.home) not in json.dumps(reply)


def test_health_counts_what_was_spoken(ask: Ask) -> None:
    before = ask(endpoint="health")
    made = ask("counted", text="Hello there.")
    after = ask(endpoint="health")
    assert after["characters"] == before["characters"] + 12
    assert after["audio_s"] == pytest.approx(before["audio_s"] + made["duration"], abs=0.002)
    assert after["jobs_done"] == before["jobs_done"] + 2
    ask("counted", text="Hello there.")  # answered from the record: nothing is spoken
    assert ask(endpoint="health")["characters"] == after["characters"]


def test_prometheus_reads_the_numbers_of_health(ask: Ask, worker: Worker) -> None:
    named = replace(worker, settings=worker.settings.model_copy(update={"worker_id": 'pod "7"\\n'}))
    ask(endpoint="Health", nonsense=1)
    ask(openai_route="/v1/audio/voices", openai_input={"nonsense": 1})
    ask(endpoint="nonsense")
    ask(endpoint=[1])
    ask(openai_route={})
    ask("scraped", text="Hello there.")
    job = {"id": "scrape", "input": {"endpoint": "health", "format": "prometheus"}}
    reply = handling.handle(named, job, lambda *_: None)
    health = ask(endpoint="health")
    assert reply["content_type"].startswith("text/plain; version=0.0.4")
    families = {family.name: family for family in text_string_to_metric_families(reply["metrics"])}
    samples = {
        (sample.name, *(v for k, v in sample.labels.items() if k != "worker")): sample.value
        for family in families.values()
        for sample in family.samples
    }
    assert {s.labels["worker"] for f in families.values() for s in f.samples} == {'pod "7"\\n'}
    assert samples["f5tts_characters_total",] == health["characters"]
    assert samples["f5tts_audio_seconds_total",] == pytest.approx(health["audio_s"], abs=0.001)
    assert samples["f5tts_jobs_total", "tts", "done"] >= 1
    for name in ("health", "/v1/audio/voices", "none"):
        assert samples["f5tts_jobs_total", name, "failed"] >= 1
    assert {name[1] for name in samples if name[0] == "f5tts_jobs_total"} <= {
        *handler.ENDPOINTS, *handler.OPENAI_ROUTES, "none"
    }  # fmt: skip
    assert samples["f5tts_errors_total", "invalid_request"] == health["errors"]["invalid_request"]
    assert (
        samples["f5tts_job_seconds_bucket", "tts", "+Inf"]
        == samples["f5tts_job_seconds_count", "tts"]
    )
    assert samples["f5tts_jobs_in_progress",] == 1
    assert families["f5tts_build_info"].samples[0].labels["version"] == version()
    documented = set(re.findall(r"`(f5tts_\w+)`", Path("API.md").read_text()))
    names = {
        name + ("_total" if family.type == "counter" else "") for name, family in families.items()
    }
    assert documented == names | {"f5tts_gpu_memory_free_bytes", "f5tts_gpu_memory_total_bytes"}


def test_health_answers_where_the_volume_is_gone(worker: Worker, tmp_path: Path) -> None:
    gone = worker.settings.model_copy(update={"home": tmp_path / "gone"})
    job = {"id": "health-gone", "input": {"endpoint": "health"}}
    reply = handling.handle(replace(worker, settings=gone), job, lambda *_: None)
    assert reply["status"] == "ok"
    assert "home_free_bytes" not in reply


def test_health_names_what_is_loaded_and_no_path(worker: Worker) -> None:
    given = {"WORKER_HOME": str(worker.settings.home), "F5_CKPT_FILE": "/models/own.safetensors"}
    settings = Settings.from_environment(given | {"ALIGN_LANGUAGES": "en,de"})
    loaded: Any = object()  # neither is asked for anything
    job = {"id": "health-f5", "input": {"endpoint": "health"}}
    f5 = replace(worker, settings=settings, whisper=loaded, aligners={"whisperx": loaded})
    reply = handling.handle(f5, job, lambda *_: None)
    assert reply["models"] == {"f5": "own.safetensors", "whisper": "small", "whisperx": "en,de"}
    assert "/models" not in str(reply)

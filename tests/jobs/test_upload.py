"""`upload`, `delete_voice` and `list_voices` through the real handler."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
import soundfile

import handler
from storage import keys
from storage.local import LocalStore
from storage.s3.store import S3Store
from storage.store import ObjectInfo, StorageError
from tests.jobs.conftest import Ask
from tests.support import handling
from tests.support.ffmpeg import encode_with_ffmpeg
from tests.support.seaweed import Seaweed
from tests.support.waiting import PATIENCE_S
from tests.support.web import serving
from tts.voices.library import VoiceLibrary
from worker.cancellation import ActiveJobs
from worker.envelope import Envelope
from worker.state import Worker

SPEECH = Path("tests/data/timing/00.wav").read_bytes()


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    folder = tmp_path_factory.mktemp("web")
    with serving(folder) as url:
        yield url, folder


@pytest.fixture
def private_urls(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNPOD_ALLOW_PRIVATE_DOWNLOAD_URLS", "1")


def names(reply: dict[str, Any]) -> list[str]:
    return [voice["name"] for voice in reply["voices"]]


@pytest.mark.usefixtures("private_urls")
def test_a_voice_is_uploaded_listed_used_and_deleted(
    ask: Ask, web: tuple[str, Path], store_folder: Path
) -> None:
    host, folder = web
    tones = np.sin(np.arange(144_000) / 30) / 3 * (np.arange(144_000) // 6000 % 4 != 3)
    (folder / "ana.m4a").write_bytes(encode_with_ffmpeg(tones.astype(np.float32), "ipod", "aac"))
    srt = "1\n00:00:00,000 --> 00:00:02,000\nHello to you.\n"
    reply = ask(
        endpoint="upload", voice_name="Ana Mari\u0301a.wav", voice_file_url=f"{host}/ana.m4a",
        reference_text=srt, language="es-MX",
    )  # fmt: skip
    assert reply["voice_name"] == "Ana Mar\u00eda"
    assert (reply["ref_text"], reply["language"]) == ("Hello to you.", "es")
    assert reply["duration"] == pytest.approx(3, abs=0.2)
    stored = soundfile.info(store_folder / "voices/Ana Mar\u00eda.wav")
    assert (stored.samplerate, stored.channels) == (24_000, 1)
    listed = ask(endpoint="list_voices", prefix="Ana Mari\u0301", after="Ana Mari\u0301")
    assert listed["voices"][0]["ref_text"] == "Hello to you."
    assert ask(text="Hello.", voice="Ana Mar\u00eda")["voice"] == "Ana Mar\u00eda"
    assert ask(endpoint="delete_voice", voice_name="Ana Mar\u00eda")["status"] == "success"
    assert names(ask("gone", endpoint="list_voices", prefix="Ana")) == []
    gone = ask("again", endpoint="delete_voice", voice_name="Ana Mar\u00eda")
    assert gone["code"] == "voice_not_found"
    assert ask("spoken-by-ana", text="Hello.", voice="Ana Mar\u00eda")["code"] == "voice_not_found"


def test_the_engines_own_voice_cannot_be_deleted(ask: Ask) -> None:
    reply = ask(endpoint="delete_voice", voice_name="default")
    assert reply["error"].startswith(
        "invalid_request: the built-in voice 'default' cannot be deleted"
    )


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({}, "voice_name"),
        ({"voice_name": "../a"}, "is not a voice name"),
        ({"voice_name": "a", "voice_file_url": "file:///etc/passwd"}, "is not the URL of a clip"),
        ({"voice_name": "a", "voice_file_url": "https://a/b", "upload_id": "c"}, "not both"),
        ({"voice_name": "a", "upload_id": "../voices/b.wav"}, "is not a valid upload id"),
        ({"voice_name": "a", "ref_text": "Hello."}, "in the second call together with upload_id"),
        ({"voice_name": "a", "consent": "Yes."}, "in the second call together with upload_id"),
        ({"voice_name": "a", "upload_id": "b", "consent": "x" * 1001}, "consent"),
        ({"voice_name": "a", "language": "de"}, "in the second call together with upload_id"),
        ({"voice_name": "a", "ref_text": "\n" * 1_000_001}, "at most 1000000 are read"),
        ({"voice_name": "a", "ref_text": "a,text\n1," + 200_000 * "b"}, "at most 20000"),
    ],
)
def test_what_is_wrong_with_an_upload_is_told(
    ask: Ask, fields: dict[str, str], sentence: str
) -> None:
    reply = ask(endpoint="upload", **fields)
    assert reply["code"] == "invalid_request"
    assert sentence in reply["error"]


def test_a_signed_link_may_be_long_wherever_a_clip_is_named() -> None:
    link = "https://example.com/".ljust(4096, "a")
    for voice in (link, link.replace("https", "HTTPS")):
        handler.parse({"text": "Hello.", "voice": voice})
    handler.parse({"endpoint": "upload", "voice_name": "a", "voice_file_url": link})


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/a", "http://169.254.169.254/latest", "http://[::1]/a"]
)
def test_only_public_addresses_are_fetched(ask: Ask, url: str) -> None:
    reply = ask(endpoint="upload", voice_name="a", voice_file_url=url)
    assert reply["code"] == "fetch_refused"


@pytest.mark.usefixtures("private_urls")
def test_a_clip_that_is_none_is_rejected_and_nothing_is_stored(
    ask: Ask, web: tuple[str, Path], store_folder: Path
) -> None:
    host, folder = web
    (folder / "page.html").write_text("<html>")
    for name, code in (("page.html", "voice_rejected"), ("none.wav", "fetch_failed")):
        reply = ask(endpoint="upload", voice_name="nobody", voice_file_url=f"{host}/{name}")
        assert reply["code"] == code
    assert not (store_folder / "voices/nobody.wav").exists()
    assert not (store_folder / "voices/nobody.json").exists()


def test_without_a_bucket_there_is_no_link_to_put_a_clip_to(ask: Ask) -> None:
    reply = ask(endpoint="upload", voice_name="a")
    assert reply["error"].startswith("storage_error: without a bucket there is no link")


@pytest.fixture
def in_bucket(worker: Worker, seaweed: Seaweed) -> Worker:
    """The worker with the bucket in place of its folder."""
    store = seaweed.store()
    voices = VoiceLibrary(store, worker.engine.default_voice)
    return replace(worker, store=store, voices=voices)


def test_in_two_calls_the_clip_goes_straight_into_the_bucket(in_bucket: Worker) -> None:
    def ask(this_id: str = "two-calls", **fields: Any) -> dict[str, Any]:
        job = {"id": this_id, "input": {"endpoint": "upload", "voice_name": "two", **fields}}
        return handling.handle(in_bucket, job, lambda *_: None)

    first = ask()
    assert first["status"] == "ready"
    early = ask(upload_id=first["upload_id"])
    assert early["code"] == "not_found"
    assert httpx.put(first["upload_url"], content=SPEECH, timeout=PATIENCE_S).status_code == 200
    second = ask(upload_id=first["upload_id"], ref_text="Hello.")
    assert second["status"] == "success"
    assert second["duration"] == pytest.approx(6.8, abs=0.2)
    store = in_bucket.store
    assert store.stat(keys.upload(first["upload_id"])) is None
    assert store.stat(keys.voice_clip("two")) is not None
    assert ask("late", upload_id=first["upload_id"])["code"] == "not_found"
    assert ask(upload_id=first["upload_id"], ref_text="Hello.") == second
    assert ask(upload_id=first["upload_id"])["error"].startswith("invalid_request: job id two-c")


def test_an_upload_that_two_workers_do_at_once_is_a_success_of_both(
    worker: Worker, tmp_path: Path
) -> None:
    class Overtaken(LocalStore):
        """The other worker does the job when this one looks for the upload."""

        def stat(self, key: str) -> ObjectInfo | None:
            if key.startswith("uploads/"):
                first.append(handling.handle(on(LocalStore(tmp_path)), job, lambda *_: None))
            return super().stat(key)

    def on(store: LocalStore) -> Worker:
        voices = VoiceLibrary(store, worker.engine.default_voice)
        return replace(worker, store=store, voices=voices, active_jobs=ActiveJobs())

    first: list[dict[str, Any]] = []
    fields = {"endpoint": "upload", "voice_name": "both", "upload_id": "both"}
    job = {"id": "both", "input": fields}
    LocalStore(tmp_path).put(keys.upload("both"), SPEECH, "audio/wav")
    second = handling.handle(on(Overtaken(tmp_path)), job, lambda *_: None)
    assert first == [second]
    assert second["status"] == "success"


@pytest.mark.usefixtures("private_urls")
def test_an_upload_that_comes_late_again_leaves_the_voice_that_is_there_now(
    ask: Ask, web: tuple[str, Path], worker: Worker
) -> None:
    host, folder = web
    (folder / "late.wav").write_bytes(SPEECH)
    fields = {"endpoint": "upload", "voice_name": "late", "voice_file_url": f"{host}/late.wav"}
    first = ask("late-1", **fields, ref_text="Hello.")
    ask("late-2", **fields, ref_text="Good bye.")
    assert ask("late-1", **fields, ref_text="Hello.") == first
    assert ask("late-list", endpoint="list_voices", prefix="late")["voices"][0]["ref_text"] == (
        "Good bye."
    )


def test_a_voice_is_deleted_once_however_often_the_job_comes(ask: Ask, worker: Worker) -> None:
    clip = keys.voice_clip("brief")
    worker.store.put(clip, SPEECH, "audio/wav")
    deletion = {"endpoint": "delete_voice", "voice_name": "brief"}
    first = ask("delete-1", **deletion)
    assert first == {"status": "success", "voice_name": "brief", "deleted": ["brief"]}
    assert ask("delete-1", **deletion) == first
    worker.store.put(clip, SPEECH, "audio/wav")
    assert ask("delete-1", **deletion) == first
    assert worker.store.stat(clip) is not None
    other = ask("delete-1", endpoint="delete_voice", voice_name="other")
    assert other["error"].startswith("invalid_request: job id delete-1 was used before")
    assert ask("delete-2", **deletion) == first
    assert worker.store.stat(clip) is None
    assert ask("delete-3", **deletion)["code"] == "voice_not_found"


def test_a_deletion_that_a_killed_worker_began_is_ended_by_the_next_one(
    worker: Worker, tmp_path: Path
) -> None:
    class Dying(LocalStore):
        def delete(self, key: str) -> None:
            raise MemoryError

    (store := LocalStore(tmp_path)).put(keys.voice_clip("a"), SPEECH, "audio/wav")
    replies = []
    for at in (Dying(tmp_path), store):
        on = replace(worker, store=at, voices=VoiceLibrary(at, worker.engine.default_voice))
        job = {"id": "begun", "input": {"endpoint": "delete_voice", "voice_name": "a"}}
        replies.append(handling.handle(on, job, lambda *_: None))
    assert replies[0]["code"] == "internal_error"
    assert replies[1]["status"] == "success"
    assert not list(store.list("voices/"))


def test_a_link_to_upload_to_that_may_end_early_is_told(worker: Worker) -> None:
    store = S3Store("b", access_key="key", secret_key="secret", session_token="token")
    job = {"id": "early", "input": {"endpoint": "upload", "voice_name": "early"}}
    reply = handling.handle(replace(worker, store=store), job, lambda *_: None)
    assert reply["status"] == "ready"
    assert "temporary credentials" in reply["warnings"][0]


def test_an_upload_over_the_cap_is_deleted(in_bucket: Worker) -> None:
    capped = replace(in_bucket, voices=replace(in_bucket.voices, max_clip_bytes=1000))
    in_bucket.store.put(keys.upload("big"), SPEECH, "audio/wav")
    fields = {"endpoint": "upload", "voice_name": "big", "upload_id": "big"}
    reply = handling.handle(capped, {"id": "big", "input": fields}, lambda *_: None)
    assert reply["code"] == "too_large"
    assert in_bucket.store.stat(keys.upload("big")) is None


class Undeletable(LocalStore):
    """A store whose key has no right to delete."""

    def delete(self, key: str) -> None:
        raise StorageError("access denied (AccessDenied)", "allow s3:DeleteObject")


def test_an_upload_that_cannot_be_removed_is_a_success_with_a_warning(
    worker: Worker, tmp_path: Path
) -> None:
    store = Undeletable(tmp_path)
    voices = VoiceLibrary(store, worker.engine.default_voice, max_clip_bytes=1_000_000)
    keeping = replace(worker, store=store, voices=voices)
    store.put(keys.upload("kept"), SPEECH, "audio/wav")
    fields = {"endpoint": "upload", "voice_name": "kept", "upload_id": "kept"}
    for _ in range(2):  # as when RunPod delivers the job again
        reply = handling.handle(keeping, {"id": "kept", "input": fields}, lambda *_: None)
        assert (reply["status"], reply["voice_name"]) == ("success", "kept")
        assert reply["warnings"][-1] == (
            "the uploaded file could not be removed from the store: access denied "
            "(AccessDenied); allow s3:DeleteObject"
        )
    small = replace(keeping, voices=replace(voices, max_clip_bytes=1000))
    reply = handling.handle(small, {"id": "over", "input": fields}, lambda *_: None)
    assert reply["code"] == "too_large"


@pytest.mark.parametrize(
    "facts",
    [[], {"duration": "NaN"}, {"warnings": {}}, {"ref_text": "a" * 600_000}, {"language": 5}],
    ids=lambda facts: str(facts)[:20],
)
def test_a_record_of_an_upload_of_another_form_counts_as_none(
    worker: Worker, tmp_path: Path, facts: Any
) -> None:
    store = LocalStore(tmp_path)
    there = replace(worker, store=store, voices=VoiceLibrary(store, worker.engine.default_voice))
    store.put(keys.upload("again"), SPEECH, "audio/wav")
    fields = {"endpoint": "upload", "voice_name": "again", "upload_id": "again"}
    job = {"id": "again", "input": fields}
    record = {"input_sha256": Envelope.parse(job).fingerprint, "facts": facts}
    key = keys.voice_job(keys.JobId("again"))
    store.put(key, json.dumps(record).encode(), "application/json")
    reply = handling.handle(there, job, lambda *_: None)
    assert reply["status"] == "success"
    assert handling.handle(there, job, lambda *_: None) == reply
    deletion = {"id": "again", "input": {"endpoint": "delete_voice", "voice_name": "again"}}
    record["input_sha256"] = Envelope.parse(deletion).fingerprint
    store.put(key, json.dumps(record).encode(), "application/json")
    assert handling.handle(there, deletion, lambda *_: None)["status"] == "success"


@pytest.mark.parametrize(
    ("given", "warned"),
    [
        ({"ref_text": "Der Bär fraß 21 Äpfel."}, True),
        ({"ref_text": "Der Bär fraß 21 Äpfel.", "language": "de"}, False),
        ({"ref_text": "The bear ate 21 apples."}, False),
        ({}, False),
    ],
)
def test_a_transcript_that_is_taken_for_english_is_told(
    worker: Worker, tmp_path: Path, given: dict[str, Any], warned: bool
) -> None:
    store = LocalStore(tmp_path)
    there = replace(worker, store=store, voices=VoiceLibrary(store, worker.engine.default_voice))
    store.put(keys.upload("bear"), SPEECH, "audio/wav")
    fields = {"endpoint": "upload", "voice_name": "bear", "upload_id": "bear", **given}
    reply = handling.handle(there, {"id": "bear", "input": fields}, lambda *_: None)
    assert reply["status"] == "success"
    assert reply.get("language") == given.get("language")
    assert any("read as English" in warning for warning in reply["warnings"]) == warned


class Growing(LocalStore):
    """A store into which its client puts another file once the first was looked at."""

    def stat(self, key: str) -> ObjectInfo | None:
        found = super().stat(key)
        self.put(key, SPEECH, "audio/wav")
        return found


def test_an_upload_that_grows_after_the_look_is_not_read(worker: Worker, tmp_path: Path) -> None:
    capped = replace(worker.voices, max_clip_bytes=1000)
    store = Growing(tmp_path)
    store.put(keys.upload("grown"), b"small", "audio/wav")
    fields = {"endpoint": "upload", "voice_name": "grown", "upload_id": "grown"}
    job = {"id": "grown", "input": fields}
    reply = handling.handle(replace(worker, store=store, voices=capped), job, lambda *_: None)
    assert reply["code"] == "too_large"
    assert not list(store.list())


@pytest.mark.slow
def test_thousands_of_voices_come_in_pages(worker: Worker, ask: Ask) -> None:
    tiny = io.BytesIO()
    soundfile.write(tiny, np.zeros(10, np.float32), 8000, format="WAV")
    clips = [keys.voice_clip(f"many {number:04}") for number in range(3000)]
    worker.store.put(clips[0], tiny.getvalue(), "audio/wav")
    # The others without the store, which waits for the disk after each: minutes on a busy machine.
    for clip in clips[1:]:
        (worker.settings.home / "store" / clip).write_bytes(tiny.getvalue())
    seen: list[str] = []
    after = ""
    while True:
        page = ask(endpoint="list_voices", prefix="many", after=after, limit=1000)
        assert page["count"] == len(page["voices"]) <= 1000
        seen += names(page)
        after = page.get("next_after", "")
        if not after:
            break
    assert seen == [f"many {number:04}" for number in range(3000)]
    assert ask("all", endpoint="list_voices", prefix="many")["count"] == 3000
    first = ask("first", endpoint="list_voices", limit=1)
    assert names(first)[0] == "default"
    assert names(first)[1:] == [first["next_after"]]
    for clip in clips:
        worker.store.delete(clip)

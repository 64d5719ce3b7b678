"""Jobs timed by Google's service: from the environment variables to the reply."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from errors import WorkerError
from settings import Settings
from tests.support import google_server, handling
from tests.support.google_server import Server
from worker.build import build_aligners
from worker.state import Worker


def with_google(worker: Worker, server: Server, **variables: str) -> Worker:
    """The worker with aligners built from these variables; the server is reset."""
    server.reset()
    environment = {"TTS_ENGINE": "preview", "GOOGLE_SPEECH_ENDPOINT": server.endpoint, **variables}
    settings = Settings.from_environment(environment)
    return replace(worker, aligners=build_aligners(settings, "cpu"))


def ask(worker: Worker, job_id: str, **fields: Any) -> dict[str, Any]:
    job = {"id": job_id, "input": {"return_word_timings": True, **fields}}
    return handling.handle(worker, job, lambda *_: None)


def test_the_reply_has_the_cost_and_the_sentence(worker: Worker, google_speech: Server) -> None:
    asking = with_google(worker, google_speech, GOOGLE_CREDENTIALS_JSON=google_server.key_json())
    assert set(asking.aligners) == {"sphinx", "google"}
    google_speech.answers = [[("hello", 100.0, 400.0), ("there", 400.0, 800.0)]]
    reply = ask(asking, "google-1", text="Hello there.", timing_method="google")
    assert reply["timing_method"] == "google"
    assert reply["metrics"]["google_billed_s"] == int(reply["duration"]) + 1
    assert any("were sent to Google Cloud Speech" in warning for warning in reply["warnings"])
    auto = ask(asking, "google-2", text="Hello there.")
    assert auto["timing_method"] == "sphinx"
    assert "google_billed_s" not in auto["metrics"]
    assert not any("Google" in warning for warning in auto["warnings"])
    assert len(google_speech.requests) == 1


def test_a_window_that_sphinx_cannot_do_goes_to_google(
    worker: Worker, google_speech: Server
) -> None:
    text = "你好世界 is how they greet the world over there."
    key = google_server.key_json()
    asking = with_google(worker, google_speech, GOOGLE_CREDENTIALS_JSON=key)
    google_speech.answers = [
        [(word, 300.0 * i, 300.0 * i + 300) for i, word in enumerate(text.lower().split())]
    ]
    reply = ask(asking, "google-3", text=text)
    assert reply["timing_method"] == "google"
    off = with_google(worker, google_speech, GOOGLE_CREDENTIALS_JSON=key, GOOGLE_FALLBACK="off")
    google_speech.answers = [[]]
    reply = ask(off, "google-4", text=text)
    assert reply["timing_method"] == "estimate"
    assert google_speech.requests == []


def test_progress_tells_that_google_works_on_what_the_second_try_left(
    worker: Worker, google_speech: Server
) -> None:
    asking = with_google(worker, google_speech, GOOGLE_CREDENTIALS_JSON=google_server.key_json())
    text = " ".join([*["The weather was fine."] * 12, "你好世界", *["Nobody was there."] * 12])
    ask(asking, "google-5", text=text, timing_method="estimate")
    google_speech.answers = [[], []]
    job = {"id": "google-6", "input": {"endpoint": "timing", "job_id": "google-5"}}
    updates: list[tuple[str, int, int]] = []
    reply = handling.handle(asking, job, lambda *update: updates.append(update))
    assert any("Google" in warning for warning in reply["warnings"])
    stages = list(dict.fromkeys(stage for stage, _, _ in updates))
    assert stages == ["timing", "listening", "repair", "google", "upload"]
    done = [done for stage, done, _ in updates if stage == "google"]
    # The windows may be cut again before the service is asked.
    total = next(total for stage, _, total in updates if stage == "google")
    assert done == sorted(done)
    assert done[0] == total - 1
    assert done[-1] == total


def test_a_key_file_configures_it_too(
    worker: Worker, google_speech: Server, tmp_path: Path
) -> None:
    path = tmp_path / "key.json"
    path.write_text(google_server.key_json())
    asking = with_google(worker, google_speech, GOOGLE_APPLICATION_CREDENTIALS=str(path))
    assert "google" in asking.aligners
    none = {"GOOGLE_APPLICATION_CREDENTIALS": str(path), "ALIGNERS": "none"}
    assert Settings.from_environment(none).aligners_to_load == ()


@pytest.mark.parametrize(
    "raw", ["/secrets/key.json", json.dumps({"type": "service_account", "project_id": "p"})]
)
def test_wrong_credentials_stop_the_worker_with_the_remedy(raw: str) -> None:
    settings = Settings.from_environment({"GOOGLE_CREDENTIALS_JSON": raw, "ALIGNERS": "google"})
    with pytest.raises(WorkerError, match="the aligner google cannot be loaded: GOOGLE_CRED"):
        build_aligners(settings, "cpu")
    assert "private" not in repr(settings)

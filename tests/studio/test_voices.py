"""Clips by drag and drop: they become voices through the worker's own `upload`."""

from pathlib import Path
from typing import Any

import pytest

from studio.jobs import CANCELLED, MAX_RUNNING, StudioJob
from tests.support.studio import Served, refused


@pytest.fixture(scope="module")
def clip(served: Served) -> bytes:
    """Some seconds of speech as WAV: the preview engine's own."""
    state = served.run(text="Hello there. This is my voice, and I say what I like.")
    return served.get(state["files"][0]["url"]).content


def send(served: Served, name: str, body: bytes, **fields: str) -> dict[str, Any]:
    answer = served.client.post("/api/voices", params={"name": name, **fields}, content=body)
    assert answer.status_code == 202, answer.text
    return served.ended(answer.json()["id"])


def names(served: Served) -> list[str]:
    answer = served.get("/api/voices")
    assert answer.status_code == 202
    state = served.ended(answer.json()["id"])
    return [voice["name"] for voice in state["output"]["voices"]]


def test_a_clip_becomes_a_voice_that_speaks_and_can_be_deleted(served: Served, clip: bytes) -> None:
    state = send(served, "anna b", clip, ref_text="Hello there.", consent="She said yes.")
    assert state["status"] == "COMPLETED", state
    assert state["output"]["voice_name"] == "anna b"
    assert state["output"]["ref_text"] == "Hello there."
    assert not any("file://" in one for one in state["output"]["warnings"])
    assert "anna b" in names(served)
    assert served.run(text="Hi.", voice="anna b")["status"] == "COMPLETED"
    answer = served.client.delete("/api/voices/anna%20b")
    assert served.ended(answer.json()["id"])["status"] == "COMPLETED"
    assert "anna b" not in names(served)


def test_the_clip_itself_is_not_kept(served: Served, clip: bytes) -> None:
    for body in (clip, b"no sound" * 1000):
        send(served, "temporary", body, ref_text="Hello.")
    home: Path = served.studio.worker.settings.home
    assert not [path for path in (home / "store" / "uploads").glob("*") if path.is_file()]
    assert not list(served.studio.folder.iterdir())


def test_a_clip_that_comes_while_too_many_jobs_run_is_not_kept(served: Served) -> None:
    studio = served.studio
    jobs = [StudioJob(f"runs-{n}", {}, studio._local) for n in range(MAX_RUNNING)]
    for job in jobs:
        studio._jobs.add(job)
    try:
        answer = served.client.post("/api/voices", params={"name": "anna"}, content=b"x")
        assert refused(answer)[:2] == (503, "busy")
        assert not list(studio.folder.iterdir())
    finally:
        for job in jobs:
            job.end(CANCELLED)


@pytest.mark.parametrize(
    ("name", "body", "code"),
    [
        ("../etc", b"x" * 9000, "invalid_request"),
        (".", b"x" * 9000, "invalid_request"),
        ("text", b"this is no sound at all" * 400, "voice_rejected"),
        ("page", b"<!DOCTYPE html><html></html>" * 400, "voice_rejected"),
    ],
)
def test_what_is_no_clip_or_no_name_is_told(
    served: Served, name: str, body: bytes, code: str
) -> None:
    state = send(served, name, body, ref_text="Hello.")
    assert (state["status"], state["output"]["code"]) == ("FAILED", code)
    assert state["error"].startswith(f"{code}: ")


def test_a_clip_needs_bytes_and_a_name(served: Served) -> None:
    empty = served.client.post("/api/voices", params={"name": "anna"}, content=b"")
    assert refused(empty)[:2] == (400, "invalid_request")
    unnamed = served.client.post("/api/voices", content=b"x")
    status, _, sentence = refused(unnamed)
    assert (status, sentence) == (400, "name is required")

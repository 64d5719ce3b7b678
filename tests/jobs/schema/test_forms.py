"""Requests as forms and automations send them: values as text, and empty fields."""

import json
from typing import Any

import pytest

import handler
from errors import WorkerError
from jobs.schema.forms import MAX_JSON
from tests.support import handling
from worker.state import Worker


def parsed(fields: dict[str, Any]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The fields that a request gives, and what it says of how it was read."""
    _, request = handler.parse(fields)
    return request.model_dump(exclude_unset=True), request.notes


SENT = "send JSON values, without quotes around them"


@pytest.mark.parametrize(
    ("field", "text", "value", "kind"),
    [
        ("speed", "1.2", 1.2, "a number"),
        ("speed", " 1.5 ", 1.5, "a number"),
        ("speed", "2", 2.0, "a number"),
        ("speed", "+1", 1.0, "a number"),
        ("speed", "15e-1", 1.5, "a number"),
        ("sway_sampling_coef", "-0.5", -0.5, "a number"),
        ("nfe_step", "32", 32, "a number"),
        ("nfe_step", "32.0", 32, "a number"),
        ("seed", "9007199254740991", 2**53 - 1, "a number"),
        ("verify", "true", True, "a boolean"),
        ("normalize", "FALSE", False, "a boolean"),
        ("verify", "False\n", False, "a boolean"),
        ("pronunciations", '{"nginx": "engine X"}', {"nginx": "engine X"}, "an object"),
        ("subtitles", ' {"max_words": 4} ', {"max_words": 4}, "an object"),
        ("timing_format", '["srt", "vtt"]', ("srt", "vtt"), "a list"),
        ("metadata", '{"order": "17"}', {"order": "17"}, "an object"),
    ],
)
def test_a_value_as_text_is_read_and_named(field: str, text: str, value: Any, kind: str) -> None:
    given, notes = parsed({"text": "Hi.", field: text})
    assert given == {"text": "Hi.", field: value}
    assert type(given[field]) is type(value)
    assert notes == (f"{field} came as text and was read as {kind}; {SENT}",)


def test_one_warning_names_all_fields_the_inner_ones_with_their_place() -> None:
    subtitles = {"max_words": "4", "bold": "true", "margins": {"left": "10", "right": ""}}
    second = json.dumps({"text": "17", "language": "de"})
    given, notes = parsed(
        {"text": "5", "speed": "1.2", "verify": "false", "target_rms": "",
         "subtitles": json.dumps(subtitles | {"second": second})}
    )  # fmt: skip
    # What is text for the request stays text.
    assert given["text"] == "5"
    assert given["subtitles"] == {
        "max_words": 4, "bold": True, "margins": {"left": 10},
        "second": {"text": "17", "language": "de"},
    }  # fmt: skip
    assert notes == (
        "speed, subtitles.max_words and subtitles.margins.left came as text and were read as "
        "numbers; verify and subtitles.bold came as text and were read as booleans; "
        "subtitles and subtitles.second came as text and were read as objects; "
        f"{SENT}; target_rms and subtitles.margins.right were empty and count as not given",
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"speed": ""},
        {"speed": None},
        {"verify": " "},
        {"verify": None},
        {"output_format": ""},
        {"timing_format": ""},
        {"timing_formats": ""},
        {"subtitles": ""},
        {"pronunciations": None},
        {"fix_duration": ""},
        {"metadata": ""},
    ],
    ids=str,
)
def test_an_empty_field_counts_as_not_given(fields: dict[str, Any]) -> None:
    given, notes = parsed({"text": "Hi."} | fields)
    assert given == {"text": "Hi."}
    assert notes == (f"{next(iter(fields))} was empty and counts as not given",)


def test_an_empty_url_beside_an_id_counts_as_not_given() -> None:
    given, notes = parsed({"endpoint": "timing", "job_id": "a", "audio_url": ""})
    assert given == {"job_id": "a"}
    assert notes == ("audio_url was empty and counts as not given",)


@pytest.mark.parametrize(
    "fields",
    [
        {"voice": ""},
        {"voice": None},
        {"language": ""},
        {"text": ""},
        {"gen_text": None},
        {"based_on": ""},
        {"endpoint": "status", "job_id": ""},
        {"speed": "fast"},
        {"speed": "1,5"},
        {"speed": "120%"},
        {"speed": "0x1"},
        {"speed": "1_0"},
        {"speed": "١"},
        {"speed": "nan"},
        {"speed": "inf"},
        {"speed": "1e400"},
        {"speed": "1" * 100},
        {"speed": "true"},
        {"nfe_step": "32.5"},
        {"verify": "yes"},
        {"verify": "1"},
        {"verify": 1},
        {"pronunciations": "{a: b}"},
        {"pronunciations": '["a"]'},
        {"pronunciations": '{"a": 5}'},
        {"subtitles": "word"},
        {"subtitles": '{"max_words": NaN}'},
        {"subtitles": '{"max_wrods": 4}'},
        {"subtitles": json.dumps({"show": {"a": "b" * MAX_JSON}})},
        {"sped": "1.2"},
        {"subtitles": '{"a":' * 100_000},
        {"text": 5},
        {"text": ["Hi."]},
    ],
    ids=lambda fields: str(fields)[:40],
)
def test_what_is_uncertain_stays_a_fault(fields: dict[str, Any]) -> None:
    script = {} if fields.keys() & {"text", "gen_text", "endpoint"} else {"text": "Hi."}
    with pytest.raises(WorkerError) as raised:
        handler.parse(script | fields)
    assert raised.value.code == "invalid_request"


def test_what_is_sent_as_json_has_no_note() -> None:
    _, notes = parsed({"text": "Hi.", "speed": 1.2, "seed": None, "subtitles": {"max_words": 4}})
    assert notes == ()


def test_a_request_is_not_changed_when_it_is_read() -> None:
    fields = {"text": "Hi.", "speed": "1.2", "subtitles": {"max_words": "4"}}
    before = json.dumps(fields)
    parsed(fields)
    assert json.dumps(fields) == before


def ask(worker: Worker, job_id: str, /, **fields: Any) -> dict[str, Any]:
    return handling.handle(worker, {"id": job_id, "input": fields}, lambda *_: None)


def test_the_warning_is_in_the_reply_its_record_and_the_reply_to_a_second_delivery(
    worker: Worker,
) -> None:
    form = {"text": "Hello there.", "seed": "7", "speed": "1.2", "return_word_timings": "true"}
    note = (
        "speed and seed came as text and were read as numbers; return_word_timings came as text "
        f"and was read as a boolean; {SENT}"
    )
    first = ask(worker, "form-1", **form)
    again = ask(worker, "form-1", **form)
    stored = ask(worker, "form-2", endpoint="status", job_id="form-1")
    for reply in (first, again, stored):
        assert reply["warnings"].count(note) == 1
        assert "srt" in reply["timing_files"]
    assert first["seed"] == 7


def test_a_list_says_how_its_request_was_read(worker: Worker) -> None:
    for name in ("list_jobs", "list_voices"):
        reply = ask(worker, f"form-{name}", endpoint=name, limit="5")
        assert reply["warnings"] == [f"limit came as text and was read as a number; {SENT}"]
        assert "warnings" not in ask(worker, f"json-{name}", endpoint=name, limit=5)


def test_openais_route_reads_the_same(worker: Worker) -> None:
    body = {"input": "Hello.", "voice": "default", "speed": "1.5", "response_format": "wav"}
    route = {"openai_route": "/v1/audio/speech", "openai_input": body}
    reply = handling.handle(worker, {"id": "form-openai", "input": route}, lambda *_: None)
    assert f"speed came as text and was read as a number; {SENT}" in reply["warnings"]

"""The handler: it reports all wrong fields at once, in one clear error, and never raises."""

import errno
import io
import json
import logging
import os
from contextlib import nullcontext
from dataclasses import replace
from typing import Any

import pytest

import handler
from errors import WorkerError
from tests.support import handling
from worker.logs import TextFormatter
from worker.scratch import JobFolder
from worker.state import Worker

WRONG = [
    (None, "input must be an object, got null"),
    ([1], "input must be an object, got [1]"),
    ({"endpoint": "tss"}, 'unknown endpoint "tss", did you mean \'tts\'?'),
    ({"endpoint": 5}, "unknown endpoint 5; known endpoints: tts, plan, dub, timing, upload"),
    ({}, "text is required"),
    ({"text": ""}, 'text must not be empty, got ""'),
    ({"text": 5}, "text must be a string, got 5"),
    ({"text": "x" * 20_001}, "text has 20001 characters, and at most 20000 are allowed; split"),
    ({"text": "a", "speed": 9}, "speed must be from 0.3 to 3, got 9"),
    ({"text": "a", "speed": "1,5"}, 'got "1,5"; write the decimals after a period'),
    ({"text": "a", "speed": float("nan")}, "speed must be a finite number"),
    ({"text": "a", "seed": True}, "seed must be a whole number from 0 to 9007199254740991"),
    ({"text": "a", "seed": 2**53}, "seed must be from 0 to 9007199254740991"),
    ({"text": "a", "nfe_step": 3}, "nfe_step must be from 4 to 64, got 3"),
    ({"text": "a", "voise": "b"}, "unknown field \"voise\", did you mean 'voice'?"),
    ({"text": "a", "qqqq": 1}, 'unknown field "qqqq"; known fields: text, gen_text, voice'),
    ({"text": "a", "gen_text": "b"}, "gen_text is another name of text, which is given too"),
    ({"text": "a", "voice": "../b"}, "voice: '../b' is not a voice name"),
    ({"text": "a", "voice": "file:///etc/passwd"}, "is not the URL of a clip; give https://host"),
    ({"endpoint": "list_voices", "prefix": "../"}, '"../" is not the beginning of a voice'),
    ({"endpoint": "list_voices", "after": "a\\"}, "after: "),
    ({"text": "a", "language": "yue"}, '"yue" is not a language code of ISO 639-1; use "zh"'),
    ({"text": "a", "timing_format": "strt"}, "edl, premiere, ffconcat, did you mean 'srt'?"),
    ({"text": "a", "voice": "http://[::1"}, 'voice: "http://[::1" is not the URL of a clip'),
    ({"text": "a", "subtitles": {"fnt": 1}}, "\"subtitles.fnt\", did you mean 'font'?"),
    ({"text": "a", "subtitles": {"qqqq": 1}}, '"subtitles.qqqq"; known fields: preset, max_chars'),
    ({"text": "a", "subtitles": {"max_lines": 4}}, "subtitles.max_lines must be from 1 to 3"),
    ({"text": "a", "subtitles": {"style": "bolt"}}, "underline, reveal, did you mean 'bold'?"),
    ({"text": "a", "subtitles": {"position": "left"}}, '"left" is none of bottom, bottom_left, '),
    ({"text": "a", "subtitles": {"font": "A,B"}}, 'subtitles.font: "A,B" is not the name of'),
    ({"text": "a", "subtitles": {"size": 5}}, "subtitles.size must be from 8 to 1000, got 5"),
    (
        {"text": "a", "subtitles": {"primary_colour": "red"}},
        'subtitles.primary_colour: "red" is not a colour; give "#RRGGBB" or "#RRGGBBAA"',
    ),
    (
        {"text": "a", "subtitles": {"resolution": "1080"}},
        'subtitles.resolution: "1080" is not the size of a frame; give "1080x1920"',
    ),
    (
        {"text": "a", "subtitles": {"margins": {"top": 5}}},
        'unknown field "subtitles.margins.top"; use vertical',
    ),
    (
        {"text": "a", "subtitles": {"preset": "social", "min_ms": 3000}},
        "subtitles: min_ms 3000 is more than max_ms 2500 of this preset; give both",
    ),
    (
        {"text": "a", "subtitles": {"preset": "social", "max_ms": 200}},
        "subtitles: min_ms 300 of this preset is more than max_ms 200; give both",
    ),
    (
        {"text": "a", "subtitles": {"min_ms": 3000, "max_ms": 2000}},
        "subtitles: min_ms 3000 is more than max_ms 2000; give a max_ms of at least 3000",
    ),
    (
        {"text": "a", "subtitles": {"margins": {"left": 600, "right": 600}}},
        "subtitles: margins of 600 and 600, vertical 520, leave no room in 1080x1920",
    ),
    (
        {"text": "a", "subtitles": {"resolution": "1920x1080", "margins": {"vertical": 1080}}},
        "subtitles: margins of 96 and 96, vertical 1080, leave no room in 1920x1080",
    ),
    ({"text": "a", "subtitles": "word"}, 'subtitles must be an object, got "word"'),
    ({"text": "a", "pronunciations": {"a b": "c"}}, '"a b" is not one written word'),
    ({"text": "a", "output_format": "wave"}, "pcm, aac, m4a, did you mean 'wav'?"),
    ({"text": "a", "sample_rate": 12345}, "12345 is none of 8000, 16000, 22050, 24000"),
    ({"text": "a", "timing_format": []}, 'timing_format: [] is not a name, a list of names'),
    ({"text": "a", "timing_format": {}}, 'timing_format: {} is not a name, a list of names'),
    ({"text": "a", "subtitles": {"preset": "x"}}, "subtitles.preset: \"x\" is none of word"),
    ({"text": "a", "pronunciations": {"b": 5}}, "pronunciations.b must be a string, got 5"),
    (
        {"text": "a", "output_format": "opus", "sample_rate": 44100},
        "sample_rate: 44100 is none of 8000, 16000, 24000, 48000, the rates of opus",
    ),
    (
        {"text": "a", "pronunciations": {str(n): "a" for n in range(201)}},
        'pronunciations: 201 words are given, and at most 200 are allowed',
    ),
    ({"endpoint": "status"}, "job_id is required"),
    ({"endpoint": "status", "job_id": "../a"}, "job_id: '../a' is not a job id"),
    ({"endpoint": "health", "text": "a"}, 'unknown field "text"; known fields: format'),
]  # fmt: skip


@pytest.mark.parametrize(("job_input", "sentence"), WRONG)
def test_a_wrong_input_gets_one_clear_sentence(job_input: Any, sentence: str) -> None:
    with pytest.raises(WorkerError) as raised:
        handler.parse(job_input)
    reply = raised.value.reply()
    assert reply["code"] == "invalid_request"
    assert reply["error"].startswith("invalid_request: ")
    assert sentence in reply["error"]
    assert len(reply["error"]) < 700


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(WorkerError) as raised:
        handler.parse({"txt": "hi", "speed": 9, "seed": -1, "timing_format": ["srt", "xyz"]})
    assert len(raised.value.details) == 5


def test_a_wrong_rate_for_opus_is_named_beside_the_other_faults() -> None:
    with pytest.raises(WorkerError) as raised:
        handler.parse({"text": "a", "output_format": "opus", "sample_rate": 22050, "speed": 9})
    assert len(raised.value.details) == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"text": "Hi \ud800"},
        {"text": "Hi", "voice": "\udfff"},
        {"text": "Hi", "\ud800": 1},
        {"endpoint": "\ud800"},
        {"text": "Hi", "language": "\ud800"},
        {"text": "Hi", "timing_format": "\ud800"},
        {"text": "Hi", "pronunciations": {"\ud800": "a"}},
    ],
)
def test_a_lone_surrogate_gets_an_answer_that_can_be_sent(worker: Worker, fields: Any) -> None:
    reply = handling.handle(worker, {"id": "surrogate", "input": fields}, lambda *_: None)
    assert reply["code"] == "invalid_request"
    json.dumps(reply, ensure_ascii=False).encode()


def test_the_output_of_a_failed_job_says_what_its_error_says(worker: Worker) -> None:
    job = {"id": "nobody", "input": {"text": "Hi.", "voice": "nobody"}}
    reply = handling.handle(worker, job, lambda *_: None)
    assert reply == {
        "error": f"voice_not_found: {reply['message']}",
        "code": "voice_not_found",
        "message": "no voice named 'nobody'; list_voices shows what exists",
        "details": [reply["message"]],
    }


@pytest.mark.parametrize(
    "fields",
    [
        lambda deep: {"text": deep},
        lambda deep: {"endpoint": deep},
        lambda deep: {"endpoint": "download", "job_id": "a", "type": deep},
        lambda deep: {"endpoint": "health", "unknown": deep},
        lambda deep: {"openai_route": "/v1/audio/speech", "openai_input": {"input": deep}},
        lambda deep: deep,
    ],
)
def test_an_input_of_great_depth_is_refused(worker: Worker, fields: Any) -> None:
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    reply = handling.handle(worker, {"id": "deep", "input": fields(deep)}, lambda *_: None)
    assert reply["code"] == "invalid_request"
    assert len(json.dumps(reply)) < 2000


def test_thousands_of_faults_make_a_short_answer() -> None:
    with pytest.raises(WorkerError) as raised:
        handler.parse({f"field {number}": number for number in range(5000)})
    assert len(str(raised.value)) < 20_000
    assert "and 4981 more" in raised.value.sentence
    with pytest.raises(WorkerError):
        handler.parse({"text": "a", "timing_format": ["srt"] * 100_000 + [1]})


def test_what_the_first_worker_called_things_is_understood() -> None:
    _, request = handler.parse(
        {"gen_text": "Hi.", "local_voice": "ana.wav", "reference_text": "x", "speed": 1}
    )
    assert request.model_dump(include={"text", "voice", "ref_text", "speed"}) == {
        "text": "Hi.", "voice": "ana", "ref_text": "x", "speed": 1.0,
    }  # fmt: skip


@pytest.mark.parametrize("job_id", ["", "../x", "a/b", "x" * 200])
def test_a_job_id_that_cannot_be_a_key_is_refused(worker: Worker, job_id: str) -> None:
    reply = handling.handle(worker, {"id": job_id, "input": {"text": "a"}}, lambda *_: None)
    assert reply["code"] == "invalid_request"


def test_a_fault_of_our_own_tells_the_client_nothing_about_the_machine(worker: Worker) -> None:
    class Broken:
        """An engine that raises an error of a kind that the worker does not expect."""

        name = "broken"
        unused_fields: frozenset[str] = frozenset()

        def max_chunk_size(self, voice: object) -> int:
            raise ZeroDivisionError("secret path /root/x")

    broken: Any = Broken()
    faulty = replace(worker, engine=broken)
    reply = handling.handle(faulty, {"id": "broken", "input": {"text": "Hi."}}, lambda *_: None)
    assert reply["code"] == "internal_error"
    assert "secret path" not in json.dumps(reply)
    assert "'broken'" in reply["error"]


def test_a_full_disk_for_temporary_files_is_said(worker: Worker) -> None:
    class Full:
        """A Scratch on a full disk."""

        def job(self) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/tmp/secret")

    full: Any = Full()
    job = {"id": "full", "input": {"text": "Hi."}}
    reply = handling.handle(replace(worker, scratch=full), job, lambda *_: None)
    assert reply["code"] == "storage_error"
    assert "disk for temporary files is full" in reply["error"]
    assert "/tmp" not in reply["error"]


def test_a_job_without_files_of_its_own_needs_no_folder(worker: Worker) -> None:
    def make() -> Any:
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "/tmp/secret")

    class Gone:
        """A Scratch that can make no folder."""

        def job(self) -> nullcontext[JobFolder]:
            return nullcontext(JobFolder(make))

    made = {"id": "foldered", "input": {"text": "Hi."}}
    assert "error" not in handling.handle(worker, made, lambda *_: None)
    gone: Any = Gone()
    broken = replace(worker, scratch=gone)
    asked: list[dict[str, Any]] = [
        {"endpoint": "health"},
        {"endpoint": "list_voices"},
        *({"endpoint": name, "job_id": "foldered"} for name in ("status", "result", "download")),
    ]
    jobs = [made, *({"id": f"foldless-{n}", "input": ask} for n, ask in enumerate(asked))]
    for job in jobs:
        assert "error" not in handling.handle(broken, job, lambda *_: None), job
    new = {"id": "foldless", "input": {"text": "Hi."}}
    assert handling.handle(broken, new, lambda *_: None)["code"] == "internal_error"


@pytest.mark.parametrize(
    "job",
    [
        {"id": "a\nFORGED\x1b[2J", "input": {"text": "Hi."}},
        {"id": "a", "input": {"text": "Hi.", "pronunciations": {"a\nFORGED \u202e": "x"}}},
        {"id": "a", "input": {"text": "Hi.", "a\nFORGED\x85\u2028": "x"}},
        {"id": "a", "input": {"endpoint": "a\nFORGED\x9b"}},
        {"id": "a", "input": {"endpoint": "download", "job_id": "a\nFORGED"}},
        {"id": "a", "input": {"text": "Hi.", "voice": "s3://key:FORGED@host/\n"}},
    ],
)
def test_no_text_of_a_client_forges_a_line_of_the_log(worker: Worker, job: dict[str, Any]) -> None:
    stream = io.StringIO()
    lines = logging.StreamHandler(stream)
    lines.setFormatter(TextFormatter())
    logger = logging.getLogger("worker")
    logger.addHandler(lines)
    try:
        reply = handling.handle(worker, job, lambda *_: None)
    finally:
        logger.removeHandler(lines)
    assert reply["code"] == "invalid_request"
    shown = stream.getvalue()
    assert len(shown.splitlines()) == len(shown.split("\n")) - 1 == 1
    for text in (shown.removesuffix("\n"), reply["error"], *reply["details"]):
        assert text.isprintable()
        assert ":FORGED@" not in text

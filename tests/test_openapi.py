"""openapi.json is what the models say, and what the worker and RunPod's routes take and answer."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import httpx
import openapi_spec_validator
import pytest
from openapi_schema_validator import OAS31Validator

import errors
import handler
from jobs.schema.validation import InvalidRequest
from tests.support.loop import Loop
from tests.test_docs import API, REPLIES, codes, examples
from volume import refusal

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT: dict[str, Any] = json.loads((ROOT / "openapi.json").read_text())
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
TTS_FIELDS: dict[str, Any] = SCHEMAS["TtsInput"]["properties"]


def faults(name: str, value: Any, document: dict[str, Any] = DOCUMENT) -> list[str]:
    """What is wrong with a value by the schema of that name."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    return [str(fault.message) for fault in OAS31Validator(schema).iter_errors(value)]


def closed() -> dict[str, Any]:
    """The document with replies that may have no other fields than it names."""
    document = deepcopy(DOCUMENT)
    for schema in document["components"]["schemas"].values():
        if "properties" in schema:
            schema["additionalProperties"] = False
    return document


def names_of_endpoint(name: str) -> str:
    mapping: dict[str, str] = SCHEMAS["EndpointInput"]["discriminator"]["mapping"]
    return mapping[name].rpartition("/")[2]


def test_the_file_is_what_the_models_and_the_documents_say() -> None:
    command = [sys.executable, "scripts/openapi.py", "--check"]
    compared = subprocess.run(command, capture_output=True, text=True, check=False)
    assert compared.returncode == 0, compared.stdout


def test_it_is_a_document_of_openapi_3_1() -> None:
    assert DOCUMENT["openapi"].startswith("3.1")
    openapi_spec_validator.validate(DOCUMENT)


def test_it_names_no_host_but_runpods_and_those_of_examples() -> None:
    hosts = set(re.findall(r"https?://([^/\"\\\s?]+)", json.dumps(DOCUMENT)))
    assert [server["url"] for server in DOCUMENT["servers"]] == ["https://api.runpod.ai"]
    assert not {host for host in hosts if not host.endswith("example.com")} - {"api.runpod.ai"}


def test_every_endpoint_route_and_code_is_there() -> None:
    mapping = SCHEMAS["EndpointInput"]["discriminator"]["mapping"]
    assert list(mapping) == list(handler.ENDPOINTS)
    assert len(SCHEMAS["Input"]["oneOf"]) == 1 + len(handler.OPENAI_ROUTES)
    assert set(SCHEMAS["ErrorOutput"]["properties"]["code"]["enum"]) == codes(
        errors.WorkerError
    ) | {refusal.CODE}


def test_every_example_request_fits_its_endpoint_alone() -> None:
    for kind, request in examples(API, "request"):
        # What the worker reads beside the types of the contract is not in the contract.
        assert (faults("Job", request) == []) == (kind != "as_text"), request
        if "openai_route" not in request["input"] and kind != "as_text":
            name = names_of_endpoint(request["input"].get("endpoint", "tts"))
            assert faults(name, request["input"]) == []


def test_every_example_reply_fits_its_model_and_has_no_other_field() -> None:
    for name, reply in examples(API, "reply"):
        assert faults(REPLIES[name].__name__, reply, closed()) == [], name
    for _, error in examples(API, "error"):
        state = {"id": "a", "status": "FAILED", "error": error.pop("error"), "output": error}
        assert faults("JobState", state, closed()) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"endpoint": "tts"},
        {"endpoint": "spech", "text": "a"},
        {"endpoint": "dub", "text": "a"},
        {"text": ""},
        {"text": 5},
        {"text": "a", "voise": "anna"},
        {"text": "a", "speed": 9},
        {"text": "a", "seed": -1},
        {"text": "a", "nfe_step": 65},
        {"text": "a", "output_format": "midi"},
        {"text": "a", "timing_format": []},
        {"text": "a", "subtitles": {"preset": "wide"}},
        {"text": "a", "subtitles": {"max_lines": 4}},
        {"text": "a", "subtitles": {"colour": "red"}},
        {"endpoint": "list_jobs", "limit": 0},
        {"endpoint": "download"},
        {"endpoint": "delete_voice", "name": "anna"},
        {"endpoint": "lexicon", "action": "drop"},
        {"openai_route": "/v1/audio/music"},
        {"openai_route": "/v1/audio/speech", "openai_input": {"voice": "default"}},
    ],
    ids=json.dumps,
)
def test_what_the_worker_refuses_does_not_fit(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidRequest):
        handler.parse(wrong)
    assert faults("Job", {"input": wrong})


@pytest.mark.parametrize("field", [name for name, one in TTS_FIELDS.items() if "enum" in one])
def test_the_worker_takes_every_choice_that_is_listed(field: str) -> None:
    for value in TTS_FIELDS[field]["enum"]:
        handler.parse({"text": "a", field: value})


@pytest.mark.parametrize(
    "field", ["speed", "seed", "nfe_step", "cfg_strength", "sway_sampling_coef", "fix_duration"]
)
def test_the_bounds_are_those_of_the_worker(field: str) -> None:
    schema = TTS_FIELDS[field]
    bounds = next(one for one in [schema, *schema.get("anyOf", [])] if "minimum" in one)
    for value, beyond in ((bounds["minimum"], -1), (bounds["maximum"], 1)):
        handler.parse({"text": "a", field: value})
        with pytest.raises(InvalidRequest):
            handler.parse({"text": "a", field: value + beyond})


JOBS: dict[str, dict[str, Any]] = {
    "speech": {
        "text": "Hello there. [mark:end] Goodbye.",
        "timing_format": ["srt", "json"],
        "parts": "mark",
    },
    "dub": {"endpoint": "dub", "srt": "1\n00:00:01,000 --> 00:00:02,500\nHello there.\n"},
    "voices": {"endpoint": "list_voices"},
    "health": {"endpoint": "health"},
    "jobs": {"endpoint": "list_jobs", "limit": 5},
    "lexicon": {"endpoint": "lexicon"},
    "openai": {"openai_route": "/v1/audio/speech", "openai_input": {"input": "Hello there."}},
    "openai voices": {"openai_route": "/v1/audio/voices"},
    "wrong": {"text": "Hello.", "speeed": 2, "seed": -1},
    "unknown voice": {"text": "Hello.", "voice": "nobody"},
}


@pytest.fixture(scope="module")
def client(loop_worker: Loop) -> Iterator[httpx.Client]:
    with loop_worker.client() as client:
        yield client


@pytest.mark.parametrize("name", JOBS)
def test_what_a_job_answers_is_what_the_document_says(client: httpx.Client, name: str) -> None:
    answer = client.post("/runsync", json={"input": JOBS[name]}).json()
    assert answer["status"] == ("FAILED" if name in ("wrong", "unknown voice") else "COMPLETED")
    assert faults("JobState", answer, closed()) == []
    again = client.get(f"/status/{answer['id']}").json()
    assert faults("JobState", again, closed()) == []


def test_the_stored_reply_of_a_job_is_what_the_document_says(client: httpx.Client) -> None:
    first = client.post("/runsync", json={"input": JOBS["speech"]}).json()
    for job_input in (
        {"endpoint": "status", "job_id": first["id"]},
        {"endpoint": "timing", "job_id": first["id"]},
        {"endpoint": "download", "job_id": first["id"], "type": "timing"},
        {"endpoint": "delete_job", "job_id": first["id"]},
    ):
        assert faults("Job", {"input": job_input}) == []
        answer = client.post("/runsync", json={"input": job_input}).json()
        assert answer["status"] == "COMPLETED", answer
        assert faults("JobState", answer, closed()) == []


def test_runpods_own_answers_are_what_the_document_says(client: httpx.Client) -> None:
    job = {"input": JOBS["speech"], "webhook": "https://example.com/done", "policy": {"ttl": 60000}}
    assert faults("Job", job) == []
    queued = client.post("/run", json=job).json()
    assert faults("JobState", queued, closed()) == []
    assert faults("JobState", client.post(f"/cancel/{queued['id']}").json(), closed()) == []
    assert faults("EndpointHealth", client.get("/health").json(), closed()) == []

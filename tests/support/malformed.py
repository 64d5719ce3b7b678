"""Job inputs that are wrong or attack the worker, and the error code that each must get."""

import json
import math
import struct
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import handler
from jobs.schema.model_fields import field_names
from jobs.schema.validation import InvalidRequest
from tests.job_server import JobServer
from tests.support.loop import WAIT_S

COUNT = 300
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(["../../etc/passwd", "file:///etc/passwd", "\0", "\u202e", "\ud800", "auto"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@st.composite
def malformed(draw: st.DrawFn) -> dict[str, Any]:
    """A strategy: an input of an endpoint with arbitrary JSON in its fields, some misspelt."""
    name = draw(st.sampled_from(sorted(handler.ENDPOINTS)))
    known = field_names(handler.ENDPOINTS[name].request)
    names = st.sampled_from(known) if known else st.nothing()
    fields = draw(st.dictionaries(names | st.text(max_size=12), JSON, max_size=6))
    return fields | {"endpoint": draw(st.just(name) | JSON.filter(lambda value: value != name))}


def is_refused(job_input: dict[str, Any]) -> bool:
    try:
        handler.parse(job_input)
    except InvalidRequest:
        return True
    return False


def malformed_inputs() -> list[tuple[dict[str, Any], str]]:
    """COUNT malformed inputs, the same ones in each run."""
    inputs: dict[str, dict[str, Any]] = {}

    @settings(max_examples=2 * COUNT, derandomize=True, database=None, deadline=None,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(malformed().filter(is_refused))
    def collect(job_input: dict[str, Any]) -> None:
        inputs[json.dumps(job_input, sort_keys=True)] = job_input

    collect()
    assert len(inputs) >= COUNT
    return [(job_input, "invalid_request") for job_input in list(inputs.values())[:COUNT]]


def nested(depth: int) -> Any:
    inner: Any = "x"
    for _ in range(depth):
        inner = [inner]
    return inner


def harmful_inputs(web: str) -> list[tuple[dict[str, Any], str]]:
    """Inputs that attack a worker, and the error code that each must get; `web` is loopback."""
    upload = {"endpoint": "upload", "voice_name": "nasty"}
    wrong = "invalid_request"
    return [
        ({"text": "a" * 10_000_000}, wrong),
        ({"text": "Hi.", "speed": math.nan}, wrong),
        ({"text": "Hi.", "speed": 1e400}, wrong),
        ({"text": nested(200)}, wrong),
        ({"text": {"text": {"text": "Hi."}}}, wrong),
        ({"text": "\0" * 50}, "text_rejected"),
        ({"text": "\u202e\u202d\u200f"}, "text_rejected"),
        ({"text": "\U0001f389 \U0001f389"}, "text_rejected"),
        ({"text": "Hi.", "voice": "../../etc/passwd"}, wrong),
        ({"text": "Hi.", "voice": "file:///etc/passwd"}, wrong),
        ({"endpoint": "download", "job_id": "../voices/a"}, wrong),
        ({"endpoint": "status", "job_id": "a\0b"}, wrong),
        ({**upload, "voice_file_url": "file:///etc/passwd"}, wrong),
        ({**upload, "voice_file_url": "http://169.254.169.254/"}, "fetch_refused"),
        ({**upload, "voice_file_url": f"{web}/claims.wav"}, "fetch_refused"),
        ({**upload, "voice_file_url": "http://nobody.invalid/a.wav"}, "fetch_failed"),
    ]


def harmful_urls(web: str) -> list[tuple[dict[str, Any], str]]:
    """Harmful URLs for a worker that may fetch from loopback, and their error codes."""
    upload = {"endpoint": "upload", "voice_name": "nasty"}
    return [
        ({**upload, "voice_file_url": f"{web}/{path}"}, code)
        for path, code in {
            "!/lie/4294967296": "too_large",
            "!/bomb/250000000": "too_large",
            "!/to/file:///etc/passwd": "fetch_refused",
            "!/status/500": "fetch_failed",
            "empty.wav": "voice_rejected",
            "claims.wav": "voice_rejected",
        }.items()
    ]


def write_files(folder: Path) -> None:
    """Write the files that the inputs' URLs name, to be served from this folder."""
    (folder / "empty.wav").write_bytes(b"")
    head = struct.pack("<4sI4s4sIHHIIHH4sI", b"RIFF", 0xFFFFFFFF, b"WAVE", b"fmt ", 16, 1, 1,
                       24_000, 48_000, 2, 16, b"data", 0xFFFFFFFF)  # fmt: skip
    (folder / "claims.wav").write_bytes(head + bytes(48_000))


def check_refused(server: JobServer, jobs: list[tuple[dict[str, Any], str]], name: str) -> None:
    """Send the inputs; each must get exactly one error, with its code. `name` begins their ids."""
    ids = [server.submit(job, job_id=f"{name}-{n}") for n, (job, _) in enumerate(jobs)]
    for job_id, (job, code) in zip(ids, jobs, strict=True):
        settled = server.wait(job_id, WAIT_S)
        assert settled.status == "FAILED", (str(job)[:200], settled)
        assert settled.output["code"] == code, (str(job)[:200], settled.error)
        assert settled.error is not None
        assert settled.error.startswith(f"{code}: ")
        assert len(settled.error) < 5000
        assert "Traceback" not in settled.error
        assert "/root" not in settled.error
        assert settled.results == 1

"""No request, record, link or sound file costs more than the budget of CONFIG.md."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.support import handling
from tests.support.cost import Cost, measure
from tests.support.malformed import nested
from worker.state import Worker

MAX_GROWN_BYTES = 300_000_000
MAX_HELD_S = 0.5


def hold_the_gil(count: int) -> None:
    assert not re.search("(a+)+b", "a" * count)


def test_the_meter_sees_memory_that_is_free_again() -> None:
    cost = measure(lambda: np.ones(50_000_000, np.uint8))
    assert 45_000_000 < cost.grown_bytes < 100_000_000


def test_the_meter_sees_a_pattern_that_keeps_other_threads_out() -> None:
    assert measure(lambda: hold_the_gil(24)).held_s > 10 * measure(lambda: hold_the_gil(16)).held_s


def check(cost: Cost) -> None:
    assert cost.grown_bytes < MAX_GROWN_BYTES
    assert cost.held_s < MAX_HELD_S


MILLION = 1_000_000
REQUESTS: dict[str, Callable[[], dict[str, Any]]] = {
    "a million unknown fields": lambda: {f"f{n:07}": 1 for n in range(MILLION)},
    "long names of fields": lambda: {f"{n}{'x' * 100_000}": 1 for n in range(100)},
    "a long text": lambda: {"text": "a" * 10 * MILLION},
    "many texts": lambda: {"text": ["a"] * (2 * MILLION)},
    "a deep text": lambda: {"text": nested(900)},
    "a million pronunciations": lambda: {
        "text": "Hi.",
        "pronunciations": {f"w{n:06}": "x" for n in range(MILLION // 2)},
    },
    "wrong pronunciations": lambda: {
        "text": "Hi.",
        "pronunciations": {f"w{n:06}": 1 for n in range(MILLION // 2)},
    },
    "a long pronunciation": lambda: {"text": "Hi.", "pronunciations": {"a" * 5 * MILLION: "b"}},
    "a million formats": lambda: {
        "text": "Hi.",
        "return_word_timings": True,
        "timing_format": [f"x{n}" for n in range(MILLION)],
    },
    "the same format": lambda: {"text": "Hi.", "timing_format": ["srt"] * (2 * MILLION)},
    "subtitles": lambda: {"text": "Hi.", "subtitles": {f"f{n:07}": 1 for n in range(MILLION)}},
    "a long transcript": lambda: {"text": "Hi.", "ref_text": "1\n00:00 --> " * 800_000},
    "a long link": lambda: {"text": "Hi.", "voice": "https://" + "a@" * 5 * MILLION},
    "a long endpoint": lambda: {"endpoint": "x" * 10 * MILLION},
    "a long id": lambda: {"endpoint": "status", "job_id": "x" * 10 * MILLION},
    "a long voice name": lambda: {"endpoint": "delete_voice", "voice_name": "é" * 5 * MILLION},
    "a long prefix": lambda: {"endpoint": "list_voices", "prefix": "x" * 10 * MILLION},
    "openai fields": lambda: {
        "openai_route": "/v1/audio/speech",
        "openai_input": {f"f{n:07}": 1 for n in range(MILLION)},
    },
    "beside openai": lambda: {
        "openai_route": "/v1/audio/speech",
        **{f"f{n:07}": 1 for n in range(MILLION)},
    },
}


@pytest.mark.parametrize("name", REQUESTS)
def test_a_request(worker: Worker, name: str) -> None:
    job = {"id": "budget", "input": REQUESTS[name]()}
    replies = []
    check(measure(lambda: replies.append(handling.handle(worker, job, lambda *_: None))))
    assert replies[0].get("code", "invalid_request") == "invalid_request"
    assert len(str(replies[0])) < 20_000


@pytest.mark.parametrize("value", ["x" * 10_000_000, {f"f{n}": 1 for n in range(MILLION)}],
                         ids=["a long text", "many fields"])  # fmt: skip
def test_an_s3_config(worker: Worker, value: Any) -> None:
    job = {"id": "budget", "input": {"text": "Hi."}, "s3Config": {"endpointUrl": value}}
    check(measure(lambda: handling.handle(worker, job, lambda *_: None)))

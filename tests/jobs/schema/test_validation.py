"""The work for a request, however large it is, and the shape of the error."""

import gc
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest

import handler
from errors import WorkerError
from jobs.schema.model_fields import MAX_FAULTS

LARGE: dict[str, Callable[[int], dict[str, Any]]] = {
    "unknown fields": lambda n: {"text": "a", **{f"f{i}": 1 for i in range(n)}},
    "unknown fields of an object": lambda n: {
        "text": "a",
        "subtitles": {f"f{i}": 1 for i in range(n)},
    },
    "unknown fields of an object inside": lambda n: {
        "text": "a",
        "subtitles": {"margins": {f"f{i}": 1 for i in range(n)}},
    },
    "wrong formats": lambda n: {"text": "a", "timing_format": [f"f{i}" for i in range(n)]},
    "formats that are numbers": lambda n: {"text": "a", "timing_format": list(range(n))},
    "wrong pronunciations": lambda n: {
        "text": "a",
        "pronunciations": {f"a {i}": 5 for i in range(n)},
    },
    "fields beside a route": lambda n: {
        "openai_route": "/v1/audio/speech",
        **{f"f{i}": 1 for i in range(n)},
    },
    "unknown fields of a route": lambda n: {
        "openai_route": "/v1/audio/speech",
        "openai_input": {f"f{i}": 1 for i in range(n)},
    },
    "a long list as a number": lambda n: {"text": "a", "speed": [[i] for i in range(n)]},
}


def calls_for(job_input: dict[str, Any]) -> Counter[str]:
    """How often each Python function is called to refuse an input; generators do not count."""
    calls: Counter[str] = Counter()

    def count(frame: FrameType, event: str, argument: object) -> None:
        if event == "call" and frame.f_code.co_name != "<genexpr>":
            calls[frame.f_code.co_qualname] += 1

    before = sys.getprofile()
    # A collection would call the finalizers of what earlier tests left.
    gc.collect()
    gc.disable()
    sys.setprofile(count)
    try:
        with pytest.raises(WorkerError):
            handler.parse(job_input)
    finally:
        sys.setprofile(before)
        gc.enable()
    return calls


@pytest.mark.parametrize("kind", LARGE)
def test_a_hundred_times_as_many_faults_are_no_more_work(kind: str) -> None:
    few, many = (calls_for(LARGE[kind](count)) for count in (500, 50_000))
    assert many.total() <= 1.1 * few.total()
    assert many["SequenceMatcher.ratio"] <= few["SequenceMatcher.ratio"]


def refused(job_input: dict[str, Any]) -> tuple[WorkerError, int]:
    """The error that an input gets, and the memory that it took at its peak, in bytes."""
    tracemalloc.start()
    try:
        with pytest.raises(WorkerError) as raised:
            handler.parse(job_input)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return raised.value, peak


@pytest.mark.parametrize("kind", LARGE)
def test_a_large_request_needs_little_memory(kind: str) -> None:
    job_input = LARGE[kind](50_000)
    error, peak = refused(job_input)
    # 300 MB for a million entries, which is as many as the 10 MB of a request can hold.
    assert peak < 15_000_000
    assert len(error.details) <= MAX_FAULTS + 1
    assert len(str(error.reply())) < 10_000


LONG = "x" * 5_000_000


@pytest.mark.parametrize(
    "job_input",
    [
        {"text": LONG},
        {"text": "a", "voice": LONG},
        {"text": "a", "voice": "https://h/" + LONG},
        {"text": "a", "speed": LONG},
        {"text": "a", "language": LONG},
        {"text": "a", "output_format": LONG},
        {"text": "a", "subtitles": {"font": LONG}},
        {"text": "a", LONG: 1},
        {"endpoint": LONG},
        {"endpoint": "timing", "audio_url": "https://h/" + LONG},
        {"endpoint": "delete_voice", "voice_name": ".wav" * 1_000_000},
        {"endpoint": "list_voices", "prefix": LONG},
        {"endpoint": "status", "job_id": LONG},
        {"endpoint": "upload", "voice_name": "a", "voice_file_url": LONG},
    ],
    ids=lambda job_input: " ".join(name[:20] for name in job_input),
)
def test_a_long_value_is_neither_written_out_nor_read_whole(job_input: dict[str, Any]) -> None:
    error, peak = refused(job_input)
    assert peak < 25_000_000  # one copy of the name as UTF-8, and one in lower case
    assert len(str(error.reply())) < 2500


def test_all_faults_are_counted_and_few_are_described() -> None:
    with pytest.raises(WorkerError) as raised:
        handler.parse({"speed": 9, "seed": -1} | {f"f{number}": 1 for number in range(1000)})
    details = raised.value.details
    assert details[:3] == (
        "text is required",
        "speed must be from 0.3 to 3, got 9",
        "seed must be from 0 to 9007199254740991, got -1",
    )
    assert details[-1] == f"and {1003 - MAX_FAULTS} more"
    assert len(details) == MAX_FAULTS + 1


@pytest.mark.parametrize("count", [MAX_FAULTS, MAX_FAULTS + 1, MAX_FAULTS + 2, 1000])
def test_the_faults_of_objects_inside_are_counted(count: int) -> None:
    wrong = {f"f{number}": 1 for number in range(count)}
    with pytest.raises(WorkerError) as raised:
        handler.parse({"text": "a", "subtitles": {**wrong, "margins": wrong}} | wrong)
    assert raised.value.details[-1] == f"and {3 * count - MAX_FAULTS} more"


def test_a_name_that_is_no_text_is_one_fault() -> None:
    with pytest.raises(WorkerError) as raised:
        handler.parse({"text": "a", "\ud800": 1})
    assert raised.value.details == (
        r'the name of a field must be valid Unicode, got "\ud800"; '
        "it has half of a surrogate pair: send each character whole, such as an emoji",
    )


def test_the_fields_of_a_large_request_are_still_found() -> None:
    with pytest.raises(WorkerError) as raised:
        handler.parse({f"f{number}": 1 for number in range(100)} | {"text": "Hi.", "gen_text": "x"})
    assert "text is required" not in raised.value.sentence


def sentence_for(job_input: dict[str, Any]) -> str:
    """What the error says; nothing if there is none."""
    try:
        handler.parse(job_input)
    except WorkerError as error:
        return error.sentence
    return ""


def test_no_sentence_has_words_of_pydantic() -> None:
    wrong: Any
    for wrong in (None, True, 5, 1e300, "x", [], [None], {}, {"a": 1}, float("nan"), "\ud800"):
        for endpoint, one in handler.ENDPOINTS.items():
            for field in one.request.model_fields:
                sentence = sentence_for({"endpoint": endpoint, field: wrong})
                for words in ("Input", "should", "valid string", "is not valid", "Value error"):
                    assert words not in sentence, (field, wrong)

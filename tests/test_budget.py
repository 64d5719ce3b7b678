"""No request, record, link or sound file costs more than the budget of CONFIG.md."""

import gc
import gzip
import json
import re
import struct
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from storage import keys
from storage.local import LocalStore
from tests.support import handling
from tests.support.cost import Cost, measure
from tests.support.malformed import nested
from tests.support.media import m4a_that_claims, with_soundfile
from tests.support.odd_s3 import Request, odd_server, response
from tests.support.web import ALLOW_PRIVATE, serving
from tts.text.script import TextRejected, read_script
from worker.state import Worker

pytestmark = pytest.mark.alone
MAX_GROWN_BYTES = 300_000_000
MAX_HELD_S = 0.5


def hold_the_gil(count: int) -> None:
    assert not re.search("(a+)+b", "a" * count)


def test_the_meter_sees_memory_that_is_free_again() -> None:
    cost = measure(lambda: np.ones(50_000_000, np.uint8))
    assert 45_000_000 < cost.grown_bytes < 100_000_000


def test_the_meter_sees_a_pattern_that_keeps_other_threads_out() -> None:
    assert measure(lambda: hold_the_gil(24)).held_s > 10 * measure(lambda: hold_the_gil(16)).held_s


def test_the_meter_does_not_count_what_others_left_in_memory() -> None:
    left = [[number] for number in range(3_000_000)]
    assert measure(gc.collect).held_s < 0.2
    assert len(left) == 3_000_000


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


def asked(worker: Worker, **fields: Any) -> dict[str, Any]:
    """The reply of a job, which must stay within the budget."""
    job = {"id": f"budget-{abs(hash(str(fields)))}", "input": fields}
    replies: list[dict[str, Any]] = []
    check(measure(lambda: replies.append(handling.handle(worker, job, lambda *_: None))))
    return replies[0]


TEXTS = {
    "figures": "7" * 200_000,
    "numbers": "1234 " * 4_000,
    "lines": "a\n" + " " * 199_990 + "\nb",
    "no-break spaces": "a" + "\xa0" * 199_990 + "b",
    "abbreviations": "e.g." * 50_000,
    "braces": "{a|b" * 50_000,
    "angles": "<a " * 6_600,
    "brackets": "[" * 200_000,
    "money": "$1," * 66_000,
    "dashes": "-" * 200_000,
    "roman": "\u2167" * 200_000,
    "links": "http://a" * 2_500,
    "characters": "\u4e2d" * 200_000,
    "prose": "The quick brown fox, Dr. Smith said, paid $1,250.50 at 10:30. " * 320,
}


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", TEXTS)
def test_a_text(name: str, language: str) -> None:
    def read() -> None:
        with suppress(TextRejected):
            read_script(TEXTS[name], language)

    read_script("This loads the rules.", language)
    check(measure(read))


RECORDS: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "facts": lambda record: record | {"facts": record["facts"] | {"quality": [[]] * 3_700_000}},
    "small facts": lambda record: record | {"facts": {"warnings": [[]] * 240_000}},
    "files": lambda record: (
        record | {"timings": {f"t{n}": next(iter(record["audio"].values())) for n in range(60_000)}}
    ),
    "words": lambda record: (
        record | {"reading": {"pronunciations": {f"w{n}": 1 for n in range(MILLION)}}}
    ),
    "depth": lambda record: record | {"facts": nested(900)},
}


@pytest.mark.parametrize("name", RECORDS)
def test_a_record_of_a_job(worker: Worker, name: str) -> None:
    done = {"id": "budget-record", "input": {"text": "Hi."}}
    assert "error" not in handling.handle(worker, done, lambda *_: None)
    key = keys.manifest(keys.JobId("budget-record"))
    record = json.loads(worker.store.get(key))
    worker.store.put(key, json.dumps(RECORDS[name](record)).encode(), "application/json")
    for endpoint in ("status", "result", "download", "timing"):
        assert asked(worker, endpoint=endpoint, job_id="budget-record")["code"] == "not_found"
    worker.store.delete(key)


def test_records_of_voices_and_words(worker: Worker) -> None:
    store = LocalStore(worker.settings.home / "store")
    clip = Path("tests/data/timing/00.wav").read_bytes()
    store.put(keys.voice_clip("budget"), clip, "audio/wav")
    long = json.dumps({"ref_text": "x" * 15_000_000}).encode()
    store.put(keys.voice_record("budget"), long, "application/json")
    words = json.dumps({f"w{n}": "x" for n in range(MILLION)}).encode()
    store.put(keys.LEXICON, words, "application/json")
    try:
        listed = asked(worker, endpoint="list_voices", prefix="budget")
        assert [voice["name"] for voice in listed["voices"]] == ["budget"]
        assert "error" not in asked(worker, text="Hi.", voice="budget")
    finally:
        store.delete(keys.LEXICON)
        worker.voices.delete("budget")


BOMB = gzip.compress(bytes(1 << 28))
PART = bytes(1 << 20)


def in_parts(head: bytes, part: bytes, count: int) -> Iterator[bytes]:
    """An answer in parts: the server shares the memory of this process, and must need little."""
    yield head
    for _ in range(count):
        yield part


def long_body(status: int, headers: dict[str, object]) -> Iterator[bytes]:
    """An answer with a body of a gigabyte."""
    return in_parts(response(status, b"", {"Content-Length": 1 << 30, **headers}), PART, 1 << 10)


LINKS: dict[str, Callable[[Request], bytes | Iterator[bytes]]] = {
    "a redirect": lambda _: long_body(302, {"Location": "/"}),
    "an error": lambda _: long_body(500, {}),
    "a file": lambda _: long_body(200, {}),
    "a bomb": lambda _: response(200, BOMB, {"Content-Encoding": "gzip"}),
    "a bomb in a redirect": lambda _: response(
        302, BOMB, {"Content-Encoding": "gzip", "Location": "/"}
    ),
    "a header": lambda _: in_parts(b"HTTP/1.1 200 OK\r\nX-Long: ", b"x" * (1 << 20), 400),
    "a location": lambda _: in_parts(b"HTTP/1.1 302 Found\r\nLocation: /", b"x" * (1 << 20), 400),
    "headers": lambda _: in_parts(b"HTTP/1.1 200 OK\r\n", b"X-Many: x\r\n" * 100_000, 400),
}


@pytest.mark.parametrize("name", LINKS)
def test_a_link(worker: Worker, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(ALLOW_PRIVATE, "1")
    with odd_server(LINKS[name]) as server:
        fields = {"voice_name": "budget", "voice_file_url": server.url}
        reply = asked(worker, endpoint="upload", **fields)
    assert reply["code"] in ("fetch_failed", "too_large")


FILES: dict[str, Callable[[], bytes]] = {
    "three tracks of 40 million samples": lambda: m4a_that_claims(40_000_000, 3),
    "a table of 40 million entries": lambda: m4a_that_claims(
        1, stts=struct.pack(">III", 1, 40_000_000, 1024)
    ),
    "silence in eight channels": lambda: with_soundfile(
        np.zeros((2_000_000, 8), np.float32), "FLAC", rate=655_350
    ),
    "190 MB of silence": lambda: with_soundfile(np.zeros(95_000_000, np.int16), "WAV"),
    "half an hour in eight channels": lambda: with_soundfile(
        np.zeros((14_400_000, 8), np.int16), "FLAC", rate=8000
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_sound_file(
    worker: Worker, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ALLOW_PRIVATE, "1")
    (tmp_path / "file").write_bytes(FILES[name]())
    with serving(tmp_path) as url:
        fields = {"voice_name": "budget", "voice_file_url": f"{url}/file"}
        assert asked(worker, endpoint="upload", **fields)["code"] == "voice_rejected"
        recording = {"audio_url": f"{url}/file", "text": "Hi.", "timing_method": "estimate"}
        reply = asked(worker, endpoint="timing", **recording)
    assert reply["code"] in ("alignment_failed", "too_large")

"""A client's bucket that answers most requests well, and some of them oddly."""

import dataclasses
import hashlib
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import strategies as st

from tests.fuzz.conftest import Fuzz, asker
from tests.support.odd_s3 import ODD_ANSWERS, OddServer, Request, odd_server, response
from tests.support.web import ALLOW_PRIVATE
from worker.state import Worker

pytestmark = pytest.mark.slow

ALLOWED = ("storage_error", "not_found", "alignment_failed")
"""The last where the bytes of a stored recording were changed on their way."""
DATE = "Fri, 27 Nov 2026 10:00:00 GMT"


class Bucket:
    """Objects in memory, behind as much of S3's protocol as the worker uses."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}

    def __call__(self, request: Request) -> bytes:
        parts = urlsplit(request.path)
        key = unquote(parts.path).removeprefix("/bucket").lstrip("/")
        if request.method == "PUT":
            self.objects[key] = request.body
            return response(200, b"", {"ETag": _etag(request.body)})
        if request.method == "DELETE":
            self.objects.pop(key, None)
            return response(204)
        if not key:
            return self._listing(parse_qs(parts.query).get("prefix", [""])[0])
        data = self.objects.get(key)
        if data is None:
            return response(404, b"<Error><Code>NoSuchKey</Code></Error>")
        head = {"ETag": _etag(data), "Last-Modified": DATE, "Content-Length": len(data)}
        return response(200, b"" if request.method == "HEAD" else data, head)

    def _listing(self, prefix: str) -> bytes:
        entries = "".join(
            f"<Contents><Key>{key}</Key><Size>{len(data)}</Size><ETag>{_etag(data)}</ETag>"
            f"<LastModified>2026-11-27T10:00:00.000Z</LastModified></Contents>"
            for key, data in sorted(self.objects.items())
            if key.startswith(prefix)
        )
        whole = f"<ListBucketResult><IsTruncated>false</IsTruncated>{entries}</ListBucketResult>"
        return response(200, whole.encode())


def _etag(data: bytes) -> str:
    return f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'


Change = Callable[[bytes], bytes]


def _replaced(odd: bytes) -> Change:
    return lambda answer: odd


def _cut(size: int) -> Change:
    return lambda answer: answer[:size]


def _changed(place: int, new: bytes) -> Change:
    return lambda answer: answer[:place] + new + answer[place + len(new) :]


@st.composite
def oddities(draw: st.DrawFn) -> dict[int, Change]:
    """What becomes of some of the first answers, by their number: replaced, cut or changed."""
    changes: dict[int, Change] = {}
    for number in draw(st.lists(st.integers(0, 8), min_size=1, max_size=4, unique=True)):
        kind = draw(st.integers(0, 3))
        if kind < 2:
            changes[number] = _replaced(ODD_ANSWERS[draw(st.sampled_from(sorted(ODD_ANSWERS)))])
        elif kind == 2:
            changes[number] = _cut(draw(st.integers(0, 400)))
        else:
            new = draw(st.binary(min_size=1, max_size=3))
            changes[number] = _changed(draw(st.integers(0, 300)), new)
    return changes


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[OddServer]:
    monkeypatch.setenv(ALLOW_PRIVATE, "1")
    with odd_server() as server:
        yield server


def test_every_job_is_stored_or_says_what_the_bucket_did(
    fuzz: Fuzz, logged: list[str], worker: Worker, server: OddServer
) -> None:
    ask = asker(dataclasses.replace(worker, patience_s=0.0, max_answer_s=5.0), logged)
    config = {
        "accessId": "id",
        "accessSecret": "secret",
        "bucketName": "bucket",
        "endpointUrl": server.url,
    }

    def run(changes: dict[int, Change]) -> None:
        bucket, numbers = Bucket(), iter(range(10**9))

        def answer(request: Request) -> bytes:
            return changes.get(next(numbers), bytes)(bucket(request))

        def asked(fields: dict[str, Any]) -> dict[str, Any]:
            nonlocal numbers
            numbers = iter(range(10**9))
            reply = ask(fields, s3Config=config)
            assert reply.get("code", "storage_error") in ALLOWED, reply
            return reply

        server.answer, server.seen = answer, []
        reply = asked({"text": "Hi.", "return_word_timings": True, "timing_format": "all"})
        if "error" not in reply:
            made = {key.split("/")[0] for key in bucket.objects}
            # A take that the bucket refuses makes a later job slower, and fails none.
            assert made - {"chunks"} == {"output", "timings", "jobs"}, (made, reply)
            finished = {"job_id": reply["job_id"]}
            asked({"endpoint": "status", **finished})
            asked({"endpoint": "download", "format": "html", **finished})
            asked({"endpoint": "timing", "timing_method": "estimate", **finished})

    fuzz(oddities(), run, rounds=3)

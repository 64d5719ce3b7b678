"""A job's files on their way into the store, and its record."""

import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from jobs.results.manifest import (
    Manifest,
    NormalizationOptions,
    RenderedFile,
    StoredFile,
    put_files,
    read,
)
from jobs.results.replies import MAX_TEXT, TimingReply, TtsReply
from storage import keys
from storage.local import LocalStore
from storage.store import StorageError
from tts.asr.verify import ChunkQuality


class Meeting(LocalStore):
    """Takes an object only while others come, and none that is called bad."""

    def __init__(self, folder: Path, together: int) -> None:
        super().__init__(folder)
        self._barrier = threading.Barrier(together)

    def put(self, key: str, data: bytes, content_type: str) -> None:
        self._barrier.wait(timeout=60)
        if key.endswith("bad"):
            raise StorageError("the store is full", "make room")
        super().put(key, data, content_type)


def files(*names: str) -> list[RenderedFile]:
    stored = [StoredFile(key=f"a/{n}", content_type="text/plain", filename=n) for n in names]
    return [RenderedFile("timing", file.filename, file, b"x") for file in stored]


def test_files_go_side_by_side(tmp_path: Path) -> None:
    store = Meeting(tmp_path, 3)
    put_files(store, files("1", "2", "3"))
    assert len(list(store.list("a/"))) == 3


def test_a_failure_comes_after_the_others_have_ended(tmp_path: Path) -> None:
    store = Meeting(tmp_path, 3)
    with pytest.raises(StorageError, match="make room"):
        put_files(store, files("bad", "2", "3"))
    assert [info.key for info in store.list("a/")] == ["a/2", "a/3"]


def test_the_longest_record_of_this_worker_can_be_read_again(tmp_path: Path) -> None:
    """Every text of a request has its most characters, each of four bytes."""
    store, job_id, letter = LocalStore(tmp_path), keys.JobId("longest"), "\U00010300"
    words = {f"{number:03}" + 97 * letter: 200 * letter for number in range(200)}
    stored = files("longest.wav")[0].stored
    common: dict[str, Any] = {"job_id": job_id, "warnings": [], "metrics": {}, "duration": 1.0}
    facts = TtsReply(
        **common, sample_rate=24000, output_format="wav", seed=1, voice="a", engine="f5",
        text=20_000 * letter,
        quality=[ChunkQuality(chunk=0, tries=1, word_error_rate=0.0, heard=20_000 * letter)],
    )  # fmt: skip
    timed = TimingReply(
        **common, timing_format="srt", timing_method="sphinx", word_count=1, language="en",
        timing_confidence=1.0, text=MAX_TEXT * letter,
    )  # fmt: skip
    reading = NormalizationOptions.of("en-GB", True, words)
    times: dict[str, Any] = {"input_sha256": "", "created_at": datetime.now(UTC), "job_id": job_id}
    for record in (
        Manifest(**times, endpoint="tts", facts=facts, reading=reading, audio={"wav": stored}),
        Manifest(**times, endpoint="timing", facts=timed, timings={"srt": stored}),
    ):
        record.write(store)
        assert read(store, job_id) == record
    assert reading.as_request() == {
        "language": "en-GB", "normalize": True, "pronunciations": words
    }  # fmt: skip
    assert NormalizationOptions.of("en", True, {}).as_request()["language"] == "en"

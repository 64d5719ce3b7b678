"""`timing` of a sound file that was put to an `upload_url`, through the real handler."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from storage import keys
from storage.local import LocalStore
from storage.store import ObjectInfo, StorageError
from tests.support import handling
from tests.support.loop import without_links
from tests.support.seaweed import Seaweed
from tests.support.waiting import PATIENCE_S
from tests.timing.fixtures import sentences
from worker.cancellation import ActiveJobs
from worker.state import Worker

RECORDING = Path("tests/data/timing/08.wav").read_bytes()


def ask(worker: Worker, this_id: str, **fields: Any) -> dict[str, Any]:
    return handling.handle(worker, {"id": this_id, "input": fields}, lambda *_: None)


def timed(worker: Worker, this_id: str, upload_id: str) -> dict[str, Any]:
    text = sentences()[8].text
    return ask(worker, this_id, endpoint="timing", upload_id=upload_id, text=text)


def test_a_file_without_a_url_is_timed_and_removed(worker: Worker, seaweed: Seaweed) -> None:
    in_bucket = replace(worker, store=seaweed.store())
    place = ask(in_bucket, "timing-place", endpoint="upload", voice_name="any")
    early = timed(in_bucket, "timing-early", place["upload_id"])
    assert early["code"] == "not_found"
    assert "PUT the file first" in early["error"]
    assert httpx.put(place["upload_url"], content=RECORDING, timeout=PATIENCE_S).status_code == 200
    reply = timed(in_bucket, "timing-upload", place["upload_id"])
    assert reply["timing_method"] == "sphinx"
    assert "-->" in httpx.get(reply["timing_files"]["srt"], timeout=PATIENCE_S).text
    assert in_bucket.store.stat(keys.upload(place["upload_id"])) is None
    assert in_bucket.store.stat(keys.voice_clip("any")) is None
    # RunPod delivers the job again: it is answered from its record.
    again = timed(in_bucket, "timing-upload", place["upload_id"])
    assert without_links(again) == without_links(reply)
    assert timed(in_bucket, "timing-late", place["upload_id"])["code"] == "not_found"


def test_two_workers_that_do_the_job_at_once_both_succeed(worker: Worker, tmp_path: Path) -> None:
    class Overtaken(LocalStore):
        """The other worker does the job when this one looks for the upload."""

        def stat(self, key: str) -> ObjectInfo | None:
            if key.startswith("uploads/"):
                first.append(timed(on(LocalStore(tmp_path)), "both", "both"))
            return super().stat(key)

    def on(store: LocalStore) -> Worker:
        return replace(worker, store=store, active_jobs=ActiveJobs())

    first: list[dict[str, Any]] = []
    LocalStore(tmp_path).put(keys.upload("both"), RECORDING, "audio/wav")
    second = timed(on(Overtaken(tmp_path)), "both", "both")
    assert [without_links(one) for one in first] == [without_links(second)]
    assert second["status"] == "completed"


def test_a_file_that_cannot_be_removed_is_a_warning(worker: Worker, tmp_path: Path) -> None:
    class Undeletable(LocalStore):
        """A store whose rights do not include deletion."""

        def delete(self, key: str) -> None:
            raise StorageError("access denied", "allow s3:DeleteObject")

    keeping = replace(worker, store=Undeletable(tmp_path))
    keeping.store.put(keys.upload("kept"), RECORDING, "audio/wav")
    reply = timed(keeping, "kept", "kept")
    assert "could not be removed from the store: access denied" in reply["warnings"][-1]


@pytest.mark.parametrize("fields", [{"job_id": "a"}, {"audio_url": "https://a.example/b"}])
def test_one_source_alone_counts(worker: Worker, fields: dict[str, str]) -> None:
    reply = ask(worker, "sources", endpoint="timing", upload_id="a", **fields)
    assert "only one of them" in reply["error"]

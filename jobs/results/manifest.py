"""The record of a finished job, written last: a job without one did not finish."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from errors import WorkerError
from jobs.schema.fields import Language, Pronunciations
from jobs.schema.validation import InvalidRequest
from storage import keys
from storage.store import NotFound, Store, TooLarge

FILES_AT_ONCE = 8


class JobNotFound(WorkerError):
    """No finished job has this id."""

    code: ClassVar[str] = "not_found"

    def __init__(self, job_id: str) -> None:
        super().__init__(f"no finished job {job_id!r}; RunPod's own /status knows running ones")


class FileDeleted(WorkerError):
    """A file that a finished job made and somebody, or the bucket's own rules, deleted since."""

    code: ClassVar[str] = "not_found"

    def __init__(self, job_id: str, filename: str) -> None:
        super().__init__(
            f"{filename} of job {job_id!r} was deleted from the store; send its input as a new job"
        )


class StoredFile(BaseModel):
    """One object of a finished job, and what a download of it is called."""

    key: str
    content_type: str
    filename: str


@dataclass(frozen=True)
class RenderedFile:
    """A file that a job made, on its way into the store.

    format: its name in requests and replies, such as `wav` or `srt`.
    content: its bytes, or the path of a large file in the job's folder.
    """

    kind: Literal["audio", "timing"]
    format: str
    stored: StoredFile
    content: bytes | Path


class NormalizationOptions(BaseModel):
    """How a job's text was read to the voice; within the bounds of a request."""

    model_config = ConfigDict(frozen=True)

    language: Language
    normalize: bool
    pronunciations: Pronunciations = Field(max_length=200)


class Manifest(BaseModel):
    """What a job made, without links: those are signed anew for each reply.

    `audio` and `timings` are by format; a `timing` job has no audio of its own, and where it is of
    another job's audio, that is `source`. `facts` is the reply but for its URLs. `input_sha256`
    tells a job delivered twice from another job under the same id. Nothing in it is believed: the
    bucket may be a client's, who may have written it.
    """

    model_config = ConfigDict(frozen=True)

    job_id: keys.JobId
    endpoint: str
    input_sha256: str
    created_at: datetime
    facts: dict[str, Any]
    reading: NormalizationOptions | None = None
    audio: dict[str, StoredFile] = {}
    timings: dict[str, StoredFile] = {}
    source: StoredFile | None = None

    @property
    def source_audio(self) -> StoredFile | None:
        """The audio that the timing files are of, where it is in the store."""
        return next(iter(self.audio.values()), self.source)

    @property
    def primary_file(self) -> StoredFile | None:
        """The audio that the job made, or its first timing file where it made none."""
        return next(iter([*self.audio.values(), *self.timings.values()]), None)

    def write(self, store: Store) -> None:
        """Store the manifest; afterwards the job is finished on every worker."""
        store.put(keys.manifest(self.job_id), self.model_dump_json().encode(), "application/json")


def put_files(store: Store, files: Sequence[RenderedFile]) -> None:
    """Put files into the store side by side; the manifest that names them is still to be written.

    All of them have ended when this returns, or raises the first one's StorageError. Those of a job
    that failed stay: another worker may be at the same job, whose files have the same keys.
    """

    def put(file: RenderedFile) -> None:
        stored = file.stored
        if isinstance(file.content, Path):
            store.put_file(stored.key, file.content, stored.content_type)
        else:
            store.put(stored.key, file.content, stored.content_type)

    with ThreadPoolExecutor(FILES_AT_ONCE, "upload") as threads:
        uploads = [threads.submit(put, file) for file in files]
    for upload in uploads:
        upload.result()


def read(store: Store, job_id: keys.JobId) -> Manifest | None:
    """The manifest of a finished job, or None; an unreadable one counts as none."""
    try:
        return Manifest.model_validate_json(store.get(keys.manifest(job_id)))
    except (NotFound, TooLarge, ValidationError):
        return None


def load_previous(store: Store, job_id: keys.JobId, input_sha256: str) -> Manifest | None:
    """The manifest of this very job, where it was finished before and what it made is still there.
    Raises InvalidRequest for another job under the same id."""
    found = read(store, job_id)
    if found is None:
        return None
    require_same_input(job_id, found.input_sha256, input_sha256)
    made = found.primary_file
    return None if made is not None and store.stat(made.key) is None else found


def require_same_input(job_id: str, before: str, now: str) -> None:
    """Raise InvalidRequest where the input of a job's id is not the one of before."""
    if before != now:
        raise InvalidRequest([f"job id {job_id} was used before, for another input"])


def require_file(store: Store, job_id: str, file: StoredFile | None) -> None:
    """Raise FileDeleted where a job's file is gone from the store."""
    if file is not None and store.stat(file.key) is None:
        raise FileDeleted(job_id, file.filename)


def load_finished(store: Store, job_id: keys.JobId) -> Manifest:
    """The manifest of a finished job. Raises JobNotFound."""
    found = read(store, job_id)
    if found is None:
        raise JobNotFound(job_id)
    return found


def expires_at(url_expires_s: int) -> datetime:
    """When a link signed now stops working, to the second."""
    return (datetime.now(UTC) + timedelta(seconds=url_expires_s)).replace(microsecond=0)


class FileNotFound(WorkerError):
    """A finished job that has no such file."""

    code: ClassVar[str] = "not_found"

    def __init__(self, job_id: str, wanted: str, available: list[str]) -> None:
        has = ", ".join(available) or "none"
        super().__init__(f"job {job_id!r} has no {wanted}; it has: {has}")

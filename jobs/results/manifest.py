"""The manifest of a finished job. It is written last: a job without one has not finished."""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    model_validator,
)

from errors import WorkerError
from jobs.results import stored_json
from jobs.results.replies import DubReply, SpeechReply, TimingReply, TtsReply
from jobs.schema.fields import Language, Pronunciations
from jobs.schema.validation import InvalidRequest
from storage import keys
from storage.store import Store
from timing.parts import MAX_PARTS

FILES_AT_ONCE = 8
"""Parallel uploads of one job."""

MAX_MANIFEST_BYTES = 5_000_000
"""More than any manifest of this worker has: its longest text is 800 kB, which its scenes hold once
more; its takes and its options take less than another 1 MB."""

MAX_FILES = 32
"""Most files of one kind in a manifest; there are fewer formats."""


MAX_TAKES = 1000
"""Most takes that are kept of a job; a script of usual sentences has 400 chunks at most."""

MAX_TAKE_SAMPLES = 10_000_000
"""Most samples of a take that is kept: seven minutes, and chunks are shorter than one."""

MAX_ALL_SAMPLES = 200_000_000
"""Most samples of all takes of a job together, which are 400 MB in memory: over two hours, and a
script of the most characters lasts about one and a half at the slowest `speed`."""

MAX_AUDIO_MS = 1e9
"""More milliseconds than any audio has."""


class JobNotFound(WorkerError):
    """No finished job has this id."""

    code: ClassVar[str] = "not_found"

    def __init__(self, job_id: str) -> None:
        super().__init__(f"no finished job {job_id!r}; RunPod's own /status knows running ones")


class FileDeleted(WorkerError):
    """A file of a finished job that a person or a lifecycle rule of the bucket deleted."""

    code: ClassVar[str] = "not_found"

    def __init__(self, job_id: str, filename: str) -> None:
        super().__init__(
            f"{filename} of job {job_id!r} was deleted from the store; send its input as a new job"
        )


def _check_key(raw: str) -> str:
    try:
        return keys.check_key(raw)
    except keys.InvalidName as error:
        raise ValueError(error.sentence) from None


class StoredFile(BaseModel):
    """One object of a finished job. `filename` is the name of its download."""

    key: Annotated[str, AfterValidator(_check_key)]
    content_type: str = Field(max_length=100, pattern="^[ -~]+$")
    filename: str = Field(max_length=255, pattern=r"^[A-Za-z0-9_-][A-Za-z0-9._-]*$")


Files = Annotated[
    dict[Annotated[str, Field(pattern="^[a-z0-9]{1,16}$")], StoredFile],
    Field(max_length=MAX_FILES),
]
"""Files by format. The pattern and not a list of names: a later release may know more formats."""


@dataclass(frozen=True)
class RenderedFile:
    """A file that a job made, on its way into the store.

    kind: `included` is for the worker itself, see `jobs.results.included`.
    format: its name in requests and replies, such as `wav` or `srt`; the index of a part.
    content: its bytes, or the path of a large file in the job's folder.
    """

    kind: Literal["audio", "timing", "part", "included"]
    format: str
    stored: StoredFile
    content: bytes | Path


class StoredTake(BaseModel):
    """The take of one chunk, which a job that is based on this one may use again.

    text: the spoken text of the chunk.
    origin: what the take is made of; see `tts.takes.origin`.
    sha256: of its file, which names the object.
    length: its samples.
    start_ms: when the chunk begins in the job's audio.
    quieter: the factors by which its peaks made all of the audio quieter.
    """

    model_config = ConfigDict(frozen=True)

    text: str = Field(min_length=1, max_length=20_000)
    origin: str = Field(pattern="^[0-9a-f]{64}$")
    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    length: int = Field(ge=1, le=MAX_TAKE_SAMPLES)
    start_ms: float = Field(ge=0, le=MAX_AUDIO_MS)
    quieter: list[Annotated[float, Field(ge=0.001, le=1)]] = Field([], max_length=20)


class NormalizationOptions(BaseModel):
    """How a job normalized its text. The fields have the limits of a request's fields.

    region: of the language's tag. It has a field of its own, because a worker of an earlier release
        reads the same records, and to it a language is two letters.
    """

    model_config = ConfigDict(frozen=True)

    language: Language
    region: str | None = Field(None, pattern=r"^(?:[A-Z]{2}|[0-9]{3})$")
    normalize: bool
    pronunciations: Pronunciations = Field(max_length=200)

    @classmethod
    def of(
        cls, tag: str, normalize: bool, pronunciations: Mapping[str, str]
    ) -> "NormalizationOptions":
        """The options of a request; `tag` is its language."""
        language, _, region = tag.partition("-")
        return cls(
            language=language,
            region=region or None,
            normalize=normalize,
            pronunciations=dict(pronunciations),
        )

    def as_request(self) -> dict[str, Any]:
        """The same options as fields of a request."""
        tag = f"{self.language}-{self.region}" if self.region else self.language
        return {
            "language": tag,
            "normalize": self.normalize,
            "pronunciations": self.pronunciations,
        }


class Manifest(BaseModel):
    """The files and facts of a finished job. It holds no links: each reply signs new ones.

    endpoint: `tts`, `dub` or `timing`, for people; `facts` has the type of its reply.
    facts: the reply without its links.
    input_sha256: the fingerprint of the job's envelope.
    reading: how the text was normalized; None for a `timing` job.
    audio, timings: the files by format; a `timing` job has no audio.
    parts: the files of the parts of the audio, in order, if the request asks for them.
    included: the object with what the reply includes of the timing files.
    source: the stored audio of another job that a `timing` job was about.
    options: the fields of the request that a job based on this one takes over.
    takes: those of the chunks, in order; none if they are not kept.
    idempotency_sha256: of the request's `idempotency_key`; None without one.
    gain_db: by how much the speech was made louder for its `loudness`.
    """

    model_config = ConfigDict(frozen=True)

    job_id: keys.JobId
    endpoint: Literal["tts", "dub", "timing"]
    input_sha256: str = Field(max_length=64)
    created_at: datetime
    facts: DubReply | TtsReply | TimingReply
    reading: NormalizationOptions | None = None
    audio: Files = {}
    timings: Files = {}
    parts: list[StoredFile] = Field([], max_length=MAX_PARTS)
    included: StoredFile | None = None
    source: StoredFile | None = None
    options: dict[str, Any] = {}
    takes: list[StoredTake] = Field([], max_length=MAX_TAKES)
    idempotency_sha256: str | None = Field(None, pattern="^[0-9a-f]{64}$")
    gain_db: float | None = Field(None, ge=-100, le=100)

    @model_validator(mode="after")
    def _has_its_files(self) -> "Manifest":
        if not (self.audio if isinstance(self.facts, SpeechReply) else self.timings):
            raise ValueError("a finished job has a file")
        if sum(take.length for take in self.takes) > MAX_ALL_SAMPLES:
            raise ValueError("no job keeps so much audio of its takes")
        return self

    @property
    def source_audio(self) -> StoredFile | None:
        """The audio that the timing files are about, if it is in the store."""
        return next(iter(self.audio.values()), self.source)

    @property
    def primary_file(self) -> StoredFile:
        """The job's audio; for a job without audio, its first timing file."""
        return next(iter([*self.audio.values(), *self.timings.values()]))

    def write(self, store: Store) -> None:
        """Store the manifest. From then on, every worker sees the job as finished."""
        store.put(
            keys.manifest(self.job_id),
            self.model_dump_json(exclude_none=True).encode(),
            "application/json",
        )


def put_files(store: Store, files: Sequence[RenderedFile]) -> None:
    """Upload files in parallel, and wait for all of them. Raises the first StorageError.

    After a failure the other files stay: another worker may run the same job, and its files have
    the same keys.
    """

    def put(file: RenderedFile) -> None:
        stored = file.stored
        if isinstance(file.content, Path):
            store.put_file(stored.key, file.content, stored.content_type)
        else:
            store.put(stored.key, file.content, stored.content_type)

    with ThreadPoolExecutor(FILES_AT_ONCE, "upload") as threads:
        uploads = [threads.submit(put, file) for file in files]
    # The end of the `with` block has waited for all uploads: no thread still reads a file of the
    # job's folder when an error here ends the job and removes the folder.
    for upload in uploads:
        upload.result()


def read(store: Store, job_id: keys.JobId) -> Manifest | None:
    """The manifest of a finished job; None if there is none that can be read."""
    # Without one the job is done again or not found.
    record = stored_json.read(Manifest, store, keys.manifest(job_id), MAX_MANIFEST_BYTES)
    return record and record.model_copy(update={"job_id": job_id})


def load_previous(store: Store, job_id: keys.JobId, input_sha256: str) -> Manifest | None:
    """The manifest that an earlier delivery of this job wrote, if its primary file still exists.

    Raises InvalidRequest if a job with another input had the same id.
    """
    record = read(store, job_id)
    if record is None:
        return None
    require_same_input(job_id, record.input_sha256, input_sha256)
    # A person or a lifecycle rule may have deleted the audio: then the job is done again.
    return record if store.stat(record.primary_file.key) else None


def require_same_input(job_id: str, recorded_sha256: str, input_sha256: str) -> None:
    """Raise InvalidRequest unless the recorded fingerprint of this id is that of its input now."""
    # Without this check the client would get the reply to another input.
    if recorded_sha256 != input_sha256:
        raise InvalidRequest(
            [f"job id {job_id} was used before, for another input; send it as a new job"]
        )


def require_file(store: Store, job_id: str, file: StoredFile) -> None:
    """Raise FileDeleted if the store no longer has a job's file."""
    if store.stat(file.key) is None:
        raise FileDeleted(job_id, file.filename)


def load_finished(store: Store, job_id: keys.JobId) -> Manifest:
    """The manifest of a finished job. Raises JobNotFound."""
    record = read(store, job_id)
    if record is None:
        raise JobNotFound(job_id)
    return record


def fresh_fields(record: Manifest, store: Store, expires_s: int) -> dict[str, Any]:
    """The fields of a finished job's reply that its facts lack: its id, and links signed now.

    store: where the files lie; it signs the links.
    expires_s: how long the links are valid, in seconds.
    """
    links = {name: store.url(file.key, expires_s) for name, file in record.timings.items()}
    fields = {
        "job_id": record.job_id,
        "expires_at": expires_at(expires_s),
        "timing_files": links or None,
    }
    if isinstance(record.facts, SpeechReply):
        fields["audio_url"] = store.url(record.primary_file.key, expires_s)
        if record.facts.parts:
            fields["parts"] = [
                facts.model_copy(update={"audio_url": store.url(file.key, expires_s)})
                for facts, file in zip(record.facts.parts, record.parts, strict=False)
            ]
    return fields


def expires_at(url_expires_s: int) -> datetime:
    """When a link that is signed now expires, to the second."""
    return (datetime.now(UTC) + timedelta(seconds=url_expires_s)).replace(microsecond=0)


class FileNotFound(WorkerError):
    """A finished job that has no such file."""

    code: ClassVar[str] = "not_found"

    def __init__(self, job_id: str, wanted: str, available: list[str]) -> None:
        # The names come out of the store, where the owner of a bucket may write any number of them.
        has = f"it has: {', '.join(available[:20])}" if available else "it has none"
        is_untimed = not available and wanted.startswith("timing file")
        remedy = "; the endpoint timing can make them from its audio" if is_untimed else ""
        super().__init__(f"job {job_id!r} has no {wanted}; {has}{remedy}")

"""The steps that `tts` and `timing` share: replay a finished job, or upload, record and reply."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, Literal, TypeVar

from jobs.results import included, manifest, timing_files
from jobs.results.manifest import (
    Manifest,
    NormalizationOptions,
    RenderedFile,
    StoredFile,
    StoredTake,
    fresh_fields,
)
from jobs.results.replies import DubReply, TimingReply, TtsReply
from jobs.results.word_times import Included
from storage.store import Store
from worker.job import Job

Reply = TypeVar("Reply", TtsReply, DubReply, TimingReply)


@dataclass(frozen=True)
class ResultWriter(Generic[Reply]):
    """Writes and reads the results of one endpoint.

    endpoint: its name in the manifest.
    reply_type: the model of its replies.
    """

    endpoint: Literal["tts", "dub", "timing"]
    reply_type: type[Reply]

    def replay(self, job: Job, url_expires_s: int) -> Reply | None:
        """The reply to a job that an earlier delivery finished, with fresh links; None if none did.

        url_expires_s: how long the links are valid, in seconds.

        Raises InvalidRequest if a job with another input had the same id.
        """
        record = manifest.load_previous(job.store, job.id, job.input_sha256)
        again = None if record is None else self.again(record, job, url_expires_s)
        if again is not None:
            job.log.info("this job has finished before: its stored reply is sent again")
        return again

    def again(
        self, record: Manifest, job: Job, url_expires_s: int, reused_from: str | None = None
    ) -> Reply | None:
        """The reply to a finished job, with fresh links; None if another endpoint made it.

        url_expires_s: how long the links are valid, in seconds.
        reused_from: the id of that job, where another one is answered with its record.
        """
        facts = record.facts
        if not isinstance(facts, self.reply_type):
            return None
        fields = stored_fields(record, job.store, url_expires_s)
        return facts.model_copy(update=fields | {"reused_from": reused_from})

    def record(
        self,
        job: Job,
        facts: Reply,
        files: Sequence[RenderedFile],
        *,
        url_expires_s: int,
        reading: NormalizationOptions | None = None,
        source: StoredFile | None = None,
        options: Mapping[str, Any] | None = None,
        takes: Sequence[StoredTake] = (),
        including: Included | None = None,
        gain_db: float | None = None,
    ) -> Reply:
        """Write the manifest, which makes the job a finished one, and reply. Raises StorageError.

        job: its id, fingerprint and store are those of the manifest.
        facts: the reply without its links.
        files: what `upload` has put into the store.
        url_expires_s: how long the links of the reply are valid, in seconds.
        reading: how the text was normalized, for a later `timing` job of the same audio.
        source: the stored audio that the timing files are about, if another job made it.
        options, takes, gain_db: what a job that is based on this one uses again.
        including: what the reply has of the timing files; one of `files` keeps it.
        """
        facts = facts.with_warnings(job.notes)
        record = Manifest(
            job_id=job.id,
            endpoint=self.endpoint,
            input_sha256=job.input_sha256,
            created_at=datetime.now(UTC),
            facts=facts,
            reading=reading,
            audio={file.format: file.stored for file in files if file.kind == "audio"},
            timings={file.format: file.stored for file in files if file.kind == "timing"},
            parts=[file.stored for file in files if file.kind == "part"],
            included=next((file.stored for file in files if file.kind == "included"), None),
            source=source,
            options=dict(options or {}),
            takes=list(takes),
            idempotency_sha256=job.idempotency_sha256 or None,
            gain_db=gain_db,
        )
        with job.stage("record"):
            record.write(job.store)
        # The manifest cannot hold how long it took to write it: only this reply says so.
        metrics = facts.metrics | job.times()
        fields = fresh_fields(record, job.store, url_expires_s) | {"metrics": metrics}
        fields |= included.as_fields(including) if including else {}
        return facts.model_copy(update=fields)


def stored_fields(record: Manifest, store: Store, expires_s: int) -> dict[str, Any]:
    """The fields that a later reply of a finished job has in place of those of its facts.

    store: where the job's files lie.
    expires_s: how long the links are valid, in seconds.
    """
    fields, problems = included.load(record, store)
    problems += timing_files.refresh_page_link(record, store, expires_s)
    warnings = [*record.facts.warnings, *problems]
    return fields | fresh_fields(record, store, expires_s) | {"warnings": warnings}


def upload(job: Job, files: Sequence[RenderedFile]) -> None:
    """Put the files into the job's store, as stage `upload`. Raises StorageError, Cancelled."""
    job.progress("upload", 0, len(files))
    with job.stage("upload"):
        manifest.put_files(job.store, files)

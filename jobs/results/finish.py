"""The steps that `tts` and `timing` share: replay a finished job, or upload, record and reply."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from jobs.results import manifest, timing_files
from jobs.results.manifest import Manifest, NormalizationOptions, RenderedFile, StoredFile
from jobs.schema.model import Model
from storage.store import Store
from worker.job import Job

Reply = TypeVar("Reply", bound=Model)


@dataclass(frozen=True)
class ResultWriter(Generic[Reply]):
    """Writes and reads the results of one endpoint.

    endpoint: its name in the manifest.
    reply_from: makes a reply from a manifest. It gets the store that signs the links, and the
        seconds for which they are valid.
    """

    endpoint: str
    reply_from: Callable[[Manifest, Store, int], Reply]

    def replay(self, job: Job, url_expires_s: int) -> Reply | None:
        """The reply to a job that an earlier delivery finished, with fresh links; None if none did.

        url_expires_s: how long the links are valid, in seconds.

        Raises InvalidRequest if a job with another input had the same id.
        """
        record = manifest.load_previous(job.store, job.id, job.input_sha256)
        if record is None:
            return None
        job.log.info("this job was finished before; answering from its manifest")
        timing_files.refresh_page_link(record, job.store, url_expires_s)
        return self.reply_from(record, job.store, url_expires_s)

    def record(
        self,
        job: Job,
        facts: Reply,
        files: Sequence[RenderedFile],
        *,
        url_expires_s: int,
        reading: NormalizationOptions | None = None,
        source: StoredFile | None = None,
    ) -> Reply:
        """Write the manifest, which makes the job a finished one, and reply. Raises StorageError.

        job: its id, fingerprint and store are those of the manifest.
        facts: the reply without its links.
        files: what `upload` has put into the store.
        url_expires_s: how long the links of the reply are valid, in seconds.
        reading: how the text was normalized, for a later `timing` job of the same audio.
        source: the stored audio that the timing files are about, if another job made it.
        """
        record = Manifest(
            job_id=job.id,
            endpoint=self.endpoint,
            input_sha256=job.input_sha256,
            created_at=datetime.now(UTC),
            facts=facts.model_dump(mode="json", exclude_none=True),
            reading=reading,
            audio={file.format: file.stored for file in files if file.kind == "audio"},
            timings={file.format: file.stored for file in files if file.kind == "timing"},
            source=source,
        )
        with job.stage("record"):
            record.write(job.store)
        # The reply comes from the manifest, so that a later `status` answers with the same fields.
        reply = self.reply_from(record, job.store, url_expires_s)
        # The manifest cannot hold how long it took to write it: only this reply says so.
        metrics = record.facts["metrics"] | job.times()
        return reply.model_copy(update={"metrics": metrics})


def upload(job: Job, files: Sequence[RenderedFile]) -> None:
    """Put the files into the job's store, as stage `upload`. Raises StorageError, Cancelled."""
    job.progress("upload", 0, len(files))
    with job.stage("upload"):
        manifest.put_files(job.store, files)

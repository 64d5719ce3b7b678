"""`list_jobs`: the finished jobs whose records are in the store."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, Field

from jobs.results import stored_json
from jobs.results.manifest import MAX_MANIFEST_BYTES
from jobs.schema.fields import Whole
from jobs.schema.model import Model, Request
from messages import quote_value
from storage import keys
from storage.store import ObjectInfo, Store
from worker.job import Job
from worker.state import Worker

PARALLEL_READS = 8
MAX_ID = 128


def _beginning(raw: str) -> str:
    """The beginning of a job's id."""
    if raw:
        try:
            # "x" ends a beginning such as "a." as an id may end.
            keys.parse_job_id(f"{raw}x"[:MAX_ID])
        except keys.InvalidName:
            raise ValueError(f"{quote_value(raw)} is not the beginning of a job id") from None
    return raw


IdPart = Annotated[str, Field(max_length=MAX_ID), AfterValidator(_beginning)]


class ListJobsRequest(Request):
    """A part of the list; without any field, its first page."""

    prefix: IdPart = Field("", description="Only ids that start with it.")
    after: IdPart = Field("", description="Only ids that come after it.")
    limit: Whole = Field(100, ge=1, le=1000, description="How many jobs a page has.")


class JobInfo(Model):
    """A finished job: when its record was written, and the seconds of its audio.

    A record that cannot be read has its id and its date alone.
    """

    job_id: str
    endpoint: str | None = None
    created_at: datetime
    duration: float | None = None


class ListJobsReply(Model):
    """A page of the jobs, by id. If there are more, `next_after` is `after` for the next page."""

    status: Literal["success"] = "success"
    jobs: list[JobInfo]
    count: int
    next_after: str | None = None
    warnings: list[str] | None = None

    def summary(self) -> str:
        """How many jobs the page has."""
        return f"{self.count} jobs"


class _Facts(BaseModel):
    duration: float | None = Field(None, ge=0, allow_inf_nan=False)


class _Record(BaseModel):
    """What the list shows of a manifest."""

    endpoint: str = Field(max_length=32)
    created_at: datetime
    facts: _Facts


def run(worker: Worker, request: ListJobsRequest, job: Job) -> ListJobsReply:
    """List one page of the finished jobs. Raises storage_error."""
    found = {
        job_id: info
        for info in job.store.list(f"jobs/{request.prefix}")
        # The key of the job `a` begins with `jobs/a.`, too.
        if (job_id := keys.job_of(info.key)) is not None and job_id.startswith(request.prefix)
    }
    ids = sorted(job_id for job_id in found if job_id > request.after)
    page = ids[: request.limit]

    def describe(job_id: keys.JobId) -> JobInfo:
        # A page may take minutes on a slow store: a stop ends it between two records.
        job.stop.raise_if_cancelled()
        return _describe(job.store, job_id, found[job_id])

    with ThreadPoolExecutor(PARALLEL_READS) as threads:
        jobs = list(threads.map(describe, page))
    return ListJobsReply(
        jobs=jobs, count=len(jobs), next_after=page[-1] if len(page) < len(ids) else None
    )


def _describe(store: Store, job_id: keys.JobId, info: ObjectInfo) -> JobInfo:
    """One job of the page. The record may be anybody's, or be deleted meanwhile."""
    record = stored_json.read(_Record, store, info.key, MAX_MANIFEST_BYTES)
    if record is None:
        return JobInfo(job_id=job_id, created_at=info.last_modified)
    return JobInfo(
        job_id=job_id,
        endpoint=record.endpoint,
        created_at=record.created_at,
        duration=record.facts.duration,
    )

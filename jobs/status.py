"""`status` and `result`: the reply of a finished job, from its manifest, on any worker."""

from pydantic import Field

from jobs.results import manifest
from jobs.results.finish import stored_fields
from jobs.results.replies import DubReply, TimingReply, TtsReply
from jobs.schema.model import JobId, Request
from worker.job import Job
from worker.state import Worker


class StatusRequest(Request):
    """The job whose reply is wanted."""

    job_id: JobId = Field(description="A finished job.")

    def summary(self) -> str:
        """Which job."""
        return f"job {self.job_id}"


def run(worker: Worker, request: StatusRequest, job: Job) -> DubReply | TtsReply | TimingReply:
    """The job's reply with new links.

    Raises not_found if the job has not finished, or if its file was deleted.
    """
    record = manifest.load_finished(job.store, request.job_id)
    manifest.require_file(job.store, request.job_id, record.primary_file)
    expires_s = worker.settings.url_expires_s
    return record.facts.model_copy(update=stored_fields(record, job.store, expires_s))

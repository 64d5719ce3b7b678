"""`status` and `result`: what became of a job, from its manifest, on any worker."""

from pydantic import Field

from jobs import manifest, timing, timing_files, tts
from jobs.base import Job, JobId, Model, Worker
from jobs.timing import TimingReply
from jobs.tts import TtsReply


class StatusRequest(Model):
    """Which job."""

    job_id: JobId = Field(description="A finished job.")


def run(worker: Worker, request: StatusRequest, job: Job) -> TtsReply | TimingReply:
    """The job's reply with fresh links. Raises not_found while there is no finished job, and where
    what it made was deleted."""
    record = manifest.find(job.store, request.job_id)
    manifest.check_there(job.store, request.job_id, record.first)
    expires_s = worker.settings.url_expires_s
    timing_files.renew_page(record, job.store, expires_s)
    if record.endpoint == "timing":
        return timing.reply_from(record, job.store, expires_s)
    return tts.reply_from(record, job.store, expires_s)

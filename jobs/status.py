"""`status` and `result`: what became of a job, from its manifest, on any worker."""

from jobs import manifest
from jobs.base import Job, JobId, Model, Worker
from jobs.tts import TtsReply, reply_from


class StatusRequest(Model):
    """Which job."""

    job_id: JobId


def run(worker: Worker, request: StatusRequest, job: Job) -> TtsReply:
    """The job's reply with fresh links. Raises not_found while there is no finished job."""
    return reply_from(manifest.find(worker.store, request.job_id), worker)

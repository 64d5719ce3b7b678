"""The record of a job that stored or deleted a voice, so that a redelivery does not repeat it."""

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from jobs.results import manifest
from storage import keys
from storage.store import NotFound, Store, TooLarge
from worker.job import Job


class _VoiceJob(BaseModel):
    """The object `jobs/voices/<id>.json` in the worker's own store, where the voices are."""

    model_config = ConfigDict(frozen=True, strict=True)

    input_sha256: str
    facts: dict[str, Any]


def load_previous(store: Store, job: Job) -> dict[str, Any] | None:
    """The facts that an earlier delivery of this job recorded, or None.

    Raises InvalidRequest if a job with another input had the same id.
    """
    try:
        record = _VoiceJob.model_validate_json(store.get(keys.voice_job(job.id)))
    except (NotFound, TooLarge, ValidationError):
        # A record that cannot be read counts as none: the job runs again and writes a new one.
        return None
    manifest.require_same_input(job.id, record.input_sha256, job.input_sha256)
    return record.facts


def write(store: Store, job: Job, facts: dict[str, Any]) -> None:
    """Record the facts for later deliveries of this job."""
    record = _VoiceJob(input_sha256=job.input_sha256, facts=facts)
    store.put(keys.voice_job(job.id), record.model_dump_json().encode(), "application/json")

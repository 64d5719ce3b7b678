"""What is kept of a job that stored or deleted a voice, so that its work is done once."""

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from jobs.results import manifest
from storage import keys
from storage.store import NotFound, Store, TooLarge
from worker.job import Job


class _VoiceJob(BaseModel):
    """The object `jobs/voices/<id>.json`, beside the voices: in the worker's own store."""

    model_config = ConfigDict(frozen=True, strict=True)

    input_sha256: str
    facts: dict[str, Any]


def earlier(store: Store, job: Job) -> dict[str, Any] | None:
    """The facts that an earlier delivery of this very job kept. Raises InvalidRequest for another
    job under the same id."""
    try:
        found = _VoiceJob.model_validate_json(store.get(keys.voice_job(job.id)))
    except (NotFound, TooLarge, ValidationError):
        return None
    manifest.require_same_input(job.id, found.input_sha256, job.input_sha256)
    return found.facts


def keep(store: Store, job: Job, facts: dict[str, Any]) -> None:
    """Store the facts, for every later delivery of this job."""
    kept = _VoiceJob(input_sha256=job.input_sha256, facts=facts)
    store.put(keys.voice_job(job.id), kept.model_dump_json().encode(), "application/json")

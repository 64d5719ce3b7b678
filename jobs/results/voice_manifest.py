"""The record of a job that stored or deleted a voice, or deleted another job.

A redelivery of such a job finds it, and does not repeat what was done.
"""

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from jobs.results import manifest, stored_json
from storage import keys
from storage.store import Store
from worker.job import Job

MAX_BYTES = 500_000
"""More than any record of this worker has: its longest text is a transcript of 80 kB."""

Facts = TypeVar("Facts", bound=BaseModel)


class _VoiceJob(BaseModel, Generic[Facts]):
    """The object `jobs/voices/<id>.json` in the worker's own store, where the voices are."""

    model_config = ConfigDict(frozen=True, strict=True, allow_inf_nan=False)

    input_sha256: str
    facts: Facts


def load_previous(store: Store, job: Job, kind: type[Facts]) -> Facts | None:
    """The facts that an earlier delivery of this job recorded, or None.

    kind: the model of the facts.

    Raises InvalidRequest if a job with another input had the same id.
    """
    record: _VoiceJob[Facts] | None = stored_json.read(
        _VoiceJob[kind],  # type: ignore[valid-type]
        store,
        keys.voice_job(job.id),
        MAX_BYTES,
    )
    # Without one the job runs again and writes a new one.
    if record is None:
        return None
    manifest.require_same_input(job.id, record.input_sha256, job.input_sha256)
    return record.facts


def write(store: Store, job: Job, facts: BaseModel) -> None:
    """Record the facts for later deliveries of this job."""
    record = _VoiceJob(input_sha256=job.input_sha256, facts=facts)
    data = record.model_dump_json(exclude_none=True).encode()
    store.put(keys.voice_job(job.id), data, "application/json")

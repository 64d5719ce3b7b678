"""`delete_job`: removes the files and the record of another job."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Literal

from pydantic import Field

from jobs.results import idempotency, manifest, voice_manifest
from jobs.results.manifest import FILES_AT_ONCE, JobNotFound
from jobs.schema.model import JobId, Model, Request
from jobs.schema.validation import InvalidRequest
from storage import keys
from storage.store import Store
from timing.formats import FORMATS
from worker.job import Job
from worker.state import Worker


class DeleteJobRequest(Request):
    """The job whose files are deleted."""

    job_id: JobId = Field(description="A job that does not run any more.")


class DeleteJobReply(Model):
    """The job that was deleted; `files` counts its audio and timing files."""

    status: Literal["success"] = "success"
    job_id: str
    files: int


class _Deletion(Model):
    """What the record of this job says of the deletion, before anything is deleted.

    manifest_etag, manifest_date: of the job's manifest; None if it had none.
    """

    files: int
    manifest_etag: str | None = None
    manifest_date: str | None = None


def run(worker: Worker, request: DeleteJobRequest, job: Job) -> DeleteJobReply:
    """Delete the job. Raises not_found; invalid_request for a job that this worker runs now."""
    with worker.active_jobs.idle(request.job_id) as is_idle:
        if not is_idle:
            raise InvalidRequest(
                [f"job {request.job_id} is running; cancel it, or wait until it has ended"]
            )
        return _delete(request.job_id, job)


def _delete(job_id: keys.JobId, job: Job) -> DeleteJobReply:
    store = job.store
    # If RunPod delivers this job again, it ends what a killed worker began, but keeps what a new
    # job of that id has stored since. So the manifest is looked up before the record is read.
    state = _Deletion(files=0, **_identity(store, job_id))
    recorded = voice_manifest.load_previous(store, job, _Deletion)
    files = _files(store, job_id)
    own_record = keys.voice_job(job_id)
    has_own_record = store.stat(own_record) is not None
    if recorded is None:
        if state.manifest_etag is None and not files and not has_own_record:
            raise JobNotFound(job_id)
        recorded = state.model_copy(update={"files": len(files)})
        voice_manifest.write(store, job, recorded)
    elif state.manifest_etag is not None and state != recorded.model_copy(update={"files": 0}):
        return DeleteJobReply(job_id=job_id, files=recorded.files)
    _delete_all(store, files)
    store.delete(own_record)
    idempotency.forget(store, job_id)
    # The manifest goes last: until then list_jobs shows the job, and the deletion can be repeated.
    store.delete(keys.manifest(job_id))
    return DeleteJobReply(job_id=job_id, files=recorded.files)


def _identity(store: Store, job_id: keys.JobId) -> dict[str, str]:
    """What tells a manifest from a later one of the same id; nothing if there is none."""
    info = store.stat(keys.manifest(job_id))
    if info is None:
        return {}
    return {"manifest_etag": info.etag, "manifest_date": info.last_modified.isoformat()}


def _files(store: Store, job_id: keys.JobId) -> Sequence[str]:
    """The keys of the job's files, also of one that ended before it wrote its manifest."""
    found = {info.key for prefix in keys.file_prefixes(job_id) for info in store.list(prefix)}
    record = manifest.read(store, job_id)
    if record is not None:
        stored = [*record.audio.values(), *record.timings.values(), *record.parts]
        found |= {file.key for file in stored}
    # A format with a folder of its own: a list of the folder would have the files of all jobs.
    found |= {
        keys.timing(job_id, name, form.extension.lower())
        for name, form in FORMATS.items()
        if form.extension.lower() != name
    }
    # Anybody may have written the manifest: it must not lead to the file of another job.
    own = sorted(key for key in found if keys.is_file_of(job_id, key))
    with ThreadPoolExecutor(FILES_AT_ONCE) as threads:
        are_there = list(threads.map(lambda key: store.stat(key) is not None, own))
    return [key for key, is_there in zip(own, are_there, strict=True) if is_there]


def _delete_all(store: Store, files: Sequence[str]) -> None:
    """Delete the files, and wait for all deletions. Raises the first error."""
    with ThreadPoolExecutor(FILES_AT_ONCE, "delete") as threads:
        deletions = [threads.submit(store.delete, key) for key in files]
    for deletion in deletions:
        deletion.result()

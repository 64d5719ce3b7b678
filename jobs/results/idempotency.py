"""`idempotency_key`: of jobs with one key, one alone is done, on whatever worker they are.

An entry in the store names the job that has the key. Where the store takes conditional writes, two
workers cannot both get it. Where it takes none, both may do the work at the same moment, and end
the same: the seed of such jobs is made of the key.
"""

import hashlib
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from errors import WorkerError
from jobs.results import manifest, stored_json
from jobs.results.finish import Reply, ResultWriter
from jobs.results.manifest import Manifest
from jobs.schema.model import JobId
from storage import keys
from storage.retry import RetryingStore
from storage.store import Store
from worker.job import Job

MAX_BYTES = 10_000
"""More than any entry of this worker has."""

ATTEMPTS = 20
"""How often a job tries to write its entry; a store that loses what it takes gets no more tries."""


class IdempotencyConflict(WorkerError):
    """The key belongs to a request with another input."""

    code: ClassVar[str] = "idempotency_conflict"

    def __init__(self, job_id: str) -> None:
        super().__init__(
            f"idempotency_key was used before, by job {job_id!r} with another input; send the "
            "input of that job again, or give this one a key of its own"
        )


@dataclass(frozen=True)
class Times:
    """How jobs with one key wait for each other, in seconds.

    beat_s: how often the job that has the key writes its entry anew.
    stale_s: an entry that stays the same for so long is one of a killed worker. Each waiting job
        measures that by itself, so no clocks are compared.
    poll_s: how often a waiting job looks.
    longest_s: a job waits no longer than that, then it does the work itself.
    leave_s: how long a job that has ended waits until its entry says so.
    """

    beat_s: float = 10.0
    stale_s: float = 45.0
    poll_s: float = 1.0
    longest_s: float = 3600.0
    leave_s: float = 5.0


class _Entry(BaseModel):
    """Which job has a key.

    state: `finished` once the job's manifest is written; before that a missing manifest means that
        the job goes on, and after it that somebody deleted it.
    beat: another text each time, so that the object's etag tells that its writer lives.
    """

    model_config = ConfigDict(frozen=True, strict=True)

    job_id: JobId
    input_sha256: str = Field(pattern="^[0-9a-f]{64}$")
    state: Literal["running", "finished"] = "running"
    beat: str = Field(max_length=64)


def once(
    results: ResultWriter[Reply],
    key: str | None,
    job: Job,
    url_expires_s: int,
    work: Callable[[Job], Reply],
    times: Times | None = None,
) -> Reply:
    """The reply of `work`, or of an earlier delivery of this job, or of the job that has the key.

    results: writes and reads the results of the job's endpoint.
    key: the request's `idempotency_key`; None for a request without one.
    url_expires_s: how long the links of a reply are valid, in seconds.
    work: does the job; it gets the job with what it has to know of the key.
    times: how long it waits for the job that has the key.

    A job that fails or is stopped frees its key. Raises IdempotencyConflict, StorageError,
    Cancelled, and what `work` raises.
    """
    earlier = results.replay(job, url_expires_s)
    if earlier is not None:
        return earlier
    if key is None:
        return work(job)
    job = replace(job, idempotency_sha256=hashlib.sha256(key.encode()).hexdigest())
    claim = _Claim(job, times or Times())
    # Like the wait for the model, it says nothing about the speed of the engine.
    with job.stage("queue"):
        record = claim.acquire()
        reused: Reply | None = None
        if record is not None:
            reused = results.again(record, job, url_expires_s, reused_from=record.job_id)
    if reused is not None:
        job.log.info("answering with job %s, which has the same idempotency_key", reused.job_id)
        return reused
    with claim.held():
        return work(job)


def forget(store: Store, job_id: keys.JobId) -> None:
    """Free the key of a job that is deleted, if it has one. Raises StorageError."""
    record = manifest.read(store, job_id)
    if record is None or record.idempotency_sha256 is None:
        return
    key = keys.idempotency(record.idempotency_sha256)
    entry = _read(store, key)
    # Anybody may have written the manifest: it must not free the key of another job.
    if entry is not None and entry.job_id == job_id:
        store.delete(key)


def _read(store: Store, key: str) -> _Entry | None:
    """The entry; None if there is none that can be read."""
    return stored_json.read(_Entry, store, key, MAX_BYTES)


class _Claim:
    """The key of one job in the store: this job gets it, or another job answers."""

    def __init__(self, job: Job, times: Times) -> None:
        self._job = job
        self._times = times
        self._key = keys.idempotency(job.idempotency_sha256)
        self._is_finished = False

    def acquire(self) -> Manifest | None:
        """Wait until this job may do the work (None), or another one has done it (its record).

        Raises IdempotencyConflict, StorageError, Cancelled.
        """
        job, store, times = self._job, self._job.store, self._times
        began = changed = time.monotonic()
        seen, shown, lost = "", "", 0
        try:
            while True:
                info = store.stat(self._key)
                entry = _read(store, self._key) if info else None
                now = time.monotonic()
                if info is not None and info.etag != seen:
                    seen, changed = info.etag, now
                is_stale = now - changed >= times.stale_s or now - began >= times.longest_s
                # An earlier delivery of this job may have been killed.
                if entry is not None and entry.job_id != job.id:
                    record = self._finished(entry)
                    is_free = record is None and (is_stale or entry.state == "finished")
                    if entry.input_sha256 != job.input_sha256 and not is_free:
                        raise IdempotencyConflict(entry.job_id)
                    if record is not None:
                        return record
                    if not is_free:
                        if shown != entry.job_id:
                            job.log.info(
                                "waiting for job %s, which has the same idempotency_key",
                                entry.job_id,
                            )
                            job.show(waiting_for=entry.job_id)
                            job.progress("waiting", 0, 1)
                            shown = entry.job_id
                        job.stop.sleep(times.poll_s)
                        continue
                if self._write(store, info.etag if info else None):
                    return None
                lost += 1
                if lost == ATTEMPTS:
                    job.log.warning(
                        "the store does not keep the entry of idempotency_key, so the job runs "
                        "without it"
                    )
                    return None
                job.stop.sleep(times.poll_s)
        finally:
            job.show(waiting_for=None)

    def _finished(self, entry: _Entry) -> Manifest | None:
        """The record of the job that the entry names, if it has finished and has its file still."""
        store = self._job.store
        record = manifest.read(store, entry.job_id)
        if (
            record is None
            or record.input_sha256 != entry.input_sha256
            or record.idempotency_sha256 != self._job.idempotency_sha256
        ):
            return None
        return record if store.stat(record.primary_file.key) else None

    def _write(self, store: Store, etag: str | None, is_finished: bool = False) -> bool:
        """Write the entry, if it still has this etag or is missing for None; whether it is ours."""
        entry = _Entry(
            job_id=self._job.id,
            input_sha256=self._job.input_sha256,
            state="finished" if is_finished else "running",
            beat=secrets.token_hex(8),
        )
        data = entry.model_dump_json().encode()
        store.put_if(self._key, data, "application/json", etag)
        # Whatever that said: the answer of a write may be lost, and some servers ignore conditions.
        return _read(store, self._key) == entry

    def _renew(self, store: Store, is_finished: bool = False) -> bool:
        """Write the entry anew; False if another job has it or nobody has."""
        info = store.stat(self._key)
        if info is None or not self._is_ours(store):
            return False
        self._write(store, info.etag, is_finished)
        return True

    def _is_ours(self, store: Store) -> bool:
        entry = _read(store, self._key)
        return entry is not None and entry.job_id == self._job.id

    @contextmanager
    def held(self) -> Iterator[None]:
        """Keep the entry fresh while the body runs; free the key if the body fails."""
        ended = threading.Event()
        # A daemon, because a store may hold a call for ever.
        beats = threading.Thread(target=self._beat, args=(ended,), name="key", daemon=True)
        # Without a thread the entry gets stale: then the work may be done twice.
        with suppress(RuntimeError):
            beats.start()
        try:
            yield
            self._is_finished = True
        finally:
            ended.set()
            if beats.ident is not None:
                beats.join(self._times.leave_s)

    def _beat(self, ended: threading.Event) -> None:
        # One that does not stop with the job: a stopped job frees its key.
        store = RetryingStore(self._job.store, patience_s=self._times.beat_s)
        is_ours = True
        while is_ours and not ended.wait(self._times.beat_s):
            # During an outage the entry may get stale; after it, this job may have it still.
            with self._logged():
                is_ours = self._renew(store)
        with self._logged():
            if self._is_finished:
                self._renew(store, is_finished=True)
            elif self._is_ours(store):
                store.delete(self._key)

    @contextmanager
    def _logged(self) -> Iterator[None]:
        try:
            yield
        except WorkerError as error:
            self._job.log.warning("the entry of idempotency_key was not written: %s", error)

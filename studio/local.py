"""Jobs in this process: the worker's own `handle`, and the files of its store."""

import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import handler
from errors import WorkerError
from jobs import uploads
from storage import keys
from studio.files import with_own_links
from studio.jobs import (
    CANCELLED,
    COMPLETED,
    FAILED,
    IN_PROGRESS,
    StudioFile,
    StudioJob,
    new_id,
)
from studio.refusal import from_worker, not_found
from worker.cancellation import Cancelled, CancelReason
from worker.envelope import Envelope
from worker.imports import import_ahead
from worker.state import Worker

AT_ONCE = 4
"""Jobs that run side by side. The model speaks for one after the other; a `timing` job beside it
must not wait."""

_LINK_S = 60
"""The life of the links that are compared here, which has no effect on `file://` URLs."""


class LocalDriver:
    """Runs jobs through `handler.handle` with the warm worker."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self._threads = ThreadPoolExecutor(AT_ONCE, "studio")
        import_ahead()

    def submit(self, job_input: Mapping[str, Any]) -> StudioJob:
        """See Driver."""
        return self._begin(job_input, lambda: None)

    def _begin(self, job_input: Mapping[str, Any], at_end: Callable[[], object]) -> StudioJob:
        """Start a job; `at_end` is called once it has ended, or was cancelled."""
        job = StudioJob(new_id(), job_input, self)
        # From now on, so that a cancellation reaches a job that still waits for a thread.
        self.worker.active_jobs.register(job.id)
        work = self._threads.submit(self._run, job)
        work.add_done_callback(lambda _: self.worker.active_jobs.unregister(job.id))
        work.add_done_callback(lambda _: at_end())
        return job

    def upload(self, clip: Path, fields: Mapping[str, Any]) -> StudioJob:
        """See Driver. The clip takes the place of a file that a client put to an upload_url."""
        upload_id = secrets.token_hex(16)
        try:
            self.worker.store.put_file(keys.upload(upload_id), clip, "application/octet-stream")
        except WorkerError as error:
            raise from_worker(error) from None
        finally:
            clip.unlink(missing_ok=True)
        # A clip that was refused would stay for a second try, which no page here can make.
        return self._begin(
            {"endpoint": "upload", **fields, "upload_id": upload_id},
            lambda: uploads.remove(self.worker.store, upload_id),
        )

    def refresh(self, job: StudioJob) -> None:
        """See Driver. The job's own thread changes it."""

    def cancel(self, job: StudioJob) -> None:
        """See Driver. The thread goes on until the job's next step, and its reply is dropped."""
        self.worker.active_jobs.stop(job.id)
        job.end(CANCELLED)

    def locate(self, file: StudioFile) -> Path:
        """See Driver."""
        path = Path(unquote(urlsplit(file.link).path))
        if not path.is_file():
            raise not_found(f"{file.name} was deleted from the store; run the job again")
        return path

    def close(self) -> None:
        """Stop all jobs and wait for their threads."""
        self.worker.active_jobs.shutdown.set(CancelReason.SHUTDOWN)
        self._threads.shutdown(cancel_futures=True)

    def _run(self, job: StudioJob) -> None:
        job.advance(IN_PROGRESS)
        if job.has_ended:
            return

        def show(stage: str, done: int, total: int) -> None:
            job.advance(IN_PROGRESS, {"stage": stage, "done": done, "total": total})

        try:
            output = handler.handle(self.worker, Envelope(job.id, job.input), show)
        except Cancelled:
            job.end(CANCELLED)
            return
        output.pop("refresh_worker", None)
        error = output.pop("error", None)
        known = self.worker.store.warnings  # that its links work on this machine only
        if isinstance(said := output.get("warnings"), list):
            output["warnings"] = [one for one in said if one not in known]
        output, files = with_own_links(job.id, output, lambda link: self._problem(output, link))
        job.end(FAILED if error else COMPLETED, output, error, files)

    def _problem(self, output: Mapping[str, Any], link: str) -> str | None:
        """Why a link is none to a file of the job whose reply has it."""
        key = unquote(urlsplit(link).path).removeprefix(self._root())
        owners = [output.get("job_id"), output.get("reused_from")]
        try:
            is_own = any(
                keys.is_file_of(keys.parse_job_id(owner), key)
                for owner in owners
                if isinstance(owner, str)
            )
            if is_own and self.worker.store.url(key, _LINK_S) == link:
                return None
        except WorkerError as error:
            return error.sentence
        return "the studio serves the files of its own store only, and a link leads elsewhere"

    def _root(self) -> str:
        """What stands before a key in the path of a link."""
        marker = "probe"
        return unquote(urlsplit(self.worker.store.url(marker, _LINK_S)).path).removesuffix(marker)

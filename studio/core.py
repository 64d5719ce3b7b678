"""What the routes of the server do, without HTTP."""

import hashlib
import json
import os
import tempfile
import threading
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from errors import WorkerError
from storage.store import TEXT_BYTES
from studio.captions import captions_of
from studio.drawing import drawing
from studio.facts import describe
from studio.jobs import COMPLETED, Driver, JobList, StudioFile, StudioJob, url_of
from studio.local import LocalDriver
from studio.refusal import Refusal, from_worker, not_found
from studio.runpod import RUNPOD, Account, RunpodDriver, new_folder
from timing.subtitles.fonts import SHIPPED, shipped
from worker.state import Worker

MAX_FONTS = 32
"""Fonts that are kept for the page; each style of a script needs one."""


class Studio:
    """The worker in this process and, once a person has named one, an endpoint on RunPod.

    worker: warm; `close` ends its jobs.
    runpod: the URL of RunPod's client API.
    """

    def __init__(self, worker: Worker, runpod: str = RUNPOD) -> None:
        self.worker = worker
        self._runpod = runpod
        self._temporary = new_folder()
        self.folder = Path(self._temporary.name)
        self._local = LocalDriver(worker)
        self._endpoint: RunpodDriver | None = None
        self._jobs = JobList()
        self._lock = threading.Lock()
        self._fonts: OrderedDict[str, bytes] = OrderedDict()

    def close(self) -> None:
        """Stop the jobs of this process, and remove the temporary files."""
        self._local.close()
        self._temporary.cleanup()

    @property
    def _driver(self) -> Driver:
        return self._endpoint or self._local

    def describe(self) -> dict[str, Any]:
        """What the page needs to know of the worker."""
        endpoint = self._endpoint
        return describe(self.worker, endpoint.account.endpoint_id if endpoint else None)

    def connect(self, endpoint_id: str, api_key: str) -> None:
        """Drive an endpoint on RunPod from now on. Raises Refusal if it cannot be."""
        account = Account.checked(endpoint_id, api_key, self._runpod)
        self._endpoint = RunpodDriver(account, self.folder)

    def disconnect(self) -> None:
        """Drive the worker in this process again; jobs on RunPod keep their key."""
        self._endpoint = None

    def submit(self, job_input: Mapping[str, Any]) -> StudioJob:
        """Start a job. Raises Refusal."""
        self._jobs.require_room()
        job = self._driver.submit(job_input)
        self._jobs.add(job)
        return job

    def upload(self, clip: Path, fields: Mapping[str, Any]) -> StudioJob:
        """Start a job that stores a clip as a voice; the clip is removed. Raises Refusal."""
        try:
            self._jobs.require_room()
        except Refusal:
            clip.unlink()
            raise
        job = self._driver.upload(clip, fields)
        self._jobs.add(job)
        return job

    def job(self, job_id: str) -> StudioJob:
        """A job in its present state. Raises Refusal."""
        job = self._jobs.get(job_id)
        if not job.has_ended:
            job.driver.refresh(job)
        return job

    def cancel(self, job_id: str) -> StudioJob:
        """Stop a job; one that has ended stays as it is. Raises Refusal."""
        job = self._jobs.get(job_id)
        if not job.has_ended:
            job.driver.cancel(job)
        return job

    def file(self, job_id: str, name: str) -> tuple[StudioFile, Path]:
        """A file of a job. Raises Refusal."""
        job = self._jobs.get(job_id)
        file = job.files.get(name)
        if file is None:
            known = ", ".join(list(job.files)[:20]) or "none"
            raise not_found(f"the job has no file of this name; it has: {known}")
        return file, job.driver.locate(file)

    def audio_of_page(self, job_id: str) -> str | None:
        """The path of the audio that a job's HTML page plays; None if the studio has it not."""
        job = self._jobs.get(job_id)
        source = self._jobs.find(job.input.get("job_id"))
        for one in (job, *([source] if source else [])):
            for file in one.files.values():
                if file.kind == "audio":
                    return url_of(one.id, file.name)
        return None

    def words(self, job_id: str) -> dict[str, Any]:
        """The `timing_data` of a job's JSON timing file. Raises Refusal."""
        job = self.job(job_id)
        if job.status != COMPLETED:
            raise Refusal(
                409, "conflict", f"the job is {job.status}; ask for its words when it has ended"
            )
        file = next((file for file in job.files.values() if file.format == "json"), None)
        if file is None:
            raise not_found(
                "the job has no json timing file; send it with timing_format all, or with json"
            )
        path = job.driver.locate(file)
        try:
            if path.stat().st_size > TEXT_BYTES:
                raise ValueError
            times = json.loads(path.read_bytes())["timing_data"]
        except (OSError, ValueError, KeyError, TypeError):
            times = None
        if not isinstance(times, dict):
            raise Refusal(
                409, "conflict", "the job's JSON timing file cannot be read; run it again"
            )
        return times

    def captions(self, job_id: str, subtitles: Any) -> dict[str, Any]:
        """What a canvas draws of a job's words. Raises Refusal."""
        times = self.words(job_id)
        job = self.job(job_id)
        source = self._jobs.find(job.input.get("job_id"))
        options = {**(source.input if source else {}), **job.input}
        output = job.output or {}
        if source and source.output:
            # A timing job answers with the text without its tags, which name the voices.
            told = {name: source.output.get(name, "") for name in ("voice", "text")}
            output = {**output, **told}
        if isinstance(job.input.get("text"), str):
            output = {**output, "text": job.input["text"]}
        made = captions_of(self.worker, subtitles, output, options, times)
        face = made.style.face
        return drawing(made, None if face is None else self._font_url(face.file))

    def font(self, name: str) -> bytes:
        """A font file that `captions` named, or a font of the worker by its name.

        Raises Refusal.
        """
        if name in SHIPPED:
            try:
                return shipped(name, bold=True).file
            except WorkerError as error:
                raise from_worker(error) from None
        with self._lock:
            file = self._fonts.get(name)
        if file is None:
            raise not_found("this font is no longer kept; ask for the captions again")
        return file

    def clip_path(self) -> Path:
        """A new file for a clip that is being received."""
        descriptor, name = tempfile.mkstemp(prefix="clip-", dir=self.folder)
        os.close(descriptor)
        return Path(name)

    def _font_url(self, file: bytes) -> str:
        name = f"{hashlib.sha256(file).hexdigest()}.{'otf' if file[:4] == b'OTTO' else 'ttf'}"
        with self._lock:
            self._fonts[name] = file
            self._fonts.move_to_end(name)
            while len(self._fonts) > MAX_FONTS:
                self._fonts.popitem(last=False)
        return f"/fonts/{name}"

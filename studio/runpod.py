"""Jobs on an endpoint of RunPod, through its client API, and the files that they link to."""

import hashlib
import re
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from errors import WorkerError
from storage import keys
from storage.fetch import check_public, fetch
from studio.files import with_own_links
from studio.jobs import (
    CANCELLED,
    COMPLETED,
    FAILED,
    IN_PROGRESS,
    IN_QUEUE,
    StudioFile,
    StudioJob,
    new_id,
)
from studio.refusal import Refusal, bad_request, from_worker, runpod_failed

if TYPE_CHECKING:
    from requests import Response

RUNPOD = "https://api.runpod.ai/v2"
"""RunPod's client API; an endpoint's id follows."""

MAX_FILE_BYTES = 1_000_000_000
"""Of one file of a job: an hour of WAV has 170 MB."""

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_KEY = re.compile(r"[!-~]{8,256}")
_TIMEOUT_S = 30.0
_UPLOAD_S = 300.0
_POLL_S = 1.0
_NO_BUCKET = (
    "this endpoint has no bucket, so its files stay in its container; set S3_BUCKET, "
    "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY on the endpoint and run the job again"
)
_FORGOTTEN = (
    "RunPod has no job of this id any more: it keeps a result for 30 minutes; run the job again"
)


class NotOnRunpod(Refusal):
    """RunPod answers 404."""

    def __init__(self) -> None:
        super().__init__(
            502, "runpod_error", "RunPod has no such endpoint or job; check the endpoint's id"
        )


@dataclass(frozen=True)
class Account:
    """An endpoint, and the key that may call it. The key is in no repr and no error.

    base: the URL of the endpoint's client API, without a slash at its end.
    """

    endpoint_id: str
    base: str
    key: str

    def __repr__(self) -> str:
        return f"Account({self.endpoint_id!r})"

    @classmethod
    def checked(cls, endpoint_id: str, key: str, runpod: str = RUNPOD) -> "Account":
        """An account from what a person typed. Raises Refusal if it cannot be one."""
        endpoint_id, key = endpoint_id.strip(), key.strip()
        if not _ID.fullmatch(endpoint_id):
            raise bad_request(
                "endpoint_id is not the id of an endpoint; give the letters and digits that "
                "RunPod's page of the endpoint shows, such as abc123xyz"
            )
        if not _KEY.fullmatch(key):
            raise bad_request("api_key is not an API key of RunPod; copy it whole, without spaces")
        return cls(endpoint_id, f"{runpod}/{endpoint_id}", key)

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The JSON that RunPod answers. Raises Refusal."""
        answer = self._ask(method, path, body)
        if answer.status_code in (401, 403):
            raise runpod_failed(
                f"RunPod refuses this API key (status {answer.status_code}); give one that may "
                "call this endpoint"
            )
        if answer.status_code == 404:
            raise NotOnRunpod
        if answer.status_code == 429:
            raise runpod_failed("RunPod has too many requests of this account; wait a moment")
        try:
            said = answer.json()
        except ValueError:
            said = None
        if answer.status_code != 200 or not isinstance(said, dict):
            raise runpod_failed(
                f"RunPod answers with status {answer.status_code}; try again, or look at the "
                "endpoint's page on RunPod"
            )
        return said

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None) -> "Response":
        import requests

        try:
            # No redirect: the key must go to RunPod alone. `auth`, because a header of that name
            # gives way to a ~/.netrc.
            return requests.request(
                method,
                f"{self.base}/{path}",
                json=body,
                auth=self._sign,
                timeout=_TIMEOUT_S,
                allow_redirects=False,
            )
        except requests.RequestException as error:
            raise runpod_failed(
                f"RunPod cannot be reached ({type(error).__name__}); check the connection, then "
                "try again"
            ) from None

    def _sign(self, request: Any) -> Any:
        request.headers["Authorization"] = f"Bearer {self.key}"
        return request


class RunpodDriver:
    """Runs jobs on an endpoint. Raises Refusal if RunPod does not take the account.

    folder: for the files of jobs; the caller removes it.
    """

    def __init__(self, account: Account, folder: Path) -> None:
        self.account = account
        self._folder = folder
        self._lock = threading.Lock()
        self._fetching: dict[str, threading.Lock] = {}  # by the names of the files
        self._uploads: set[str] = set()  # the ids of jobs that RunPod does not know
        self._looked_s: dict[str, float] = {}  # by job, when RunPod was last asked about it
        try:
            # RunPod's own health: unlike a job of the worker's, it starts no worker and is free.
            account.call("GET", "health")
        except NotOnRunpod:
            raise runpod_failed(
                "endpoint_id is the id of no endpoint that RunPod knows; copy it from the "
                "endpoint's page on RunPod"
            ) from None

    def submit(self, job_input: Mapping[str, Any]) -> StudioJob:
        """See Driver."""
        return StudioJob(self._start(job_input), job_input, self)

    def upload(self, clip: Path, fields: Mapping[str, Any]) -> StudioJob:
        """See Driver. A thread asks for an upload_url, puts the clip there and has it stored."""
        job = StudioJob(new_id(), {"endpoint": "upload", **fields}, self)
        self._uploads.add(job.id)
        threading.Thread(target=self._upload, args=(job, clip), daemon=True).start()
        return job

    def refresh(self, job: StudioJob) -> None:
        """See Driver."""
        if job.id in self._uploads:  # the thread of an upload changes it
            return
        now_s = time.monotonic()
        # A page may ask more often than RunPod's limit of requests bears.
        if now_s - self._looked_s.get(job.id, -_POLL_S) >= _POLL_S:
            self._looked_s[job.id] = now_s
            self._read(job, self._state(job.id))

    def cancel(self, job: StudioJob) -> None:
        """See Driver."""
        if job.id not in self._uploads:
            self.account.call("POST", f"cancel/{job.id}")
        job.end(CANCELLED)

    def locate(self, file: StudioFile) -> Path:
        """See Driver. The first call downloads the file."""
        name = hashlib.sha256(file.link.encode()).hexdigest()
        path = self._folder / name
        with self._lock:
            own = self._fetching.setdefault(name, threading.Lock())
        with own:
            if not path.is_file():
                part = self._folder / f"{name}.part"
                try:
                    fetch(file.link, part, MAX_FILE_BYTES)
                except WorkerError as error:
                    raise from_worker(error) from None
                part.rename(path)
        return path

    def _start(self, job_input: Mapping[str, Any]) -> str:
        """Send a job; its id."""
        said = self.account.call("POST", "run", {"input": job_input})
        try:
            return keys.parse_job_id(str(said.get("id")))
        except keys.InvalidName:
            raise runpod_failed("RunPod gave the job no id; send it again") from None

    def _state(self, job_id: str) -> dict[str, Any]:
        """What RunPod says of a job; of one that it has forgotten, that it failed."""
        try:
            return self.account.call("GET", f"status/{job_id}")
        except NotOnRunpod:
            return {"status": FAILED, "error": f"not_found: {_FORGOTTEN}"}

    def _read(self, job: StudioJob, said: Mapping[str, Any]) -> None:
        """Take over what RunPod says of a job."""
        status, output, error = said.get("status"), said.get("output"), said.get("error")
        if status in (IN_QUEUE, IN_PROGRESS):
            job.advance(status, _progress(output))
        elif status == COMPLETED and isinstance(output, dict):
            output, files = with_own_links(job.id, output, _problem)
            job.end(COMPLETED, output, files=files)
        elif status == CANCELLED:
            job.end(CANCELLED)
        elif isinstance(output, dict) and isinstance(error, str):
            job.end(FAILED, output, error)
        else:
            sentence = error if isinstance(error, str) else f"RunPod ended the job as {status}"
            code, colon, rest = sentence.partition(": ")
            job.fail(*((code, rest) if colon and code.isidentifier() else ("failed", sentence)))

    def _upload(self, job: StudioJob, clip: Path) -> None:
        fields = dict(job.input)
        name: dict[str, Any] = {
            key: fields[key] for key in ("endpoint", "voice_name", "style") if key in fields
        }
        try:
            place = self._wait(job, name)
            if place is not None and isinstance(place.get("upload_url"), str):
                _put(place["upload_url"], clip)
                stored = self._wait(job, fields | {"upload_id": place.get("upload_id")})
                if stored is not None:
                    job.end(COMPLETED, stored)
            elif place is not None:
                job.fail("runpod_error", "the endpoint gave no upload_url; is it this worker?")
        except Refusal as refusal:
            job.fail(refusal.code, refusal.sentence)
        finally:
            clip.unlink(missing_ok=True)

    def _wait(self, job: StudioJob, job_input: Mapping[str, Any]) -> dict[str, Any] | None:
        """The output of one step of an upload; None if `job` has ended with it, or before."""
        step = StudioJob(self._start(job_input), job_input, self)
        while not step.has_ended:
            self._read(step, self._state(step.id))
            if job.has_ended:
                self.account.call("POST", f"cancel/{step.id}")
                return None
            job.advance(IN_PROGRESS)
            if not step.has_ended:
                time.sleep(_POLL_S)
        if step.status != COMPLETED:
            job.end(step.status, step.output, step.error)
            return None
        return step.output


def _progress(output: Any) -> dict[str, Any] | None:
    """The worker's progress, which RunPod shows as the output of a running job."""
    if not isinstance(output, dict) or "stage" not in output:
        return None
    return {name: output.get(name) for name in ("stage", "done", "total")}


def _problem(link: str) -> str | None:
    """Why the file behind a link cannot be had."""
    scheme = urlsplit(link).scheme
    if scheme in ("http", "https"):
        return None
    return _NO_BUCKET if scheme == "file" else "a link of the reply is no http(s) URL"


def _put(url: str, clip: Path) -> None:
    """Put a clip to an upload_url. Raises Refusal."""
    import requests

    try:
        parts = urlsplit(url)
        check_public(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        with clip.open("rb") as body:
            answer = requests.put(url, data=body, timeout=_UPLOAD_S, allow_redirects=False)
    except WorkerError as error:
        raise from_worker(error) from None
    # The errors of requests are OSErrors, and so is a clip that went with a studio that ends.
    except (OSError, ValueError) as error:
        raise runpod_failed(
            f"the clip could not be put to the endpoint's bucket ({type(error).__name__}); try "
            "again"
        ) from None
    if answer.status_code not in (200, 201, 204):
        raise runpod_failed(
            f"the endpoint's bucket refuses the clip (status {answer.status_code}); check its keys"
        )


def new_folder() -> "tempfile.TemporaryDirectory[str]":
    """A folder for what the studio needs while it runs; only its owner may read it."""
    return tempfile.TemporaryDirectory(prefix="f5-tts-studio-", ignore_cleanup_errors=True)

# /// script
# requires-python = ">=3.11"
# dependencies = ["httpx>=0.28"]
# ///
"""A client of a worker's endpoint on RunPod: send a job, follow it, download its files.

    export RUNPOD_ENDPOINT=https://api.runpod.ai/v2/<endpoint id> RUNPOD_API_KEY=...
    uv run examples/client.py "Hello there." --voice default --to folder

In a program:

    with Client.from_environment() as client:
        client.check()
        reply = client.run({"text": "Hello there."})
        client.save(reply, Path("folder"))
"""

import argparse
import os
import re
import sys
import time
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote, urlsplit

import httpx

Json = dict[str, Any]

TRIES = 5
"""How often a call is made in all while the service is busy or cannot be reached."""
BUSY = {408, 429, 503}
"""The service did not take the call: it is safe to repeat it."""
LONGEST_PAUSE_S = 30.0
POLL_S = re.compile(r"[0-9]{1,6}(?:\.[0-9]{1,6})?")
CALL_HINTS = {
    400: "the body of the job is wrong",
    401: "set RUNPOD_API_KEY to a key of your account, from RunPod's settings",
    403: "the key has no right to this endpoint: give it the right to read and write",
    404: "set RUNPOD_ENDPOINT to the URL of your endpoint, https://api.runpod.ai/v2/<endpoint id>; "
    "RunPod forgets a job 30 minutes after its end",
    429: "too many calls: wait a minute",
}
FILE_HINTS = {
    403: 'the link has expired: the job {"endpoint": "status", "job_id": ...} makes new ones',
    404: "the file was deleted",
}
JOB_HINTS = {
    "voice_not_found": 'the job {"endpoint": "list_voices"} names the stored voices',
    "invalid_request": "the message names each wrong field and what to write instead",
    "worker_unavailable": "the endpoint's worker could not start: tell its operator",
    "internal_error": "send the job again",
}
"""What to do next, by the status of a call or the code of a failed job."""


class SetupError(Exception):
    """A variable that is missing or wrong; its text says which, and what it should be."""


class CallFailed(Exception):
    """A call that the service refused, or that did not reach it.

    status: of HTTP; None if the service was not reached.
    message: the service's own sentence.
    hint: what to do; empty if the status does not tell.
    """

    def __init__(self, status: int | None, message: str, hint: str = "") -> None:
        self.status, self.message, self.hint = status, message, hint
        shown = message if status is None else f"status {status}: {message}"
        super().__init__("\n".join(filter(None, [shown, hint])))


class JobFailed(Exception):
    """A job that ended without a reply.

    code: the worker's code, or RunPod's state, such as TIMED_OUT.
    message: the worker's sentence.
    details: one line for each fault.
    hint: what to do; empty if the code does not tell.
    """

    def __init__(self, state: Json) -> None:
        output = state.get("output")
        output = output if isinstance(output, dict) else {}
        error = str(state.get("error") or state["status"])
        self.code = str(output.get("code") or error.partition(":")[0])
        self.message = str(output.get("message") or error.partition(": ")[2] or error)
        self.details: list[str] = output.get("details") or [self.message]
        self.hint = JOB_HINTS.get(self.code, "")
        told = error if error.startswith(self.code) else f"{self.code}: {self.message}"
        super().__init__("\n".join(filter(None, [told, self.hint])))


class Client:
    """Sends jobs to one endpoint, waits for them, and downloads their files.

    endpoint: the URL of the endpoint, https://api.runpod.ai/v2/<endpoint id>.
    key: a key of RunPod's API. It goes to the endpoint alone, never to the links of files.
    poll_s: the seconds between two looks at a job.
    pause_s: the seconds before the first repeated call; each further pause is twice as long.

    Methods raise CallFailed.
    """

    def __init__(
        self, endpoint: str, key: str, *, poll_s: float = 1.0, pause_s: float = 0.5
    ) -> None:
        headers = {"Authorization": f"Bearer {key}"}
        self._service = httpx.Client(base_url=endpoint, headers=headers, timeout=120)
        self._files = httpx.Client(follow_redirects=True, timeout=120)
        self._poll_s, self._pause_s = poll_s, pause_s

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Self:
        """A client of RUNPOD_ENDPOINT with RUNPOD_API_KEY. Raises SetupError."""
        names = ("RUNPOD_ENDPOINT", "RUNPOD_API_KEY")
        endpoint, key = (environment.get(name, "").strip() for name in names)
        if missing := [
            name for name, value in zip(names, (endpoint, key), strict=True) if not value
        ]:
            raise SetupError(f"set {' and '.join(missing)}; the head of this file shows how")
        parts = urlsplit(endpoint)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise SetupError(
                f"RUNPOD_ENDPOINT is {endpoint!r}; give https://api.runpod.ai/v2/<endpoint id>"
            )
        if not key.isascii() or not key.isprintable() or " " in key:
            raise SetupError("RUNPOD_API_KEY has characters that no key has; copy the key again")
        poll_s = environment.get("POLL_S", "1")
        if not POLL_S.fullmatch(poll_s):
            raise SetupError(f"POLL_S is {poll_s!r}; give the seconds between two looks at a job")
        return cls(endpoint.rstrip("/"), key, poll_s=float(poll_s))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._service.close()
        self._files.close()

    def check(self) -> Json:
        """The counts of jobs and workers. It costs nothing, and a wrong key or id fails here."""
        return self._call("GET", "/health")

    def submit(self, job_input: Json, **beside: Any) -> str:
        """Queue a job and return its id.

        job_input: the fields of API.md. With an `idempotency_key` the call is repeated also when
            the service may have taken the job: then it is done once all the same.
        beside: what stands beside `input`: webhook, policy, s3Config.
        """
        body = {"input": job_input, **beside}
        return str(self._call("POST", "/run", body, is_safe="idempotency_key" in job_input)["id"])

    def wait(self, job_id: str, on_progress: Callable[[Json], None] = lambda _: None) -> Json:
        """Wait for a job and return its reply. Raises JobFailed.

        on_progress: called with stage, done and total whenever they change.
        """
        shown: Json = {}
        while True:
            state = self._call("GET", f"/status/{job_id}")
            output: Json = state.get("output") or {}
            if state["status"] == "COMPLETED":
                return output
            if state["status"] not in ("IN_QUEUE", "IN_PROGRESS"):
                raise JobFailed(state)
            if "stage" in output and output != shown:
                shown = output
                on_progress(output)
            time.sleep(self._poll_s)

    def cancel(self, job_id: str) -> None:
        """Stop a job, whether it waits or runs."""
        self._call("POST", f"/cancel/{job_id}")

    def run(
        self,
        job_input: Json,
        on_progress: Callable[[Json], None] = lambda _: None,
        **beside: Any,
    ) -> Json:
        """Queue a job, wait for it and return its reply. Raises JobFailed.

        If the wait is interrupted, as by Ctrl-C, the job is cancelled first.
        """
        job_id = self.submit(job_input, **beside)
        try:
            return self.wait(job_id, on_progress)
        except KeyboardInterrupt:
            self.cancel(job_id)
            raise

    def save(self, reply: Json, folder: Path) -> list[Path]:
        """Download every file of a reply into a folder that exists, and return their paths."""
        saved = []
        for name, url in links(reply).items():
            self._download(url, folder / name)
            saved.append(folder / name)
        return saved

    def _download(self, url: str, path: Path) -> None:
        """A file is complete when it has its name: until then it ends with `.part`."""
        if urlsplit(url).scheme not in ("http", "https"):
            raise CallFailed(None, f"{url} is on the worker's own disk; give the worker a bucket")
        unfinished = path.with_name(f"{path.name}.part")

        def fetch() -> httpx.Response:
            with self._files.stream("GET", url) as answer, unfinished.open("wb") as file:
                if not answer.is_success:
                    answer.read()
                for piece in answer.iter_bytes() if answer.is_success else ():
                    file.write(piece)
            return answer

        try:
            self._repeat(fetch, is_safe=True, what=path.name, hints=FILE_HINTS)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)

    def _call(
        self, method: str, path: str, body: Json | None = None, *, is_safe: bool = True
    ) -> Json:
        answer = self._repeat(
            lambda: self._service.request(method, path, json=body),
            is_safe=is_safe,
            what=str(self._service.base_url),
            hints=CALL_HINTS,
        )
        try:
            found: Json = answer.json()
        except ValueError:
            raise CallFailed(answer.status_code, "the answer is no JSON") from None
        return found

    def _repeat(
        self,
        call: Callable[[], httpx.Response],
        *,
        is_safe: bool,
        what: str,
        hints: Mapping[int, str],
    ) -> httpx.Response:
        """Make a call until it is answered; pause while the service is busy. Raises CallFailed.

        is_safe: whether the call may be repeated although the service may have acted on it.
        what: what is called, for the error.
        hints: what the error says to do, by the status.
        """
        for tried in range(1, TRIES + 1):
            answer = None
            try:
                answer = call()
                if answer.is_success:
                    return answer
                again = answer.status_code in BUSY or (is_safe and answer.status_code >= 500)
                status = answer.status_code
                failure = CallFailed(status, _sentence(answer), hints.get(status, ""))
            except httpx.RequestError as error:
                again = is_safe or isinstance(error, httpx.ConnectError)
                failure = CallFailed(None, f"{what} cannot be reached: {error or type(error)}")
            if not again or tried == TRIES:
                raise failure
            time.sleep(self._pause(answer, tried))
        raise AssertionError("unreachable")

    def _pause(self, answer: httpx.Response | None, tried: int) -> float:
        """The seconds until the next call, as the service asks for or twice as long each time."""
        asked = answer.headers.get("Retry-After", "") if answer is not None else ""
        pause = float(asked) if asked.isdecimal() else self._pause_s * 2 ** (tried - 1)
        return min(pause, LONGEST_PAUSE_S)


def _sentence(answer: httpx.Response) -> str:
    """The service's own sentence."""
    return answer.text.strip()[:2000] or answer.reason_phrase


def links(reply: Json) -> dict[str, str]:
    """The links of a reply by the names under which their files are saved."""
    urls = [url for url in [reply.get("audio_url"), reply.get("timing_url")] if url]
    urls += (reply.get("timing_files") or {}).values()
    named = {Path(unquote(urlsplit(url).path)).name: url for url in urls}
    for part in reply.get("parts") or []:
        if url := part.get("audio_url"):
            suffix = Path(urlsplit(url).path).suffix
            named[f"{reply['job_id']}.{part['index']}{suffix}"] = url
    return named


def speak(options: argparse.Namespace) -> None:
    """Speak a text and save its files."""
    job_input = {
        "text": options.text,
        "voice": options.voice,
        "return_word_timings": True,
        "timing_format": options.formats,
        "subtitles": {"preset": "karaoke"},
        # A call that is repeated after a fault of the network is not paid twice.
        "idempotency_key": str(uuid.uuid4()),
    }

    def show(step: Json) -> None:
        print(f"{step['stage']} {step['done']}/{step['total']}", file=sys.stderr)

    with Client.from_environment() as client:
        # Before the job: what is wrong here must not cost one.
        client.check()
        options.to.mkdir(parents=True, exist_ok=True)
        reply = client.run(job_input, show)
        for sentence in [*reply["warnings"], *filter(None, [reply.get("timing_error")])]:
            print(sentence, file=sys.stderr)
        for path in client.save(reply, options.to):
            print(path)


def main() -> None:
    """Read the arguments, speak, and exit with 1 and a sentence if that fails."""
    parser = argparse.ArgumentParser(description="Speak a text and save its files.")
    parser.add_argument("text")
    parser.add_argument("--voice", default="default", help="a stored voice, or the URL of a clip")
    parser.add_argument("--formats", default="all", help="timing files: srt,ass or the like")
    parser.add_argument("--to", type=Path, default=Path(), help="the folder of the files")
    try:
        speak(parser.parse_args())
    except SetupError as error:
        parser.error(str(error))
    except (CallFailed, JobFailed) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        print("stopped, and the job is cancelled", file=sys.stderr)
        sys.exit(130)


if __name__ == "__main__":
    main()

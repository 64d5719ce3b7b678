"""Answering one of RunPod's jobs in place of a worker that cannot start. Standard library only.

To a client, a worker that cannot start looks like a slow one: the job stays in the queue. So such a
worker takes one job, fails it with the reason, and ends. RunPod's SDK is not used, since it may be
what cannot be loaded, and the start-up has no libraries at all.
"""

import http
import http.client
import json
import os
import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from volume.log import say
from volume.waits import Waits

CODE = "worker_unavailable"
"""The code of the reply's error (API.md)."""

WAIT_S = Waits.job_s
"""How long a job is waited for, in seconds. RunPod starts most workers because one is queued."""

PAUSE_S = 1.0
SHOWN_IN_OUTPUT = ("code", "message", "details")
"""The other fields of a reply are for RunPod itself."""
NO_JOB = (http.HTTPStatus.BAD_REQUEST, http.HTTPStatus.TOO_MANY_REQUESTS)
MAX_LENGTH = 600
_LOCAL_ARGUMENTS = ("--test_input", "--rp_serve_api")
_URL_OR_PATH = re.compile(r"(?<![\w.])(?:[A-Za-z][\w+.-]*://|/)[^\s'\"(),;]+|host=[^\s,)]+")


def serves_runpod(arguments: Sequence[str], environment: Mapping[str, str] = os.environ) -> bool:
    """Whether this process is started to take RunPod's jobs, and not for a local test."""
    names = ("RUNPOD_WEBHOOK_GET_JOB", "RUNPOD_WEBHOOK_POST_OUTPUT")
    local = any(argument.startswith(_LOCAL_ARGUMENTS) for argument in arguments)
    return not local and all(environment.get(name) for name in names)


def reply(reason: str) -> dict[str, Any]:
    """The reply of a job that this worker cannot run, in the form of WorkerError.reply.

    reason: why, with the remedy. Its URLs and paths are hidden, as in every error of API.md.
    """
    first_line, _, more = reason.strip().partition("\n")
    shown = _URL_OR_PATH.sub("[hidden]", first_line)
    shown = shown if len(shown) <= MAX_LENGTH else f"{shown[:MAX_LENGTH]}..."
    # A report of many lines is for the operator, who has the log.
    shown += " (its log has more)" if more or len(first_line) > MAX_LENGTH else ""
    sentence = f"this worker cannot start: {shown.removeprefix('cannot start: ')}"
    output = {"code": CODE, "message": sentence, "details": [sentence]}
    return {"error": f"{CODE}: {sentence}", **output, "refresh_worker": True}


def refuse_one_job(
    reason: str,
    arguments: Sequence[str],
    wait_s: float = WAIT_S,
    environment: Mapping[str, str] = os.environ,
) -> bool:
    """On RunPod, wait for one job and fail it with the reason. Returns whether one was answered.

    Only one, because RunPod starts another worker, on which the next job may succeed. No fault of
    the network is raised: this is the end of a process that has told its log already.

    reason: as in `reply`.
    arguments: of handler.py; a local test takes no job.
    wait_s: how long to wait for a job, in seconds.
    """
    if not serves_runpod(arguments, environment):
        return False
    say(f"waiting up to {wait_s:g} s for one job, to tell its client why this worker cannot start")
    end = time.monotonic() + wait_s
    try:
        while not (job_id := _take(environment, max(1.0, end - time.monotonic()))):
            if time.monotonic() > end:
                return False
            time.sleep(PAUSE_S)
        _send(job_id, reply(reason), environment)
    except (OSError, http.client.HTTPException, ValueError) as error:
        # Not the error's own text: it may hold the URL, and that a key.
        say(f"RunPod does not answer ({type(error).__name__})")
        return False
    say(f"the client of job {job_id} has been told")
    return True


def end(reason: str, arguments: Sequence[str]) -> NoReturn:
    """Say in the log and to the client of one job why this worker cannot start; exit with 1.

    reason, arguments: as in `refuse_one_job`.
    """
    print(f"cannot start: {reason}", file=sys.stderr, flush=True)
    refuse_one_job(reason, arguments)
    sys.exit(1)


def _take(environment: Mapping[str, str], timeout_s: float) -> str:
    """Take a job from RunPod's queue. Returns its id; empty if there is none."""
    url = environment["RUNPOD_WEBHOOK_GET_JOB"].replace("$ID", _worker_id(environment))
    try:
        with _open(f"{url}&job_in_progress=0", environment, timeout_s) as response:
            body = response.read()
    except urllib.error.HTTPError as error:
        # To the SDK each of these means that there is no job now.
        if error.code in NO_JOB:
            return ""
        raise
    except TimeoutError:
        return ""
    job = json.loads(body) if body else None
    return str(job["id"]) if isinstance(job, dict) and "id" in job else ""


def _send(job_id: str, answer: Mapping[str, Any], environment: Mapping[str, str]) -> None:
    """Post the reply of a job as RunPod's SDK does."""
    url = environment["RUNPOD_WEBHOOK_POST_OUTPUT"]
    url = url.replace("$RUNPOD_POD_ID", _worker_id(environment)).replace("$ID", job_id)
    output = {name: value for name, value in answer.items() if name in SHOWN_IN_OUTPUT}
    result = {"error": answer["error"], "output": output, "stopPod": True}
    body = json.dumps(result).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded", "X-Request-ID": job_id}
    with _open(f"{url}&isStream=false", environment, WAIT_S, body, headers) as response:
        response.read()


def _open(
    url: str,
    environment: Mapping[str, str],
    timeout_s: float,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
) -> Any:
    """The server's response."""
    key = environment.get("RUNPOD_AI_API_KEY", "")
    own = {"Authorization": key, "User-Agent": "f5-tts-worker"}
    request = urllib.request.Request(url, body, {**own, **(headers or {})})
    # No proxy: RunPod's SDK uses none for its queue either.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    return opener.open(request, timeout=timeout_s)


def _worker_id(environment: Mapping[str, str]) -> str:
    return environment.get("RUNPOD_POD_ID", "")

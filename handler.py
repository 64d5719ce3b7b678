"""The worker's entry point: it loads everything once, then answers RunPod's jobs.

    python handler.py --test_input '{"input": {"text": "Hello."}}'    one job, then exit
    python handler.py --rp_serve_api                                  a local HTTP server
    python handler.py                                                 RunPod's own loop; elsewhere
                                                                      the job in test_input.json

Importing this module imports no heavy library: `build` does that.
"""

import ctypes
import gc
import logging
import os
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from volume import crash, damage, environment, space
from volume.errors import SetupError
from volume.refusal import end, refuse_one_job
from volume.variables import check_library_settings

if __name__ == "__main__":
    # What loading makes stays until the end, and the collector would look through it dozens of
    # times: a seventh of a start. `collect_from_now_on` turns it on again.
    gc.disable()
    environment.leave_symlink()
    # This must come before the other imports: any of them can fail on a damaged disk, and only the
    # hook then has the next start build the environment again. `volume` needs no library.
    damage.install_excepthook(
        Path(sys.prefix),
        Path(__file__).resolve().parent,
        lambda sentence: refuse_one_job(sentence, sys.argv[1:]),
    )

from errors import WorkerError
from import_stubs import RUNPOD, stubbed
from jobs import (
    delete_job,
    delete_voice,
    download,
    health,
    lexicon,
    list_jobs,
    list_voices,
    openai,
    plan,
    status,
    upload,
)
from jobs import dub as dub_endpoint
from jobs import timing as timing_endpoint  # not the package `timing`
from jobs import tts as tts_endpoint  # not the package `tts`
from jobs.schema.hints import endpoint_meant
from jobs.schema.model import Model, Request
from jobs.schema.model_fields import MAX_FAULTS
from jobs.schema.s3_config import job_store
from jobs.schema.validation import InvalidRequest, validate
from messages import did_you_mean, quote_value
from settings import Settings
from storage import keys
from storage.retry import RetryingStore
from worker import checks, release
from worker import logs as job_log
from worker.build import CannotLoad, build, read_weights_ahead, report_load_errors
from worker.cancellation import Cancelled
from worker.envelope import Envelope
from worker.imports import import_ahead
from worker.job import Job, Progress
from worker.logs import JobLog
from worker.reply import to_output
from worker.runner import JobRunner
from worker.state import Worker
from worker.totals import DONE, FAILED, NO_ENDPOINT, STOPPED
from worker.unexpected import EnvironmentGone, is_environment_gone, unexpected

logger = logging.getLogger("worker")


@dataclass(frozen=True)
class Endpoint:
    """One endpoint: the model of its request, and the function that answers it."""

    request: type[Request]
    run: Callable[[Worker, Any, Job], Model]


ENDPOINTS = {
    "tts": Endpoint(tts_endpoint.TtsRequest, tts_endpoint.run),
    "plan": Endpoint(tts_endpoint.TtsRequest, plan.run),
    "dub": Endpoint(dub_endpoint.DubRequest, dub_endpoint.run),
    "timing": Endpoint(timing_endpoint.TimingRequest, timing_endpoint.run),
    "upload": Endpoint(upload.UploadRequest, upload.run),
    "list_voices": Endpoint(list_voices.ListVoicesRequest, list_voices.run),
    "delete_voice": Endpoint(delete_voice.DeleteVoiceRequest, delete_voice.run),
    "lexicon": Endpoint(lexicon.LexiconRequest, lexicon.run),
    "list_jobs": Endpoint(list_jobs.ListJobsRequest, list_jobs.run),
    "delete_job": Endpoint(delete_job.DeleteJobRequest, delete_job.run),
    "download": Endpoint(download.DownloadRequest, download.run),
    "status": Endpoint(status.StatusRequest, status.run),
    "result": Endpoint(status.StatusRequest, status.run),
    "health": Endpoint(health.HealthRequest, health.run),
}

MAX_NAME = 64
"""Most characters of the name of an endpoint."""

OPENAI_ROUTES = {
    "/v1/audio/speech": Endpoint(openai.SpeechRequest, openai.speech),
    "/v1/audio/voices": Endpoint(openai.VoicesRequest, openai.voices),
}


def parse(job_input: Any) -> tuple[Endpoint, Request]:
    """Find the endpoint and validate its request. Raises InvalidRequest with every fault."""
    try:
        return _parse(job_input)
    except RecursionError:
        # Python's own limit: neither pydantic nor the message about a wrong field gets deeper.
        raise InvalidRequest(["input is nested too deeply; no field needs such depth"]) from None


def _parse(job_input: Any) -> tuple[Endpoint, Request]:
    """As `parse`. Raises RecursionError for an input that is nested too deeply."""
    if not isinstance(job_input, dict):
        is_quoted = isinstance(job_input, str) and job_input.lstrip().startswith("{")
        raise InvalidRequest(
            [
                f"input must be an object, got {quote_value(job_input)}; send "
                '{"input": {"text": "Hello."}}'
                + (", without quotes around the inner object" if is_quoted else "")
            ]
        )
    fields = dict(job_input)
    if "openai_route" in fields:
        return _parse_openai(fields)
    name = fields.pop("endpoint", "tts")
    endpoint = ENDPOINTS.get(_spelt(name))
    if endpoint is None:
        raise InvalidRequest([f"unknown endpoint {quote_value(name)}{_other_endpoint(name)}"])
    return endpoint, validate(endpoint.request, fields)


def _spelt(name: Any) -> str:
    """The name of an endpoint as ENDPOINTS has it; it may be written in any case."""
    return name.strip().lower() if isinstance(name, str) and len(name) <= MAX_NAME else ""


def _other_endpoint(name: Any) -> str:
    """What to send in place of a wrong name of an endpoint."""
    if isinstance(name, str) and (meant := endpoint_meant(name)):
        return "; use " + " or ".join(f'"{one}"' for one in meant)
    suggestion = did_you_mean(name, ENDPOINTS) if isinstance(name, str) else ""
    if name is None or name == "":
        suggestion = '; leave endpoint out for "tts"'
    return f"{suggestion}; known endpoints: {', '.join(ENDPOINTS)}"


def _parse_openai(fields: dict[str, Any]) -> tuple[Endpoint, Request]:
    """As `parse`, for a call to one of OpenAI's routes."""
    route, body = fields.pop("openai_route"), fields.pop("openai_input", None)
    faults: list[str] = []
    if not isinstance(route, str) or route not in OPENAI_ROUTES:
        is_heard = isinstance(route, str) and route.endswith(("transcriptions", "translations"))
        remedy = "; the endpoint timing transcribes audio" if is_heard else ""
        names = ", ".join(OPENAI_ROUTES)
        faults.append(f"unknown route {quote_value(route)}{remedy}; known routes: {names}")
    if not isinstance(body, dict | None):
        faults.append(f"openai_input must be an object, got {quote_value(body)}")
    total = len(faults) + len(fields)
    shown = islice(fields, MAX_FAULTS)  # a request can have a million fields
    faults += [
        f"unknown field {quote_value(name)} beside openai_route; put it into openai_input"
        for name in shown
    ]
    if faults:
        raise InvalidRequest(faults, total)
    endpoint = OPENAI_ROUTES[route]
    return endpoint, validate(endpoint.request, body or {})


def _endpoint_name(job_input: Any) -> str:
    """The endpoint or the route that an input names; NO_ENDPOINT if it names none that exists."""
    if not isinstance(job_input, dict):
        return NO_ENDPOINT
    if "openai_route" in job_input:
        route = job_input["openai_route"]
        return route if isinstance(route, str) and route in OPENAI_ROUTES else NO_ENDPOINT
    name = _spelt(job_input.get("endpoint", "tts"))
    return name if name in ENDPOINTS else NO_ENDPOINT


def handle(worker: Worker, envelope: Envelope, send_progress: Progress) -> dict[str, Any]:
    """Run one job and return its reply. The reply of a failed job has `error`.

    Raises Cancelled if the job was stopped, and nothing else.

    send_progress: gets the stage, how much of it is done, and its total.
    """
    log = JobLog(logger, {"job_id": envelope.id})
    endpoint_name, started = NO_ENDPOINT, time.perf_counter()
    try:
        # A library that lacks its files may speak noise, and report nothing.
        if is_environment_gone():
            raise EnvironmentGone
        job_id = keys.parse_job_id(envelope.id)
        endpoint_name = _endpoint_name(envelope.input)
        endpoint, request = parse(envelope.input)
        with worker.active_jobs.exclusive(job_id) as stop, worker.scratch.job() as folder:
            store = job_store(envelope.s3_config, worker.store, worker.max_answer_s)
            store = RetryingStore(store, stop.sleep, worker.patience_s)
            log.info(
                "started: %s",
                ", ".join(filter(None, [endpoint_name, request.summary()])),
            )
            job = Job(
                job_id,
                envelope.fingerprint,
                folder,
                store,
                send_progress,
                log,
                stop,
                notes=request.notes,
            )
            reply = endpoint.run(worker.for_job(stop), request, job).with_warnings(request.notes)
            output = to_output(reply, replace_worker=job.worker_failed.is_set())
            outcome = reply.summary()
    except Cancelled as stopped:
        log.info("stopped: %s", stopped)
        worker.totals.add_job(endpoint_name, STOPPED, time.perf_counter() - started)
        raise
    except WorkerError as error:
        log.warning("failed: %s", error)
        output = error.reply()
    # The one catch-all: whatever fails, RunPod needs a reply, and the worker must go on.
    except Exception as error:
        log.exception("failed unexpectedly")
        output = unexpected(error, envelope.id).reply()
    else:
        log.info("finished%s", f": {outcome}" if outcome else "")
    code = output["code"] if "error" in output else None
    took_s = time.perf_counter() - started
    worker.totals.add_job(endpoint_name, FAILED if code else DONE, took_s, code)
    # It may have gone while the job ran: RunPod starts another worker before the next one.
    if is_environment_gone():
        output["refresh_worker"] = True
    return output


def trim_heap() -> None:
    """Return freed memory to the system: loading whisperx frees 120 MB that glibc would keep."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def collect_from_now_on() -> None:
    """Turn the garbage collector on, for what jobs make and not for what was loaded before them.

    A collection during a job would otherwise look through all libraries: a tenth of a second.
    """
    gc.freeze()
    gc.enable()


def import_sdk(on_platform: bool) -> Any:
    """RunPod's SDK. Raises CannotLoad.

    on_platform: on RunPod the SDK logs in the form of the worker's own lines.

    Call it before any model is on the GPU. Releases after 1.12.0 test the GPU's memory while they
    are imported, and RunPod would take a card that is full of our models for a broken one.
    """
    with report_load_errors("RunPod's SDK"), stubbed(RUNPOD):
        try:
            import runpod
            from runpod.serverless.modules import rp_logger
        except SystemExit:
            raise CannotLoad(
                "RunPod's SDK",
                ": its check of this machine failed, as the lines above say; let RunPod start "
                "another worker, or skip the check with RUNPOD_SKIP_GPU_CHECK=true or "
                "RUNPOD_SKIP_AUTO_SYSTEM_CHECKS=true",
            ) from None
    if on_platform:
        job_log.take_sdk_lines(rp_logger)
    else:
        # At a terminal the SDK prints replies, of which it would leave out the middle.
        rp_logger.MAX_MESSAGE_LENGTH = sys.maxsize
    return runpod


def main() -> None:
    """Load the worker, then run RunPod's SDK. Exits with 1 and one sentence if loading fails."""
    try:
        check_library_settings()
        # At its default level the SDK logs whole replies, including their signed links.
        os.environ.setdefault("RUNPOD_LOG_LEVEL", "INFO")
        settings = Settings.from_environment(os.environ)
        on_platform = "RUNPOD_WEBHOOK_POST_OUTPUT" in os.environ
        if on_platform:
            job_log.redact_output([*settings.secrets, os.environ.get("RUNPOD_AI_API_KEY", "")])
        job_log.configure(logger, settings.log_level, settings.log_format)
        space.keep_used(Path(sys.prefix))
        read_weights_ahead(settings)
        runpod = import_sdk(on_platform)
        worker = build(settings)
        with report_load_errors("the threads of jobs"):
            runner = JobRunner(
                partial(handle, worker),
                worker.active_jobs,
                settings.max_concurrency,
                on_platform,
                on_begin=import_ahead,
            )
    except (WorkerError, SetupError) as error:
        crash.forget_start(Path(sys.prefix))
        end(error.sentence if isinstance(error, WorkerError) else str(error), sys.argv[1:])
    crash.forget_start(Path(sys.prefix))
    collect_from_now_on()
    trim_heap()
    logger.info("%s", release.name())
    logger.info("ready: engine %s on %s", worker.engine.name, worker.engine.device)

    checks.register(settings, lambda reason: refuse_one_job(reason, sys.argv[1:]))
    config = {"handler": runner.run, "concurrency_modifier": runner.concurrency}
    runpod.serverless.start(config)


if __name__ == "__main__":
    main()

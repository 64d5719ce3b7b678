"""The worker: everything loaded once, then RunPod's loop, one job in, one reply out.

    python handler.py --test_input '{"input": {"text": "Hello."}}'    one job, then exit
    python handler.py --rp_serve_api                                  a local HTTP server
    python handler.py                                                 RunPod's own loop

Heavy libraries are imported in `build`, never by importing this module.
"""

import ctypes
import logging
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from volume import damage, space

if __name__ == "__main__":
    # Before anything that may be damaged on the disk.
    damage.install_excepthook(Path(sys.prefix))


from errors import WorkerError, unexpected
from import_stubs import RUNPOD, stubbed
from jobs import delete_voice, download, health, list_voices, openai, status, timing, tts, upload
from jobs.schema.model import Model
from jobs.schema.s3_config import job_store
from jobs.schema.validation import InvalidRequest, did_you_mean, quote_value, validate
from settings import Settings
from storage import keys
from storage.retry import RetryingStore
from worker import checks
from worker import logs as job_log
from worker.build import build, report_load_errors
from worker.cancellation import Cancelled
from worker.envelope import Envelope
from worker.job import Job, Progress
from worker.logs import JobLog
from worker.runner import JobRunner
from worker.state import Worker

logger = logging.getLogger("worker")


@dataclass(frozen=True)
class Endpoint:
    """A request's model, and what runs it: run(worker, request, job) -> reply."""

    request: type[Model]
    run: Callable[[Worker, Any, Job], Model]


ENDPOINTS = {
    "tts": Endpoint(tts.TtsRequest, tts.run),
    "timing": Endpoint(timing.TimingRequest, timing.run),
    "upload": Endpoint(upload.UploadRequest, upload.run),
    "list_voices": Endpoint(list_voices.ListVoicesRequest, list_voices.run),
    "delete_voice": Endpoint(delete_voice.DeleteVoiceRequest, delete_voice.run),
    "download": Endpoint(download.DownloadRequest, download.run),
    "status": Endpoint(status.StatusRequest, status.run),
    "result": Endpoint(status.StatusRequest, status.run),
    "health": Endpoint(health.HealthRequest, health.run),
}


OPENAI_ROUTES = {
    "/v1/audio/speech": Endpoint(openai.SpeechRequest, openai.speech),
    "/v1/audio/voices": Endpoint(openai.VoicesRequest, openai.voices),
}


def parse(job_input: Any) -> tuple[Endpoint, Model]:
    """The endpoint and its checked request. Raises InvalidRequest with every fault at once."""
    if not isinstance(job_input, dict):
        raise InvalidRequest([f"input must be an object, got {quote_value(job_input)}"])
    fields = dict(job_input)
    if "openai_route" in fields:
        return _parse_openai(fields)
    name = fields.pop("endpoint", "tts")
    if not isinstance(name, str) or name not in ENDPOINTS:
        near = did_you_mean(name, ENDPOINTS) if isinstance(name, str) else ""
        known = ", ".join(ENDPOINTS)
        raise InvalidRequest(
            [f"unknown endpoint {quote_value(name)}{near}; known endpoints: {known}"]
        )
    endpoint = ENDPOINTS[name]
    return endpoint, validate(endpoint.request, fields)


def _parse_openai(fields: dict[str, Any]) -> tuple[Endpoint, Model]:
    """The route's endpoint and its checked request, as `parse`."""
    route, given = fields.pop("openai_route"), fields.pop("openai_input", None)
    faults = [f"unknown field {quote_value(name)} beside openai_route" for name in fields]
    if not isinstance(route, str) or route not in OPENAI_ROUTES:
        faults.append(
            f"unknown route {quote_value(route)}; known routes: {', '.join(OPENAI_ROUTES)}"
        )
    if not isinstance(given, dict | None):
        faults.append(f"openai_input must be an object, got {quote_value(given)}")
    if faults:
        raise InvalidRequest(faults)
    endpoint = OPENAI_ROUTES[route]
    return endpoint, validate(endpoint.request, given or {})


def handle(worker: Worker, envelope: Envelope, send_progress: Progress) -> dict[str, Any]:
    """Reply to one job. A failed job's reply has `error`.

    Raises Cancelled for a job that was stopped, and nothing else.
    """
    log = JobLog(logger, {"job_id": envelope.id})
    try:
        job_id = keys.parse_job_id(envelope.id)
        endpoint, request = parse(envelope.input)
        with worker.underway.exclusive(job_id) as stop, worker.scratch.job() as folder:
            store = job_store(envelope.s3_config, worker.store, worker.max_answer_s)
            store = RetryingStore(store, stop.sleep, worker.patience_s)
            log.info("started: %s", type(request).__name__)
            job = Job(job_id, envelope.fingerprint, Path(folder), store, send_progress, log, stop)
            reply = endpoint.run(worker.for_job(stop), request, job)
            output = reply.model_dump(mode="json", exclude_none=True)
    except Cancelled as stopped:
        log.info("stopped: %s", stopped)
        raise
    except WorkerError as error:
        log.warning("failed: %s", error)
        output = error.reply()
    except Exception as error:
        log.exception("failed unexpectedly")
        output = unexpected(error, envelope.id).reply()
    else:
        log.info("finished")
    worker.jobs.add(failed="error" in output)
    return output


def trim_heap() -> None:
    """Give back to the system what loading took and freed: 120 MB with whisperx (glibc only)."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL("libc.so.6").malloc_trim(0)


def main() -> None:
    """Load the worker, then hand over to the SDK; exits 1 with one sentence if it cannot load."""
    # At its default level the SDK prints whole replies, signed links included.
    os.environ.setdefault("RUNPOD_LOG_LEVEL", "INFO")
    try:
        settings = Settings.from_environment(os.environ)
        on_platform = "RUNPOD_WEBHOOK_POST_OUTPUT" in os.environ
        if on_platform:
            job_log.redact_output([*settings.secrets, os.environ.get("RUNPOD_AI_API_KEY", "")])
        job_log.configure(logger, settings.log_level, settings.log_format)
        space.keep_used(Path(sys.prefix))
        worker = build(settings)
        with report_load_errors("RunPod's SDK"), stubbed(RUNPOD):
            import runpod
            from runpod.serverless.modules import rp_logger
    except WorkerError as error:
        sys.exit(f"cannot start: {error.sentence}")
    # It cuts the middle out of long messages, and half a signature is nothing that could be hidden.
    rp_logger.MAX_MESSAGE_LENGTH = sys.maxsize
    trim_heap()
    logger.info("ready: engine %s on %s", worker.engine.name, worker.engine.device)

    service = JobRunner(
        partial(handle, worker), worker.underway, settings.max_concurrency, on_platform
    )
    checks.register(settings)
    config = {"handler": service.run, "concurrency_modifier": service.concurrency}
    runpod.serverless.start(config)


if __name__ == "__main__":
    main()

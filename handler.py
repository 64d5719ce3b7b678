"""The worker: everything loaded once, then RunPod's loop, one job in, one reply out.

    python handler.py --test_input '{"input": {"text": "Hello."}}'    one job, then exit
    python handler.py --rp_serve_api                                  a local HTTP server
    python handler.py                                                 RunPod's own loop

Heavy libraries are imported in `build`, never by importing this module.
"""

import ctypes
import hashlib
import json
import logging
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from volume import running

if __name__ == "__main__":
    # Before anything that may be damaged on the disk.
    running.watch_imports(Path(sys.prefix))

from pydantic import SecretStr

from errors import WorkerError
from jobs import delete_voice, download, health, list_voices, openai, status, timing, tts, upload
from jobs import log as job_log
from jobs.base import Job, Model, Progress, Worker
from jobs.invalid import InvalidRequest, closest, shown, validated
from jobs.log import JobLog
from jobs.model_thread import ModelThread
from jobs.s3_config import store_of
from jobs.scratch import Scratch
from jobs.service import Service
from jobs.underway import Cancelled, Underway
from jobs.unexpected import unexpected
from settings import Settings, SettingsInvalid
from stand_ins import RUNPOD, standing_in
from storage import keys
from storage.base import Store
from storage.patient import ATTEMPTS, READ_TIMEOUT_S, Patient
from timing.aligner import Aligner
from tts.engine import Engine
from tts.lexicon import Lexicon
from tts.reference import References
from tts.transcribe import Hearing
from tts.voices import VoiceLibrary
from volume import checks

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


class CannotLoad(WorkerError):
    """A part of the worker that cannot be loaded; the worker exits with this sentence."""

    def __init__(self, what: str, problem: str) -> None:
        super().__init__(f"{what} cannot be loaded{problem}")


def parse(job_input: Any) -> tuple[Endpoint, Model]:
    """The endpoint and its checked request. Raises InvalidRequest with every fault at once."""
    if not isinstance(job_input, dict):
        raise InvalidRequest([f"input must be an object, got {shown(job_input)}"])
    fields = dict(job_input)
    if "openai_route" in fields:
        return _parse_openai(fields)
    name = fields.pop("endpoint", "tts")
    if not isinstance(name, str) or name not in ENDPOINTS:
        near = closest(name, ENDPOINTS) if isinstance(name, str) else ""
        known = ", ".join(ENDPOINTS)
        raise InvalidRequest([f"unknown endpoint {shown(name)}{near}; known endpoints: {known}"])
    endpoint = ENDPOINTS[name]
    return endpoint, validated(endpoint.request, fields)


def _parse_openai(fields: dict[str, Any]) -> tuple[Endpoint, Model]:
    """The route's endpoint and its checked request, as `parse`."""
    route, given = fields.pop("openai_route"), fields.pop("openai_input", None)
    faults = [f"unknown field {shown(name)} beside openai_route" for name in fields]
    if not isinstance(route, str) or route not in OPENAI_ROUTES:
        faults.append(f"unknown route {shown(route)}; known routes: {', '.join(OPENAI_ROUTES)}")
    if not isinstance(given, dict | None):
        faults.append(f"openai_input must be an object, got {shown(given)}")
    if faults:
        raise InvalidRequest(faults)
    endpoint = OPENAI_ROUTES[route]
    return endpoint, validated(endpoint.request, given or {})


def handle(worker: Worker, job: Mapping[str, Any], send_progress: Progress) -> dict[str, Any]:
    """Answer one job as RunPod delivers it: a failure is a reply with `error`.

    Raises Cancelled for a job that was stopped, and nothing else.
    """
    job_id = str(job.get("id", ""))
    log = JobLog(logger, {"job_id": job_id})
    try:
        keys.check_id(job_id)
        endpoint, request = parse(job.get("input"))
        with worker.underway.run(job_id) as stop, worker.scratch.job() as folder:
            store = Patient(store_of(job, worker.store), stop.pause)
            log.info("started: %s", type(request).__name__)
            context = Job(job_id, fingerprint(job), Path(folder), store, send_progress, log, stop)
            reply = endpoint.run(worker.until(stop), request, context)
            output = reply.model_dump(mode="json", exclude_none=True)
    except Cancelled as stopped:
        log.info("stopped: %s", stopped)
        raise
    except WorkerError as error:
        log.warning("failed: %s", error)
        output = error.reply()
    except Exception as error:
        log.exception("failed unexpectedly")
        output = unexpected(error, job_id).reply()
    else:
        log.info("finished")
    worker.jobs.add(failed="error" in output)
    return output


def build(settings: Settings) -> Worker:
    """Load everything that the settings enable. Raises WorkerError with what to do about it."""
    make_home(settings.home)
    with loading("the store"):
        store = build_store(settings)
    store.check()
    underway = Underway()
    store = Patient(store, underway.end.pause)
    model_thread = ModelThread()
    with loading(f"TTS_ENGINE={settings.engine}"):
        engine = model_thread.build(lambda: ENGINES[settings.engine](settings))
    whisper = build_whisper(settings, engine)
    try:
        scratch = Scratch()
    except OSError as error:
        reason = f" ({error.strerror}); make room there, or name another in TMPDIR"
        raise CannotLoad("the folder for temporary files", reason) from error
    return Worker(
        settings=settings,
        store=store,
        engine=engine,
        voices=VoiceLibrary(store, engine.default_voice, build_references(engine, whisper)),
        aligners=build_aligners(settings, engine.device),
        lexicon=Lexicon(store),
        model_thread=model_thread,
        scratch=scratch,
        whisper=whisper,
        underway=underway,
    )


@contextmanager
def loading(what: str) -> Iterator[None]:
    """One sentence for what a library raises when it is missing or its files are damaged."""
    try:
        yield
    except (ImportError, SyntaxError, EOFError, ValueError, OSError, RuntimeError) as error:
        if running.report_damage(Path(sys.prefix), error):
            remedy = f" ({error}); the environment is damaged: the next start builds it again"
        elif isinstance(error, FileNotFoundError | ValueError):
            remedy = f": {error}"
        elif isinstance(error, ImportError | SyntaxError | EOFError):
            remedy = (
                f" ({error}); the environment lacks it or is damaged: remove it under "
                "WORKER_HOME/venvs and run setup_network_venv.py, with --extra preview for the "
                "preview engine"
            )
        else:
            remedy = (
                f" ({error}); its files are damaged, or this machine's GPU, driver or memory does "
                "not do for it"
            )
        raise CannotLoad(what, remedy) from error


def make_home(home: Path) -> None:
    """The worker's folder, unless it is there. Raises SettingsInvalid."""
    try:
        home.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsInvalid(
            f"WORKER_HOME cannot be made ({error.strerror}); name a folder that the worker may "
            "write to"
        ) from None


def build_store(settings: Settings) -> Store:
    """The bucket, or without one a folder under the worker's home."""
    if not settings.has_bucket:
        from storage.local import LocalStore

        return LocalStore(settings.home / "store")
    from storage.s3 import S3Store

    return S3Store(
        settings.bucket,
        region=settings.region,
        endpoint_url=settings.endpoint_url,
        access_key=settings.access_key_id,
        secret_key=revealed(settings.secret_access_key),
        session_token=revealed(settings.session_token),
        style=settings.addressing,
        attempts=ATTEMPTS,
        read_timeout_s=READ_TIMEOUT_S,
    )


def build_f5(settings: Settings) -> Engine:
    """F5-TTS, loaded and warm."""
    from tts import f5_files

    files = f5_files.find(
        settings.f5_model,
        settings.f5_ckpt_file,
        settings.f5_vocab_file,
        settings.f5_vocoder_dir,
    )
    f5_files.read_ahead(files)
    from tts.f5 import F5Engine

    return F5Engine(
        files,
        settings.f5_device,
        settings.f5_dtype,
        settings.f5_attention,
        settings.align_languages,
    )


def build_preview(settings: Settings) -> Engine:
    """Piper, loaded and warm."""
    from tts.preview import PreviewEngine

    return PreviewEngine()


# The names that Settings.engine allows.
ENGINES: dict[str, Callable[[Settings], Engine]] = {"f5": build_f5, "preview": build_preview}


def build_whisper(settings: Settings, engine: Engine) -> Hearing | None:
    """What writes down clips and recordings; an engine that does not clone has it if asked to."""
    if not settings.loads_whisper:
        return None
    from tts.transcribe import Whisper

    with loading(f"WHISPER_MODEL={settings.whisper_model}"):
        return Whisper(settings.whisper_model, engine.device)


def build_references(engine: Engine, whisper: Hearing | None) -> References | None:
    """What prepares clips for an engine that clones, with Whisper for those without transcript."""
    if engine.mel is None:
        return None
    return References(engine.mel, engine.sample_rate, whisper)


def build_sphinx(settings: Settings, device: str) -> Aligner:
    """pocketsphinx, loaded."""
    from timing.sphinx import SphinxAligner

    return SphinxAligner()


def build_whisperx(settings: Settings, device: str) -> Aligner:
    """whisperx with its models for ALIGN_LANGUAGES, on the engine's device."""
    from timing.whisperx import WhisperXAligner

    return WhisperXAligner(settings.align_languages, device, settings.align_models)


def build_google(settings: Settings, device: str) -> Aligner:
    """Google Cloud Speech, with the credentials of the settings or the machine's own."""
    from timing.google import GoogleAligner, credentials_in, credentials_of

    credentials = None
    if settings.google_credentials_json:
        credentials = credentials_of(settings.google_credentials_json.get_secret_value())
    elif settings.google_credentials_file:
        credentials = credentials_in(settings.google_credentials_file)
    return GoogleAligner(
        credentials,
        settings.google_fallback == "on",
        settings.google_project,
        settings.google_endpoint,
    )


# The names that Settings.aligners allows.
ALIGNERS: dict[str, Callable[[Settings, str], Aligner]] = {
    "whisperx": build_whisperx,
    "sphinx": build_sphinx,
    "google": build_google,
}


def build_aligners(settings: Settings, device: str) -> dict[str, Aligner]:
    """The aligners that the settings name, loaded and warm."""
    aligners: dict[str, Aligner] = {}
    for name in settings.aligners_to_load:
        with loading(f"the aligner {name}"):
            aligners[name] = ALIGNERS[name](settings, device)
    return aligners


def revealed(secret: SecretStr | None) -> str | None:
    """The text of a secret, for the one who signs with it."""
    return secret.get_secret_value() if secret else None


def fingerprint(job: Mapping[str, Any]) -> str:
    """SHA-256 of a job's input: tells a job delivered twice from another under the same id."""
    canonical = json.dumps(job.get("input"), sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def return_freed_memory() -> None:
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
            job_log.hide([*settings.secrets, os.environ.get("RUNPOD_AI_API_KEY", "")])
        job_log.configure(logger, settings.log_level, settings.log_format)
        running.keep_used(Path(sys.prefix))
        worker = build(settings)
        with loading("RunPod's SDK"), standing_in(RUNPOD):
            import runpod
            from runpod.serverless.modules import rp_logger
    except WorkerError as error:
        sys.exit(f"cannot start: {error.sentence}")
    # It cuts the middle out of long messages, and half a signature is nothing that could be hidden.
    rp_logger.MAX_MESSAGE_LENGTH = sys.maxsize
    return_freed_memory()
    logger.info("ready: engine %s on %s", worker.engine.name, worker.engine.device)

    service = Service(
        partial(handle, worker), worker.underway, settings.max_concurrency, on_platform
    )
    checks.register(settings)
    config = {"handler": service.run, "concurrency_modifier": service.concurrency}
    runpod.serverless.start(config)


if __name__ == "__main__":
    main()

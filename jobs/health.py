"""`health`: what this worker consists of, what it does now, and what it has done."""

import platform
import shutil
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from jobs.schema.model import Model, Request
from jobs.schema.validation import choice_of
from timing.aligners import WHISPERX
from tts.engines import F5
from worker import metrics, release
from worker.job import Job
from worker.state import Worker
from worker.totals import DONE, FAILED

JSON: Final = "json"
PROMETHEUS: Final = "prometheus"

LIBRARIES = (
    "f5-tts", "piper-tts", "pocketsphinx", "whisperx", "faster-whisper", "torch", "runpod",
    "boto3", "soundfile", "ass",
)  # fmt: skip
"""The distributions whose versions `health` shows, if they are installed."""


class HealthRequest(Request):
    """In which form the answer comes."""

    format: Annotated[str, choice_of((JSON, PROMETHEUS))] = Field(
        JSON, description="`json`, or `prometheus` for Prometheus' text format."
    )


class HealthReply(Model):
    """Names and numbers. No field may hold a path, a host or a credential."""

    status: Literal["ok"] = "ok"
    version: str
    commit: str | None = None
    worker_id: str | None = None
    engine: str
    device: str
    gpu_memory_free_bytes: int | None = None
    gpu_memory_total_bytes: int | None = None
    aligners: list[str]
    models: dict[str, str]
    weights_licence: str | None = None
    store: Literal["s3", "local"]
    versions: dict[str, str]
    environment: str
    home_free_bytes: int | None = None
    uptime_s: float
    jobs_running: int
    jobs_waiting: int
    max_concurrency: int
    jobs_done: int
    jobs_failed: int
    errors: dict[str, int]
    characters: int
    audio_s: float


class MetricsReply(Model):
    """The numbers of HealthReply as text.

    metrics: lines in Prometheus' text format, of the type `content_type`.
    """

    status: Literal["ok"] = "ok"
    content_type: str
    metrics: str


def run(worker: Worker, request: HealthRequest, job: Job) -> HealthReply | MetricsReply:
    """Describe the worker. It calls no store and waits for no model: it answers at any time."""
    if request.format == PROMETHEUS:
        return MetricsReply(content_type=metrics.CONTENT_TYPE, metrics=metrics.text(worker))
    totals = worker.totals.snapshot()
    free, total = worker.engine.device_memory() or (None, None)
    return HealthReply(
        version=release.version(),
        commit=release.commit(),
        worker_id=worker.settings.worker_id,
        engine=worker.engine.name,
        device=worker.engine.device,
        gpu_memory_free_bytes=free,
        gpu_memory_total_bytes=total,
        aligners=sorted(worker.aligners),
        models=_models(worker),
        weights_licence=worker.engine.licence,
        store="s3" if worker.settings.has_bucket else "local",
        versions={"python": platform.python_version()} | _versions(),
        # The name of the environment's folder: it identifies the lock that was installed.
        environment=Path(sys.prefix).name,
        home_free_bytes=_free_bytes(worker.settings.home),
        uptime_s=round(time.monotonic() - worker.started, 1),
        jobs_running=len(worker.active_jobs),
        jobs_waiting=worker.model_thread.waiting,
        max_concurrency=worker.settings.max_concurrency,
        jobs_done=totals.ended(DONE),
        jobs_failed=totals.ended(FAILED),
        errors=dict(totals.errors),
        characters=totals.characters,
        audio_s=round(totals.audio_s, 3),
    )


def _free_bytes(folder: Path) -> int | None:
    """The free space where the folder lies; None if that cannot be told, as of a volume that is
    gone."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def _models(worker: Worker) -> dict[str, str]:
    """The loaded models by purpose. Of a path in the settings only the last part is shown."""
    settings = worker.settings
    models: dict[str, str] = {}
    if settings.engine == F5:
        weights = settings.f5_ckpt_file or Path(settings.f5_model)
        models[F5] = weights.name
    if worker.whisper is not None:
        models["whisper"] = Path(settings.whisper_model).name
    if WHISPERX in worker.aligners:
        models[WHISPERX] = ",".join(settings.align_languages)
    return models


def _versions() -> dict[str, str]:
    """The versions of the installed LIBRARIES."""
    versions: dict[str, str] = {}
    for name in LIBRARIES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            # Each environment has the libraries of its own engine only.
            continue
    return versions

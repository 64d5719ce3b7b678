"""`health`: what this worker consists of, and how many jobs it has done."""

import platform
import shutil
import sys
import time
from importlib import metadata
from pathlib import Path
from typing import Literal

from jobs.schema.model import Model, Request
from timing.aligners import WHISPERX
from tts.engines import F5
from worker import release
from worker.job import Job
from worker.state import Worker

LIBRARIES = (
    "f5-tts", "piper-tts", "pocketsphinx", "whisperx", "faster-whisper", "torch", "runpod",
    "boto3", "soundfile", "ass",
)  # fmt: skip
"""The distributions whose versions `health` shows, if they are installed."""


class HealthRequest(Request):
    """No field."""


class HealthReply(Model):
    """Names and numbers. No field may hold a path, a host or a credential."""

    status: Literal["ok"] = "ok"
    version: str
    engine: str
    device: str
    aligners: list[str]
    models: dict[str, str]
    store: Literal["s3", "local"]
    versions: dict[str, str]
    environment: str
    home_free_bytes: int | None = None
    uptime_s: float
    jobs_done: int
    jobs_failed: int


def run(worker: Worker, request: HealthRequest, job: Job) -> HealthReply:
    """Describe the worker. Calls neither the store nor the engine, so it answers at any time."""
    return HealthReply(
        version=release.version(),
        engine=worker.engine.name,
        device=worker.engine.device,
        aligners=sorted(worker.aligners),
        models=_models(worker),
        store="s3" if worker.settings.has_bucket else "local",
        versions={"python": platform.python_version()} | _versions(),
        # The name of the environment's folder: it identifies the lock that was installed.
        environment=Path(sys.prefix).name,
        home_free_bytes=_free_bytes(worker.settings.home),
        uptime_s=round(time.monotonic() - worker.started, 1),
        jobs_done=worker.jobs.done,
        jobs_failed=worker.jobs.failed,
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
        models[F5] = Path(settings.f5_ckpt_file or settings.f5_model).name
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

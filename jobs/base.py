"""What every endpoint gets: the warm worker, the job at hand, and the base of its models."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from settings import Settings
from storage import keys
from storage.base import Store
from timing.aligner import Aligner
from tts.engine import Engine
from tts.transcribe import Hearing
from tts.voices import VoiceLibrary

Progress = Callable[[str, int, int], None]
"""Called with a stage's name, how much of it is done, and how much there is in all."""


class Model(BaseModel):
    """Base of requests and replies: frozen, strict types, no unknown field, finite numbers."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", allow_inf_nan=False, populate_by_name=True
    )


def _checked_id(raw: str) -> str:
    try:
        return keys.check_id(raw)
    except keys.InvalidName as error:
        raise ValueError(error.sentence) from None


JobId = Annotated[str, AfterValidator(_checked_id)]
"""A job's id that can be part of a key of the store."""


class Counter:
    """How many jobs ended well and how many did not, since the worker started."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.done = 0
        self.failed = 0

    def add(self, failed: bool) -> None:
        """Count one job that ended."""
        with self._lock:
            self.failed += failed
            self.done += not failed


@dataclass(frozen=True)
class Worker:
    """All warm state, built once before the first job."""

    settings: Settings
    store: Store
    engine: Engine
    voices: VoiceLibrary
    aligners: Mapping[str, Aligner]
    whisper: Hearing | None = None
    started: float = field(default_factory=time.monotonic)
    jobs: Counter = field(default_factory=Counter)


@dataclass(frozen=True)
class Job:
    """One job: RunPod's id, a fingerprint of its input, a folder that goes when it ends.

    `store` is where its files go: the worker's, or the one of the job's own `s3Config`.
    """

    id: str
    input_sha256: str
    folder: Path
    store: Store
    progress: Progress
    log: "logging.LoggerAdapter[logging.Logger]"
    metrics: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage: its milliseconds go into `metrics` and one line into the log."""
        started = time.perf_counter()
        yield
        elapsed = 1000 * (time.perf_counter() - started)
        self.metrics[f"{name}_ms"] = round(self.metrics.get(f"{name}_ms", 0.0) + elapsed, 1)
        self.log.info("%s took %.0f ms", name, elapsed)

"""What every endpoint gets: the warm worker, the job at hand, and the base of its models."""

import hashlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from jobs.log import JobLog
from jobs.scratch import Scratch
from jobs.underway import Stop, Underway
from settings import Settings
from storage import keys
from storage.base import Store
from storage.patient import Patient
from timing.aligner import Aligner
from tts.engine import Engine
from tts.lexicon import Lexicon
from tts.transcribe import Hearing
from tts.voices import VoiceLibrary

if TYPE_CHECKING:
    from jobs.model_thread import ModelThread

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
    lexicon: Lexicon
    model_thread: "ModelThread"
    scratch: Scratch
    whisper: Hearing | None = None
    started: float = field(default_factory=time.monotonic)
    jobs: Counter = field(default_factory=Counter)
    underway: Underway = field(default_factory=Underway)

    def until(self, stop: Stop) -> "Worker":
        """The same worker for one job: where it waits for a store or a voice, `stop` ends that."""

        def patient(store: Store) -> Store:
            return Patient(store, stop.pause)

        return replace(
            self,
            store=patient(self.store),
            voices=self.voices.through(patient, stop.check),
            lexicon=self.lexicon.through(patient),
        )


@dataclass(frozen=True)
class Job:
    """One job: RunPod's id, a fingerprint of its input, a folder that goes when it ends.

    `store` is where its files go: the worker's, or the one of the job's own `s3Config`.
    `progress` and the start of a stage raise Cancelled once the job is to stop.
    """

    id: str
    input_sha256: str
    folder: Path
    store: Store
    send_progress: Progress
    log: JobLog
    stop: Stop = field(default_factory=Stop)
    metrics: dict[str, float] = field(default_factory=dict)
    started: float = field(default_factory=time.perf_counter)

    @property
    def seed(self) -> int:
        """Below 2**31; the same each time this job is delivered, so that two workers make alike."""
        drawn = hashlib.sha256(f"{self.id} {self.input_sha256}".encode()).digest()
        return int.from_bytes(drawn[:4], "big") % 2**31

    def progress(self, stage: str, done: int, total: int) -> None:
        """Tell how far a stage is. Raises Cancelled."""
        self.stop.check()
        self.send_progress(stage, done, total)

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage: its milliseconds go into `metrics` and one line into the log.

        Those of a stage inside it are not counted again, so all of them add up to the wall time.
        Raises Cancelled.
        """
        self.stop.check()
        before = self._measured_ms()
        started = time.perf_counter()
        yield
        elapsed = 1000 * (time.perf_counter() - started) - (self._measured_ms() - before)
        self.metrics[f"{name}_ms"] = self.metrics.get(f"{name}_ms", 0.0) + elapsed
        told = {"stage": name, "ms": round(elapsed, 1)}
        self.log.info("%s took %.0f ms", name, elapsed, extra=told)

    def times(self) -> dict[str, float]:
        """The metrics of a reply: milliseconds by stage and `other_ms`, which make `total_ms`."""
        total = 1000 * (time.perf_counter() - self.started)
        found = self.metrics | {"other_ms": total - self._measured_ms(), "total_ms": total}
        return {name: round(value, 1) for name, value in found.items()}

    def _measured_ms(self) -> float:
        return sum(value for name, value in self.metrics.items() if name.endswith("_ms"))

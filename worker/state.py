"""What every endpoint gets: the warm worker, the job at hand, and the base of its models."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from settings import Settings
from storage.fetch import MAX_FETCH_S
from storage.retry import PATIENCE_S, RetryingStore
from storage.store import Store
from timing.alignment.aligner import Aligner
from tts.asr.transcriber import Transcriber
from tts.engine import Engine
from tts.text.lexicon import Lexicon
from tts.voices.library import VoiceLibrary
from worker.cancellation import ActiveJobs, CancellationToken
from worker.scratch import Scratch

if TYPE_CHECKING:
    from worker.model_thread import ModelThread


class JobCounts:
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
    whisper: Transcriber | None = None
    started: float = field(default_factory=time.monotonic)
    jobs: JobCounts = field(default_factory=JobCounts)
    underway: ActiveJobs = field(default_factory=ActiveJobs)
    patience_s: float = PATIENCE_S
    """How long a job waits for a store that cannot be reached."""
    max_answer_s: float = MAX_FETCH_S
    """How long one answer of a client's own bucket may take."""

    def for_job(self, stop: CancellationToken) -> "Worker":
        """The same worker for one job: where it waits for a store or a voice, `stop` ends that."""

        def patient(store: Store) -> Store:
            return RetryingStore(store, stop.sleep, self.patience_s)

        return replace(
            self,
            store=patient(self.store),
            voices=self.voices.for_job(patient, stop.raise_if_cancelled),
            lexicon=self.lexicon.for_job(patient),
        )

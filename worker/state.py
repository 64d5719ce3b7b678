"""The loaded worker, which every endpoint gets."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

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
from worker.model_thread import ModelThread
from worker.scratch import Scratch
from worker.totals import Totals


@dataclass(frozen=True)
class Worker:
    """Everything that stays loaded between jobs; `build` makes it before the first one.

    settings: what the environment of the process says.
    store: where voices and files are kept, unless a job brings its own bucket.
    aligners: those that the settings name, loaded, by name.
    lexicon: the pronunciations for all jobs, from the store.
    model_thread: the only thread that may call `engine`.
    scratch: makes the temporary folder of each job.
    whisper: None if the settings load no Whisper.
    started: the value of `time.monotonic()` when the worker was built.
    totals: what `health` shows of the jobs that ended.
    active_jobs: the jobs that are running or waiting, so that RunPod can stop them.
    """

    settings: Settings
    store: Store
    engine: Engine
    voices: VoiceLibrary
    aligners: Mapping[str, Aligner]
    lexicon: Lexicon
    model_thread: ModelThread
    scratch: Scratch
    whisper: Transcriber | None = None
    started: float = field(default_factory=time.monotonic)
    totals: Totals = field(default_factory=Totals)
    active_jobs: ActiveJobs = field(default_factory=ActiveJobs)
    patience_s: float = PATIENCE_S
    """How long a job waits for a store that cannot be reached, in seconds."""
    max_answer_s: float = MAX_FETCH_S
    """How long one answer of a client's own bucket may take, in seconds."""

    def for_job(self, stop: CancellationToken) -> "Worker":
        """A view of the worker for one job: waits in its store, voices and lexicon raise Cancelled
        once `stop` is set."""

        def retrying(store: Store) -> Store:
            return RetryingStore(store, stop.sleep, self.patience_s)

        return replace(
            self,
            store=retrying(self.store),
            voices=self.voices.for_job(retrying, stop.raise_if_cancelled),
            lexicon=self.lexicon.for_job(retrying),
        )

"""Two jobs at once on one model: a short one waits for a batch, and neither changes the other.

With Piper, and with a tiny F5 (slow).
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from settings import Settings
from tests.support import handling
from tests.support.tiny_f5 import Checkpoint
from tests.support.waiting import until
from tts.engine import SamplingOptions, SynthesisFailed, Take, Voice
from tts.preview import PreviewEngine
from tts.speech import Chunk, Samples
from worker.build import build
from worker.cancellation import ActiveJobs, Cancelled
from worker.job import Progress
from worker.model_thread import LEAST_TURN_S
from worker.state import Worker

Answer = dict[str, Any]
LONG = " ".join(f"This is sentence number {n} of a long script about the sea." for n in range(8))
SHORT = "Hello there, old friend."
CUES = "".join(
    f"{n}\n00:00:{5 * n:02},000 --> 00:00:{5 * n + 3:02},000\nThis is number {n} of a few cues.\n\n"
    for n in (1, 2, 3)
)
SPOKEN = ("synthesis", "pace")


@pytest.fixture(scope="module", params=["preview", pytest.param("f5", marks=pytest.mark.slow)])
def speaker(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Worker]:
    home = {"WORKER_HOME": str(tmp_path_factory.mktemp("home"))}
    if request.param == "preview":
        yield build(Settings.from_environment({"TTS_ENGINE": "preview"} | home))
    else:
        files: Checkpoint = request.getfixturevalue("tiny_checkpoint")
        names = files.environment | home | {"WHISPER_MODEL": "none"}
        yield build(Settings.from_environment(names))


def speak(
    worker: Worker, job_id: str, progress: Progress = lambda *_: None, **fields: Any
) -> Answer:
    quick = {} if worker.engine.name == "preview" else {"nfe_step": 4}
    job = {"id": job_id, "input": {"seed": 7} | quick | fields}
    return handling.handle(worker, job, progress)


def audio(reply: Answer) -> bytes:
    assert "error" not in reply, reply
    return Path(reply["audio_url"].removeprefix("file://")).read_bytes()


class Beside:
    """A long job, and another that comes while the first take of the long one is spoken.

    The long one goes on until the other waits for its turn; after its third take it waits until
    the other has ended, if `outlasts`. `taken` has the id of the job of each take.
    """

    def __init__(self, worker: Worker, other: Callable[[Progress], Answer], outlasts: bool) -> None:
        self.taken: list[str] = []
        self._worker, self._other, self._outlasts = worker, other, outlasts
        self._own = 0
        self._other_answer: Future[Answer] | None = None

    def run(self, job_id: str, **fields: Any) -> tuple[Answer, "Future[Answer]"]:
        with ThreadPoolExecutor(1) as threads:

            def progress(stage: str, done: int, total: int) -> None:
                if stage not in SPOKEN:
                    return
                self.taken.append("long")
                self._own += 1
                if self._own == 1:
                    self._other_answer = threads.submit(self._other, self._told)
                    until(lambda: self._worker.model_thread.waiting == 1)
                    time.sleep(LEAST_TURN_S)
                elif self._own == 3 and self._outlasts:
                    assert self._other_answer is not None
                    self._other_answer.exception(60)

            answer = speak(self._worker, job_id, progress, **fields)
        assert self._other_answer is not None
        return answer, self._other_answer

    def _told(self, stage: str, done: int, total: int) -> None:
        if stage in SPOKEN:
            self.taken.append("other")


def test_a_short_job_waits_for_one_take_and_sounds_as_it_does_alone(speaker: Worker) -> None:
    alone = audio(speak(speaker, "short-alone", text=SHORT))
    long_alone = audio(speak(speaker, "long-alone", text=LONG))
    both = Beside(
        speaker, lambda told: speak(speaker, "short-beside", told, text=SHORT), outlasts=True
    )
    long, short = both.run("long-beside", text=LONG)
    assert both.taken[:3] == ["long", "other", "long"]
    assert both.taken.count("long") == len(both.taken) - 1 >= 4
    assert audio(short.result()) == alone
    assert audio(long) == long_alone
    assert speaker.model_thread.waiting == 0


@pytest.mark.parametrize(
    "fields",
    [
        {"fix_duration": 40.0},
        {"max_duration": 30.0, "max_speed": 2.0},
        {"early": True},
        {"endpoint": "dub", "srt": CUES},
    ],
    ids=["fix_duration", "max_duration", "early", "dub"],
)
def test_every_kind_of_speech_takes_turns_and_stays_the_same(
    speaker: Worker, fields: dict[str, Any], request: pytest.FixtureRequest
) -> None:
    name = request.node.callspec.id
    asked = fields if "srt" in fields else {"text": LONG} | fields
    alone = audio(speak(speaker, f"{name}-alone", **asked))
    both = Beside(
        speaker, lambda told: speak(speaker, f"{name}-short", told, text=SHORT), outlasts=False
    )
    beside, short = both.run(f"{name}-beside", **asked)
    assert audio(beside) == alone
    assert audio(short.result()) == audio(speak(speaker, f"{name}-again", text=SHORT))
    assert "long" in both.taken[both.taken.index("other") :]


def test_a_job_that_is_stopped_between_its_turns_leaves_the_other_alone(speaker: Worker) -> None:
    worker = replace(speaker, active_jobs=ActiveJobs())
    alone = audio(speak(worker, "kept-alone", text=LONG))

    def stopped(told: Progress) -> Answer:
        def stop(stage: str, done: int, total: int) -> None:
            told(stage, done, total)
            if stage in SPOKEN:
                worker.active_jobs.stop("stopped")

        return speak(worker, "stopped", stop, text=LONG)

    both = Beside(worker, stopped, outlasts=True)
    kept, other = both.run("kept", text=LONG)
    assert isinstance(other.exception(), Cancelled)
    assert both.taken.count("other") == 1
    assert audio(kept) == alone
    assert worker.model_thread.waiting == 0


class FailsOnWord(PreviewEngine):
    """The preview engine, which cannot speak a chunk with the word `boom`."""

    def synthesize(
        self,
        chunks: Sequence[Chunk],
        voice: Voice,
        sampling: SamplingOptions,
        tries: Sequence[Take],
        targets: Sequence[int] | None = None,
    ) -> Iterator[tuple[int, Samples]]:
        for take in sorted(tries):
            if any(token.spoken == "boom" for token in chunks[take.chunk].tokens):
                raise SynthesisFailed("no sound for it")
            yield from super().synthesize(chunks, voice, sampling, [take], targets)


def test_a_job_that_fails_fails_alone(worker: Worker) -> None:
    failing = replace(worker, engine=worker.model_thread.build(FailsOnWord))
    alone = audio(speak(failing, "good-alone", text=LONG))
    text = f"{LONG} Then it goes boom."
    both = Beside(failing, lambda told: speak(failing, "bad", told, text=text), outlasts=False)
    good, bad = both.run("good", text=LONG)
    assert bad.result()["code"] == "synthesis_failed"
    assert audio(good) == alone


def test_health_and_metrics_count_the_job_that_waits(worker: Worker) -> None:
    asked: list[Answer] = []

    def progress(stage: str, done: int, total: int) -> None:
        if stage == "synthesis" and not asked:
            short.append(threads.submit(speak, worker, "waits", text=SHORT))
            until(lambda: worker.model_thread.waiting == 1)
            asked.append(
                handling.handle(worker, {"id": "ask", "input": {"endpoint": "health"}}, progress)
            )

    short: list[Future[Answer]] = []
    with ThreadPoolExecutor(1) as threads:
        audio(speak(worker, "speaks", progress, text=LONG))
        audio(short[0].result(60))
    assert asked[0]["jobs_waiting"] == 1
    after = handling.handle(worker, {"id": "after", "input": {"endpoint": "health"}}, progress)
    assert after["jobs_waiting"] == 0

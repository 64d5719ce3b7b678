"""The turns of jobs on the model thread, with work that says itself how long a turn lasts."""

import logging
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from storage.keys import JobId
from storage.local import LocalStore
from tests.support.waiting import until
from tts.turns import Turns, at_once
from worker.cancellation import Cancelled, CancelReason
from worker.job import Job
from worker.logs import JobLog
from worker.model_thread import LEAST_TURN_S, ModelThread
from worker.scratch import JobFolder


class Desk:
    """A model thread, jobs that use it, and what was done on it."""

    def __init__(self, store: LocalStore, threads: ThreadPoolExecutor) -> None:
        self.model, self.done = ModelThread(), list[str]()
        self._store, self._threads = store, threads

    def job(self, name: str) -> Job:
        log = JobLog(logging.getLogger("worker"), {"job_id": name})
        folder = JobFolder(tempfile.TemporaryDirectory)
        return Job(JobId(name), "", folder, self._store, lambda *_: None, log)

    def start(self, job: Job, work: Callable[[], Turns[str]]) -> "Future[str]":
        return self._threads.submit(self.model.synthesize, job, work)

    def turns(
        self, name: str, count: int, at_first: Callable[[], None] = lambda: None
    ) -> Turns[str]:
        """Work of so many turns, each long enough; `at_first` is called within the first."""
        try:
            for number in range(count):
                self.done.append(f"{name}{number}")
                if not number:
                    at_first()
                time.sleep(LEAST_TURN_S)
                yield
        except GeneratorExit:
            self.done.append(f"{name} closed on {threading.current_thread().name}")
            raise
        return name


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with ThreadPoolExecutor(4) as threads:
        yield Desk(LocalStore(tmp_path), threads)


def start_both(desk: Desk, first: Job, second: Job, counts: tuple[int, int]) -> list["Future[str]"]:
    """Two jobs, `a` and `b`; the second waits while the first has its first turn."""
    found: list[Future[str]] = []

    def start_second() -> None:
        found.append(desk.start(second, lambda: desk.turns("b", counts[1])))
        until(lambda: desk.model.waiting == 1)

    found.insert(0, desk.start(first, lambda: desk.turns("a", counts[0], start_second)))
    until(lambda: len(found) == 2)
    return found


def test_two_jobs_take_turns(desk: Desk) -> None:
    first, second = start_both(desk, one := desk.job("one"), two := desk.job("two"), (4, 2))
    assert (first.result(60), second.result(60)) == ("a", "b")
    assert desk.done == ["a0", "b0", "a1", "b1", "a2", "a3"]
    assert desk.model.waiting == 0
    for job in (one, two):
        assert set(job.metrics) == {"queue_ms", "synthesis_ms"}
        assert min(job.metrics.values()) >= 0
    # The waits of one are about the turns of the other, and its own turns are not among them.
    assert one.metrics["queue_ms"] >= 2 * 1000 * LEAST_TURN_S
    assert one.metrics["synthesis_ms"] >= 4 * 1000 * LEAST_TURN_S
    assert two.metrics["queue_ms"] >= 2 * 1000 * LEAST_TURN_S


def test_three_jobs_go_round(desk: Desk) -> None:
    found: list[Future[str]] = []

    def start_others() -> None:
        for count, name in enumerate("bc", 1):
            job = desk.job(name)
            found.append(desk.start(job, lambda name=name: desk.turns(name, 2)))  # type: ignore[misc]
            until(lambda count=count: desk.model.waiting == count)  # type: ignore[misc]

    found.append(desk.start(desk.job("a"), lambda: desk.turns("a", 3, start_others)))
    until(lambda: len(found) == 3)
    assert {one.result(60) for one in found} == {"a", "b", "c"}
    assert desk.done == ["a0", "b0", "c0", "a1", "b1", "c1", "a2"]


def test_a_failure_reaches_its_own_job_alone(desk: Desk) -> None:
    def failing() -> Turns[str]:
        yield from desk.turns("b", 1)
        raise ValueError("of b")

    found: list[Future[str]] = []

    def start_second() -> None:
        found.append(desk.start(desk.job("two"), failing))
        until(lambda: desk.model.waiting == 1)

    good = desk.start(desk.job("one"), lambda: desk.turns("a", 4, start_second))
    assert good.result(60) == "a"
    with pytest.raises(ValueError, match="of b"):
        found[0].result(60)
    assert desk.start(desk.job("three"), lambda: desk.turns("c", 1)).result(60) == "c"


def test_what_a_stopped_job_leaves_is_closed_before_the_next_turn(desk: Desk) -> None:
    one, two = desk.job("one"), desk.job("two")
    ended = threading.Event()

    def other() -> Turns[str]:
        """Stops the first job, which waits for its second turn, and lets it end."""
        one.stop.set(CancelReason.CANCELLED)
        assert ended.wait(60)
        yield
        return (yield from desk.turns("b", 1))

    found: list[Future[str]] = []

    def start_second() -> None:
        found.append(desk.start(two, other))
        until(lambda: desk.model.waiting == 1)

    stopped = desk.start(one, lambda: desk.turns("a", 9, start_second))
    with pytest.raises(Cancelled):
        stopped.result(60)
    ended.set()
    assert found[0].result(60) == "b"
    assert desk.done == ["a0", "a closed on model_0", "b0"]
    assert desk.model.waiting == 0


def test_a_job_that_is_stopped_before_its_first_turn_never_uses_the_model(desk: Desk) -> None:
    one, two = desk.job("one"), desk.job("two")
    found: list[Future[str]] = []

    def start_second() -> None:
        found.append(desk.start(two, lambda: desk.turns("b", 1)))
        until(lambda: desk.model.waiting == 1)
        two.stop.set(CancelReason.CANCELLED)
        with pytest.raises(Cancelled):
            found[0].result(60)
        assert desk.model.waiting == 0

    assert desk.start(one, lambda: desk.turns("a", 2, start_second)).result(60) == "a"
    assert desk.done == ["a0", "a1"]


def test_a_stop_between_two_turns_of_a_job_alone_closes_its_work(desk: Desk) -> None:
    job = desk.job("one")

    def stop() -> None:
        job.stop.set(CancelReason.CANCELLED)

    with pytest.raises(Cancelled):
        desk.start(job, lambda: desk.turns("a", 3, stop)).result(60)
    assert desk.done == ["a0", "a closed on model_0"]


def test_nested_work_is_no_stage_of_its_own(desk: Desk) -> None:
    job = desk.job("one")
    with job.stage("verification"):
        assert desk.model.synthesize_nested(job, lambda: desk.turns("a", 2)) == "a"
    assert set(job.metrics) == {"verification_ms"}


def test_work_at_once_has_the_same_result(desk: Desk) -> None:
    with closing(desk.turns("a", 2)) as turns:
        assert at_once(turns) == "a"
    assert desk.done == ["a0", "a1"]

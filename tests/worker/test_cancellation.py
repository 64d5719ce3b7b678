"""One run of a job at a time, and how runs are stopped."""

import threading
import time
from collections.abc import Callable

import pytest

from worker.cancellation import ActiveJobs, CancellationToken, Cancelled, CancelReason


def in_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[Cancelled]]:
    raised: list[Cancelled] = []

    def run() -> None:
        try:
            work()
        except Cancelled as error:
            raised.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, raised


def test_a_second_run_of_an_id_waits_for_the_first() -> None:
    active_jobs, order = ActiveJobs(), []

    def second() -> None:
        with active_jobs.exclusive("a"):
            order.append("second")

    with active_jobs.exclusive("a"):
        thread, _ = in_thread(second)
        with active_jobs.exclusive("b"):
            order.append("another id")
        time.sleep(0.2)
        order.append("first")
    thread.join()
    assert order == ["another id", "first", "second"]


def test_a_stop_is_for_all_runs_of_an_id_and_for_no_other() -> None:
    active_jobs = ActiveJobs()

    def second() -> None:
        with active_jobs.exclusive("a"):
            raise AssertionError("it began")

    with active_jobs.exclusive("a") as stop, active_jobs.exclusive("b") as other:
        thread, raised = in_thread(second)
        active_jobs.stop("a")
        active_jobs.stop("nobody")
        thread.join()
        with pytest.raises(Cancelled, match="was cancelled"):
            stop.raise_if_cancelled()
        other.raise_if_cancelled()
    assert isinstance(raised[0], Cancelled)
    with active_jobs.exclusive("a") as again:
        again.raise_if_cancelled()


def test_leaving_stops_everything_also_what_still_comes() -> None:
    active_jobs = ActiveJobs()
    with active_jobs.exclusive("a") as stop:
        active_jobs.shutdown.set(CancelReason.SHUTDOWN)
        with pytest.raises(Cancelled, match="this worker ends"):
            stop.raise_if_cancelled()
    with pytest.raises(Cancelled), active_jobs.exclusive("b"):
        raise AssertionError("it began")


def test_the_first_reason_counts() -> None:
    stop = CancellationToken()
    stop.raise_if_cancelled()
    stop.set(CancelReason.CANCELLED)
    stop.set(CancelReason.SHUTDOWN)
    with pytest.raises(Cancelled, match="was cancelled"):
        stop.raise_if_cancelled()


def test_a_pause_ends_when_the_work_is_to_stop() -> None:
    stop = CancellationToken()
    thread, raised = in_thread(lambda: stop.sleep(3600))
    stop.set(CancelReason.SHUTDOWN)
    thread.join()
    assert len(raised) == 1
    CancellationToken().sleep(0.01)


def test_a_stop_counts_before_the_work_has_begun() -> None:
    active_jobs = ActiveJobs()
    active_jobs.register("a")
    active_jobs.stop("a")
    with pytest.raises(Cancelled), active_jobs.exclusive("a"):
        raise AssertionError("it began")
    active_jobs.unregister("a")
    with active_jobs.exclusive("a") as again:
        again.raise_if_cancelled()

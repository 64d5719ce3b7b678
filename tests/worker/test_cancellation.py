"""One run of a job at a time, and how runs are stopped."""

import threading
import time
from collections.abc import Callable

import pytest

from worker.cancellation import Cancelled, Stop, Underway, Why


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
    underway, order = Underway(), []

    def second() -> None:
        with underway.run("a"):
            order.append("second")

    with underway.run("a"):
        thread, _ = in_thread(second)
        with underway.run("b"):
            order.append("another id")
        time.sleep(0.2)
        order.append("first")
    thread.join()
    assert order == ["another id", "first", "second"]


def test_a_stop_is_for_all_runs_of_an_id_and_for_no_other() -> None:
    underway = Underway()

    def second() -> None:
        with underway.run("a"):
            raise AssertionError("it began")

    with underway.run("a") as stop, underway.run("b") as other:
        thread, raised = in_thread(second)
        underway.stop("a")
        underway.stop("nobody")
        thread.join()
        with pytest.raises(Cancelled, match="was cancelled"):
            stop.check()
        other.check()
    assert isinstance(raised[0], Cancelled)
    with underway.run("a") as again:
        again.check()


def test_leaving_stops_everything_also_what_still_comes() -> None:
    underway = Underway()
    with underway.run("a") as stop:
        underway.end.set(Why.LEAVING)
        with pytest.raises(Cancelled, match="this worker ends"):
            stop.check()
    with pytest.raises(Cancelled), underway.run("b"):
        raise AssertionError("it began")


def test_the_first_reason_counts() -> None:
    stop = Stop()
    stop.check()
    stop.set(Why.UNWANTED)
    stop.set(Why.LEAVING)
    with pytest.raises(Cancelled, match="was cancelled"):
        stop.check()


def test_a_pause_ends_when_the_work_is_to_stop() -> None:
    stop = Stop()
    thread, raised = in_thread(lambda: stop.pause(3600))
    stop.set(Why.LEAVING)
    thread.join()
    assert len(raised) == 1
    Stop().pause(0.01)


def test_a_stop_counts_before_the_work_has_begun() -> None:
    underway = Underway()
    underway.enter("a")
    underway.stop("a")
    with pytest.raises(Cancelled), underway.run("a"):
        raise AssertionError("it began")
    underway.leave("a")
    with underway.run("a") as again:
        again.check()

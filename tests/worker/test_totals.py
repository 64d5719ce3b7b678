"""What the worker counts."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from worker.totals import DONE, FAILED, JOB_SECONDS, STOPPED, Totals


def test_jobs_are_counted_by_endpoint_outcome_and_code() -> None:
    totals = Totals()
    totals.add_job("tts", DONE, 1.5)
    totals.add_job("tts", FAILED, 0.1, "voice_not_found")
    totals.add_job("dub", STOPPED, 5000)
    totals.add_speech(12, 1.25)
    totals.add_speech(3, 0.5)
    seen = totals.snapshot()
    assert seen.jobs == {("tts", DONE): 1, ("tts", FAILED): 1, ("dub", STOPPED): 1}
    assert (seen.ended(DONE), seen.ended(FAILED), seen.ended(STOPPED)) == (1, 1, 1)
    assert seen.errors == {"voice_not_found": 1}
    assert (seen.characters, seen.audio_s) == (15, 1.75)
    # 0.1 s is in the first class, to which its bound belongs; 5000 s are above all bounds.
    assert seen.durations["tts"].counts[0] == 1
    assert seen.durations["tts"].counts[JOB_SECONDS.index(2.5)] == 1
    assert seen.durations["dub"].counts == (*[0] * len(JOB_SECONDS), 1)
    assert math.isclose(seen.durations["tts"].sum_s, 1.6)


def test_a_snapshot_does_not_change() -> None:
    totals = Totals()
    before = totals.snapshot()
    totals.add_job("tts", DONE, 1)
    assert not before.jobs
    assert not before.durations


def repeat(work: Callable[[], object]) -> None:
    for _ in range(500):
        work()


def test_no_job_is_lost_where_many_end_at_once() -> None:
    totals = Totals()
    with ThreadPoolExecutor(8) as threads:
        for _ in range(8):
            threads.submit(repeat, lambda: totals.add_job("tts", DONE, 0.25))
            threads.submit(repeat, lambda: totals.add_speech(1, 0.25))
    seen = totals.snapshot()
    assert seen.jobs == {("tts", DONE): 4000}
    assert (seen.durations["tts"].sum_s, seen.characters, seen.audio_s) == (1000, 4000, 1000)

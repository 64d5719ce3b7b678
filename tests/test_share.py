"""Three workers share a queue: none takes more jobs than it can hold, and none is left out."""

from contextlib import ExitStack
from itertools import accumulate
from pathlib import Path

import pytest

from tests.job_server import JobServer, JobState, Worker
from tests.support.loop import HANDLER, WAIT_S, environment
from tests.support.seaweed import Seaweed

AT_ONCE = 2
WORKERS = ("first", "second", "third")
SENTENCE = "Each of these jobs is a little longer than the one before. "


def most_held(jobs: list[JobState]) -> int:
    """How many of these jobs were in the hands of their worker at the same time, at most."""
    taken = [(job.taken_ms[0], 1) for job in jobs]
    finished = [(job.finished_ms or 0, -1) for job in jobs]
    # Sorted, a job that ends in the millisecond in which another begins ends first.
    return max(accumulate(change for _, change in sorted(taken + finished)))


@pytest.mark.slow
def test_thirty_jobs_of_unequal_length_are_shared(seaweed: Seaweed, tmp_path: Path) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(JobServer(hold_s=1))
        workers = [
            Worker(
                server,
                HANDLER,
                name,
                env=environment(seaweed, tmp_path / name) | {"MAX_CONCURRENCY": str(AT_ONCE)},
            )
            for name in WORKERS
        ]
        for worker in workers:
            stack.enter_context(worker)
        for worker in workers:
            worker.ready()
        for number in range(30):
            text = SENTENCE * (1 + number % 5)
            server.submit({"text": text}, job_id=f"share-{number}")
        jobs = [server.wait(f"share-{number}", 2 * WAIT_S) for number in range(30)]
    assert {job.status for job in jobs} == {"COMPLETED"}
    assert {(job.results, len(job.workers)) for job in jobs} == {(1, 1)}
    shares = {name: [job for job in jobs if job.finished_by == name] for name in WORKERS}
    for name, share in shares.items():
        assert most_held(share) <= AT_ONCE, name
        assert 3 <= len(share) <= 20, {other: len(jobs) for other, jobs in shares.items()}

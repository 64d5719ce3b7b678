"""Progress through the real SDK: in order, and nothing after the result."""

from functools import partial
from pathlib import Path

from tests.job_server import JobServer, JobState, Worker

ROOT = Path(__file__).resolve().parents[2]
HANDLER = """
import os, time
from pathlib import Path
import runpod
from worker.progress import ProgressSender

def handler(job):
    progress = ProgressSender(job)
    for n in range(job["input"]["count"]):
        progress("synthesis", n, job["input"]["count"])
        # Four at once; then the test says that the last of them has arrived.
        while n % 4 == 3 and not Path(os.environ["ARRIVED"], str(n)).exists():
            time.sleep(0.001)
    progress.close()
    return {"sent": True}

runpod.serverless.start({"handler": handler})
"""


def has_arrived(job: JobState, number: int) -> bool:
    return number in [update["done"] for update in job.progress]


def test_updates_come_in_order_and_none_after_the_result(tmp_path: Path) -> None:
    handler = tmp_path / "progress_worker.py"
    handler.write_text(HANDLER)
    env = {"PYTHONPATH": str(ROOT), "ARRIVED": str(tmp_path)}
    with JobServer(hold_s=1) as server, Worker(server, handler, env=env) as worker:
        worker.ready()
        long = server.jobs[server.submit({"count": 100})]
        for number in range(3, 100, 4):
            server.until(partial(has_arrived, long, number))
            (tmp_path / str(number)).touch()
        jobs = [long, *(server.jobs[server.submit({"count": count})] for count in (1, 0))]
        for job in jobs:
            server.wait(job.id)
        # The SDK's next poll: what was still under way has arrived by then.
        polls = server.workers[worker.id].polls
        server.until(lambda: server.workers[worker.id].polls > polls)
    done = [update["done"] for update in long.progress]
    assert done == sorted(set(done))
    assert len(done) >= 25
    for job in jobs:
        assert (job.output, job.late_progress) == ({"sent": True}, 0)
    assert jobs[2].progress == []

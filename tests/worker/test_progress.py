"""Progress through the real SDK: in order, and nothing after the result."""

from pathlib import Path

from tests.job_server import JobServer, Worker

ROOT = Path(__file__).resolve().parents[2]
HANDLER = """
import time
import runpod
from worker.progress import ProgressSender

def handler(job):
    progress = ProgressSender(job)
    for n in range(job["input"]["count"]):
        progress.send("synthesis", n, job["input"]["count"])
        time.sleep(n % 4 * 0.01)  # four at once, then one by one
    progress.close()
    return {"sent": True}

runpod.serverless.start({"handler": handler})
"""


def test_updates_come_in_order_and_none_after_the_result(tmp_path: Path) -> None:
    handler = tmp_path / "progress_worker.py"
    handler.write_text(HANDLER)
    env = {"PYTHONPATH": str(ROOT)}
    with JobServer(hold_s=1) as server, Worker(server, handler, env=env) as worker:
        worker.ready()
        jobs = [server.wait(server.submit({"count": count})) for count in (100, 1, 0)]
        # The SDK's next poll: what was still under way has arrived by then.
        polls = server.workers[worker.id].polls
        server.until(lambda: server.workers[worker.id].polls > polls)
    done = [update["done"] for update in jobs[0].progress]
    assert done == sorted(set(done))
    assert len(done) > 20
    for job in jobs:
        assert (job.output, job.late_progress) == ({"sent": True}, 0)
    assert jobs[2].progress == []

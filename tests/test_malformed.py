"""300 malformed inputs in the real loop: each gets one clear error, and the worker lives on."""

import gc
import logging
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.job_server import JobServer, Worker
from tests.support import handling
from tests.support.loop import HANDLER, WAIT_S, Loop, environment
from tests.support.malformed import (
    check_refused,
    harmful_inputs,
    harmful_urls,
    malformed_inputs,
    write_files,
)
from tests.support.seaweed import Seaweed
from tests.support.web import ALLOW_PRIVATE, serving
from worker.state import Worker as WarmWorker

MAX_FRAMES = 40
"""Deep enough that each allocation of a job has the frame of `handle` in its traceback."""


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("web")
    write_files(folder)
    with serving(folder) as url:
        yield url


HOST = "127.0.0.2"
WORKER_WITH_A_HOST = f"""
import sys
from pathlib import Path
import handler
from tests.support.web import refuse_private_targets, serving
folder = Path(sys.argv[1])
sys.argv = ["handler.py"]
with serving(folder, {HOST!r}, on_request=refuse_private_targets) as url:
    (folder / "url").write_text(url)
    handler.main()
"""
"""The worker and a client's host in one process: so the host can switch the SDK's guard on."""


@pytest.mark.slow
def test_each_gets_one_clear_error_and_the_worker_lives_on(
    seaweed: Seaweed, web: str, tmp_path: Path
) -> None:
    env = environment(seaweed, tmp_path) | {"MAX_CONCURRENCY": "16"}
    with JobServer(hold_s=1) as server, Worker(server, HANDLER, "malformed", env=env) as worker:
        worker.ready()
        check_refused(server, harmful_inputs(web) + malformed_inputs(), "nasty")
        server.submit({"text": "Hello.", "return_word_timings": True}, job_id="after")
        assert server.wait("after", WAIT_S).status == "COMPLETED"
        assert worker.process.poll() is None
        assert {job.results for job in server.jobs.values()} == {1}
        assert "failed unexpectedly" not in worker.log()


def test_a_public_host_that_leads_to_loopback_is_refused(seaweed: Seaweed, tmp_path: Path) -> None:
    upload = {"endpoint": "upload", "voice_name": "led"}
    (tmp_path / "empty.wav").write_bytes(b"")
    env = environment(seaweed, tmp_path)
    env |= {ALLOW_PRIVATE: "1"}
    arguments = [WORKER_WITH_A_HOST, str(tmp_path)]
    with (
        serving(tmp_path) as private,
        JobServer(hold_s=1) as server,
        Worker(server, Path("-c"), env=env, cwd=HANDLER.parent, args=arguments) as worker,
    ):
        worker.ready()
        host = (tmp_path / "url").read_text()
        direct = {"voice_file_url": f"{host}/empty.wav"}
        redirected = {"voice_file_url": f"{host}/!/to/{private}/empty.wav"}
        check_refused(server, [(upload | direct, "voice_rejected")], "direct")
        check_refused(server, [(upload | redirected, "fetch_refused")], "redirected")


def test_files_that_mean_harm_are_refused_and_the_worker_lives_on(
    json_loop: Loop, web: str
) -> None:
    check_refused(json_loop.server, harmful_urls(web), "harm")
    json_loop.server.submit({"text": "Hello."}, job_id="harm-after")
    assert json_loop.output("harm-after")["status"] == "completed"


@pytest.mark.slow
def test_no_memory_stays_with_the_worker(
    worker: WarmWorker, web: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Counts what Python and numpy hold, exactly; `scripts/bench jobs` measures the process."""
    monkeypatch.setenv("RUNPOD_ALLOW_PRIVATE_DOWNLOAD_URLS", "1")
    logging.disable()  # pytest keeps every record
    jobs = harmful_urls(web) + malformed_inputs()

    def refuse_all() -> None:
        for number, (job_input, code) in enumerate(jobs):
            job = {"id": f"memory-{number}", "input": job_input}
            assert handling.handle(worker, job, lambda *_: None)["code"] == code
        gc.collect()

    def held_bytes() -> int:
        """What the jobs hold. Other threads of the tests, such as job servers, are left out."""
        of_jobs = [
            tracemalloc.Filter(True, f"*/{place}", all_frames=True)
            for place in ("handler.py", "storage/*.py")
        ]
        traces = tracemalloc.take_snapshot().filter_traces(of_jobs).traces
        return sum(trace.size for trace in traces)

    try:
        refuse_all()
        tracemalloc.start(MAX_FRAMES)
        refuse_all()
        before = held_bytes()
        refuse_all()
        after = held_bytes()
    finally:
        tracemalloc.stop()
        logging.disable(logging.NOTSET)
    assert after - before < 20_000

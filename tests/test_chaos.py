"""100 jobs on four workers: one is killed after each eighth job, and the store is slow or away."""

import dataclasses
import io
import itertools
import json
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import soundfile

from storage import keys
from storage.store import Store
from tests.job_server import JobServer, Worker
from tests.support.loop import HANDLER, environment
from tests.support.proxy import proxy_for
from tests.support.seaweed import Seaweed

JOBS = 100
WORKERS = 4
KILL_EVERY = 8
"""Jobs that end between two kills. Kills follow the work, so a slow machine has as many kills."""
AWAY_AFTER, AWAY_S = 32, 20.0
"""After how many jobs the store goes away, and for how many seconds."""
SLOW_S = 0.2
WAIT_S = 500.0


class Crew:
    """Four workers. As on RunPod, a dead one is replaced, and its jobs are delivered again."""

    def __init__(self, server: JobServer, env: dict[str, str], stack: ExitStack) -> None:
        self._server, self._env, self._stack = server, env, stack
        self._numbers = itertools.count()
        self.workers = [self._start() for _ in range(WORKERS)]
        self.killed = 0

    def _start(self) -> Worker:
        name = f"crew-{next(self._numbers)}"
        return self._stack.enter_context(Worker(self._server, HANDLER, name, env=self._env))

    def kill_one(self) -> None:
        """Kill the oldest worker with all processes that it started, and start another."""
        victim = self.workers.pop(0)
        victim.kill()
        self._server.worker_gone(victim.id)
        self.workers.append(self._start())
        self.killed += 1


def submit(server: JobServer) -> list[str]:
    names = [f"chaos-{n:03}" for n in range(JOBS)]
    for number, name in enumerate(names):
        text = " ".join(f"Job {number} says sentence {n} of its script." for n in range(2))
        timed: dict[str, Any] = {"return_word_timings": True, "timing_format": "all"}
        server.submit({"text": text, **timed}, job_id=name)
    return names


def wait_until_finished(server: JobServer, names: Sequence[str], count: int) -> None:
    server.until(lambda: sum(server.jobs[name].finished for name in names) >= count, WAIT_S)


def check_stored_files(store: Store, name: str) -> None:
    """Check that every file that a job's manifest names exists and matches the manifest."""
    record = json.loads(store.get(keys.manifest(keys.JobId(name))))
    facts = record["facts"]
    samples, rate = soundfile.read(
        io.BytesIO(store.get(record["audio"]["wav"]["key"], 100_000_000))
    )
    assert len(samples) / rate == pytest.approx(facts["duration"], abs=0.001)
    assert len(record["timings"]) == 6
    timing = json.loads(store.get(record["timings"]["json"]["key"]))["timing_data"]
    assert timing["total_duration"] == facts["duration"]
    assert [word["word"] for word in timing["words"]] == facts["text"].split()
    for file in record["timings"].values():
        info = store.stat(file["key"])
        assert info
        assert info.size


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_every_job_ends_exactly_once_in_the_store(seaweed: Seaweed, tmp_path: Path) -> None:
    with proxy_for(seaweed.endpoint_url, SLOW_S) as proxy, JobServer(hold_s=1) as server:
        behind = dataclasses.replace(seaweed, endpoint_url=proxy.url)
        env = environment(behind, tmp_path)
        env |= {"OMP_NUM_THREADS": "1", "TMPDIR": str(tmp_path), "LOG_LEVEL": "INFO"}
        with ExitStack() as stack:
            crew = Crew(server, env, stack)
            for worker in crew.workers:
                worker.ready()
            names = submit(server)
            for count in range(KILL_EVERY, JOBS, KILL_EVERY):
                wait_until_finished(server, names, count)
                crew.kill_one()
                if count == AWAY_AFTER:
                    proxy.go_away()
                    time.sleep(AWAY_S / 2)
                    crew.kill_one()
                    time.sleep(AWAY_S / 2)
                    proxy.come_back()
            wait_until_finished(server, names, JOBS)
    assert crew.killed == 13
    for name in names:
        assert server.jobs[name].status == "COMPLETED", server.jobs[name]
    store = seaweed.store()
    keys_there = [info.key for info in store.list("") if "chaos-" in info.key]
    assert len(keys_there) == JOBS * (1 + 1 + 6)
    for name in names:
        check_stored_files(store, name)
    # The last ones of each start removed what the killed ones left.
    assert len(list(tmp_path.glob("f5-tts-jobs-*"))) <= WORKERS + 1

"""How many inputs the fuzz tests try, and what every reply of the worker must be."""

import json
import logging
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from storage import keys
from tests.support import handling
from worker.reply import MAX_REPLY_BYTES
from worker.state import Worker

EXAMPLES = 20
"""Inputs of a round, which share a seed."""
ROUNDS = 4
"""Rounds of a test without --fuzz-seconds: the same inputs on quick and slow machines."""

CODES = set(re.findall(r"^\| `(\w+)` \|", Path("API.md").read_text().split("## Errors")[1], re.M))
CONTROL_FIELDS = {"refresh_worker", "stopPod", "job_results"}
"""What the SDK takes out of a reply. No client's input, link or record may bring one in."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Give each fuzz test its time, and as much again as a shrinking failure may take."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            seconds = config.getoption("--fuzz-seconds") or 60
            item.add_marker(pytest.mark.timeout(seconds + 240))


class Fuzz(Protocol):
    """Runs a test on rounds of inputs of a strategy, or until --fuzz-seconds are over."""

    def __call__(
        self, strategy: st.SearchStrategy[Any], body: Callable[[Any], Any], rounds: int = ROUNDS
    ) -> None: ...


class Asked(Protocol):
    """Sends a job through the real handler, checks the reply, and returns it."""

    def __call__(self, job_input: Any, **beside_input: Any) -> dict[str, Any]: ...


@pytest.fixture
def fuzz(request: pytest.FixtureRequest) -> Fuzz:
    seconds, first = request.config.getoption("--fuzz-seconds"), request.config.getoption("--seed")

    def run(
        strategy: st.SearchStrategy[Any], body: Callable[[Any], Any], rounds: int = ROUNDS
    ) -> None:
        def one(drawn: Any) -> None:
            body(drawn)

        end, number = time.monotonic() + (seconds or 0), first
        while time.monotonic() < end if seconds else number < first + rounds:
            # A new seed for each round: the same inputs in the same order on every machine.
            test = given(strategy)(one)
            test = settings(max_examples=EXAMPLES, database=None, deadline=None,
                            phases=[Phase.generate, Phase.shrink], print_blob=False,
                            suppress_health_check=list(HealthCheck))(test)  # fmt: skip
            try:
                seed(number)(test)()
            except BaseException as error:
                error.add_note(f"again with: --seed {number}")
                raise
            number += 1

    return run


class _Lines(logging.Handler):
    """Keeps what the worker logs, as it would print it."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """The lines that the worker logs in this test."""
    handler, logger = _Lines(), logging.getLogger("worker")
    logger.addHandler(handler)
    yield handler.lines
    logger.removeHandler(handler)


@pytest.fixture
def asked(worker: Worker, logged: list[str], tmp_path: Path) -> Iterator[Asked]:
    yield asker(worker, logged)
    # The worker is that of all tests: no word may stay in its lexicon.
    worker.store.delete(keys.LEXICON)


def asker(worker: Worker, logged: list[str]) -> Asked:
    """A function that asks this worker, with a new id for each job, and checks the reply."""
    ids = iter(range(10**9))

    def ask(job_input: Any, **beside_input: Any) -> dict[str, Any]:
        logged.clear()
        job = {"id": f"fuzz-{time.monotonic_ns()}-{next(ids)}", "input": job_input} | beside_input
        reply = handling.handle(worker, job, lambda stage, done, total: None)
        check(reply, logged, job)
        return reply

    return ask


def check(reply: dict[str, Any], logged: list[str], job: dict[str, Any]) -> None:
    """Assert what holds for every reply: strict JSON of bounded size, a documented error, and no
    secret, no path, no field that steers the SDK."""
    shown = json.dumps(job, default=str)[:2000]
    sent = json.dumps(reply, allow_nan=False).encode()
    assert len(sent) < MAX_REPLY_BYTES, shown
    assert not CONTROL_FIELDS & set(reply), shown
    assert not [line for line in logged if "failed unexpectedly" in line], (shown, logged)
    if "error" in reply:
        assert reply["code"] in CODES - {"internal_error"}, (shown, reply)
        assert reply["error"].startswith(f"{reply['code']}: "), shown
        assert len(reply["error"]) < 5000, shown
        assert "Traceback" not in reply["error"]
    assert "/site-packages/" not in sent.decode()

"""The tests of the endpoints ask the real handler with the warm worker of tests/conftest.py."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support import handling
from worker.state import Worker

Ask = Callable[..., dict[str, Any]]


@pytest.fixture
def store_folder(worker: Worker) -> Path:
    return worker.settings.home / "store"


@pytest.fixture
def ask(worker: Worker, request: pytest.FixtureRequest) -> Ask:
    """Send one input through the real handler; the job's id is the test's own by default."""

    def send(this_id: str = "", **fields: Any) -> dict[str, Any]:
        number = abs(hash((request.node.nodeid, str(fields))))
        job = {"id": this_id or f"job-{number}", "input": fields}
        return handling.handle(worker, job, lambda stage, done, total: None)

    return send

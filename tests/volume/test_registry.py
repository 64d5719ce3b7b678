"""A registry that fails: tried again, then a message that names the package; no half result."""

import os
from pathlib import Path

import pytest

from tests.support.project import Project, venvs, wait_for_result

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("fault", ["500", "hang", "other"])
def test_a_registry_that_fails_for_good(project: Project, home: Path, fault: str) -> None:
    project.index.faults["tinytwo"] = fault
    result = project.prepare(home)
    assert result.returncode == 1
    assert result.stderr.count("trying again in") == 2
    last = result.stderr[result.stderr.rindex("cannot start: uv failed") :]
    assert "tinytwo" in last
    if fault == "other":
        assert "hash" in last.lower()
    assert venvs(home) == []
    assert os.listdir(home / "locks") == []
    project.index.faults.clear()
    assert project.prepare(home).returncode == 0


def test_a_registry_that_comes_back(project: Project, home: Path) -> None:
    project.index.faults["tinytwo"] = "500"
    project.waits["retry_after_s"] = [0.1, 3.0]
    process = project.start(home, "tiny", "--prepare-only")
    assert process.stderr is not None
    while "trying again in 3 s" not in process.stderr.readline():
        assert process.poll() is None
    project.index.faults.clear()
    result = wait_for_result(process)
    assert result.returncode == 0, result.stderr
    assert project.index.request_counts["tinytwo"] == 3


def test_a_registry_that_is_not_there(project: Project, home: Path) -> None:
    result = project.prepare(home, settings={"UV_DEFAULT_INDEX": "http://127.0.0.1:9/simple"})
    assert result.returncode == 1
    assert "tiny" in result.stderr[result.stderr.rindex("cannot start") :]
    assert venvs(home) == []

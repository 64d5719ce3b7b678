"""What the start-up does about models: once, under a lease, then offline without asking anybody."""

import json
from pathlib import Path

import pytest

from tests.support.project import Project, add_models, wait_for_result


def worker(project: Project, home: Path, **settings: str) -> tuple[int, dict[str, str], str]:
    """A start of the extra `worker`: its status, the environment of handler.py, what it said."""
    result = wait_for_result(project.start(home, "worker", settings=settings))
    environment = json.loads(result.stdout)["environment"] if result.stdout else {}
    return result.returncode, environment, result.stderr


def fetches(home: Path) -> int:
    return int((home / "models" / "fetches").read_text())


def test_models_are_fetched_once_and_then_nobody_is_asked(project: Project, home: Path) -> None:
    add_models(project)
    status, environment, said = worker(project, home)
    assert status == 0, said
    assert "setup: fetching with 1 None" in said
    assert environment["HF_HUB_OFFLINE"] == "1"
    status, environment, said = worker(project, home)
    assert (status, fetches(home)) == (0, 1)
    assert environment["HF_HUB_OFFLINE"] == "1"
    (home / "models" / "model").write_text("half")
    assert worker(project, home)[0] == 0
    assert fetches(home) == 2
    assert worker(project, home, ALIGN_LANGUAGES="de")[0] == 0
    assert fetches(home) == 3
    for place in ("HF_HOME", "HF_HUB_CACHE", "TORCH_HOME"):
        assert worker(project, home, **{place: str(home / "elsewhere")})[0] == 0
    assert fetches(home) == 6


@pytest.mark.parametrize("before", ["", "cannot start: "])
def test_a_model_that_cannot_be_had_stops_the_worker(
    project: Project, home: Path, before: str
) -> None:
    add_models(project)
    status, environment, said = worker(
        project, home, FAIL=f"{before}the model cannot be downloaded"
    )
    assert (status, environment) == (1, {})
    assert f"setup: {before}the model cannot be downloaded" in said
    assert said.splitlines()[-1] == "setup: cannot start: the model cannot be downloaded"
    assert worker(project, home)[0] == 0


def test_of_several_workers_one_fetches(project: Project, home: Path) -> None:
    add_models(project)
    assert project.prepare(home, "worker").returncode == 0
    starts = [project.start(home, "worker", settings={"SLOW": "2"}) for _ in range(4)]
    results = [wait_for_result(start) for start in starts]
    assert [result.returncode for result in results] == [0] * 4
    assert fetches(home) == 1
    assert sum("models: waiting for" in result.stderr for result in results) == 3


def test_preparing_only_fetches_no_models(project: Project, home: Path) -> None:
    add_models(project)
    assert project.prepare(home, "worker").returncode == 0
    assert not (home / "models").exists()

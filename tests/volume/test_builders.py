"""Builders that die, freeze, or start all at once: one whole environment is what remains."""

import os
import re
import signal
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from setup_network_venv import StartConfig
from tests.support.index import wheel
from tests.support.project import Project, kill, venvs, wait_for_result, wait_until
from volume.waits import Waits

pytestmark = pytest.mark.slow

STAGES = ("install", "mark", "remove damaged", "publish", "clean up")
"""The stages of a build, before each of which a builder is stopped."""


def impatient(project: Project) -> None:
    """Let a lease be stale after a second: for tests in which nobody alive holds one."""
    project.waits["stale_s"] = 1.0


def works(python: str) -> bool:
    command = [python.strip(), "-c", "import tinyone, tinytwo"]
    return subprocess.run(command, check=False).returncode == 0


def assert_recovers(
    project: Project,
    home: Path,
    extra: str = "tiny",
    settings: Mapping[str, str] | None = None,
    killed_late: bool = False,
) -> None:
    """The next start comes up on one whole environment, and nothing else is left."""
    result = project.prepare(home, extra, settings)
    assert result.returncode == 0, result.stderr
    assert works(result.stdout)
    venv = Path(result.stdout.strip()).parents[1]
    # A builder killed after its rename leaves an empty folder for the next build to remove.
    rest = [home / "venvs" / name for name in venvs(home) if name != venv.name]
    assert not [path for folder in rest for path in folder.iterdir()]
    assert not rest or killed_late
    assert project.prepare(home, extra, settings).stderr == ""


@pytest.mark.parametrize("stage", STAGES)
def test_a_builder_killed_at_any_stage(project: Project, home: Path, stage: str) -> None:
    impatient(project)
    if stage == "publish":  # only a damaged environment is moved away before it
        built = Path(project.prepare(home).stdout.strip()).parents[1]
        (built / ".complete.json").unlink()
    builder = project.start(home, settings={"PAUSE": stage})
    wait_until((home / "paused").exists, f"the stage {stage}")
    kill(builder)
    assert venvs(home)
    assert_recovers(project, home, killed_late=stage == "clean up")


def test_a_builder_killed_while_packages_arrive(project: Project, home: Path) -> None:
    impatient(project)
    project.index.faults["tinytwo"] = "hang"
    builder = project.start(home, settings={"UV_HTTP_TIMEOUT": "60"})
    wait_until(lambda: "tinytwo" in project.index.request_counts, "the download")
    kill(builder)
    project.index.faults.clear()
    assert_recovers(project, home)


def test_a_builder_killed_while_bytecode_is_compiled(project: Project, home: Path) -> None:
    impatient(project)
    long = "".join(f"a{n} = [b + {n} for b in range({n}) if b % 7]\n" for n in range(60_000))
    project.index.wheels["slow"] = wheel("slow", {"slow/__init__.py": "", "slow/long.py": long})
    project.change("slow", project.index.lock("tinyone", "tinytwo", "slow"))
    builder = project.start(home, "slow")

    def compiles() -> bool:
        compiled = "venvs/.building-*/env/lib/*/site-packages/slow/__pycache__/__init__*"
        return bool(list(home.glob(compiled)))

    wait_until(compiles, "the compilation")
    kill(builder)
    assert not list(home.glob("venvs/.building-*/env/lib/*/site-packages/slow/__pycache__/long*"))
    assert_recovers(project, home, "slow")
    assert list(home.glob("venvs/slow-*/lib/*/site-packages/slow/__pycache__/long*"))


def test_a_remover_killed_half_way(project: Project, home: Path) -> None:
    (home / "venvs" / ".leftover-1234" / "bin").mkdir(parents=True)
    (home / "venvs" / ".damaged-tiny-key-host-1" / "bin").mkdir(parents=True)
    assert_recovers(project, home)


def test_the_real_waits_are_those_of_the_specification() -> None:
    expected = Waits(heartbeat_s=5.0, stale_s=30.0, progress_s=10.0)
    assert Waits() == expected
    assert StartConfig().waits == expected


def test_eight_at_once_on_an_empty_volume(project: Project, home: Path) -> None:
    project.index.faults["tinytwo"] = 1.5
    starts = [project.start(home, "tiny", "--prepare-only") for _ in range(8)]
    results = [wait_for_result(start) for start in starts]
    assert [result.returncode for result in results] == [0] * 8, results
    assert len({result.stdout for result in results}) == 1
    assert works(results[0].stdout)
    builders = [result for result in results if "building the environment" in result.stderr]
    assert len(builders) == 1
    waiting = [result for result in results if "waiting for" in result.stderr]
    assert len(waiting) == 7
    assert project.index.request_counts == {"tinyone": 1, "tinytwo": 1}
    assert venvs(home) == [Path(results[0].stdout.strip()).parents[1].name]
    assert os.listdir(home / "locks") == []
    logs = [log.read_text() for log in (home / "logs").iterdir()]
    (log,) = (text for text in logs if "building the environment" in text)
    assert re.search(r"fetched 1 of 2 packages, installed \d, \d+ MB on disk, \d+ s", log)
    assert sum("waiting for" in text for text in logs) == 7


def test_without_any_lease_the_second_builder_throws_its_own_away(
    project: Project, home: Path
) -> None:
    paused = {"PAUSE": "remove damaged"}
    first = project.start(home, "tiny", "--prepare-only", settings=paused)
    wait_until((home / "paused").exists, "the pause")
    (lock,) = (home / "locks").iterdir()
    (lock.with_name("moved")).write_bytes(lock.read_bytes())
    lock.unlink()
    second = project.prepare(home)
    (home / "go").touch()
    late = wait_for_result(first)
    assert (second.returncode, late.returncode) == (0, 0), late.stderr
    assert second.stdout == late.stdout
    assert works(late.stdout)
    assert venvs(home) == [Path(late.stdout.strip()).parents[1].name]


@pytest.mark.parametrize("stage", ["install", "mark", "remove damaged"])
def test_a_builder_that_was_frozen_loses_its_build_and_comes_up(
    project: Project, home: Path, stage: str
) -> None:
    impatient(project)
    frozen = project.start(home, "tiny", "--prepare-only", settings={"PAUSE": stage})
    wait_until((home / "paused").exists, "the pause")
    frozen.send_signal(signal.SIGSTOP)
    second = project.prepare(home)
    assert second.returncode == 0, second.stderr
    assert "gave no sign of life for 1 s; taking over" in second.stderr
    (home / "go").touch()
    frozen.send_signal(signal.SIGCONT)
    late = wait_for_result(frozen)
    assert (late.returncode, late.stdout) == (0, second.stdout), late.stderr
    assert works(late.stdout)
    assert venvs(home) == [Path(late.stdout.strip()).parents[1].name]


@pytest.mark.parametrize("clock", [0.0, 4e9])
def test_a_live_lease_is_kept_whatever_the_clocks_say(
    project: Project, home: Path, clock: float
) -> None:
    """Its holder writes times of 1970 or 2096, and is believed as long as its number grows."""
    impatient(project)
    key = Path(project.prepare(home / "other").stdout.strip()).parents[1].name
    lock = home / "locks" / key
    lock.parent.mkdir(parents=True)
    lock.write_text("somebody-1 0\n")
    finished = threading.Event()

    def beat() -> None:
        number = 0
        while not finished.wait(0.1):
            lock.write_text(f"somebody-1 {number}\n")
            os.utime(lock, (clock, clock))
            number += 1

    thread = threading.Thread(target=beat)
    thread.start()
    waiting = project.start(home, "tiny", "--prepare-only")
    try:
        with pytest.raises(subprocess.TimeoutExpired):
            waiting.wait(4)
    finally:
        finished.set()
        thread.join()
    result = wait_for_result(waiting)
    assert result.returncode == 0, result.stderr
    assert "waiting for somebody-1" in result.stderr
    assert "somebody-1 gave no sign of life for 1 s; taking over" in result.stderr


def test_of_many_that_find_a_stale_lease_one_builds(project: Project, home: Path) -> None:
    impatient(project)
    project.index.faults["tinytwo"] = 0.5
    key = Path(project.prepare(home / "other").stdout.strip()).parents[1].name
    (home / "locks").mkdir(parents=True)
    (home / "locks" / key).write_text("somebody-1 7\n")
    (home / "venvs" / f".building-{key}-somebody-1" / "env").mkdir(parents=True)
    project.index.request_counts.clear()
    project.waits["stale_s"] = 3.0
    starts = [project.start(home, "tiny", "--prepare-only") for _ in range(6)]
    results = [wait_for_result(start) for start in starts]
    assert [result.returncode for result in results] == [0] * 6
    assert sum("building the environment" in result.stderr for result in results) == 1
    assert venvs(home) == [key]
    assert os.listdir(home / "locks") == []

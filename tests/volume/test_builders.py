"""Builders that die, freeze, or start all at once: one whole environment is what remains."""

import os
import re
import signal
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.index import wheel
from tests.support.project import Project, ended, kill, until, venvs

PAUSE = (
    'os.environ.get("PAUSE") and ((venv.parents[1] / "paused").touch(), '
    '[time.sleep(0.05) for _ in iter((venv.parents[1] / "go").exists, True)])'
)
# Each stage of a build: the line before which the builder stops.
STAGES = {
    "its folder is made": "        install(ROOT",
    "all is installed": "        facts = {",
    "the marker is written": "        if find_damage(venv):",
    "the damaged one is moved away": '        publish(work / "env", venv)',
    "the new one is published": "    finally:\n        shutil.rmtree(work",
}

HALF_INSTALLED = """\
import pathlib, sys, time
folder = pathlib.Path(sys.prefix, "flash_attn")
folder.mkdir()
(folder / "half").touch()
time.sleep(600)
"""


def pause(project: Project, stage: str) -> None:
    """Make a start-up with PAUSE in its environment stop at a stage until <home>/go is there."""
    script = project.folder / "setup_network_venv.py"
    line, source = STAGES[stage], script.read_text()
    assert source.count(line) == 1
    indent = "        "
    script.write_text(source.replace(line, f"{indent}{PAUSE}\n{line}"))


def impatient(project: Project) -> None:
    """Let a lease be stale after a second: for tests in which nobody alive holds one."""
    source = project.folder / "volume" / "lease.py"
    source.write_text(source.read_text().replace("STALE_S = 4.0", "STALE_S = 1.0"))


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
    if stage == "the damaged one is moved away":
        built = Path(project.prepare(home).stdout.strip()).parents[1]
        (built / ".complete.json").unlink()
    pause(project, stage)
    builder = project.start(home, settings={"PAUSE": "1"})
    until((home / "paused").exists, f"pausing when {stage}")
    kill(builder)
    assert venvs(home)
    assert_recovers(project, home, killed_late=stage == "the new one is published")


def test_a_builder_killed_while_packages_arrive(project: Project, home: Path) -> None:
    impatient(project)
    project.index.faults["tinytwo"] = "hang"
    builder = project.start(home, settings={"UV_HTTP_TIMEOUT": "60"})
    until(lambda: "tinytwo" in project.index.asked, "the download")
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

    until(compiles, "the compilation")
    kill(builder)
    assert not list(home.glob("venvs/.building-*/env/lib/*/site-packages/slow/__pycache__/long*"))
    assert_recovers(project, home, "slow")
    assert list(home.glob("venvs/slow-*/lib/*/site-packages/slow/__pycache__/long*"))


def test_a_builder_killed_while_flash_attn_is_tried(project: Project, home: Path) -> None:
    impatient(project)
    flash = project.folder / "volume" / "flash_attn.py"
    real = flash.read_text()
    flash.write_text(HALF_INSTALLED)
    on = {"FLASH_ATTN": "on"}
    builder = project.start(home, settings=on)
    until(lambda: list(home.glob("venvs/.building-*/env/flash_attn/half")), "the trial")
    kill(builder)
    flash.write_text(real)
    assert_recovers(project, home, settings=on)
    assert not list(home.rglob("flash_attn"))


def test_a_remover_killed_half_way(project: Project, home: Path) -> None:
    (home / "venvs" / ".leftover-1234" / "bin").mkdir(parents=True)
    (home / "venvs" / ".damaged-tiny-key-host-1" / "bin").mkdir(parents=True)
    assert_recovers(project, home)


def test_the_real_waits_are_those_of_the_specification() -> None:
    lease = Path("volume/lease.py").read_text()
    assert "HEARTBEAT_S = 5.0\n" in lease
    assert "STALE_S = 30.0\n" in lease
    assert "PROGRESS_EVERY_S = 10.0\n" in Path("volume/log.py").read_text()


def test_eight_at_once_on_an_empty_volume(project: Project, home: Path) -> None:
    project.index.faults["tinytwo"] = 1.5
    starts = [project.start(home, "tiny", "--prepare-only") for _ in range(8)]
    results = [ended(start) for start in starts]
    assert [result.returncode for result in results] == [0] * 8, results
    assert len({result.stdout for result in results}) == 1
    assert works(results[0].stdout)
    builders = [result for result in results if "building the environment" in result.stderr]
    assert len(builders) == 1
    waiting = [result for result in results if "waiting for" in result.stderr]
    assert len(waiting) == 7
    assert project.index.asked == {"tinyone": 1, "tinytwo": 1}
    assert venvs(home) == [Path(results[0].stdout.strip()).parents[1].name]
    assert os.listdir(home / "locks") == []
    logs = [log.read_text() for log in (home / "logs").iterdir()]
    (log,) = (text for text in logs if "building the environment" in text)
    assert re.search(r"fetched 1 of 2 packages, installed \d, \d+ MB on disk, \d+ s", log)
    assert sum("waiting for" in text for text in logs) == 7


def test_without_any_lease_the_second_builder_throws_its_own_away(
    project: Project, home: Path
) -> None:
    pause(project, "the marker is written")
    first = project.start(home, "tiny", "--prepare-only", settings={"PAUSE": "1"})
    until((home / "paused").exists, "the pause")
    (lock,) = (home / "locks").iterdir()
    (lock.with_name("moved")).write_bytes(lock.read_bytes())
    lock.unlink()
    second = project.prepare(home)
    (home / "go").touch()
    late = ended(first)
    assert (second.returncode, late.returncode) == (0, 0), late.stderr
    assert second.stdout == late.stdout
    assert works(late.stdout)
    assert venvs(home) == [Path(late.stdout.strip()).parents[1].name]


@pytest.mark.parametrize(
    "stage", ["its folder is made", "all is installed", "the marker is written"]
)
def test_a_builder_that_was_frozen_loses_its_build_and_comes_up(
    project: Project, home: Path, stage: str
) -> None:
    impatient(project)
    pause(project, stage)
    frozen = project.start(home, "tiny", "--prepare-only", settings={"PAUSE": "1"})
    until((home / "paused").exists, "the pause")
    frozen.send_signal(signal.SIGSTOP)
    second = project.prepare(home)
    assert second.returncode == 0, second.stderr
    assert "has not moved for 1 s; taking over" in second.stderr
    (home / "go").touch()
    frozen.send_signal(signal.SIGCONT)
    late = ended(frozen)
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
    result = ended(waiting)
    assert result.returncode == 0, result.stderr
    assert "waiting for somebody-1" in result.stderr
    assert "somebody-1 has not moved for 1 s; taking over" in result.stderr


def test_of_many_that_find_a_stale_lease_one_builds(project: Project, home: Path) -> None:
    impatient(project)
    project.index.faults["tinytwo"] = 0.5
    key = Path(project.prepare(home / "other").stdout.strip()).parents[1].name
    (home / "locks").mkdir(parents=True)
    (home / "locks" / key).write_text("somebody-1 7\n")
    (home / "venvs" / f".building-{key}-somebody-1" / "env").mkdir(parents=True)
    project.index.asked.clear()
    source = project.folder / "volume" / "lease.py"
    source.write_text(source.read_text().replace("STALE_S = 1.0", "STALE_S = 3.0"))
    starts = [project.start(home, "tiny", "--prepare-only") for _ in range(6)]
    results = [ended(start) for start in starts]
    assert [result.returncode for result in results] == [0] * 6
    assert sum("building the environment" in result.stderr for result in results) == 1
    assert venvs(home) == [key]
    assert os.listdir(home / "locks") == []

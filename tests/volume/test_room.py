"""Full, read-only and missing volumes; what is removed to make room, and what never is."""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.support.project import Project, venvs, wait_for_result, wait_until

pytestmark = pytest.mark.slow

DAYS = 86_400


def age(venv: Path, days: float) -> None:
    """Let an environment be unused for so long."""
    then = time.time() - days * DAYS
    for name in (".used", ".complete.json"):
        os.utime(venv / name, (then, then))


def test_a_disk_that_fills_up_half_way(project: Project, small_volume: Path) -> None:
    home = small_volume / "worker"
    other = Path(project.prepare(home).stdout.strip())
    (home / "store").mkdir()
    (home / "store" / "voice.wav").write_bytes(bytes(3_000_000))
    (small_volume / "huggingface-cache").mkdir()
    (small_volume / "huggingface-cache" / "model").write_bytes(bytes(2_000_000))
    result = project.prepare(home, "large")
    assert result.returncode == 1
    report = result.stderr[result.stderr.index("cannot start: no space left under") :]
    assert "MB free" in report
    assert "needed" in report
    assert "3 MB  " in report
    assert "store/voice.wav: voices and files of yours" in report
    assert f"2 MB  {small_volume}/huggingface-cache: not this worker's; you may delete it" in report
    assert "no space left" in "".join(log.read_text() for log in (home / "logs").iterdir())
    assert f"{other.parents[1]}: an environment; you may delete it when" in report
    assert "delete what you do not need" in report
    assert venvs(home) == [other.parents[1].name]
    assert project.prepare(home).stderr == ""


def test_too_little_space_is_said_before_anything_is_fetched(
    project: Project, small_volume: Path
) -> None:
    project.change("preview", project.index.lock("tinyone"))
    result = project.prepare(small_volume / "worker", "preview")
    assert result.returncode == 1
    assert "1,050 MB needed" in result.stderr
    assert project.index.request_counts == {}
    check = wait_for_result(project.start(small_volume / "worker", "preview", "--check"))
    assert check.returncode == 1
    assert "WRONG  space" in check.stdout


def remount(place: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", place], check=True)


def test_a_volume_that_can_only_be_read(project: Project, small_volume: Path) -> None:
    home = small_volume / "worker"
    built = project.prepare(home)
    remount(small_volume, "ro")
    with contextlib.ExitStack() as stack:
        stack.callback(remount, small_volume, "rw")
        assert project.prepare(home).stdout == built.stdout
        project.change("tiny", project.index.lock("tinyone"))
        result = project.prepare(home)
        assert result.returncode == 1
        assert "cannot be written to; mount it for writing, or name another home" in result.stderr
        empty = project.prepare(small_volume / "new")
        assert empty.returncode == 1
        assert "Read-only file system; choose another place" in empty.stderr


@pytest.mark.parametrize("kind", ["missing", "read-only", "writable"])
def test_where_home_is_when_nobody_says(project: Project, small_volume: Path, kind: str) -> None:
    volume = small_volume if kind != "missing" else small_volume / "missing"
    project.config["volume"] = str(volume)
    if kind == "read-only":
        remount(small_volume, "ro")
    result = project.run("--extra", "tiny", "--prepare-only")
    assert result.returncode == 0, result.stderr
    own = project.folder / ".worker"
    expected = volume / "worker" if kind == "writable" else own
    assert Path(result.stdout).is_relative_to(expected)
    assert ("is lost when this container ends" in result.stderr) == (kind != "writable")


def test_without_a_volume_a_containers_disk_that_is_too_small_is_said(project: Project) -> None:
    project.config.update(volume="/no/volume", installed_mb={"tiny": 999_999_999})
    result = project.run("--extra", "tiny", "--prepare-only")
    assert result.returncode == 1
    assert "/no/volume is not mounted, so the worker uses" in result.stderr
    assert f"no space left under {project.folder / '.worker'}" in result.stderr
    assert project.index.request_counts == {}
    assert venvs(project.folder / ".worker") == []


def test_an_unused_environment_goes_and_a_used_one_stays(project: Project, home: Path) -> None:
    old, used = (
        Path(project.prepare(home, extra).stdout.strip()).parents[1] for extra in two(project)
    )
    age(old, 15)
    age(used, 13)
    new = Path(project.prepare(home).stdout.strip()).parents[1]
    assert venvs(home) == sorted([used.name, new.name])


def test_what_is_removed_is_logged_and_old_logs_go(project: Project, home: Path) -> None:
    (home / "venvs" / ".leftover-1234").mkdir(parents=True)
    (home / "logs").mkdir()
    for name, days in (("old", 15), ("young", 13)):
        (home / "logs" / name).touch()
        os.utime(home / "logs" / name, (time.time() - days * DAYS,) * 2)
    project.prepare(home)
    names = {path.name.split("-")[0] for path in (home / "logs").iterdir()}
    assert names == {"young", "tiny"}
    (log,) = (home / "logs").glob("tiny-*")
    assert "removing" in log.read_text()


def test_two_keys_in_use_both_stay(project: Project, home: Path) -> None:
    before = project.prepare(home)
    project.change("tiny", project.index.lock("tinyone"))
    after = project.prepare(home)
    assert before.stdout != after.stdout
    assert len(venvs(home)) == 2
    assert (home / "venv").resolve() == Path(after.stdout.strip()).parents[1]
    assert project.prepare(home).stderr == ""


def test_an_environment_stays_under_a_worker_that_runs(project: Project, home: Path) -> None:
    """Its last start is long ago, as that of a worker that never stops."""
    extra, _ = two(project)
    venv = Path(project.prepare(home, extra).stdout.strip()).parents[1]
    age(venv, 30)
    code = "import sys, time, pathlib; from volume.space import keep_used"
    code += "; keep_used(pathlib.Path(sys.argv[1])); time.sleep(600)"
    worker = subprocess.Popen([sys.executable, "-c", code, venv], cwd=project.folder)
    try:
        wait_until(lambda: time.time() - (venv / ".used").stat().st_mtime < DAYS, "the mark")
        project.prepare(home)
        assert venv.name in venvs(home)
    finally:
        worker.kill()
        worker.wait()


def test_a_clock_that_is_ahead_keeps_its_environment(project: Project, home: Path) -> None:
    extra, _ = two(project)
    venv = Path(project.prepare(home, extra).stdout.strip()).parents[1]
    age(venv, -365)
    project.prepare(home)
    assert venv.name in venvs(home)


def test_a_folder_of_another_keys_builder_goes_when_its_lease_is_long_dead(
    project: Project, home: Path
) -> None:
    for key in ("dead-0123", "live-4567", "gone-89ab"):
        (home / "venvs" / f".building-{key}-host-1-abc" / "env").mkdir(parents=True)
    (home / "locks").mkdir()
    for key, seconds in (("dead-0123", 4_000), ("live-4567", 600)):
        lock = home / "locks" / key
        lock.write_text("host-1-abc 5\n")
        os.utime(lock, (time.time() - seconds, time.time() - seconds))
    key = Path(project.prepare(home).stdout.strip()).parents[1].name
    assert venvs(home) == [".building-live-4567-host-1-abc", key]


def two(project: Project) -> tuple[str, str]:
    """Two more locks."""
    project.change("first", project.index.lock("tinyone"))
    project.change("second", project.index.lock("tinytwo"))
    return "first", "second"

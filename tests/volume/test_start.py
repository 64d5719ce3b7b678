"""setup_network_venv.py: built once, reused at once, damaged ones built again, then the worker."""

import json
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import setup_network_venv
from tests.support.index import wheel
from tests.support.project import Project, add_models, venvs, wait_for_result
from volume.environment import SITE_PACKAGES, inspect, remove_damaged


def test_it_builds_once_then_reuses(project: Project, home: Path) -> None:
    first = project.prepare(home)
    assert first.returncode == 0, first.stderr
    python = Path(first.stdout.strip())
    assert "environment ready after" in first.stderr
    second = project.prepare(home)
    assert (second.stdout, second.stderr) == (first.stdout, "")
    assert project.index.request_counts == {"tinyone": 1, "tinytwo": 1}
    marker = json.loads((python.parents[1] / ".complete.json").read_text())
    assert {"tinyone", "tinytwo.py"} <= set(marker["site_packages"])
    assert (home / "venv").resolve() == python.parents[1]
    assert list(python.parents[1].rglob("tinyone/__pycache__/*.pyc"))
    assert venvs(home) == [python.parents[1].name]
    assert not list((home / "locks").iterdir())
    (log,) = (home / "logs").iterdir()
    assert "pip install --no-deps --require-hashes --python" in log.read_text()
    assert "environment ready after" in log.read_text()


def test_it_becomes_the_worker_with_its_arguments(project: Project, home: Path) -> None:
    settings = {"PYTHONDONTWRITEBYTECODE": "1", "TORCH_HOME": "/mine"}
    result = wait_for_result(project.start(home, "tiny", "--", "--rp_serve_api", settings=settings))
    worker = json.loads(result.stdout)
    environment = worker["environment"]
    assert Path(worker["prefix"]).parent == home / "venvs"
    assert worker["arguments"] == ["--rp_serve_api"]
    assert environment["WORKER_HOME"] == str(home)
    assert environment["HF_HOME"] == str(home / "models" / "huggingface")
    assert environment["NLTK_DATA"] == str(home / "models" / "nltk")
    assert environment["TORCH_HOME"] == "/mine"
    assert environment["PYTORCH_CUDA_ALLOC_CONF"] == "expandable_segments:True"
    assert environment["MALLOC_ARENA_MAX"] == "1"
    assert "PYTHONDONTWRITEBYTECODE" not in environment
    assert "HF_HUB_OFFLINE" not in environment


def test_white_space_and_empty_variables_do_not_count(project: Project, home: Path) -> None:
    """As CONFIG.md promises of every variable."""
    settings = {
        "WORKER_HOME": f"{home}\n",
        "WORKER_EXTRA": " tiny ",
        "HF_HOME": "",
        "HF_TOKEN": " ",
    }
    result = project.run(settings=settings)
    assert result.returncode == 0, result.stderr
    environment = json.loads(result.stdout)["environment"]
    assert environment["WORKER_HOME"] == str(home)
    assert environment["HF_HOME"] == str(home / "models" / "huggingface")
    assert "HF_TOKEN" not in environment


@pytest.mark.parametrize("mode", ["--check", "--prepare-only"])
@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("WORKER_EXTRA", "tyni", "WORKER_EXTRA is 'tyni'; it must be one of large, tiny"),
        ("WORKER_USER", "root", "WORKER_USER is 'root'; set it to owner, or remove it"),
    ],
)
def test_a_value_that_cannot_be_used_is_one_sentence(
    project: Project, home: Path, mode: str, name: str, value: str, said: str
) -> None:
    settings = {"WORKER_EXTRA": "tiny"} | {name: value}
    result = project.run("--home", home, mode, settings=settings)
    assert result.returncode == 1
    assert result.stderr == f"setup: cannot start: {said}\n"
    assert not home.exists()


def test_flash_attn_is_not_installed_and_the_log_says_why(project: Project, home: Path) -> None:
    plain = project.prepare(home)
    settings = {"FLASH_ATTN": "on", "FLASH_ATTN_SHA256": "0" * 64}
    asked = project.prepare(home, settings=settings)
    assert asked.stdout == plain.stdout
    assert asked.stderr == (
        "setup: the worker ignores FLASH_ATTN, FLASH_ATTN_SHA256: torch's own attention is "
        "FlashAttention 2, so no other one is installed; remove these variables\n"
    )


def test_an_environment_with_flash_attn_of_an_earlier_version_is_used(
    project: Project, home: Path
) -> None:
    plain = Path(project.prepare(home).stdout.strip()).parents[1]
    # The earlier version's key: the facts of the plain one, and the three variables.
    facts = [
        (project.folder / "requirements" / "tiny.txt").read_text(),
        *(os.path.realpath(sys.executable), platform.python_version(), sys.platform),
        *(platform.machine(), "on", "", ""),
    ]
    old = home / "venvs" / f"tiny-{setup_network_venv.digest(facts)}"
    plain.rename(old)
    found = project.prepare(home, settings={"FLASH_ATTN": "on"})
    assert Path(found.stdout.strip()).parents[1] == old
    assert venvs(home) == [old.name]


@pytest.mark.parametrize(
    "words", [["foo"], ["foo", "--", "--rp_serve_api"], ["--prepare_only"], ["--extr"]]
)
def test_a_word_that_nobody_knows_starts_no_build(
    project: Project, home: Path, words: list[str]
) -> None:
    result = project.run("--home", home, *words)
    assert result.returncode == 2
    assert result.stderr.startswith("usage: setup_network_venv.py [--home DIR]")
    assert f"unrecognized arguments: {words[0]}" in result.stderr
    assert not home.exists()


@pytest.mark.parametrize("mode", [(), ("--prepare-only",)])
def test_a_value_that_a_library_would_refuse_starts_no_build(
    project: Project, home: Path, mode: tuple[str, ...]
) -> None:
    settings = {"RUNPOD_GPU_TEST_TIMEOUT": "30s", "UVICORN_LOG_LEVEL": "INFO"}
    result = project.run("--home", home, "--extra", "tiny", *mode, settings=settings)
    assert result.returncode == 1
    assert result.stderr == (
        "setup: cannot start: RUNPOD_GPU_TEST_TIMEOUT is '30s'; it must be a whole number of "
        "seconds, 1 at least, such as 30, or not set\n"
    )
    assert not home.exists()


def test_the_libraries_of_nvidia_are_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = tmp_path / "venvs" / "key" / "bin" / "python"
    nvidia = python.parents[1] / SITE_PACKAGES / "nvidia"
    (nvidia / "cudnn" / "lib").mkdir(parents=True)
    (nvidia / "cublas" / "lib").mkdir(parents=True)
    monkeypatch.setenv("LD_LIBRARY_PATH", "/mine")
    environment = setup_network_venv.worker_environment(tmp_path, python, offline=True)
    expected = f"/mine:{nvidia / 'cublas' / 'lib'}:{nvidia / 'cudnn' / 'lib'}"
    assert environment["LD_LIBRARY_PATH"] == expected
    assert environment["HF_HUB_OFFLINE"] == "1"


def test_an_environment_that_goes_before_the_exec_is_one_sentence(
    project: Project, home: Path
) -> None:
    result = wait_for_result(project.start(home, settings={"REMOVE": "exec"}))
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    assert (
        "cannot be run (No such file or directory); if the environment is gone, the next"
        in result.stderr
    )


DAMAGES: dict[str, Callable[[Path], object]] = {
    "a package": lambda venv: shutil.rmtree(next(venv.rglob("site-packages/tinyone"))),
    "the interpreter": lambda venv: (venv / "bin" / "python").unlink(),
    "the marker": lambda venv: (venv / ".complete.json").unlink(),
    "half a marker": lambda venv: (venv / ".complete.json").write_text('{"site_pack'),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_environment_is_built_again(project: Project, home: Path, damage: str) -> None:
    python = Path(project.prepare(home).stdout.strip())
    DAMAGES[damage](python.parents[1])
    again = project.prepare(home)
    assert again.returncode == 0, again.stderr
    assert "is damaged (" in again.stderr
    assert list(python.parents[1].rglob("site-packages/tinyone/__init__.py"))
    assert venvs(home) == [python.parents[1].name]
    assert project.prepare(home).stderr == ""


def test_a_whole_environment_that_came_meanwhile_is_not_thrown_away(tmp_path: Path) -> None:
    venv = tmp_path / "venvs" / "key"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").touch()
    (venv / SITE_PACKAGES / "here").mkdir(parents=True)
    marker = venv / ".complete.json"
    marker.write_text(json.dumps({"site_packages": ["here"]}))
    remove_damaged(venv)
    assert inspect(venv).complete
    marker.write_text(json.dumps({"site_packages": ["here", "gone"]}))
    remove_damaged(venv)
    remove_damaged(venv)
    assert not list(venv.parent.iterdir())


def test_another_python_is_refused_with_the_remedy(project: Project, home: Path) -> None:
    project.config["python"] = [3, 10]
    result = project.prepare(home)
    assert result.returncode == 1
    assert "needs Python 3.10, this is 3.11" in result.stderr
    assert "`uv python install 3.10`" in result.stderr
    assert "run this with python3.10" in result.stderr


@pytest.mark.needs("strace")
def test_a_second_start_opens_as_few_files_however_large_the_environment(
    project: Project, home: Path
) -> None:
    """The whole start of a worker with models, up to its exec."""
    many = {f"tinytwo/m{n}.py": "" for n in range(300)} | {"tinytwo/__init__.py": ""}
    project.index.wheels["manyfiles"] = wheel("manyfiles", many)
    add_models(project)
    touched = []
    for names in (["tinyone", "tinytwo"], ["tinyone", "tinytwo", "manyfiles"]):
        project.change("worker", project.index.lock(*names))
        touched.append(files_touched(project, home))
    assert touched[0] == touched[1]
    assert len(touched[0]) <= 25
    assert sum("/models/" in line for line in touched[0]) == 2


def files_touched(project: Project, home: Path) -> list[str]:
    """The system calls of a second start that name something under the home folder, but no key."""
    assert wait_for_result(project.start(home, "worker")).returncode == 0
    trace = project.folder / "trace"
    command: list[str | Path] = ["strace", "-f", "-e", "trace=%file", "-o", trace]
    command += project.command("--home", home, "--extra", "worker")
    subprocess.run(command, check=True, env=project.environment(), capture_output=True)
    start = trace.read_text().partition("/handler.py")[0]
    lines = [line for line in start.splitlines() if str(home) in line]
    keys = r"worker-\w+|complete-\w+"
    return [re.sub(rf"^\d+ +|{keys}|0x\w+|\{{st_mode.*", "", line) for line in lines]


def test_sigterm_leaves_nothing(project: Project, home: Path) -> None:
    project.index.faults["tinytwo"] = "hang"
    process = project.start(home, settings={"UV_HTTP_TIMEOUT": "60"})
    while "tinytwo" not in project.index.request_counts:
        assert process.poll() is None
        time.sleep(0.01)
    process.terminate()
    assert wait_for_result(process).returncode == 143
    assert venvs(home) == []
    assert os.listdir(home / "locks") == []


DAMAGED_OR_NOT = """\
import os, pathlib, sys
from volume import crash, damage
root = pathlib.Path(__file__).parent
damage.install_excepthook(pathlib.Path(sys.prefix), root, lambda sentence: None)
import tinyone
if not hasattr(tinyone, "one"):
    os.abort()
crash.forget_start(pathlib.Path(sys.prefix))
"""


@pytest.mark.parametrize("fault", ["import broken", "raise ValueError('another fault')"])
@pytest.mark.parametrize("clock_s", [-7200, 7200])
def test_a_fault_outside_the_environment_costs_no_build(
    project: Project, home: Path, fault: str, clock_s: int
) -> None:
    """Whatever this machine's clock is, compared with the volume's."""
    (project.folder / "handler.py").write_text(DAMAGED_OR_NOT + fault)
    (project.folder / "broken.py").write_text("def (")
    venv = Path(project.prepare(home).stdout.strip()).parents[1]
    then = time.time() + clock_s
    os.utime(venv / ".complete.json", (then, then))
    first = wait_for_result(project.start(home))
    assert first.returncode == 1
    assert first.stderr.splitlines()[-1].startswith("cannot start: ")
    (project.folder / "handler.py").write_text(DAMAGED_OR_NOT)
    second = wait_for_result(project.start(home))
    assert second.returncode == 0
    assert [line.split()[1] for line in second.stderr.splitlines()] == ["starting"]
    assert project.index.request_counts == {"tinyone": 1, "tinytwo": 1}


@pytest.mark.parametrize("content", ["", "1 = one\n"])
def test_a_file_that_is_damaged_is_noticed_and_built_again(
    project: Project, home: Path, content: str
) -> None:
    """Whether the worker can still say so, or the system kills it."""
    (project.folder / "handler.py").write_text(DAMAGED_OR_NOT)
    venv = Path(project.prepare(home).stdout.strip()).parents[1]
    file = venv / SITE_PACKAGES / "tinyone" / "__init__.py"
    file.unlink()  # its other names are in uv's cache
    file.write_text(content)
    os.utime(file, (0, 0))
    first = wait_for_result(project.start(home))
    assert first.returncode == (-signal.SIGABRT if not content else 1)
    second = wait_for_result(project.start(home))
    assert second.returncode == 0, second.stderr
    assert "tinyone/__init__.py has" in first.stderr + second.stderr
    assert "is damaged (.complete.json missing)" in second.stderr
    assert file.read_text() == "one = 1\n"
    third = wait_for_result(project.start(home))
    assert [line.split()[1] for line in third.stderr.splitlines()] == ["starting"]

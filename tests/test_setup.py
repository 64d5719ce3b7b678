"""setup_network_venv.py on a tiny lock of its own: built once, reused, never half there."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import setup_network_venv

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout with the real script, the smallest real lock, and a handler that tells."""
    folder = tmp_path_factory.mktemp("project")
    shutil.copy(ROOT / "setup_network_venv.py", folder)
    (folder / "requirements").mkdir()
    shutil.copy(ROOT / "requirements" / "uv.txt", folder / "requirements")
    lines = (ROOT / "requirements" / "dev.txt").read_text().splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("iniconfig=="))
    end = next(i for i in range(start + 1, len(lines)) if not lines[i].startswith(" "))
    lock = "\n".join(lines[start:end]) + "\n"
    (folder / "requirements" / "tiny.txt").write_text(lock)
    (folder / "requirements" / "wrong.txt").write_text(re.sub("[0-9a-f]{64}", "0" * 64, lock))
    (folder / "handler.py").write_text(
        "import json, os, sys, iniconfig\n"
        "print(json.dumps([sys.prefix, sys.argv[1:], os.environ['WORKER_HOME'],\n"
        "                  os.environ['HF_HOME'], 'PYTHONDONTWRITEBYTECODE' in os.environ]))\n"
    )
    return folder


def setup(project: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    """The script, run by the Python that built the test environment."""
    python = Path(sys.base_prefix, "bin", "python3.11")
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1"}
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    return subprocess.run(
        [python, project / "setup_network_venv.py", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )


def test_it_builds_once_then_reuses(project: Path, tmp_path: Path) -> None:
    arguments = ("--home", str(tmp_path), "--extra", "tiny", "--prepare-only")
    first = setup(project, *arguments)
    assert first.returncode == 0, first.stderr
    python = Path(first.stdout.strip())
    assert python.is_file()
    assert "environment ready after" in first.stderr
    second = setup(project, *arguments)
    assert (second.stdout, second.stderr) == (first.stdout, "")
    marker = json.loads((python.parents[1] / ".complete.json").read_text())
    assert "iniconfig" in marker["site_packages"]
    assert (tmp_path / "venv").resolve() == python.parents[1]
    assert list(python.parents[1].rglob("iniconfig/__pycache__/*.pyc"))
    assert [path.name for path in (tmp_path / "venvs").iterdir()] == [python.parents[1].name]


def test_it_becomes_the_worker_with_its_arguments(project: Path, tmp_path: Path) -> None:
    result = setup(project, "--home", str(tmp_path), "--extra", "tiny", "--", "--rp_serve_api")
    prefix, arguments, home, hf_home, no_bytecode = json.loads(result.stdout)
    assert Path(prefix).parent == tmp_path / "venvs"
    assert arguments == ["--rp_serve_api"]
    assert home == str(tmp_path)
    assert hf_home == str(tmp_path / "models" / "huggingface")
    assert not no_bytecode


def test_a_damaged_environment_is_built_again(project: Path, tmp_path: Path) -> None:
    arguments = ("--home", str(tmp_path), "--extra", "tiny", "--prepare-only")
    python = Path(setup(project, *arguments).stdout.strip())
    shutil.rmtree(next(python.parents[1].rglob("site-packages/iniconfig")))
    again = setup(project, *arguments)
    assert "is damaged (iniconfig missing)" in again.stderr
    assert list(python.parents[1].rglob("site-packages/iniconfig/__init__.py"))
    assert len(list((tmp_path / "venvs").iterdir())) == 1


def test_a_failed_build_says_why_and_leaves_nothing(project: Path, tmp_path: Path) -> None:
    result = setup(project, "--home", str(tmp_path), "--extra", "wrong", "--prepare-only")
    assert result.returncode == 1
    assert "cannot start: uv failed" in result.stderr
    assert "hash" in result.stderr.lower()
    assert not list((tmp_path / "venvs").iterdir())


def test_two_builders_at_once_both_come_up_on_one_environment(
    project: Path, tmp_path: Path
) -> None:
    python = Path(sys.base_prefix, "bin", "python3.11")
    arguments = ["--home", str(tmp_path), "--extra", "tiny", "--prepare-only"]
    builders = [
        subprocess.Popen(
            [python, project / "setup_network_venv.py", *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    answers = [builder.communicate()[0] for builder in builders]
    assert [builder.returncode for builder in builders] == [0, 0]
    assert answers[0] == answers[1] != ""
    assert len(list((tmp_path / "venvs").iterdir())) == 1


def test_another_python_is_refused_with_the_remedy(project: Path, tmp_path: Path) -> None:
    source = (project / "setup_network_venv.py").read_text()
    other = project / "setup_for_another_python.py"
    other.write_text(source.replace("PYTHON = (3, 11)", "PYTHON = (3, 10)"))
    result = subprocess.run(
        [sys.executable, other, "--home", str(tmp_path), "--extra", "tiny"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert "needs Python 3.10, this is 3.11" in result.stderr
    assert "run it with python3.10" in result.stderr


def test_a_whole_environment_that_came_meanwhile_is_not_thrown_away(tmp_path: Path) -> None:
    venv = tmp_path / "venvs" / "key"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").touch()
    (venv / setup_network_venv.SITE_PACKAGES / "here").mkdir(parents=True)
    marker = venv / setup_network_venv.MARKER
    marker.write_text(json.dumps({"site_packages": ["here"]}))
    setup_network_venv.set_aside(venv)
    assert setup_network_venv.is_complete(venv)
    marker.write_text(json.dumps({"site_packages": ["here", "gone"]}))
    setup_network_venv.set_aside(venv)
    setup_network_venv.set_aside(venv)
    assert not list(venv.parent.iterdir())

"""Filling an environment: what its log says, and a compiler that dies."""

from pathlib import Path

import pytest

from tests.support.index import wheel
from tests.support.project import Project
from volume import bytecode
from volume.install import InstallProgress, compile_bytecode
from volume.log import Log


def test_no_more_packages_are_fetched_than_the_lock_has(tmp_path: Path) -> None:
    """uv also fetches what it needs to build a package from its source."""
    for name in ("one", "two", "setuptools"):
        info = tmp_path / "archive-v0" / name / f"{name}-1.0.dist-info"
        info.mkdir(parents=True)
        (info / "RECORD").write_text(f"{name}.py,sha256=x,2000000\n")
    said = InstallProgress(2, tmp_path, tmp_path).describe()
    assert said == "fetched 2 of 2 packages, installed 0, 6 MB on disk"


def test_the_log_says_that_bytecode_is_compiled(project: Project, home: Path) -> None:
    many = {f"tinytwo/m{n}.py": "x = 1\n" * 3000 for n in range(400)} | {"tinytwo/__init__.py": ""}
    project.index.wheels["manyfiles"] = wheel("manyfiles", many)
    project.change("tiny", project.index.lock("manyfiles"))
    project.waits["progress_s"] = 0.05
    assert "on disk; compiling bytecode, " in project.prepare(home).stderr


def test_a_compiler_that_dies_is_told_and_costs_no_build(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho BrokenProcessPool: a process ended\nexit 1\n")
    python.chmod(0o755)
    compile_bytecode(str(python), tmp_path, tmp_path, Log(tmp_path / "log"))
    said = capsys.readouterr().err
    assert "not all bytecode could be compiled, so the first imports are slow" in said
    assert "BrokenProcessPool: a process ended" in said


def test_a_file_that_does_not_compile_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "good.py").write_text("x = 1\n")
    (tmp_path / "for_another_python.py").write_text("print 'x'\n")
    assert bytecode.main(tmp_path) == 0
    assert list(tmp_path.rglob("good.*.pyc"))

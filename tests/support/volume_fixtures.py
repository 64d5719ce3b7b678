"""Fixtures of the start-up: one package index for all, a checkout and a home for each test."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import project as projects
from tests.support.index import Index


@pytest.fixture(scope="session")
def index() -> Iterator[Index]:
    with Index(projects.WHEELS).running() as running:
        yield running


@pytest.fixture(scope="session")
def uv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """uv from the PATH, or from its lock."""
    found = shutil.which("uv")
    if found:
        return Path(found)
    folder = tmp_path_factory.mktemp("uv")
    subprocess.run([projects.PYTHON, "-m", "venv", folder], check=True)
    lock = projects.ROOT / "requirements" / "uv.txt"
    python = folder / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "-q", "--no-deps", "--require-hashes", "-r", lock],
        check=True,
    )
    return folder / "bin" / "uv"


@pytest.fixture
def project(
    tmp_path_factory: pytest.TempPathFactory, index: Index, uv: Path
) -> Iterator[projects.Project]:
    """A fresh checkout; the index's faults end with the test."""
    yield projects.make(tmp_path_factory.mktemp("project"), index, uv)
    index.faults.clear()
    index.asked.clear()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def small_volume(tmp_path: Path) -> Iterator[Path]:
    """A file system of 16 MB."""
    place = tmp_path / "volume"
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", place], check=False
    )
    if mounted.returncode:
        if os.environ.get("TEST_ALL") == "1":
            pytest.fail("a tmpfs cannot be mounted")
        pytest.skip("a tmpfs cannot be mounted")
    yield place
    subprocess.run(["umount", "-l", place], check=True)

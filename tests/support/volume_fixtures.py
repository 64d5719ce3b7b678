"""Fixtures for tests of the start-up: one shared package index; a checkout and a home per test."""

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
    """The uv on the PATH, or one installed from requirements/uv.txt."""
    installed = shutil.which("uv")
    if installed:
        return Path(installed)
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
    """A fresh checkout; the shared index loses its faults and counts after the test."""
    yield projects.make(tmp_path_factory.mktemp("project"), index, uv)
    index.faults.clear()
    index.request_counts.clear()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def small_volume(tmp_path: Path) -> Iterator[Path]:
    """An empty file system of 16 MB; mounting it needs root."""
    mount_point = tmp_path / "volume"
    mount_point.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", mount_point], check=False
    )
    if mounted.returncode:
        if os.environ.get("TEST_ALL") == "1":
            pytest.fail("a tmpfs cannot be mounted")
        pytest.skip("a tmpfs cannot be mounted")
    yield mount_point
    subprocess.run(["umount", "-l", mount_point], check=True)

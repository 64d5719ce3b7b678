"""One index and one checkout for the whole package; a home of its own for each test."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.volume import project as projects
from tests.volume.index import Index


@pytest.fixture(scope="package")
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

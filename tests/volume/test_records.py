"""The files of an environment against the lists of its packages."""

import io
import os
import py_compile
import sys
import zipfile
from pathlib import Path

import pytest

from tests.support.index import wheel
from volume.environment import SITE_PACKAGES
from volume.records import damaged_file

FILES = {"one/__init__.py": "x = 1\n" * 50, "one/part.py": "y = 2\n", "one/data": "abc"}


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """An environment with the packages `one` and `two`."""
    for name, files in (("one", FILES), ("two", {"two.py": "z = 3\n"})):
        with zipfile.ZipFile(io.BytesIO(wheel(name, files))) as archive:
            archive.extractall(tmp_path / SITE_PACKAGES)
    return tmp_path


def test_a_whole_environment_is_whole(venv: Path) -> None:
    file = venv / SITE_PACKAGES / "one" / "__init__.py"
    py_compile.compile(str(file), doraise=True)
    assert damaged_file(venv) == ""
    assert damaged_file(venv, [file, venv / "elsewhere.py", venv / "bin" / "python"]) == ""


def test_the_test_environment_is_whole() -> None:
    """Every package of the locks has a list that is true, so no healthy environment is given up."""
    assert damaged_file(Path(sys.prefix)) == ""


def test_a_missing_and_a_shortened_file_are_found_without_a_suspect(venv: Path) -> None:
    (venv / SITE_PACKAGES / "one" / "data").write_text("ab")
    assert damaged_file(venv) == "one/data has 2 bytes and not 3"
    (venv / SITE_PACKAGES / "one" / "data").unlink()
    assert damaged_file(venv) == "one/data is missing"


def test_another_content_is_found_in_the_package_of_a_suspect(venv: Path) -> None:
    (venv / SITE_PACKAGES / "one" / "data").write_text("abd")
    assert damaged_file(venv) == ""
    assert damaged_file(venv, [venv / SITE_PACKAGES / "two.py"]) == ""
    suspects = [venv / SITE_PACKAGES / "one" / "part.py"]
    assert damaged_file(venv, suspects) == "one/data has another content than its package"


@pytest.mark.parametrize("content", [b"", b"one/__init__.py,sha256=x", bytes(100), b"\xff\xfe,a,b"])
def test_a_damaged_list_is_damage(venv: Path, content: bytes) -> None:
    (venv / SITE_PACKAGES / "one-1.0.dist-info" / "RECORD").write_bytes(content)
    assert damaged_file(venv) == "one-1.0.dist-info/RECORD cannot be read"


def test_a_file_of_two_packages_may_be_either_ones(venv: Path) -> None:
    other = {"one/part.py": "another = True\n"}
    with zipfile.ZipFile(io.BytesIO(wheel("three", other))) as archive:
        archive.extractall(venv / SITE_PACKAGES)
    file = venv / SITE_PACKAGES / "one" / "part.py"
    assert damaged_file(venv, [file]) == ""
    file.write_text(FILES["one/part.py"])
    assert damaged_file(venv, [file]) == ""
    file.write_text("y = 3\n")
    assert "another content" in damaged_file(venv, [file])


@pytest.mark.parametrize("keep", [20, 60])
def test_bytecode_that_python_would_use_and_cannot_read_is_damage(venv: Path, keep: int) -> None:
    file = venv / SITE_PACKAGES / "one" / "__init__.py"
    bytecode = Path(str(py_compile.compile(str(file), doraise=True)))
    data = bytecode.read_bytes()
    bytecode.write_bytes(data[:keep] + bytes(len(data) - keep))
    assert damaged_file(venv) == ""
    assert damaged_file(venv, [file]) == "the bytecode of one/__init__.py is damaged"
    # Made for another source: Python compiles it again, and nothing is wrong.
    os.utime(file, (0, 0))
    assert damaged_file(venv, [file]) == ""

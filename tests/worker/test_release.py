"""The worker knows its release."""

from pathlib import Path

import pytest

from worker.release import version


def test_the_version_is_that_of_the_project(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text('[project]\nname = "a"\nversion = "1.2.3"\n')
    assert version(project) == "1.2.3"
    assert f'version = "{version()}"' in Path("pyproject.toml").read_text()


@pytest.mark.parametrize("content", ["", "[project]", "[project", '[tool]\nname = "a"'])
def test_a_damaged_or_missing_project_is_no_reason_to_fail(tmp_path: Path, content: str) -> None:
    project = tmp_path / "pyproject.toml"
    assert version(project) == "unknown"
    project.write_text(content)
    assert version(project) == "unknown"

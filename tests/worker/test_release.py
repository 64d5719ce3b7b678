"""The worker knows its release."""

import subprocess
from pathlib import Path

import pytest

from worker.release import commit, name, version


def test_the_version_is_that_of_the_project(tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text('[project]\nname = "a"\nversion = "1.2.3"\n')
    assert version(tmp_path) == "1.2.3"
    assert f'version = "{version()}"' in Path("pyproject.toml").read_text()


@pytest.mark.parametrize("content", ["", "[project]", "[project", '[tool]\nname = "a"'])
def test_a_damaged_or_missing_project_is_no_reason_to_fail(tmp_path: Path, content: str) -> None:
    project = tmp_path / "pyproject.toml"
    assert version(tmp_path) == "unknown"
    project.write_text(content)
    assert version(tmp_path) == "unknown"


def git(folder: Path, *words: str) -> str:
    who = ("-c", "user.name=a", "-c", "user.email=a@example.org")
    done = subprocess.run(
        ["git", "-C", str(folder), *who, *words], check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def test_the_commit_of_a_clone_is_the_one_that_git_names(tmp_path: Path) -> None:
    clone = tmp_path / "clone"
    clone.mkdir()
    git(clone, "init", "-q", "-b", "main")
    assert commit(clone) is None
    git(clone, "commit", "-q", "--allow-empty", "-m", "first")
    first = git(clone, "rev-parse", "HEAD")[:12]
    assert commit(clone) == first
    git(clone, "pack-refs", "--all")
    assert commit(clone) == first
    git(clone, "worktree", "add", "-q", "-b", "side", str(tmp_path / "worktree"))
    git(tmp_path / "worktree", "commit", "-q", "--allow-empty", "-m", "second")
    second = git(tmp_path / "worktree", "rev-parse", "HEAD")[:12]
    assert commit(tmp_path / "worktree") == second != first
    git(clone, "checkout", "-q", "--detach")
    assert commit(clone) == first


def test_an_image_has_its_commit_in_a_file(tmp_path: Path) -> None:
    assert commit(tmp_path) is None
    for damaged in ("", "main", "0" * 39, "../x"):
        (tmp_path / "COMMIT").write_text(damaged)
        assert commit(tmp_path) is None
    (tmp_path / "COMMIT").write_text("0123456789abcdef" * 2 + "01234567\n")
    assert commit(tmp_path) == "0123456789ab"


@pytest.mark.parametrize("head", ["", "ref: ", "ref: refs/heads/none", "\x00", "ref: ../../etc"])
def test_a_damaged_clone_has_no_commit(tmp_path: Path, head: str) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "HEAD").write_text(head)
    assert commit(tmp_path) is None
    (tmp_path / ".git" / "packed-refs").write_text("\n\n# pack-refs with: peeled\n")
    assert commit(tmp_path) is None


def test_the_log_names_version_and_commit() -> None:
    known = commit()
    assert name() == f"f5-tts-worker {version()}" + (f", commit {known}" if known else "")

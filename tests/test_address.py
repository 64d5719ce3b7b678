"""scripts/address writes the repository's address everywhere, in a copy of the repository."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.needs("git")
PLACEHOLDER = "you/f5-tts-worker"
NOT_COPIED = (".git", ".worker", ".venv", "tests", "bench", "requirements", "*cache*", "*.egg-info")
ADDRESS = re.compile(r"(?<=/)you/f5-tts-worker\b")
IMAGE = re.compile(r"(?<!/)\byou/f5-tts-worker\b")
UNTOUCHED = {
    "notes.md": "thank you/f5-tts-worker-2, askyou/f5-tts-worker and f5-tts-worker\n",
    "CHANGELOG.md": f"The address was {PLACEHOLDER}.\n",
    "tests/test_of_it.py": f'PLACEHOLDER = "{PLACEHOLDER}"\n',
}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The files of this repository that name its address, and others, tracked by git."""
    folder = tmp_path / "copy"
    shutil.copytree(".", folder, ignore=shutil.ignore_patterns(*NOT_COPIED))
    (folder / "tests").mkdir()
    for name, text in UNTOUCHED.items():
        (folder / name).write_text(text)
    subprocess.run(["git", "init", "-q", folder], check=True)
    subprocess.run(["git", "-C", folder, "add", "-A"], check=True)
    return folder


def address(copy: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [copy / "scripts" / "address", *arguments], capture_output=True, text=True, check=False
    )


def contents(copy: Path) -> dict[str, bytes]:
    files = [path for path in copy.rglob("*") if path.is_file() and ".git" not in path.parts]
    return {str(path.relative_to(copy)): path.read_bytes() for path in files}


def written(copy: Path, new: str) -> dict[str, bytes]:
    """Run the script. The files that it changed, which must be those that it prints."""
    before = contents(copy)
    result = address(copy, new)
    assert (result.returncode, result.stderr) == (0, "")
    changed = {name: text for name, text in contents(copy).items() if text != before[name]}
    assert sorted(result.stdout.split()) == sorted(changed)
    return changed


@pytest.fixture
def with_placeholder(copy: Path) -> Path:
    """The copy as it is before anybody has set the address."""
    assert address(copy, PLACEHOLDER).returncode == 0
    return copy


def test_every_place_is_changed_and_none_other(with_placeholder: Path) -> None:
    before = contents(with_placeholder)
    changed = written(with_placeholder, "My-Org/Speech.Worker")
    expected = {
        name: IMAGE.sub(
            "my-org/speech.worker", ADDRESS.sub("My-Org/Speech.Worker", before[name].decode())
        ).encode()
        for name in changed
    }
    assert changed == expected
    named = {name for name, text in before.items() if PLACEHOLDER.encode() in text}
    assert named >= UNTOUCHED.keys()
    assert changed.keys() == named - UNTOUCHED.keys() - {"scripts/address"}
    pages = {"README.md", "docs/DEPLOY.md", "docs/RELEASING.md", "docs/UPGRADING.md"}
    assert pages | {".runpod/hub.json", ".github/workflows/image.yml"} <= changed.keys()
    readme = changed["README.md"].decode()
    assert "https://api.runpod.io/badge/My-Org/Speech.Worker" in readme
    assert "git clone https://github.com/My-Org/Speech.Worker f5-tts-worker\n" in readme
    # Docker takes small letters alone.
    assert "docker push my-org/speech.worker\n" in readme


def test_it_can_be_run_again_and_back(with_placeholder: Path) -> None:
    before = contents(with_placeholder)
    first = written(with_placeholder, "My-Org/Speech.Worker")
    again = address(with_placeholder, "My-Org/Speech.Worker")
    assert again.returncode == 0
    assert written(with_placeholder, "other/name").keys() == first.keys()
    assert written(with_placeholder, PLACEHOLDER).keys() == first.keys()
    assert contents(with_placeholder) == before


def test_check_fails_while_a_file_has_the_placeholder(with_placeholder: Path) -> None:
    before = contents(with_placeholder)
    refused = address(with_placeholder, "--check")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "scripts/address owner/name" in refused.stderr
    assert ".runpod/hub.json" in refused.stderr
    assert contents(with_placeholder) == before
    written(with_placeholder, "owner/name")
    accepted = address(with_placeholder, "--check")
    assert (accepted.returncode, accepted.stdout, accepted.stderr) == (0, "", "")


@pytest.mark.parametrize(
    "wrong",
    ["", "name", "a/b/c", "https://github.com/a/b", "a b/c", "-a/b", "a/..", "a/b.git", "a/b&c"],
)
def test_a_wrong_form_is_refused(copy: Path, wrong: str) -> None:
    before = contents(copy)
    refused = address(copy, wrong)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "owner/name" in refused.stderr
    assert contents(copy) == before

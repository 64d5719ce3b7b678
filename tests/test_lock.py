"""scripts/lock refuses packages that are known not to work together, and says why."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

GOOD = {
    "torch": "2.8.0",
    "torchaudio": "2.8.0",
    "torchcodec": "0.7.0",
    "tomlkit": "0.15.2",
    "runpod": "1.12.0",
    "whisperx": "3.8.6",
}


def refusal_of(lock: Path) -> str:
    """The error of scripts/lock-pairs about a lock; empty if it accepts the lock."""
    result = subprocess.run(
        ["scripts/lock-pairs", lock], capture_output=True, text=True, check=False
    )
    assert result.returncode == (1 if result.stderr else 0)
    return result.stderr


def write_lock(folder: Path, **changes: str) -> Path:
    """Write a lock with the versions of GOOD and these changes."""
    lock = folder / "worker.txt"
    pins = {**GOOD, **changes}
    lines = (f"{name}=={version} \\\n    --hash=sha256:00\n" for name, version in pins.items())
    lock.write_text("".join(lines))
    return lock


@pytest.mark.parametrize("name", ["worker", "preview", "dev"])
def test_the_real_locks_are_taken(name: str) -> None:
    assert refusal_of(Path("requirements", f"{name}.txt")) == ""


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"torchcodec": "0.17.0"}, "torchcodec 0.17 is not known to be for torch 2.8"),
        ({"torch": "2.9.1", "torchaudio": "2.9.1"}, "torchcodec 0.7 is not known to be for torch"),
        ({"torchaudio": "2.9.0"}, "torchaudio 2.9 is not for torch 2.8"),
        ({"tomlkit": "0.14.0"}, "runpod needs tomlkit 0.15.1 and gets 0.14.0"),
        ({"gradio": "6.15.0"}, "gradio is in it, which wants tomlkit below 0.15"),
        ({"whisperx": "3.7.4"}, "whisperx 3.7.4: below 3.8"),
    ],
)
def test_a_known_bad_pair_is_refused(tmp_path: Path, changes: dict[str, str], reason: str) -> None:
    assert refusal_of(write_lock(tmp_path)) == ""
    assert reason in refusal_of(write_lock(tmp_path, **changes))


UV = """\
#!/bin/sh
while [ "$1" != --output-file ]; do shift; done
cat "$LOCK" > "$2"
"""


def test_a_refused_lock_does_not_replace_the_one_that_is_there(tmp_path: Path) -> None:
    """The real script with a stand-in for uv that resolves to the lock of the test."""
    shutil.copytree("scripts", tmp_path / "scripts")
    (tmp_path / "requirements").mkdir()
    uv = tmp_path / "bin" / "uv"
    uv.parent.mkdir()
    uv.write_text(UV)
    uv.chmod(0o755)
    path = f"{uv.parent}:{os.environ['PATH']}"
    for tomlkit, status in (("0.15.2", 0), ("0.14.0", 1)):
        lock = write_lock(tmp_path, tomlkit=tomlkit)
        result = subprocess.run(
            [tmp_path / "scripts" / "lock"],
            env=os.environ | {"PATH": path, "LOCK": str(lock), "PYTHON": sys.executable},
            capture_output=True,
            text=True,
            check=False,
        )
        assert result.returncode == status, result.stderr
    assert "runpod needs tomlkit 0.15.1" in result.stderr
    assert "tomlkit==0.15.2" in (tmp_path / "requirements" / "worker.txt").read_text()
    assert not list((tmp_path / "requirements").glob(".*"))

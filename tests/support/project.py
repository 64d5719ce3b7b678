"""A checkout with the real start-up, tiny locks and short waits, and the processes that run it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.support.index import Index, wheel

ROOT = Path(__file__).resolve().parents[2]
PYTHON = Path(sys.base_prefix, "bin", "python3.11")
WAIT_S = 120.0
SHORTER = {
    "volume/lease.py": {
        "HEARTBEAT_S = 5.0": "HEARTBEAT_S = 0.2",
        "STALE_S = 30.0": "STALE_S = 4.0",
        "POLL_S = 0.5": "POLL_S = 0.1",
    },
    "volume/log.py": {"PROGRESS_EVERY_S = 10.0": "PROGRESS_EVERY_S = 0.5"},
    "volume/install.py": {"RETRY_AFTER_S = (5.0, 20.0)": "RETRY_AFTER_S = (0.1, 0.2)"},
}
HANDLER = """\
import json, os, sys
import tinyone
told = {"prefix": sys.prefix, "arguments": sys.argv[1:], "environment": dict(os.environ)}
print(json.dumps(told))
"""
FETCHER = """\
import json, os, pathlib, sys, time
marker = pathlib.Path(sys.argv[1])
count = marker.parent / "fetches"
count.write_text(str(int(count.read_text()) + 1 if count.exists() else 1))
time.sleep(float(os.environ.get("SLOW", 0)))
if "FAIL" in os.environ:
    sys.exit(print("the model cannot be downloaded") or 1)
print("fetching with", os.environ["HF_HUB_DISABLE_XET"], os.environ.get("HF_HUB_OFFLINE"))
(marker.parent / "model").write_text("weights")
marker.write_text(json.dumps({"model": 7}))
"""
WHEELS = {
    "tinyone": wheel("tinyone", {"tinyone/__init__.py": "one = 1\n"}),
    "tinytwo": wheel("tinytwo", {"tinytwo.py": "two = 2\n"}),
    # 40 MB that do not compress away, for a disk of 16 MB.
    "large": wheel("large", {"large/__init__.py": "", "large/data": os.urandom(40_000_000)}),
}


@dataclass(frozen=True)
class Project:
    """The checkout in `folder`, its index, and the environment that its processes get."""

    folder: Path
    index: Index
    uv: Path

    def environment(self, settings: Mapping[str, str] | None = None) -> dict[str, str]:
        bucket = ("S3_", "AWS_", "BUCKET_", "WORKER_", "RUNPOD_", "UV_", "PIP_", "FLASH_")
        own = {name: value for name, value in os.environ.items() if not name.startswith(bucket)}
        own["PATH"] = f"{self.uv.parent}:{own['PATH']}"
        own |= {"UV_DEFAULT_INDEX": self.index.url, "UV_HTTP_TIMEOUT": "2", "UV_HTTP_RETRIES": "0"}
        return own | dict(settings or {})

    def start(
        self, home: Path, extra: str = "tiny", *more: str, settings: Mapping[str, str] | None = None
    ) -> "subprocess.Popen[str]":
        """The start-up in a process of its own, by the Python that built the test environment."""
        script = self.folder / "setup_network_venv.py"
        return subprocess.Popen(
            [PYTHON, script, "--home", home, "--extra", extra, *more],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment(settings),
        )

    def prepare(
        self, home: Path, extra: str = "tiny", settings: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """The start-up with --prepare-only, once it has ended."""
        return ended(self.start(home, extra, "--prepare-only", settings=settings))

    def change(self, lock: str, text: str) -> None:
        """Write a lock under requirements/."""
        (self.folder / "requirements" / f"{lock}.txt").write_text(text)


def make(folder: Path, index: Index, uv: Path) -> Project:
    """A checkout whose waits are short and whose locks come from the index."""
    shutil.copy(ROOT / "setup_network_venv.py", folder)
    shutil.copytree(ROOT / "volume", folder / "volume")
    for file, changes in SHORTER.items():
        source = (folder / file).read_text()
        for old, new in changes.items():
            assert source.count(old) == 1, (file, old)
            source = source.replace(old, new)
        (folder / file).write_text(source)
    (folder / "requirements").mkdir()
    shutil.copy(ROOT / "requirements" / "uv.txt", folder / "requirements")
    (folder / "handler.py").write_text(HANDLER)
    project = Project(folder, index, uv)
    project.change("tiny", index.lock("tinyone", "tinytwo"))
    project.change("large", index.lock("tinyone", "large"))
    return project


def with_models(project: Project) -> None:
    """Give the checkout a small lock `worker`, and a fetcher of one model for it."""
    project.change("worker", project.index.lock("tinyone"))
    script = project.folder / "setup_network_venv.py"
    script.write_text(script.read_text().replace('"worker": 8_700, ', ""))
    (project.folder / "volume" / "models.py").write_text(FETCHER)


def ended(process: "subprocess.Popen[str]") -> "subprocess.CompletedProcess[str]":
    """A process's result once it has ended."""
    output, errors = process.communicate(timeout=WAIT_S)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def kill(process: "subprocess.Popen[str]") -> None:
    """SIGKILL, and nothing else: no handler of the process runs."""
    process.send_signal(signal.SIGKILL)
    process.communicate()


def until(condition: Callable[[], object], what: str) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen"
        time.sleep(0.005)


def venvs(home: Path) -> list[str]:
    """Every name under venvs/, hidden ones included."""
    return sorted(os.listdir(home / "venvs")) if (home / "venvs").is_dir() else []

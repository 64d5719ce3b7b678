"""A test checkout: the real start-up with tiny locks and short waits, and its processes.

A small script in the checkout calls `setup_network_venv.main` with the config of the test.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.index import Index, wheel

ROOT = Path(__file__).resolve().parents[2]
PYTHON = Path(sys.base_prefix, "bin", "python3.11")
WAIT_S = 120.0
WAITS: dict[str, object] = {
    "heartbeat_s": 0.2,
    "stale_s": 4.0,
    "poll_s": 0.1,
    "progress_s": 0.5,
    "retry_after_s": [0.1, 0.2],
}
START = """\
import json, os, shutil, sys, time
from pathlib import Path
from setup_network_venv import StartConfig, main
from volume.waits import Waits

def on_stage(stage):
    if stage == os.environ.get("PAUSE"):
        (home / "paused").touch()
        while not (home / "go").exists():
            time.sleep(0.05)
    if stage == os.environ.get("REMOVE"):
        shutil.rmtree(home / "venvs")

if __name__ == "__main__":
    config, argv = json.loads(sys.argv[1]), sys.argv[2:]
    home = Path(argv[argv.index("--home") + 1]) if "--home" in argv else None
    waits = config.pop("waits")
    waits["retry_after_s"] = tuple(waits["retry_after_s"])
    for name, kind in (("volume", Path), ("python", tuple)):
        if name in config:
            config[name] = kind(config[name])
    sys.exit(main(argv, StartConfig(**config, waits=Waits(**waits), on_stage=on_stage)))
"""
"""The start-up with a test's config, from JSON in its first argument.

PAUSE in the environment names a stage of a build at which the start-up waits until <home>/go
exists. REMOVE names a stage at which it removes <home>/venvs.
"""

HANDLER = """\
import json, os, pathlib, sys
import tinyone
from volume.crash import forget_start
forget_start(pathlib.Path(sys.prefix))
facts = {"prefix": sys.prefix, "arguments": sys.argv[1:], "environment": dict(os.environ)}
print(json.dumps(facts))
"""
FETCHER = """\
import json, os, pathlib, sys, time
marker = pathlib.Path(sys.argv[1])
count = marker.parent / "fetches"
count.write_text(str(int(count.read_text()) + 1 if count.exists() else 1))
time.sleep(float(os.environ.get("SLOW", 0)))
if "FAIL" in os.environ:
    sys.exit(os.environ["FAIL"])
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
    """A checkout, and how its start-up is run.

    folder: the checkout.
    index: the package index that uv installs from.
    uv: the uv binary, which the processes find on their PATH.
    config, waits: the fields of StartConfig and of Waits for new processes; a test may change them.
    """

    folder: Path
    index: Index
    uv: Path
    config: dict[str, object] = field(default_factory=dict)
    waits: dict[str, object] = field(default_factory=lambda: dict(WAITS))

    def environment(self, settings: Mapping[str, str] | None = None) -> dict[str, str]:
        dropped = ("S3_", "AWS_", "BUCKET_", "WORKER_", "RUNPOD_", "UV_", "PIP_", "FLASH_")
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(dropped)
        }
        inherited["PATH"] = f"{self.uv.parent}:{inherited['PATH']}"
        uv = {"UV_DEFAULT_INDEX": self.index.url, "UV_HTTP_TIMEOUT": "2", "UV_HTTP_RETRIES": "0"}
        return inherited | uv | dict(settings or {})

    def command(self, *arguments: str | Path) -> list[str | Path]:
        """The start-up's command, with the Python that built the test environment."""
        config = json.dumps(self.config | {"waits": self.waits})
        return [PYTHON, self.folder / "start.py", config, *arguments]

    def run(
        self, *arguments: str | Path, settings: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run the start-up with these arguments alone, to its end."""
        return subprocess.run(
            self.command(*arguments),
            env=self.environment(settings),
            capture_output=True,
            text=True,
            check=False,
        )

    def start(
        self, home: Path, extra: str = "tiny", *more: str, settings: Mapping[str, str] | None = None
    ) -> "subprocess.Popen[str]":
        """Start the start-up as a process; `extra` is the lock, `more` are further arguments."""
        return subprocess.Popen(
            self.command("--home", home, "--extra", extra, *more),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=self.environment(settings),
        )

    def prepare(
        self, home: Path, extra: str = "tiny", settings: Mapping[str, str] | None = None
    ) -> "subprocess.CompletedProcess[str]":
        """Run the start-up with --prepare-only, to its end."""
        return wait_for_result(self.start(home, extra, "--prepare-only", settings=settings))

    def change(self, lock: str, text: str) -> None:
        """Write a lock under requirements/."""
        (self.folder / "requirements" / f"{lock}.txt").write_text(text)


def make(folder: Path, index: Index, uv: Path) -> Project:
    """Write a checkout whose waits are short and whose locks name the index's wheels."""
    shutil.copy(ROOT / "setup_network_venv.py", folder)
    shutil.copytree(ROOT / "volume", folder / "volume")
    (folder / "start.py").write_text(START)
    (folder / "requirements").mkdir()
    for name in ("uv.txt", "models.toml"):
        shutil.copy(ROOT / "requirements" / name, folder / "requirements")
    (folder / "handler.py").write_text(HANDLER)
    project = Project(folder, index, uv)
    project.change("tiny", index.lock("tinyone", "tinytwo"))
    project.change("large", index.lock("tinyone", "large"))
    return project


def add_models(project: Project) -> None:
    """Add a small lock `worker` to the checkout, and a program that fetches one model."""
    project.change("worker", project.index.lock("tinyone"))
    project.config["installed_mb"] = {}
    (project.folder / "worker").mkdir()
    (project.folder / "worker" / "model_files.py").write_text(FETCHER)


def wait_for_result(process: "subprocess.Popen[str]") -> "subprocess.CompletedProcess[str]":
    """Wait for a process to end; its exit status and output."""
    output, errors = process.communicate(timeout=WAIT_S)
    return subprocess.CompletedProcess(process.args, process.returncode, output, errors)


def kill(process: "subprocess.Popen[str]") -> None:
    """Kill the process with SIGKILL, so that none of its cleanup runs."""
    process.send_signal(signal.SIGKILL)
    process.communicate()


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Wait until a condition that another process fulfils is true; `what` names it in the error."""
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen"
        time.sleep(0.005)


def venvs(home: Path) -> list[str]:
    """Every name under venvs/, hidden ones included."""
    return sorted(os.listdir(home / "venvs")) if (home / "venvs").is_dir() else []

"""The start-up on an empty and on a prepared volume, beside a plain pip install of the same lock.

    scripts/bench volume [--extra NAME] [--write]

Needs buildah, debootstrap and, for the worker's lock, 17 GB of disk: both environments are built
from nothing, one after the other, and removed. The disk's use is what the file system says, so
nothing else may write to it.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

from bench import report
from bench.process import ROOT
from bench.report import Row
from tests.container import image
from volume import space

PYTHON = Path(sys.base_prefix, "bin", "python3.11")
SCRIPT = ROOT / "setup_network_venv.py"


def prepare(home: Path, extra: str) -> list[str | Path]:
    """The start-up's command, without the exec."""
    return [PYTHON, SCRIPT, "--home", home, "--extra", extra, "--prepare-only"]


def seconds(command: Sequence[str | Path]) -> float:
    """How long a command takes; it must end well."""
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    return time.perf_counter() - began


class Peak:
    """The most that the file system of a folder gained while the body ran, in MB."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._before = self._least = space.free_mb(folder)
        self._finished = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self) -> "Peak":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._finished.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._finished.wait(0.2):
            self._least = min(self._least, space.free_mb(self._folder))

    @property
    def mb(self) -> int:
        """What was gained at most."""
        return self._before - self._least


def first_builds(folder: Path, extra: str) -> list[Row]:
    """Our first build and pip's, in turn; ours begins with getting uv where none is on the PATH."""
    home, plain = folder / "ours", folder / "pip"
    home.mkdir()
    with Peak(folder) as peak:
        ours = seconds(prepare(home, extra))
    finished = space.size_of(home / "venvs") / 1e6
    seconds([PYTHON, "-m", "venv", plain])
    lock = ROOT / "requirements" / f"{extra}.txt"
    pip = [str(plain / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-cache-dir"]
    theirs = seconds([*pip, "--no-deps", "--require-hashes", "-r", str(lock)])
    shutil.rmtree(plain)
    return [
        Row("first build", [ours], [theirs], "s", 1, 0.35),
        Row("peak disk / environment", [peak.mb / finished], [], "", 2, 1.3),
        Row("environment", [finished / 1000], [], "GB", 2),
    ]


def second_starts(home: Path, extra: str) -> list[Row]:
    """Whole starts on the finished environment, and the files that one touches on the volume.

    With settings that want no model: the list of models is there, and empty.
    """
    command: list[str | Path] = [PYTHON, SCRIPT, "--home", home, "--extra", extra]
    started(command)
    times = [started(command) for _ in range(7)]
    trace = home / "trace"
    started(["strace", "-f", "-e", "trace=%file", "-o", trace, *command])
    start = trace.read_text().partition("/handler.py")[0]
    touched = [line for line in start.splitlines() if re.search(f"{home}/(v|models)", line)]
    return [
        Row(f"second start, {extra} lock", times, [], "s", 3, 0.3),
        Row("its file calls on the volume", [len(touched)], [], "", 0),
    ]


def started(command: Sequence[str | Path]) -> float:
    """How long a start took until it became the worker, which may then end as it likes."""
    environment = os.environ | {"TTS_ENGINE": "preview", "ALIGNERS": "none"}
    said = subprocess.run(
        command, env=environment, capture_output=True, text=True, check=False
    ).stderr
    found = re.search(r"([\d.]+) s after this process began", said)
    assert found is not None, said
    return float(found[1])


def eight_starts(home: Path) -> list[Row]:
    """Eight first starts at once, with the preview lock."""
    processes = [
        subprocess.Popen(
            prepare(home, "preview"),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(8)
    ]
    said = [process.communicate()[1] for process in processes]
    built = sum(len(re.findall("building the environment", text)) for text in said)
    left = [path for path in (home / "venvs").iterdir() if path.name.startswith(".")]
    return [
        Row("environments built by eight starts at once", [built], [], "", 0, 1),
        Row("bytes that they left over", [sum(map(space.size_of, left))], [], "", 0, 0),
    ]


def image_size(folder: Path) -> list[Row]:
    """What Dockerfile.runpod adds to its base, built with buildah over a Debian."""
    folder.mkdir()
    return [
        Row("unpacked image above its base", [image.build(folder).added_mb()], [], "MB", 0, 150)
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="scripts/bench volume")
    parser.add_argument("--extra", default="worker", help="the lock to build (%(default)s)")
    parser.add_argument("--write", action="store_true", help="put the table into RESULTS.md")
    options = parser.parse_args()
    machine = report.machine()
    with tempfile.TemporaryDirectory(dir=os.environ.get("TMPDIR")) as name:
        folder = Path(name)
        rows = first_builds(folder, options.extra)
        rows += second_starts(folder / "ours", options.extra)
        rows += eight_starts(folder / "eight")
        rows += second_starts(folder / "eight", "preview")
        rows += image_size(folder / "image")
    notes = [
        f"upstream is `pip install --no-deps --require-hashes` of requirements/{options.extra}.txt "
        "into a new venv, without its cache; pip compiles all files, our build those that a worker "
        "may import",
    ]
    report.publish(report.section("volume", machine, rows, notes), options.write)


if __name__ == "__main__":
    main()

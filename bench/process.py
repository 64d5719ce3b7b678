"""Processes that are measured: until a line appears, until the end, or one job after another."""

import json
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
REPLY = "BENCH "
"""Begins the lines in which a measured process answers; all its others are its own talk."""

SAID = 30
INHERITED = ("CUDA_VISIBLE_DEVICES", "HOME", "LANG", "LD_LIBRARY_PATH", "PATH", "TMPDIR")


class BenchFailed(Exception):
    """A measured process that ended otherwise than it should; with the end of what it said."""

    def __init__(self, command: Sequence[str | Path], said: str) -> None:
        last = "\n    ".join(said.splitlines()[-SAID:])
        words = " ".join(map(str, command))
        super().__init__(f"{words if len(words) < 500 else words[:500] + '...'}\n    {last}")


@dataclass(frozen=True)
class Ready:
    """How long a process took to be ready, and its anonymous memory (RssAnon) at that moment."""

    seconds: float
    anonymous_mb: float


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """What a measured process gets: nothing of this one's settings, no network, bytecode."""
    kept = {name: os.environ[name] for name in INHERITED if name in os.environ}
    return {**kept, "HF_HUB_OFFLINE": "1", **more}


def until_ready(
    command: Sequence[str | Path], environment: Mapping[str, str], marks: Sequence[str]
) -> Ready:
    """Start a process, wait until it has said all the marks, and end it."""
    started = time.perf_counter()
    said: list[str] = []
    missing = set(marks)
    with subprocess.Popen(
        command,
        # Open, so that a process that answers line by line stays until it is measured.
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            missing = {mark for mark in missing if mark not in line}
            if not missing:
                seconds = time.perf_counter() - started
                ready = Ready(seconds, anonymous_mb(process.pid))
                process.kill()
                return ready
    raise BenchFailed(command, "".join(said))


def run(command: Sequence[str | Path], environment: Mapping[str, str]) -> tuple[str, float]:
    """Run a process to its end: what it said, and the most memory that it had resident, in MB."""
    process = subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=environment,
        cwd=ROOT,
    )
    assert process.stdout is not None
    said = process.stdout.read()
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise BenchFailed(command, said)
    return said, usage.ru_maxrss / 1024


def anonymous_mb(pid: int) -> float:
    """RssAnon of a process, in MB of 2**20 bytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    line = next(line for line in lines if line.startswith("RssAnon:"))
    return int(line.split()[1]) / 1024


class Conversation:
    """A warm process that answers each line of JSON with one; its own talk goes to a log."""

    def __init__(
        self, command: Sequence[str | Path], environment: Mapping[str, str], log: Path
    ) -> None:
        self._command = command
        self._log = log
        with log.open("w") as stderr:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
                env=environment,
                cwd=ROOT,
            )
        self._answer()

    def __enter__(self) -> "Conversation":
        return self

    def __exit__(self, *exception: object) -> None:
        self._process.kill()
        self._process.communicate()

    def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """The process's answer. Raises BenchFailed where it ends instead."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        said = []
        for line in self._process.stdout:
            if line.startswith(REPLY):
                answer: dict[str, Any] = json.loads(line.removeprefix(REPLY))
                return answer
            said.append(line)
        raise BenchFailed(self._command, "".join(said) + self._log.read_text())

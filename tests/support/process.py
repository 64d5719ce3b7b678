"""Runs handler.py as a separate process with only the settings that a test gives."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.ports import free_ports

HANDLER = Path(__file__).resolve().parents[2] / "handler.py"
OURS = (
    "RUNPOD_",
    "AWS_",
    "BUCKET_",
    "S3_",
    "TTS_",
    "WORKER_",
    "URL_EXPIRES_S",
    "LOG_LEVEL",
    "F5_",
    "WHISPER_",
    "ALIGN",
)


def environment(home: Path, settings: Mapping[str, str] | None = None) -> dict[str, str]:
    """This process's environment without the worker's variables, plus the given settings."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return inherited | {"TTS_ENGINE": "preview", "WORKER_HOME": str(home)} | dict(settings or {})


def run_job(
    folder: Path, job: dict[str, Any], settings: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """Run `handler.py --test_input` to its end; the worker's home is in `folder`."""
    return subprocess.run(
        [sys.executable, HANDLER, "--test_input", json.dumps(job)],
        env=environment(folder / "home", settings),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


@contextmanager
def serve_api(folder: Path, settings: Mapping[str, str] | None = None) -> Iterator[str]:
    """Run `handler.py --rp_serve_api` with its home in `folder`; yields the server's URL."""
    (port,) = free_ports(1)
    arguments = ["--rp_serve_api", "--rp_api_port", str(port), "--rp_api_host", "127.0.0.1"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, HANDLER, *arguments],
            env=environment(folder / "home", settings),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        _wait_for(process, port, folder / "log")
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _wait_for(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(log.read_text()[-2000:])

"""handler.py as a process of its own, with only the settings that a test gives it."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

HANDLER = Path(__file__).resolve().parent.parent / "handler.py"
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
    """This process's environment with only the given settings of the worker's."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return inherited | {"TTS_ENGINE": "preview", "WORKER_HOME": str(home)} | dict(settings or {})


def run_job(
    folder: Path, job: dict[str, Any], settings: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    """`handler.py --test_input` with its home in `folder`."""
    return subprocess.run(
        [sys.executable, HANDLER, "--test_input", json.dumps(job)],
        env=environment(folder / "home", settings),
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

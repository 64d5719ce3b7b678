"""A small F5 checkpoint and a Vocos folder with random weights: the real modules, no download.

Such a model speaks noise of the right length. Upstream starts some weights at zero, and with zeros
the model would be the identity; so these weights are random too.
"""

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

TINY: dict[str, object] = {
    "dim": 64,
    "depth": 2,
    "heads": 1,
    "dim_head": 64,
    "ff_mult": 2,
    "text_dim": 32,
}
TINY |= {"conv_layers": 1}
V1: dict[str, object] = {"text_mask_padding": True, "pe_attn_head": None}
V0: dict[str, object] = {"text_mask_padding": False, "pe_attn_head": 1}
VOCOS = """\
feature_extractor:
  class_path: vocos.feature_extractors.MelSpectrogramFeatures
  init_args: {sample_rate: 24000, n_fft: 1024, hop_length: 256, n_mels: 100, padding: center}
backbone:
  class_path: vocos.models.VocosBackbone
  init_args: {input_channels: 100, dim: 32, intermediate_dim: 64, num_layers: 2}
head:
  class_path: vocos.heads.ISTFTHead
  init_args: {dim: 32, n_fft: 1024, hop_length: 256, padding: center}
"""


@dataclass(frozen=True)
class Checkpoint:
    """The paths of the files, and the settings that make a worker use them."""

    model: Path
    weights: Path
    vocoder: Path

    @property
    def environment(self) -> dict[str, str]:
        return {
            "TTS_ENGINE": "f5",
            "F5_MODEL": str(self.model),
            "F5_CKPT_FILE": str(self.weights),
            "F5_VOCODER_DIR": str(self.vocoder),
            "F5_DEVICE": "cpu",
            # whisperx has no small model of its own; tests/support/tiny_wav2vec2.py has one.
            "ALIGNERS": "sphinx",
        }


def write(
    folder: Path,
    arch: Mapping[str, object] | None = None,
    seed: int = 0,
    vocos: str = VOCOS,
) -> Checkpoint:
    """Write a checkpoint with random weights into a folder.

    arch: the fields `model.arch` of the YAML file; TINY in the manner of F5TTS_v1_Base by default.
    vocos: the YAML file of Vocos; a small one by default.

    A new process writes the weights, because this one may have imported the modules with stubs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    arch = TINY | V1 if arch is None else arch
    lines = [f"    {name}: {'null' if value is None else value}" for name, value in arch.items()]
    model = folder / "tiny.yaml"
    model.write_text(
        "model:\n  name: tiny\n  tokenizer: pinyin\n  backbone: DiT\n  arch:\n"
        + "\n".join(lines)
        + "\n  mel_spec: {target_sample_rate: 24000, n_mel_channels: 100, hop_length: 256,"
        " win_length: 1024, n_fft: 1024, mel_spec_type: vocos}\n"
    )
    vocoder = folder / "vocos"
    vocoder.mkdir(exist_ok=True)
    (vocoder / "config.yaml").write_text(vocos)
    command = [sys.executable, "-m", "tests.support.tiny_f5", str(folder), str(seed)]
    subprocess.run(command, check=True, cwd=Path(__file__).resolve().parents[2])
    return Checkpoint(model, folder / "model.safetensors", vocoder)


def main(folder: Path, seed: int) -> None:
    """Write the weights for the YAML files that `write` made."""
    import torch
    import yaml
    from safetensors.torch import save_file

    from import_stubs import F5, stubbed

    with stubbed(F5):
        from f5_tts.model.backbones.dit import DiT
        from vocos import Vocos
    torch.manual_seed(seed)
    arch = yaml.safe_load((folder / "tiny.yaml").read_text())["model"]["arch"]
    dit = DiT(**arch, text_num_embeds=2545, mel_dim=100)
    for name, value in dit.named_parameters():
        if "norm" in name and "linear" in name:
            torch.nn.init.normal_(value, std=0.5 if name.endswith("bias") else 0.05)
        elif "grn" in name or "proj_out" in name:
            torch.nn.init.normal_(value, std=0.1)
    dim_head = arch.get("dim_head", 64)
    state = {f"ema_model.transformer.{name}": value for name, value in dit.state_dict().items()}
    state["ema_model.transformer.rotary_embed.inv_freq"] = 1.0 / 10000 ** (
        torch.arange(0, dim_head, 2).float() / dim_head
    )
    state |= {"initted": torch.tensor(True), "step": torch.tensor(1)}
    save_file(state, folder / "model.safetensors")
    vocos = Vocos.from_hparams(str(folder / "vocos" / "config.yaml"))
    torch.save(vocos.state_dict(), folder / "vocos" / "pytorch_model.bin")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))

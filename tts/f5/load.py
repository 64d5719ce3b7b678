"""F5 and Vocos loaded from their files, through f5_tts' and vocos' own classes."""

import pickle
import zipfile
from dataclasses import dataclass
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch.overrides import TorchFunctionMode

from errors import is_gpu_fault
from import_stubs import F5, stubbed
from tts.f5.files import CheckpointFiles, FilesUnusable
from tts.f5.tokenizer import Tokenizer, read_vocab

# These modules import libraries that only training needs, and that take seconds to import.
with stubbed(F5):
    from f5_tts.model import utils as utils
    from f5_tts.model.backbones import dit as dit_module
    from f5_tts.model.modules import MelSpec
    from vocos import Vocos

CHANNELS = 100
"""Of the mel spectrogram: `n_mel_channels` in the configs of f5_tts."""

PREFIXES = ("ema_model.", "transformer.")
"""What the trainer's EMA and CFM put before the names of the DiT's weights."""

TABLE = "rotary_embed.inv_freq"
"""A table that a checkpoint may contain, at any precision; tts/f5/dit.py computes it in float32."""

FILLS = (torch.Tensor.uniform_, torch.Tensor.normal_, torch.Tensor.fill_, torch.Tensor.zero_)

DAMAGED = (RuntimeError, ValueError, KeyError, EOFError, pickle.UnpicklingError)
"""What torch.load and load_state_dict raise for a damaged file or for one of another kind."""

get_epss_timesteps = utils.get_epss_timesteps


@dataclass(frozen=True)
class LoadedF5:
    """A loaded F5: DiT and Vocos on the device in float32, the tokenizer, f5_tts's MelSpec."""

    dit: Any
    vocos: Any
    tokenizer: Tokenizer
    mel: Any


class _Unfilled(TorchFunctionMode):
    """Leaves new parameters unfilled: the checkpoint replaces random weights anyway.

    torch's meta device would do the same, but it imports torch's compiler, which takes 0.9 s.
    """

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in FILLS:
            return args[0]
        return func(*args, **(kwargs or {}))


def load(files: CheckpointFiles, device: torch.device) -> LoadedF5:
    """Load everything. Raises FilesUnusable where a file is damaged or belongs to another model."""
    try:
        vocab = read_vocab(files.vocab)
    except (OSError, ValueError) as error:
        raise FilesUnusable(f"F5_VOCAB_FILE={files.vocab} cannot be used: {error}") from None
    weights = read_weights(files, device)
    rows = weights["text_embed.text_embed.weight"].shape[0]
    # f5_tts has one row more than the vocabulary, for the filler after the text.
    if rows != len(vocab) + 1:
        raise FilesUnusable(
            f"the weights know {rows - 1} tokens and the vocabulary has {len(vocab)}; set "
            "F5_VOCAB_FILE to the vocabulary that they were trained with"
        )
    try:
        with _Unfilled():
            dit = dit_module.DiT(**files.arch, text_num_embeds=len(vocab), mel_dim=CHANNELS)
        # `assign` replaces the unfilled parameters by the loaded tensors, without a copy.
        dit.load_state_dict(weights, assign=True)
    except (RuntimeError, TypeError, AssertionError) as error:
        raise FilesUnusable(
            f"the weights do not fit the architecture F5_MODEL={files.name}: "
            f"{' '.join(str(error).split())[:300]}; set F5_MODEL to the config that they were "
            "trained with"
        ) from None
    return LoadedF5(
        dit=dit.eval().requires_grad_(False).to(device),
        vocos=load_vocos(files, device),
        tokenizer=Tokenizer(vocab, utils),
        mel=MelSpec(n_mel_channels=CHANNELS),
    )


def read_weights(files: CheckpointFiles, device: torch.device) -> dict[str, torch.Tensor]:
    """The DiT's weights by name, float32; from .safetensors or from a checkpoint of the trainer."""
    try:
        if files.weights.suffix == ".safetensors":
            state = load_file(files.weights, device=str(device))
        else:
            # `weights_only`: a checkpoint can come from anyone and must not run code. `mmap` works
            # only with torch's zip format, which older checkpoints do not have.
            state = torch.load(
                files.weights,
                map_location=device,
                weights_only=True,
                mmap=zipfile.is_zipfile(files.weights),
            )
            state = state.get("ema_model_state_dict", state.get("model_state_dict", state))
    except (SafetensorError, *DAMAGED) as error:
        if is_gpu_fault(error):
            raise
        raise FilesUnusable(
            f"{files.weights} cannot be read ({' '.join(str(error).split())[:200]}); it is damaged "
            "or not wholly downloaded: get it again"
        ) from None
    weights = {}
    for name, value in state.items():
        for prefix in PREFIXES:
            name = name.removeprefix(prefix)
        # The trainer's EMA adds its two counters, and CFM its spectrogram's tables.
        if name not in ("initted", "step", TABLE) and not name.startswith("mel_spec."):
            weights[name] = value.to(torch.float32)
    if "text_embed.text_embed.weight" not in weights:
        raise FilesUnusable(f"{files.weights} holds no F5 model; set F5_CKPT_FILE to one that does")
    return weights


def load_vocos(files: CheckpointFiles, device: torch.device) -> Any:
    """The vocoder, float32. Raises FilesUnusable."""
    try:
        vocos = Vocos.from_hparams(str(files.vocoder_config))
        state = torch.load(files.vocoder_weights, map_location="cpu", weights_only=True)
        vocos.load_state_dict(state)
    except (TypeError, AttributeError, *DAMAGED) as error:
        raise FilesUnusable(
            f"{files.vocoder_weights.parent} holds no Vocos that can be loaded "
            f"({' '.join(str(error).split())[:200]}); get charactr/vocos-mel-24khz again"
        ) from None
    return vocos.eval().requires_grad_(False).to(device)

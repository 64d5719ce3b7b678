"""What a step of the engine asks of a GPU, counted by dispatching the real code without numbers.

The model is F5TTS_v1_Base at its real size on torch's `meta` device: shapes and types, no memory.
"""

from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode

from import_stubs import F5, stubbed
from tts.f5.attention import Keys
from tts.f5.dit import Blocks, Inputs, Padding, VelocityField, rotary

with stubbed(F5):
    from f5_tts.model.backbones.dit import DiT

BASE: dict[str, Any] = {
    "dim": 1024,
    "depth": 22,
    "heads": 16,
    "dim_head": 64,
    "ff_mult": 2,
    "text_dim": 512,
    "conv_layers": 4,
    "text_mask_padding": True,
    "pe_attn_head": None,
}
NO_KERNEL = ("aten::_unsafe_view", "aten::empty", "aten::new_empty", "aten::empty_like")
ARITHMETIC = ("aten::addmm", "aten::mm", "aten::bmm", "aten::convolution", "aten::sum")
"""Their bytes are not counted: their time is arithmetic. The sum stands for the attention."""

META = torch.device("meta")


class Counter(TorchDispatchMode):
    """Kernels that are launched while it is entered, and the bytes that elementwise ones move.

    Not for torch.inference_mode, in which functions come in larger pieces than kernels.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.launches = 0
        self.elementwise_bytes = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        name = func._schema.name
        is_view = any(
            value.alias_info is not None and not value.alias_info.is_write
            for value in func._schema.returns
        )
        if not is_view and name not in NO_KERNEL:
            self.launches += 1
            if name not in ARITHMETIC:
                # A copy writes its first argument without reading it.
                read = args[1:] if name == "aten::copy_" else args
                self.elementwise_bytes += _bytes(read) + _bytes(result)
        return result


def _bytes(value: Any) -> int:
    if isinstance(value, torch.Tensor):
        return value.numel() * value.element_size()
    return sum(map(_bytes, value)) if isinstance(value, list | tuple) else 0


def _one_launch(qkv: torch.Tensor, keys: Keys | None) -> torch.Tensor:
    """An attention of as many launches as a GPU's has; torch's own on `meta` is made of many."""
    return torch.sum(qkv, 2).flatten(2)


def base_model(dtype: torch.dtype) -> tuple[VelocityField, Blocks]:
    """F5TTS_v1_Base on `meta`, its blocks at a precision."""
    with META:
        dit = DiT(**BASE, text_num_embeds=2545, mel_dim=100).requires_grad_(False)
    return VelocityField(dit.eval(), _one_launch), Blocks(dit, dtype)


def base_inputs(frames: int, padded: bool) -> Inputs:
    """What a step of one guided take of so many frames is computed from."""
    dim, depth = BASE["dim"], BASE["depth"]

    def tensor(*shape: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
        return torch.empty(shape, dtype=dtype, device=META)

    padding = None
    if padded:
        bias = tensor(2, 1, 1, frames, dtype=torch.float16)
        keys = Keys(tensor(5, dtype=torch.int32), bias)
        padding = Padding(tensor(2, frames, dtype=torch.bool), keys)
    return Inputs(
        state=tensor(1, frames, 100),
        constant=tensor(2, frames, dim),
        blocks=tensor(depth, 6, dim),
        final=tensor(2, dim),
        rotary=rotary(frames, BASE["dim_head"], META),
        padding=padding,
    )

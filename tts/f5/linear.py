"""The linear layers of F5's transformer blocks, in the form that is quickest where they run."""

from dataclasses import dataclass, replace
from typing import Protocol

import torch
import torch.nn.functional as F


class Linear(Protocol):
    """A linear layer with its activation."""

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """(..., inputs) -> (..., outputs), at the layer's precision."""
        ...

    def on(self, device: torch.device) -> "Linear":
        """The same layer on a device; this one stays where it is."""
        ...

    def packed(self) -> "Linear":
        """The same layer as Packed, if it is one that can be; otherwise as it is."""
        ...


@dataclass(frozen=True)
class Plain:
    """A layer in torch's own form. With `gelu`, GELU by its tanh approximation follows."""

    weight: torch.Tensor
    bias: torch.Tensor
    gelu: bool = False

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """See Linear."""
        made = F.linear(inputs, self.weight, self.bias)
        return F.gelu(made, approximate="tanh") if self.gelu else made

    def on(self, device: torch.device) -> "Plain":
        """See Linear."""
        return replace(self, weight=self.weight.to(device), bias=self.bias.to(device))

    def packed(self) -> Linear:
        """See Linear."""
        is_cpu = self.weight.device.type == "cpu"
        if is_cpu and self.weight.dtype == torch.float32 and torch.backends.mkldnn.is_available():
            return Packed(self)
        return self


class Packed:
    """A layer whose weight lies as the matrix kernels of oneDNN read it; float32 on a CPU.

    F.linear takes MKL's kernels there, and GELU as a pass of its own over all values.
    """

    def __init__(self, layer: Plain) -> None:
        self._weight = torch.ops.mkldnn._reorder_linear_weight(layer.weight.contiguous())
        self._bias, self._gelu = layer.bias, layer.gelu

    def __call__(self, inputs: torch.Tensor) -> torch.Tensor:
        """See Linear."""
        name, algorithm = ("gelu", "tanh") if self._gelu else ("none", "")
        made: torch.Tensor = torch.ops.mkldnn._linear_pointwise(
            inputs, self._weight, self._bias, name, [], algorithm
        )
        return made

    def on(self, device: torch.device) -> Plain:
        """See Linear."""
        return Plain(self._weight.to_dense(), self._bias, self._gelu).on(device)

    def packed(self) -> "Packed":
        """See Linear."""
        return self

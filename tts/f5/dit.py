"""The velocity field of F5: the forward pass of f5_tts's DiT, without its repeated work.

The modules and weights are f5_tts's own. Its forward pass computes three things in every step that
are computed once here: the AdaLN modulations (they depend only on the time), the rotary table, and
the part of the input projection that does not depend on the state. Time, state, rotary table,
residual stream and projections are float32, whatever the precision of the blocks.
"""

from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any

import torch
import torch.nn.functional as F

from tts.f5.attention import Attention, Keys
from tts.f5.linear import Linear, Plain

EPSILON = 1e-6
"""Of the layer norms, as in f5_tts/model/modules.py."""

ROTARY_BASE = 10_000.0
"""As in RotaryEmbedding of x_transformers, which f5_tts uses."""


@dataclass(frozen=True)
class Modulations:
    """AdaLN shifts, scales and gates of a schedule's steps, float32.

    `blocks` is (steps, depth, 6, dim), `final` (steps, 2, dim); scales have their 1 added.
    """

    blocks: torch.Tensor
    final: torch.Tensor


@dataclass(frozen=True)
class Prompt:
    """What one take is made from, on the device.

    mel: of the reference, float32 (frames, 100).
    ids: the tokens of the reference's transcript and of the new text, (tokens,).
    frames: the length of the reference and of the new speech together.
    """

    mel: torch.Tensor
    ids: torch.Tensor
    frames: int


@dataclass(frozen=True)
class Padding:
    """Which frames of a padded batch are speech: bool (rows, n), and as the attention takes it."""

    mask: torch.Tensor
    keys: Keys


@dataclass(frozen=True)
class Inputs:
    """What the velocity is computed from, for a batch of b takes of n frames.

    state: float32 (b, n, 100).
    constant: of `condition`, float32 (rows, n, dim); with guidance, rows are 2b, else b.
    blocks, final: of one step of `Modulations`, float32 (depth, 6, dim) and (2, dim).
    rotary: complex64 (n, head / 2).
    padding: of the rows; None if no take is padded.
    """

    state: torch.Tensor
    constant: torch.Tensor
    blocks: torch.Tensor
    final: torch.Tensor
    rotary: torch.Tensor
    padding: Padding | None


Move = Callable[[torch.Tensor], torch.Tensor]
"""Gives a weight the precision and the device of its blocks."""


@dataclass(frozen=True)
class _Convolution:
    """The weights of one layer of the convolution at the blocks' precision."""

    weight: torch.Tensor
    bias: torch.Tensor
    padding: int
    groups: int

    def on(self, device: torch.device) -> "_Convolution":
        return replace(self, weight=self.weight.to(device), bias=self.bias.to(device))


@dataclass(frozen=True)
class _Block:
    """The layers of one DiTBlock at the blocks' precision, q, k and v as one."""

    qkv: Linear
    out: Linear
    up: Linear
    down: Linear
    norms: tuple[torch.Tensor, torch.Tensor] | None
    norm_epsilon: float

    @property
    def linears(self) -> tuple[Linear, ...]:
        """The linear layers, in the order that `with_linears` takes."""
        return self.qkv, self.out, self.up, self.down

    def with_linears(self, layers: Iterable[Linear]) -> "_Block":
        """The same block with other linear layers."""
        qkv, out, up, down = layers
        return replace(self, qkv=qkv, out=out, up=up, down=down)

    def on(self, device: torch.device) -> "_Block":
        norms = self.norms
        if norms is not None:
            norms = norms[0].to(device), norms[1].to(device)
        moved = self.with_linears(layer.on(device) for layer in self.linears)
        return replace(moved, norms=norms)

    def packed(self) -> "_Block":
        return self.with_linears(layer.packed() for layer in self.linears)


class Blocks:
    """The transformer blocks and the convolution before them, at one precision."""

    def __init__(self, dit: Any, dtype: torch.dtype, device: torch.device | None = None) -> None:
        """Take the weights of a DiT; to `device`, or where they are."""
        self.dtype = dtype

        def moved(weight: torch.Tensor) -> torch.Tensor:
            return weight.to(device, dtype)

        layers: list[Any] = list(dit.input_embed.conv_pos_embed.conv1d)
        self.convolution = [
            _Convolution(moved(layer.weight), moved(layer.bias), layer.padding[0], layer.groups)
            for layer in layers
            if hasattr(layer, "groups")
        ]
        self.layers = [_block(block, moved) for block in dit.transformer_blocks]
        attention = dit.transformer_blocks[0].attn
        self.heads: int = attention.heads
        # pe_attn_head is None if every head is rotated; F5TTS_Base rotates only the first.
        self.rotary_heads: int = attention.processor.pe_attn_head or attention.heads
        skip = dit.long_skip_connection
        self.skip: torch.Tensor | None = None if skip is None else moved(skip.weight)

    def on(self, device: torch.device) -> "Blocks":
        """The same blocks on a device; these stay where they are."""
        moved = copy(self)
        moved.convolution = [layer.on(device) for layer in self.convolution]
        moved.layers = [block.on(device) for block in self.layers]
        moved.skip = None if self.skip is None else self.skip.to(device)
        return moved

    def packed(self) -> "Blocks":
        """The same blocks, with the linear layers of a CPU as its kernels read them."""
        packed = copy(self)
        packed.layers = [block.packed() for block in self.layers]
        return packed


class VelocityField:
    """One loaded DiT. `velocity` is exact: a padded batch gives what its takes give alone."""

    def __init__(self, dit: Any, attention: Attention) -> None:
        self._attention = attention
        self._time_embed = dit.time_embed
        self._text_embed = dit.text_embed
        self._modulators = [block.attn_norm.linear for block in dit.transformer_blocks]
        self._final = dit.norm_out.linear
        self._proj_out = dit.proj_out
        weight = dit.input_embed.proj.weight
        self.channels: int = dit.proj_out.out_features
        text_dim = weight.shape[1] - 2 * self.channels
        # The projection of (state, mel, text) is the sum of three projections, and only that of the
        # state changes from step to step.
        self._from_state, self._from_mel, self._from_text = (
            part.contiguous() for part in weight.split([self.channels, self.channels, text_dim], 1)
        )
        self._bias = dit.input_embed.proj.bias
        self.dim: int = dit.dim
        self.head: int = dit.transformer_blocks[0].attn.inner_dim // (
            dit.transformer_blocks[0].attn.heads
        )

    @property
    def device(self) -> torch.device:
        """The device of the weights."""
        device: torch.device = self._bias.device
        return device

    def modulations(self, times: torch.Tensor) -> Modulations:
        """For the times of a schedule's steps, float32 (steps,)."""
        embedded = F.silu(self._time_embed(times))
        blocks = torch.stack([linear(embedded) for linear in self._modulators], dim=1)
        blocks = blocks.unflatten(-1, (6, self.dim))
        # shift, scale, gate of the attention, then of the feed-forward
        blocks[:, :, (1, 4)] += 1
        final = self._final(embedded).unflatten(-1, (2, self.dim))
        final[:, 0] += 1
        return Modulations(blocks, final)

    def condition(self, prompts: Sequence[Prompt], guided: bool, length: int) -> torch.Tensor:
        """The part of the input projection that stays the same in every step of a batch.

        float32 (b, length, dim), 0 on padding; with `guided` (2b, length, dim), the unconditional
        half second.

        Text is embedded take by take, because f5_tts's text blocks normalise over the whole length
        of a take: padding would change the result.
        """
        shape = (1 + guided, len(prompts), length, self.dim)
        constant = torch.zeros(shape, device=self.device)
        for index, prompt in enumerate(prompts):
            ids, frames = prompt.ids[None], prompt.frames
            text = self._text_embed(ids, seq_len=frames, drop_text=False)[0]
            part = constant[0, index]
            part[:frames] = F.linear(text, self._from_text, self._bias)
            part[: len(prompt.mel)] += F.linear(prompt.mel, self._from_mel)
            # The unconditional half gets neither the text nor the mel of the reference.
            if guided:
                text = self._text_embed(ids, seq_len=frames, drop_text=True)[0]
                constant[1, index, :frames] = F.linear(text, self._from_text, self._bias)
        return constant.flatten(0, 1)

    def velocity(self, inputs: Inputs, blocks: Blocks) -> torch.Tensor:
        """dx/dt at one step, float32 (b, n, 100); with guidance (2b, n, 100), unconditional last.

        blocks: the transformer's blocks at the precision to use.
        """
        projected = F.linear(inputs.state, self._from_state)
        stream = inputs.constant.unflatten(0, (-1, len(inputs.state))) + projected
        stream = stream.flatten(0, 1)
        # The stream is float32 and what is added to it may be half: the additions cast by
        # themselves, while a cast of its own would read and write everything once more.
        stream += _convolve(stream, blocks, inputs.padding)
        before = None if blocks.skip is None else stream.clone()
        for layer, modulation in zip(blocks.layers, inputs.blocks, strict=True):
            shift_a, scale_a, gate_a, shift_f, scale_f, gate_f = modulation
            inner = self._normed(stream, scale_a, shift_a).to(blocks.dtype)
            stream.addcmul_(gate_a, self._attend(inner, layer, blocks, inputs))
            inner = self._normed(stream, scale_f, shift_f).to(blocks.dtype)
            stream.addcmul_(gate_f, layer.down(layer.up(inner)))
        if blocks.skip is not None and before is not None:
            both = torch.cat((stream, before), dim=-1).to(blocks.dtype)
            stream = F.linear(both, blocks.skip).float()
        # f5_tts's last layer has the scale first, unlike its blocks.
        scale, shift = inputs.final
        out: torch.Tensor = self._proj_out(self._normed(stream, scale, shift))
        return out

    def _normed(
        self, stream: torch.Tensor, scale: torch.Tensor, shift: torch.Tensor
    ) -> torch.Tensor:
        return F.layer_norm(stream, (self.dim,), scale, shift, EPSILON)

    def _attend(
        self, inner: torch.Tensor, layer: _Block, blocks: Blocks, inputs: Inputs
    ) -> torch.Tensor:
        """Self-attention of one block: (rows, n, dim) -> (rows, n, dim)."""
        heads = layer.qkv(inner).unflatten(-1, (3, blocks.heads, self.head))
        if layer.norms is not None:
            for index, weight in enumerate(layer.norms):
                part = heads[:, :, index]
                part.copy_(F.rms_norm(part, (self.head,), weight, layer.norm_epsilon))
        _rotate(heads[:, :, :2, : blocks.rotary_heads], inputs.rotary)
        keys = None if inputs.padding is None else inputs.padding.keys
        return layer.out(self._attention(heads, keys))


def rotary(length: int, head: int, device: torch.device) -> torch.Tensor:
    """The rotation of each position and pair of channels, complex64 (length, head / 2)."""
    # In float16 the angles would be off by up to 0.49 rad at frame 1500 (measured).
    powers = torch.arange(0, head, 2, device=device).float() / head
    angles = torch.outer(torch.arange(length, device=device).float(), 1.0 / ROTARY_BASE**powers)
    return torch.polar(torch.ones_like(angles), angles)


def _rotate(part: torch.Tensor, table: torch.Tensor) -> None:
    """Rotate pairs of channels of queries and keys in place, in float32: (rows, n, 2, h, head)."""
    exact = part.float()
    pairs = torch.view_as_complex(exact.unflatten(-1, (-1, 2)))
    pairs.mul_(table[:, None, None])
    # Of float32, `exact` is the part itself.
    if exact is not part:
        part.copy_(exact)


def _convolve(stream: torch.Tensor, blocks: Blocks, padding: Padding | None) -> torch.Tensor:
    """The convolutional position embedding, (rows, n, dim); padding counts as zeros in each
    layer."""
    hidden = stream.to(blocks.dtype).transpose(1, 2)
    for layer in blocks.convolution:
        if padding is not None:
            # A layer's bias makes padding nonzero; the next layer would carry that into the speech.
            hidden = hidden * padding.mask[:, None, :]
        hidden = F.conv1d(
            hidden, layer.weight, layer.bias, padding=layer.padding, groups=layer.groups
        )
        hidden = F.mish(hidden)
    return hidden.transpose(1, 2)


def _block(block: Any, moved: Move) -> _Block:
    attention, feed = block.attn, block.ff.ff
    inputs = (attention.to_q, attention.to_k, attention.to_v)

    def plain(linear: Any, gelu: bool = False) -> Plain:
        return Plain(moved(linear.weight), moved(linear.bias), gelu)

    norms = None
    if attention.q_norm is not None:
        norms = (moved(attention.q_norm.weight), moved(attention.k_norm.weight))
    return _Block(
        qkv=Plain(
            moved(torch.cat([part.weight for part in inputs])),
            moved(torch.cat([part.bias for part in inputs])),
        ),
        out=plain(attention.to_out[0]),
        up=plain(feed[0][0], gelu=True),
        down=plain(feed[2]),
        norms=norms,
        norm_epsilon=attention.q_norm.eps if norms is not None else EPSILON,
    )

"""The velocity field of F5: the forward pass of f5_tts's DiT, without its repeated work.

The modules and weights are f5_tts's own. Its forward pass computes three things in every step that
are computed once here: the AdaLN modulations (they depend only on the time), the rotary table, and
the part of the input projection that does not depend on the state. Time, state, rotary table,
residual stream and projections are float32, whatever the precision of the blocks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F

from tts.f5.attention import Attention

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
class Condition:
    """What stays the same in every step of one batch.

    `constant` is the constant part of the input projection, float32 (b, n, dim), or with guidance
    (2b, n, dim), the unconditional half second. `mask` is bool (same batch, n), None without
    padding. `rotary` is complex64 (n, head / 2).
    """

    constant: torch.Tensor
    mask: torch.Tensor | None
    rotary: torch.Tensor


@dataclass(frozen=True)
class _Block:
    """The weights of one DiTBlock at the blocks' precision, q, k and v as one matrix."""

    qkv: tuple[torch.Tensor, torch.Tensor]
    out: tuple[torch.Tensor, torch.Tensor]
    up: tuple[torch.Tensor, torch.Tensor]
    down: tuple[torch.Tensor, torch.Tensor]
    norms: tuple[torch.Tensor, torch.Tensor] | None
    norm_epsilon: float


class Blocks:
    """The transformer blocks and the convolution before them, at one precision."""

    def __init__(self, dit: Any, dtype: torch.dtype) -> None:
        self.dtype = dtype
        layers: list[Any] = list(dit.input_embed.conv_pos_embed.conv1d)
        self.convolution = [
            (layer.weight.to(dtype), layer.bias.to(dtype), layer.padding[0], layer.groups)
            for layer in layers
            if hasattr(layer, "groups")
        ]
        self.layers = [_block(block, dtype) for block in dit.transformer_blocks]
        attention = dit.transformer_blocks[0].attn
        self.heads: int = attention.heads
        # pe_attn_head is None if every head is rotated; F5TTS_Base rotates only the first.
        self.rotary_heads: int = attention.processor.pe_attn_head or attention.heads
        skip = dit.long_skip_connection
        self.skip: torch.Tensor | None = None if skip is None else skip.weight.to(dtype)


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
        self._dim: int = dit.dim
        self._head: int = dit.transformer_blocks[0].attn.inner_dim // (
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
        blocks = blocks.unflatten(-1, (6, self._dim))
        # shift, scale, gate of the attention, then of the feed-forward
        blocks[:, :, (1, 4)] += 1
        final = self._final(embedded).unflatten(-1, (2, self._dim))
        final[:, 0] += 1
        return Modulations(blocks, final)

    def condition(self, prompts: Sequence[Prompt], guided: bool, length: int) -> Condition:
        """The constant part for a batch padded to `length` frames; with `guided`, for both halves.

        Text is embedded take by take, because f5_tts's text blocks normalise over the whole length
        of a take: padding would change the result.
        """
        count = len(prompts)
        constant = self._bias.new_zeros((1 + guided, count, length, self._dim))
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
        lengths = torch.tensor([prompt.frames for prompt in prompts], device=self.device)
        mask = None
        if any(prompt.frames != length for prompt in prompts):
            mask = (torch.arange(length, device=self.device) < lengths[:, None]).repeat(
                1 + guided, 1
            )
        return Condition(constant.flatten(0, 1), mask, rotary(length, self._head, self.device))

    def velocity(
        self,
        state: torch.Tensor,
        step: int,
        modulations: Modulations,
        condition: Condition,
        blocks: Blocks,
    ) -> torch.Tensor:
        """dx/dt at one step, float32 (b, n, 100); with guidance (2b, n, 100), unconditional last.

        state: float32 (b, n, 100).
        step: its index in `modulations`.
        modulations, condition: what `modulations` and `condition` computed for the batch.
        blocks: the transformer's blocks at the precision to use.
        """
        projected = F.linear(state, self._from_state)
        stream = condition.constant.unflatten(0, (-1, len(state))) + projected
        stream = stream.flatten(0, 1)
        stream = stream + _convolve(stream, blocks, condition.mask).float()
        before = stream
        for layer, modulation in zip(blocks.layers, modulations.blocks[step], strict=True):
            shift_a, scale_a, gate_a, shift_f, scale_f, gate_f = modulation
            inner = self._normed(stream, scale_a, shift_a).to(blocks.dtype)
            attended = self._attend(inner, layer, blocks, condition)
            stream = torch.addcmul(stream, gate_a, attended.float())
            inner = self._normed(stream, scale_f, shift_f).to(blocks.dtype)
            fed = F.linear(F.gelu(F.linear(inner, *layer.up), approximate="tanh"), *layer.down)
            stream = torch.addcmul(stream, gate_f, fed.float())
        if blocks.skip is not None:
            both = torch.cat((stream, before), dim=-1).to(blocks.dtype)
            stream = F.linear(both, blocks.skip).float()
        # f5_tts's last layer has the scale first, unlike its blocks.
        scale, shift = modulations.final[step]
        out: torch.Tensor = self._proj_out(self._normed(stream, scale, shift))
        return out

    def _normed(
        self, stream: torch.Tensor, scale: torch.Tensor, shift: torch.Tensor
    ) -> torch.Tensor:
        return F.layer_norm(stream, (self._dim,), scale, shift, EPSILON)

    def _attend(
        self, inner: torch.Tensor, layer: _Block, blocks: Blocks, condition: Condition
    ) -> torch.Tensor:
        """Self-attention of one block: (b, n, dim) -> (b, n, dim)."""
        heads = F.linear(inner, *layer.qkv).unflatten(-1, (3, blocks.heads, self._head))
        query, key, value = heads.permute(2, 0, 3, 1, 4)
        if layer.norms is not None:
            query, key = (
                F.rms_norm(part, (self._head,), weight, layer.norm_epsilon)
                for part, weight in zip((query, key), layer.norms, strict=True)
            )
        query, key = (
            _rotated(part, condition.rotary, blocks.rotary_heads) for part in (query, key)
        )
        attended = self._attention(query, key, value, condition.mask)
        return F.linear(attended.transpose(1, 2).flatten(2), *layer.out)


def rotary(length: int, head: int, device: torch.device) -> torch.Tensor:
    """The rotation of each position and pair of channels, complex64 (length, head / 2)."""
    # In float16 the angles would be off by up to 0.49 rad at frame 1500 (measured).
    powers = torch.arange(0, head, 2, device=device).float() / head
    angles = torch.outer(torch.arange(length, device=device).float(), 1.0 / ROTARY_BASE**powers)
    return torch.polar(torch.ones_like(angles), angles)


def _rotated(part: torch.Tensor, table: torch.Tensor, heads: int) -> torch.Tensor:
    """Rotate pairs of channels of the first heads, in float32: (b, h, n, head)."""
    pairs = torch.view_as_complex(part[:, :heads].float().unflatten(-1, (-1, 2)))
    rotated = torch.view_as_real(pairs * table).flatten(-2).to(part.dtype)
    if heads == part.shape[1]:
        return rotated
    return torch.cat((rotated, part[:, heads:]), dim=1)


def _convolve(stream: torch.Tensor, blocks: Blocks, mask: torch.Tensor | None) -> torch.Tensor:
    """The convolutional position embedding, (b, n, dim); padding counts as zeros in each layer."""
    hidden = stream.to(blocks.dtype).transpose(1, 2)
    is_speech = None if mask is None else mask[:, None, :]
    for weight, bias, padding, groups in blocks.convolution:
        if is_speech is not None:
            # A layer's bias makes padding nonzero; the next layer would carry that into the speech.
            hidden = hidden * is_speech
        hidden = F.mish(F.conv1d(hidden, weight, bias, padding=padding, groups=groups))
    return hidden.transpose(1, 2)


def _block(block: Any, dtype: torch.dtype) -> _Block:
    attention, feed = block.attn, block.ff.ff
    inputs = (attention.to_q, attention.to_k, attention.to_v)

    def pair(linear: Any) -> tuple[torch.Tensor, torch.Tensor]:
        return linear.weight.to(dtype), linear.bias.to(dtype)

    norms = None
    if attention.q_norm is not None:
        norms = (attention.q_norm.weight.to(dtype), attention.k_norm.weight.to(dtype))
    return _Block(
        qkv=(
            torch.cat([part.weight for part in inputs]).to(dtype),
            torch.cat([part.bias for part in inputs]).to(dtype),
        ),
        out=pair(attention.to_out[0]),
        up=pair(feed[0][0]),
        down=pair(feed[2]),
        norms=norms,
        norm_epsilon=attention.q_norm.eps if norms is not None else EPSILON,
    )

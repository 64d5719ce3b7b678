"""Attention for F5 by key lengths: no mask is made, and a graph of it serves every length.

On a GPU that FlashAttention runs on, torch's own kernel takes the lengths; elsewhere torch's
scaled dot product gets an additive bias that is made once a batch. F5_ATTENTION=flash_attn tries
the package flash-attn too.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F

logger = logging.getLogger("worker")

AGREES = 2e-2
"""Two half-precision results for inputs of unit variance agree if they differ by at most this."""

FLASH_CAPABILITY = 8
"""The major compute capability from which torch's FlashAttention runs (Ampere)."""

TIMED_SHAPE = (2, 1664, 3, 16, 64)
"""A guided take of 18 s in the full model: what attentions are timed with."""

TIMED_CALLS = 5


@dataclass(frozen=True)
class Keys:
    """Which frames of a padded batch are speech, in the forms that attentions take.

    `borders`, int32 (2 rows + 1,): where the speech and the padding of each row begin and end, if
    the rows lie end to end. `bias`, (rows, 1, 1, n) at the precision of the query: 0 on speech,
    minus infinity on padding.
    """

    borders: torch.Tensor
    bias: torch.Tensor


Attention = Callable[[torch.Tensor, Keys | None], torch.Tensor]
"""(qkv, keys) -> attended. qkv is (rows, n, 3, heads, head), the result (rows, n, heads * head).
keys is None without padding. Results on padding are finite, but mean nothing."""

Timer = Callable[[Attention, torch.device, torch.dtype], float]
"""The seconds that an attention takes."""


def borders(used: Sequence[int], length: int) -> torch.Tensor:
    """`Keys.borders` of rows with `used` frames of speech, padded to `length`; on the CPU."""
    starts = [(row * length, row * length + count) for row, count in enumerate(used)]
    return torch.tensor([*sum(starts, ()), len(used) * length], dtype=torch.int32)


def bias(mask: torch.Tensor, dtype: torch.dtype) -> torch.Tensor:
    """`Keys.bias` of a mask, bool (rows, n), True on speech."""
    nothing = torch.zeros(mask.shape, dtype=dtype, device=mask.device)
    return nothing.masked_fill_(~mask, float("-inf"))[:, None, None, :]


def sdpa(qkv: torch.Tensor, keys: Keys | None) -> torch.Tensor:
    """torch's scaled dot product; the bias stays (rows, 1, 1, n) and not (rows, heads, n, n)."""
    query, key, value = (part.transpose(1, 2) for part in qkv.unbind(2))
    allowed = None if keys is None else keys.bias
    attended = F.scaled_dot_product_attention(query, key, value, attn_mask=allowed)
    return attended.transpose(1, 2).flatten(2)


def torch_flash(qkv: torch.Tensor, keys: Keys | None) -> torch.Tensor:
    """torch's FlashAttention 2 by key lengths; half precision on CUDA only.

    The speech and the padding of a row are two sequences, so speech never sees padding, and nothing
    is gathered: the lengths are in a tensor on the device.
    """
    if keys is None:
        return sdpa(qkv, None)
    length = qkv.shape[1]
    query, key, value = (part.flatten(0, 1) for part in qkv.unbind(2))
    attended: torch.Tensor = torch.ops.aten._flash_attention_forward(
        query, key, value, keys.borders, keys.borders, length, length, 0.0, False, False
    )[0]
    return attended.view(*qkv.shape[:2], -1)


def seconds(attention: Attention, device: torch.device, dtype: torch.dtype) -> float:
    """What an attention takes for the two rows of a guided take, the shortest of some calls."""
    qkv = torch.zeros(TIMED_SHAPE, device=device, dtype=dtype)
    keys = _keys([TIMED_SHAPE[1] - 1] * TIMED_SHAPE[0], TIMED_SHAPE[1], device, dtype)
    shortest = float("inf")
    for _ in range(TIMED_CALLS):
        _wait_for(device)
        started = time.perf_counter()
        attention(qkv, keys)
        _wait_for(device)
        shortest = min(shortest, time.perf_counter() - started)
    return shortest


def select_attention(
    wanted: str, device: torch.device, dtype: torch.dtype, timer: Timer = seconds
) -> Attention:
    """The attention to use; `wanted` is `sdpa` or `flash_attn`, the setting F5_ATTENTION.

    flash_attn is used only if it imports, runs on this device, agrees with sdpa, and takes less
    time than torch's own attention. Otherwise one log line gives the reason.
    """
    own = _own(device, dtype)
    if wanted == "sdpa":
        return own
    try:
        flash = _package()
        difference = max_difference(flash, device, dtype)
        own_s, flash_s = (timer(attention, device, dtype) for attention in (own, flash))
    # A wheel that was built for another torch or GPU fails in any of these ways.
    except (ImportError, OSError, RuntimeError) as error:
        logger.warning(
            "flash_attn does not work here (%s), so torch's own attention is used", error
        )
        return own
    # Not `>`: a difference of NaN must count as too large.
    if not difference <= AGREES:
        logger.warning(
            "flash_attn differs from torch's attention by %.3g, so torch's is used", difference
        )
        return own
    if flash_s >= own_s:
        logger.info(
            "flash_attn takes %.3g ms and torch's attention %.3g ms, so torch's is used",
            1000 * flash_s,
            1000 * own_s,
        )
        return own
    return flash


def _own(device: torch.device, dtype: torch.dtype) -> Attention:
    """torch's attention: FlashAttention by lengths where it runs and agrees, else sdpa."""
    if device.type != "cuda" or dtype == torch.float32:
        return sdpa
    if torch.cuda.get_device_capability(device)[0] < FLASH_CAPABILITY:
        return sdpa
    try:
        difference = max_difference(torch_flash, device, dtype)
    except RuntimeError as error:
        logger.warning("torch's FlashAttention does not work here (%s), so sdpa is used", error)
        return sdpa
    if not difference <= AGREES:
        logger.warning("torch's FlashAttention differs from sdpa by %.3g: not used", difference)
        return sdpa
    return torch_flash


def max_difference(attention: Attention, device: torch.device, dtype: torch.dtype) -> float:
    """The largest difference to sdpa on two random sequences, one of them padded."""
    generator = torch.Generator().manual_seed(0)
    qkv = torch.randn((2, 200, 3, 4, 64), generator=generator).to(device, dtype)
    used = (200, 133)
    difference = 0.0
    for keys in (None, _keys(used, 200, device, dtype)):
        rows = (200, 200) if keys is None else used
        ours, theirs = (attend(qkv, keys) for attend in (attention, sdpa))
        # Results on padding mean nothing.
        parts = [(ours[row, :count] - theirs[row, :count]) for row, count in enumerate(rows)]
        difference = max(difference, *(float(part.float().abs().max()) for part in parts))
    return difference


def _keys(used: Sequence[int], length: int, device: torch.device, dtype: torch.dtype) -> Keys:
    mask = torch.arange(length, device=device) < torch.tensor(used, device=device)[:, None]
    return Keys(borders(used, length).to(device), bias(mask, dtype))


def _package() -> Attention:
    """flash-attn with the signature of `Attention`; it supports half precision on CUDA only."""
    from flash_attn import flash_attn_func, flash_attn_varlen_func

    def flash(qkv: torch.Tensor, keys: Keys | None) -> torch.Tensor:
        if keys is None:
            alone: torch.Tensor = flash_attn_func(*qkv.unbind(2))
            return alone.flatten(2)
        length = qkv.shape[1]
        packed = [part.flatten(0, 1) for part in qkv.unbind(2)]
        attended: torch.Tensor = flash_attn_varlen_func(
            *packed, keys.borders, keys.borders, length, length
        )
        return attended.view(*qkv.shape[:2], -1)

    return flash


def _wait_for(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)

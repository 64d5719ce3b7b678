"""Attention for F5: torch's own, or flash-attn if it is installed and agrees with torch's.

`python -m tts.f5.attention` tests the installed flash-attn: volume/flash_attn.py runs it after an
installation, in a process of its own, because a wheel that does not fit may crash or hang.
"""

import logging
import sys
from collections.abc import Callable

import torch
import torch.nn.functional as F

logger = logging.getLogger("worker")

Attention = Callable[[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor | None], torch.Tensor]
"""(query, key, value, mask) -> attended. query, key and value are (batch, heads, n, head); mask is
bool (batch, n), False on padding, or None without padding. Results on padding are finite, but mean
nothing."""

AGREES = 2e-2
"""Two half-precision results for inputs of unit variance agree if they differ by at most this."""


def sdpa(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor | None
) -> torch.Tensor:
    """torch's scaled dot product; the mask stays (b, 1, 1, n) instead of (b, h, n, n)."""
    allowed = None if mask is None else mask[:, None, None, :]
    return F.scaled_dot_product_attention(query, key, value, attn_mask=allowed)


def select_attention(wanted: str, device: torch.device, dtype: torch.dtype) -> Attention:
    """The attention to use; `wanted` is `sdpa` or `flash_attn`, the setting F5_ATTENTION.

    flash_attn is used only if it imports, runs on this device, and agrees with sdpa. Otherwise one
    log line gives the reason, and sdpa is used.
    """
    if wanted == "sdpa":
        return sdpa
    try:
        flash = _flash()
        difference = max_difference(flash, device, dtype)
    # A wheel that was built for another torch or GPU fails in any of these ways.
    except (ImportError, OSError, RuntimeError) as error:
        logger.warning(
            "flash_attn does not work here (%s), so torch's own attention is used", error
        )
        return sdpa
    # Not `>`: a difference of NaN must count as too large.
    if not difference <= AGREES:
        logger.warning(
            "flash_attn differs from torch's attention by %.3g, so torch's is used", difference
        )
        return sdpa
    return flash


def max_difference(attention: Attention, device: torch.device, dtype: torch.dtype) -> float:
    """The largest difference to sdpa on two random sequences, one of them padded."""
    generator = torch.Generator().manual_seed(0)
    shape = (3, 2, 4, 200, 64)
    query, key, value = torch.randn(shape, generator=generator).to(device, dtype)
    mask = torch.arange(200, device=device) < torch.tensor([[200], [133]], device=device)
    difference = 0.0
    for case_mask in (None, mask):
        ours, theirs = (attend(query, key, value, case_mask) for attend in (attention, sdpa))
        differences = (ours - theirs).float().abs().transpose(1, 2)
        if case_mask is not None:
            # Results on padding mean nothing.
            differences = differences[case_mask]
        difference = max(difference, float(differences.max()))
    return difference


def _flash() -> Attention:
    """flash-attn with the signature of `Attention`; it supports half precision on CUDA only."""
    from flash_attn import flash_attn_func, flash_attn_varlen_func

    def flash(
        query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor | None
    ) -> torch.Tensor:
        # flash-attn expects (batch, n, heads, head).
        rows = [part.transpose(1, 2) for part in (query, key, value)]
        if mask is None:
            attended: torch.Tensor = flash_attn_func(*rows)
            return attended.transpose(1, 2)
        # The varlen function takes the sequences end to end, without padding, and their borders.
        lengths = mask.sum(1)
        starts = F.pad(lengths.cumsum(0), (1, 0)).int()
        longest = int(lengths.max())
        packed = [row[mask] for row in rows]
        padded = torch.zeros_like(rows[0])
        padded[mask] = flash_attn_varlen_func(*packed, starts, starts, longest, longest)
        return padded.transpose(1, 2)

    return flash


def main() -> None:
    """Exit with status 0 if the installed flash-attn agrees with torch, else with a sentence.

    Raises ImportError, OSError or RuntimeError if flash-attn cannot be loaded or cannot run here;
    the last line of the traceback is then the reason.
    """
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    difference = max_difference(_flash(), device, torch.float16)
    if not difference <= AGREES:
        sys.exit(f"it differs from torch's attention by {difference:.3g}")


if __name__ == "__main__":
    main()

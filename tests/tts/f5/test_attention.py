"""flash-attn is used where it works and agrees; a small module with its interface stands in."""

import logging
import sys
from pathlib import Path

import pytest
import torch

from tts.f5.attention import (
    AGREES,
    TIMED_SHAPE,
    Attention,
    Keys,
    Timer,
    bias,
    borders,
    max_difference,
    sdpa,
    seconds,
    select_attention,
)

CPU = torch.device("cpu")
FLASH = """
import torch
import torch.nn.functional as F

def flash_attn_func(q, k, v):
    if q.dtype == torch.float32:
        raise RuntimeError("FlashAttention only supports fp16 and bf16 data type")
    parts = [part.transpose(1, 2).float() for part in (q, k, v)]
    return SCALE * F.scaled_dot_product_attention(*parts).transpose(1, 2).to(q.dtype)

def flash_attn_varlen_func(q, k, v, starts, ends, longest, longest_k):
    assert starts.dtype == torch.int32 and longest >= int((starts[1:] - starts[:-1]).max())
    pieces = [
        flash_attn_func(*(part[None, start:end] for part in (q, k, v)))[0]
        for start, end in zip(starts.tolist(), starts[1:].tolist())
    ]
    return torch.cat(pieces)
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path where a test puts its flash_attn."""
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "flash_attn", raising=False)
    return tmp_path / "flash_attn.py"


def flash_is_quick(attention: Attention, device: torch.device, dtype: torch.dtype) -> float:
    return 1.0 if attention is sdpa else 0.5


def flash_is_slow(attention: Attention, device: torch.device, dtype: torch.dtype) -> float:
    return 0.5


def refused(
    caplog: pytest.LogCaptureFixture,
    dtype: torch.dtype = torch.float16,
    timer: Timer = flash_is_quick,
) -> str:
    with caplog.at_level(logging.INFO, logger="worker"):
        assert select_attention("flash_attn", CPU, dtype, timer) is sdpa
    (record,) = caplog.records
    return record.getMessage()


def test_flash_attn_is_used_where_it_agrees(install: Path) -> None:
    install.write_text(FLASH.replace("SCALE", "1.0"))
    attention = select_attention("flash_attn", CPU, torch.float16, flash_is_quick)
    assert attention is not sdpa
    assert max_difference(attention, CPU, torch.float16) <= AGREES
    sys.modules.pop("flash_attn")


def test_flash_attn_that_is_wrong_is_not_used(
    install: Path, caplog: pytest.LogCaptureFixture
) -> None:
    install.write_text(FLASH.replace("SCALE", "1.2"))
    assert "differs from torch's attention by" in refused(caplog)
    sys.modules.pop("flash_attn")


def test_flash_attn_that_is_no_quicker_is_not_used(
    install: Path, caplog: pytest.LogCaptureFixture
) -> None:
    install.write_text(FLASH.replace("SCALE", "1.0"))
    said = refused(caplog, timer=flash_is_slow)
    assert said == "flash_attn takes 500 ms and torch's attention 500 ms, so torch's is used"
    sys.modules.pop("flash_attn")


def test_a_batch_of_unequal_lengths_is_right_with_flash_attn(install: Path) -> None:
    install.write_text(FLASH.replace("SCALE", "1.0"))
    flash = select_attention("flash_attn", CPU, torch.float16, flash_is_quick)
    used = (50, 31, 7)
    qkv = torch.randn(3, 50, 3, 2, 64).half()
    mask = torch.arange(50) < torch.tensor(used)[:, None]
    attended = flash(qkv, Keys(borders(used, 50), bias(mask, torch.float16)))
    for row, count in enumerate(used):
        alone = sdpa(qkv[row : row + 1, :count], None)
        assert torch.allclose(attended[row, :count], alone[0], atol=2e-3)
    sys.modules.pop("flash_attn")


def test_the_time_of_an_attention_is_taken() -> None:
    calls: list[tuple[int, ...]] = []

    def attend(qkv: torch.Tensor, keys: Keys | None) -> torch.Tensor:
        assert keys is not None
        calls.append(tuple(qkv.shape))
        return qkv

    assert 0 < seconds(attend, CPU, torch.float16) < float("inf")
    assert set(calls) == {TIMED_SHAPE}


def test_flash_attn_that_does_not_load_is_not_used(
    install: Path, caplog: pytest.LogCaptureFixture
) -> None:
    install.write_text("raise OSError('undefined symbol: _ZN3c10')")
    assert "does not work here (undefined symbol" in refused(caplog)


def test_flash_attn_that_cannot_run_is_not_used(
    install: Path, caplog: pytest.LogCaptureFixture
) -> None:
    install.write_text(FLASH)
    assert "only supports fp16" in refused(caplog, torch.float32)
    sys.modules.pop("flash_attn")


def test_sdpa_is_what_is_used_unless_asked_otherwise(install: Path) -> None:
    install.write_text("raise AssertionError('never imported')")
    assert select_attention("sdpa", CPU, torch.float16) is sdpa


def test_the_speech_and_the_padding_of_a_row_have_borders() -> None:
    assert borders([50, 31], 50).tolist() == [0, 50, 50, 81, 100]
    assert borders([7], 64).tolist() == [0, 7, 64]


def test_sdpa_leaves_padding_out() -> None:
    qkv = torch.randn(2, 50, 3, 4, 64)
    mask = torch.arange(50) < torch.tensor([[50], [31]])
    padded = sdpa(qkv, Keys(borders([50, 31], 50), bias(mask, torch.float32)))
    alone = sdpa(qkv[1:, :31], None)
    assert torch.allclose(padded[1, :31], alone[0], atol=1e-6)

"""Linear layers as the matrix kernels of a CPU read them."""

import pytest
import torch

from tts.f5.linear import Packed, Plain

CPU = torch.device("cpu")


def layer(inputs: int, outputs: int, gelu: bool, dtype: torch.dtype = torch.float32) -> Plain:
    random = torch.Generator().manual_seed(1)
    weight = torch.randn(outputs, inputs, generator=random) / inputs**0.5
    return Plain(weight.to(dtype), torch.randn(outputs, generator=random).to(dtype), gelu)


@pytest.mark.parametrize("gelu", [False, True])
@pytest.mark.parametrize(("inputs", "outputs"), [(64, 192), (100, 37), (1024, 3072)])
def test_it_computes_the_same(inputs: int, outputs: int, gelu: bool) -> None:
    plain = layer(inputs, outputs, gelu)
    packed = plain.packed()
    assert isinstance(packed, Packed)
    values = torch.randn(2, 90, inputs, generator=torch.Generator().manual_seed(2))
    for given in (values, values[:, ::3], values[:1, :1]):  # rows that lie apart, and few of them
        with torch.inference_mode():
            assert torch.allclose(packed(given), plain(given), atol=2e-5)


def test_a_row_does_not_depend_on_its_neighbours() -> None:
    packed = layer(256, 512, gelu=True).packed()
    values = torch.randn(3, 200, 256, generator=torch.Generator().manual_seed(2))
    with torch.inference_mode():
        assert torch.equal(packed(values)[1:2], packed(values[1:2]))


def test_on_a_device_it_is_a_plain_layer_with_the_same_weights() -> None:
    plain = layer(100, 37, gelu=True)
    moved = plain.packed().on(CPU)
    assert isinstance(moved, Plain)
    assert torch.equal(moved.weight, plain.weight)
    assert torch.equal(moved.bias, plain.bias)
    assert moved.gelu


def test_half_precision_stays_as_it_is() -> None:
    plain = layer(64, 64, gelu=False, dtype=torch.float16)
    assert plain.packed() is plain

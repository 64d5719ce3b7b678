"""F5's sampling without the rest of the engine, for `scripts/bench card`: of the benchmark, the
only file that knows how tts/f5 samples inside. What a job does is measured through F5Engine."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import torch

from tts.f5.attention import Keys, bias, borders, sdpa, select_attention, torch_flash
from tts.f5.dit import Blocks, Prompt, VelocityField
from tts.f5.files import CheckpointFiles
from tts.f5.load import get_epss_timesteps, load
from tts.f5.sampling import TimeGrids, initial_noise
from tts.f5.stepper import BUCKET, CudaGraphs, Stepper

GUIDANCE, SWAY = 2.0, -1.0
"""As SamplingOptions has them by default."""

TOKENS, TEXT_TOKENS = 2545, 250
"""Of the vocabulary of the published models; of the reference's text and a take's together."""

Sampling = Callable[[], list[torch.Tensor]]
"""Samples some takes in one batch: float32 (frames, 100) each, without the reference."""


@dataclass(frozen=True)
class Takes:
    """Mel frames of the reference, and of the reference and the speech of each take together."""

    reference: int
    frames: tuple[int, ...]


def padded(frames: int) -> int:
    """The frames of the bucket that so many frames are padded to."""
    return -(-frames // BUCKET) * BUCKET


class StepModel:
    """A loaded F5 that samples without a vocoder, at three precisions."""

    def __init__(self, files: CheckpointFiles, device: torch.device) -> None:
        torch.backends.cudnn.allow_tf32 = False
        self._dit = load(files, device).dit
        self._device = device
        self._blocks = {
            dtype: Blocks(self._dit, dtype)
            for dtype in (torch.float32, torch.float16, torch.bfloat16)
        }

    @cached_property
    def _stream(self) -> torch.cuda.Stream:
        """What graphs are captured on."""
        return torch.cuda.Stream(self._device)

    @torch.inference_mode()
    def sampling(
        self, takes: Takes, steps: int, dtype: torch.dtype, graphs: bool = False
    ) -> Sampling:
        """The takes as one batch, padded as on a GPU, ready to be sampled again and again.

        graphs: whether the steps are replayed as a CUDA graph, as the engine does it: the first
            call runs without one, the second captures it.
        """
        flow = VelocityField(self._dit, select_attention("sdpa", self._device, dtype))
        captures = partial(CudaGraphs, self._stream) if graphs else None
        stepper = Stepper(flow, self._blocks[dtype], captures)
        schedule = TimeGrids(flow, get_epss_timesteps).times(steps, SWAY)
        prompts, noises = self._prompts(takes, flow.channels)
        batch = stepper.batch(prompts, noises, GUIDANCE, padded(max(takes.frames)))

        @torch.inference_mode()
        def sample() -> list[torch.Tensor]:
            return stepper.sample(batch, schedule)

        return sample

    def _prompts(self, takes: Takes, channels: int) -> tuple[list[Prompt], list[torch.Tensor]]:
        """Random references and texts, and the noise of each take; the same at every call."""
        generator = torch.Generator().manual_seed(0)
        mel = torch.randn((takes.reference, channels), generator=generator).to(self._device)
        prompts, noises = [], []
        for index, frames in enumerate(takes.frames):
            count = min(TEXT_TOKENS, frames - 1)
            ids = torch.randint(TOKENS, (count,), generator=generator)
            prompts.append(Prompt(mel, ids.to(self._device), frames))
            noise = initial_noise(1, index, 0, frames, channels)
            noises.append(noise.to(self._device))
        return prompts, noises


@dataclass(frozen=True)
class Attentions:
    """The attentions of F5 on random input in half precision: (rows, n, heads * 64) each.

    rows, n: the rows of the batch, and the frames that they are padded to.
    used: the frames of each row that are speech; only these count in a result.
    """

    rows: int
    n: int
    used: int
    heads: int
    device: torch.device

    def everything(self) -> Callable[[], torch.Tensor]:
        """Over all frames, as without padding."""
        qkv = self._qkv()
        return lambda: sdpa(qkv, None)

    def with_bias(self) -> Callable[[], torch.Tensor]:
        """torch's scaled dot product, with a bias that leaves padding out."""
        qkv, keys = self._qkv(), self._keys()
        return lambda: sdpa(qkv, keys)

    def by_lengths(self) -> Callable[[], torch.Tensor]:
        """torch's FlashAttention by key lengths; only on a GPU."""
        qkv, keys = self._qkv(), self._keys()
        return lambda: torch_flash(qkv, keys)

    def _qkv(self) -> torch.Tensor:
        generator = torch.Generator().manual_seed(0)
        qkv = torch.randn((self.rows, self.n, 3, self.heads, 64), generator=generator)
        return qkv.to(self.device, torch.float16)

    def _keys(self) -> Keys:
        used = [self.used] * self.rows
        mask = torch.arange(self.n, device=self.device) < torch.tensor(
            used, device=self.device
        ).unsqueeze(1)
        return Keys(borders(used, self.n).to(self.device), bias(mask, torch.float16))

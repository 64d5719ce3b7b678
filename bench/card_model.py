"""One sampling step of F5 for `scripts/bench card`: of the benchmark, the only file that knows how
tts/f5 samples inside. What a job does is measured through F5Engine."""

from collections.abc import Callable
from dataclasses import dataclass

import torch

from tts.f5.attention import sdpa
from tts.f5.dit import Blocks, Prompt, VelocityField
from tts.f5.files import CheckpointFiles
from tts.f5.load import get_epss_timesteps, load
from tts.f5.sampling import BUCKET, TimeGrids, initial_noise, sample

GUIDANCE, SWAY = 2.0, -1.0
"""As SamplingOptions has them by default."""

TOKENS, TEXT_TOKENS = 2545, 250
"""Of the vocabulary of the published models; of the reference's text and a take's together."""


@dataclass(frozen=True)
class Takes:
    """Mel frames of the reference, and of the reference and the speech of each take together."""

    reference: int
    frames: tuple[int, ...]


@dataclass(frozen=True)
class Step:
    """One guided Euler step of some takes: `move` changes `state`, (takes, frames, 100)."""

    move: Callable[[], None]
    state: torch.Tensor


class StepModel:
    """A loaded F5 whose steps can be measured one by one, at three precisions."""

    def __init__(self, files: CheckpointFiles, device: torch.device) -> None:
        torch.backends.cudnn.allow_tf32 = False
        dit = load(files, device).dit
        self._device = device
        self._flow = VelocityField(dit, sdpa)
        self._blocks = {
            dtype: Blocks(dit, dtype) for dtype in (torch.float32, torch.float16, torch.bfloat16)
        }
        self._grids = TimeGrids(self._flow, get_epss_timesteps)

    @torch.inference_mode()
    def mels(self, takes: Takes, steps: int, dtype: torch.dtype) -> list[torch.Tensor]:
        """The takes sampled in one batch: float32 (frames, 100) each, without the reference."""
        schedule = self._grids.times(steps, SWAY)
        prompts, noises = self._prompts(takes)
        blocks = self._blocks[dtype]
        return sample(self._flow, blocks, schedule, prompts, noises, guidance=GUIDANCE)

    @torch.inference_mode()
    def step(self, takes: Takes, dtype: torch.dtype) -> Step:
        """The first step of the takes, padded as the engine pads a batch."""
        length = -(-max(takes.frames) // BUCKET) * BUCKET
        prompts, noises = self._prompts(takes)
        grid, modulations = self._grids.times(7, SWAY)
        condition = self._flow.condition(prompts, True, length)
        state = torch.zeros((len(prompts), length, self._flow.channels), device=self._device)
        for row, noise in zip(state, noises, strict=True):
            row[: len(noise)] = noise.to(self._device)
        blocks, size = self._blocks[dtype], float(grid[1] - grid[0])

        @torch.inference_mode()
        def move() -> None:
            velocity = self._flow.velocity(state, 0, modulations, condition, blocks)
            guided, unconditional = velocity.chunk(2)
            velocity = torch.lerp(unconditional, guided, 1 + GUIDANCE)
            state.add_(velocity, alpha=size)

        return Step(move, state)

    def _prompts(self, takes: Takes) -> tuple[list[Prompt], list[torch.Tensor]]:
        """Random references and texts, and the noise of each take; the same at every call."""
        generator = torch.Generator().manual_seed(0)
        mel = torch.randn((takes.reference, self._flow.channels), generator=generator)
        prompts, noises = [], []
        for index, frames in enumerate(takes.frames):
            count = min(TEXT_TOKENS, frames - 1)
            ids = torch.randint(TOKENS, (count,), generator=generator)
            prompts.append(Prompt(mel.to(self._device), ids.to(self._device), frames))
            noises.append(initial_noise(1, index, 0, frames, self._flow.channels))
        return prompts, noises


def graph_of(step: Step) -> Callable[[], None]:
    """What replays a step as a CUDA graph. Raises RuntimeError where it cannot be captured."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        # Kernels and workspaces must not be loaded and made within the capture.
        step.move()
    torch.cuda.current_stream().wait_stream(side)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step.move()
    replay: Callable[[], None] = graph.replay
    return replay

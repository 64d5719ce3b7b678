"""From noise to a mel spectrogram: schedules, seeded noise, Euler steps, batches."""

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache

import torch

from tts.f5.dit import Blocks, Modulations, Prompt, VelocityField

GUIDED = 1e-5
"""Guidance below this is none at all, as upstream has it."""

BUCKET = 64
"""Batches are padded to a multiple of this many frames: few shapes for the GPU's allocator."""

SPREAD = 1.25
"""In a batch the longest take has at most this many times the frames of the shortest."""

BYTES_PER_FRAME = 96_000
"""GPU memory that one frame of a guided batch takes in the full model, at most (estimated from its
activations: 22 blocks reuse the same buffers of 1024 to 3072 channels, twice for guidance)."""

MAX_BATCH_FRAMES = 24_000
SHARE_OF_MEMORY = 0.25

Epss = Callable[..., torch.Tensor]
"""f5_tts.model.utils.get_epss_timesteps(steps, device, dtype)."""


class NotFinite(Exception):
    """A take came out as NaN or infinity."""


class TimeGrids:
    """The times of a number of steps with their modulations; the last few are kept."""

    def __init__(self, flow: VelocityField, epss: Epss) -> None:
        self._epss = epss
        self._flow = flow
        self.times = lru_cache(maxsize=4)(self._times)

    def _times(self, steps: int, sway: float) -> tuple[torch.Tensor, Modulations]:
        """The grid, float32 (steps + 1,) on the CPU, and the modulations of all but its end.

        Upstream's pruned steps (EPSS) where it has them for this number, else an even grid.
        """
        grid = self._epss(steps, torch.device("cpu"), torch.float32)
        grid = grid + sway * (torch.cos(torch.pi / 2 * grid) - 1 + grid)
        return grid, self._flow.modulations(grid[:-1].to(self._flow.device))


def initial_noise(seed: int, chunk: int, attempt: int, frames: int, channels: int) -> torch.Tensor:
    """The start of one take, float32 (frames, channels), the same on every machine.

    From a CPU generator of its own, seeded with 64 bits of SHA-256 of "seed/chunk/attempt".
    """
    digest = hashlib.sha256(f"{seed}/{chunk}/{attempt}".encode()).digest()
    generator = torch.Generator("cpu").manual_seed(int.from_bytes(digest[:8], "big"))
    return torch.randn((frames, channels), generator=generator, dtype=torch.float32)


def sample(
    flow: VelocityField,
    blocks: Blocks,
    schedule: tuple[torch.Tensor, Modulations],
    prompts: Sequence[Prompt],
    noises: Sequence[torch.Tensor],
    guidance: float,
) -> list[torch.Tensor]:
    """Speak a batch: for each prompt its new frames, float32 (frames, channels), without reference.

    A single prompt is not padded; more are padded to a multiple of BUCKET frames.
    """
    longest = max(prompt.frames for prompt in prompts)
    length = longest if len(prompts) == 1 else -(-longest // BUCKET) * BUCKET
    return sample_padded(flow, blocks, schedule, prompts, noises, guidance, length)


def sample_padded(
    flow: VelocityField,
    blocks: Blocks,
    schedule: tuple[torch.Tensor, Modulations],
    prompts: Sequence[Prompt],
    noises: Sequence[torch.Tensor],
    guidance: float,
    length: int,
) -> list[torch.Tensor]:
    """`sample` with every take padded to `length` frames."""
    grid, modulations = schedule
    guided = guidance >= GUIDED
    condition = flow.condition(prompts, guided, length)
    state = torch.zeros((len(prompts), length, flow.channels), device=flow.device)
    for row, start in zip(state, noises, strict=True):
        row[: len(start)] = start.to(flow.device)
    for step, (now, following) in enumerate(zip(grid.tolist(), grid[1:].tolist(), strict=False)):
        velocity = flow.velocity(state, step, modulations, condition, blocks)
        if guided:
            velocity, unconditional = velocity.chunk(2)
            velocity = torch.lerp(unconditional, velocity, 1 + guidance)
        state = state.add(velocity, alpha=following - now)
    return [
        row[len(prompt.mel) : prompt.frames] for row, prompt in zip(state, prompts, strict=True)
    ]


def batches(lengths: Sequence[int], most_frames: int) -> list[list[int]]:
    """Takes of about the same length, as indices, at most `most_frames` a batch; longest first.

    A take that is longer alone gets a batch of its own. Depends on nothing but its arguments: the
    same request is batched alike.
    """
    order = sorted(range(len(lengths)), key=lambda index: (-lengths[index], index))
    groups: list[list[int]] = []
    for index in order:
        longest = lengths[groups[-1][0]] if groups else 0
        fits = groups and (len(groups[-1]) + 1) * longest <= most_frames
        if fits and longest <= SPREAD * lengths[index]:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def batch_frames(device: torch.device) -> int:
    """How many frames one batch may have; 0 on a CPU, where batching costs time."""
    if device.type != "cuda":
        return 0
    memory = torch.cuda.get_device_properties(device).total_memory
    return min(MAX_BATCH_FRAMES, int(SHARE_OF_MEMORY * memory / BYTES_PER_FRAME))

"""What sampling starts from: time grids, seeded noise, takes in batches."""

import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache

import torch

from tts.f5.dit import Modulations, VelocityField

MAX_SPREAD = 1.25
"""In a batch the longest take has at most this many times the frames of the shortest: padding is
computed like speech."""

BYTES_PER_FRAME = 96_000
"""GPU memory that one frame of a guided batch takes in the full model, at most. An estimate, not
measured: the 22 blocks reuse the same buffers of 1024 to 3072 channels, and guidance computes each
frame twice, with and without the condition."""

MAX_BATCH_FRAMES = 4_096
"""Two takes of 18 s, or five of 8 s. An estimate, not measured: they fill a GPU; more would only
let the first take, the progress and a stop wait longer."""

MAX_MEMORY_SHARE = 0.25
"""Of the GPU's whole memory: weights, Whisper and the aligners need the rest."""

Epss = Callable[..., torch.Tensor]
"""f5_tts.model.utils.get_epss_timesteps(steps, device, dtype)."""


class TimeGrids:
    """The times of the Euler steps with their modulations; those last used are cached."""

    def __init__(self, flow: VelocityField, epss: Epss) -> None:
        self._epss = epss
        self._flow = flow
        self.times = lru_cache(maxsize=4)(self._times)

    def _times(self, steps: int, sway: float) -> tuple[torch.Tensor, Modulations]:
        """The grid, float32 (steps + 1,) on the CPU, and the modulations of all but its end.

        Upstream's pruned steps (EPSS) where it has them for this number, else an even grid.
        """
        # Not in half precision, as f5_tts has it: the first step would be 19 % too short.
        grid = self._epss(steps, torch.device("cpu"), torch.float32)
        grid = grid + sway * (torch.cos(torch.pi / 2 * grid) - 1 + grid)
        return grid, self._flow.modulations(grid[:-1].to(self._flow.device))


def initial_noise(seed: int, chunk: int, attempt: int, frames: int, channels: int) -> torch.Tensor:
    """The noise that one take starts from, float32 (frames, channels), equal on every machine.

    Drawn by a CPU generator seeded with the first 64 bits of the SHA-256 of "seed/chunk/attempt":
    `seed` is the job's, `chunk` the index of the chunk, `attempt` the number of its take.
    """
    digest = hashlib.sha256(f"{seed}/{chunk}/{attempt}".encode()).digest()
    # A GPU's generator draws other numbers for the same seed.
    generator = torch.Generator("cpu").manual_seed(int.from_bytes(digest[:8], "big"))
    return torch.randn((frames, channels), generator=generator, dtype=torch.float32)


def batches(lengths: Sequence[int], most_frames: int) -> list[list[int]]:
    """Takes of about the same length, as indices, at most `most_frames` a batch; longest first.

    `lengths` are the takes' mel frames. A take of over `most_frames` gets a batch of its own. The
    same request always gives the same batches, because rounding depends on the batch.
    """
    order = sorted(range(len(lengths)), key=lambda index: (-lengths[index], index))
    groups: list[list[int]] = []
    for index in order:
        longest = lengths[groups[-1][0]] if groups else 0
        fits = groups and (len(groups[-1]) + 1) * longest <= most_frames
        if fits and longest <= MAX_SPREAD * lengths[index]:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def batch_frames(device: torch.device) -> int:
    """How many frames one batch may have; 0 on a CPU, where batching costs time."""
    if device.type != "cuda":
        return 0
    memory = torch.cuda.get_device_properties(device).total_memory
    return min(MAX_BATCH_FRAMES, int(MAX_MEMORY_SHARE * memory / BYTES_PER_FRAME))

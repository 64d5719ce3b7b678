"""Euler steps over buffers that stay where they are: run as they are, or replayed as CUDA graphs.

A batch is padded to its bucket, so that few shapes ever occur. The first batch of a shape runs
eagerly, which loads kernels and plans; the second is captured as a graph of one step, which serves
every schedule, guidance and length of its bucket from then on. On a CPU nothing is captured.
"""

import logging
import math
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

import torch

from tts.f5.attention import Keys, bias, borders
from tts.f5.dit import Blocks, Inputs, Modulations, Padding, Prompt, VelocityField, rotary

logger = logging.getLogger("worker")

MIN_GUIDANCE = 1e-5
"""Weaker guidance is skipped, as in CFM.sample of f5_tts/model/cfm.py."""

BUCKET = 64
"""What is padded is padded to a multiple of this many frames."""

MOST_GRAPHS = 24
"""Graphs that are kept. Takes have at most 22 s: 33 buckets, and few of them occur in one job."""

SMALLEST = 1024
"""Elements of a buffer, at least, so that the small ones never grow."""

Work = Callable[[], None]
Capture = Callable[[Work], Work]
"""Makes a graph of some work and returns what replays it. Raises RuntimeError where it cannot."""


@dataclass(frozen=True)
class Batch:
    """Takes that are sampled at once, ready on the device.

    constant: of VelocityField.condition, for the padded length.
    noises: where each take starts, float32 (frames, channels), of the prompt's length at most.
    length: frames that every take is padded to.
    guidance: the weight of classifier-free guidance.
    """

    prompts: Sequence[Prompt]
    constant: torch.Tensor
    noises: Sequence[torch.Tensor]
    length: int
    guidance: float

    @property
    def guided(self) -> bool:
        """Whether each take has a second, unconditional row."""
        return self.guidance >= MIN_GUIDANCE

    @property
    def shape(self) -> "Shape":
        """What its graph depends on."""
        padded = any(prompt.frames != self.length for prompt in self.prompts)
        return Shape(len(self.prompts), self.length, self.guided, padded)


@dataclass(frozen=True)
class Shape:
    """The shapes of a batch: its takes, their padded length, whether there is guidance, whether
    the attention and the convolution must leave padding out."""

    takes: int
    length: int
    guided: bool
    padded: bool


class CudaGraphs:
    """Captures work as CUDA graphs, which share one pool of memory: they never run at once.

    A pool ends with the last of its graphs: once all are given up, the next need another object.
    """

    def __init__(self, stream: torch.cuda.Stream) -> None:
        """Capture on a stream of the current device.

        It should serve all objects: for each stream that ever computed, torch keeps a workspace of
        cuBLAS for good.
        """
        self._stream = stream
        self._pool = torch.cuda.graph_pool_handle()

    def __call__(self, work: Work) -> Work:
        """See Capture. The work is run once more before it is captured."""
        before = torch.cuda.current_stream()
        self._stream.wait_stream(before)
        with torch.cuda.stream(self._stream):
            # Workspaces of this stream must not be created within the capture.
            work()
        before.wait_stream(self._stream)
        graph = torch.cuda.CUDAGraph()
        # Other threads, such as an aligner's, allocate memory meanwhile; in the default mode that
        # would break the capture.
        capture = torch.cuda.graph(
            graph, pool=self._pool, stream=self._stream, capture_error_mode="thread_local"
        )
        try:
            with capture:
                work()
        except RuntimeError:
            self._leave(before)
            raise
        replay: Work = graph.replay
        return replay

    def _leave(self, stream: torch.cuda.Stream) -> None:
        """Undo what torch leaves behind where a capture fails: its stream would stay the current
        one, and its pool open, with which even `empty_cache` fails."""
        torch.cuda.set_stream(stream)
        device = self._stream.device.index
        # It raises if the capture failed before the pool was opened, or after it was closed.
        with suppress(RuntimeError):
            torch._C._cuda_endAllocateToPool(device, self._pool)
            torch._C._cuda_releasePool(device, self._pool)


class Stepper:
    """Samples batches with one set of blocks. A take of a padded batch is what it is alone.

    Batches are sampled one after the other: between two calls of `sample` the buffers hold nothing
    that anyone needs.
    """

    def __init__(
        self,
        flow: VelocityField,
        blocks: Blocks,
        captures: Callable[[], Capture] | None = None,
        room: int = 0,
    ) -> None:
        """Sample with these blocks.

        captures: gives what captures the graphs; it is asked again after all of them were given up.
            None for no graphs.
        room: the frames that the buffers have room for from the start. They grow when a batch needs
            it, but graphs hold the old addresses and are given up then.
        """
        self._flow, self._blocks, self._captures = flow, blocks, captures
        self._capture = captures() if captures else None
        self._flat: dict[str, torch.Tensor] = {}
        # None for a shape that was sampled once, without a graph.
        self._graphs: OrderedDict[Shape, Work | None] = OrderedDict()
        self._rotary = rotary(room, flow.head, flow.device)
        if room:
            self._inputs(Shape(1, room, guided=True, padded=True))

    def length(self, frames: Sequence[int]) -> int:
        """What a batch of takes of so many frames is padded to.

        A single take on a CPU is not padded: padding takes time there, and there are no graphs.
        """
        longest = max(frames)
        if len(frames) == 1 and self._flow.device.type == "cpu":
            return longest
        return -(-longest // BUCKET) * BUCKET

    def batch(
        self,
        prompts: Sequence[Prompt],
        noises: Sequence[torch.Tensor],
        guidance: float,
        length: int | None = None,
    ) -> Batch:
        """Prepare a batch, padded to `length` frames; None: to what suits the device."""
        length = length or self.length([prompt.frames for prompt in prompts])
        constant = self._flow.condition(prompts, guidance >= MIN_GUIDANCE, length)
        return Batch(prompts, constant, noises, length, guidance)

    def sample(
        self, batch: Batch, schedule: tuple[torch.Tensor, Modulations]
    ) -> list[torch.Tensor]:
        """Speak a batch: the new frames of each take, float32 (frames, channels), no reference.

        schedule: of TimeGrids.
        """
        inputs = self._inputs(batch.shape)
        size, weight = (self._view(name, (), torch.float32) for name in ("size", "weight"))

        def step() -> None:
            self._step(inputs, size, weight)

        move = self._move(batch, inputs, step)
        self._fill(inputs, batch)
        weight.fill_(1 + batch.guidance)
        grid, modulations = schedule
        for index, step_size in enumerate(torch.diff(grid).tolist()):
            inputs.blocks.copy_(modulations.blocks[index])
            inputs.final.copy_(modulations.final[index])
            size.fill_(step_size)
            move()
        return [
            row[len(prompt.mel) : prompt.frames].clone()
            for row, prompt in zip(inputs.state, batch.prompts, strict=True)
        ]

    def release(self) -> None:
        """Give up the graphs and their memory; the next batches make new ones."""
        self._graphs.clear()
        self._capture = self._captures() if self._captures else None

    def _step(self, inputs: Inputs, size: torch.Tensor, weight: torch.Tensor) -> None:
        """One Euler step of the state. size: of the step; weight: 1 + the guidance."""
        velocity = self._flow.velocity(inputs, self._blocks)
        if len(velocity) > len(inputs.state):
            guided, unconditional = velocity.chunk(2)
            # guided + guidance * (guided - unconditional), as in CFM.sample of f5_tts.
            velocity = torch.lerp(unconditional, guided, weight)
        inputs.state.addcmul_(velocity, size)

    def _move(self, batch: Batch, inputs: Inputs, step: Work) -> Work:
        """What moves a batch by one step: `step` itself, or the graph of its shape.

        Afterwards the buffers hold anything.
        """
        if self._capture is None:
            return step
        is_first = batch.shape not in self._graphs
        graph = self._graphs.pop(batch.shape, None)
        if graph is None and not is_first:
            # The step runs before it is captured, and must not read another shape's lengths.
            self._fill(inputs, batch)
            try:
                graph = self._capture(step)
            except torch.OutOfMemoryError:
                # Another model may hold the memory for a moment, so a later batch tries again.
                self.release()
                return step
            except RuntimeError as error:
                logger.warning(
                    "F5 runs without CUDA graphs, because torch could not make one: %s", error
                )
                self._captures = None
                self.release()
                return step
        self._graphs[batch.shape] = graph
        if len(self._graphs) > MOST_GRAPHS:
            self._graphs.popitem(last=False)
            if self._captures and not any(self._graphs.values()):
                self._capture = self._captures()
        return graph or step

    def _fill(self, inputs: Inputs, batch: Batch) -> None:
        """Put a batch into the buffers."""
        inputs.constant.copy_(batch.constant)
        # Noise fills only the take's own frames, so padding does not change a take.
        inputs.state.zero_()
        for row, start in zip(inputs.state, batch.noises, strict=True):
            row[: len(start)].copy_(start)
        if inputs.padding is None:
            return
        used = [prompt.frames for prompt in batch.prompts] * (1 + batch.guided)
        mask = torch.arange(batch.length) < torch.tensor(used)[:, None]
        inputs.padding.mask.copy_(mask)
        inputs.padding.keys.borders.copy_(borders(used, batch.length))
        inputs.padding.keys.bias.copy_(bias(mask, self._blocks.dtype))

    def _inputs(self, shape: Shape) -> Inputs:
        """The buffers of batches of this shape: views of those of the largest one."""
        flow, length = self._flow, shape.length
        rows = shape.takes * (1 + shape.guided)
        if len(self._rotary) < length:
            self._rotary = rotary(length, flow.head, flow.device)
            self.release()
        padding = None
        if shape.padded:
            keys = Keys(
                self._view("borders", (2 * rows + 1,), torch.int32),
                self._view("bias", (rows, 1, 1, length), self._blocks.dtype),
            )
            padding = Padding(self._view("mask", (rows, length), torch.bool), keys)
        return Inputs(
            state=self._view("state", (shape.takes, length, flow.channels), torch.float32),
            constant=self._view("constant", (rows, length, flow.dim), torch.float32),
            blocks=self._view("blocks", (len(self._blocks.layers), 6, flow.dim), torch.float32),
            final=self._view("final", (2, flow.dim), torch.float32),
            rotary=self._rotary[:length],
            padding=padding,
        )

    def _view(self, name: str, shape: tuple[int, ...], dtype: torch.dtype) -> torch.Tensor:
        """A buffer of this shape. If it must grow, the graphs are given up."""
        size = math.prod(shape)
        flat = self._flat.get(name)
        if flat is None or len(flat) < size:
            room = max(size, SMALLEST)
            flat = self._flat[name] = torch.empty(room, dtype=dtype, device=self._flow.device)
            self.release()
        return flat[:size].view(shape)

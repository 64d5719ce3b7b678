"""What `scripts/bench card` measures, part by part. A CPU runs all but what is CUDA's own."""

import resource
import statistics
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import NamedTuple

import torch

from bench.card_model import Attentions, StepModel, Takes, padded
from tts.engine import SamplingOptions, Take
from tts.f5.duration import FRAMES_PER_S
from tts.f5.engine import F5Engine
from tts.f5.files import CheckpointFiles
from tts.speech import F5_SAMPLE_RATE, Chunk
from tts.text.script import read_script

SENTENCE = "Empires rise and fall while I watch in silence, and nobody asks me what will come."
SPREAD = 0.02
"""By how much of its length each take of a batch is shorter than the one before it."""

CPU_BATCH_FRAMES = 4096
"""The engine makes no batches on a CPU unless it is told to."""


class Number(NamedTuple):
    """One result. `value` is in `unit`, which is empty for a plain number."""

    what: str
    value: float
    unit: str


@dataclass(frozen=True)
class Size:
    """How much is spoken: seconds of the reference and of a take, takes in a batch, steps."""

    reference_s: float
    speech_s: float
    batches: Sequence[int]
    steps: Sequence[int]

    def takes(self, count: int) -> Takes:
        """So many takes, each a little shorter than the one before it."""
        reference = round(self.reference_s * FRAMES_PER_S)
        frames = (round(self.speech_of(index) * FRAMES_PER_S) for index in range(count))
        return Takes(reference, tuple(reference + one for one in frames))

    def speech_of(self, index: int) -> float:
        """The seconds of one take of a batch."""
        return self.speech_s * (1 - SPREAD * index)


FULL = Size(8.0, 10.0, (1, 2, 4, 8), (7, 16, 32))
SMALL = Size(0.8, 1.0, (1, 2), (4,))
"""For a test with a tiny checkpoint."""


@dataclass
class Bench:
    """A checkpoint on a device, loaded when a part first needs it; `runs` of each measurement."""

    files: CheckpointFiles
    device: torch.device
    runs: int
    size: Size

    @property
    def on_gpu(self) -> bool:
        """Whether the device is a GPU."""
        return self.device.type == "cuda"

    @cached_property
    def engine(self) -> F5Engine:
        """The engine as a worker has it; on a CPU it makes batches all the same."""
        frames = None if self.on_gpu else CPU_BATCH_FRAMES
        return F5Engine(self.files, str(self.device), most_frames=frames)

    @cached_property
    def model(self) -> StepModel:
        """The same checkpoint, loaded again, for single steps."""
        return StepModel(self.files, self.device)

    def ms(self, work: Callable[[], object]) -> float:
        """The median of the runs, until the device has done the work, after one more run."""
        work()
        return statistics.median(self.once_ms(work) for _ in range(self.runs))

    def once_ms(self, work: Callable[[], object]) -> float:
        """Milliseconds of one run, until the device has done the work."""
        self._sync()
        started = time.perf_counter()
        work()
        self._sync()
        return 1000 * (time.perf_counter() - started)

    def host_ms(self, work: Callable[[], object]) -> float:
        """The median of the milliseconds that the host needs to hand the work over."""
        taken = []
        for _ in range(self.runs):
            self._sync()
            started = time.perf_counter()
            work()
            taken.append(1000 * (time.perf_counter() - started))
        self._sync()
        return statistics.median(taken)

    def speak(self, count: int, steps: int) -> None:
        """So many takes through the engine, as a job speaks them."""
        script = read_script(SENTENCE)
        chunks = [Chunk(script.tokens, 0, len(script.words))] * count
        targets = [round(self.size.speech_of(index) * F5_SAMPLE_RATE) for index in range(count)]
        tries = [Take(index) for index in range(count)]
        sampling = SamplingOptions(seed=1, nfe_step=steps)
        for _ in self.engine.synthesize(
            chunks, self.engine.default_voice, sampling, tries, targets
        ):
            pass

    def _sync(self) -> None:
        if self.on_gpu:
            torch.cuda.synchronize()


def cold(bench: Bench) -> list[Number]:
    """The start, and whether the first take and the first takes together find every kernel loaded.

    The engine speaks several takes in batches of as many as suit the device.
    """
    started = time.perf_counter()
    _ = bench.engine
    found = [Number("from the files to the ready engine", time.perf_counter() - started, "s")]
    steps, most = min(bench.size.steps), max(bench.size.batches)
    for count in (1, most):
        for run in ("first", "second"):
            taken = bench.once_ms(partial(bench.speak, count, steps))
            found.append(Number(f"{run} run of {counted(count)}, {steps} steps", taken, "ms"))
    return found


def speeds(bench: Bench) -> list[Number]:
    """Seconds of work for a second of speech: one take by steps, several at the fewest steps."""
    fewest = min(bench.size.steps)
    rows = [(1, steps) for steps in bench.size.steps]
    rows += [(count, fewest) for count in bench.size.batches if count > 1]
    found = []
    for count, steps in rows:
        speech_s = sum(bench.size.speech_of(index) for index in range(count))
        taken_s = bench.ms(partial(bench.speak, count, steps)) / 1000
        what = f"real-time factor, {counted(count)}, {steps} steps"
        found.append(Number(what, taken_s / speech_s, ""))
    return found


def memory(bench: Bench) -> list[Number]:
    """What the engine holds, and what a step of one batch takes on top without a graph, whose
    memory stays; of a CPU, the process's most."""
    if not bench.on_gpu:
        most_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        return [Number("most resident memory of the process", most_mb, "MB")]
    found = [Number("held by the engine", torch.cuda.memory_allocated() / 1e6, "MB")]
    for count in bench.size.batches:
        takes = bench.size.takes(count)
        sampling = bench.model.sampling(takes, min(bench.size.steps), torch.float16)
        torch.cuda.reset_peak_memory_stats()
        before = torch.cuda.memory_allocated()
        sampling()
        more = torch.cuda.max_memory_allocated() - before
        what = f"more for a batch of {counted(count)}, a frame"
        found.append(Number(what, more / sum(takes.frames) / 1000, "KB"))
    found.append(Number("reserved in the end", torch.cuda.memory_reserved() / 1e6, "MB"))
    return found


def steps(bench: Bench) -> list[Number]:
    """One guided step in half precision, as it is written and as a CUDA graph: the time of a
    whole schedule divided by its steps."""
    count = min(bench.size.steps)
    found = []
    for takes in bench.size.batches:
        name = f"step of {counted(takes)}"
        eager = bench.model.sampling(bench.size.takes(takes), count, torch.float16)
        found.append(Number(f"{name}, eager", bench.ms(eager) / count, "ms"))
        found.append(Number(f"{name}, eager, host", bench.host_ms(eager) / count, "ms"))
        if not bench.on_gpu:
            continue
        graph = bench.model.sampling(bench.size.takes(takes), count, torch.float16, graphs=True)
        graph()
        taken = bench.once_ms(graph)
        found.append(Number(f"{name}, {count} steps with the capture", taken, "ms"))
        found.append(Number(f"{name}, graph", bench.ms(graph) / count, "ms"))
        found.append(Number(f"{name}, graph, host", bench.host_ms(graph) / count, "ms"))
        off = max(
            float((one - other).abs().max()) for one, other in zip(eager(), graph(), strict=True)
        )
        found.append(Number(f"{name}, graph - eager, most", off, ""))
    return found


def attention(bench: Bench) -> list[Number]:
    """One attention of the full model in half precision: without padding, with a bias, and torch's
    FlashAttention by key lengths, which only a GPU has."""
    heads = 16 if bench.size is FULL else 2
    n = padded(max(bench.size.takes(1).frames))
    found = []
    for count in (1, max(bench.size.batches)):
        rows, used = 2 * count, n - n // 40
        kinds = Attentions(rows, n, used, heads, bench.device)
        name = f"attention, {rows} rows of {n}"
        found.append(Number(f"{name}, all frames", 1000 * bench.ms(kinds.everything()), "us"))
        with_bias = kinds.with_bias()
        found.append(Number(f"{name}, with a bias", 1000 * bench.ms(with_bias), "us"))
        if not bench.on_gpu:
            continue
        by_lengths = kinds.by_lengths()
        found.append(Number(f"{name}, flash by lengths", 1000 * bench.ms(by_lengths), "us"))
        off = float((by_lengths() - with_bias())[:, :used].abs().max())
        found.append(Number(f"{name}, flash by lengths - bias, most", off, ""))
    return found


def precision(bench: Bench) -> list[Number]:
    """The mean error of a take beside float32, whose deviation is about 1; float16 also with sums
    in float16, which GeForce cards do at twice the rate."""
    takes, count = bench.size.takes(1), min(bench.size.steps)
    (exact,) = bench.model.sampling(takes, count, torch.float32)()

    def error(dtype: torch.dtype) -> float:
        (mel,) = bench.model.sampling(takes, count, dtype)()
        return float((mel - exact).abs().mean())

    found = [
        Number("deviation of the mel", float(exact.std()), ""),
        Number("float16 - float32, mean", error(torch.float16), ""),
        Number("bfloat16 - float32, mean", error(torch.bfloat16), ""),
    ]
    torch.backends.cuda.matmul.allow_fp16_accumulation = True
    try:
        what = "float16 with sums in float16 - float32, mean"
        found.append(Number(what, error(torch.float16), ""))
    finally:
        torch.backends.cuda.matmul.allow_fp16_accumulation = False
    return found


def counted(takes: int) -> str:
    """`1 take`, `2 takes`."""
    return f"{takes} take" if takes == 1 else f"{takes} takes"


PARTS: dict[str, Callable[[Bench], list[Number]]] = {
    "cold kernels": cold,
    "speeds": speeds,
    "memory": memory,
    "steps": steps,
    "attention": attention,
    "precision": precision,
}
"""In this order: only the first part finds no kernel loaded."""

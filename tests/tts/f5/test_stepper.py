"""Resident buffers, graphs and their fallback, and what a step launches."""

import logging
from collections.abc import Callable, Sequence

import pytest
import torch

from tests.support import tiny_f5
from tests.support.launches import BASE, Counter, base_inputs, base_model
from tts.f5 import files as f5_files
from tts.f5 import load as f5_load
from tts.f5.attention import sdpa
from tts.f5.dit import Blocks, Prompt, VelocityField
from tts.f5.sampling import TimeGrids
from tts.f5.stepper import MOST_GRAPHS, Capture, Stepper, Work

FRAMES = (300, 230, 271)
REFERENCE = 100


class Model:
    """The tiny model, and steppers of it."""

    def __init__(self, checkpoint: tiny_f5.Checkpoint) -> None:
        files = f5_files.find(str(checkpoint.model), checkpoint.weights, None, checkpoint.vocoder)
        dit = f5_load.load(files, torch.device("cpu")).dit
        self.flow = VelocityField(dit, sdpa)
        self.blocks = Blocks(dit, torch.float32)
        self.grids = TimeGrids(self.flow, f5_load.get_epss_timesteps)

    def stepper(self, capture: Capture | None = None) -> Stepper:
        return Stepper(self.flow, self.blocks, capture and (lambda: capture))

    def speak(
        self, stepper: Stepper, frames: Sequence[int], length: int | None = None, steps: int = 5
    ) -> list[torch.Tensor]:
        """Takes of so many frames; each depends on its own number of frames alone."""
        prompts, noises = [], []
        for count in frames:
            random = torch.Generator().manual_seed(count)
            mel = torch.randn(REFERENCE, 100, generator=random) * 2 - 2
            prompts.append(Prompt(mel, torch.randint(0, 2545, (40,), generator=random), count))
            noises.append(torch.randn(count, 100, generator=random))
        with torch.inference_mode():
            batch = stepper.batch(prompts, noises, 2.0, length)
            return stepper.sample(batch, self.grids.times(steps, -1.0))


@pytest.fixture(scope="module")
def model(tiny_checkpoint: tiny_f5.Checkpoint) -> Model:
    return Model(tiny_checkpoint)


class Recorder:
    """Captures like a GPU: the step runs once, and what it gives back runs it again."""

    def __init__(self) -> None:
        self.captures = 0
        self.replays = 0

    def __call__(self, work: Work) -> Work:
        work()
        self.captures += 1

        def replay() -> None:
            self.replays += 1
            work()

        return replay


def same(found: Sequence[torch.Tensor], wanted: Sequence[torch.Tensor]) -> bool:
    return all(torch.allclose(a, b, atol=1e-4) for a, b in zip(found, wanted, strict=True))


def test_three_unequal_takes_are_each_alone_in_every_bucket(model: Model) -> None:
    alone = [model.speak(model.stepper(), [count])[0] for count in FRAMES]
    stepper = model.stepper()
    for length in (None, 384, 320):
        assert same(model.speak(stepper, FRAMES, length), alone)
    assert [len(take) for take in alone] == [count - REFERENCE for count in FRAMES]


def test_buffers_that_were_used_for_other_shapes_change_nothing(model: Model) -> None:
    stepper = model.stepper()
    first = model.speak(stepper, [300], 320)
    model.speak(stepper, [500, 480])
    model.speak(stepper, [230], 256)
    assert same(model.speak(stepper, [300], 320), first)


def test_takes_are_padded_to_buckets_but_for_a_single_one_on_a_cpu(model: Model) -> None:
    stepper = model.stepper()
    assert stepper.length([300]) == 300
    assert stepper.length([300, 330]) == 384
    assert stepper.length([320, 300]) == 320


def test_the_second_batch_of_a_shape_makes_a_graph_for_all_that_follow(model: Model) -> None:
    recorder = Recorder()
    stepper = model.stepper(recorder)
    model.speak(stepper, [500, 480])  # the largest: later batches find room
    wanted = model.speak(stepper, FRAMES, 320)
    assert recorder.captures == 0
    assert same(model.speak(stepper, FRAMES, 320), wanted)
    assert (recorder.captures, recorder.replays) == (1, 5)
    # Another schedule, and other lengths in the same bucket.
    others = (290, 310, 260)
    alone = [model.speak(model.stepper(), [count], steps=7)[0] for count in others]
    assert same(model.speak(stepper, others, 320, steps=7), alone)
    assert (recorder.captures, recorder.replays) == (1, 12)


def test_graphs_of_buffers_that_grew_are_given_up(model: Model) -> None:
    recorder = Recorder()
    stepper = model.stepper(recorder)
    wanted = [model.speak(stepper, [300], 320) for _ in range(2)][-1]
    assert recorder.captures == 1
    model.speak(stepper, [500], 512)
    assert same(model.speak(stepper, [300], 320), wanted)
    assert recorder.replays == 5


@pytest.mark.parametrize("freed", [False, True])
def test_graphs_that_follow_those_given_up_come_from_another_pool(
    model: Model, freed: bool
) -> None:
    """torch refuses a pool of memory whose graphs are all gone."""
    pools: list[Recorder] = []

    def pool() -> Recorder:
        pools.append(Recorder())
        return pools[-1]

    stepper = Stepper(model.flow, model.blocks, pool)
    model.speak(stepper, [500], 512)
    for _ in range(2):
        model.speak(stepper, [300], 320)
    if freed:
        stepper.release()
    else:
        model.speak(stepper, [600], 640)
    for _ in range(2):
        model.speak(stepper, [300], 320)
    used = [one for one in pools if one.captures]
    assert [one.captures for one in used] == [1, 1]


def test_the_graphs_that_were_not_used_for_longest_are_given_up(model: Model) -> None:
    recorder = Recorder()
    stepper = model.stepper(recorder)
    lengths = [REFERENCE + 64 + index for index in range(MOST_GRAPHS + 1)]
    for length in sorted(lengths, reverse=True):
        model.speak(stepper, [length - 1], length)
    model.speak(stepper, [lengths[-1] - 1], lengths[-1])  # forgotten: as if for the first time
    assert recorder.captures == 0
    model.speak(stepper, [lengths[0] - 1], lengths[0])
    assert recorder.captures == 1


def failing(moved: bool) -> Callable[[Work], Work]:
    def capture(work: Work) -> Work:
        if moved:
            work()
        raise RuntimeError("operation not permitted when stream is capturing")

    return capture


@pytest.mark.parametrize("moved", [False, True])
def test_a_capture_that_fails_costs_one_line(
    model: Model, caplog: pytest.LogCaptureFixture, moved: bool
) -> None:
    stepper = model.stepper(failing(moved))
    wanted = model.speak(stepper, FRAMES)
    with caplog.at_level(logging.INFO, logger="worker"):
        for _ in range(3):
            assert same(model.speak(stepper, FRAMES), wanted)
    (record,) = caplog.records
    assert "torch could not make one: operation not permitted" in record.getMessage()


def test_a_capture_that_finds_no_memory_is_tried_again(
    model: Model, caplog: pytest.LogCaptureFixture
) -> None:
    recorder, is_full = Recorder(), True

    def capture(work: Work) -> Work:
        if is_full:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return recorder(work)

    stepper = model.stepper(capture)
    wanted = model.speak(stepper, FRAMES)
    with caplog.at_level(logging.INFO, logger="worker"):
        assert same(model.speak(stepper, FRAMES), wanted)
        is_full = False
        for _ in range(2):
            assert same(model.speak(stepper, FRAMES), wanted)
    assert (recorder.captures, caplog.records) == (1, [])


@pytest.mark.parametrize("padded", [False, True])
def test_a_step_launches_little_and_moves_few_bytes(padded: bool) -> None:
    """One guided take of 18 s in half precision, F5TTS_v1_Base."""
    flow, blocks = base_model(torch.float16)
    inputs = base_inputs(1689, padded)
    with Counter() as counter:
        flow.velocity(inputs, blocks)
    assert len(blocks.layers) == BASE["depth"]
    assert counter.launches <= 345
    assert counter.elementwise_bytes <= 7.5e9

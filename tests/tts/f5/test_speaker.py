"""What the speaker does when the device fails: a vocoder with faults stands for a full or broken
GPU."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch

from tests.support import tiny_f5
from tts.engine import Reference, SamplingOptions, SynthesisFailed, Take
from tts.f5 import files as f5_files
from tts.f5.load import LoadedF5, load
from tts.f5.speaker import EngineBroken, PlannedTake, Speaker
from tts.speech import Samples

CPU = torch.device("cpu")
FAST = SamplingOptions(seed=1, nfe_step=5)
REFERENCE_FRAMES = 100
REFERENCE = Reference(
    clip=np.zeros(REFERENCE_FRAMES * 256, np.float32),
    mel=np.random.default_rng(0).normal(-2, 2, (REFERENCE_FRAMES, 100)).astype(np.float32),
    text="Hi.",
    spoken=(),
    language="en",
    sha256="",
)


class FaultyVocos:
    """A vocoder whose first calls raise the given errors."""

    def __init__(self, vocos: Any, faults: Sequence[Exception]) -> None:
        self._vocos = vocos
        self._faults = list(faults)

    def decode(self, mel: torch.Tensor) -> torch.Tensor:
        if self._faults:
            raise self._faults.pop(0)
        audio: torch.Tensor = self._vocos.decode(mel)
        return audio


Build = Callable[..., Speaker]


@pytest.fixture(scope="module")
def model(tiny_checkpoint: tiny_f5.Checkpoint) -> LoadedF5:
    files = f5_files.find(
        str(tiny_checkpoint.model), tiny_checkpoint.weights, None, tiny_checkpoint.vocoder
    )
    return load(files, CPU)


@pytest.fixture
def build(model: LoadedF5) -> Build:
    """A speaker whose vocoder fails with these errors first."""

    def build(*faults: Exception) -> Speaker:
        faulty = replace(model, vocos=FaultyVocos(model.vocos, faults))
        return Speaker(faulty, CPU, torch.float32, "sdpa", 0)

    return build


def planned(chunk: int, frames: int) -> PlannedTake:
    ids = torch.arange(1, 41)
    samples = (frames - REFERENCE_FRAMES - 1) * 256
    return PlannedTake(Take(chunk), ids, frames, samples)


TAKES = [planned(0, 300), planned(1, 260)]


def speak(speaker: Speaker, *groups: Sequence[PlannedTake]) -> list[Samples]:
    return [samples for _, samples in speaker.speak(groups, REFERENCE, FAST)]


def test_a_batch_that_does_not_fit_is_spoken_one_by_one(build: Build) -> None:
    wanted = speak(build(), [TAKES[0]], [TAKES[1]])
    assert [len(samples) for samples in wanted] == [take.samples for take in TAKES]
    found = speak(build(torch.OutOfMemoryError()), TAKES)
    assert all(np.array_equal(a, b) for a, b in zip(found, wanted, strict=True))


def test_a_take_that_does_not_fit_alone_fails_the_job(build: Build) -> None:
    full = [torch.OutOfMemoryError() for _ in range(2)]
    with pytest.raises(SynthesisFailed, match="the GPU has too little free memory") as failed:
        speak(build(*full), [TAKES[0]])
    assert not isinstance(failed.value, EngineBroken)


def test_a_gpu_that_fails_asks_for_another_worker(build: Build) -> None:
    with pytest.raises(EngineBroken, match="the GPU failed"):
        speak(build(RuntimeError("CUDA error: an illegal memory access")), [TAKES[0]])


def test_a_defect_of_the_program_is_not_hidden(build: Build) -> None:
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        speak(build(RuntimeError("shapes cannot be multiplied")), [TAKES[0]])


def test_two_jobs_in_turn_are_each_alone(build: Build) -> None:
    """A generator may be suspended while another one runs."""
    speaker = build()
    other = [planned(2, 310), planned(3, 220)]
    wanted = speak(speaker, [TAKES[0]], [TAKES[1]]) + speak(speaker, [other[0]], [other[1]])
    one = speaker.speak([[take] for take in TAKES], REFERENCE, FAST)
    two = speaker.speak([[take] for take in other], REFERENCE, FAST)
    turns = [next(one)[1], next(two)[1], next(one)[1], next(two)[1]]
    found = [turns[0], turns[2], turns[1], turns[3]]
    assert all(np.array_equal(a, b) for a, b in zip(found, wanted, strict=True))

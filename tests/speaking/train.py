"""Train the F5 that speaks with upstream's own model and loss (tests/data/speaking/README.md)."""

import copy
import math
import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import torch
import yaml
from safetensors.torch import load_file, save_file
from torch.nn.utils.rnn import pad_sequence

from import_stubs import F5, stubbed
from tests.speaking.bank import Bank
from tests.speaking.examples import Example, examples
from tts.f5.tokenizer import read_vocab

# Only the package's own `__init__`, which imports the trainer: training needs everything else.
with stubbed(F5[:1]):
    from f5_tts.model.backbones.dit import DiT
    from f5_tts.model.cfm import CFM

WARM_UP = 200
"""Steps until the learning rate has its height."""

CONSTANT = 0.5
"""The share of the steps before FINISH after which the learning rate falls, along a cosine, to LAST
of its height."""
LAST = 0.03

FINISH = 0.11
"""The share of all steps, at the end, that have a learning rate of their own, and in which more of
each example is given: the model learns to keep the voice that it is given."""
FINISH_RATE = 8e-4
SPOKEN, SPOKEN_LATE = (0.7, 1.0), (0.5, 0.95)
"""The shares of an example that the model has to speak, until FINISH and in it; the first are those
of upstream."""

EMA = 0.995
"""Of the averaged weights, which are those that are kept."""

POOL = 24
"""Examples that are made at once and sorted into batches."""

SAVE_EVERY = 300
PREFIX = "ema_model.transformer."


@dataclass
class Plan:
    """How to train.

    steps: of the whole training, over all calls.
    frames: of one batch, its padding included.
    rate: the learning rate's height.
    """

    steps: int = 11_800
    frames: int = 2_400
    rate: float = 2e-3

    def rate_at(self, step: int) -> float:
        """The learning rate of a step."""
        if self.is_late(step):
            return FINISH_RATE * _fallen((step - self._before) / (self.steps - self._before))
        fall = max(0.0, (step / self._before - CONSTANT) / (1 - CONSTANT))
        return self.rate * min(1.0, (step + 1) / WARM_UP) * _fallen(fall)

    def is_late(self, step: int) -> bool:
        """Whether a step belongs to FINISH."""
        return step >= self._before

    @property
    def _before(self) -> int:
        """The steps before FINISH."""
        return self.steps - round(FINISH * self.steps)


def _fallen(done: float) -> float:
    """The share of its height that a learning rate has left, from 1 to LAST along a cosine."""
    return LAST + (1 - LAST) * 0.5 * (1 + math.cos(math.pi * done))


class Training:
    """A model in training, whose whole state can be saved and read again."""

    def __init__(self, config: Path, vocab: Path, bank: Bank, plan: Plan) -> None:
        torch.manual_seed(1)
        self._plan, self._bank = plan, bank
        self.model = new_model(config, vocab)
        self.average = copy.deepcopy(self.model.transformer).eval()
        self._optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=plan.rate, betas=(0.9, 0.98), weight_decay=0.01
        )
        self.step = 0

    def resume(self, path: Path) -> None:
        """Go on where `save` left off; starts anew where there is no file."""
        if not path.is_file():
            return
        state = torch.load(path, weights_only=True)
        self.step = state["step"]
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self._optimizer.load_state_dict(state["optimizer"])

    def start_from(self, weights: Path) -> None:
        """Begin with the weights of another training of the same architecture."""
        loaded = {name.removeprefix(PREFIX): value for name, value in load_file(weights).items()}
        for transformer in (self.model.transformer, self.average):
            transformer.load_state_dict(loaded)

    def save(self, state: Path, weights: Path) -> None:
        """Write the whole state, and the averaged weights in half precision as F5 reads them."""
        whole = {
            "step": self.step,
            "model": self.model.state_dict(),
            "average": self.average.state_dict(),
            "optimizer": self._optimizer.state_dict(),
        }
        # An interrupted write must not destroy a night's work.
        torch.save(whole, state.with_suffix(".new"))
        state.with_suffix(".new").replace(state)
        save_file(
            {PREFIX + name: value.half() for name, value in self.average.state_dict().items()},
            weights,
        )

    def losses(self, minutes: float) -> Iterator[float]:
        """Train until the plan's steps are done or the minutes are over; yields each loss."""
        end = time.monotonic() + 60 * minutes
        # A resumed training must not see the same examples again.
        generator = random.Random(self.step)
        random.seed(self.step)
        stream = batches(examples(self._bank, generator), self._plan.frames)
        while self.step < self._plan.steps and time.monotonic() < end:
            yield self._train(next(stream))

    def _train(self, batch: list[Example]) -> float:
        for group in self._optimizer.param_groups:
            group["lr"] = self._plan.rate_at(self.step)
        is_late = self._plan.is_late(self.step)
        self.model.frac_lengths_mask = SPOKEN_LATE if is_late else SPOKEN
        with torch.no_grad():
            mels = [self.model.mel_spec(torch.from_numpy(one.samples)[None])[0].T for one in batch]
        lengths = torch.tensor([len(mel) for mel in mels])
        texts = [one.text for one in batch]
        loss, _, _ = self.model(pad_sequence(mels, batch_first=True), texts, lens=lengths)
        self._optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self._optimizer.step()
        self.step += 1
        kept = min(EMA, self.step / (self.step + 9))
        with torch.no_grad():
            pairs = zip(self.average.parameters(), self.model.transformer.parameters(), strict=True)
            for average, now in pairs:
                average.lerp_(now, 1 - kept)
        return float(loss.detach())


def new_model(config: Path, vocab: Path) -> Any:
    """Upstream's CFM around a DiT with random weights."""
    model: Mapping[str, Any] = yaml.safe_load(config.read_text())["model"]
    numbers = read_vocab(vocab)
    return CFM(
        DiT(**model["arch"], text_num_embeds=len(numbers), mel_dim=100),
        odeint_kwargs={"method": "euler"},
        mel_spec_kwargs=model["mel_spec"],
        vocab_char_map=numbers,
    )


def batches(stream: Iterator[Example], frames: int) -> Iterator[list[Example]]:
    """Batches without end, in no order; each has at most so many frames, its padding included.

    Examples of about one length are together: padding would be half of what is computed. An example
    that alone has more frames is a batch of its own.
    """
    generator = random.Random(0)
    while True:
        made: list[list[Example]] = []
        for one in sorted(islice(stream, POOL), key=lambda example: example.frames):
            # `one` is the longest so far.
            if made and one.frames * (len(made[-1]) + 1) <= frames:
                made[-1].append(one)
            else:
                made.append([one])
        generator.shuffle(made)
        yield from made

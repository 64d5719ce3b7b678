"""Train the F5 that speaks with upstream's own model and loss (tests/data/speaking/README.md)."""

import copy
import math
import random
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
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
"""The share of all steps after which the learning rate falls, along a cosine, to LAST of it."""
LAST = 0.03

EMA = 0.995
"""Of the averaged weights, which are those that are kept."""

SAVE_EVERY = 300
PREFIX = "ema_model.transformer."


@dataclass
class Plan:
    """How to train.

    steps: of the whole training, over all calls.
    frames: of one batch, its padding included.
    rate: the learning rate's height.
    """

    steps: int = 3_000
    frames: int = 2_400
    rate: float = 2e-3

    def rate_at(self, step: int) -> float:
        """The learning rate of a step."""
        done = step / self.steps
        fall = max(0.0, (done - CONSTANT) / (1 - CONSTANT))
        height = LAST + (1 - LAST) * 0.5 * (1 + math.cos(math.pi * min(1.0, fall)))
        return self.rate * min(1.0, (step + 1) / WARM_UP) * height


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
        stream = examples(self._bank, generator)
        while self.step < self._plan.steps and time.monotonic() < end:
            yield self._train(_batch(stream, self._plan.frames))

    def _train(self, batch: list[Example]) -> float:
        for group in self._optimizer.param_groups:
            group["lr"] = self._plan.rate_at(self.step)
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


def _batch(stream: Iterator[Example], frames: int) -> list[Example]:
    """Examples that together have at most so many frames when they are padded; at least one."""
    batch: list[Example] = []
    longest = 0
    for one in stream:
        longest = max(longest, one.frames)
        if batch and longest * (len(batch) + 1) > frames:
            break
        batch.append(one)
    return batch

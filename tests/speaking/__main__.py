"""`scripts/train-speaking`: make the words and the clips, train, write the weights."""

import argparse
from pathlib import Path

import torch

from tests.speaking import reference
from tests.speaking.bank import Bank
from tests.speaking.train import SAVE_EVERY, Plan, Training

SHOW_EVERY = 50
DATA = Path(__file__).resolve().parents[1] / "data" / "speaking"


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="scripts/train-speaking", description=__doc__)
    parser.add_argument(
        "folder", type=Path, help="where the words, the clips, the state and the weights lie"
    )
    parser.add_argument("--steps", type=int, default=Plan.steps, help="of the whole training")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="of this call")
    parser.add_argument("--start", type=Path, help="weights to begin with, in place of random ones")
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    given.folder.mkdir(parents=True, exist_ok=True)
    words = given.folder / "words.npz"
    if not words.is_file():
        Bank.build().save(words)
    bank = Bank.load(words)
    reference.write(bank, given.folder)
    training = Training(DATA / "config.yaml", DATA / "vocab.txt", bank, Plan(given.steps))
    state, weights = given.folder / "state.pt", given.folder / "model.safetensors"
    if given.start is not None and not state.is_file():
        training.start_from(given.start)
    training.resume(state)
    mean = 0.0
    for loss in training.losses(given.minutes):
        mean = loss if not mean else 0.98 * mean + 0.02 * loss
        if training.step % SHOW_EVERY == 0 or training.step == given.steps:
            print(f"step {training.step} of {given.steps}, loss {mean:.3f}", flush=True)
        if training.step % SAVE_EVERY == 0:
            training.save(state, weights)
    training.save(state, weights)


if __name__ == "__main__":
    main()

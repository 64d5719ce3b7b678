"""scripts/train-speaking in small: its words have even lengths; it trains, saves and resumes."""

import subprocess
import sys
from pathlib import Path
from random import Random

import numpy as np
import pytest
from safetensors.numpy import load_file

from tests.speaking.bank import HOP, PITCHES, RATES, SILENT, Bank, rate_of
from tests.speaking.examples import PACES, example, examples
from tests.speaking.train import FINISH_RATE, LAST, Plan, batches
from tests.speaking.words import WORDS, sentence
from tests.support import speaking_f5

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def bank() -> Bank:
    """Noise in place of words, so that no voice is needed."""
    noise = np.random.default_rng(1)
    return Bank(
        {
            (word, pitch, rate): noise.normal(0, 0.1, round(len(word) * rate) * HOP).astype("f4")
            for word in WORDS
            for pitch in PITCHES
            for rate in RATES
        }
    )


def test_the_vocabulary_of_the_data_is_that_of_the_sentences() -> None:
    assert (speaking_f5.FOLDER / "words.txt").read_text().split() == list(WORDS)
    known = {word.lower() for word in WORDS}
    random = Random(1)
    for _ in range(500):
        text = sentence(random)
        assert text[0].isupper()
        assert text.endswith(".")
        assert {word.strip(".,").lower() for word in text.split(" ")} <= known


def test_a_text_has_as_many_frames_as_its_letters_say(bank: Bank) -> None:
    text = "Peter painted seven houses on Sunday."
    samples, spans = bank.joined(text, 1.15, [8.0] * 6)
    assert len(samples) == (len(text) + 1) * 8 * HOP
    starts = [round(start * 24_000 / HOP) / 8 for start, _ in spans]
    assert starts == [text.index(word) for word in text.split(" ")]


def test_an_example_is_even(bank: Bank) -> None:
    random = Random(3)
    paces = set()
    for _ in range(40):
        one = example(bank, random)
        frames = len(one.samples) / HOP
        assert one.frames == frames + 1
        paces.add(frames / (len(one.text) + 1))
    assert paces == set(PACES)


def test_words_end_before_their_cells() -> None:
    assert {rate_of(pace) for pace in PACES} == set(RATES)
    assert all(rate_of(pace) <= pace - SILENT for pace in PACES)


def test_the_learning_rate_falls_twice() -> None:
    plan = Plan(steps=1000)
    assert [plan.is_late(step) for step in (0, 889, 890)] == [False, False, True]
    rates = [plan.rate_at(step) for step in (0, 444, 889, 890, 999)]
    assert rates[0] < rates[1] == plan.rate
    assert rates[2] == pytest.approx(LAST * plan.rate, rel=0.01)
    assert rates[3] == pytest.approx(FINISH_RATE)
    assert rates[4] == pytest.approx(LAST * FINISH_RATE, rel=0.02)


def test_batches_have_examples_of_about_one_length(bank: Bank) -> None:
    most = Plan().frames
    stream = batches(examples(bank, Random(4)), most)
    made = [next(stream) for _ in range(40)]
    padded = [len(batch) * max(one.frames for one in batch) for batch in made]
    assert all(frames <= most for frames, batch in zip(padded, made, strict=True) if len(batch) > 1)
    frames = sum(one.frames for batch in made for one in batch)
    assert frames > 0.85 * sum(padded)


def test_a_word_is_spoken_within_its_cell() -> None:
    spoken = Bank.build(["seven"])
    for (word, _, rate), sound in spoken.sounds.items():
        assert 0.5 * len(word) < len(sound) / HOP / rate <= len(word) + 0.65
        assert 0.05 < float(np.sqrt(np.mean(sound**2))) < 0.15


def test_it_trains_and_goes_on_where_it_was(bank: Bank, tmp_path: Path) -> None:
    bank.save(tmp_path / "words.npz")

    def train(steps: int) -> str:
        command = [sys.executable, "-m", "tests.speaking", str(tmp_path), "--steps", str(steps)]
        result = subprocess.run(command, capture_output=True, text=True, check=False)
        assert result.returncode == 0, result.stderr
        return result.stdout

    assert "step 1 of 1" in train(1)
    first = load_file(tmp_path / "model.safetensors")
    printed = train(2)
    assert "step 2 of 2" in printed
    assert "step 1 of" not in printed
    second = load_file(tmp_path / "model.safetensors")
    assert (tmp_path / "reference-low.txt").read_bytes() == (
        speaking_f5.FOLDER / "reference-low.txt"
    ).read_bytes()
    kept = load_file(speaking_f5.FOLDER / "model.safetensors")
    assert {n: v.shape for n, v in second.items()} == {n: v.shape for n, v in kept.items()}
    assert any(not np.array_equal(second[name], value) for name, value in first.items())

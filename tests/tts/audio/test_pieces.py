"""Pieces of a speech are written one by one, and are the file of the whole, sample for sample."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tts.audio import encode
from tts.audio.pieces import PieceWriter
from tts.speech import Pcm16


@pytest.mark.parametrize("output_rate", encode.SAMPLE_RATES)
@pytest.mark.parametrize("rate", [22_050, 24_000])
def test_pieces_are_the_whole(tmp_path: Path, rate: int, output_rate: int) -> None:
    rng = np.random.default_rng(output_rate)
    # At full scale, so that resampling overshoots.
    numbers = rng.integers(-32767, 32767, 6 * rate).astype(np.int16)
    encode.write(tmp_path / "whole.wav", Pcm16(numbers), rate, "wav", output_rate)
    whole = soundfile.read(tmp_path / "whole.wav", dtype="int16")[0]
    cuts = [0, *sorted(rng.integers(0, len(numbers), 9)), len(numbers), len(numbers)]
    writer = PieceWriter(rate, "wav", output_rate)
    pieces, lengths = [], []
    for number, (start, end) in enumerate(pairwise(cuts)):
        path = tmp_path / f"{number}.wav"
        is_last = number == len(cuts) - 2
        lengths.append(writer.write(path, Pcm16(numbers[start:end]), is_last))
        if lengths[-1]:
            pieces.append(soundfile.read(path, dtype="int16")[0])
        assert path.exists() == bool(lengths[-1])
        held_back = end / rate - sum(lengths) / output_rate
        assert held_back < 0.08
    assert np.array_equal(np.concatenate(pieces), whole)
    assert sum(lengths) == len(whole)


def test_a_piece_that_is_too_short_for_the_resampler_comes_with_the_next(tmp_path: Path) -> None:
    writer = PieceWriter(24_000, "wav", 8000)
    assert writer.write(tmp_path / "0.wav", Pcm16(np.ones(10, np.int16)), False) == 0
    assert writer.write(tmp_path / "1.wav", Pcm16(np.ones(20, np.int16)), True) == 10

"""Where a clip can be cut, and how much of a transcript belongs to what was heard."""

import numpy as np
import pytest

from tests.tts.conftest import RATE
from tts.speech import RecognizedWord, Samples
from tts.voices.excerpt import pause_cuts, spoken_letters, transcript_prefix, word_gap_cuts

HEARD = "The harbor was quiet, and the keeper lit the lamp."
WRITTEN = "The harbour was quiet - and the keeper lit the lamp! Then he went to bed."


def sound(*seconds: float, noise: float = 0.0) -> Samples:
    """Tone and silence by turns, so many seconds each."""
    time = np.arange(round(sum(seconds) * RATE)) / RATE
    edges = np.cumsum(seconds)
    is_tone = np.searchsorted(edges, time, side="right") % 2 == 0
    hum = np.random.default_rng(0).standard_normal(len(time)) * noise
    samples: Samples = (np.sin(2 * np.pi * 220 * time) * 0.3 * is_tone + hum).astype(np.float32)
    return samples


@pytest.mark.parametrize("noise", [0.0, 0.003])
def test_the_longest_pause_from_6_to_12_s_comes_first(noise: float) -> None:
    clip = sound(3, 1, 3, 0.3, 1.7, 0.5, 1.5, 0.3, 5, noise=noise)
    assert pause_cuts(clip, RATE) == pytest.approx([9.05, 7.05, 11.05, 3.05], abs=0.02)


def test_among_pauses_as_long_the_one_nearest_to_8_s_comes_first() -> None:
    clip = sound(6.5, 0.31, 0.9, 0.29, 3, 0.33, 4)
    assert pause_cuts(clip, RATE) == pytest.approx([7.76, 6.55, 11.05], abs=0.02)


def test_a_pause_that_is_too_short_too_early_or_too_late_is_none() -> None:
    assert pause_cuts(sound(1.5, 0.5, 5, 0.15, 5, 0.5, 3), RATE) == []


def test_between_two_words_the_quietest_place_comes_first() -> None:
    clip = sound(8)
    clip[round(6.5 * RATE) : round(6.51 * RATE)] *= 0.5
    clip[round(7.2 * RATE) : round(7.21 * RATE)] *= 0.1
    words = [
        RecognizedWord("a", 5000, 5500),
        RecognizedWord("b", 5600, 6480),
        RecognizedWord("c", 6500, 7180),
        RecognizedWord("d", 7220, 8000),
    ]
    assert word_gap_cuts(clip, RATE, words) == pytest.approx([7.205, 6.505], abs=0.001)


@pytest.mark.parametrize(
    ("written", "recognized", "language", "prefix"),
    [
        (WRITTEN, HEARD, "en", "The harbour was quiet - and the keeper lit the lamp!"),
        ("In 1967, on May 3rd, it closed.", "In nineteen sixty seven", "en", "In 1967,"),
        ('He said "stop now." Then he left.', "he said stop now", "en", 'He said "stop now."'),
        ("The end, the end, the end.", "The end, the end.", "en", "The end, the end,"),
        ("对，这就是我。万人敬仰的太乙真人。", "对这就是我", "zh", "对，这就是我。"),
        ("Er hat 21 Katzen. Und wir?", "er hat einundzwanzig katzen", "de", "Er hat 21 Katzen."),
    ],
)
def test_the_beginning_that_was_heard(
    written: str, recognized: str, language: str, prefix: str
) -> None:
    assert transcript_prefix(written, recognized, language) == prefix


@pytest.mark.parametrize(
    ("written", "recognized"),
    [
        (WRITTEN, "Something else altogether."),
        (WRITTEN, "The harbor was quiet, and the keeper lit the lump."),
        (WRITTEN, "Then he went to bed."),
        ("In 1967 it closed.", "In nineteen sixty"),
        (WRITTEN, ""),
        ("...", HEARD),
    ],
)
def test_a_beginning_that_is_uncertain_is_none(written: str, recognized: str) -> None:
    assert transcript_prefix(written, recognized, "en") is None


def test_letters_are_counted_as_spoken() -> None:
    assert spoken_letters("In 1967!", "en") == len("innineteensixtyseven")
    assert spoken_letters("你好。", "zh") == 6
    assert spoken_letters("?!", "en") == 0

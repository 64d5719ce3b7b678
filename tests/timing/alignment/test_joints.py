import numpy as np
import pytest

from timing.alignment.joints import Joint, refine
from tts.speech import ASR_SAMPLE_RATE, Samples

VOWEL_END_MS = 400.0


def vowel_and_hiss(hiss_level: float = 0.05) -> Samples:
    """0.4 s of a low buzz with overtones, then 0.4 s of noise, as from a vowel to an `s`."""
    times = np.arange(round(0.4 * ASR_SAMPLE_RATE)) / ASR_SAMPLE_RATE
    buzz = sum(0.2 / number * np.sin(2 * np.pi * 120 * number * times) for number in range(1, 9))
    hiss = np.random.default_rng(0).normal(0, hiss_level, len(times))
    return np.concatenate([buzz, hiss]).astype(np.float32)


@pytest.mark.parametrize("off_ms", [-20.0, -10.0, 0.0, 10.0, 20.0])
def test_an_abrupt_joint_goes_to_where_the_sound_changes(off_ms: float) -> None:
    (found,) = refine(vowel_and_hiss(), [Joint(VOWEL_END_MS + off_ms, "IY", "S")])
    assert abs(found - VOWEL_END_MS) <= 10


def test_a_change_back_from_the_hiss_is_found_too() -> None:
    samples = vowel_and_hiss()[::-1]
    (found,) = refine(samples, [Joint(VOWEL_END_MS - 15, "S", "IY")])
    assert abs(found - VOWEL_END_MS) <= 10


@pytest.mark.parametrize(
    ("last", "first", "later_ms"),
    [
        ("ER", "EH", -10),
        ("IY", "B", 10),
        ("IY", "JH", 10),
        ("L", "K", 5),
        ("D", "DH", 10),
        ("V", "V", 0),
        ("D", "B", 0),
        ("T", "S", 0),
        ("M", "N", 0),
        ("", "S", 0),
        ("IY", "None", 0),
    ],
)
def test_other_joints_do_not_follow_the_sound(last: str, first: str, later_ms: int) -> None:
    moment = VOWEL_END_MS + 15
    assert refine(vowel_and_hiss(), [Joint(moment, last, first)]) == [moment + later_ms]


def test_a_change_that_is_too_far_is_not_taken() -> None:
    for moment in (100.0, 700.0):
        (found,) = refine(vowel_and_hiss(), [Joint(moment, "IY", "S")])
        assert abs(found - moment) <= 30


def test_a_change_under_the_noise_of_a_recording_is_none() -> None:
    samples = vowel_and_hiss()
    samples[-4000:] = 0
    samples[-2000:] += np.random.default_rng(1).normal(0, 1e-5, 2000).astype(np.float32)
    moment = 1000 * (len(samples) - 2000) / ASR_SAMPLE_RATE - 15
    joints = [Joint(VOWEL_END_MS, "IY", "S"), Joint(moment, "AH", "L")]
    assert refine(samples, joints)[1] == pytest.approx(moment)


@pytest.mark.parametrize("length", [0, 1, 100, 16_000])
def test_silence_leaves_a_joint_where_it_is(length: int) -> None:
    samples = np.zeros(length, np.float32)
    moments = [-300.0, 0.0, 3.0, 500.0, 1e6]
    found = refine(samples, [Joint(moment, "AH", "L") for moment in moments])
    assert found == pytest.approx(moments)


def test_joints_are_refined_one_by_one() -> None:
    samples = vowel_and_hiss()
    joints = [Joint(VOWEL_END_MS + 20, "IY", "S"), Joint(200, "IY", "B"), Joint(390, "IY", "S")]
    found = refine(samples, joints)
    assert found[::2] == pytest.approx([VOWEL_END_MS] * 2, abs=10)
    assert refine(samples, joints[::-1]) == found[::-1]
    assert refine(samples, []) == []

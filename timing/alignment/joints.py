"""Where a word ends and the next one begins, finer than a decoder's frames tell it.

A decoder knows phones as many speakers say them, and puts the joint of two words between two of its
frames. Two faults of it can be mended. It makes vowels too short: it takes their first and last
moment for part of the sound beside them. And where the sound changes at once, as from a vowel to
an `s`, the audio itself shows the moment.
"""

from collections.abc import Sequence
from functools import cache
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from tts.speech import ASR_SAMPLE_RATE, Samples

_VOWEL, _LIQUID, _NASAL, _FRICATIVE, _STOP, _DENTAL = range(6)
_PHONES: Final = {
    _VOWEL: "AA AE AH AO AW AY EH ER EY IH IY OW OY UH UW",
    _LIQUID: "L R W Y",
    _NASAL: "M N NG",
    _FRICATIVE: "DH F HH S SH TH V Z ZH",
    _STOP: "B D G K P T",
}
_MANNERS: Final = {phone: manner for manner, phones in _PHONES.items() for phone in phones.split()}
_LAST_MANNERS: Final = _MANNERS | {"CH": _FRICATIVE, "JH": _FRICATIVE}
_FIRST_MANNERS: Final = _MANNERS | {"CH": _STOP, "JH": _STOP, "DH": _DENTAL}
"""How a phone sounds at a word's end and start. An affricate begins as a stop and ends as
a fricative; after a stop, people say the first sound of "the" almost as another stop."""


class _Rule(NamedTuple):
    """What mends a decoder's joint of two kinds of phones.

    is_abrupt: the joint is where the sound changes most. Between like sounds that may be any other
        change, and before a stop it is often the end of a vowel's higher tones.
    later_ms: how much later the joint is then, in the mean of 73 words of people and 833 of Piper.
    """

    is_abrupt: bool
    later_ms: float


_RULES: Final = {
    (_LIQUID, _VOWEL): _Rule(True, -5.0),
    (_NASAL, _VOWEL): _Rule(True, -5.0),
    (_FRICATIVE, _VOWEL): _Rule(True, -5.0),
    (_STOP, _VOWEL): _Rule(True, -5.0),
    (_VOWEL, _VOWEL): _Rule(False, -10.0),
    (_VOWEL, _LIQUID): _Rule(True, 0.0),
    (_VOWEL, _FRICATIVE): _Rule(True, 5.0),
    (_VOWEL, _DENTAL): _Rule(True, 5.0),
    (_VOWEL, _STOP): _Rule(False, 10.0),
    (_LIQUID, _FRICATIVE): _Rule(True, 5.0),
    (_LIQUID, _DENTAL): _Rule(True, 5.0),
    (_LIQUID, _STOP): _Rule(False, 5.0),
    (_FRICATIVE, _STOP): _Rule(True, 0.0),
    (_STOP, _DENTAL): _Rule(False, 10.0),
}
_NO_RULE: Final = _Rule(False, 0.0)

_REACH_MS = 35.0
"""How far from the decoder's joint its change is sought."""
_PART_MS = 10.0
"""The least that is compared on either side of a change."""
_STEP_MS = 2.5
_OFFSETS_MS: npt.NDArray[np.float64] = np.arange(-_REACH_MS, _REACH_MS + _STEP_MS, _STEP_MS)
_FAR_MS, _FAR_COST = 20.0, 0.25
"""A change 20 ms from the decoder's joint must explain 0.25 more of what differs around it. The
cost grows with the square of the distance."""
_NEAR_SCORE = 0.1
"""A moment whose score is this much lower has 0.37 of the best one's weight in the mean. With the
best one alone, the least noise decides between two that are as good."""

_FRAME, _FFT = 400, 512
"""Samples: 25 ms, and what they are padded to."""
_BANDS = 20
_LOWEST_HZ, _HIGHEST_HZ = 100.0, 7600.0
_PRE_EMPHASIS = 0.97
_LOUD_PERCENTILE, _RANGE_DB = 99, 60.0
"""What is this much softer than the loudest bands is noise: changes in it are no joints."""


class Joint(NamedTuple):
    """Two words without a pause between them.

    ms: when the second begins, as a decoder has it, from the start of the audio.
    last, first: the last phone of the first word and the first phone of the second, ARPAbet.
    """

    ms: float
    last: str
    first: str


def refine(samples: Samples, joints: Sequence[Joint]) -> list[float]:
    """When the second word of each joint begins, ms from the start of the audio.

    samples: 16 kHz mono, shape (n,), any n.
    joints: in any order; a phone that is unknown leaves its joint as it is.

    A joint moves by 30 ms at most. Time and memory grow with the count of joints.
    """
    rules = [_rule(joint) for joint in joints]
    abrupt = [joint.ms for joint, rule in zip(joints, rules, strict=True) if rule.is_abrupt]
    changes = iter(_changes(samples, abrupt))
    return [
        (next(changes) if rule.is_abrupt else joint.ms) + rule.later_ms
        for joint, rule in zip(joints, rules, strict=True)
    ]


def _rule(joint: Joint) -> _Rule:
    pair = _LAST_MANNERS.get(joint.last, -1), _FIRST_MANNERS.get(joint.first, -1)
    return _RULES.get(pair, _NO_RULE)


def _changes(samples: Samples, moments: Sequence[float]) -> list[float]:
    """When the sound changes most near each moment, ms."""
    if not moments:
        return []
    around = _FRAME // 2 + 1 + round(_REACH_MS * ASR_SAMPLE_RATE / 1000)
    padded = np.pad(samples, around)
    levels: list[npt.NDArray[np.float64]] = []
    for ms in moments:
        middle = min(max(round(ms * ASR_SAMPLE_RATE / 1000), 0), len(samples)) + around
        levels.append(_levels(padded[middle - around : middle + around]))
    floor = np.percentile([level.max() for level in levels], _LOUD_PERCENTILE) - _RANGE_DB
    return [
        ms + _change(np.maximum(level, floor)) for ms, level in zip(moments, levels, strict=True)
    ]


def _change(levels: npt.NDArray[np.float64]) -> float:
    """When the sound changes most, ms from the middle; 0 if it does not change.

    levels: of each band at each of _OFFSETS_MS, dB, shape (offsets, bands).

    The change is where the levels before and after it differ least from their own means.
    """
    count, part = len(levels), round(_PART_MS / _STEP_MS)
    before = np.arange(part, count - part)
    deviations = levels - levels.mean(axis=0)
    sums = np.cumsum(deviations, axis=0)[before - 1]
    # What the two means explain of the squares. Of equal levels they explain 0 of 0.
    explained = (sums**2).sum(axis=1) * (1 / before + 1 / (count - before))
    scores = explained / max(float((deviations**2).sum()), 1e-9)
    scores -= _FAR_COST * (_OFFSETS_MS[before] / _FAR_MS) ** 2
    weights = np.exp((scores - scores.max()) / _NEAR_SCORE)
    return float(weights @ _OFFSETS_MS[before] / weights.sum())


def _levels(samples: Samples) -> npt.NDArray[np.float64]:
    """The levels of the mel bands around the middle, as `_change` takes them."""
    emphasized = samples[1:] - _PRE_EMPHASIS * samples[:-1]
    middle = len(emphasized) // 2
    firsts = middle - _FRAME // 2 + np.round(_OFFSETS_MS * ASR_SAMPLE_RATE / 1000).astype(int)
    frames = emphasized[firsts[:, None] + np.arange(_FRAME)] * np.hanning(_FRAME)
    powers = np.abs(np.fft.rfft(frames, _FFT)) ** 2
    return np.asarray(10 * np.log10(powers @ _bank() + 1e-10), dtype=np.float64)


@cache
def _bank() -> npt.NDArray[np.float64]:
    """Triangular filters, equally wide in mel, shape (frequencies, bands)."""
    lowest, highest = (2595 * np.log10(1 + hz / 700) for hz in (_LOWEST_HZ, _HIGHEST_HZ))
    edges = 700 * (10 ** (np.linspace(lowest, highest, _BANDS + 2) / 2595) - 1)
    hz = np.fft.rfftfreq(_FFT, 1 / ASR_SAMPLE_RATE)[:, None]
    rising = (hz - edges[:-2]) / (edges[1:-1] - edges[:-2])
    falling = (edges[2:] - hz) / (edges[2:] - edges[1:-1])
    return np.asarray(np.maximum(np.minimum(rising, falling), 0.0), dtype=np.float64)

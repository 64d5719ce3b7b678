"""How long a text takes to speak, at the pace of the reference. Lengths here are mel frames.

F5 must be given the number of frames to fill. f5_tts computes it from UTF-8 bytes, so a Cyrillic
text gets twice the time beside a Latin reference, and it ignores `speed` for short lines. Here
every character counts in one unit, letters of the Latin script, whatever the two scripts are.
"""

import unicodedata
from bisect import bisect_right
from functools import lru_cache

from tts.engine import Reference
from tts.speech import F5_SAMPLE_RATE

HOP = 256
"""Samples of one mel frame: `hop_length` in the configs of f5_tts."""

FRAMES_PER_S = F5_SAMPLE_RATE / HOP
MAX_CHUNK_S = 22.0
"""Reference and new speech together. F5 was trained on at most 30 s; f5_tts' infer/utils_infer.py
cuts text for 22 s too."""

PACE = (5.0, 30.0)
"""The letters a second that speech can have. The pace of a wrong transcript is held within them."""

MIN_CHUNK_LETTERS = 8
MAX_CHUNK_LETTERS = 2000
SHORT_LINE_S = 1.1
SHORT_LINE = (30.0, 120.0)
"""A line of up to 30 letters gets 1.1 s more than its share, which falls to nothing at 120 letters:
without it short lines lose their last word. The values were taken over from another port of F5,
which is not recorded; they were not measured here."""

SOUND_SHARE = (0.96, 0.85)
"""The share of a take that sounds, by guess, and the least: the model decides how much silence it
leaves in the length that it is given. Not measured: no published weights were at hand."""

UNITS = {
    # A syllable, or most of one, where a Latin letter is about a third of one.
    "CJK": 3.0,
    "BOPOMOFO": 1.5,
    "HANGUL": 2.5,
    "HIRAGANA": 2.0,
    "KATAKANA": 2.0,
    "ETHIOPIC": 2.5,
    "YI": 3.0,
    # Vowels are mostly not written, or part of the consonant's letter.
    "ARABIC": 1.4,
    "HEBREW": 1.4,
    "THAI": 1.4,
    "LAO": 1.4,
    "KHMER": 1.6,
    "MYANMAR": 1.6,
    "DEVANAGARI": 1.5,
    "BENGALI": 1.5,
    "GURMUKHI": 1.5,
    "GUJARATI": 1.5,
    "TAMIL": 1.5,
    "TELUGU": 1.5,
    "KANNADA": 1.5,
    "MALAYALAM": 1.5,
    "SINHALA": 1.5,
}
"""Letters that one character of a script counts for; every other script, digit and mark is 1."""


def measure(text: str) -> float:
    """The length of a text in Latin letters; spaces and punctuation count as one each."""
    return len(text) if text.isascii() else sum(map(_units, text))


@lru_cache(maxsize=4096)
def _units(character: str) -> float:
    # A combining mark is spoken together with its letter.
    if unicodedata.category(character)[0] == "M":
        return 0.0
    # A character's Unicode name begins with its script: "HIRAGANA LETTER A".
    return UNITS.get(unicodedata.name(character, "").split(" ")[0], 1.0)


def letters_per_s(reference: Reference, spoken: str) -> float:
    """The reference's pace, held within PACE; `spoken` is its transcript as F5 reads it."""
    seconds = len(reference.clip) / F5_SAMPLE_RATE
    return min(PACE[1], max(PACE[0], measure(spoken) / seconds))


def frames(text: str, letters_a_s: float, speed: float) -> int:
    """How many frames a chunk gets, at `speed` times the pace `letters_a_s`; at least one."""
    return max(1, round(seconds(measure(text), letters_a_s, speed) * FRAMES_PER_S))


def seconds(letters: float, letters_a_s: float, speed: float) -> float:
    """How long so many letters take, in seconds; more letters never take less."""
    start, end = SHORT_LINE
    extra_s = SHORT_LINE_S * min(1.0, max(0.0, (end - letters) / (end - start)))
    return (letters / letters_a_s + extra_s) / speed


def max_letters(reference: Reference, letters_a_s: float, speed: float) -> float:
    """The longest chunk in letters: what fits beside the reference into MAX_CHUNK_S.

    letters_a_s: the reference's pace.
    speed: multiple of that pace that the chunk is spoken at.
    """
    room_s = MAX_CHUNK_S - len(reference.clip) / F5_SAMPLE_RATE
    # `seconds` never falls with more letters, so a binary search finds the limit.
    fitting = bisect_right(
        range(MAX_CHUNK_LETTERS), room_s, key=lambda letters: seconds(letters, letters_a_s, speed)
    )
    return max(MIN_CHUNK_LETTERS, fitting - 1)

"""Where a long clip can be cut, and how much of its transcript the cut part holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import regex

from tts.audio.levels import FRAME_S
from tts.speech import RecognizedWord, Samples
from tts.text.script import TextRejected, read_script
from tts.voices.clip import EDGE_S
from unicode_sets import SYLLABIC, UNSPACED

MAX_EXCERPT_S = 12.0
# Below it a reference is thin; F5-TTS is at its best with 7 to 9 s.
SHORT_S = 6.0
IDEAL_S = 8.0
MIN_EXCERPT_S = 2.0
# The closure of a stop consonant is shorter.
MIN_PAUSE_S = 0.2
LONG_PAUSE_S = 0.5
SILENCE_DB = -45.0
LOUDEST_NOISE_DB = -32.0
MIN_SIMILARITY = 0.6
# Words that the transcript may have beyond those that were heard.
MARGIN = 8
_UNSPACED = regex.compile(f"[{UNSPACED}]")
# Each takes as long to say as about three letters.
_SYLLABLE = regex.compile(f"[{SYLLABIC}]")
LETTERS_PER_SYLLABLE = 3


@dataclass(frozen=True, slots=True)
class _Unit:
    """A spoken word, or a letter of an unspaced script; a cut after it is at `end`.

    None where the written word goes on: half of "1967" has no transcript.
    """

    spoken: str
    end: int | None


def pause_cuts(clip: Samples, sample_rate: int) -> list[float]:
    """Where to cut, in seconds: just after the sound before each pause, the best one first.

    The longest from SHORT_S to MAX_EXCERPT_S, then the longest before SHORT_S; among those as long
    to a tenth of a second, or over LONG_PAUSE_S, the nearest to IDEAL_S.
    """
    found: list[tuple[bool, float, float, float]] = []
    run = 0
    quiet = _quiet(_levels(clip, sample_rate))
    for index, still in enumerate([*quiet.tolist(), False]):
        if still:
            run += 1
            continue
        start = (index - run) * FRAME_S
        if run >= round(MIN_PAUSE_S / FRAME_S) and MIN_EXCERPT_S <= start <= MAX_EXCERPT_S - EDGE_S:
            length = min(round(run * FRAME_S, 1), LONG_PAUSE_S)
            found.append((start < SHORT_S, -length, abs(start - IDEAL_S), start + EDGE_S))
        run = 0
    return [place for *_, place in sorted(found)]


def word_gap_cuts(clip: Samples, sample_rate: int, words: Sequence[RecognizedWord]) -> list[float]:
    """Where to cut between two heard words, in seconds, the quietest place first.

    Each is the quietest 10 ms from just before the end of a word to just after the next begins.
    """
    levels = _levels(clip, sample_rate)
    slack = round(EDGE_S / FRAME_S)
    found: list[tuple[float, float]] = []
    for word, following in pairwise(words):
        end_s, next_start_s = word.end_ms / 1000, following.start_ms / 1000
        if SHORT_S <= end_s <= MAX_EXCERPT_S - 2 * EDGE_S:
            first = round(end_s / FRAME_S) - slack
            last = min(round(next_start_s / FRAME_S), round(end_s / FRAME_S)) + slack
            frame = first + int(np.argmin(levels[first : last + 1]))
            found.append((float(levels[frame]), (frame + 0.5) * FRAME_S))
    return [place for _, place in sorted(found)]


def transcript_prefix(text: str, heard: str, language: str) -> str | None:
    """The part of a transcript that was heard, when it begins like it and its end is certain.

    The end is certain when the last two words that were heard are the last two of that part.
    """
    written, said = _units(text, language), _units(heard, language)
    written = written[: len(said) + len(said) // 2 + MARGIN]
    matcher = SequenceMatcher(
        None, [unit.spoken for unit in said], [unit.spoken for unit in written], autojunk=False
    )
    *blocks, _ = matcher.get_matching_blocks()
    if not blocks or blocks[-1].a + blocks[-1].size < len(said):
        return None
    count = blocks[-1].b + blocks[-1].size
    alike = sum(block.size for block in blocks) / max(len(said), count)
    if blocks[-1].size < min(2, len(said)) or alike < MIN_SIMILARITY:
        return None
    end = written[count - 1].end
    return None if end is None else text[:end].strip()


def spoken_letters(text: str, language: str) -> int:
    """How many letters are spoken for a text, LETTERS_PER_SYLLABLE for a character that is one."""
    try:
        tokens = read_script(text, language).tokens
    except TextRejected:
        return 0
    spoken = "".join(token.spoken for token in tokens)
    syllables = len(_SYLLABLE.findall(spoken))
    return sum(map(str.isalpha, spoken)) + (LETTERS_PER_SYLLABLE - 1) * syllables


def _levels(clip: Samples, sample_rate: int) -> npt.NDArray[np.float32]:
    """RMS of each whole 10 ms frame, shape (frames,)."""
    size = round(FRAME_S * sample_rate)
    frames = clip[: len(clip) // size * size].reshape(-1, size)
    levels: npt.NDArray[np.float32] = np.sqrt(np.mean(np.square(frames), axis=1))
    return levels


def _quiet(levels: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """Which frames are silence or, in a noisy clip, no louder than twice its noise."""
    noise = 2 * float(np.percentile(levels, 10))
    lowest, highest = (10 ** (db / 20) for db in (SILENCE_DB, LOUDEST_NOISE_DB))
    loudest = float(levels.max())
    quiet: npt.NDArray[np.bool_] = levels <= np.clip(noise, lowest * loudest, highest * loudest)
    return quiet


def _units(text: str, language: str) -> list[_Unit]:
    """What is compared: spoken words in lower case, letters where a script has no spaces."""
    try:
        script = read_script(text, language)
    except TextRejected:
        return []
    spoken: list[list[str]] = [[] for _ in script.words]
    for token in script.tokens:
        spoken[token.word].append(token.spoken.lower())
    units: list[_Unit] = []
    for word, parts in zip(script.words, spoken, strict=True):
        if _UNSPACED.search(word.text):
            at = [word.char_start + i for i, letter in enumerate(word.text) if letter.isalnum()]
            ends = [*at[1:], word.char_end]
            units += [_Unit(text[i].lower(), end) for i, end in zip(at, ends, strict=True)]
        else:
            units += [_Unit(part, None) for part in parts[:-1]]
            units += [_Unit(part, word.char_end) for part in parts[-1:]]
    return units

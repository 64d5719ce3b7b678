"""Where to cut a long clip, and how much of its transcript belongs to the part before the cut."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import regex

from tts.audio.levels import EDGE_S, FRAME_S, SILENCE_DB, frame_levels
from tts.speech import RecognizedWord, Samples
from tts.text.script import TextRejected, read_script
from unicode_sets import SYLLABIC, UNSPACED

MAX_EXCERPT_S = 12.0
"""Reference and chunk share the 22 s of F5-TTS: a longer reference makes the chunks shorter."""

SHORT_S = 6.0
"""A shorter reference gives a thin voice. F5-TTS is at its best with 7 to 9 s."""

IDEAL_S = 8.0
"""The middle of those 7 to 9 s."""

MIN_EXCERPT_S = 2.0
MIN_PAUSE_S = 0.2
"""Longer than the closure of a stop consonant, which is silent too."""

LONG_PAUSE_S = 0.5
"""Pauses of at least this length are equally good to cut at."""

MAX_NOISE_DB = -32.0
"""Relative to the loudest frame: the level below which a frame is quiet lies between SILENCE_DB and
this."""

MIN_SIMILARITY = 0.6
"""The share of words that a transcript and Whisper's must have in common, in the same order."""

MAX_EXTRA_WORDS = 8
"""A transcript may have so many words beyond 1.5 times those of Whisper's transcript."""

_UNSPACED = regex.compile(f"[{UNSPACED}]")
_SYLLABLE = regex.compile(f"[{SYLLABIC}]")
LETTERS_PER_SYLLABLE = 3
"""A character that is a syllable takes as long to say as about three Latin letters."""


@dataclass(frozen=True, slots=True)
class _ComparedWord:
    """A spoken word, or a letter of an unspaced script.

    `end` is where the transcript can be cut after it: an index into the text, or None within a
    written word (half of "1967" has no transcript).
    """

    spoken: str
    end: int | None


def pause_cuts(samples: Samples, sample_rate: int) -> list[float]:
    """Where to cut at a pause, in seconds, the best cut first. A cut is EDGE_S into its pause.

    Cuts between SHORT_S and MAX_EXCERPT_S come first, then those before SHORT_S; among them the
    longest pause, to a tenth of a second and up to LONG_PAUSE_S; among equals the cut nearest to
    IDEAL_S.
    """
    cuts: list[tuple[bool, float, float, float]] = []
    run = 0
    is_quiet = _quiet_frames(frame_levels(samples, sample_rate))
    # The last value ends a run of quiet frames that reaches the end of the clip.
    for index, quiet in enumerate([*is_quiet.tolist(), False]):
        if quiet:
            run += 1
            continue
        start = (index - run) * FRAME_S
        if run >= round(MIN_PAUSE_S / FRAME_S) and MIN_EXCERPT_S <= start <= MAX_EXCERPT_S - EDGE_S:
            length = min(round(run * FRAME_S, 1), LONG_PAUSE_S)
            cuts.append((start < SHORT_S, -length, abs(start - IDEAL_S), start + EDGE_S))
        run = 0
    return [cut_s for *_, cut_s in sorted(cuts)]


def word_gap_cuts(
    samples: Samples, sample_rate: int, words: Sequence[RecognizedWord]
) -> list[float]:
    """Where to cut between two recognised words, in seconds, the quietest place first.

    Each cut is in the quietest 10 ms within EDGE_S of the end of a word: a recogniser's times are
    not exact.
    """
    levels = frame_levels(samples, sample_rate)
    slack = round(EDGE_S / FRAME_S)
    cuts: list[tuple[float, float]] = []
    for word, following in pairwise(words):
        end_s, next_start_s = word.end_ms / 1000, following.start_ms / 1000
        if SHORT_S <= end_s <= MAX_EXCERPT_S - 2 * EDGE_S:
            first = round(end_s / FRAME_S) - slack
            last = min(round(next_start_s / FRAME_S), round(end_s / FRAME_S)) + slack
            frame = first + int(np.argmin(levels[first : last + 1]))
            cuts.append((float(levels[frame]), (frame + 0.5) * FRAME_S))
    return [cut_s for _, cut_s in sorted(cuts)]


def transcript_prefix(text: str, recognized: str, language: str) -> str | None:
    """The part of a transcript that belongs to the beginning of a clip; None if it is uncertain.

    text: the transcript of the whole clip.
    recognized: what Whisper wrote of the beginning.
    language: the tag of the language of both.

    The two must be alike from the start, and the last two words of `recognized` must be the last
    two of the part.
    """
    spoken = _compared_words(recognized, language)
    # A longer list could only be less similar, and the comparison takes time with both lengths.
    written = _compared_words(text, language)[: len(spoken) + len(spoken) // 2 + MAX_EXTRA_WORDS]
    # By default difflib ignores frequent words in a list of 200 or more (`autojunk`).
    matcher = SequenceMatcher(
        None, [word.spoken for word in spoken], [word.spoken for word in written], autojunk=False
    )
    *blocks, _ = matcher.get_matching_blocks()
    if not blocks or blocks[-1].a + blocks[-1].size < len(spoken):
        return None
    count = blocks[-1].b + blocks[-1].size
    similarity = sum(block.size for block in blocks) / max(len(spoken), count)
    if blocks[-1].size < min(2, len(spoken)) or similarity < MIN_SIMILARITY:
        return None
    end = written[count - 1].end
    return None if end is None else text[:end].strip()


def spoken_letters(text: str, language: str) -> int:
    """How many letters are spoken for a text; a character that is a syllable counts as
    LETTERS_PER_SYLLABLE."""
    try:
        tokens = read_script(text, language).tokens
    except TextRejected:
        return 0
    spoken = "".join(token.spoken for token in tokens)
    syllables = len(_SYLLABLE.findall(spoken))
    return sum(map(str.isalpha, spoken)) + (LETTERS_PER_SYLLABLE - 1) * syllables


def _quiet_frames(levels: npt.NDArray[np.float32]) -> npt.NDArray[np.bool_]:
    """Which frames are silence or, in a noisy clip, no louder than twice its noise."""
    noise = 2 * float(np.percentile(levels, 10))
    lowest, highest = (10 ** (db / 20) for db in (SILENCE_DB, MAX_NOISE_DB))
    loudest = float(levels.max())
    quiet: npt.NDArray[np.bool_] = levels <= np.clip(noise, lowest * loudest, highest * loudest)
    return quiet


def _compared_words(text: str, language: str) -> list[_ComparedWord]:
    """The spoken words of a text in lower case; single letters where a script has no spaces."""
    try:
        script = read_script(text, language)
    except TextRejected:
        return []
    spoken: list[list[str]] = [[] for _ in script.words]
    for token in script.tokens:
        spoken[token.word].append(token.spoken.lower())
    compared: list[_ComparedWord] = []
    for word, parts in zip(script.words, spoken, strict=True):
        if _UNSPACED.search(word.text):
            starts = [word.char_start + i for i, char in enumerate(word.text) if char.isalnum()]
            ends = [*starts[1:], word.char_end]
            compared += [
                _ComparedWord(text[start].lower(), end)
                for start, end in zip(starts, ends, strict=True)
            ]
        else:
            compared += [_ComparedWord(part, None) for part in parts[:-1]]
            compared += [_ComparedWord(part, word.char_end) for part in parts[-1:]]
    return compared

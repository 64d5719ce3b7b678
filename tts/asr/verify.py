"""Verification of takes: Whisper transcribes them, and chunks that differ from the script are
spoken again."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

import regex
from pydantic import BaseModel, ConfigDict

from tts.engine import Take
from tts.languages import base_language
from tts.speech import Chunk, Pcm16, Samples, Script
from tts.text import numbers
from tts.text.lexicon import Pronunciations
from tts.text.script import TextRejected, read_script
from tts.text.tags import TagRejected
from unicode_sets import UNSPACED

DECIMALS = "0123456789"
NUMERALS = "零〇一二三四五六七八九十百千万亿萬億两兩"
# A character of a script without spaces is compared as a word of others is.
_PIECE = regex.compile(rf"[{DECIMALS}{NUMERALS}]+|[{UNSPACED}]|[^0-9{UNSPACED}]+")
# The digits of a telephone or order number, which recognisers group as they like.
_CODE = re.compile(r"\(?[0-9](?:[0-9 ().-]*[0-9])?")
_MIN_CODE_DIGITS, _MAX_CODES = 3, 20

MAX_LENGTH_ERROR = 0.1
"""A transcript has the expected length if its letters differ by no more than this share from those
of the script."""

Transcribe = Callable[[int, Samples], str | None]
"""Gives the transcript of a take of the chunk with that index; None if the recogniser fails."""

Heard = Callable[["ChunkQuality"], None]
"""Gets how each take was heard; `tries` is its number, counted from 1."""

Retake = Callable[[Sequence[Take]], dict[int, Pcm16]]
"""Speaks some takes, at most one a chunk; gives them by the chunk's index."""


class ChunkQuality(BaseModel):
    """How well a recogniser understands a chunk.

    chunk: its index in the script.
    tries: how many takes of it were transcribed.
    word_error_rate: of the best take: words that are missing, added or different, per word of the
        script. In scripts without spaces each character is a word.
    heard: the transcript of the best take.
    """

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    chunk: int
    tries: int
    word_error_rate: float
    heard: str


class Score(NamedTuple):
    """The quality of one take, and whether its transcript has the expected length."""

    quality: ChunkQuality
    has_expected_length: bool


class _Comparison(NamedTuple):
    """Two readings word by word, and how many words differ."""

    errors: int
    expected: Sequence[str]
    heard: Sequence[str]

    @property
    def error_rate(self) -> float:
        return self.errors / len(self.expected)


@dataclass(frozen=True)
class RoundTripScorer:
    """Scores the takes of a script's chunks by their transcripts.

    script, chunks: what the takes speak.
    language: the tag of the script's language.
    pronunciations: those of the job, as tts.text.script takes them.
    for_all_jobs: those of the operator.

    Script and transcript are each read in several ways, and the pair with the fewest errors
    counts. Pronunciations apply or not: the voice says "engine X", and Whisper writes "nginx" or
    "engine X". Numbers are read or not: a script that was not normalized has "$5". Digits are read
    one by one or as a number: Whisper writes 555-1234 as 5551234.
    """

    script: Script
    chunks: Sequence[Chunk]
    language: str = "en"
    pronunciations: Pronunciations = field(default_factory=dict)
    for_all_jobs: Pronunciations = field(default_factory=dict)

    def score(self, take: Take, transcript: str) -> Score:
        """Compare a take's transcript with the chunk that it speaks."""
        nearest = self._compare(self.chunks[take.chunk], transcript)
        expected_letters = sum(map(len, nearest.expected))
        heard_letters = sum(map(len, nearest.heard))
        quality = ChunkQuality(
            chunk=take.chunk,
            tries=take.number + 1,
            word_error_rate=round(nearest.error_rate, 3),
            heard=transcript,
        )
        difference = abs(heard_letters - expected_letters)
        return Score(quality, difference <= MAX_LENGTH_ERROR * expected_letters)

    def _compare(self, chunk: Chunk, transcript: str) -> _Comparison:
        words = self.script.words
        first, last = words[chunk.tokens[0].word], words[chunk.tokens[-1].word]
        written = self.script.text[first.char_start : last.char_end]
        language = chunk.language or self.language
        heard_codes = _codes(transcript)
        shared_codes = _codes(written, " ") & heard_codes
        expected = [
            normalize_words((token.spoken for token in chunk.tokens), language),
            self._read(written, language, {}, {}),
            self._read(_separate_digits(written, shared_codes), language, {}, {}),
        ]
        nearest = self._nearest(expected, transcript, language)
        # Digits that the script has too are separated first; then other codes, one after the
        # other, each only if that makes fewer errors.
        separated: set[str] = set()
        for codes in [shared_codes, *({code} for code in sorted(heard_codes)[:_MAX_CODES])]:
            if not nearest.errors:
                break
            text = _separate_digits(transcript, separated | codes)
            comparison = self._nearest(expected, text, language)
            if comparison.errors < nearest.errors:
                nearest, separated = comparison, separated | codes
        return nearest

    def _nearest(
        self, expected: Sequence[Sequence[str]], transcript: str, language: str
    ) -> _Comparison:
        """The comparison with the lowest error rate."""
        heard = [
            self._read(transcript, language, self.pronunciations, self.for_all_jobs),
            self._read(transcript, language, {}, {}),
        ]
        comparisons = [
            _Comparison(_edit_distance(one, other), one, other)
            for one, other in product(expected, heard)
            if one
        ]
        return min(comparisons, key=lambda comparison: comparison.error_rate)

    def _read(
        self,
        text: str,
        language: str,
        pronunciations: Pronunciations,
        for_all_jobs: Pronunciations,
    ) -> list[str]:
        """The words that are spoken for a text; none if nothing in it can be spoken."""
        try:
            script = read_script(text, language, True, pronunciations, for_all_jobs)
        except (TextRejected, TagRejected):
            return []
        return normalize_words((token.spoken for token in script.tokens), language)


def verify_takes(
    takes: dict[int, Pcm16],
    scorer: RoundTripScorer,
    transcribe: Transcribe,
    retake: Retake,
    *,
    max_tries: int,
    on_chunk: Callable[[int], None],
    on_heard: Heard = lambda quality: None,
) -> list[ChunkQuality]:
    """Speak chunks again until a recogniser understands them; gives the quality of each chunk.

    takes: the first take of each chunk, by its index. A better take replaces it in place, so that
        the worse one's memory is free at once.
    scorer: compares transcripts with the script.
    transcribe: the recogniser.
    retake: the engine.
    max_tries: how many takes a chunk may have, the first one included.
    on_chunk: called with the number of chunks that are done, each time one is.
    on_heard: called for each take that the recogniser heard.

    A chunk is done if a take of it has no word errors, or if two takes of it have the same
    transcript, of the expected length: then the recogniser is taken to misspell a word, for
    example a name. The others are spoken again, all in one call of `retake`. A take that the
    recogniser fails on has no quality and is not spoken again.
    """
    best: dict[int, ChunkQuality] = {}
    earlier_letters: dict[int, set[str]] = {index: set() for index in takes}
    done, current = 0, dict(takes)
    for number in range(max_tries):
        to_retake: list[Take] = []
        for index in sorted(current):
            transcript = transcribe(index, current[index][:])
            is_done = transcript is None or number + 1 == max_tries
            if transcript is not None:
                quality, has_expected_length = scorer.score(Take(index, number), transcript)
                on_heard(quality)
                if index not in best or quality.word_error_rate < best[index].word_error_rate:
                    best[index], takes[index] = quality, current[index]
                best[index] = best[index].model_copy(update={"tries": number + 1})
                letters = "".join(filter(str.isalnum, transcript.casefold()))
                is_repeated = has_expected_length and letters in earlier_letters[index]
                is_done = is_done or is_repeated or not quality.word_error_rate
                earlier_letters[index].add(letters)
            if is_done:
                done += 1
                on_chunk(done)
            else:
                to_retake.append(Take(index, number + 1))
        current = retake(to_retake) if to_retake else {}
    return [best[index] for index in sorted(best)]


def _codes(text: str, separators: str = " ().-") -> set[str]:
    """The codes in a text, digits only: telephone numbers, order numbers and the like.

    separators: the characters that may stand between the digits of a code.
    """
    matches = (match[0] for match in _CODE.finditer(text))
    allowed = {*DECIMALS, *separators}
    codes = {"".join(filter(str.isdecimal, match)) for match in matches if not set(match) - allowed}
    return {code for code in codes if len(code) >= _MIN_CODE_DIGITS}


def _separate_digits(text: str, codes: Collection[str]) -> str:
    """A text with spaces between the digits of those codes: BA2490 becomes BA 2 4 9 0."""

    def separate(match: re.Match[str]) -> str:
        code = "".join(filter(str.isdecimal, match[0]))
        return f" {' '.join(code)} " if code in codes else match[0]

    return _CODE.sub(separate, text) if codes else text


def normalize_words(words: Iterable[str], language: str) -> list[str]:
    """Words as they are compared: letters and numbers in lower case, numbers as words.

    language: the tag of the language of the words.

    A character of a script without spaces is a word. Chinese and Japanese numbers become digits.
    """
    language = base_language(language)
    normalized: list[str] = []
    for word in words:
        letters = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", word).casefold()))
        for piece in _PIECE.findall(letters):
            if language in ("zh", "ja"):
                is_number = piece[0] in f"{DECIMALS}{NUMERALS}"
                normalized.append(_to_digits(piece) if is_number else piece)
            elif piece.isdecimal():
                normalized += numbers.in_language(piece, language) or [piece]
            else:
                normalized.append(piece)
    return _by_digits(normalized) if language == "en" else normalized


def _by_digits(words: list[str]) -> list[str]:
    """English words with "zero" for "oh", and "zero zero" for the "hundred" of a phone number."""
    digits = {*numbers.DIGITS, "zero"}
    padded = ["", "", *words, "", ""]
    result: list[str] = []
    for before_previous, previous, word, following, after_following in zip(
        padded, padded[1:], words, padded[3:], padded[4:], strict=False
    ):
        # "eight hundred" is part of a code if more digits stand before it or after it.
        is_code = previous in digits and (
            before_previous in digits or {following, after_following} <= digits
        )
        parts = ["zero", "zero"] if word == "hundred" and is_code else [word]
        result += ["zero" if part == "oh" else part for part in parts]
    return result


def _to_digits(numeral: str) -> str:
    """A Chinese or Japanese number in digits: 二十一 is 21, 二〇二六 is 2026."""
    total = section = digit = 0
    for character in numeral:
        value = 2 if character == "两" else int(unicodedata.numeric(character))
        if value < 10:
            digit = 10 * digit + value
        elif value < 10_000:
            section += max(1, digit) * value
            digit = 0
        else:
            # 亿 (100 million) multiplies all that stands before it, 万 (10 000) only its section.
            before = total if value > 10_000 else 0
            total += max(1, before + section + digit) * value - before
            section = digit = 0
    return str(total + section + digit)


def _edit_distance(expected: Sequence[str], heard: Sequence[str]) -> int:
    """How many words to change, add or remove; 0 if only spaces differ ("every day")."""
    if "".join(expected) == "".join(heard):
        return 0
    row = list(range(len(heard) + 1))
    for number, word in enumerate(expected, 1):
        next_row = [number]
        for column, other in enumerate(heard, 1):
            changed = row[column - 1] + (word != other)
            next_row.append(min(changed, row[column] + 1, next_row[-1] + 1))
        row = next_row
    return row[-1]

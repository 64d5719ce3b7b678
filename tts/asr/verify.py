"""Takes heard back: chunks whose words were lost, doubled or made up are spoken again."""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

import regex
from pydantic import BaseModel, ConfigDict

from tts.engine import Take
from tts.speech import Chunk, Pcm16, Samples, Script
from tts.text import numbers
from tts.text.script import TextRejected, read_script
from tts.text.tags import TagRejected
from unicode_sets import UNSPACED

DECIMALS = "0123456789"
NUMERALS = "零〇一二三四五六七八九十百千万亿萬億两兩"
# A character of a script without spaces is compared as a word of others is.
_PIECE = regex.compile(rf"[{DECIMALS}{NUMERALS}]+|[{UNSPACED}]|[^0-9{UNSPACED}]+")
# What a recogniser writes together or apart as it likes: a telephone's or an order's figures.
_CODE = re.compile(r"\(?[0-9](?:[0-9 ().-]*[0-9])?")
_MIN_CODE_DIGITS, _MAX_CODES = 3, 20
# Heard alike twice with about as many letters as were said, a word is the recogniser's to blame.
ALIKE = 0.1

Hear = Callable[[Samples], str | None]
"""What is said in a take, as a recogniser writes it down; None where it fails."""
Again = Callable[[Sequence[Take]], dict[int, Pcm16]]
"""Other takes of some chunks, by their index."""


class ChunkQuality(BaseModel):
    """How one chunk was heard: of its best take, after so many tries.

    `word_error_rate` counts words that are missing, added or others, per word of the script; in
    scripts without spaces each character is a word.
    """

    model_config = ConfigDict(frozen=True)

    chunk: int
    tries: int
    word_error_rate: float
    heard: str


class _Comparison(NamedTuple):
    """The nearest pair of readings: the word errors between what is said and what is heard."""

    errors: int
    said: Sequence[str]
    heard: Sequence[str]

    @property
    def rate(self) -> float:
        return self.errors / len(self.said)


@dataclass(frozen=True)
class RoundTripScorer:
    """Compares what is heard of a script's chunks with what they say.

    Each is read in two ways, of which the nearest pair counts: with the job's `pronunciations` and
    those `for_all_jobs` (the voice says "engine X", Whisper writes "nginx" or "engine X"), and as
    its text alone is read (without `normalize` the voice got "$5"). Figures that are heard count
    one by one where that is nearer: 555-1234 is 5551234 to a recogniser.
    """

    script: Script
    chunks: Sequence[Chunk]
    language: str = "en"
    pronunciations: Mapping[str, str] = field(default_factory=dict)
    for_all_jobs: Mapping[str, str] = field(default_factory=dict)

    def score(self, place: Take, text: str) -> tuple[ChunkQuality, bool]:
        """How a take was heard, and whether it has about as many letters as it should."""
        nearest = self._compared(self.chunks[place.chunk], text)
        letters, others = sum(map(len, nearest.said)), sum(map(len, nearest.heard))
        quality = ChunkQuality(
            chunk=place.chunk,
            tries=place.number + 1,
            word_error_rate=round(nearest.rate, 3),
            heard=text,
        )
        return quality, abs(others - letters) <= ALIKE * letters

    def _compared(self, chunk: Chunk, text: str) -> _Comparison:
        words = self.script.words
        first, last = words[chunk.tokens[0].word], words[chunk.tokens[-1].word]
        written = self.script.text[first.char_start : last.char_end]
        codes = _codes(text)
        same = _codes(written, " ") & codes
        said = [
            _plain((token.spoken for token in chunk.tokens), self.language),
            self._read(written, {}, {}),
            self._read(_one_by_one(written, same), {}, {}),
        ]
        nearest = self._nearest(said, text)
        parted: set[str] = set()
        for more in [same, *({code} for code in sorted(codes)[:_MAX_CODES])]:
            if not nearest.errors:
                break
            found = self._nearest(said, _one_by_one(text, parted | more))
            if found.errors < nearest.errors:
                nearest, parted = found, parted | more
        return nearest

    def _nearest(self, said: Sequence[Sequence[str]], text: str) -> _Comparison:
        heard = [
            self._read(text, self.pronunciations, self.for_all_jobs),
            self._read(text, {}, {}),
        ]
        pairs = [
            _Comparison(_errors(one, another), one, another)
            for one, another in product(said, heard)
            if one
        ]
        return min(pairs, key=lambda pair: pair.rate)

    def _read(self, text: str, own: Mapping[str, str], for_all: Mapping[str, str]) -> list[str]:
        try:
            script = read_script(text, self.language, True, own, for_all)
        except (TextRejected, TagRejected):
            return []
        return _plain((token.spoken for token in script.tokens), self.language)


def verify_takes(
    takes: dict[int, Pcm16],
    judge: RoundTripScorer,
    hear: Hear,
    again: Again,
    tries: int,
    on_chunk: Callable[[int], None],
) -> list[ChunkQuality]:
    """How each chunk was heard, its best take of `tries` at most put in its place in `takes`.

    A chunk is done when all its words are heard, or when two takes of it are heard alike and no
    shorter or longer than they should: then it is the recogniser that knows a word otherwise. The
    others are spoken again, all in one go; `on_chunk` hears how many are done. A take that the
    recogniser fails on is not judged, nor spoken again.
    """
    best: dict[int, ChunkQuality] = {}
    known: dict[int, set[str]] = {index: set() for index in takes}
    done, found = 0, dict(takes)
    for number in range(tries):
        left: list[Take] = []
        for index in sorted(found):
            place = Take(index, number)
            text = hear(found[index][:])
            ends = text is None or number + 1 == tries
            if text is not None:
                quality, whole = judge.score(place, text)
                if index not in best or quality.word_error_rate < best[index].word_error_rate:
                    best[index], takes[index] = quality, found[index]
                best[index] = best[index].model_copy(update={"tries": number + 1})
                letters = "".join(filter(str.isalnum, text.casefold()))
                alike = whole and letters in known[index]
                ends = ends or alike or not quality.word_error_rate
                known[index].add(letters)
            if ends:
                done += 1
                on_chunk(done)
            else:
                left.append(Take(index, number + 1))
        found = again(left) if left else {}
    return [best[index] for index in sorted(best)]


def _codes(text: str, joints: str = " ().-") -> set[str]:
    """The figures of each run in a text that may be said one by one, without what parts them."""
    runs = (match[0] for match in _CODE.finditer(text) if not set(match[0]) - {*DECIMALS, *joints})
    codes = {"".join(filter(str.isdecimal, run)) for run in runs}
    return {code for code in codes if len(code) >= _MIN_CODE_DIGITS}


def _one_by_one(text: str, codes: Collection[str]) -> str:
    """A text in which such figures stand apart: BA2490 -> BA 2 4 9 0."""

    def parted(match: re.Match[str]) -> str:
        code = "".join(filter(str.isdecimal, match[0]))
        return f" {' '.join(code)} " if code in codes else match[0]

    return _CODE.sub(parted, text) if codes else text


def _plain(words: Iterable[str], language: str) -> list[str]:
    """Words as they are compared: letters and numbers, in lower case."""
    found: list[str] = []
    for word in words:
        bare = "".join(filter(str.isalnum, unicodedata.normalize("NFKC", word).casefold()))
        for piece in _PIECE.findall(bare):
            if language in ("zh", "ja"):
                found.append(_figures(piece) if piece[0] in f"{DECIMALS}{NUMERALS}" else piece)
            elif piece.isdecimal():
                found += numbers.in_language(piece, language) or [piece]
            else:
                found.append(piece)
    return _by_digits(found) if language == "en" else found


def _by_digits(words: list[str]) -> list[str]:
    """English with "oh" as zero, and the eight hundred of a telephone number by its figures."""
    names = {*numbers.DIGITS, "zero"}
    around = ["", "", *words, "", ""]
    found: list[str] = []
    for earlier, before, word, after, beyond in zip(
        around, around[1:], words, around[3:], around[4:], strict=False
    ):
        is_code = before in names and (earlier in names or {after, beyond} <= names)
        said = ["zero", "zero"] if word == "hundred" and is_code else [word]
        found += ["zero" if part == "oh" else part for part in said]
    return found


def _figures(numeral: str) -> str:
    """A Chinese or Japanese number in figures: 二十一, 21; 二〇二六, 2026."""
    total = section = digit = 0
    for character in numeral:
        value = 2 if character == "两" else int(unicodedata.numeric(character))
        if value < 10:
            digit = 10 * digit + value
        elif value < 10_000:
            section += max(1, digit) * value
            digit = 0
        else:
            before = total if value > 10_000 else 0
            total += max(1, before + section + digit) * value - before
            section = digit = 0
    return str(total + section + digit)


def _errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """Words to change, add or remove; none where only the spaces differ ("every day")."""
    if "".join(said) == "".join(heard):
        return 0
    before = list(range(len(heard) + 1))
    for row, word in enumerate(said, 1):
        now = [row]
        for column, other in enumerate(heard, 1):
            changed = before[column - 1] + (word != other)
            now.append(min(changed, before[column] + 1, now[-1] + 1))
        before = now
    return before[-1]

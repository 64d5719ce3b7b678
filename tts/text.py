"""The front end: a script as written becomes words, and the spoken tokens that stand for them.

It is a map, not a string: every written word keeps the spoken words it became, so subtitles show
the written form while the voice and the aligner get the spoken one.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from errors import WorkerError
from tts import english, numbers, tags
from tts.runs import runs
from tts.speech import Mark, Script, Token, Word

OPENING = "\"'“”„‘’«‹([{<*_~`¿¡|"
CLOSING = "\"'“”‘’»›)]}>*_~`|"
PAUSES = {"…": ",", "...": ",", "—": ",", "–": ",", "。": ".", "、": ",", "，": ",", "！": "!"}
PAUSES |= {"？": "?", "；": ";", "：": ":", "؟": "?", "،": ","}
# Longer than any word; scripts without spaces come as one word a sentence.
LONGEST_TOKEN = 40
# Joiners that F5's and Piper's vocabularies lack, and that would make equal words differ.
INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200e\u200f\u2060\ufeff"))


class TextRejected(WorkerError):
    """A script in which there is nothing to say."""

    code: ClassVar[str] = "text_rejected"

    def __init__(self, text: str) -> None:
        shown = text.strip()[:40]
        super().__init__(
            f"there is nothing to speak in {shown!r}; send words or numbers, not only symbols"
        )


@dataclass(frozen=True)
class _Piece:
    """A word's inside, without quotes and brackets, and where it starts in the script."""

    text: str
    start: int


def read_script(
    text: str,
    language: str = "en",
    normalize: bool = True,
    pronunciations: Mapping[str, str] | None = None,
) -> Script:
    """Split a text into words and spell out each one for the voice.

    `language` is ISO 639-1: English in full, elsewhere integers and decimals. `normalize=False`
    passes the words through with only their outer punctuation removed. `pronunciations` maps a
    whole written word, with or without its final punctuation, to what is said for it; a key in
    lower case matches any case. Tags (tts.tags) become the script's marks and are not in its text.
    Raises TextRejected when no word is speakable, and TagRejected.
    """
    written = text
    text, found = tags.parted(text)
    words = tuple(
        Word(match.group(), match.start(), match.end()) for match in re.finditer(r"\S+", text)
    )
    pieces = [_inside(word) for word in words]
    spoken = _spell([piece.text for piece in pieces], language, normalize, pronunciations or {})
    tokens: list[Token] = []
    around = ["", *(piece.text for piece in pieces), ""]
    for index, (word, piece, parts) in enumerate(zip(words, pieces, spoken, strict=True)):
        pause = _pause(word, piece, text, (around[index], around[index + 2]))
        if not parts:
            _lengthen_pause(tokens, pause or _pause_of(word.text))
            continue
        if word.text[0] in "([{" and tokens:
            _lengthen_pause(tokens, ",")
        end = piece.start + len(piece.text)
        tokens += [Token(index, piece.start, end, part) for part in _speakable(parts)]
        _lengthen_pause(tokens, pause)
    if not tokens:
        raise TextRejected(written)
    starts = [word.char_start for word in words]
    marks = [Mark(bisect_left(starts, tag.char), tag.pause_ms, tag.voice) for tag in found]
    return Script(text, words, tuple(tokens), tuple(marks))


def _inside(word: Word) -> _Piece:
    """Strip what encloses a word; its own final punctuation stays for the abbreviations."""
    text = word.text
    start = len(text) - len(text.lstrip(OPENING))
    end = len(text.rstrip(CLOSING + english.FINAL))
    while end < len(text) and text[end] not in CLOSING:  # the comma of "1967)," is not the word's
        end += 1
    return _Piece(text[start:end], word.char_start + start)


def _spell(
    pieces: Sequence[str], language: str, normalize: bool, pronunciations: Mapping[str, str]
) -> list[list[str]]:
    """What is said for each piece, as lists of spoken words."""
    pieces = [unicodedata.normalize("NFC", piece).translate(INVISIBLE) for piece in pieces]
    if not normalize:
        spoken = [_as_written(piece) for piece in pieces]
    elif language == "en":
        spoken = english.spell(pieces)
    else:
        spoken = [_spell_foreign(piece, language) for piece in pieces]
    for index, piece in enumerate(pieces):
        said = _pronounced(piece, pronunciations)
        if said is not None:
            spoken[index] = _as_written(said)
    return spoken


def _pronounced(piece: str, pronunciations: Mapping[str, str]) -> str | None:
    """What a client wants said for a word: as written ("etc."), then without its punctuation."""
    for form in (piece, piece.rstrip(",;:!?…"), piece.rstrip(english.FINAL)):
        for key in (form, form.lower()):
            if key in pronunciations:
                return pronunciations[key]
    return None


def _speakable(parts: Sequence[str]) -> list[str]:
    """The parts, those over LONGEST_TOKEN cut: a voice's memory grows with a line's square."""
    return [
        part[start : start + LONGEST_TOKEN]
        for part in parts
        for start in range(0, len(part), LONGEST_TOKEN)
    ]


def _as_written(text: str) -> list[str]:
    """The words of a text with letters or digits in them, without outer punctuation."""
    parts = [part.strip(OPENING + CLOSING + english.FINAL) for part in text.split()]
    return [part.replace("’", "'") for part in parts if any(map(str.isalnum, part))]


def _spell_foreign(piece: str, language: str) -> list[str]:
    """Numbers in the language's own words where num2words knows it; letters as they are."""
    bare = piece.rstrip(english.FINAL)
    if re.fullmatch(r"-?\d+(?:[.,]\d+)?", bare):
        return numbers.in_language(bare, language) or [bare]
    return [run for run in runs(bare) if run[0].isalpha() or run[0].isdecimal()]


def _pause(word: Word, piece: _Piece, text: str, around: tuple[str, str]) -> str:
    """The punctuation that the voice hears after a word, or nothing."""
    gap = re.match(r"\s*", text[word.char_end :])
    paragraph = gap is not None and gap.group().count("\n") > 1
    is_last = gap is not None and word.char_end + gap.end() == len(text)
    pause = _pause_of(word.text)
    if pause == "." and not is_last and english.keeps_its_period(piece.text, *around):
        pause = ""
    if paragraph and pause not in (".", "!", "?"):
        pause = "."
    return pause


def _pause_of(word: str) -> str:
    """The pause that a word's final punctuation asks for."""
    bare = word.rstrip(CLOSING)
    for mark, pause in PAUSES.items():
        if bare.endswith(mark):
            return pause
    if bare[-1:] in tuple(",;:.!?"):
        return bare[-1]
    return "," if word[-1:] in tuple(")]}") or bare in ("-", "--") else ""


def _lengthen_pause(tokens: list[Token], pause: str) -> None:
    """Give the last token a pause, unless it has one already."""
    if tokens and pause and not tokens[-1].pause:
        last = tokens[-1]
        tokens[-1] = Token(last.word, last.char_start, last.char_end, last.spoken, pause)

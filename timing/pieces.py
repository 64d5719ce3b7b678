"""What a cue is made of: words, and of scripts without spaces, characters."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from timing.words import SHORTEST_MS, TimedWord

CASES = ("keep", "upper", "lower")
PUNCTUATIONS = ("keep", "strip")

_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # Japanese syllables
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"  # Chinese characters
)
_THAI_LEADING = "เแโใไເແໂໃໄ"
_NEVER_FIRST = "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶーゝゞヽヾ々ะาำๅๆະາຳໆ・…‥〜～"
_MARKS = (
    "\"'“”„‘’«»‹›()[]{}<>*_~`¿¡|.,;:!?…—–-‐―·。、，．：；！？「」『』（）【】《》〈〉〔〕〽・،؛؟।॥"
)


class Piece(NamedTuple):
    """Text that no break divides, and when it is spoken, whole ms.

    `glued` says that no space stands before it. `word` is the index of its (last) script word.
    """

    text: str
    start_ms: int
    end_ms: int
    word: int
    glued: bool


def pieces(
    words: Sequence[TimedWord],
    case: str = "keep",
    punctuation: str = "keep",
    language: str = "en",
) -> list[Piece]:
    """The words as cues show them, in order, each at least 20 ms long where there is room.

    `case` is one of CASES, `punctuation` one of PUNCTUATIONS: `strip` takes the marks at the ends
    of words away, and with them words that have nothing else. Pieces crammed into less than 20 ms
    become one: nobody would see them, and the centiseconds of ASS could make them empty.
    """
    shown: list[Piece] = []
    spaced = False
    for piece in (part for index, word in enumerate(words) for part in _parts(index, word)):
        spaced = spaced or not piece.glued
        text = _cased(piece.text, case, language)
        text = _stripped(text) if punctuation == "strip" else text
        if text:
            shown.append(piece._replace(text=text, glued=not spaced))
            spaced = False
    return _uncrammed(shown)


def join(line: Sequence[Piece]) -> str:
    """A line of pieces as text."""
    return "".join(
        piece.text if piece.glued or not index else f" {piece.text}"
        for index, piece in enumerate(line)
    )


def width(text: str) -> int:
    """How many columns a text takes: two for a wide character (Chinese), none for a mark."""
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def _parts(index: int, word: TimedWord) -> list[Piece]:
    """A word, or its characters with equal shares of its time where its script has no spaces."""
    texts = _characters(word.word)
    length = word.end_ms - word.start_ms
    edges = [word.start_ms + length * part // len(texts) for part in range(len(texts) + 1)]
    return [
        Piece(text, edges[part], edges[part + 1], index, part > 0)
        for part, text in enumerate(texts)
    ]


def _characters(word: str) -> list[str]:
    """A word cut where its script allows a break: not before a closing mark, a small syllable or
    a vowel sign, not after an opening mark, never inside a run of a script with spaces."""
    texts = [word[0]]
    for before, char in pairwise(word):
        breakable = _UNSPACED.match(before) or _UNSPACED.match(char)
        if not breakable or _clings(char) or _opens(before):
            # Marks between two characters stay with the one before them, as in 。」.
            texts[-1] += char
        else:
            texts.append(char)
    return texts


def _clings(char: str) -> bool:
    """Whether a character stays with the one before it."""
    closes = unicodedata.category(char) in {"Mn", "Mc", "Me", "Cf", "Po", "Pe", "Pf", "Pd"}
    return closes or char in _NEVER_FIRST


def _opens(char: str) -> bool:
    """Whether a character stays with the one after it."""
    return unicodedata.category(char) in {"Ps", "Pi"} or char in _THAI_LEADING or char == "\u200d"


def _cased(text: str, case: str, language: str) -> str:
    if case == "keep":
        return text
    turkish = language in {"tr", "az"}
    if case == "upper":
        return text.replace("i", "İ").upper() if turkish else text.upper()
    return text.replace("I", "ı").replace("İ", "i").lower() if turkish else text.lower()


def _stripped(text: str) -> str:
    """Without the marks at both ends; a number keeps its minus and its point."""
    bare = text.rstrip(_MARKS)
    kept = bare.lstrip(_MARKS)
    sign = bare[: len(bare) - len(kept)][-1:]
    return sign + kept if sign in ("-", ".") and kept[:1].isdecimal() else kept


def _uncrammed(given: Sequence[Piece]) -> list[Piece]:
    """Neighbours joined until every piece has 20 ms; the last joins the one before it."""
    merged: list[Piece] = []
    for piece in given:
        if merged and _length_ms(merged[-1]) < SHORTEST_MS:
            merged[-1] = _joined(merged[-1], piece)
        else:
            merged.append(piece)
    if len(merged) > 1 and _length_ms(merged[-1]) < SHORTEST_MS:
        last = merged.pop()
        merged[-1] = _joined(merged[-1], last)
    return merged


def _joined(first: Piece, second: Piece) -> Piece:
    return first._replace(text=join((first, second)), end_ms=second.end_ms, word=second.word)


def _length_ms(piece: Piece) -> int:
    return piece.end_ms - piece.start_ms

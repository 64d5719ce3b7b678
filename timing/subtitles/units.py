"""What a cue is made of: words, and of scripts without spaces, characters."""

import re
import unicodedata
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from typing import NamedTuple

from timing.token_times import MIN_WORD_MS
from timing.unspaced import characters
from timing.words import TimedWord

CASES = ("keep", "upper", "lower")
PUNCTUATIONS = ("keep", "strip")

_MARKS = (
    "\"'“”„‘’«»‹›()[]{}<>*_~`¿¡|.,;:!?…—–-‐―·。、，．：；！？「」『』（）【】《》〈〉〔〕〽・،؛؟।॥"
)

_SIGN, _AMOUNT = re.compile(r"(?<![-.])(?:-\.?|\.)$"), re.compile(r"[$£€¥]?\d")
"""What makes a number another one; dashes and dots of a sentence come in twos and threes."""
_OTHER_HALF = dict(zip("([{)]}", ")]}([{", strict=True))


class CueUnit(NamedTuple):
    """Text that no break divides, and when it is spoken, whole ms.

    `glued` says that no space stands before it. `word` is the index of its (last) script word.
    `written` is the text as the script has it, with marks after it that are not shown.
    """

    text: str
    start_ms: int
    end_ms: int
    word: int
    no_space_before: bool
    written: str


def cue_units(
    words: Sequence[TimedWord],
    case: str = "keep",
    punctuation: str = "keep",
    language: str = "en",
) -> list[CueUnit]:
    """The words as cues show them, in order, each at least 20 ms long where there is room.

    `case` is one of CASES, `punctuation` one of PUNCTUATIONS: `strip` takes the marks at the ends
    of words away, and with them words that have nothing else. Pieces crammed into less than 20 ms
    become one: nobody would see them, and the centiseconds of ASS could make them empty.
    """
    shown: list[CueUnit] = []
    spaced = False
    for piece in (part for index, word in enumerate(words) for part in _parts(index, word)):
        spaced = spaced or not piece.no_space_before
        text = _cased(piece.text, case, language)
        text = _stripped(text) if punctuation == "strip" else text
        if text:
            shown.append(piece._replace(text=text, no_space_before=not spaced))
            spaced = False
        elif shown:
            written = shown[-1].written + piece.text
            shown[-1] = shown[-1]._replace(written=written, word=piece.word)
    return _uncrammed(shown)


def join(line: Sequence[CueUnit]) -> str:
    """A line of pieces as text."""
    return "".join(
        piece.text if piece.no_space_before or not index else f" {piece.text}"
        for index, piece in enumerate(line)
    )


def width(text: str) -> int:
    """How many columns a text takes: two for a wide character (Chinese), none for a mark."""
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.category(char) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(char) in {"W", "F"} else 1


def _parts(index: int, word: TimedWord) -> list[CueUnit]:
    """A word, or its characters with their share of its time where its script has no spaces."""
    texts = characters(word.word)
    edges = _edges(word, texts) if len(texts) > 1 else [word.start_ms, word.end_ms]
    return [
        CueUnit(text, edges[part], edges[part + 1], index, part > 0 or word.glued, text)
        for part, text in enumerate(texts)
    ]


def _edges(word: TimedWord, texts: Sequence[str]) -> list[int]:
    """Where the parts of a word start, and where it ends: as an aligner placed the same letters,
    in equal shares where it has none."""
    known = {len(texts): word.end_ms}
    if word.characters:
        owners = [part for part, text in enumerate(texts) for _ in text.lower()]
        letters = [char for text in texts for char in text.lower()]
        placed = [letter.char for letter in word.characters]
        blocks = SequenceMatcher(None, letters, placed, autojunk=False).get_matching_blocks()
        for first, other, size in reversed(blocks):
            for step in reversed(range(size)):
                known[owners[first + step]] = int(word.characters[other + step].start_ms)
    known[0] = word.start_ms
    edges = [word.start_ms]
    for (first, start_ms), (end, end_ms) in pairwise(sorted(known.items())):
        steps = range(1, end - first + 1)
        edges += [start_ms + (end_ms - start_ms) * step // (end - first) for step in steps]
    return edges


def _cased(text: str, case: str, language: str) -> str:
    if case == "keep":
        return text
    turkish = language in {"tr", "az"}
    if case == "upper":
        return text.replace("i", "İ").upper() if turkish else text.upper()
    return text.replace("I", "ı").replace("İ", "i").lower() if turkish else text.lower()


def _stripped(text: str) -> str:
    """Without the marks at both ends; a number keeps its minus and point, `O(n)` its bracket."""
    bare = text.rstrip(_MARKS)
    kept = bare.lstrip(_MARKS)
    lead, after = bare[: len(bare) - len(kept)], text[len(bare) :][:1]
    sign = _SIGN.search(lead)
    if sign and _AMOUNT.match(kept):
        kept = sign[0] + kept
    elif _closes(lead[-1:], kept):
        kept = lead[-1:] + kept
    return kept + after if _closes(after, kept) else kept


def _closes(bracket: str, text: str) -> bool:
    """Whether a bracket is the other half of one in a text."""
    return bracket in _OTHER_HALF and text.count(_OTHER_HALF[bracket]) > text.count(bracket)


def _uncrammed(given: Sequence[CueUnit]) -> list[CueUnit]:
    """Neighbours joined until every piece has 20 ms; the last joins the one before it."""
    merged: list[CueUnit] = []
    for piece in given:
        if merged and _length_ms(merged[-1]) < MIN_WORD_MS:
            merged[-1] = _joined(merged[-1], piece)
        else:
            merged.append(piece)
    if len(merged) > 1 and _length_ms(merged[-1]) < MIN_WORD_MS:
        last = merged.pop()
        merged[-1] = _joined(merged[-1], last)
    return merged


def _joined(first: CueUnit, second: CueUnit) -> CueUnit:
    return first._replace(
        text=join((first, second)),
        end_ms=second.end_ms,
        word=second.word,
        written=first.written + ("" if second.no_space_before else " ") + second.written,
    )


def _length_ms(piece: CueUnit) -> int:
    return piece.end_ms - piece.start_ms

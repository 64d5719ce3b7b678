"""Where a script that is written without spaces may break."""

import re
import unicodedata
from itertools import pairwise

import regex

from unicode_sets import UNSPACED

_UNSPACED = regex.compile(f"[{UNSPACED}]")
_THAI_LEADING = "เแโใไເແໂໃໄ"


_NEVER_FIRST = (
    "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶーゝゞヽヾ々ะาำๅๆະາຳໆ・…‥〜～\uff9e\uff9f"
)


_STACKERS = "\u1039\u17d2"  # Burmese and Khmer: what follows stands below the letter before it


_ENDS_SYLLABLE = re.compile(".\u1037?\u103a")  # Burmese: a letter without a vowel of its own


def characters(word: str) -> list[str]:
    """A word cut where its script allows a break: not before a closing mark, a small syllable or
    a vowel sign, not after an opening mark, never inside a run of a script with spaces."""
    if word.isascii() or not _UNSPACED.search(word):
        return [word]
    texts = [word[0]]
    for index, (before, char) in enumerate(pairwise(word), 1):
        breakable = _UNSPACED.match(before) or _UNSPACED.match(char)
        clings = _clings(char) or _ENDS_SYLLABLE.match(word, index)
        if not breakable or clings or _opens(before):
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
    joins = char in _THAI_LEADING or char in _STACKERS or char == "\u200d"
    return joins or unicodedata.category(char) in {"Ps", "Pi"}

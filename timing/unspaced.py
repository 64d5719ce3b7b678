"""Where text in a script without spaces may break into parts."""

import re
import unicodedata
from itertools import pairwise

import regex

from unicode_sets import UNSPACED

_UNSPACED = regex.compile(f"[{UNSPACED}]")
_THAI_LEADING = "เแโใไເແໂໃໄ"
"""Thai and Lao vowels that are written before the consonant after which they are spoken."""

_NEVER_FIRST = (
    "ぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶーゝゞヽヾ々ะาำๅๆະາຳໆ・…‥〜～\uff9e\uff9f"
)
"""Small kana, vowel signs and repetition marks, which belong to the character before them."""

_STACKERS = "\u1039\u17d2"
"""Burmese and Khmer signs that put the next letter below the one before."""

_ENDS_SYLLABLE = re.compile(".\u1037?\u103a")
"""Burmese: a consonant without a vowel, which ends the syllable before it."""


def characters(word: str) -> list[str]:
    """Cut a word wherever its script allows a break; one part if its script has spaces.

    There is no break before a closing mark, an emoji, a small kana or a vowel sign, after an
    opening mark, or inside a run of letters of a script with spaces.
    """
    if word.isascii() or not _UNSPACED.search(word):
        return [word]
    parts = [word[0]]
    for index, (before, char) in enumerate(pairwise(word), 1):
        breakable = _UNSPACED.match(before) or _UNSPACED.match(char)
        belongs_to_previous = _belongs_to_previous(char) or _ENDS_SYLLABLE.match(word, index)
        if not breakable or belongs_to_previous or _belongs_to_next(before):
            # Marks between two characters stay with the one before them, as in 。」.
            parts[-1] += char
        else:
            parts.append(char)
    return parts


def _belongs_to_previous(char: str) -> bool:
    """Whether a character stays with the one before it."""
    category = unicodedata.category(char)
    # So and Sk are emoji and their colours of skin.
    closes = category in {"Mn", "Mc", "Me", "Cf", "Po", "Pe", "Pf", "Pd", "So", "Sk"}
    return closes or char in _NEVER_FIRST


def _belongs_to_next(char: str) -> bool:
    """Whether a character stays with the one after it."""
    joins = char in _THAI_LEADING or char in _STACKERS or char == "\u200d"
    return joins or unicodedata.category(char) in {"Ps", "Pi"}

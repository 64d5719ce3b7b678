"""Where text in a script without spaces may break into parts, and where its phrases start."""

import re
import unicodedata
from functools import cache
from itertools import accumulate, pairwise
from typing import Any

import regex

from unicode_sets import HAN, KANA, UNSPACED

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

_KANA, _HAN, _THAI = (regex.compile(f"[{chars}]") for chars in (KANA, HAN, r"\p{Thai}"))
_TRADITIONAL = frozenset("這個們來時會說對國學過還點將後當樣開關裡長問間麼為與從給應發經現實體無題")
"""Frequent characters that simplified Chinese writes in another way."""
_NEVER_ALONE_BEFORE = frozenset("的地得了着著过過们們吗嗎呢吧啊么麼")
"""Chinese particles that belong to the word before them, where they are a word of their own."""
_NEVER_ALONE_AFTER = frozenset("在和与與把被对對从從向给給为為以比跟很不没沒最更再这這那每各两兩一")
"""Chinese prepositions, numbers and adverbs that belong to the word after them."""


def characters(word: str) -> list[str]:
    """Cut a word wherever its script allows a break; one part if its script has spaces.

    There is no break before a closing mark, an emoji, a small kana or a vowel sign, after an
    opening mark, or inside a run of letters of a script with spaces.
    """
    if word.isascii() or not _UNSPACED.search(word):
        return [word]
    starts = [0]
    for index, (before, char) in enumerate(pairwise(word), 1):
        breakable = _UNSPACED.match(before) or _UNSPACED.match(char)
        belongs_to_previous = _belongs_to_previous(char) or _ENDS_SYLLABLE.match(word, index)
        # Marks between two characters stay with the one before them, as in 。」.
        if breakable and not belongs_to_previous and not _belongs_to_next(before):
            starts.append(index)
    return [word[start:end] for start, end in pairwise([*starts, len(word)])]


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


def phrase_starts(text: str, language: str) -> frozenset[int]:
    """The offsets where a phrase starts in a text of a script without spaces.

    text: a sentence or more, without spaces.
    language: ISO 639-1; it decides how Chinese characters alone are read.

    Empty if nothing is known of the script's words: in Lao, Khmer and Burmese, and in scripts with
    spaces. A phrase is what BudouX takes for one: a word with its particles in Japanese, a word in
    Chinese and Thai.
    """
    if text.isascii() or not _UNSPACED.search(text):
        return frozenset()
    name = _parser_of(text, language)
    if name is None:
        return frozenset()
    phrases = _parser(name).parse(text)
    starts = [0, *accumulate(map(len, phrases[:-1]))]
    if name.startswith("z"):
        return frozenset(
            start
            for start, before, phrase in zip(starts, ["", *phrases], phrases, strict=False)
            if phrase[0] not in _NEVER_ALONE_BEFORE or _length(phrase) > 1
            if before not in _NEVER_ALONE_AFTER
        )
    return frozenset(starts)


def _parser_of(text: str, language: str) -> str | None:
    """Which of BudouX's models reads a text."""
    if _THAI.search(text):
        return "thai"
    if language == "ja" or _KANA.search(text):
        return "japanese"
    if _HAN.search(text):
        return "zh_traditional" if not _TRADITIONAL.isdisjoint(text) else "zh_simplified"
    return None


@cache
def _parser(name: str) -> Any:
    # Most jobs have no text without spaces.
    import budoux

    return {
        "thai": budoux.load_default_thai_parser,
        "japanese": budoux.load_default_japanese_parser,
        "zh_traditional": budoux.load_default_traditional_chinese_parser,
        "zh_simplified": budoux.load_default_simplified_chinese_parser,
    }[name]()


def _length(phrase: str) -> int:
    """How many letters a phrase has, without its marks."""
    return sum(map(str.isalpha, phrase))

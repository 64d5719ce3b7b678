"""Figures of any script, operators of several signs and years without a century, in one form."""

import re
import unicodedata
from collections.abc import Sequence

from tts.text.context import FINAL

# The operators of programming languages, and the sign that each of them stands for.
DOUBLED = (
    (re.compile("!==?(?!=)"), "≠"),
    (re.compile("<=(?!=)"), "≤"),
    (re.compile(">=(?!=)"), "≥"),
    (re.compile("(?<!=)={2,3}(?!=)"), "="),
    # The look-behinds leave <-> and <=>, and the search for each arrow starts at its first sign.
    (re.compile("(?<![-=<>])[-=]{1,3}>(?![>=])"), "→"),
)
# A year of two figures, and a word in brackets, which is no month of the day before it.
_SHORT_YEAR = re.compile(r"^[(\[\"“]?['’‘](?=\d\d(?!\d))(?!.*['’])")
_TWO_DIGITS = re.compile(rf"\d\d[{FINAL}]*")
_OPENED_NAME = re.compile(r"[(\[][A-Z][a-z]")


def with_ascii_digits(word: str) -> str:
    """The decimal digits of any script as 0 to 9, which the rules compare with."""
    if word.isascii():
        return word
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in word)


def with_single_signs(word: str) -> str:
    """The operators of DOUBLED, and &&, as one sign."""
    if "/" in word or not ("=" in word or "->" in word or word == "&&"):
        return word
    for written, sign in DOUBLED:
        word = written.sub(sign, word)
    return "&" if word == "&&" else word


def with_outer_marks(words: Sequence[str], outer: Sequence[str]) -> list[str]:
    """The words with those of their outer marks that dates need: '22 is a year, "10 (March" no day.

    words, outer: each word without its quotes and brackets, and with them.
    """
    marked = list(words)
    for index, word in enumerate(words):
        if not word[:1].isdecimal():
            continue
        if _SHORT_YEAR.search(outer[index]) and _TWO_DIGITS.fullmatch(word):
            marked[index] = "'" + word
        elif (
            outer[index + 1 : index + 2]
            and _OPENED_NAME.match(outer[index + 1])
            and word.isdecimal()
        ):
            marked[index] = word + ","
    return marked

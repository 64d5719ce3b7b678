"""Figures of any script, and signs of several characters, in the one form that the rules know."""

import re
import unicodedata

# The operators of programming languages, and the sign that each of them stands for.
DOUBLED = (
    (re.compile("!==?(?!=)"), "≠"),
    (re.compile("<=(?!=)"), "≤"),
    (re.compile(">=(?!=)"), "≥"),
    (re.compile("(?<!=)={2,3}(?!=)"), "="),
    # The look-behinds leave <-> and <=>, and the search for each arrow starts at its first sign.
    (re.compile("(?<![-=<>])[-=]{1,3}>(?![>=])"), "→"),
)


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

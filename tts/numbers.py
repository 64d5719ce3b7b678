"""Numbers in words, through num2words, as lists of spoken words without hyphens or commas."""

import re

from num2words import num2words

DIGITS = ("oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# Longer figures are codes rather than quantities, and are read digit by digit.
LONGEST_CARDINAL = 15
# num2words takes minutes over a longer number in Amharic.
LONGEST_IN = {"am": 6}
# What num2words raises for a language, a sign or a fraction that it does not know.
UNKNOWN = (NotImplementedError, OverflowError, ValueError, TypeError, KeyError, IndexError)


def cardinal(digits: str) -> list[str]:
    """An English integer: "1250" -> one thousand two hundred fifty; "007" digit by digit."""
    if len(digits) > LONGEST_CARDINAL or (len(digits) > 1 and digits.startswith("0")):
        return one_by_one(digits, zero="zero")
    return _english(num2words(int(digits)))


def decimal(whole: str, fraction: str) -> list[str]:
    """An English decimal: ("12", "50") -> twelve point five zero."""
    return [*cardinal(whole or "0"), "point", *one_by_one(fraction, zero="zero")]


def ordinal(digits: str) -> list[str]:
    """An English ordinal: "21" -> twenty first; over LONGEST_CARDINAL figures one by one."""
    if len(digits) > LONGEST_CARDINAL:
        return one_by_one(digits, zero="zero")
    return _english(num2words(int(digits), to="ordinal"))


def year(digits: str) -> list[str]:
    """A four-digit English year: 1967 -> nineteen sixty seven; 2005 -> two thousand five."""
    return _english(num2words(int(digits), to="year"))


def one_by_one(digits: str, zero: str = "oh") -> list[str]:
    """Each digit by its name, as in telephone numbers."""
    return [zero if digit == "0" else DIGITS[int(digit)] for digit in digits]


def in_language(number: str, language: str) -> list[str]:
    """A number in another language's words; empty where num2words cannot say it."""
    value = number.replace(",", ".")
    longest = LONGEST_IN.get(language, LONGEST_CARDINAL)
    if sum(map(str.isdecimal, value)) > longest:
        return []
    try:
        words = num2words(float(value) if "." in value else int(value), lang=language)
    except UNKNOWN:
        return []
    return [str(word) for word in re.split(r"[\s-]+", words) if word]


def _english(words: str) -> list[str]:
    """American style: no "and", no hyphens."""
    return [word for word in re.findall(r"[a-z]+", words.replace("-", " ")) if word != "and"]

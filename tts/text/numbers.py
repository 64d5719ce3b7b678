"""Numbers in words, by num2words, as lists of spoken words without hyphens or commas."""

import re
from decimal import Decimal
from functools import lru_cache

from num2words2 import num2words

DIGITS = ("oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# A longer number is a code rather than a quantity: it is read digit by digit.
MAX_CARDINAL_DIGITS = 15
# num2words takes minutes over a longer number in Amharic.
MAX_CARDINAL_DIGITS_IN = {"am": 6}
# The decimal mark in words. num2words drops the zero of 3.50 in these languages, so the fraction
# is read digit by digit here.
COMMAS = {
    "ar": "فاصلة", "da": "komma", "de": "Komma", "es": "coma", "fi": "pilkku", "fr": "virgule",
    "it": "virgola", "nl": "komma", "no": "komma", "pl": "przecinek", "pt": "vírgula",
    "sv": "komma", "tr": "virgül",
}  # fmt: skip
# num2words fails at negative numbers in these languages, or gives the wrong ones.
MINUS = {"cs": "minus", "pl": "minus", "sk": "mínus", "vi": "âm"}
# num2words raises any of these for a language, a sign or a fraction that it does not support.
UNKNOWN = (NotImplementedError, OverflowError, ValueError, TypeError, KeyError, IndexError)


def cardinal(digits: str) -> list[str]:
    """An English integer: "1250" -> one thousand two hundred fifty; "007" digit by digit."""
    if len(digits) > MAX_CARDINAL_DIGITS or (len(digits) > 1 and digits.startswith("0")):
        return one_by_one(digits, zero="zero")
    return _english(int(digits), "cardinal")


def decimal(whole: str, fraction: str) -> list[str]:
    """An English decimal: ("12", "50") -> twelve point five zero."""
    return [*cardinal(whole or "0"), "point", *one_by_one(fraction, zero="zero")]


def plain(number: str) -> list[str]:
    """An English number without grouping marks: "12" -> twelve; "12.5" -> twelve point five."""
    whole, _, fraction = number.partition(".")
    return decimal(whole, fraction) if fraction else cardinal(whole)


def ordinal(digits: str) -> list[str]:
    """An English ordinal: "21" -> twenty first; digit by digit over MAX_CARDINAL_DIGITS."""
    if len(digits) > MAX_CARDINAL_DIGITS:
        return one_by_one(digits, zero="zero")
    return _english(int(digits), "ordinal")


def year(digits: str) -> list[str]:
    """A four-digit English year: 1967 -> nineteen sixty seven; 2005 -> two thousand five."""
    return _english(int(digits), "year")


def one_by_one(digits: str, zero: str = "oh") -> list[str]:
    """Each digit by its name, as in telephone numbers."""
    return [zero if digit == "0" else DIGITS[int(digit)] for digit in digits]


def in_language(number: str, language: str) -> list[str]:
    """A number ("1200", "-3", "3.50") in another language; empty if num2words does not know it.

    A number with a leading zero is read digit by digit.
    """
    whole, _, fraction = number.partition(".")
    max_digits = MAX_CARDINAL_DIGITS_IN.get(language, MAX_CARDINAL_DIGITS)
    if sum(map(str.isdecimal, number)) > max_digits:
        return []
    if len(whole) > 1 and whole[0] == "0":
        digits = [_in_language(int(digit), language) for digit in whole + fraction]
        return [word for words in digits for word in words] if all(digits) else []
    if number[0] == "-" and language in MINUS:
        positive = in_language(number[1:], language)
        return [MINUS[language], *positive] if positive else []
    if not fraction or language not in COMMAS:
        return _in_language(Decimal(number) if fraction else int(number), language)
    digits = [_in_language(int(digit), language) for digit in fraction]
    first = _in_language(int(whole), language)
    return [*first, COMMAS[language], *(word for words in digits for word in words)]


def ordinal_in(digits: str, language: str) -> list[str]:
    """An ordinal in another language; empty if num2words has none."""
    return _in_language(int(digits), language, "ordinal")


def _in_language(value: int | Decimal, language: str, kind: str = "cardinal") -> list[str]:
    return [word for word in re.split(r"[\s,-]+", _words(value, language, kind)) if word]


def _english(value: int, kind: str) -> list[str]:
    """American style: no "and", no hyphens."""
    words = _words(value, "en", kind).replace("-", " ")
    return [word for word in re.findall(r"[a-z]+", words) if word != "and"]


# num2words takes up to a millisecond, and scripts repeat their numbers. `typed`, because 5 and
# Decimal(5) are equal but may have different words.
@lru_cache(maxsize=10_000, typed=True)
def _words(value: int | Decimal, language: str, kind: str) -> str:
    """What num2words has for a number; empty if it does not know it."""
    try:
        return str(num2words(value, lang=language, to=kind))
    except UNKNOWN:
        return ""


def cardinal_in(value: int, language: str) -> list[str]:
    return in_language(str(value), language)


def year_in(value: int, language: str) -> list[str]:
    return _in_language(value, language, "year")


def digits_in(digits: str, language: str) -> list[str]:
    return [word for digit in digits for word in in_language(digit, language)]


_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def roman_value(numeral: str) -> int:
    """The value of a Roman numeral in capitals: 21 of XXI."""
    values = [_ROMAN[letter] for letter in numeral]
    return sum(
        -value if value < following else value
        for value, following in zip(values, [*values[1:], 0], strict=True)
    )

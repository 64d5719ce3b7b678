"""Numbers in words, through num2words, as lists of spoken words without hyphens or commas."""

import re
from decimal import Decimal

from num2words import num2words

DIGITS = ("oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# Longer figures are codes rather than quantities, and are read digit by digit.
MAX_CARDINAL_DIGITS = 15
# num2words takes minutes over a longer number in Amharic.
MAX_CARDINAL_DIGITS_IN = {"am": 6}
# What stands before a fraction, figure by figure; num2words drops the zero of 3.50 in these.
COMMAS = {
    "ar": "فاصلة", "da": "komma", "de": "Komma", "es": "coma", "fi": "pilkku", "fr": "virgule",
    "it": "virgola", "nl": "komma", "no": "komma", "pl": "przecinek", "pt": "vírgula",
    "sv": "komma", "tr": "virgül",
}  # fmt: skip
# num2words fails at negative numbers in these, or says others.
MINUS = {"cs": "minus", "pl": "minus", "sk": "mínus", "vi": "âm"}
# What num2words raises for a language, a sign or a fraction that it does not know.
UNKNOWN = (NotImplementedError, OverflowError, ValueError, TypeError, KeyError, IndexError)


def cardinal(digits: str) -> list[str]:
    """An English integer: "1250" -> one thousand two hundred fifty; "007" digit by digit."""
    if len(digits) > MAX_CARDINAL_DIGITS or (len(digits) > 1 and digits.startswith("0")):
        return one_by_one(digits, zero="zero")
    return _english(num2words(int(digits)))


def decimal(whole: str, fraction: str) -> list[str]:
    """An English decimal: ("12", "50") -> twelve point five zero."""
    return [*cardinal(whole or "0"), "point", *one_by_one(fraction, zero="zero")]


def ordinal(digits: str) -> list[str]:
    """An English ordinal: "21" -> twenty first; over LONGEST_CARDINAL figures one by one."""
    if len(digits) > MAX_CARDINAL_DIGITS:
        return one_by_one(digits, zero="zero")
    return _english(num2words(int(digits), to="ordinal"))


def year(digits: str) -> list[str]:
    """A four-digit English year: 1967 -> nineteen sixty seven; 2005 -> two thousand five."""
    return _english(num2words(int(digits), to="year"))


def one_by_one(digits: str, zero: str = "oh") -> list[str]:
    """Each digit by its name, as in telephone numbers."""
    return [zero if digit == "0" else DIGITS[int(digit)] for digit in digits]


def in_language(number: str, language: str) -> list[str]:
    """A number in another language's words; empty where num2words cannot say it.

    "1200", "-3", "3.50"; one that begins with a zero figure by figure.
    """
    whole, _, fraction = number.partition(".")
    longest = MAX_CARDINAL_DIGITS_IN.get(language, MAX_CARDINAL_DIGITS)
    if sum(map(str.isdecimal, number)) > longest:
        return []
    if len(whole) > 1 and whole[0] == "0":
        figures = [_in_language(int(digit), language) for digit in whole + fraction]
        return [word for words in figures for word in words] if all(figures) else []
    if number[0] == "-" and language in MINUS:
        said = in_language(number[1:], language)
        return [MINUS[language], *said] if said else []
    if not fraction or language not in COMMAS:
        return _in_language(Decimal(number) if fraction else int(number), language)
    figures = [_in_language(int(digit), language) for digit in fraction]
    first = _in_language(int(whole), language)
    return [*first, COMMAS[language], *(word for words in figures for word in words)]


def ordinal_in(digits: str, language: str) -> list[str]:
    """An ordinal in another language; empty where num2words has none."""
    return _in_language(int(digits), language, "ordinal")


def _in_language(value: int | Decimal, language: str, kind: str = "cardinal") -> list[str]:
    try:
        words = num2words(value, lang=language, to=kind)
    except UNKNOWN:
        return []
    return [word for word in re.split(r"[\s,-]+", str(words)) if word]


def _english(words: str) -> list[str]:
    """American style: no "and", no hyphens."""
    return [word for word in re.findall(r"[a-z]+", words.replace("-", " ")) if word != "and"]

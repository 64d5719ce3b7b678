"""Numbers in words, by num2words2, as lists of spoken words without hyphens or commas."""

import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from num2words2 import num2words

from tts.text.number_tables import (
    CODES,
    COMPOUND_ORDINALS,
    CUTS,
    GROUPS,
    MARKS,
    MAX_DIGITS,
    MENDS,
    ORDINAL_MENDS,
    YEARS,
    ZEROS,
    Mend,
    Ordinals,
)

DIGITS = ("oh", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# A longer number is a code rather than a quantity: it is read digit by digit.
MAX_CARDINAL_DIGITS = 15
MAX_ORDINAL = 1_000_000
LANGUAGES = frozenset(MARKS)
"""The languages that have numbers in words, ISO 639-1."""
# A longer word is cut by the script, wherever that is.
MAX_WORD_CHARS = 40
# num2words2 raises any of these for a language, a sign or a fraction that it does not support.
UNKNOWN = (
    AttributeError,
    IndexError,
    KeyError,
    NotImplementedError,
    OverflowError,
    TypeError,
    ValueError,
)
# Russian says tenths, hundredths and thousandths; a longer fraction is read digit by digit.
_MAX_RUSSIAN_FRACTION = 3
_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_MARK = re.compile(r"[.,'’]")
_BETWEEN_WORDS = re.compile(r"[\s,-]+")


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
    """A number in the words of a language; empty if the words are not known.

    number: figures with a minus before them and a period with a fraction after them, or without,
    such as "1200", "-3", "3.50" or ".5". The fraction is read digit by digit; so is a whole number
    with a leading zero or of more figures than are said as one number.
    language: a code of ISO 639-1, or a tag with a region or a script: "pt-BR".
    """
    figures = number.removeprefix("-")
    whole, _, fraction = figures.partition(".")
    comma, minus = MARKS.get(_base(language), ("", ""))
    if (fraction and not comma) or (figures != number and not minus):
        return []
    words = _russian_decimal(whole, fraction) if _base(language) == "ru" else []
    if not words:
        words = _whole(whole, language)
        words += [*comma.split(), *digits_in(fraction, language)] if words and fraction else []
    return [*minus.split(), *words] if words and figures != number else words


def digits_in(digits: str, language: str) -> list[str]:
    """Each digit by its name; empty if the language has no words.

    digits: figures only. language: as for `in_language`.
    """
    names = {digit: cardinal_in(int(digit), language) for digit in set(digits)}
    return [word for digit in digits for word in names[digit]]


def cardinal_in(value: int, language: str) -> list[str]:
    """An integer in the words of a language; empty if the words are not known.

    value: zero or more; one of too many figures is read digit by digit. language: as for
    `in_language`. A word is cut between its parts where it has more than MAX_WORD_CHARS letters.
    """
    code, base = _library_code(language), _base(language)
    if not code:
        return []
    text = _cardinal(value, code, base)
    if not text:
        return digits_in(str(value), language) if value > 9 else []
    return [part for word in _split(text) for part in _cut(word, base)]


def ordinal_in(value: int | str, language: str) -> list[str]:
    """An ordinal in the words of a language, masculine where it has genders; empty if not known.

    value: from one to MAX_ORDINAL. language: as for `in_language`.
    """
    code, base = _library_code(language), _base(language)
    text = _ordinal(int(value), code, base) if code and int(value) <= MAX_ORDINAL else ""
    return [part for word in _split(text) for part in _cut(word, base)]


def year_in(value: int, language: str) -> list[str]:
    """A year in the words of a language, as a cardinal where the language has no other way.

    value: the year after Christ. language: as for `in_language`.
    """
    code, base = _library_code(language), _base(language)
    years = YEARS.get(base)
    if not code or not years or not years.first <= value <= years.last:
        words = cardinal_in(value, language)
        # Russian, Ukrainian and Belarusian years of the second millennium have no "one" thousand.
        return words[1:] if base in ("be", "ru", "uk") and 1000 <= value < 2000 else words
    century, rest = divmod(value, 100)
    text = _cardinal(century, code, base) + years.hundred
    return _split(text + (years.rest + _cardinal(rest, code, base) if rest else ""))


def canonical(text: str, decimal: str) -> str:
    """A number as written, with a period before its fraction and no other mark.

    text: figures with marks, after a sign or without. decimal: the language's decimal mark.
    Of two marks the last one is the decimal mark, and a mark that comes twice is none. A single one
    that is not the language's own separates thousands if three figures follow: 1.200 in German.
    """
    sign, figures = ("-", text[1:]) if text[0] in "-−" else ("", text.removeprefix("+"))
    marks = _MARK.findall(figures)
    if not marks:
        return sign + figures
    *_, fraction = figures.rpartition(marks[-1])
    is_repeated = len(marks) > 1 and len(set(marks)) == 1
    is_thousands = len(marks) == 1 and marks[-1] != decimal and len(fraction) == 3
    if is_repeated or is_thousands or marks[-1] in "'’":
        return sign + _MARK.sub("", figures)
    return f"{sign}{_MARK.sub('', figures[: -len(fraction) - 1])}.{fraction}"


def roman_value(numeral: str) -> int:
    """The value of a Roman numeral in capitals: 21 of XXI."""
    values = [_ROMAN[letter] for letter in numeral]
    return sum(
        -value if value < following else value
        for value, following in zip(values, [*values[1:], 0], strict=True)
    )


def _base(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].lower()


def _library_code(language: str) -> str:
    """What num2words2 calls a language or a tag; empty if it does not know the language."""
    tag = language.replace("_", "-").lower()
    base = _base(tag)
    return CODES.get(tag) or CODES.get(base) or (base if base in LANGUAGES else "")


def _whole(digits: str, language: str) -> list[str]:
    most = MAX_DIGITS.get(_base(language), MAX_CARDINAL_DIGITS)
    if len(digits) > most or (len(digits) > 1 and digits[0] == "0"):
        return digits_in(digits, language)
    return cardinal_in(int(digits or "0"), language)


def _russian_decimal(whole: str, fraction: str) -> list[str]:
    """A decimal as Russian says it, two whole and five tenths; empty if it is not said so."""
    has_shares = 0 < len(fraction) <= _MAX_RUSSIAN_FRACTION
    if not has_shares or len(whole) > MAX_CARDINAL_DIGITS or (len(whole) > 1 and whole[0] == "0"):
        return []
    return _split(_words(Decimal(f"{whole or '0'}.{fraction}"), "ru", "cardinal"))


@lru_cache(maxsize=10_000)
def _cardinal(value: int, code: str, base: str) -> str:
    """The words of a cardinal with their spaces; empty if there are none."""
    if len(str(value)) > MAX_DIGITS.get(base, MAX_CARDINAL_DIGITS):
        return ""
    if not value and base in ZEROS:
        return ZEROS[base]
    if base in GROUPS and value > 999:
        return _grouped(value, code, base)
    return _mend(_words(value, code, "cardinal"), base, MENDS)


def _grouped(value: int, code: str, base: str) -> str:
    """A cardinal over 999 from those of its groups."""
    groups = GROUPS[base]
    scale, one, several = next(entry for entry in groups.scales if value >= entry[0])
    count, rest = divmod(value, scale)
    parts = [one if count == 1 else f"{_cardinal(count, code, base)} {several}"]
    if rest:
        group = next((rest // smaller for smaller, *_ in groups.scales if rest >= smaller), rest)
        before = groups.under_ten if group < 10 else groups.under_hundred if group < 100 else ""
        parts += [before, _cardinal(rest, code, base)]
    return " ".join(filter(None, parts))


def _ordinal(value: int, code: str, base: str) -> str:
    if base in COMPOUND_ORDINALS:
        return _compound_ordinal(value, code, base, COMPOUND_ORDINALS[base])
    text = _words(value, code, "ordinal")
    if text == _words(value, code, "cardinal"):  # num2words2 has no ordinals of the language
        is_mended = any(base in mend.languages for mend in ORDINAL_MENDS)
        text = _cardinal(value, code, base) if is_mended else ""
    return _mend(text, base, ORDINAL_MENDS)


def _compound_ordinal(value: int, code: str, base: str, ordinals: Ordinals) -> str:
    if not 0 < value <= ordinals.last:
        return ""
    if value in ordinals.words:
        return ordinals.words[value]
    unit = 1000 if value > 1000 else 100 if value > 100 else 10 if value > 20 else value
    rest = value % unit
    if not rest:
        return _words(value, code, "ordinal")
    is_ordinal = ordinals.tens if unit == 10 else ordinals.hundreds
    first = value - rest
    before = (
        _compound_ordinal(first, code, base, ordinals)
        if is_ordinal
        else _cardinal(first, code, base)
    )
    return f"{before} {_compound_ordinal(rest, code, base, ordinals)}"


def _mend(text: str, base: str, mends: Sequence[Mend]) -> str:
    for languages, pattern, replacement in mends:
        if base in languages:
            text = pattern.sub(replacement, text)
    return text


def _split(text: str) -> list[str]:
    return [word for word in _BETWEEN_WORDS.split(text) if word]


def _cut(word: str, base: str) -> list[str]:
    """A number word, in parts that CUTS ends if it has more than MAX_WORD_CHARS letters."""
    if len(word) > MAX_WORD_CHARS:
        for ending in CUTS.get(base, ()):
            head, found, rest = word.partition(ending)
            if rest:
                return [*_cut(head + found, base), *_cut(rest, base)]
    return [word]


def _english(value: int, kind: str) -> list[str]:
    """American style: no "and", no hyphens."""
    words = _words(value, "en", kind).replace("-", " ")
    return [word for word in re.findall(r"[a-z]+", words) if word != "and"]


def _words(value: int | Decimal, language: str, kind: str) -> str:
    """What num2words2 has for a number; empty if it does not know it."""
    try:
        words = num2words(value, lang=language, to=kind)
    except UNKNOWN:
        return ""
    # It leaves the figures of numbers that are too large, and writes some ordinals as "4.".
    return "" if any(character.isdecimal() or character == "." for character in words) else words

"""The names of units, currencies and months in every language, from Unicode's CLDR by Babel."""

from decimal import Decimal
from functools import lru_cache
from typing import Literal

import regex
from babel import Locale, UnknownLocaleError
from babel.dates import get_month_names
from babel.numbers import get_currency_name, get_decimal_symbol
from babel.units import UnknownUnitError, format_unit

_NUMBER, _FIGURES = "0", regex.compile(r"(\d+)")
_EXAMPLES = tuple(map(Decimal, ("1", "2", "5", "11", "100", "1.5", "0", "1000000")))
_LETTER = regex.compile(r"\p{L}")
_NOT_SPOKEN = regex.compile(r"[\s/]+|\.(?=\s|$)")


@lru_cache(maxsize=16)
def locale(tag: str) -> Locale:
    """The locale of a language tag ("de", "pt-BR"), or else of its language, or else English."""
    for name in (tag, tag.partition("-")[0]):
        try:
            return Locale.parse(name, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


def decimal_mark(tag: str) -> str:
    """The mark before a fraction: "," in German."""
    return get_decimal_symbol(locale(tag), numbering_system="latn")


def plural_category(value: Decimal, tag: str) -> str:
    """The plural category of a number: "one" of 1, "few" of 3 in Polish, "other"."""
    return str(locale(tag).plural_form(value))


def example(category: str, tag: str) -> Decimal:
    """A number of a plural category, such as 5 of "many" in Polish; 5 if there is no such one."""
    found = (value for value in _EXAMPLES if plural_category(value, tag) == category)
    return next(found, Decimal(5))


def unit_words(unit: str, value: Decimal, tag: str) -> tuple[list[str], list[str]] | None:
    """What is said before and after a number of units: ([], [kilometrów]) of 5 km in Polish.

    unit: its identifier in CLDR, such as "length-kilometer". None if the language has no name.
    """
    before, after = _around(unit, value, "long", tag)
    if not _LETTER.search(before + after):
        return None
    return _NOT_SPOKEN.sub(" ", before).split(), _NOT_SPOKEN.sub(" ", after).split()


def says_number(unit: str, value: Decimal, tag: str) -> bool:
    """Whether the name of one or two of a unit says their number too: ساعتان are two hours."""
    return value in (1, 2) and not _FIGURES.search(_phrase(unit, value, "long", tag) or _NUMBER)


def unit_symbols(unit: str, tag: str) -> set[str]:
    """How a language writes a unit after a number: км, Std."""
    before, after = _around(unit, Decimal(5), "short", tag)
    return {after.strip()} - {""} if not before and " " not in after.strip() else set()


def _around(
    unit: str, value: Decimal, length: Literal["long", "short"], tag: str
) -> tuple[str, str]:
    """What stands before and after a number of units; nothing if CLDR has no name for them."""
    # A phrase without a figure is a name that says its number.
    *before, after = _FIGURES.split(_phrase(unit, value, length, tag), maxsplit=1)
    return before[0] if before else "", after


def _phrase(unit: str, value: Decimal, length: Literal["long", "short"], tag: str) -> str:
    """A number of units, the number in figures; empty if CLDR has no name for them."""
    try:
        phrase = format_unit(value, unit, length, format=_NUMBER, locale=locale(tag))
    except UnknownUnitError:
        return ""
    # Babel has the identifier in the place of a name that it does not have.
    return "" if unit in phrase else phrase


def currency_words(code: str, value: Decimal, tag: str) -> list[str]:
    """The name of a currency after a number of it: "US-Dollar" of USD."""
    return get_currency_name(code, value, locale(tag)).split()


def month_names(tag: str) -> tuple[dict[int, str], dict[str, int]]:
    """The name of each month as a date says it, and the months by every way to write them."""
    by_kind = [
        get_month_names(width, context, locale(tag))
        for width in ("abbreviated", "wide")
        for context in ("stand-alone", "format")
    ]
    written = {str(name).lower(): number for names in by_kind for number, name in names.items()}
    said = {number: str(name) for number, name in by_kind[-1].items()}
    return said, {name.removesuffix("."): number for name, number in written.items()}

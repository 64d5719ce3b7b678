"""A sign between spaces in English: 5 – 10, 3 x 4, # 5."""

import re

from tts.text.context import FINAL, WordContext
from tts.text.english import dates, measures, money, numerals, patterns, symbols, times


def sign_rule(place: WordContext) -> list[str]:
    """A sign that stands alone: 5 – 10, 3 x 4, 10 * 5 = 50, # 5, > 3; rows of signs are lines."""
    if place.core.isalpha() and place.key != "x":
        return symbols.SILENT if re.fullmatch("[xX]D+", place.core) else []
    before, after = numerals.last_part(place.previous), place.following.rstrip(FINAL)
    counted = after[:1].isdecimal() or money.MONEY.fullmatch(after) is not None
    between = (numerals.is_number(place.previous) or patterns.is_quantity(before)) and counted
    equated = (
        place.after_following == "="
        or place.before_previous in symbols.OPERATORS
        or place.previous == "="
    )
    if place.core in ("x", "X", "×") and between and equated:
        return ["times"]
    if place.core in ("x", "X", "×"):
        measured = place.previous_key in measures.UNITS and numerals.is_number(
            place.before_previous
        )
        joined = (
            patterns.is_quantity(before.rstrip("'′\"″"))
            or numerals.is_number(place.previous)
            or measured
        )
        return ["by"] if joined and after[:1].isdecimal() else []
    if place.core in symbols.DASHES:
        return _dash(place, between, equated)
    if place.core in ("*", "/"):
        known = between and (place.core == "*" or equated)
        return symbols.OPERATORS[place.core].split() if known else symbols.SILENT
    if place.core in ("~", "<", ">"):
        return symbols.COMPARED[place.core].split() if counted else symbols.SILENT
    if re.fullmatch(r"={4,}|\+{3,}", place.core):
        return symbols.SILENT
    if re.fullmatch("#+", place.core):
        return ["number"] if counted and place.core == "#" else symbols.SILENT
    return []


def _dash(place: WordContext, between: bool, equated: bool) -> list[str]:
    """The dash of 5 – 10, of Mon – Fri and of 5 - 3 = 2."""
    after = place.following.rstrip(FINAL)
    if between and (equated or place.core == "−"):
        return ["minus"]
    measured = (
        place.previous_key in measures.UNITS
        and numerals.is_number(place.before_previous)
        and after[:1].isdecimal()
    )
    halves = times.AM_PM.fullmatch(place.previous) and after[:1].isdecimal()
    names = (*dates.SHORT_DAYS, *dates.WEEKDAYS, *dates.MONTHS, *dates.MONTH_NAMES)
    named = (
        place.previous_key in names
        and place.following_key in names
        and place.previous[:1].isupper()
    )
    dated = place.before_previous.rstrip(".").lower() in names and place.following_key in names
    is_range = place.core != "—" and (between or measured or halves or named or dated)
    return ["to"] if is_range else []

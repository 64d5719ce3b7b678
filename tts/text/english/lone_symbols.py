"""A sign between spaces in English: 5 – 10, 3 x 4, # 5."""

import re

from tts.text.context import FINAL, WordContext
from tts.text.english import dates, measures, money, numerals, patterns, symbols, times


def sign_rule(word: WordContext) -> list[str]:
    """A sign that stands alone: 5 – 10, 3 x 4, 10 * 5 = 50, # 5, > 3; rows of signs are lines."""
    if word.core.isalpha() and word.key != "x":
        return symbols.SILENT if re.fullmatch("[xX]D+", word.core) else []
    before, after = numerals.last_part(word.previous), word.following.rstrip(FINAL)
    counted = after[:1].isdecimal() or money.MONEY.fullmatch(after) is not None
    between = (numerals.is_number(word.previous) or patterns.is_quantity(before)) and counted
    equated = (
        word.after_following == "="
        or word.before_previous in symbols.OPERATORS
        or word.previous == "="
    )
    if word.core in ("x", "X", "×") and between and equated:
        return ["times"]
    if word.core in ("x", "X", "×"):
        measured = word.previous_key in measures.UNITS and numerals.is_number(word.before_previous)
        joined = (
            patterns.is_quantity(before.rstrip("'′\"″"))
            or numerals.is_number(word.previous)
            or measured
        )
        return ["by"] if joined and after[:1].isdecimal() else []
    if word.core in symbols.DASHES:
        return _dash(word, between, equated)
    if word.core in ("*", "/"):
        known = between and (word.core == "*" or equated)
        return symbols.OPERATORS[word.core].split() if known else symbols.SILENT
    if word.core in ("~", "<", ">"):
        return symbols.COMPARED[word.core].split() if counted else symbols.SILENT
    if re.fullmatch(r"={4,}|\+{3,}", word.core):
        return symbols.SILENT
    if re.fullmatch("#+", word.core):
        return ["number"] if counted and word.core == "#" else symbols.SILENT
    return []


def _dash(word: WordContext, between: bool, equated: bool) -> list[str]:
    """The dash of 5 – 10, of Mon – Fri and of 5 - 3 = 2."""
    after = word.following.rstrip(FINAL)
    if between and (equated or word.core == "−"):
        return ["minus"]
    measured = (
        word.previous_key in measures.UNITS
        and numerals.is_number(word.before_previous)
        and after[:1].isdecimal()
    )
    halves = times.AM_PM.fullmatch(word.previous) and after[:1].isdecimal()
    names = (*dates.SHORT_DAYS, *dates.WEEKDAYS, *dates.MONTHS, *dates.MONTH_NAMES)
    named = (
        word.previous_key in names and word.following_key in names and word.previous[:1].isupper()
    )
    dated = word.before_previous.rstrip(".").lower() in names and word.following_key in names
    is_range = word.core != "—" and (between or measured or halves or named or dated)
    return ["to"] if is_range else []

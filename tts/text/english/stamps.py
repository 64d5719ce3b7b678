"""Dates with a time as programs write them: 2024-01-15T10:30:00Z, 15/Jan/2024:10:30:00, 3Q22."""

import re
from re import Match

from tts.text import numbers
from tts.text.context import FINAL, WordContext
from tts.text.english import dates, numerals, times

_TIME = (
    r"(?P<clock>(?P<minute>(?:[01]\d|2[0-3]):[0-5]\d)"
    r"(?::(?P<second>[0-5]\d)(?:[.,](?P<fraction>\d{1,9}))?)?)"
)
_ZONE = r"(?P<zone>Z|(?P<sign>[-+−])(?P<zone_hours>\d\d):?(?P<zone_minutes>\d\d))?"
STAMP = re.compile(rf"{dates.ISO_DATE.pattern}T{_TIME}{_ZONE}")
SERVER_STAMP = re.compile(
    rf"(?P<day>0[1-9]|[12]\d|3[01])/(?P<name>[A-Z][a-z]{{2}})/(?P<year>[12]\d{{3}}):{_TIME}"
)
# A time of day with a fraction of a second, which a log has after its date.
EXACT_TIME = re.compile(r"(?=\d\d:\d\d:\d\d[.,]\d{3})" + _TIME + _ZONE)
# A zone of time: UTC-5, GMT+05:30.
OFFSET = re.compile(
    r"(?P<name>UTC|GMT)(?P<sign>[-–−+])(?P<hours>\d{1,2})(?::?(?P<minutes>[0-5]\d))?"
)
_SIGNS = {"-": "minus", "–": "minus", "−": "minus", "+": "plus"}
_QUARTER = re.compile(r"(?:(?P<number>[1-4])Q|(?P<half>[12])H)(?P<year>\d\d|(?:19|20)\d\d)?")
_ARTICLES = {
    "the",
    "a",
    "an",
    "our",
    "their",
    "its",
    "this",
    "that",
    "last",
    "next",
    "each",
    "every",
}


def stamp(match: Match[str]) -> list[str]:
    """A match of STAMP: the date, a pause, the time, its zone."""
    zone = []
    if match["zone"]:
        zone = ["U", "T", "C"]
        if match["sign"] and int(match["zone_hours"] + match["zone_minutes"]):
            minutes = match["zone_minutes"]
            zone += [_SIGNS[match["sign"]], *numbers.cardinal(str(int(match["zone_hours"])))]
            zone += numbers.cardinal(minutes) if int(minutes) else []
    return [*dates.date(match), ",", *time(match), *zone]


def offset(match: Match[str]) -> list[str]:
    """A match of OFFSET: UTC-5 -> U T C minus five."""
    minutes = numbers.cardinal(match["minutes"]) if int(match["minutes"] or 0) else []
    hours = numbers.cardinal(str(int(match["hours"])))
    return [*match["name"], _SIGNS[match["sign"]], *hours, *minutes]


def server_stamp(match: Match[str]) -> list[str]:
    """A match of SERVER_STAMP: the date, a pause, the time."""
    month = dates.month_name(match["name"])
    if not month:
        return []
    day = numbers.ordinal(str(int(match["day"])))
    return ["the", *day, "of", month, *numbers.year(match["year"]), ",", *time(match)]


def time(match: Match[str]) -> list[str]:
    """A time of day, its seconds with their fraction: 10:30:15,250."""
    minute = times.CLOCK.fullmatch(match["minute"])
    spoken = times.clock(minute) if minute else []
    if not match["fraction"] and match["second"] in (None, "00"):
        return spoken
    second = str(int(match["second"]))
    if match["fraction"]:
        return [*spoken, "and", *numbers.decimal(second, match["fraction"]), "seconds"]
    return [*spoken, "and", *numbers.cardinal(second), "second" if second == "1" else "seconds"]


def quarter_rule(word: WordContext) -> list[str]:
    """A quarter or a half of a year: 3Q22, 1H 2024, 1Q21-3Q21. 1H alone is another thing."""
    if word.core[1:2] not in ("Q", "H"):
        return []
    parts = [_QUARTER.fullmatch(part) for part in re.split("[-–]", word.core)]
    # The year may stand apart from the last one.
    next_year = "" if word.punctuation else word.following.rstrip(FINAL)
    has_next_year = numerals.YEAR.fullmatch(next_year) is not None
    last_year = parts[-1]["year"] if parts[-1] else None
    is_dated = last_year or has_next_year
    spoken: list[str] = []
    for part in parts:
        if part is None or not (is_dated or part["number"]):
            return []
        has_article = not spoken and word.previous_key in _ARTICLES
        spoken += [*(["to"] if spoken else []), *([] if has_article else ["the"])]
        spoken += [*numbers.ordinal(part["number"] or part["half"])]
        spoken.append("quarter" if part["number"] else "half")
        spoken += ["of", *_year(part["year"])] if part["year"] else []
    return [*spoken, "of"] if has_next_year and not last_year else spoken


def _year(digits: str) -> list[str]:
    return numbers.year(digits) if len(digits) == 4 else dates.two_figures(digits)

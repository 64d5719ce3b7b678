"""English dates, weekdays and years: 12/25/2023, 5 January, Mon-Fri, in 1066."""

import re
from re import Match

from tts.text import numbers
from tts.text.context import WordContext
from tts.text.english import measures, numerals

MONTHS = {
    "jan": "january", "feb": "february", "mar": "march", "apr": "april", "jun": "june",
    "jul": "july", "aug": "august", "sep": "september", "sept": "september", "oct": "october",
    "nov": "november", "dec": "december",
}  # fmt: skip
MONTH_NAMES = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
WEEKDAYS = (
    "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday",
)  # fmt: skip
SHORT_DAYS = {
    "mon": "Monday", "tue": "Tuesday", "tues": "Tuesday", "wed": "Wednesday", "thu": "Thursday",
    "thur": "Thursday", "thurs": "Thursday", "fri": "Friday", "sat": "Saturday", "sun": "Sunday",
}  # fmt: skip
# After these four digits are a year even before 1100 and after 2099: in 1066.
OF_YEARS = {"in", "by", "since", "until", "till", "around", "circa", "about"}
# A year of two digits below this one belongs to the twenty-first century, as in POSIX strptime.
CENTURY_TURN = 69
DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])"
MONTH = r"(?P<month>0?[1-9]|1[0-2])"
_YEAR = r"(?P<year>[12]\d{3}|(?<=/)\d\d)"
DATE = re.compile(rf"{MONTH}(?P<mark>[-/]){DAY}(?P=mark){_YEAR}")
# Dates with the day first: if the first number cannot be a month, and between dots.
DAY_DATE = re.compile(rf"(?P<day>1[3-9]|2\d|3[01])(?P<mark>[-/.]){MONTH}(?P=mark){_YEAR}")
DOT_DATE = re.compile(rf"{DAY}\.{MONTH}\.(?P<year>[12]\d{{3}})")
ISO_DATE = re.compile(rf"(?P<year>[12]\d{{3}})(?P<mark>[-/]){MONTH}(?P=mark){DAY}")
_BARE_DAY = r"[1-9]|[12]\d|3[01]"


def date(match: Match[str]) -> list[str]:
    """A match of DATE or ISO_DATE: 12/25/2023 -> december twenty fifth twenty twenty three."""
    year = match["year"]
    if len(year) == 2:
        year = ("20" if int(year) < CENTURY_TURN else "19") + year
    day = numbers.ordinal(match["day"])
    return [MONTH_NAMES[int(match["month"]) - 1], *day, *numbers.year(year)]


def day_first_rule(word: WordContext) -> list[str]:
    """A day before its month: 5 January, 5 Jan, 1-5 June."""
    days = re.fullmatch(rf"({_BARE_DAY})(?:[-–]({_BARE_DAY}))?", word.core)
    if not days or word.punctuation:
        return []
    is_month = word.following_key in MONTH_NAMES or word.following_key in MONTHS
    # "5 may" and "2 mar" are no dates.
    if not is_month or not word.following[:1].isupper():
        return []
    last = ["to", *numbers.ordinal(days[2])] if days[2] else []
    return ["the", *numbers.ordinal(days[1]), *last, "of"]


def weekdays_rule(word: WordContext) -> list[str]:
    """Weekdays and ranges of days and of months: Mon., Mon-Fri, Jan-Mar."""
    names = [name.rstrip(".").lower() for name in re.split("[-–—]", word.core)]
    months = {**MONTHS, **{name: name for name in MONTH_NAMES}}
    if len(names) == 2 and word.core[:1].isupper() and all(name in months for name in names):
        return f"{months[names[0]]} to {months[names[1]]}".split()
    are_days = all(day in SHORT_DAYS for day in names) and word.core[:1].isupper()
    # "The Sun." and "They sat." are words; a date follows the day: Sun. 5 May.
    is_day = names[0] not in ("sun", "sat", "wed") or word.following[:1].isdecimal()
    is_single = len(names) == 1 and word.dotted and is_day
    if not are_days or not (len(names) == 2 or is_single):
        return []
    return " to ".join(SHORT_DAYS[day] for day in names).split()


def year_or_count_rule(word: WordContext) -> list[str]:
    """Four digits that the neighbours make a year (in 1066) or a quantity (1967 soldiers)."""
    if word.previous_key == "year" and re.fullmatch(r"[1-9]\d{3}", word.core):
        return numbers.year(word.core)
    is_count = measures.is_counted(word)
    # Not 1000, which is a quantity as often as a year.
    if word.previous_key in OF_YEARS and re.fullmatch(r"10\d[1-9]|10[1-9]0|21\d\d", word.core):
        return [] if is_count or word.following_key.endswith("s") else numbers.year(word.core)
    if word.punctuation or not numerals.YEAR.fullmatch(word.core):
        return []
    # "in" is a preposition more often than inches: 1967 in Paris.
    is_count = measures.is_counted(word) and word.following_key not in ("in", "pp")
    return numbers.cardinal(word.core) if is_count else []


def until_month_rule(word: WordContext) -> list[str]:
    """The middle of a range of dates: the "5–July" of "June 5–July 10"."""
    match = re.fullmatch(rf"({_BARE_DAY})[-–]([A-Z][a-z]+)", word.core)
    month = match[2].lower() if match else ""
    if not match or not (month in MONTHS or month in MONTH_NAMES):
        return []
    return [*numbers.ordinal(match[1]), "to", MONTHS.get(month, match[2])]


def day_rule(word: WordContext) -> list[str]:
    """The day after a month: May 5, but not "May 5 people"."""
    if not re.fullmatch(_BARE_DAY, word.core) or word.following_key in numerals.COUNTED:
        return []
    month = numerals.last_part(word.previous.removesuffix("."))
    is_month = month.lower() in MONTHS or month.lower() in MONTH_NAMES
    return numbers.ordinal(word.core) if is_month and month[:1].isupper() else []


def month_rule(word: WordContext) -> list[str]:
    """An abbreviated month: Oct., and any before a number (Jan 5, JAN 5, jan. 5)."""
    if word.key not in MONTHS:
        return []
    # "mar", "jan" and "dec" alone may be other words or names.
    is_written = word.dotted or (word.core[0].isupper() and not word.punctuation)
    before_day = word.following[:1].isdecimal() and is_written
    is_abbreviated = word.dotted and (word.core.istitle() or word.all_caps)
    return [MONTHS[word.key]] if before_day or is_abbreviated else []

"""English dates and years: 12/25/2023, 10/31, 5 January, jan. 5, Feb-17-2021, in 1066."""

import re
from re import Match

from tts.text import numbers
from tts.text.context import FINAL, WordContext
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
# Before a month and a day in figures only: Tu 2/22.
LETTERED_DAYS = {"m": "Monday", "tu": "Tuesday", "w": "Wednesday", "th": "Thursday", "f": "Friday"}
# In small letters these are other words, unless a year follows the day: may 5, 2024.
_ALSO_WORDS = {"may", "march", "mar"}
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
_BARE_DAY = r"0?[1-9]|[12]\d|3[01]"
_ORDINAL_DAY = re.compile(rf"(?P<day>{_BARE_DAY})(?:st|nd|rd|th)")
_FOUR_DIGITS = re.compile(r"(?:1[1-9]|20)\d\d")
_NAME = r"(?P<name>[A-Za-z]{3,9})\.?"
# Jan-15, Feb-17-2021, 15-Jan-2020, 15/Jan/2020, 2020-Jan-15.
_NAMED_DATES = (
    re.compile(rf"{_NAME}(?P<mark>[-/])(?P<day>{_BARE_DAY})(?:(?P=mark)(?P<year>[12]\d{{3}}))?"),
    re.compile(rf"(?P<day>{_BARE_DAY})(?P<mark>[-/]){_NAME}(?:(?P=mark)(?P<year>[12]\d{{3}}))?"),
    re.compile(rf"(?P<year>[12]\d{{3}})(?P<mark>[-/]){_NAME}(?P=mark)(?P<day>{_BARE_DAY})"),
)
# Version numbers rarely have two figures in both of their last parts.
YEAR_FIRST_DOTS = re.compile(r"(?P<year>[12]\d{3})\.(?P<month>0[1-9]|1[0-2])\.(?P<day>[0-3]\d)")
_ANY_DATE = re.compile(r"(?:0?[1-9]|1[0-2])/(?:1[3-9]|2\d|3[01])(?:/\d{2,4})?,?")
_MONTH_AND_DAY = re.compile(rf"{MONTH}/{DAY}")
# After these, figures with a slash are a month and a day: due 10/31. After the others they are, if
# the second one is no denominator of usual fractions and no top of usual scales.
_DUE = {
    "arriving", "born", "dated", "deadline", "departing", "due", "effective", "ending", "expires",
    "expiring", "opens", "starting", "starts", "updated",
}  # fmt: skip
_ON = {
    "after",
    "before",
    "between",
    "by",
    "from",
    "on",
    "since",
    "through",
    "thru",
    "till",
    "to",
    "until",
}
_SCALES = {10, 16, 20, 24, 25, 30}
# After or before these they are a share, a score or a quotient.
_AFTER_SCORES = {
    "a", "about", "an", "are", "divided", "equals", "got", "hit", "is", "of", "odds", "page",
    "plus", "rated", "rating", "ratio", "scale", "score", "scored", "shot", "times", "version",
    "was", "went", "=", "+", "-", "−", "*", "×",
}  # fmt: skip
_BEFORE_UNITS = {"inch", "inches", "of", "plus", "times", "divided", "equals", "=", "+", "×", "*"}
# Numbers of these are followed by the month of their issue: No. 7 (October 1958).
_NUMBERED = {
    "#", "article", "chapter", "episode", "issue", "no", "nos", "number", "part", "vol", "volume",
}  # fmt: skip


def date(match: Match[str]) -> list[str]:
    """A match of DATE or ISO_DATE: 12/25/2023 -> december twenty fifth twenty twenty three."""
    year = match["year"]
    if len(year) == 2:
        year = ("20" if int(year) < CENTURY_TURN else "19") + year
    day = numbers.ordinal(match["day"])
    return [MONTH_NAMES[int(match["month"]) - 1], *day, *numbers.year(year)]


def short_year(match: Match[str]) -> list[str]:
    """A year without its century: '22, '05."""
    return two_figures(match[1])


def two_figures(digits: str) -> list[str]:
    """22, 05 -> twenty two, oh five."""
    return numbers.one_by_one(digits) if digits[0] == "0" else numbers.cardinal(digits)


def month_name(word: str) -> str:
    """The month that a word names, in full and in the capitals of a full name; "" for others."""
    bare = word.rstrip(FINAL)
    return bare if bare.lower() in MONTH_NAMES else MONTHS.get(bare.lower(), "")


def day_first_rule(word: WordContext) -> list[str]:
    """A day before its month: 5 January, 5 Jan, 1-5 June, 17th aug 2011."""
    if not word.core[:1].isdecimal():
        return []
    days = re.fullmatch(rf"({_BARE_DAY})(?:[-–]({_BARE_DAY}))?", word.core)
    ordinal = _ORDINAL_DAY.fullmatch(word.core)
    if not (days or ordinal) or word.punctuation or not month_name(word.following):
        return []
    # "5 may" and "2 mar" are no dates.
    is_small = word.following[:1].islower() and word.following_key in _ALSO_WORDS
    has_year = _FOUR_DIGITS.fullmatch(word.after_following.rstrip(FINAL))
    if (is_small and not has_year) or word.previous_key in _NUMBERED or word.previous[-1:] == "#":
        return []
    article = [] if word.previous_key == "the" else ["the"]
    if days is None:
        return [*article, *numbers.ordinal(word.core[:-2]), "of"]
    last = ["to", *numbers.ordinal(days[2])] if days[2] else []
    return [*article, *numbers.ordinal(days[1]), *last, "of"]


def months_rule(word: WordContext) -> list[str]:
    """A range of months: Jan-Mar."""
    names = [] if word.core.isalpha() else re.split("[-–—]", word.core)
    if len(names) != 2 or not word.core[:1].isupper():
        return []
    first, last = map(month_name, names)
    return f"{first.lower()} to {last.lower()}".split() if first and last else []


def named_date_rule(word: WordContext) -> list[str]:
    """A date with the name of its month in one word: Jan-15, Feb-17-2021, 15-Jan-2020."""
    if not word.core[:1].isalnum() or not ("-" in word.core or "/" in word.core):
        return []
    for pattern in _NAMED_DATES:
        match = pattern.fullmatch(word.core)
        name = month_name(match["name"]) if match else ""
        if match and name and not (name.islower() and match["name"].lower() in _ALSO_WORDS):
            year = numbers.year(match["year"]) if match["year"] else []
            day = numbers.ordinal(str(int(match["day"])))
            if word.core[0].isalpha() or match.start("year") == 0:
                return [name.lower(), *day, *year]
            return [*([] if word.previous_key == "the" else ["the"]), *day, "of", name, *year]
    return []


def month_and_day_rule(word: WordContext) -> list[str]:
    """A month and a day in figures: due 10/31, on 3/14. 9/11 is said figure by figure."""
    match = _MONTH_AND_DAY.fullmatch(word.core) if "/" in word.core else None
    if not match or word.core == "9/11":
        return []
    day = int(match["day"])
    before, after = word.previous_key, word.following_key
    is_day = before in WEEKDAYS or before in SHORT_DAYS or before in LETTERED_DAYS
    if not is_day and before not in _DUE:
        is_share = before in _AFTER_SCORES or after in _BEFORE_UNITS
        # From 4/20 to 5/3, 6/20 or 7/30.
        is_second = before in ("and", "or", "to") and _ANY_DATE.fullmatch(word.before_previous)
        is_on = before in _ON or is_second
        is_likely = day > 12 and (day not in _SCALES or is_on)
        if is_share or not is_likely or numerals.is_number(word.previous):
            return []
    return [MONTH_NAMES[int(match["month"]) - 1], *numbers.ordinal(match["day"])]


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
    """The day after a month: May 5, jan. 5, but not "May 5 people"."""
    if not re.fullmatch(_BARE_DAY, word.core) or word.following_key in numerals.COUNTED:
        return []
    month = numerals.last_part(word.previous.removesuffix("."))
    if not month[-1:].isalpha() or not month_name(month):
        return []
    has_year = _FOUR_DIGITS.fullmatch(word.following.rstrip(FINAL))
    is_month = month[:1].isupper() or month not in _ALSO_WORDS or has_year
    return numbers.ordinal(word.core) if is_month else []


def month_rule(word: WordContext) -> list[str]:
    """An abbreviated month: Oct., and any beside a number (Jan 5, jan. 5, jul 25, 25 jul)."""
    if word.key not in MONTHS:
        return []
    after_day = re.fullmatch(rf"(?:{_BARE_DAY})(?:st|nd|rd|th)?", word.previous)
    has_year = _FOUR_DIGITS.fullmatch(word.following.rstrip(FINAL))
    before_number = word.following.lstrip("'’")[:1].isdecimal()
    before_day = before_number and re.fullmatch(_BARE_DAY, word.following.rstrip(FINAL))
    # "mar", "jan" and "dec" alone may be other words or names.
    is_written = word.dotted or (word.core[0].isupper() and not word.punctuation)
    # "mar" in small letters is a word, too.
    may_be_small = word.key not in _ALSO_WORDS
    is_month = is_written or has_year or may_be_small or word.core[0].isupper()
    is_dated = (before_number and is_written) or (after_day and is_month)
    is_small_date = may_be_small and before_day and not word.punctuation
    is_abbreviated = word.dotted and (word.core.istitle() or word.all_caps)
    return [MONTHS[word.key]] if is_dated or is_small_date or is_abbreviated else []

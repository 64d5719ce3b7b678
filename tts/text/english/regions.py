"""Where English is written in another way than in the United States."""

import re

_DAY_FIRST = frozenset({"en-AU", "en-GB", "en-IE", "en-IN", "en-NZ", "en-ZA"})
"""Tags of the countries that write the day before the month."""

# A hyphen shows a date only before a full year: 1-2-10 is a code. With periods the day is first
# in every country, and the rules read it so.
_DATE = re.compile(r"(?<![\w/.-])(\d{1,2})(?=[/-])(.)(\d{1,2})\2(\d{4}|(?<=/)\d{2})(?![\w/-])")
_MONTHS = range(1, 13)


def month_first(word: str, tag: str) -> str:
    """A word whose date, in figures, has the month first, as the rules for English expect it.

    word: a written word. tag: the language that it is written in; of a tag without a region or of
    other countries the word stays. So does a date whose first number cannot be a month: the rules
    read it right as it is.
    """
    return _DATE.sub(_swapped, word) if tag in _DAY_FIRST else word


def _swapped(date: re.Match[str]) -> str:
    day, mark, month, year = date.groups()
    if int(day) not in _MONTHS or int(month) not in _MONTHS:
        return date[0]
    return mark.join((month, day, year))

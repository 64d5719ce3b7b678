"""English days of the week: Mon-Fri, Wed, Feb 17, Sat. 10-2, Tues."""

import re

from tts.text.context import FINAL, WordContext
from tts.text.english.dates import LETTERED_DAYS, SHORT_DAYS, month_name

# Abbreviations that are no other words and no names.
_ONLY_DAYS = {"tues", "thur", "thurs"}
_PARTS_OF_DAY = {"morning", "afternoon", "evening", "night", "am", "pm"}
_JOINING = {"and", "or", "&", "to", "through"}
# A date or a time, which follows the name of a day: 2/22, 10:30, 5pm, 15th.
_FIGURES = re.compile(
    r"\d{1,2}(?:/\d{1,2}(?:/\d{2,4})?|:\d\d(?:[ap]m)?|[ap]\.?m\.?|(?:st|nd|rd|th))", re.I
)


def weekdays_rule(word: WordContext) -> list[str]:
    """Weekdays and ranges of them: Mon., Mon-Fri, Wed, Feb 17."""
    if not word.core[:1].isupper():
        return []
    names = [name.rstrip(".").lower() for name in re.split("[-–—]", word.core)]
    if len(names) == 1 and names[0] in LETTERED_DAYS:
        is_date = re.match(r"\d{1,2}/\d{1,2}(?![\d/])", word.following)
        return [LETTERED_DAYS[names[0]]] if is_date else []
    if len(names) > 2 or not all(day in SHORT_DAYS for day in names):
        return []
    # "The Sun." and "They sat." are words; a date follows the day: Sun. 5 May.
    is_day = names[0] not in ("sun", "sat", "wed") or word.following[:1].isdecimal()
    is_single = word.dotted and is_day
    if not (len(names) == 2 or is_single or _is_bare_day(word)):
        return []
    return " to ".join(SHORT_DAYS[day] for day in names).split()


def _is_bare_day(word: WordContext) -> bool:
    """Whether a name without its period is a day's: Wed, Feb 17; Fri night; Mon, Wed and Fri."""
    if word.punctuation not in ("", ",", ":"):
        return False
    if word.key in _ONLY_DAYS or word.following_key in _PARTS_OF_DAY:
        return True
    before_month = month_name(word.following) and word.after_following[:1].isdecimal()
    # 15 Jan.
    is_day = word.following.isdecimal() and len(word.following) < 3
    before_day = is_day and month_name(word.after_following)
    beside = [word.previous, word.following]
    if word.previous_key in _JOINING:
        beside.append(word.before_previous)
    if word.following_key in _JOINING:
        beside.append(word.after_following)
    # "The Sun sat low" has no two days.
    is_listed = any(
        other[:1].isupper() and other.rstrip(FINAL).lower() in SHORT_DAYS for other in beside
    )
    before_figures = _FIGURES.fullmatch(word.following.rstrip(FINAL))
    return bool(before_month or before_day or before_figures or is_listed)

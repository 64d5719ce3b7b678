"""English clock times and durations: 5:30 pm, 0600 hours, 2h30m, 45:30, 2:30:15."""

import re
from re import Match

from tts.text import numbers
from tts.text.context import FINAL, WordContext
from tts.text.english import acronyms

# Words after "a.m." that continue the sentence, besides weekdays and months: 5 p.m. EST.
TIME_ZONES = {
    "est", "edt", "et", "cst", "cdt", "ct", "mst", "mdt", "mt", "pst", "pdt", "pt", "gmt", "utc",
    "bst", "cet", "cest", "ist", "jst", "eastern", "central", "mountain", "pacific",
}  # fmt: skip
AM_PM_GROUP = r"(?P<half>[AaPp]\.?[Mm]\.?)"
CLOCK = re.compile(
    r"(?P<hours>[01]?\d|2[0-3]|24(?=:00)):(?P<minutes>[0-5]\d)(?::(?P<seconds>[0-5]\d))?"
    + AM_PM_GROUP
    + "?"
)
DURATION = r"(?=.*[a-z]\d)(?:(?P<h>\d{1,3})h)?(?:(?P<m>\d{1,3})(?:m(?:in)?|(?<=h\d\d)))?"
AM_PM = re.compile(AM_PM_GROUP)
# After these a time with seconds is a length of time, and after the others a time of day.
LASTING = {
    "about", "after", "finished", "for", "in", "lasted", "lasting", "lasts", "of", "over", "ran",
    "record", "takes", "time", "took", "under", "within",
}  # fmt: skip
_BEFORE_CLOCK = {"at", "around", "by", "from", "since", "till", "to", "until"}
_HOURS = {"hours", "hrs", "hr", "hour"}
_MILITARY = re.compile(r"(?P<hours>[01]\d|2[0-3])(?P<minutes>[0-5]\d)")
# Over twelve they are no inches: 26′46″, 5'30".
RUN = re.compile(r"(?P<m>\d{1,3})['’′](?P<s>1[2-9]|[2-5]\d)[\"”″]")
ARC = re.compile(r"(?P<d>\d{1,3})°(?P<m>\d{1,2})['’′](?:(?P<s>\d{1,2}(?:\.\d+)?)[\"”″])?")
_SECONDS = re.compile(r"(?P<s>\d{1,2}(?:\.\d+)?)[\"”″]")
_MINUTES = re.compile(r"(?P<m>\d{1,3})['’′]")


def clock(match: Match[str], half_follows: bool = False) -> list[str]:
    """A match of CLOCK: 17:05 -> seventeen oh five. `half_follows`: the next word is AM or PM."""
    hours, minutes = match["hours"], match["minutes"]
    spoken = numbers.cardinal(str(int(hours)))
    if minutes == "00" and match["seconds"] not in (None, "00"):
        spoken += ["hour" if int(hours) == 1 else "hours", "zero", "minutes"]
    elif minutes != "00":
        spoken += numbers.one_by_one(minutes) if minutes[0] == "0" else numbers.cardinal(minutes)
    elif not match["half"] and match["seconds"] in (None, "00") and not half_follows:
        spoken += ["hundred"] if len(hours) == 2 and int(hours) > 12 else ["o'clock"]
    if match["seconds"] and match["seconds"] != "00":
        spoken += ["and", *numbers.cardinal(str(int(match["seconds"]))), "seconds"]
    return spoken + acronyms.capitals(match["half"] or "")


def seconds_rule(word: WordContext) -> list[str]:
    """A length of time with seconds: in 2:30:15, 0:05:30, 00:12:09. At 2:30:15 is a time of day."""
    match = CLOCK.fullmatch(word.core) if word.core.count(":") == 2 else None
    if not match or match["half"] or AM_PM.fullmatch(word.following_key):
        return []
    is_alone = match["hours"][0] == "0" and not (word.previous or word.following)
    if word.previous_key not in LASTING and not is_alone and match["hours"] != "0":
        return []
    names = [("hours", "hour"), ("minutes", "minute"), ("seconds", "second")]
    parts = [_named(str(int(match[group])), name) for group, name in names if int(match[group])]
    last = ["and", *parts[-1]] if len(parts) > 1 else parts[-1] if parts else ["zero", "seconds"]
    return [*(part for words in parts[:-1] for part in words), *last]


def military_rule(word: WordContext) -> list[str]:
    """A time of day in four figures, and one before "hours": at 0730, at 2100 hours, 13:00 hrs.

    "1800 hours of work" is a quantity.
    """
    has_hours = word.following_key in _HOURS and not word.punctuation
    match = CLOCK.fullmatch(word.core) if has_hours else None
    if match and match["minutes"] and not match["half"] and not match["seconds"]:
        return _military(match["hours"], match["minutes"])
    match = _MILITARY.fullmatch(word.core)
    if not match:
        return []
    after_time = word.previous_key == "to" and _MILITARY.fullmatch(word.before_previous)
    is_clock = word.previous_key in _BEFORE_CLOCK - {"to"} or bool(after_time)
    is_known = word.core[0] == "0" and (has_hours or is_clock)
    is_known = is_known or (has_hours and is_clock and word.after_following != "of")
    return _military(match["hours"], match["minutes"]) if is_known else []


def _military(hours: str, minutes: str) -> list[str]:
    spoken = numbers.one_by_one(hours) if hours[0] == "0" else numbers.cardinal(hours)
    if hours == "00":
        spoken = ["zero"]
    if minutes == "00":
        return [*spoken, "hundred"]
    low = numbers.one_by_one(minutes) if minutes[0] == "0" else numbers.cardinal(minutes)
    return [*spoken, *low]


def hours_rule(word: WordContext) -> list[str]:
    """The unit of 13:00 hrs."""
    is_time = word.key in _HOURS and CLOCK.fullmatch(word.previous)
    return ["hours"] if is_time else []


def full_hour(match: Match[str]) -> list[str]:
    """5pm -> five P M."""
    return [*numbers.cardinal(match["hours"]), *acronyms.capitals(match["half"])]


def duration(match: Match[str]) -> list[str]:
    """2h30m, 1h30, 5m30s -> two hours thirty minutes."""
    parts = {"hour": match["h"], "minute": match["m"], "second": match["s"]}
    spoken: list[str] = []
    for name, digits in parts.items():
        if digits:
            value = str(int(digits))
            spoken += [*numbers.cardinal(value), name if value == "1" else name + "s"]
    return spoken


def minutes_and_seconds(match: Match[str]) -> list[str]:
    """A match of RUN: 26′46″ -> twenty six minutes forty six seconds."""
    return [*_named(match["m"], "minute"), *_named(match["s"], "second")]


def arc(match: Match[str]) -> list[str]:
    """A match of ARC: 48°51′24″ -> forty eight degrees fifty one minutes twenty four seconds."""
    seconds = _named(match["s"], "second") if match["s"] else []
    return [*_named(match["d"], "degree"), *_named(match["m"], "minute"), *seconds]


def prime_rule(word: WordContext) -> list[str]:
    """Minutes and seconds that stand apart: 26′ 46″, 48° 51′ 24″. 6′ 2″ has feet and inches."""
    minutes = _MINUTES.fullmatch(word.core)
    seconds = _SECONDS.fullmatch(word.core)
    if minutes:
        after = RUN.fullmatch(word.core + word.following.rstrip(FINAL))
        is_time = after or word.previous.endswith("°")
        return _named(minutes["m"], "minute") if is_time else []
    if seconds and _MINUTES.fullmatch(word.previous):
        is_time = RUN.fullmatch(word.previous + word.core) or word.before_previous.endswith("°")
        return _named(seconds["s"], "second") if is_time else []
    return []


def _named(number: str, unit: str) -> list[str]:
    return [*numbers.plain(number), unit if number == "1" else unit + "s"]


def running_time(match: Match[str]) -> list[str]:
    """A time in a recording, which no clock shows: 45:30, 25:00."""
    first, second = match[2], match[3]
    if second == "00":
        return [*numbers.cardinal(first), "minutes"]
    low = numbers.one_by_one(second) if second[0] == "0" else numbers.cardinal(second)
    return [*numbers.cardinal(first), *low]


def am_pm_rule(word: WordContext) -> list[str]:
    """AM or PM after a time."""
    if not AM_PM.fullmatch(word.core):
        return []
    after_time = re.search(r"(?:^|\D)[012]?\d(?:[:.][0-5]\d)?$", word.previous)
    return acronyms.capitals(word.core) if after_time else []


def clock_rule(word: WordContext) -> list[str]:
    """A time with AM or PM, which a full hour has instead of "o'clock": 5:00 pm, 8.30 pm."""
    match = CLOCK.fullmatch(word.core.replace(".", ":", 1))
    has_half = match and (match["half"] or AM_PM.fullmatch(word.following_key))
    return clock(match, True) if match and has_half else []


def minutes_rule(word: WordContext) -> list[str]:
    """Minutes and seconds of a duration: 2h 30m, 5m 30s, 90' minutes. Elsewhere 30m is meters."""
    match = re.fullmatch(r"(\d{1,3})['’′]", word.core)
    if match and word.following_key in ("minute", "minutes", "min", "mins"):
        return numbers.cardinal(match[1])
    match = re.fullmatch(r"(\d{1,2})s", word.core)
    if match and re.fullmatch(r"\d{1,3}m", word.previous):
        return [*numbers.cardinal(match[1]), "second" if match[1] == "1" else "seconds"]
    match = re.fullmatch(r"(\d{1,3})m", word.core)
    names = ("hr", "hrs", "hour", "hours")
    after_hours = word.previous_key in names or re.fullmatch(r"\d+h", word.previous)
    if not match or not (after_hours or re.fullmatch(r"\d{1,2}s", word.following_key)):
        return []
    return [*numbers.cardinal(match[1]), "minute" if match[1] == "1" else "minutes"]

"""What English counts and times with letters or signs: 9/10, 2.3m views, John 3:16, 2h 30m.

Each rule says a place's words, or nothing where it does not apply.
"""

import re

from tts.text import numbers
from tts.text.context import WordContext
from tts.text.english import figures, tables


def ratio(place: WordContext) -> list[str]:
    """9/10 -> nine out of ten, 1/10 -> one tenth, 5/16 -> five sixteenths, Part 2/3, 2/3rds."""
    match = re.fullmatch(rf"{figures.NUMBER}/(\d{{1,3}})(st|nd|rd|th)?s?", place.core)
    if not match or not match["whole"]:
        return []
    above, below = match["whole"], match[3]
    if match[4]:
        return figures.parts(above, below)
    if place.previous_key in tables.PARTS:
        return [*numbers.cardinal(above), "of", *numbers.cardinal(below)]
    if place.previous_key in tables.DATED:
        return []
    is_share = above == "1" or below in ("7", "9", "16", "32", "64")
    if match["fraction"] or (below in ("10", "100") and int(above) <= int(below) and above != "1"):
        return [*figures.number(match), "out", "of", *numbers.cardinal(below)]
    known = below in ("7", "9", "10", "16", "32", "64", "100") and int(above) < int(below)
    return figures.parts(above, below) if known and is_share else []


def people_count(place: WordContext) -> list[str]:
    """2.3m views."""
    match = re.fullmatch(rf"{figures.NUMBER}m", place.core)
    return (
        [*figures.number(match), "million"]
        if match and place.following_key in tables.CROWDS
        else []
    )


def several(place: WordContext) -> list[str]:
    """1s and 0s, two 2s; elsewhere they are seconds."""
    match = re.fullmatch(r"(\d{1,2})['’]?s", place.core)
    if not match:
        return []
    pair = place.following_key in ("and", "or") and re.match(
        r"\d{1,2}['’]?s\b", place.after_following
    )
    pair = pair or (
        place.previous_key in ("and", "or") and re.match(r"\d{1,2}['’]?s$", place.before_previous)
    )
    counted = place.previous_key in numbers.DIGITS[2:] or place.previous_key in ("all", "many")
    return figures.of_several(numbers.cardinal(match[1])) if pair or counted else []


def verse(place: WordContext) -> list[str]:
    """The 3:16 of John 3:16."""
    match = re.fullmatch(r"(\d{1,3}):(\d{1,3})(?:[-–](\d{1,3}))?", place.core)
    if not match or place.previous_key not in tables.BOOKS or not place.previous[:1].isupper():
        return []
    until = ["to", *numbers.cardinal(match[3])] if match[3] else []
    return [*numbers.cardinal(match[1]), *numbers.cardinal(match[2]), *until]


def race(place: WordContext) -> list[str]:
    """The 100m of a dash."""
    match = re.fullmatch(r"(\d{2,4})m", place.core)
    return (
        [*numbers.cardinal(match[1]), "meter"]
        if match and place.following_key in tables.RACES
        else []
    )


def minutes(place: WordContext) -> list[str]:
    """The 30m of 2h 30m, the 5m and the 30s of 5m 30s, the 90' of a minute."""
    match = re.fullmatch(r"(\d{1,3})['’′]", place.core)
    if match and place.following_key in ("minute", "minutes", "min", "mins"):
        return numbers.cardinal(match[1])
    match = re.fullmatch(r"(\d{1,2})s", place.core)
    if match and re.fullmatch(r"\d{1,3}m", place.previous):
        return [*numbers.cardinal(match[1]), "second" if match[1] == "1" else "seconds"]
    match = re.fullmatch(r"(\d{1,3})m", place.core)
    timed = re.fullmatch(r"\d+h", place.previous) or place.previous_key in (
        "hr",
        "hrs",
        "hour",
        "hours",
    )
    if not match or not (timed or re.fullmatch(r"\d{1,2}s", place.following_key)):
        return []
    return [*numbers.cardinal(match[1]), "minute" if match[1] == "1" else "minutes"]

"""English numbers: 1,250, 2.3m views, the 1990s, 100s of people, 1s and 0s."""

import re
from collections.abc import Callable
from re import Match

from tts.text import numbers
from tts.text.context import JOINER, WordContext

# Before these a figure of four is a quantity rather than a year.
COUNTED = {
    "acres", "books", "bucks", "calories", "cars", "cents", "copies", "days", "degrees", "dollars",
    "employees", "euros", "feet", "files", "followers", "gallons", "grams", "hours", "houses",
    "items", "jobs", "kilometers", "liters", "members", "men", "meters", "miles", "minutes",
    "months", "pages", "people", "photos", "points", "pounds", "seats", "seconds", "soldiers",
    "songs", "steps", "students", "times", "tons", "units", "users", "views", "volts", "votes",
    "watts", "weeks", "women", "words", "workers", "yards", "years", "yen",
}  # fmt: skip
SCALES = {
    "k": "thousand", "m": "million", "mn": "million", "mm": "million", "mil": "million",
    "b": "billion", "bn": "billion", "t": "trillion", "tn": "trillion",
}  # fmt: skip
# These are a sum's scale when they stand apart from it.
SCALE_MARKS = {"K", "k", "M", "B", "T", "mn", "mm", "mil", "bn", "tn"}
SCALE_WORDS = {"hundred", "thousand", "million", "billion", "trillion", "lakh", "crore"}
# Before these 3m is three million.
CROWDS = {
    "people", "views", "users", "followers", "subscribers", "subs", "downloads", "copies",
    "votes", "likes", "plays", "streams", "members", "fans", "viewers", "players", "workers",
    "children", "women", "men", "homes", "households", "jobs", "cars", "records", "units",
    "songs", "photos", "customers", "employees", "visitors", "dollars", "euros", "clicks",
    "sales", "installs", "listeners", "hits", "tweets", "posts", "videos",
}  # fmt: skip
# 1,000,000, and as India parts it 10,00,000.
DIGITS = r"\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d+"
NUMBER = rf"(?P<whole>{DIGITS})?(?:(?<=\d)|(?=\.\d))(?:\.(?P<fraction>\d+))?"
SIGN = r"(?P<minus>[-–−+])?"
YEAR = re.compile(r"1[1-9]\d\d|20\d\d")
Rules = tuple[tuple[re.Pattern[str], Callable[[Match[str]], list[str]]], ...]


def number(match: Match[str]) -> list[str]:
    """The number of a match with the groups `whole` and `fraction`."""
    whole = (match["whole"] or "0").replace(",", "")
    if match["fraction"]:
        return numbers.decimal(whole, match["fraction"])
    return numbers.cardinal(whole)


def scaled(match: Match[str]) -> list[str]:
    """5M, 2.5bn -> five million, two point five billion."""
    return [*number(match), SCALES[match["scale"].lower()]]


def decade(match: Match[str]) -> list[str]:
    """1990s, '90s -> nineteen nineties, nineties."""
    several = numbers.year if len(match[1]) == 3 else numbers.cardinal
    return of_several(several(match[1] + "0"))


def of_several(words: list[str]) -> list[str]:
    """A number's plural: twos, sixes, nineties."""
    *first, last = words
    if last.endswith("y"):
        return [*first, last[:-1] + "ies"]
    return [*first, last + ("es" if last.endswith("x") else "s")]


def round_numbers(match: Match[str]) -> list[str]:
    """100s of people, 10,000s: hundreds, tens of thousands."""
    *first, last = numbers.cardinal(match[1].replace(",", ""))
    if first == ["one"]:
        return [last + "s"]
    return [*of_several(first[-1:]), "of", last + "s"] if first else [last + "s"]


def two_by_two(digits: str) -> list[str]:
    """Figures as they name models and screens: 1080 -> ten eighty, 13700 -> thirteen 700."""
    if len(digits) < 3 or digits.endswith("000") or len(digits) > 5 or digits[0] == "0":
        return numbers.cardinal(digits)
    if len(digits) == 5:
        return [*numbers.cardinal(digits[:2]), *numbers.cardinal(digits[2:])]
    low = digits[-2:]
    last = ["hundred"] if low == "00" else numbers.one_by_one(low)
    return [*numbers.cardinal(digits[:-2]), *(numbers.cardinal(low) if low[0] != "0" else last)]


def signed(match: Match[str]) -> list[str]:
    """The number of a match with the group `minus` too."""
    sign = {"-": ["minus"], "–": ["minus"], "−": ["minus"], "+": ["plus"]}.get(
        match["minus"] or "", []
    )
    return sign + number(match)


def is_number(word: str) -> bool:
    """Whether a word is or ends in figures alone: 5, 1,000.5, 5-10."""
    figure = last_part(word)
    return bool(re.fullmatch(NUMBER, figure)) and figure[0].isdecimal()


def last_part(word: str) -> str:
    """The end of a joined word: the 10 of 5-10."""
    return re.split(f"[{JOINER}]", word)[-1]


def people_count_rule(word: WordContext) -> list[str]:
    """2.3m views."""
    match = re.fullmatch(rf"{NUMBER}m", word.core)
    return [*number(match), "million"] if match and word.following_key in CROWDS else []


def several_rule(word: WordContext) -> list[str]:
    """1s and 0s, two 2s; elsewhere they are seconds."""
    match = re.fullmatch(r"(\d{1,2})['’]?s", word.core)
    if not match:
        return []
    pair = word.following_key in ("and", "or") and re.match(
        r"\d{1,2}['’]?s\b", word.after_following
    )
    pair = pair or (
        word.previous_key in ("and", "or") and re.match(r"\d{1,2}['’]?s$", word.before_previous)
    )
    counted = word.previous_key in numbers.DIGITS[2:] or word.previous_key in ("all", "many")
    return of_several(numbers.cardinal(match[1])) if pair or counted else []

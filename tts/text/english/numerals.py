"""English numbers: 1,250, 2.3m views, the 1990s, 100s of people, 1s and 0s."""

import re
from collections.abc import Callable
from re import Match

from tts.text import numbers
from tts.text.context import JOINER, WordContext

# Before these four digits are a quantity rather than a year: 1967 soldiers.
COUNTED = {
    "acres", "books", "bucks", "calories", "cars", "cents", "copies", "days", "degrees", "dollars",
    "employees", "euros", "feet", "files", "followers", "gallons", "grams", "hours", "houses",
    "items", "jobs", "kilometers", "liters", "members", "men", "meters", "miles", "minutes",
    "months", "pages", "people", "photos", "points", "pounds", "seats", "seconds", "soldiers",
    "songs", "steps", "students", "times", "tons", "units", "users", "views", "volts", "votes",
    "watts", "weeks", "women", "words", "workers", "yards", "years", "yen",
}  # fmt: skip
# After these .287 is the average of a batter.
BATTED = {
    "average",
    "averaged",
    "averaging",
    "bat",
    "bats",
    "batted",
    "batting",
    "hit",
    "hits",
    "hitting",
}
SCALES = {
    "k": "thousand", "m": "million", "mn": "million", "mm": "million", "mil": "million",
    "b": "billion", "bn": "billion", "t": "trillion", "tn": "trillion",
}  # fmt: skip
# Scales that may stand apart from a sum: $5 M.
SCALE_MARKS = {"K", "k", "M", "B", "T", "mn", "mm", "mil", "bn", "tn"}
SCALE_WORDS = {"hundred", "thousand", "million", "billion", "trillion", "lakh", "crore"}
# Before these 3m is three million rather than three meters: 3m views.
CROWDS = {
    "people", "views", "users", "followers", "subscribers", "subs", "downloads", "copies",
    "votes", "likes", "plays", "streams", "members", "fans", "viewers", "players", "workers",
    "children", "women", "men", "homes", "households", "jobs", "cars", "records", "units",
    "songs", "photos", "customers", "employees", "visitors", "dollars", "euros", "clicks",
    "sales", "installs", "listeners", "hits", "tweets", "posts", "videos",
}  # fmt: skip
# 1,000,000, and with India's grouping 10,00,000. A run of figures is taken as a whole: a pattern
# that gave back figure by figure would try each unit after each of 200,000 figures.
DIGITS = r"\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d++"
NUMBER = rf"(?P<whole>{DIGITS})?(?:(?<=\d)|(?=\.\d))(?:\.(?P<fraction>\d+))?"
SIGN = r"(?P<minus>[-–−+])?"
# What three figures count, from the last of a number to the first.
_GROUP_NAMES = (
    "", "thousand", "million", "billion", "trillion", "quadrillion", "quintillion", "sextillion",
    "septillion", "octillion", "nonillion", "decillion",
)  # fmt: skip
# From 1100 to 2099; any other number of four digits is a quantity.
YEAR = re.compile(r"1[1-9]\d\d|20\d\d")
# A pattern of a whole word, and the spoken words of its match.
Rules = tuple[tuple[re.Pattern[str], Callable[[Match[str]], list[str]]], ...]


def number(match: Match[str]) -> list[str]:
    """The number of a match of NUMBER."""
    whole = match["whole"] or "0"
    digits = whole.replace(",", "")
    is_long = len(digits) > numbers.MAX_CARDINAL_DIGITS and "," in whole
    spoken = _by_groups(whole.split(",")) if is_long else numbers.cardinal(digits)
    if match["fraction"]:
        spoken = [*spoken, "point", *numbers.one_by_one(match["fraction"], zero="zero")]
    return spoken


def _by_groups(groups: list[str]) -> list[str]:
    """A number of more figures than a code has, by its groups: 124,444,...,000."""
    is_western = all(len(group) == 3 for group in groups[1:]) and groups[0][0] != "0"
    if not is_western or len(groups) > len(_GROUP_NAMES):
        return numbers.one_by_one("".join(groups), zero="zero")
    names = _GROUP_NAMES[len(groups) - 1 :: -1]
    spoken: list[str] = []
    for group, name in zip(groups, names, strict=False):
        if int(group):
            spoken += [*numbers.cardinal(str(int(group))), *name.split()]
    return spoken


def scaled(match: Match[str]) -> list[str]:
    """5M, 2.5bn -> five million, two point five billion."""
    return [*number(match), SCALES[match["scale"].lower()]]


def decade(match: Match[str]) -> list[str]:
    """1990s, '90s -> nineteen nineties, nineties."""
    several = numbers.year if len(match[1]) == 3 else numbers.cardinal
    return of_several(several(match[1] + "0"))


def of_several(words: list[str]) -> list[str]:
    """The plural of a number: twos, sixes, nineties."""
    *first, last = words
    if last.endswith("y"):
        return [*first, last[:-1] + "ies"]
    return [*first, last + ("es" if last.endswith("x") else "s")]


def decade_rule(word: WordContext) -> list[str]:
    """A decade of three figures: the 830s. Elsewhere 830s is seconds."""
    match = re.fullmatch(r"(?!100)([1-9]\d)0['’]?s", word.core)
    if not match or word.previous_key not in ("the", "early", "late", "mid"):
        return []
    tens = match[1][-1] + "0"
    last = ["hundreds"] if tens == "00" else of_several(numbers.cardinal(tens))
    return [*numbers.cardinal(match[1][0]), *last]


def average_rule(word: WordContext) -> list[str]:
    """The average of a batter: hit .287 -> two eighty seven."""
    is_known = word.previous_key in BATTED and word.following_key not in COUNTED
    match = re.fullmatch(r"\.([1-9]\d\d)", word.core) if is_known else None
    if not match:
        return []
    return two_by_two(match[1]) if match[1][1:] != "00" else numbers.cardinal(match[1])


def with_ending(words: list[str], ending: str) -> list[str]:
    """The number with an ending: twenty ninth's, forty niners."""
    *first, last = words
    is_double = last.endswith("e") and ending.startswith("e")
    return [*first, (last[:-1] if is_double else last) + ending.replace("’", "'")]


def round_numbers(match: Match[str]) -> list[str]:
    """100s of people, 10,000s: hundreds, tens of thousands."""
    *first, last = numbers.cardinal(match[1].replace(",", ""))
    if first == ["one"]:
        return [last + "s"]
    return [*of_several(first[-1:]), "of", last + "s"] if first else [last + "s"]


def two_by_two(digits: str) -> list[str]:
    """Digits of models and screens: 1080 -> ten eighty, 13700 -> thirteen seven hundred."""
    if len(digits) < 3 or digits.endswith("000") or len(digits) > 5 or digits[0] == "0":
        return numbers.cardinal(digits)
    if len(digits) == 5:
        return [*numbers.cardinal(digits[:2]), *numbers.cardinal(digits[2:])]
    low = digits[-2:]
    last = ["hundred"] if low == "00" else numbers.one_by_one(low)
    return [*numbers.cardinal(digits[:-2]), *(numbers.cardinal(low) if low[0] != "0" else last)]


def signed(match: Match[str]) -> list[str]:
    """The number of a match of SIGN and NUMBER."""
    sign = {"-": ["minus"], "–": ["minus"], "−": ["minus"], "+": ["plus"]}.get(
        match["minus"] or "", []
    )
    return sign + number(match)


def is_number(word: str) -> bool:
    """Whether a word is a number, or a joined word that ends in one: 5, 1,000.5, 5-10."""
    last = last_part(word)
    return bool(re.fullmatch(NUMBER, last)) and last[0].isdecimal()


def last_part(word: str) -> str:
    """The last part of a joined word: the 10 of 5-10."""
    return re.split(f"[{JOINER}]", word)[-1]


def people_count_rule(word: WordContext) -> list[str]:
    """A count of people or views in millions: 2.3m views."""
    match = re.fullmatch(rf"{NUMBER}m", word.core)
    return [*number(match), "million"] if match and word.following_key in CROWDS else []


def several_rule(word: WordContext) -> list[str]:
    """Digits in the plural: 1s and 0s, two 2s. Elsewhere 2s is two seconds."""
    match = re.fullmatch(r"(\d{1,2})['’]?s", word.core)
    if not match:
        return []
    in_pair = word.following_key in ("and", "or") and re.match(
        r"\d{1,2}['’]?s\b", word.after_following
    )
    in_pair = in_pair or (
        word.previous_key in ("and", "or") and re.match(r"\d{1,2}['’]?s$", word.before_previous)
    )
    is_counted = word.previous_key in (*numbers.DIGITS[2:], "all", "many")
    return of_several(numbers.cardinal(match[1])) if in_pair or is_counted else []

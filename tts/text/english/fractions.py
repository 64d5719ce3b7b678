"""English fractions and ratios: 3/4, 1½, 5/16, 17/3, 9/10, Part 2/3, BP 135/85."""

import re
import unicodedata
from re import Match

from tts.text import numbers
from tts.text.context import FINAL, WordContext
from tts.text.english import numerals

# After these 2/3 is one of several: Part 2/3.
NUMBERED_PARTS = {
    "part", "page", "step", "slide", "day", "week", "episode", "round", "chapter", "lesson",
    "video", "module", "question", "level", "game", "match", "set", "stage", "phase", "section",
}  # fmt: skip
# After these 2/3 is a date, which is left to be read as two numbers: due 2/3.
DATED = {"on", "by", "since", "until", "till", "from", "dated", "due", "before", "after"}
SHARES = {"2": ("half", "halves"), "4": ("quarter", "quarters")}
# Common fractions only: 24/7 and 5/5 are none.
FRACTION = re.compile(r"(?P<share>(?P<above>[1-9])/(?!(?P=above))(?:[2-6]|8))")
VULGAR = re.compile(r"(?P<whole>\d+)?(?P<share>[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])")


def share(match: Match[str], one: str = "one") -> list[str]:
    """The fraction of a match of FRACTION or VULGAR, without its whole: 3/4 -> three quarters.

    `one` is the word for a numerator of 1: "one half", but "three and a half".
    """
    written = unicodedata.normalize("NFKC", match["share"]).replace("⁄", "/")
    above, _, below = written.partition("/")
    return parts(above, below, one)


def parts(above: str, below: str, one: str = "one") -> list[str]:
    """A numerator above a denominator: 5 and 16 -> five sixteenths."""
    *first, last = numbers.ordinal(below)
    single, several = SHARES.get(below, (last, last + "s"))
    if above == "1":
        return [one, *first, single]
    return [*numbers.cardinal(above), *first, several]


def mixed(match: Match[str]) -> list[str]:
    """A match of VULGAR: ½ -> one half, 1½ -> one and a half."""
    if not match["whole"]:
        return share(match)
    return [*numbers.cardinal(match["whole"]), "and", *share(match, "a")]


def pressure_rule(word: WordContext) -> list[str]:
    """The pressure of blood: BP 135/85 -> one thirty five over eighty five."""
    match = re.fullmatch(r"(\d{2,3})/(\d{2,3})", word.core)
    if not match or not (int(match[2]) < int(match[1]) < 300 and int(match[2]) > 29):
        return []
    label = word.previous_key
    if label in ("is", "was", "of", "at"):
        label = word.before_previous.rstrip(FINAL).lower()
    if label not in ("bp", "pressure") and word.following_key != "mmhg":
        return []
    return [*numerals.two_by_two(match[1]), "over", *numerals.two_by_two(match[2])]


def share_rule(word: WordContext) -> list[str]:
    """A fraction after its whole: the 1/2 of "2 1/2", also with an inch mark."""
    bare = word.core.rstrip('"″')
    match = FRACTION.fullmatch(bare) or VULGAR.fullmatch(bare)
    has_whole = match and match["share"] == bare and word.previous.isdecimal()
    inch = [] if bare == word.core else ["inch"]
    return ["and", *share(match, "a"), *inch] if match and has_whole else []


def ratio_rule(word: WordContext) -> list[str]:
    """9/10 -> nine out of ten, 1/10 -> one tenth, 5/16 -> five sixteenths, Part 2/3, 2/3rds.

    Not 9/11 and 10/12, which are dates as often as ratios.
    """
    match = re.fullmatch(rf"{numerals.NUMBER}/(\d{{1,3}})(st|nd|rd|th)?s?", word.core)
    if not match or not match["whole"]:
        return []
    above, below = match["whole"].replace(",", ""), match[3]
    # Four digits are more than any `below`, and `int` refuses a number of thousands.
    value = int(above[:4])
    if match[4]:
        return parts(above, below)
    if word.previous_key in NUMBERED_PARTS:
        return [*numbers.cardinal(above), "of", *numbers.cardinal(below)]
    if word.previous_key in DATED:
        return []
    is_share = above == "1" or below in ("7", "9", "16", "32", "64")
    if match["fraction"] or (below in ("10", "100") and value <= int(below) and above != "1"):
        return [*numerals.number(match), "out", "of", *numbers.cardinal(below)]
    # 13/2 has no month, 24/7 is day and night, and 16/9 and 21/9 are shapes of screens.
    is_improper = len(above) == 2 and value > 12 and below in "23456789"
    if is_improper and word.core not in ("24/7", "16/9", "21/9"):
        return parts(above, below)
    is_proper = below in ("7", "9", "10", "16", "32", "64", "100") and value < int(below)
    return parts(above, below) if is_proper and is_share else []

"""English figures spelled out: numbers, money, times, dates, years, fractions, measures.

`FIGURES` is read from top to bottom: the first pattern that matches a whole word decides.
"""

import re
import unicodedata
from collections.abc import Callable
from re import Match

from tts import numbers
from tts.english_tables import (
    CAPITAL_UNITS,
    CURRENCIES,
    IRREGULAR,
    MONTH_NAMES,
    PLURALS,
    SCALES,
    UNCOUNTED,
    UNITS,
)

SHARES = {"2": ("half", "halves"), "4": ("quarter", "quarters")}
# Two figures of a year before this one are of the twenty-first century, as POSIX has it.
CENTURY_TURN = 69


def number(match: Match[str]) -> list[str]:
    """The number of a match with the groups `whole` and `fraction`."""
    whole = (match["whole"] or "0").replace(",", "")
    if match["fraction"]:
        return numbers.decimal(whole, match["fraction"])
    return numbers.cardinal(whole)


def money(match: Match[str]) -> list[str]:
    """A match of MONEY: $2.5M, £1.01."""
    unit, small = CURRENCIES[match["sign"]]
    minus = ["minus"] if match["minus"] else []
    if match["scale"]:
        return [*minus, *number(match), SCALES[match["scale"].lower()], plural(unit)]
    fraction = match["fraction"] or ""
    if len(fraction) not in (0, 2):
        return [*minus, *number(match), plural(unit)]
    whole, cents = (match["whole"] or "0").replace(",", ""), int(fraction or 0)
    spoken = [*numbers.cardinal(whole), unit if whole == "1" else plural(unit)]
    if cents:
        part = [*numbers.cardinal(str(cents)), small if cents == 1 else plural(small)]
        spoken = [*spoken, "and", *part] if whole != "0" else part
    return [*minus, *spoken]


def plural(unit: str) -> str:
    """The plural of a currency's unit."""
    return PLURALS.get(unit, unit + "s")


def unit(name: str, singular: bool) -> list[str]:
    """A unit by its symbol, for one or for several."""
    name = UNITS[name.lower()]
    if singular or name.endswith("s") or any(part in name for part in UNCOUNTED):
        return name.split()
    return IRREGULAR.get(name, name + "s").split()


def clock(match: Match[str], half_follows: bool = False) -> list[str]:
    """A match of CLOCK; `half_follows` when the next word is AM or PM."""
    hours, minutes = match["hours"], match["minutes"]
    spoken = numbers.cardinal(str(int(hours)))
    if minutes != "00":
        spoken += numbers.one_by_one(minutes) if minutes[0] == "0" else numbers.cardinal(minutes)
    elif not match["half"] and not match["seconds"] and not half_follows:
        spoken += ["hundred"] if len(hours) == 2 and int(hours) > 12 else ["o'clock"]
    if match["seconds"]:
        spoken += ["and", *numbers.cardinal(str(int(match["seconds"]))), "seconds"]
    return spoken + capitals(match["half"] or "")


def capitals(text: str) -> list[str]:
    """The letters of a text one by one: a.m. -> A M."""
    return [letter.upper() for letter in text if letter.isalpha()]


def share(match: Match[str], one: str = "one") -> list[str]:
    """A match of FRACTION or VULGAR without its whole: 3/4 -> three quarters."""
    written = unicodedata.normalize("NFKC", match["share"]).replace("⁄", "/")
    above, _, below = written.partition("/")
    *first, last = numbers.ordinal(below)
    single, several = SHARES.get(below, (last, last + "s"))
    if above == "1":
        return [one, *first, single]
    return [*numbers.cardinal(above), *first, several]


def _mixed(match: Match[str]) -> list[str]:
    """A match of VULGAR: ½ -> one half, 1½ -> one and a half."""
    if not match["whole"]:
        return share(match)
    return [*numbers.cardinal(match["whole"]), "and", *share(match, "a")]


def date(match: Match[str]) -> list[str]:
    """A match of DATE or ISO_DATE: 12/25/2023 -> december twenty fifth twenty twenty three."""
    year = match["year"]
    if len(year) == 2:
        year = ("20" if int(year) < CENTURY_TURN else "19") + year
    day = numbers.ordinal(match["day"])
    return [MONTH_NAMES[int(match["month"]) - 1], *day, *numbers.year(year)]


def _measure(match: Match[str]) -> list[str]:
    """A match of a figure and its unit: 5km; "a 5-km run" has the unit's singular."""
    singular = (match["whole"] == "1" and not match["fraction"]) or bool(match["joint"])
    return [*_signed(match), *unit(match["unit"], singular)]


def _hour(match: Match[str]) -> list[str]:
    return [*numbers.cardinal(match["hours"]), *capitals(match["half"])]


def _cents(match: Match[str]) -> list[str]:
    return [*number(match), "cent" if match["whole"] == "1" else "cents"]


def _scaled(match: Match[str]) -> list[str]:
    return [*number(match), SCALES[match["scale"].lower()]]


def _decade(match: Match[str]) -> list[str]:
    words = numbers.year(match[1] + "0") if len(match[1]) == 3 else numbers.cardinal(match[1] + "0")
    last = words[-1]
    return [*words[:-1], last[:-1] + "ies" if last.endswith("y") else last + "s"]


def _version(match: Match[str]) -> list[str]:
    first, *rest = match[0].split(".")
    spoken = numbers.cardinal(first)
    for part in rest:
        spoken += ["point", *numbers.cardinal(part)]
    return spoken


def phone(match: Match[str]) -> list[str]:
    """A telephone number figure by figure, its round hundreds by name: 1-800-555-0199."""
    spoken: list[str] = ["plus"] if match[0].startswith("+") else []
    for group in re.findall(r"\d+", match[0]):
        if re.fullmatch(r"[1-9]00", group):
            spoken += [numbers.DIGITS[int(group[0])], "hundred"]
        else:
            spoken += numbers.one_by_one(group)
    return spoken


def _signed(match: Match[str]) -> list[str]:
    sign = {"-": ["minus"], "−": ["minus"], "+": ["plus"]}.get(match["minus"] or "", [])
    return sign + number(match)


def _unit_pattern() -> str:
    """Units of several letters in any case, of one letter in lower case or as CAPITAL_UNITS."""
    by_length = sorted(map(re.escape, UNITS), key=len)[::-1]
    several = "|".join(name for name in by_length if len(name) > 1)
    return f"(?i:{several})|[{''.join(name for name in UNITS if len(name) == 1)}{CAPITAL_UNITS}]"


DIGITS = r"\d{1,3}(?:,\d{3})+|\d+"
NUMBER = rf"(?P<whole>{DIGITS})?(?:(?<=\d)|(?=\.\d))(?:\.(?P<fraction>\d+))?"
SIGN = r"(?P<minus>[-−+])?"
HALF = r"(?P<half>[AaPp]\.?[Mm]\.?)"
MONEY = re.compile(rf"(?P<minus>[-−])?(?:US)?(?P<sign>[$£€¥]){NUMBER}(?P<scale>bn|mn|[kKmMbBtT])?")
MONEY_RANGE = re.compile(
    rf"(?:US)?(?P<sign>[$£€¥])(?P<low>(?:{DIGITS})(?:\.\d+)?)[-–—]"
    rf"(?P<high>(?:{DIGITS})(?:\.\d+)?)(?P<scale>bn|mn|[kKmMbBtT])?"
)
CLOCK = re.compile(
    r"(?P<hours>[01]?\d|2[0-3]):(?P<minutes>[0-5]\d)(?::(?P<seconds>[0-5]\d))?" + HALF + "?"
)
FRACTION = re.compile(r"(?P<share>(?P<above>[1-9])/(?!(?P=above))(?:[2-6]|8))")
VULGAR = re.compile(r"(?P<whole>\d+)?(?P<share>[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])")
DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])"
MONTH = r"(?P<month>0?[1-9]|1[0-2])"
DATE = re.compile(rf"{MONTH}(?P<mark>[-/]){DAY}(?P=mark)(?P<year>[12]\d{{3}}|(?<=/)\d\d)")
ISO_DATE = re.compile(rf"(?P<year>[12]\d{{3}})(?P<mark>[-/]){MONTH}(?P=mark){DAY}")
PHONE = re.compile(r"\d{3}-\d{4}|(?:\+?\d{1,3}\.)?\d{3}\.\d{3}\.\d{4}|\+?\d{1,4}(?:-\d{2,4}){2,4}")
YEAR = re.compile(r"1[1-9]\d\d|20\d\d")
Rules = tuple[tuple[re.Pattern[str], Callable[[Match[str]], list[str]]], ...]
FIGURES: Rules = (
    (MONEY, money),
    (re.compile(rf"{NUMBER}¢"), _cents),
    (re.compile(rf"{SIGN}{NUMBER}%"), lambda match: [*_signed(match), "percent"]),
    (CLOCK, clock),
    (re.compile(rf"(?P<hours>[1-9]|1[0-2]){HALF}"), _hour),
    (
        re.compile(rf"({DIGITS})(?:st|nd|rd|th)", re.I),
        lambda match: numbers.ordinal(match[1].replace(",", "")),
    ),
    (re.compile(r"['’]?((?:1[1-9]|20)?\d)0['’]?s"), _decade),
    (YEAR, lambda match: numbers.year(match[0])),
    (re.compile(rf"{SIGN}{NUMBER}"), _signed),
    # 4K and 8K are names of screens, 401k is a pension.
    (re.compile(rf"(?!(?:[48]K|401k)$){NUMBER}(?P<scale>bn|mn|k|[KMBT])"), _scaled),
    (re.compile(rf"{SIGN}{NUMBER}(?P<joint>-)?(?P<unit>{_unit_pattern()})"), _measure),
    (FRACTION, share),
    (VULGAR, _mixed),
)
# Figures that are no quantity: no range is made of them ("to"), and nothing goes "per" them.
CODES: Rules = (
    (ISO_DATE, date),
    (DATE, date),
    (PHONE, phone),
    (re.compile(r"\d+(?:\.\d+){2,}"), _version),
)


def is_quantity(word: str) -> bool:
    """Whether a word is figures that can begin or end a range."""
    return any(pattern.fullmatch(word) for pattern, _ in FIGURES)

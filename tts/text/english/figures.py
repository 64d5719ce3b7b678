"""English figures spelled out: numbers, money, times, dates, years, fractions, measures.

`FIGURES` is read from top to bottom: the first pattern that matches a whole word decides.
"""

import re
import unicodedata
from collections.abc import Callable
from re import Match

from tts.text import numbers
from tts.text.context import JOINER
from tts.text.english import figures
from tts.text.english.tables import (
    CAPITAL_UNITS,
    IRREGULAR,
    MONTH_NAMES,
    OPERATORS,
    SCALES,
    SYMBOLS,
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


def unit(name: str, singular: bool) -> list[str]:
    """A unit by its symbol, for one or for several."""
    name = UNITS[name.lower()]
    if singular or name.endswith("s") or any(part in name for part in UNCOUNTED):
        return name.split()
    *first, last = name.split()
    return [*first, IRREGULAR.get(last, last + "s")]


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
    return parts(above, below, one)


def parts(above: str, below: str, one: str = "one") -> list[str]:
    """A fraction: 5 and 16 -> five sixteenths."""
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
    return [*signed(match), *unit(match["unit"], singular)]


def _hour(match: Match[str]) -> list[str]:
    return [*numbers.cardinal(match["hours"]), *capitals(match["half"])]


def _cents(match: Match[str]) -> list[str]:
    return [*number(match), "cent" if match["whole"] == "1" else "cents"]


def _scaled(match: Match[str]) -> list[str]:
    return [*number(match), SCALES[match["scale"].lower()]]


def _decade(match: Match[str]) -> list[str]:
    several = numbers.year if len(match[1]) == 3 else numbers.cardinal
    return of_several(several(match[1] + "0"))


def of_several(words: list[str]) -> list[str]:
    """A number's plural: twos, sixes, nineties."""
    *first, last = words
    if last.endswith("y"):
        return [*first, last[:-1] + "ies"]
    return [*first, last + ("es" if last.endswith("x") else "s")]


def _round(match: Match[str]) -> list[str]:
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


def _screen(match: Match[str]) -> list[str]:
    return [*two_by_two(match[1]), match[2].upper()]


def _core(match: Match[str]) -> list[str]:
    return ["I", *numbers.cardinal(match[1]), *two_by_two(match[2]), *match[3]]


def _size(match: Match[str]) -> list[str]:
    """2x4, 1920x1080, 10cmx5cm."""
    sides = [part for part in match.groups()[::2] if part]
    is_screen = all(len(side) > 2 and side.isdecimal() for side in sides)
    spoken: list[str] = []
    for side, name in zip(match.groups()[::2], match.groups()[1::2], strict=True):
        if side:
            whole, _, fraction = side.partition(".")
            figure = numbers.decimal(whole, fraction) if fraction else numbers.cardinal(whole)
            figure = two_by_two(side) if is_screen else figure
            spoken += ["by", *figure, *(unit(name, side == "1") if name else [])]
    return spoken[1:]


def _span(match: Match[str]) -> list[str]:
    """2h30m, 1h30, 5m30s."""
    parts = {"hour": match["h"], "minute": match["m"], "second": match["s"]}
    spoken: list[str] = []
    for name, figure in parts.items():
        if figure:
            value = str(int(figure))
            spoken += [*numbers.cardinal(value), name if value == "1" else name + "s"]
    return spoken


def _minutes(match: Match[str]) -> list[str]:
    """45:30 of a recording; 25:00."""
    first, second = match[2], match[3]
    if second == "00":
        return [*numbers.cardinal(first), "minutes"]
    low = numbers.one_by_one(second) if second[0] == "0" else numbers.cardinal(second)
    return [*numbers.cardinal(first), *low]


def _equation(match: Match[str]) -> list[str]:
    """10-3=7, 3*4, 2x+1=5, 10^6, p<.05."""
    spoken: list[str] = []
    for part in re.findall(r"\d*\.\d+|\d+|[A-Za-z]|[-+*/×÷=−^<>≤≥≠]", match[0]):
        whole, _, fraction = part.partition(".")
        sign = OPERATORS.get(part) or SYMBOLS.get(part)
        if sign:
            spoken += sign.split()
        elif fraction:
            spoken += numbers.decimal(whole, fraction)
        else:
            spoken += numbers.cardinal(part) if part.isdecimal() else [part]
    return spoken


def _scientific(match: Match[str]) -> list[str]:
    """1.5e-3."""
    minus = ["minus"] if match["power"][0] in "-−" else []
    power = [*minus, *numbers.cardinal(match["power"].lstrip("-−+"))]
    return [*number(match), "times", "ten", "to", "the", "power", "of", *power]


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


def signed(match: Match[str]) -> list[str]:
    """The number of a match with the group `minus` too."""
    sign = {"-": ["minus"], "–": ["minus"], "−": ["minus"], "+": ["plus"]}.get(
        match["minus"] or "", []
    )
    return sign + number(match)


def _unit_pattern() -> str:
    """Units of several letters in any case, of one letter in lower case or as CAPITAL_UNITS."""
    by_length = sorted(map(re.escape, UNITS), key=len)[::-1]
    several = "|".join(name for name in by_length if len(name) > 1)
    return f"(?i:{several})|[{''.join(name for name in UNITS if len(name) == 1)}{CAPITAL_UNITS}]"


# 1,000,000, and as India parts it 10,00,000.
DIGITS = r"\d{1,3}(?:,\d{3})+|\d{1,2}(?:,\d{2})+,\d{3}|\d+"
NUMBER = rf"(?P<whole>{DIGITS})?(?:(?<=\d)|(?=\.\d))(?:\.(?P<fraction>\d+))?"
SIGN = r"(?P<minus>[-–−+])?"
HALF = r"(?P<half>[AaPp]\.?[Mm]\.?)"
CLOCK = re.compile(
    r"(?P<hours>[01]?\d|2[0-3]|24(?=:00)):(?P<minutes>[0-5]\d)(?::(?P<seconds>[0-5]\d))?"
    + HALF
    + "?"
)
FRACTION = re.compile(r"(?P<share>(?P<above>[1-9])/(?!(?P=above))(?:[2-6]|8))")
VULGAR = re.compile(r"(?P<whole>\d+)?(?P<share>[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])")
DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])"
MONTH = r"(?P<month>0?[1-9]|1[0-2])"
_YEAR = r"(?P<year>[12]\d{3}|(?<=/)\d\d)"
DATE = re.compile(rf"{MONTH}(?P<mark>[-/]){DAY}(?P=mark){_YEAR}")
# The day first: where the first figure can be no month, and between dots.
DAY_DATE = re.compile(rf"(?P<day>1[3-9]|2\d|3[01])(?P<mark>[-/.]){MONTH}(?P=mark){_YEAR}")
DOT_DATE = re.compile(rf"{DAY}\.{MONTH}\.(?P<year>[12]\d{{3}})")
ISO_DATE = re.compile(rf"(?P<year>[12]\d{{3}})(?P<mark>[-/]){MONTH}(?P=mark){DAY}")
PHONE = re.compile(
    r"\+\d{1,3}(?:-\d{1,10}){1,5}|\d{3}-\d{4}|0\d{3,4}-\d{6}|(?:\+?\d{1,3}\.)?\d{3}\.\d{3}\.\d{4}|(?:\+?\d{1,4}|0\d{4})(?:-\d{2,4}){2,4}"
)
YEAR = re.compile(r"1[1-9]\d\d|20\d\d")
Rules = tuple[tuple[re.Pattern[str], Callable[[Match[str]], list[str]]], ...]
FIGURES: Rules = (
    (re.compile(rf"{NUMBER}¢"), _cents),
    (re.compile(rf"{SIGN}{NUMBER}%"), lambda match: [*signed(match), "percent"]),
    (CLOCK, clock),
    (re.compile(rf"(?P<hours>[1-9]|1[0-2]){HALF}"), _hour),
    (
        re.compile(rf"({DIGITS})(?:st|nd|rd|th)", re.I),
        lambda match: numbers.ordinal(match[1].replace(",", "")),
    ),
    (re.compile(r"(10{2,5}|10{1,2},000|100,000)['’]?s"), _round),
    (re.compile(r"['’]?((?:1[1-9]|20)?\d)0['’]?s"), _decade),
    (re.compile(r"(0)['’]?s"), lambda match: ["zeros"]),
    (YEAR, lambda match: numbers.year(match[0])),
    (re.compile(rf"{SIGN}{NUMBER}"), signed),
    # 4K and 8K are names of screens, 401k is a pension.
    (re.compile(r"(\d{3,4})([pPi])"), _screen),
    (re.compile(rf"(?!(?:[48]K|401k)$){NUMBER}(?P<scale>bn|mn|k|[KMBT])"), _scaled),
    (re.compile(rf"{SIGN}{NUMBER}(?P<joint>-)?(?P<unit>{_unit_pattern()})"), _measure),
    (FRACTION, share),
    (VULGAR, _mixed),
    (re.compile(rf"(?P<whole>\d+)-{FRACTION.pattern}"), _mixed),
)
# Figures that are no quantity: no range is made of them ("to"), and nothing goes "per" them.
_SIDE = rf"(\d+(?:\.\d+)?)({_unit_pattern()})?"
_SPAN = r"(?=.*[a-z]\d)(?:(?P<h>\d{1,3})h)?(?:(?P<m>\d{1,3})(?:m(?:in)?|(?<=h\d\d)))?"
_TERM = r"(?:(?:\d*\.)?\d+[a-z]?|[A-Za-z]|[A-Za-z]{2,3}(?=\^))"
CODES: Rules = (
    (ISO_DATE, date),
    (DATE, date),
    (DAY_DATE, date),
    (DOT_DATE, date),
    (re.compile(r"555\.\d{4}"), phone),
    (PHONE, phone),
    (re.compile(rf"(?!0x){_SIDE}[xX×]{_SIDE}(?:[xX×]{_SIDE})?"), _size),
    (re.compile(rf"{_SPAN}(?:(?P<s>\d{{1,3}})s)?"), _span),
    (re.compile(r"[iI]([3579])-(\d{4,5})([A-Z]{0,2})"), _core),
    (re.compile(rf"{NUMBER}[eE](?P<power>[-−+]?\d{{1,3}})"), _scientific),
    (
        re.compile(rf"(?=.*\d)(?=.+[=*^<>≤≥≠])[-−]?{_TERM}(?:(?:[-+*/×÷=−<>≤≥≠]|\^[-−]?){_TERM})+"),
        _equation,
    ),
    (re.compile(r"(?!([1-8]0):(?!00)[1-9]0$)(2[5-9]|[3-9]\d):([0-5]\d)"), _minutes),
    (re.compile(r"\d+(?:\.\d+){2,}"), _version),
)


def is_number(word: str) -> bool:
    """Whether a word is or ends in figures alone: 5, 1,000.5, 5-10."""
    figure = last_part(word)
    return bool(re.fullmatch(figures.NUMBER, figure)) and figure[0].isdecimal()


def last_part(word: str) -> str:
    """The end of a joined word: the 10 of 5-10."""
    return re.split(f"[{JOINER}]", word)[-1]

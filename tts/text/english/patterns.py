"""The patterns of English words that are read without their neighbours, in the order of trial."""

import re
from functools import lru_cache

from tts.text import numbers
from tts.text.english import (
    codes,
    dates,
    electronic,
    formulas,
    fractions,
    measures,
    money,
    numerals,
    stamps,
    symbols,
    telephone,
    times,
)

# Quantities: they begin and end ranges (5 to 10 km), and rates are "per" them.
_MAX_QUANTITY_CHARS = 40
QUANTITIES: numerals.Rules = (
    (re.compile(rf"{numerals.NUMBER}¢"), money.cents),
    (
        re.compile(rf"{numerals.SIGN}{numerals.NUMBER}(?P<share>[%‰‱])"),
        lambda match: [*numerals.signed(match), *symbols.SHARES[match["share"]].split()],
    ),
    (times.CLOCK, times.clock),
    (re.compile(rf"(?P<hours>[1-9]|1[0-2]){times.AM_PM_GROUP}"), times.full_hour),
    (
        re.compile(rf"({numerals.DIGITS})(?:st|nd|rd|th)", re.I),
        lambda match: numbers.ordinal(match[1].replace(",", "")),
    ),
    (re.compile(r"(10{2,5}|10{1,2},000|100,000)['’]?s"), numerals.round_numbers),
    (re.compile(r"['’]?((?:1[1-9]|20)?\d)0['’]?s"), numerals.decade),
    (re.compile(r"(0)['’]?s"), lambda match: ["zeros"]),
    (numerals.YEAR, lambda match: numbers.year(match[0])),
    (re.compile(rf"{numerals.SIGN}{numerals.NUMBER}"), numerals.signed),
    (re.compile(r"(\d{3,4})([pPi])"), codes.screen),
    # 4K and 8K are names of screens, 401k is a pension.
    (
        re.compile(rf"(?!(?:[48]K|401k)$){numerals.NUMBER}(?P<scale>bn|mn|k|[KMBT])"),
        numerals.scaled,
    ),
    (
        re.compile(
            rf"{numerals.SIGN}{numerals.NUMBER}(?P<joint>-)?(?P<unit>{measures.unit_pattern()})"
        ),
        measures.measure,
    ),
    (fractions.FRACTION, fractions.share),
    (fractions.VULGAR, fractions.mixed),
    (re.compile(rf"(?P<whole>\d+)-{fractions.FRACTION.pattern}"), fractions.mixed),
)
# Numbers that are no quantities.
CODES: numerals.Rules = (
    (dates.ISO_DATE, dates.date),
    (dates.DATE, dates.date),
    (dates.DAY_DATE, dates.date),
    (dates.DOT_DATE, dates.date),
    (dates.YEAR_FIRST_DOTS, dates.date),
    (stamps.STAMP, stamps.stamp),
    (stamps.SERVER_STAMP, stamps.server_stamp),
    (stamps.EXACT_TIME, stamps.time),
    (stamps.OFFSET, stamps.offset),
    (re.compile(r"['’](\d\d)"), dates.short_year),
    (re.compile(r"555\.\d{4}"), telephone.phone),
    (telephone.PHONE, telephone.phone),
    (
        re.compile(rf"(?!0x){measures.SIDE}[xX×]{measures.SIDE}(?:[xX×]{measures.SIDE})?"),
        measures.dimensions,
    ),
    (re.compile(rf"{times.DURATION}(?:(?P<s>\d{{1,3}})s)?"), times.duration),
    (re.compile(r"[iI]([3579])-(\d{4,5})([A-Z]{0,2})"), codes.processor),
    (re.compile(rf"{numerals.NUMBER}[eE](?P<power>[-−+]?\d{{1,3}})"), formulas.scientific),
    (
        re.compile(
            rf"(?=.*\d)(?=.+[=*^<>≤≥≠])[-−]?{formulas.TERM}(?:(?:[-+*/×÷−]|[=<>≤≥≠^][-−]?){formulas.TERM})+"
        ),
        formulas.equation,
    ),
    (re.compile(r"(?!([1-8]0):(?!00)[1-9]0$)(2[5-9]|[3-9]\d):([0-5]\d)"), times.running_time),
    (re.compile(r"\d+(?:\.\d+){2,}"), codes.dotted_version),
)
# Signs between or after letters and digits.
SIGNS: numerals.Rules = (
    (re.compile(r"[wW]/o"), lambda match: ["without"]),
    (re.compile(r"[wW]/"), lambda match: ["with"]),
    (re.compile(r"[yY]/[oO]"), lambda match: ["years", "old"]),
    (re.compile(r"([A-F])[-−–]"), lambda match: [match[1], "minus"]),
    (re.compile(r"#(?P<tag>(?=\d*[^\W\d])\w+|(?:19|20)\d\d)"), electronic.hashtag),
    # A heart, and the marks of a heading.
    (re.compile(r"<3|#+"), lambda match: []),
    (
        re.compile(
            rf"(?=.*\d)(?:(?:{formulas.ELEMENT})\d{{0,2}}"
            rf"|\((?:(?:{formulas.ELEMENT})\d{{0,2}}){{1,4}}\)\d{{0,2}}){{2,}}"
        ),
        formulas.chemical_formula,
    ),
    (re.compile(formulas.ION), formulas.chemical_formula),
    (re.compile(r"([A-G])#"), lambda match: [match[1], "sharp"]),
    (
        re.compile(r"([A-Z]{1,3})&([A-Z]{0,2})([A-Z](?:['’]s)?)"),
        lambda match: [*match[1], "and", *match[2], match[3].replace("’", "'")],
    ),
    (re.compile(r"(?P<number>\d+(?:\.\d+)?)[xX×]"), formulas.multiple),
    (re.compile(r"401\(?[kK]\)?"), lambda match: ["four", "oh", "one", "K"]),
    # June 30th's, the 49ers.
    (
        re.compile(rf"({numerals.DIGITS})(?:st|nd|rd|th)['’]s", re.I),
        lambda match: numerals.with_ending(numbers.ordinal(match[1].replace(",", "")), "'s"),
    ),
    (
        re.compile(r"(\d[1-9])er(?P<ending>s?(?:['’]s?)?)"),
        lambda match: numerals.with_ending(numbers.cardinal(match[1]), "er" + match["ending"]),
    ),
    (times.ARC, times.arc),
    (times.RUN, times.minutes_and_seconds),
    (
        re.compile(r"(\d)['’′](\d{1,2})[\"”″]?"),
        lambda match: [*numbers.cardinal(match[1]), "foot", *numbers.cardinal(str(int(match[2])))],
    ),
    # A quotation closes after a year.
    (re.compile(rf"({numerals.YEAR.pattern})[\"″]"), lambda match: numbers.year(match[1])),
    (re.compile(r"(\d+(?:\.\d+)?|\.\d+|\d/\d\d?)[\"″]"), lambda match: measures.inches(match[1])),
    (re.compile(r"AM/FM"), lambda match: list("AMFM")),
    (
        re.compile(r"(\d{1,3})['’′]"),
        lambda match: [*numbers.cardinal(match[1]), "foot" if match[1] == "1" else "feet"],
    ),
    (
        re.compile(r"(\d+)-(\d)/(\d\d?)[\"″]"),
        lambda match: [
            *numbers.cardinal(match[1]),
            "and",
            *fractions.parts(match[2], match[3], "a"),
            "inch",
        ],
    ),
    (
        re.compile(r"(\d{1,3}):(\d{1,3})"),
        lambda match: [*numbers.cardinal(match[1]), "to", *numbers.cardinal(match[2])],
    ),
    (re.compile(r"(?:1-)?8\d\d-[A-Z]{2,}(?:-[A-Z]+)*"), telephone.toll_free),
)


def is_quantity(word: str) -> bool:
    """Whether a word can begin or end a range: a number, a sum, a measure, a time."""
    if len(word) > _MAX_QUANTITY_CHARS:
        return _is_quantity.__wrapped__(word)
    return _is_quantity(word)


# Each part of a word with hyphens is asked some times.
@lru_cache(maxsize=4096)
def _is_quantity(word: str) -> bool:
    rules = (*money.MONEY_RULES, *QUANTITIES)
    return any(pattern.fullmatch(word) for pattern, _ in rules)

"""English units: 5km, 6 sq. ft., 2x4, 12", 60 miles/hour."""

import re
from re import Match

from tts.text import numbers
from tts.text.context import WordContext
from tts.text.english import fractions, numerals

UNITS = {
    "lb": "pound", "lbs": "pounds", "oz": "ounce", "kg": "kilogram", "g": "gram",
    "mg": "milligram", "km": "kilometer", "m": "meter", "cm": "centimeter", "mm": "millimeter",
    "mi": "mile", "ft": "foot", "in": "inch", "yd": "yard", "hr": "hour", "hrs": "hours",
    "h": "hour", "min": "minute", "mins": "minutes", "sec": "second", "secs": "seconds",
    "s": "second", "ms": "millisecond", "l": "liter", "ml": "milliliter", "gb": "gigabyte",
    "mb": "megabyte", "kb": "kilobyte", "tb": "terabyte", "hz": "hertz", "khz": "kilohertz",
    "mhz": "megahertz", "ghz": "gigahertz", "kw": "kilowatt", "kwh": "kilowatt hour",
    "w": "watt", "v": "volt", "mph": "miles per hour", "kmh": "kilometers per hour",
    "km/h": "kilometers per hour", "kph": "kilometers per hour", "m/s": "meters per second",
    "m/s²": "meters per second squared", "fps": "frames per second",
    "°c": "degrees celsius", "°f": "degrees fahrenheit", "°": "degree", "px": "pixel",
    "tsp": "teaspoon", "tbsp": "tablespoon", "gal": "gallon", "qt": "quart",
    "kbps": "kilobits per second", "mbps": "megabits per second", "gbps": "gigabits per second",
    "mpg": "miles per gallon", "psi": "P S I", "rpm": "R P M", "bpm": "B P M", "db": "decibel",
    "cal": "calorie", "kcal": "kilocalorie", "μm": "micrometer", "nm": "nanometer",
    "mah": "milliamp hour", "ha": "hectare", "hp": "horsepower", "μg": "microgram",
    "yr": "year", "yrs": "years", "mo": "month", "mos": "months", "wk": "week", "wks": "weeks",
    "pp": "percentage point", "bps": "basis point", "pts": "points", "°k": "degrees kelvin",
    **{f"{symbol}{power}": f"{shape} {name}"
       for symbol, name in (("mm", "millimeter"), ("cm", "centimeter"), ("m", "meter"),
                            ("km", "kilometer"), ("in", "inch"), ("ft", "foot"), ("yd", "yard"),
                            ("mi", "mile"))
       for power, shape in (("²", "square"), ("³", "cubic"), ("2", "square"), ("3", "cubic"))},
}  # fmt: skip
# What stands between a figure and its unit.
SHAPES = {"sq": "square", "cu": "cubic", "fl": "fluid"}
# After these "in" is inches.
AFTER_INCHES = {"wide", "tall", "long", "deep", "high", "thick", "across", "x", "by"}
# The symbols of these are capitals; other units of one letter are units in lower case only (5G).
CAPITAL_UNITS = "LVW"
# What is counted by: "60 miles/hour", "$5/mo".
RATES = {
    "second": "second", "sec": "second", "s": "second", "minute": "minute", "min": "minute",
    "hour": "hour", "hr": "hour", "h": "hour", "day": "day", "d": "day", "week": "week",
    "wk": "week", "month": "month", "mo": "month", "year": "year", "yr": "year",
    "person": "person",
}  # fmt: skip
UNCOUNTED = (
    "per hour", "per second", "per gallon", "celsius", "fahrenheit", "kelvin", "hertz",
    "horsepower", "P S I", "R P M", "B P M",
)  # fmt: skip
IRREGULAR = {"foot": "feet", "inch": "inches"}
# Before these 100m is one distance.
RACES = {"dash", "sprint", "race", "relay", "hurdles", "run", "freestyle", "butterfly", "final"}


def unit(name: str, singular: bool) -> list[str]:
    """A unit by its symbol, for one or for several."""
    name = UNITS[name.lower()]
    if singular or name.endswith("s") or any(part in name for part in UNCOUNTED):
        return name.split()
    *first, last = name.split()
    return [*first, IRREGULAR.get(last, last + "s")]


def measure(match: Match[str]) -> list[str]:
    """A match of a figure and its unit: 5km; "a 5-km run" has the unit's singular."""
    singular = (match["whole"] == "1" and not match["fraction"]) or bool(match["joint"])
    return [*numerals.signed(match), *unit(match["unit"], singular)]


def dimensions(match: Match[str]) -> list[str]:
    """2x4, 1920x1080, 10cmx5cm."""
    sides = [part for part in match.groups()[::2] if part]
    is_screen = all(len(side) > 2 and side.isdecimal() for side in sides)
    spoken: list[str] = []
    for side, name in zip(match.groups()[::2], match.groups()[1::2], strict=True):
        if side:
            whole, _, fraction = side.partition(".")
            figure = numbers.decimal(whole, fraction) if fraction else numbers.cardinal(whole)
            figure = numerals.two_by_two(side) if is_screen else figure
            spoken += ["by", *figure, *(unit(name, side == "1") if name else [])]
    return spoken[1:]


def unit_pattern() -> str:
    """Units of several letters in any case, of one letter in lower case or as CAPITAL_UNITS."""
    by_length = sorted(map(re.escape, UNITS), key=len)[::-1]
    several = "|".join(name for name in by_length if len(name) > 1)
    return f"(?i:{several})|[{''.join(name for name in UNITS if len(name) == 1)}{CAPITAL_UNITS}]"


def unit_rule(word: WordContext) -> list[str]:
    """A unit that stands apart from its figure, sq. ft. too, or from its 5 million."""
    figure = word.previous
    scaled = word.previous_key in numerals.SCALE_WORDS and numerals.is_number(word.before_previous)
    if word.key in SHAPES and (scaled or numerals.is_number(figure)):
        return [SHAPES[word.key]] if word.following_key in UNITS else []
    if "/" in word.previous_key and numerals.last_part(word.previous_key) in SHAPES:
        return unit(word.core, True) if word.key in UNITS else []
    if word.previous_key in SHAPES:
        figure = word.before_previous
        scaled = figure in numerals.SCALE_WORDS
    pages = word.key == "pp" and word.dotted
    if word.key not in UNITS or pages or not _is_symbol(word):
        return []
    if fractions.FRACTION.fullmatch(figure) or fractions.VULGAR.fullmatch(figure):
        is_share = not figure[0].isdecimal() or "/" in figure
        return unit(word.core, is_share and not word.before_previous.isdecimal())
    singular = numerals.last_part(figure) == "1"
    return unit(word.core, singular) if scaled or numerals.is_number(figure) else []


def _is_symbol(word: WordContext) -> bool:
    """Whether letters that are a word or a name of their own are a unit here: 6 in. wide, 5 V."""
    if word.key == "in":
        measured = word.following_key in AFTER_INCHES or word.previous_key == "in"
        feet = word.previous_key in ("ft", "feet", "foot") or numerals.is_number(word.previous)
        dotted = word.dotted and word.following[:1].islower()
        share = word.dotted and fractions.FRACTION.fullmatch(word.previous) is not None
        return dotted or share or (feet and measured)
    if len(word.core) > 1:
        return True
    capital = word.core in CAPITAL_UNITS and not word.following[:1].isupper()
    return word.core.islower() or capital


def race_rule(word: WordContext) -> list[str]:
    """The 100m of a dash."""
    match = re.fullmatch(r"(\d{2,4})m", word.core)
    return [*numbers.cardinal(match[1]), "meter"] if match and word.following_key in RACES else []


def inches(figure: str) -> list[str]:
    """12" -> twelve inch, 3/8" -> three eighths inch."""
    above, _, below = figure.partition("/")
    if below:
        return [*fractions.parts(above, below), "inch"]
    whole, _, fraction = figure.partition(".")
    return [*(numbers.decimal(whole, fraction) if fraction else numbers.cardinal(whole)), "inch"]


# Figures that are no quantity: no range is made of them ("to"), and nothing goes "per" them.
SIDE = rf"(\d+(?:\.\d+)?)({unit_pattern()})?"

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
# Words between a number and its unit: 5 sq. ft., 8 fl oz.
SHAPES = {"sq": "square", "cu": "cubic", "fl": "fluid"}
# After these "in" is inches.
AFTER_INCHES = {"wide", "tall", "long", "deep", "high", "thick", "across", "x", "by"}
# Units of one letter whose symbol is a capital. The others are units in lower case only (not 5G).
CAPITAL_UNITS = "LVW"
# What a rate is per: "60 miles/hour", "$5/mo".
RATES = {
    "second": "second", "sec": "second", "s": "second", "minute": "minute", "min": "minute",
    "hour": "hour", "hr": "hour", "h": "hour", "day": "day", "d": "day", "week": "week",
    "wk": "week", "month": "month", "mo": "month", "year": "year", "yr": "year",
    "person": "person",
}  # fmt: skip
# Units with these words have no plural.
UNCOUNTED = (
    "per hour", "per second", "per gallon", "celsius", "fahrenheit", "kelvin", "hertz",
    "horsepower", "P S I", "R P M", "B P M",
)  # fmt: skip
IRREGULAR = {"foot": "feet", "inch": "inches"}
# Before these 100m is the name of a distance: the 100 meter dash.
RACES = {"dash", "sprint", "race", "relay", "hurdles", "run", "freestyle", "butterfly", "final"}


def unit(name: str, singular: bool) -> list[str]:
    """The name of a unit, by its symbol in any case; `singular` for one of it."""
    name = UNITS[name.lower()]
    if singular or name.endswith("s") or any(part in name for part in UNCOUNTED):
        return name.split()
    *first, last = name.split()
    return [*first, IRREGULAR.get(last, last + "s")]


def measure(match: Match[str]) -> list[str]:
    """A number and its unit: 5km -> five kilometers; a 5-km run -> five kilometer."""
    singular = (match["whole"] == "1" and not match["fraction"]) or bool(match["joint"])
    return [*numerals.signed(match), *unit(match["unit"], singular)]


def dimensions(match: Match[str]) -> list[str]:
    """2x4, 1920x1080, 10cmx5cm: two by four. Sides of screens are read two digits at a time."""
    sides = [part for part in match.groups()[::2] if part]
    is_screen = all(len(side) > 2 and side.isdecimal() for side in sides)
    spoken: list[str] = []
    for side, name in zip(match.groups()[::2], match.groups()[1::2], strict=True):
        if side:
            number = numerals.two_by_two(side) if is_screen else numbers.plain(side)
            spoken += ["by", *number, *(unit(name, side == "1") if name else [])]
    return spoken[1:]


def unit_pattern() -> str:
    """A pattern of all units: of several letters in any case, of one letter as their symbol is."""
    by_length = sorted(map(re.escape, UNITS), key=len)[::-1]
    several = "|".join(name for name in by_length if len(name) > 1)
    return f"(?i:{several})|[{''.join(name for name in UNITS if len(name) == 1)}{CAPITAL_UNITS}]"


def unit_rule(word: WordContext) -> list[str]:
    """A unit after its number: 5 km, 6 sq. ft., 5 million km."""
    number = word.previous
    is_scaled = word.previous_key in numerals.SCALE_WORDS and numerals.is_number(
        word.before_previous
    )
    if word.key in SHAPES and (is_scaled or numerals.is_number(number)):
        return [SHAPES[word.key]] if word.following_key in UNITS else []
    if "/" in word.previous_key and numerals.last_part(word.previous_key) in SHAPES:
        return unit(word.core, True) if word.key in UNITS else []
    if word.previous_key in SHAPES:
        number = word.before_previous
        is_scaled = number in numerals.SCALE_WORDS
    # "pp." is pages, "pp" percentage points.
    is_pages = word.key == "pp" and word.dotted
    if word.key not in UNITS or is_pages or not _is_symbol(word):
        return []
    if fractions.FRACTION.fullmatch(number) or fractions.VULGAR.fullmatch(number):
        # "3/4 mile" has the singular, "1 3/4 miles" and "1½ miles" the plural.
        is_share = not number[0].isdecimal() or "/" in number
        return unit(word.core, is_share and not word.before_previous.isdecimal())
    singular = numerals.last_part(number) == "1"
    return unit(word.core, singular) if is_scaled or numerals.is_number(number) else []


def _is_symbol(word: WordContext) -> bool:
    """Whether a unit is meant rather than another word: 6 in. wide, 5 V; not "50 in the room"."""
    if word.key == "in":
        has_dimension = word.following_key in AFTER_INCHES or word.previous_key == "in"
        after_number = word.previous_key in ("ft", "feet", "foot")
        after_number = after_number or numerals.is_number(word.previous)
        inside_sentence = word.dotted and word.following[:1].islower()
        after_fraction = word.dotted and fractions.FRACTION.fullmatch(word.previous) is not None
        return inside_sentence or after_fraction or (after_number and has_dimension)
    if len(word.core) > 1:
        return True
    is_capital = word.core in CAPITAL_UNITS and not word.following[:1].isupper()
    return word.core.islower() or is_capital


def race_rule(word: WordContext) -> list[str]:
    """The 100m of "100m dash"."""
    match = re.fullmatch(r"(\d{2,4})m", word.core)
    return [*numbers.cardinal(match[1]), "meter"] if match and word.following_key in RACES else []


def inches(number: str) -> list[str]:
    """12" -> twelve inch, 3/8" -> three eighths inch."""
    above, _, below = number.partition("/")
    if below:
        return [*fractions.parts(above, below), "inch"]
    return [*numbers.plain(number), "inch"]


# One side of `dimensions`, with or without its unit.
SIDE = rf"(\d+(?:\.\d+)?)({unit_pattern()})?"

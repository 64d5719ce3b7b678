"""English units: 5km, 6 sq. ft., 2x4, 12", 60 miles/hour."""

import re
from dataclasses import replace
from re import Match

from tts.text import numbers
from tts.text.context import FINAL, WordContext
from tts.text.english import fractions, money, numerals, symbols

UNITS = {
    "lb": "pound", "lbs": "pounds", "oz": "ounce", "kg": "kilogram", "g": "gram",
    "mg": "milligram", "km": "kilometer", "m": "meter", "cm": "centimeter", "mm": "millimeter",
    "mi": "mile", "ft": "foot", "in": "inch", "yd": "yard", "hr": "hour", "hrs": "hours",
    "h": "hour", "min": "minute", "mins": "minutes", "sec": "second", "secs": "seconds",
    "s": "second", "ms": "millisecond", "l": "liter", "ml": "milliliter", "gb": "gigabyte",
    "mb": "megabyte", "kb": "kilobyte", "tb": "terabyte", "hz": "hertz", "khz": "kilohertz",
    "mhz": "megahertz", "ghz": "gigahertz", "kw": "kilowatt", "kwh": "kilowatt hour",
    "wh": "watt hour", "mwh": "megawatt hour", "gwh": "gigawatt hour",
    "w": "watt", "v": "volt", "kv": "kilovolt", "mph": "mile per hour",
    "kmh": "kilometer per hour", "km/h": "kilometer per hour", "kph": "kilometer per hour",
    "m/s": "meter per second", "m/s²": "meter per second squared",
    "m/s^2": "meter per second squared", "fps": "frame per second",
    "°c": "degree celsius", "°f": "degree fahrenheit", "°": "degree", "px": "pixel",
    "tsp": "teaspoon", "tbsp": "tablespoon", "gal": "gallon", "qt": "quart",
    "kbps": "kilobit per second", "mbps": "megabit per second", "gbps": "gigabit per second",
    "mpg": "mile per gallon", "psi": "P S I", "rpm": "R P M", "bpm": "B P M", "db": "decibel",
    "cal": "calorie", "kcal": "kilocalorie", "μm": "micrometer", "nm": "nanometer",
    "μs": "microsecond", "μl": "microliter", "ns": "nanosecond",
    "mah": "milliamp hour", "ha": "hectare", "hp": "horsepower", "μg": "microgram",
    "mcg": "microgram", "ppm": "part per million", "ppb": "part per billion",
    "mmhg": "millimeter of mercury", "hpa": "hectopascal", "kpa": "kilopascal",
    "ng": "nanogram", "dl": "deciliter", "cl": "centiliter", "mol": "mole", "mmol": "millimole",
    "ω": "ohm", "kω": "kiloohm", "kj": "kilojoule",
    "yr": "year", "yrs": "years", "mo": "month", "mos": "months", "wk": "week", "wks": "weeks",
    "pp": "percentage point", "bps": "basis point", "pts": "points", "°k": "degree kelvin",
    **{f"{symbol}{power}": f"{shape} {name}"
       for symbol, name in (("mm", "millimeter"), ("cm", "centimeter"), ("m", "meter"),
                            ("km", "kilometer"), ("in", "inch"), ("ft", "foot"), ("yd", "yard"),
                            ("mi", "mile"))
       for power, shape in (("²", "square"), ("³", "cubic"), ("2", "square"), ("3", "cubic"),
                            ("^2", "square"), ("^3", "cubic"))},
}  # fmt: skip
# Units whose capitals tell them from another unit: a megabit and a megabyte, Nm and nm.
CASED_UNITS = {
    "Nm": "newton meter", "Mb": "megabit", "Gb": "gigabit", "Kb": "kilobit", "Tb": "terabit",
    "mW": "milliwatt", "MW": "megawatt", "GW": "gigawatt", "mV": "millivolt", "mA": "milliamp",
    "MPa": "megapascal", "kN": "kilonewton", "MΩ": "megaohm", "mΩ": "milliohm", "lm": "lumen",
}  # fmt: skip
# In capitals after a year these begin a name: the 1994 SEC Final.
NAMES_IN_CAPITALS = {"CAL", "FT", "GAL", "HA", "IN", "MI", "MIN", "MO", "PP", "PX", "SEC", "YR"}
# Words between a number and its unit: 5 sq. ft., 8 fl oz.
SHAPES = {"sq": "square", "cu": "cubic", "fl": "fluid"}
# After these "in" is inches.
AFTER_INCHES = {"wide", "tall", "long", "deep", "high", "thick", "across", "x", "by"}
# Units of one letter whose symbol is a capital. The others are units in lower case only (not 5G).
CAPITAL_UNITS = "LVWΩ"
# What a rate is per: "60 miles/hour", "$5/mo".
RATES = {
    "second": "second", "sec": "second", "s": "second", "minute": "minute", "min": "minute",
    "hour": "hour", "hr": "hour", "h": "hour", "day": "day", "d": "day", "week": "week",
    "wk": "week", "month": "month", "mo": "month", "year": "year", "yr": "year",
    "person": "person", "user": "user", "seat": "seat", "night": "night", "capita": "capita",
    "serving": "serving", "gallon": "gallon", "liter": "liter", "mile": "mile", "share": "share",
    "acre": "acre", "game": "game", "pound": "pound", "unit": "unit", "item": "item",
}  # fmt: skip
# Units with these words have no plural.
UNCOUNTED = ("hertz", "horsepower", "P S I", "R P M", "B P M")
# The plural of a unit is that of the word before these: miles per hour, degrees celsius.
_TAIL = re.compile(r"(?= (?:per|of|celsius|fahrenheit|kelvin)\b)")
IRREGULAR = {"foot": "feet", "inch": "inches"}
# After these a measure describes the next word: a 6 ft ladder. Not after "1": "a" is no number.
ARTICLES = {
    "a", "an", "this", "each", "every", "another", "my", "your", "his", "her", "its", "our",
    "their",
}  # fmt: skip
# Units before a noun in the plural: 25 lb sacks. Their own plural would be lbs or feet.
BEFORE_PLURALS = {"lb", "mph", "kg", "oz", "ft", "mm", "cm", "ml", "gal", "qt", "yd", "V", "W"}
# Words after a measure that it does not describe: "a 5 km from home", "5 km thus".
NO_NOUNS = {
    "a", "above", "after", "afterwards", "ago", "all", "along", "also", "always", "an", "and",
    "any", "are", "around", "as", "at", "away", "back", "backwards", "because", "before", "behind",
    "below", "beneath", "besides", "between", "beyond", "but", "by", "comes", "does", "down",
    "downwards", "during", "each", "east", "equals", "every", "for", "forwards", "from", "gets",
    "goes", "had", "he", "here", "hers", "if", "in", "inside", "into", "is", "it", "just", "less",
    "makes", "means", "minus", "more", "north", "not", "now", "of", "off", "on", "only", "or",
    "ours", "out", "outside", "over", "past", "per", "perhaps", "plus", "remains", "seems", "she",
    "since", "so", "sometimes", "south", "starts", "takes", "than", "thanks", "that", "the",
    "theirs", "then", "there", "these", "they", "this", "those", "through", "times", "to", "today",
    "tomorrow", "towards", "under", "until", "up", "upwards", "versus", "was", "we", "weighs",
    "were", "west", "when", "where", "which", "while", "who", "whose", "with", "within", "without",
    "works", "yes", "yesterday", "you", "yours",
}  # fmt: skip
# Before these 100m is the name of a distance: the 100 meter dash.
RACES = {"dash", "sprint", "race", "relay", "hurdles", "run", "freestyle", "butterfly", "final"}


def name_of(symbol: str) -> str:
    """The name of one of a unit, by its symbol in any case; empty for other words."""
    return CASED_UNITS.get(symbol) or UNITS.get(symbol.lower(), "")


def unit(symbol: str, singular: bool) -> list[str]:
    """The name of a unit, by its symbol in any case; `singular` for one of it."""
    name, *tail = _TAIL.split(name_of(symbol), maxsplit=1)
    if singular or name.endswith("s") or any(part in name for part in UNCOUNTED):
        return [*name.split(), *" ".join(tail).split()]
    *first, last = name.split()
    return [*first, IRREGULAR.get(last, last + "s"), *" ".join(tail).split()]


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
    single = "".join(name for name in UNITS if len(name) == 1 and name != "ω")
    return f"{'|'.join(CASED_UNITS)}|(?i:{several})|[{single}{CAPITAL_UNITS}]"


def unit_rule(word: WordContext) -> list[str]:
    """A unit after its number: 5 km, 6 sq. ft., 5 million km."""
    number = word.previous.lstrip("".join(symbols.COMPARED))
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
    if not name_of(word.core) or is_pages or not _is_symbol(word):
        return []
    if fractions.FRACTION.fullmatch(number) or fractions.VULGAR.fullmatch(number):
        # "3/4 mile" has the singular, "1 3/4 miles" and "1½ miles" the plural.
        is_share = not number[0].isdecimal() or "/" in number
        return unit(word.core, is_share and not word.before_previous.isdecimal())
    if _POWER_OF_TEN.fullmatch(number):
        return unit(word.core, False)
    if not (is_scaled or numerals.is_number(number)):
        return []
    before = word.before_previous if number == word.previous else ""
    return unit(word.core, numerals.last_part(number) == "1" or _is_attributive(word, before))


def is_unit(word: str) -> bool:
    """Whether a word may be the unit of a number before it, whatever its capitals."""
    bare = word.rstrip(FINAL)
    return bool(name_of(bare)) and not _PLURAL_CAPITALS.fullmatch(bare)


def is_counted(word: WordContext) -> bool:
    """Whether the next word is something that a number counts: days, km."""
    if word.following_key in numerals.COUNTED:
        return True
    is_name = word.following in NAMES_IN_CAPITALS and numerals.YEAR.fullmatch(word.core)
    return is_unit(word.following) and not (is_name and not word.all_caps)


def _is_attributive(word: WordContext, before: str) -> bool:
    """Whether a measure describes the next word, and its unit has the singular: a 6 ft ladder.

    word: the measure or its unit; before: what stands before the number.
    """
    noun = word.following.rstrip(FINAL)
    if not noun.isalpha() or not noun.islower() or word.punctuation not in ("", "."):
        return False
    if noun in NO_NOUNS or name_of(noun):
        return False
    # "25 lb. sacks", and no "5 km across".
    is_plural = len(noun) > 3 and noun.endswith("s") and noun[-2] not in "suio"
    has_article = before.lower() in ARTICLES
    return has_article or (is_plural and word.core in BEFORE_PLURALS)


def attributive_rule(word: WordContext) -> list[str]:
    """A measure in one word before the thing that it describes: a 6ft ladder, a 3L jug."""
    if not word.core[-1:].isalpha() or not word.core[:1].isdecimal():
        return []
    match = _MEASURE.fullmatch(word.core)
    if not match or not _is_attributive(replace(word, core=match["unit"]), word.previous):
        return []
    return [*numerals.number(match), *unit(match["unit"], True)]


def rate_rule(word: WordContext) -> list[str]:
    """What is counted for each square or cubic meter: W/m², 5kg/m³, people/km², m/s^2, €/m²."""
    match = _RATE.fullmatch(word.core) if "/" in word.core else None
    if not match:
        return []
    counted, number = match["counted"], match["number"] or numerals.last_part(word.previous)
    has_number = numerals.is_number(number) or word.previous_key in numerals.SCALE_WORDS
    # Alone a capital may be any letter.
    is_symbol = name_of(counted) and (has_number or len(counted) > 1)
    if match["power"] in "lL" and not is_symbol:
        return []
    spoken = numbers.plain(number) if match["number"] else []
    names = unit(counted, number == "1") if is_symbol else [counted]
    if counted in money.CURRENCIES:
        names = money.plural(money.CURRENCIES[counted][0])
    return [*spoken, *names, "per", *POWERS[match["power"].lower()].split()]


def _is_symbol(word: WordContext) -> bool:
    """Whether a unit is meant rather than another word: 6 in. wide, 5 V; not "50 in the room"."""
    is_year = numerals.YEAR.fullmatch(word.previous) is not None and not word.all_caps
    if _PLURAL_CAPITALS.fullmatch(word.core) or (is_year and word.core in NAMES_IN_CAPITALS):
        return False
    if word.key == "in":
        has_dimension = word.following_key in AFTER_INCHES or word.previous_key == "in"
        after_feet = word.before_previous.rstrip(".").lower() in ("ft", "feet", "foot")
        has_dimension = has_dimension or (after_feet and not word.following)
        after_number = word.previous_key in ("ft", "feet", "foot")
        after_number = after_number or numerals.is_number(word.previous)
        inside_sentence = word.dotted and word.following[:1].islower()
        after_fraction = word.dotted and fractions.FRACTION.fullmatch(word.previous) is not None
        return inside_sentence or after_fraction or (after_number and has_dimension)
    if len(word.core) > 1:
        return True
    if word.core == "ω":
        return False
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


_POWER_OF_TEN = re.compile(r"(?:\d{1,6}(?:\.\d{1,6})?[×*])?10\^[-−]?\d{1,4}")
# Initials in the plural are no unit: 25 HRs.
_PLURAL_CAPITALS = re.compile("[A-Z]{2,}s")
_MEASURE = re.compile(rf"{numerals.NUMBER}(?P<unit>{unit_pattern()})")
# What stands below the bar of a rate, with its power.
POWERS = {name: UNITS[name] for name in UNITS if re.fullmatch(r"[a-z]+(?:[²³]|\^[23])", name)}
POWERS |= {"s²": "second squared", "s^2": "second squared", "l": "liter"}
_RATE = re.compile(
    r"(?P<number>\d{1,15}(?:\.\d{1,15})?)?(?P<counted>[A-Za-zμ]{1,12}|[$€£])"
    rf"/(?P<power>{'|'.join(map(re.escape, POWERS))})",
    re.IGNORECASE,
)
# One side of `dimensions`, with or without its unit.
SIDE = rf"(\d++(?:\.\d+)?)({unit_pattern()})?"

"""Roman numerals in English: an ordinal after the name of rulers, a number after other names."""

import re

from tts import numbers

_FORM = re.compile(r"(?P<tens>XL|L?X{0,3})(?P<ones>IX|IV|V?I{0,3})(?P<whose>['’]s)?")
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50}
# Sizes, brands and emphasis.
_AMBIGUOUS = {"XL", "LI", "LV", "LX", "LXX", "XI"}
_RULERS = {
    "albert", "alexander", "alfonso", "benedict", "boniface", "carlos", "catherine", "charles",
    "christian", "clement", "edward", "elizabeth", "felipe", "ferdinand", "francis", "frederick",
    "george", "gregory", "gustav", "haakon", "harald", "henry", "innocent", "isabella", "ivan",
    "james", "john", "karl", "leo", "leopold", "louis", "ludwig", "margrethe", "mary", "napoleon",
    "nicholas", "olav", "otto", "paul", "peter", "philip", "pius", "ramesses", "ramses", "richard",
    "robert", "rudolf", "sixtus", "umberto", "urban", "victor", "wilhelm", "william",
}  # fmt: skip
_LABELS = {
    "act", "annex", "appendix", "article", "battlefield", "book", "bowl", "chapter", "class",
    "division", "episode", "fantasy", "grade", "level", "part", "phase", "schedule", "section",
    "stage", "title", "tome", "type", "unit", "volume", "war",
}  # fmt: skip


def spoken(word: str, before: str) -> list[str]:
    """What a numeral is said as after the word before it; empty where it is none.

    Louis XIV -> the fourteenth, World War II -> two, Rocky IV -> four. A lone I is a numeral after
    a label only.
    """
    match = _FORM.fullmatch(word)
    if not match or not before[:1].isupper() or not before[-1:].isalpha():
        return []
    digits = match["tens"] + match["ones"]
    name = before.lower()
    if not digits:
        return []
    number = str(_value(digits))
    if name in _RULERS and digits != "I":
        said = ["the", *numbers.ordinal(number)]
    elif name in _LABELS or not (digits in _AMBIGUOUS or set(digits) == {"X"} or len(digits) == 1):
        said = numbers.cardinal(number)
    else:
        return []
    return [*said[:-1], said[-1] + "'s"] if match["whose"] else said


def _value(digits: str) -> int:
    values = [_VALUES[digit] for digit in digits]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return sum(-value if value < following else value for value, following in pairs)

"""Roman numerals in English: an ordinal after the name of rulers, a number after other names."""

import re

from tts.text import numbers
from tts.text.context import WordContext

# Before these a Roman numeral is a number too.
ROMAN_LABELS = {"vol", "ch", "chap", "pt", "sec", "fig", "ep"}
_FORM = re.compile(r"(?P<tens>XL|L?X{0,3})(?P<ones>IX|IV|V?I{0,3})(?P<whose>['’]s)?")
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50}
# These are sizes (XL), brands (LV) or other abbreviations more often than numbers.
_AMBIGUOUS = {"XL", "LI", "LV", "LX", "LXX", "XI"}
_RULERS = {
    "albert", "alexander", "alfonso", "benedict", "boniface", "carlos", "catherine", "charles",
    "christian", "clement", "edward", "elizabeth", "felipe", "ferdinand", "francis", "frederick",
    "george", "gregory", "gustav", "haakon", "harald", "henry", "innocent", "isabella", "ivan",
    "james", "john", "karl", "leo", "leopold", "louis", "ludwig", "margrethe", "mary", "napoleon",
    "nicholas", "olav", "otto", "paul", "peter", "philip", "pius", "ramesses", "ramses", "richard",
    "robert", "rudolf", "sixtus", "umberto", "urban", "victor", "wilhelm", "william",
}  # fmt: skip
_REIGNING = {"King", "Queen", "Pope", "Emperor", "Empress", "Tsar", "Kaiser", "Prince", "Duke"}
# Verbs that follow the numeral of a ruler but not the pronoun I ("Charles I ruled"), and verbs that
# may follow either ("Charles I was").
_ONLY_HE = {"ruled", "reigned", "of", "ascended", "is", "has", "abdicated"}
_ALSO_I = {"was", "became", "died", "succeeded", "had", "married"}
_LABELS = {
    "act", "annex", "appendix", "article", "auto", "battlefield", "book", "bowl", "chapter",
    "class", "division", "episode", "fantasy", "grade", "gta", "iphone", "level", "part", "phase",
    "schedule", "section", "stage", "title", "tome", "type", "unit", "volume", "war",
}  # fmt: skip


def numeral_rule(word: WordContext) -> list[str]:
    """The XIV of Louis XIV, the II of World War II; WWII."""
    if word.core in ("WWI", "WWII"):
        return ["World", "War", "one" if word.core == "WWI" else "two"]
    if word.all_caps and len(word.core) == 1:
        return []
    begins_chapter = word.dotted and word.following[:1].isupper()
    number = heading(word.core) if begins_chapter else []
    return number or spoken(word.core, word.previous, word.following, word.before_previous)


def spoken(word: str, before: str, after: str, earlier: str) -> list[str]:
    """The spoken words of a Roman numeral between its neighbours; empty if it is none.

    Louis XIV -> the fourteenth, World War II -> two, Rocky IV -> four, XIX century -> nineteenth.
    A single I is a numeral only after a label (Part I), and after a ruler if it is not the pronoun.

    word: the numeral; before, after: its neighbours; earlier: the word before `before`.
    """
    match = _FORM.fullmatch(word)
    digits = match["tens"] + match["ones"] if match else ""
    if not match or not digits:
        return []
    number = str(_value(digits))
    if re.match("[Cc]entur(?:y|ies)\\b", after):
        return numbers.ordinal(number)
    name = before.lower().removesuffix(".") if before[:-1].isalpha() else ""
    if name in ROMAN_LABELS:
        return numbers.cardinal(number)
    if not before[:1].isupper() or not before[-1:].isalpha():
        return []
    if name in _RULERS and (digits != "I" or _reigns(match, after, earlier)):
        words = ["the", *numbers.ordinal(number)]
    elif name in _LABELS or not (digits in _AMBIGUOUS or set(digits) == {"X"} or len(digits) == 1):
        words = numbers.cardinal(number)
    else:
        return []
    return [*words[:-1], words[-1] + "'s"] if match["whose"] else words


def heading(word: str) -> list[str]:
    """The number of a numeral that begins the title of a chapter: IV. The sign of four."""
    match = _FORM.fullmatch(word)
    is_numeral = match and len(word) > 1 and word not in _AMBIGUOUS and not match["whose"]
    return numbers.cardinal(str(_value(word))) if is_numeral else []


def _reigns(match: re.Match[str], after: str, earlier: str) -> bool:
    """Whether the I after a ruler's name is a numeral: "Charles I was", not "Charles I met"."""
    begins = not earlier or earlier[-1:] in ".!?"
    verb = after.rstrip(",.;:!?")
    has_title = earlier in _REIGNING or bool(match["whose"])
    # "I saw that Charles I was" is left to the pronoun, unless the name begins the sentence.
    return has_title or verb in _ONLY_HE or (begins and verb in _ALSO_I)


def _value(digits: str) -> int:
    values = [_VALUES[digit] for digit in digits]
    pairs = zip(values, [*values[1:], 0], strict=True)
    return sum(-value if value < following else value for value, following in pairs)

"""Roman numerals in English: an ordinal after the name of rulers, a number after other names."""

import re

from tts.text import numbers
from tts.text.context import FINAL, WordContext
from tts.text.english.people import is_given_name
from tts.text.english.sentences import begins_sentence

# Before these a Roman numeral is a number too.
ROMAN_LABELS = {"vol", "ch", "chap", "pt", "sec", "fig", "ep", "mk"}
_FORM = re.compile(r"(?P<tens>XL|L?X{0,3})(?P<ones>IX|IV|V?I{0,3})(?P<whose>['’]s)?")
_YEAR_FORM = re.compile(
    r"M{1,2}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})(?<=[MDCLXVI]{5})"
)
_RANGE = re.compile(r"([IVXL]{1,7})[-–]([IVXL]{2,7})")
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
    "act", "annex", "appendix", "article", "auto", "battlefield", "book", "bowl", "canto",
    "chapter", "class", "division", "episode", "factor", "fantasy", "grade", "gta", "iphone",
    "level", "mark", "mk", "part", "phase", "plate", "saturn", "scene", "schedule", "section",
    "stage", "table", "tier", "title", "tome", "type", "unit", "volume", "war",
}  # fmt: skip
_LABELS_OF_SEVERAL = {
    "acts", "articles", "books", "chapters", "classes", "episodes", "grades", "levels", "parts",
    "phases", "scenes", "sections", "stages", "tables", "tiers", "titles", "types", "units",
    "volumes", "wars",
}  # fmt: skip
_JOINING = {"and", "or", "to", "through", "&"}


def numeral_rule(word: WordContext) -> list[str]:
    """The XIV of Louis XIV, the II of World War II; WWII; II and III; MCMLXXXIV."""
    if word.core in ("WWI", "WWII"):
        return ["World", "War", "one" if word.core == "WWI" else "two"]
    if word.core[:1] not in tuple("IVXLM") or (word.all_caps and len(word.core) == 1):
        return []
    if _YEAR_FORM.fullmatch(word.core):
        return numbers.year(str(numbers.roman_value(word.core)))
    if _is_initial(word):
        return []
    number = spoken(word.core, word.previous, word.following, word.before_previous)
    begins_chapter = word.dotted and word.following[:1].isupper()
    number = number or (heading(word.core) if begins_chapter else [])
    number = number or _listed(word) or _range(word.core)
    return number or _lone(word)


def _is_initial(word: WordContext) -> bool:
    """Whether a letter shortens a name: Ruth V. Moore, John L., but not "George V. He"."""
    name = word.previous.lower()
    is_named = name in _RULERS or is_given_name(word.previous)
    if len(word.core) > 1 or not is_named or word.before_previous in _REIGNING:
        return False
    before_name = word.following[:1].isupper() and not begins_sentence(word.following)
    return word.core == "L" or (word.dotted and before_name)


def _listed(word: WordContext) -> list[str]:
    """A numeral in a list that ascends: I, II and III; II or V. Of two letters nobody knows."""
    value = _plain_value(word.core)
    if not value:
        return []
    others = [(word.previous, -1, False), (word.following, 1, False)]
    if word.previous in _JOINING:
        others.append((word.before_previous, -1, True))
    if word.following in _JOINING:
        others.append((word.after_following, 1, True))
    for neighbour, direction, is_joined in others:
        other = neighbour.rstrip(FINAL)
        step = (_plain_value(other) - value) * direction
        # "I and IV" may have the pronoun, and "II and I" does.
        is_step = step == 1 or (step > 1 and is_joined and word.core != "I")
        if is_step and _plain_value(other) and len(other + word.core) > 2:
            is_ruler = word.previous.lower() in _RULERS
            return (
                ["the", *numbers.ordinal(str(value))] if is_ruler else numbers.cardinal(str(value))
            )
    return []


def _plain_value(word: str) -> int:
    """The value of a numeral without a possessive's s; 0 for other words."""
    match = _FORM.fullmatch(word)
    is_plain = match and word and not match["whose"] and word not in _AMBIGUOUS
    return numbers.roman_value(word) if is_plain else 0


def _range(word: str) -> list[str]:
    """From one numeral to a greater one: II-IV."""
    match = _RANGE.fullmatch(word)
    if not match or not (_FORM.fullmatch(match[1]) and _FORM.fullmatch(match[2])):
        return []
    first, last = numbers.roman_value(match[1]), numbers.roman_value(match[2])
    if first >= last:
        return []
    return [*numbers.cardinal(str(first)), "to", *numbers.cardinal(str(last))]


def _lone(word: WordContext) -> list[str]:
    """A numeral that no other abbreviation looks like: III, VII; the XIV Corps."""
    numeral = word.core
    is_plain = len(numeral) > 1 and "L" not in numeral and set(numeral) != {"X"}
    value = _plain_value(numeral) if is_plain and numeral not in ("IV", "VI") else 0
    if not value:
        return []
    before_noun = word.following[:1].isupper() and not word.punctuation
    is_ordinal = before_noun and word.previous.lower() == "the"
    return numbers.ordinal(str(value)) if is_ordinal else numbers.cardinal(str(value))


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
    number = str(numbers.roman_value(digits))
    if re.match("[Cc]entur(?:y|ies)\\b", after):
        return numbers.ordinal(number)
    name = before.lower().removesuffix(".") if before[:-1].isalpha() else ""
    if name in ROMAN_LABELS:
        return numbers.cardinal(number)
    is_generation = digits in ("II", "III", "IV", "V") and (
        is_given_name(earlier) or re.fullmatch(r"[A-Z]\.", earlier)
    )
    if is_generation and before[:1].isupper() and before.rstrip(",").isalpha():
        words = ["the", *numbers.ordinal(number)]
        return [*words[:-1], words[-1] + "'s"] if match["whose"] else words
    if name in _LABELS_OF_SEVERAL:
        return numbers.cardinal(number)
    if not before[:1].isupper() or not before[-1:].isalpha():
        return []
    # "the Mark I" is a model, "Mark I know" a person.
    if name == "mark" and digits == "I" and earlier.lower() not in ("the", "a"):
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
    return numbers.cardinal(str(numbers.roman_value(word))) if is_numeral else []


def _reigns(match: re.Match[str], after: str, earlier: str) -> bool:
    """Whether the I after a ruler's name is a numeral: "Charles I was", not "Charles I met"."""
    begins = not earlier or earlier[-1:] in ".!?"
    verb = after.rstrip(",.;:!?")
    has_title = earlier in _REIGNING or bool(match["whose"])
    # "I saw that Charles I was" is left to the pronoun, unless the name begins the sentence.
    return has_title or verb in _ONLY_HE or (begins and verb in _ALSO_I)

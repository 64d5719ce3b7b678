"""English numbers that are names: CA 90210, order #1234567, RTX 4090, Apt. 4B, v2.0, John 3:16."""

import re
from re import Match

from tts.text import numbers
from tts.text.context import WordContext
from tts.text.english import abbreviations, acronyms, measures, money, numerals

STATES = {
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DC", "DE", "FL", "GA", "HI", "IA", "ID", "IL", "IN",
    "KS", "KY", "LA", "MA", "MD", "ME", "MI", "MN", "MO", "MS", "MT", "NC", "ND", "NE", "NH", "NJ",
    "NM", "NV", "NY", "OH", "OK", "OR", "PA", "PR", "RI", "SC", "SD", "TN", "TX", "UT", "VA", "VT",
    "WA", "WI", "WV", "WY",
}  # fmt: skip
# Before these 5K is a name rather than five thousand: a 5K race, a 4K monitor.
NAMED_BY_K = {"race", "run", "walk", "resolution", "video", "tv", "monitor", "display", "screen"}
# After these 3:16 is a chapter and a verse rather than a time.
BOOKS = {
    "acts", "chronicles", "colossians", "corinthians", "daniel", "deuteronomy", "ecclesiastes",
    "ephesians", "exodus", "ezekiel", "ezra", "galatians", "genesis", "hebrews", "hosea", "isaiah",
    "james", "jeremiah", "job", "joel", "john", "joshua", "judges", "kings", "leviticus", "luke",
    "mark", "matthew", "micah", "nehemiah", "numbers", "peter", "philippians", "proverbs", "psalm",
    "psalms", "quran", "revelation", "romans", "ruth", "samuel", "surah", "timothy", "titus",
    "verse",
}  # fmt: skip
# After these a long number, or one with hyphens, is read digit by digit.
CODE_LABELS = {
    "isbn", "issn", "order", "case", "invoice", "ticket", "serial", "ref", "reference", "id",
    "number", "no", "account", "tracking", "model", "part", "sku", "doi", "claim", "policy",
}  # fmt: skip
VERSION = re.compile(r"[vV](?P<number>\d+(?:\.\d+)+)")


def screen(match: Match[str]) -> list[str]:
    """1080p -> ten eighty P."""
    return [*numerals.two_by_two(match[1]), match[2].upper()]


def processor(match: Match[str]) -> list[str]:
    """i7-13700K -> I seven thirteen seven hundred K."""
    return ["I", *numbers.cardinal(match[1]), *numerals.two_by_two(match[2]), *match[3]]


def dotted_version(match: Match[str]) -> list[str]:
    """3.11.7 -> three point eleven point seven."""
    first, *rest = match[0].split(".")
    spoken = numbers.cardinal(first)
    for part in rest:
        spoken += ["point", *numbers.cardinal(part)]
    return spoken


def postal_rule(word: WordContext) -> list[str]:
    """The postal code after a state: CA 90210."""
    # Without a state, five digits are a quantity.
    has_state = word.previous.rstrip(",") in STATES
    code = re.fullmatch(r"(\d{5})(?:-(\d{4}))?", word.core) if has_state else None
    return numbers.one_by_one(code[1] + (code[2] or "")) if code else []


def code_rule(word: WordContext) -> list[str]:
    """Order 2024-001, order #1234567, ISBN 978-3-16-148410-0: digit by digit."""
    digits = re.sub(r"\D", "", word.core)
    has_hyphens = re.fullmatch(r"\d+(?:-\d+)+", word.core) and len(digits) > 5
    # A number that ends in 000 is a quantity: order 5000000 units.
    is_code = has_hyphens or re.fullmatch(r"#?\d{7,}(?<!000)", word.core)
    is_book = word.previous_key in ("isbn", "issn") and word.core.isdecimal()
    has_label = word.previous_key in CODE_LABELS and word.following_key not in numerals.COUNTED
    if not has_label or not (is_code or is_book):
        return []
    sign = ["number"] if word.core[:1] == "#" else []
    return [*sign, *numbers.one_by_one(digits, zero="zero")]


def model_rule(word: WordContext) -> list[str]:
    """The number of a model: RTX 4090 -> forty ninety."""
    has_capitals = re.fullmatch(r"[A-Z]{2,4}", word.previous) and not word.all_caps
    # USD 4090, AT 4090 and CA 4090 are no models, nor is anything that counts: NATO 4090 soldiers.
    is_other = word.previous in {*money.CURRENCY_CODES, *acronyms.SHORT_WORDS, *STATES}
    is_name = has_capitals and not is_other and not measures.is_counted(word)
    return numerals.two_by_two(word.core) if is_name and re.fullmatch(r"\d{4}", word.core) else []


def version_rule(word: WordContext) -> list[str]:
    """v2.0: "version two point zero", without the first word if that stands before it."""
    match = VERSION.fullmatch(word.core)
    if not match:
        return []
    return [*([] if word.previous.lower() == "version" else ["version"]), *version(match)]


def labelled_rule(word: WordContext) -> list[str]:
    """A number with a letter that is no scale: Apt. 4B, 221B Baker Street, a 5K race."""
    if not re.fullmatch(r"\d+[A-Z]", word.core):
        return []
    has_label = (
        word.previous_key in acronyms.LETTER_LABELS
        or word.previous_key in abbreviations.NUMBER_LABELS
    )
    # A capital after it begins the name of a street.
    before_name = word.following[:1].isupper() and not word.all_caps and not word.punctuation
    is_house = word.core.endswith("B") and before_name
    is_name = word.core.endswith("K") and word.following_key in NAMED_BY_K
    return acronyms.verbalize_unknown(word.core) if has_label or is_house or is_name else []


def verse_rule(word: WordContext) -> list[str]:
    """Chapter and verse: John 3:16, Psalm 23:1-6."""
    match = re.fullmatch(r"(\d{1,3}):(\d{1,3})(?:[-–](\d{1,3}))?", word.core)
    if not match or word.previous_key not in BOOKS or not word.previous[:1].isupper():
        return []
    last = ["to", *numbers.cardinal(match[3])] if match[3] else []
    return [*numbers.cardinal(match[1]), *numbers.cardinal(match[2]), *last]


def version(match: Match[str]) -> list[str]:
    """The numbers of a match of VERSION: v2.0 -> two point zero."""
    return [
        *" point ".join(" ".join(numbers.cardinal(n)) for n in match["number"].split(".")).split()
    ]

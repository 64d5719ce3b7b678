"""English numbers that are names: CA 90210, order #1234567, RTX 4090, 737-800, Apt. 4B, v2.0."""

import re
from collections.abc import Sequence
from re import Match

from tts.text import numbers
from tts.text.context import FINAL, WordContext
from tts.text.english import abbreviations, acronyms, addresses, dates, measures, money, numerals

# Before these 5K is a name rather than five thousand: a 5K race, a 4K monitor.
NAMED_BY_K = {"race", "run", "walk", "resolution", "video", "tv", "monitor", "display", "screen"}
# After these a long number, or one with hyphens, is read digit by digit.
CODE_LABELS = {
    "account", "badge", "barcode", "booking", "case", "claim", "confirmation", "doi", "id", "imei",
    "invoice", "isbn", "issn", "license", "membership", "model", "no", "number", "order", "part",
    "passport", "policy", "ref", "reference", "reservation", "routing", "s/n", "serial", "sku",
    "sn", "ssn", "ticket", "tracking", "upc", "vin",
}  # fmt: skip
# After these each figure and each single letter of a code is named, also of a short one.
SECRETS = {
    "code", "codes", "cvc", "cvv", "digits", "ext", "extension", "otp", "passcode", "password",
    "pin", "zip",
}  # fmt: skip
# Before these a number of four figures and an X is no model: 1500X faster.
MULTIPLIED = {
    "bigger", "better", "cheaper", "faster", "gain", "gains", "growth", "higher", "larger",
    "leverage", "magnification", "more", "objective", "return", "returns", "smaller", "speed",
    "zoom",
}  # fmt: skip
# Before these the B of 70B is a letter: a 70B model.
NAMED_BY_B = {"checkpoint", "llm", "model", "models", "variant", "version", "weights"}
# After these, or after an article, 737-800 is an aircraft rather than a range.
AIRCRAFT = {"boeing", "a", "an", "the", "this", "its", "our"}
# After these 24-7 is day and night rather than a score.
ALWAYS = {"available", "open", "operate", "operates", "staffed", "work", "working", "works"}
# After these figures with periods are a version rather than an address of a network.
VERSIONS = {"version", "release", "build", "update", "firmware", "android", "chrome", "ios"}
# Before a chain of parts these leave its figures a range: mid-2010-2015.
OF_RANGES = {"early", "late", "mid", "pre", "post", "to", "up"}
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
    has_state = word.previous.rstrip(",") in addresses.STATES
    code = re.fullmatch(r"(\d{5})(?:-(\d{4}))?", word.core) if has_state else None
    return numbers.one_by_one(code[1] + (code[2] or "")) if code else []


def code_rule(word: WordContext) -> list[str]:
    """Order 2024-001, order #1234567, ISBN 978-3-16-148410-0: digit by digit."""
    digits = re.sub(r"\D", "", word.core)
    has_hyphens = re.fullmatch(r"#?\d+(?:-\d+)+", word.core) and len(digits) > 5
    # A number that ends in 000 is a quantity: order 5000000 units.
    is_code = has_hyphens or re.fullmatch(r"#?\d{7,}(?<!000)", word.core)
    is_book = word.previous_key in ("isbn", "issn") and word.core.isdecimal()
    has_label = word.previous_key in CODE_LABELS and word.following_key not in numerals.COUNTED
    if not has_label or not (is_code or is_book):
        return []
    sign = ["number"] if word.core[:1] == "#" else []
    return [*sign, *numbers.one_by_one(digits, zero="zero")]


def secret_rule(word: WordContext) -> list[str]:
    """The figures of PIN 4829, of "a card ending in 4471", of "your code is 40A9X2".

    A year after "code" or "ending in" stays one: the code 1986, the year ending in 2023.
    """
    if not re.fullmatch(r"(?=[A-Za-z]{0,11}\d)[A-Za-z\d]{3,12}", word.core):
        return []
    before = word.before_previous.rstrip(FINAL).lower()
    is_apart = word.previous_key in ("is", "in", "number", "was")
    label = before if is_apart else word.previous_key
    is_end = label == "ending" and word.previous_key == "in"
    is_year = numerals.YEAR.fullmatch(word.core) and (is_end or label in ("code", "codes"))
    is_known = is_end or (label in SECRETS and word.previous_key != "in")
    # "The old code, 2330 lines" has no label. "PIN: 4829" and "ext. 12" have one.
    is_known = is_known and word.previous[-1:] not in (",", ";", "!", "?")
    # "The code is 500 lines long" and "zip 500 files" have quantities.
    is_count = word.core.isdecimal() and word.following and not word.punctuation
    is_count = is_count and (is_apart if label == "code" else label == "zip" and len(word.core) < 5)
    if not is_known or is_year or (is_count and not is_end):
        return []
    # The codes of shops are words: SAVE20. A code that ends in 00 is said as a number: code 500.
    is_word = re.fullmatch(
        r"[a-z]{3,}\d{1,4}|(?=\w{0,12}?[AEIOUYaeiouy])[A-Za-z]{4,}\d{1,4}|\d{1,3}(?:st|nd|rd|th)|[1-9]00",
        word.core,
    )
    return [] if is_word else one_by_one(word.core)


def one_by_one(code: str) -> list[str]:
    """Each letter and each figure of a code: ab94 -> A B nine four."""
    names = [numbers.one_by_one(c, "zero")[0] if c.isdecimal() else c.upper() for c in code]
    return names


def model_rule(word: WordContext) -> list[str]:
    """The number of a model: RTX 4090 -> forty ninety, 5600X -> fifty six hundred X."""
    match = re.fullmatch(r"(\d{4})(X3D|XTX?|Ti|K[FS]|HX|X)?", word.core)
    if not match:
        return []
    if match[2]:
        is_times = match[2] == "X" and (
            match[1].endswith("000") or word.following_key in MULTIPLIED
        )
        letters = [match[2]] if match[2] == "Ti" else one_by_one(match[2])
        return [] if is_times else [*numerals.two_by_two(match[1]), *letters]
    has_capitals = re.fullmatch(r"[A-Z]{2,4}", word.previous) and not word.all_caps
    # USD 4090, AT 4090 and CA 4090 are no models, nor is anything that counts: NATO 4090 soldiers.
    is_other = word.previous in {*money.CURRENCY_CODES, *acronyms.SHORT_WORDS, *addresses.STATES}
    is_name = has_capitals and not is_other and not measures.is_counted(word)
    return numerals.two_by_two(word.core) if is_name else []


def joined_rule(word: WordContext) -> list[str]:
    """Codes with hyphens that look like a range or a time: 5W-30, 737-800, 24-7, F-16s."""
    match = re.fullmatch(r"([A-Z][A-Za-z]{0,7}|omega)-(\d{1,3})s", word.core)
    if match and match[1].lower() not in OF_RANGES:
        several = numerals.of_several(numbers.cardinal(match[2]))
        return [*acronyms.verbalize_unknown(match[1]), *several]
    match = re.fullmatch(r"(\d{1,2})W-?(\d\d)", word.core)
    if match:
        return [*numbers.cardinal(match[1]), "W", *numbers.cardinal(match[2])]
    if word.core == "24-7" and (word.previous_key in ALWAYS or word.following_key == "support"):
        return ["twenty", "four", "seven"]
    match = re.fullmatch(r"(7[0-8]7)-(\d{1,2}|[1-9]00)([A-Z]{0,3})", word.core)
    is_type = match and (len(match[2]) < 3 or match[3] or word.previous_key in AIRCRAFT)
    if not match or not is_type:
        return []
    return [*numerals.two_by_two(match[1]), *numbers.cardinal(match[2]), *match[3]]


def is_chain(parts: Sequence[str]) -> bool:
    """Whether a word's parts with hyphens are a name: Qwen-2-72B, Mistral-7B, CVE-2024-12345.

    parts: the parts of a joined word and the marks between them.
    """
    is_model = parts[0][:1].isupper() and re.match(r"\d{1,3}B(?![A-Za-z])", parts[2]) is not None
    is_joined = (len(parts) > 4 or is_model) and set(parts[1::2]) == {"-"}
    return is_joined and parts[0].isalpha() and parts[0].lower() not in OF_RANGES


def chained(part: str) -> list[str]:
    """A part of a name with hyphens, if it is a long figure or has a letter: 12345, 70B."""
    if re.fullmatch(r"\d{5,}", part):
        return numbers.one_by_one(part, zero="zero")
    match = re.fullmatch(r"(\d{1,4})([A-Z])", part)
    return [*numbers.cardinal(match[1]), match[2]] if match else []


def network_rule(word: WordContext) -> list[str]:
    """The address of a machine: 192.168.0.12. In 300.0.0.1, which is none, each figure is named."""
    groups = word.core.split(".") if word.core.count(".") == 3 else []
    if not re.fullmatch(r"\d{1,3}(?:\.\d{1,3}){3}", word.core) or word.previous_key in VERSIONS:
        return []
    is_address = all(int(group) < 256 for group in groups)
    names = [numbers.cardinal(g) if is_address else numbers.one_by_one(g, "zero") for g in groups]
    return [part for name in names for part in ("dot", *name)][1:]


def month_of_year_rule(word: WordContext) -> list[str]:
    """2024-05 -> may twenty twenty four. 2005-06 and 2011-12 are ranges of years."""
    match = re.fullmatch(r"((?:19|20)(\d\d))-(0[1-9]|1[0-2])", word.core)
    if not match or int(match[3]) > int(match[2]):
        return []
    return [dates.MONTH_NAMES[int(match[3]) - 1], *numbers.year(match[1])]


def version_rule(word: WordContext) -> list[str]:
    """v2.0: "version two point zero", without the first word if that stands before it."""
    match = VERSION.fullmatch(word.core)
    if not match:
        return []
    return [*([] if word.previous.lower() == "version" else ["version"]), *version(match)]


def labelled_rule(word: WordContext) -> list[str]:
    """A number with a letter that is no scale: Apt. 4B, 221B Baker Street, a 5K race, 7B model."""
    if re.fullmatch(r"\d+k", word.core) and word.following_key in NAMED_BY_K:
        return [*numbers.cardinal(word.core[:-1]), "K"]
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
    is_size = word.core.endswith("B") and word.following_key in NAMED_BY_B
    is_letter = has_label or is_house or is_name or is_size
    return acronyms.verbalize_unknown(word.core) if is_letter else []


def version(match: Match[str]) -> list[str]:
    """The numbers of a match of VERSION: v2.0 -> two point zero."""
    return [
        *" point ".join(" ".join(numbers.cardinal(n)) for n in match["number"].split(".")).split()
    ]

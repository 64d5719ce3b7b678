"""What English words are said as because of their neighbours: labels, titles, dates, units.

Each rule says a place's words, or nothing where it does not apply; SILENT where none are said.
"""

import re

from tts.text import numbers
from tts.text.context import FINAL, WordContext
from tts.text.english import figures, letters, money, roman, tables
from tts.text.english.figures import is_number, last_part

HALF = re.compile(figures.HALF)
DASHES = ("-", "–", "—", "−")
SILENT = [""]
_DAY = r"[1-9]|[12]\d|3[01]"


def is_quantity(word: str) -> bool:
    """Whether a word is figures that can begin or end a range."""
    rules = (*money.MONEY_RULES, *figures.FIGURES)
    return any(pattern.fullmatch(word) for pattern, _ in rules)


def article(place: WordContext) -> list[str]:
    """A lone capital A in a title or a shouted text; elsewhere it is the letter."""
    is_letter = (
        place.previous_key in tables.LETTER_LABELS
        or place.previous_key in tables.BEFORE_LETTERS
        or place.following_key in tables.AFTER_LETTERS
    )
    return (
        ["a"]
        if place.core == "A" and not place.punctuation and place.following and not is_letter
        else []
    )


def numeral(place: WordContext) -> list[str]:
    """The XIV of Louis XIV, the II of World War II; WWII."""
    if place.core in ("WWI", "WWII"):
        return ["World", "War", "one" if place.core == "WWI" else "two"]
    if place.all_caps and len(place.core) == 1:
        return []
    heading = roman.heading(place.core) if place.dotted and place.following[:1].isupper() else []
    return heading or roman.spoken(
        place.core, place.previous, place.following, place.before_previous
    )


def capitals(place: WordContext) -> list[str]:
    """The IT of "our IT team", the WHO, AM radio."""
    if place.all_caps or place.core not in ("IT", "WHO", "AM"):
        return []
    after = tables.LETTERED_AFTER.get(place.core, set())
    before = tables.LETTERED_BEFORE.get(place.core, set())
    return list(place.core) if place.previous_key in after or place.following_key in before else []


def postal(place: WordContext) -> list[str]:
    """The figures after a state: CA 90210."""
    state = place.previous.rstrip(",") in tables.STATES
    code = re.fullmatch(r"(\d{5})(?:-(\d{4}))?", place.core) if state else None
    return numbers.one_by_one(code[1] + (code[2] or "")) if code else []


def dialled(place: WordContext) -> list[str]:
    """Call 911."""
    is_call = place.previous.lower() in tables.DIALLED or place.core == "911"
    return numbers.one_by_one(place.core) if is_call and re.fullmatch(r"\d{3}", place.core) else []


def code(place: WordContext) -> list[str]:
    """Order 2024-001, order #1234567, ISBN 978-3-16-148410-0: figure by figure."""
    digits = re.sub(r"\D", "", place.core)
    parted = re.fullmatch(r"\d+(?:-\d+)+", place.core) and len(digits) > 5
    is_code = parted or re.fullmatch(r"#?\d{7,}(?<!000)", place.core)
    book = place.previous_key in ("isbn", "issn") and place.core.isdecimal()
    known = place.previous_key in tables.CODE_LABELS and place.following_key not in tables.COUNTED
    sign = ["number"] if place.core[:1] == "#" else []
    return [*sign, *numbers.one_by_one(digits, zero="zero")] if known and (is_code or book) else []


def model(place: WordContext) -> list[str]:
    """The figures of RTX 4090."""
    named = re.fullmatch(r"[A-Z]{2,4}", place.previous) and not place.all_caps
    known = place.previous in tables.CODES or place.previous in tables.SHORT_WORDS
    counted = place.following_key in tables.COUNTED or place.following_key in tables.UNITS
    is_name = named and not known and not counted and place.previous not in tables.STATES
    return figures.two_by_two(place.core) if is_name and re.fullmatch(r"\d{4}", place.core) else []


def day_first(place: WordContext) -> list[str]:
    """5 January, 5 Jan; 1-5 June."""
    days = re.fullmatch(rf"({_DAY})(?:[-–]({_DAY}))?", place.core)
    if not days or place.punctuation:
        return []
    month = place.following_key in tables.MONTH_NAMES or place.following_key in tables.MONTHS
    if not month or not place.following[:1].isupper():
        return []
    until = ["to", *numbers.ordinal(days[2])] if days[2] else []
    return ["the", *numbers.ordinal(days[1]), *until, "of"]


def weekdays(place: WordContext) -> list[str]:
    """Mon-Fri, and Mon. alone where it is no other word; Jan-Mar."""
    names = [name.rstrip(".").lower() for name in re.split("[-–—]", place.core)]
    months = {**tables.MONTHS, **{name: name for name in tables.MONTH_NAMES}}
    if len(names) == 2 and place.core[:1].isupper() and all(name in months for name in names):
        return f"{months[names[0]]} to {months[names[1]]}".split()
    known = all(day in tables.SHORT_DAYS for day in names) and place.core[:1].isupper()
    is_day = names[0] not in ("sun", "sat", "wed") or place.following[:1].isdecimal()
    alone = len(names) == 1 and place.dotted and is_day
    if not known or not (len(names) == 2 or alone):
        return []
    return " to ".join(tables.SHORT_DAYS[day] for day in names).split()


def version(place: WordContext) -> list[str]:
    """v2.0, with its v as a word unless that stands before it."""
    match = letters.VERSION.fullmatch(place.core)
    if not match:
        return []
    return [*([] if place.previous.lower() == "version" else ["version"]), *letters.version(match)]


def half(place: WordContext) -> list[str]:
    """AM or PM after a time."""
    if not HALF.fullmatch(place.core):
        return []
    after_time = re.search(r"(?:^|\D)[012]?\d(?:[:.][0-5]\d)?$", place.previous)
    return figures.capitals(place.core) if after_time else []


def clock(place: WordContext) -> list[str]:
    """A time before AM or PM, or with them: a full hour without o'clock; 8.30 pm."""
    match = figures.CLOCK.fullmatch(place.core.replace(".", ":", 1))
    halved = match and (match["half"] or HALF.fullmatch(place.following_key))
    return figures.clock(match, True) if match and halved else []


def amount(place: WordContext) -> list[str]:
    """A figure of four before what is counted is no year; after "year" or "in 1066" it is one."""
    if place.previous_key == "year" and re.fullmatch(r"[1-9]\d{3}", place.core):
        return numbers.year(place.core)
    counted = place.following_key in tables.COUNTED or place.following_key in tables.UNITS
    if place.previous_key in tables.OF_YEARS and re.fullmatch(
        r"10\d[1-9]|10[1-9]0|21\d\d", place.core
    ):
        return [] if counted or place.following_key.endswith("s") else numbers.year(place.core)
    if place.punctuation or not figures.YEAR.fullmatch(place.core):
        return []
    unit_follows = place.following_key in tables.UNITS and place.following_key not in ("in", "pp")
    return (
        numbers.cardinal(place.core)
        if unit_follows or place.following_key in tables.COUNTED
        else []
    )


def unit(place: WordContext) -> list[str]:
    """A unit that stands apart from its figure, sq. ft. too, or from its 5 million."""
    figure = place.previous
    scaled = place.previous_key in tables.SCALE_WORDS and is_number(place.before_previous)
    if place.key in tables.SHAPES and (scaled or is_number(figure)):
        return [tables.SHAPES[place.key]] if place.following_key in tables.UNITS else []
    if "/" in place.previous_key and last_part(place.previous_key) in tables.SHAPES:
        return figures.unit(place.core, True) if place.key in tables.UNITS else []
    if place.previous_key in tables.SHAPES:
        figure = place.before_previous
        scaled = figure in tables.SCALE_WORDS
    pages = place.key == "pp" and place.dotted
    if place.key not in tables.UNITS or pages or not _is_symbol(place):
        return []
    if figures.FRACTION.fullmatch(figure) or figures.VULGAR.fullmatch(figure):
        is_share = not figure[0].isdecimal() or "/" in figure
        return figures.unit(place.core, is_share and not place.before_previous.isdecimal())
    singular = last_part(figure) == "1"
    return figures.unit(place.core, singular) if scaled or is_number(figure) else []


def bearing(place: WordContext) -> list[str]:
    """The W of Rt. 66 W and the N of I-95 N, which are no watts."""
    label = place.before_previous.rstrip(FINAL).lower()
    on_road = is_number(place.previous) and (label in tables.ROADS or place.previous[:1].isalpha())
    return [tables.BEARINGS[place.core]] if on_road and place.core in tables.BEARINGS else []


def _is_symbol(place: WordContext) -> bool:
    """Whether letters that are a word or a name of their own are a unit here: 6 in. wide, 5 V."""
    if place.key == "in":
        measured = place.following_key in tables.LONG or place.previous_key == "in"
        feet = place.previous_key in ("ft", "feet", "foot") or is_number(place.previous)
        dotted = place.dotted and place.following[:1].islower()
        share = place.dotted and figures.FRACTION.fullmatch(place.previous) is not None
        return dotted or share or (feet and measured)
    if len(place.core) > 1:
        return True
    capital = place.core in tables.CAPITAL_UNITS and not place.following[:1].isupper()
    return place.core.islower() or capital


def until_month(place: WordContext) -> list[str]:
    """The 5–July of June 5–July 10."""
    match = re.fullmatch(rf"({_DAY})[-–]([A-Z][a-z]+)", place.core)
    month = match[2].lower() if match else ""
    if not match or not (month in tables.MONTHS or month in tables.MONTH_NAMES):
        return []
    return [*numbers.ordinal(match[1]), "to", tables.MONTHS.get(month, match[2])]


def day(place: WordContext) -> list[str]:
    """The day after a month's name."""
    if not re.fullmatch(_DAY, place.core) or place.following_key in tables.COUNTED:
        return []
    month = last_part(place.previous.removesuffix("."))
    known = month.lower() in tables.MONTHS or month.lower() in tables.MONTH_NAMES
    return numbers.ordinal(place.core) if known and month[:1].isupper() else []


def month(place: WordContext) -> list[str]:
    """A month cut short: Oct., or any before a figure (Jan 5, JAN 5, jan. 5)."""
    if place.key not in tables.MONTHS:
        return []
    written = place.dotted or (place.core[0].isupper() and not place.punctuation)
    figure = place.following[:1].isdecimal() and written
    abbreviated = place.dotted and (place.core.istitle() or place.all_caps)
    return [tables.MONTHS[place.key]] if figure or abbreviated else []


def figure_label(place: WordContext) -> list[str]:
    """No. 1, p. 45, Apt. 4B, Vol. II, Apt 4."""
    inside = place.core == "No" and place.previous[-1:].isalnum()
    bare = place.key in tables.BARE_LABELS or inside
    written = place.dotted or (bare and not place.punctuation)
    if not written or place.key not in tables.FIGURE_LABELS:
        return []
    roman_follows = place.key in tables.ROMAN_LABELS and re.fullmatch(
        "[IVXL]+", place.following_key.upper()
    )
    follows = place.following.lstrip("#")[:1].isdecimal() or (
        roman_follows and place.following[:1].isupper()
    )
    is_answer = place.core == "no" and place.previous_key in tables.SAYING
    is_letter = place.key == "c" and (
        place.core == "C" or place.previous_key in tables.LETTER_LABELS
    )
    return [tables.FIGURE_LABELS[place.key]] if follows and not is_answer | is_letter else []


def labelled(place: WordContext) -> list[str]:
    """The 4B of Apt. 4B and the 221B of a street, which are no numbers of billions; a 5K race."""
    if not re.fullmatch(r"\d+[A-Z]", place.core):
        return []
    known = place.previous_key in tables.LETTER_LABELS or place.previous_key in tables.FIGURE_LABELS
    house = place.core.endswith("B") and place.following[:1].isupper() and not place.all_caps
    named = place.core.endswith("K") and place.following_key in tables.NAMED_BY_K
    return (
        letters.verbalize_unknown(place.core)
        if known or (house and not place.punctuation) or named
        else []
    )


def begins_sentence(word: str) -> bool:
    """Whether a word is rather a sentence's first one than a name; "A." is an initial."""
    is_initial = len(word) == 2 and word.endswith(".")
    return re.split("['’]", word.rstrip(FINAL))[0] in tables.STARTERS and not is_initial


def street(place: WordContext) -> list[str]:
    """St. before no name: Main St. again; 123 Elm Dr."""
    is_name = place.previous[:1].isupper() or re.fullmatch(r"\d+(?:st|nd|rd|th)", place.previous)
    named_before = place.before_previous[:1].isdecimal() and is_name
    written = place.core.istitle() and place.previous[-1:].isalpha()
    if place.key in tables.STREETS and named_before and written:
        return [tables.STREETS[place.key]]
    capital = place.punctuation == "." and place.following[:1].isupper()
    named = capital and not begins_sentence(place.following)
    return ["street"] if place.key == "st" and place.dotted and not named else []


def title(place: WordContext) -> list[str]:
    """A title before a name; before other words it is often a word itself."""
    bare = tables.BARE_TITLES | tables.BARE_PLACES
    written = place.dotted or (place.key in bare and not place.punctuation)
    capital = place.core.istitle() or (place.all_caps and place.core.isupper())
    if not written or not capital or not place.following[:1].isupper() or street(place):
        return []
    return [tables.TITLES[place.key]] if place.key in tables.TITLES else []


def versus(place: WordContext) -> list[str]:
    """Cats vs dogs, Roe v. Wade."""
    case = place.core == "v" and place.dotted and place.previous[:1].isupper()
    return ["versus"] if place.core == "vs" or (case and place.following[:1].isupper()) else []


def abbreviation(place: WordContext) -> list[str]:
    """An abbreviation with its period."""
    return tables.ABBREVIATIONS.get(place.key, "").split() if place.dotted else []


def area(place: WordContext) -> list[str]:
    """The area code of (555) 123-4567."""
    match = re.fullmatch(r"\d{3}", place.core)
    return figures.phone(match) if match and re.match(r"\d{3}-\d{4}\b", place.following) else []


def share(place: WordContext) -> list[str]:
    """The fraction of 1 1/2, and of 2 1/2"."""
    bare = place.core.rstrip('"″')
    match = figures.FRACTION.fullmatch(bare) or figures.VULGAR.fullmatch(bare)
    alone = match and match["share"] == bare and place.previous.isdecimal()
    inch = [] if bare == place.core else ["inch"]
    return ["and", *figures.share(match, "a"), *inch] if match and alone else []


def sign(place: WordContext) -> list[str]:
    """A sign that stands alone: 5 – 10, 3 x 4, 10 * 5 = 50, # 5, > 3; rows of signs are lines."""
    if place.core.isalpha() and place.key != "x":
        return SILENT if re.fullmatch("[xX]D+", place.core) else []
    before, after = last_part(place.previous), place.following.rstrip(FINAL)
    counted = after[:1].isdecimal() or money.MONEY.fullmatch(after) is not None
    between = (is_number(place.previous) or is_quantity(before)) and counted
    equated = (
        place.after_following == "="
        or place.before_previous in tables.OPERATORS
        or place.previous == "="
    )
    if place.core in ("x", "X", "×") and between and equated:
        return ["times"]
    if place.core in ("x", "X", "×"):
        measured = place.previous_key in tables.UNITS and is_number(place.before_previous)
        joined = is_quantity(before.rstrip("'′\"″")) or is_number(place.previous) or measured
        return ["by"] if joined and after[:1].isdecimal() else []
    if place.core in DASHES:
        return _dash(place, between, equated)
    if place.core in ("*", "/"):
        known = between and (place.core == "*" or equated)
        return tables.OPERATORS[place.core].split() if known else SILENT
    if place.core in ("~", "<", ">"):
        return tables.COMPARED[place.core].split() if counted else SILENT
    if re.fullmatch(r"={4,}|\+{3,}", place.core):
        return SILENT
    if re.fullmatch("#+", place.core):
        return ["number"] if counted and place.core == "#" else SILENT
    return []


def _dash(place: WordContext, between: bool, equated: bool) -> list[str]:
    """The dash of 5 – 10, of Mon – Fri and of 5 - 3 = 2."""
    after = place.following.rstrip(FINAL)
    if between and (equated or place.core == "−"):
        return ["minus"]
    measured = (
        place.previous_key in tables.UNITS
        and is_number(place.before_previous)
        and after[:1].isdecimal()
    )
    halves = HALF.fullmatch(place.previous) and after[:1].isdecimal()
    names = (*tables.SHORT_DAYS, *tables.WEEKDAYS, *tables.MONTHS, *tables.MONTH_NAMES)
    named = (
        place.previous_key in names
        and place.following_key in names
        and place.previous[:1].isupper()
    )
    dated = place.before_previous.rstrip(".").lower() in names and place.following_key in names
    is_range = place.core != "—" and (between or measured or halves or named or dated)
    return ["to"] if is_range else []


def coefficient(place: WordContext) -> list[str]:
    """The 2x of 2x + 1."""
    match = re.fullmatch(r"(\d+)([a-z])", place.core)
    operators = ("+", "-", "−", "=")
    if not match or not (place.following in operators or place.previous in operators):
        return []
    return [*numbers.cardinal(match[1]), match[2]]

"""What English words are said as because of their neighbours: labels, titles, dates, units.

Each rule says a place's words, or nothing where it does not apply; SILENT where none are said.
"""

import re

from tts.text import numbers
from tts.text.context import FINAL, Place
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


def article(place: Place) -> list[str]:
    """A lone capital A in a title or a shouted text; elsewhere it is the letter."""
    is_letter = (
        place.label in tables.LETTER_LABELS
        or place.label in tables.BEFORE_LETTERS
        or place.next in tables.AFTER_LETTERS
    )
    return ["a"] if place.bare == "A" and not place.tail and place.after and not is_letter else []


def numeral(place: Place) -> list[str]:
    """The XIV of Louis XIV, the II of World War II; WWII."""
    if place.bare in ("WWI", "WWII"):
        return ["World", "War", "one" if place.bare == "WWI" else "two"]
    if place.shouting and len(place.bare) == 1:
        return []
    heading = roman.heading(place.bare) if place.dotted and place.after[:1].isupper() else []
    return heading or roman.spoken(place.bare, place.before, place.after, place.earlier)


def capitals(place: Place) -> list[str]:
    """The IT of "our IT team", the WHO, AM radio."""
    if place.shouting or place.bare not in ("IT", "WHO", "AM"):
        return []
    after = tables.LETTERED_AFTER.get(place.bare, set())
    before = tables.LETTERED_BEFORE.get(place.bare, set())
    return list(place.bare) if place.label in after or place.next in before else []


def postal(place: Place) -> list[str]:
    """The figures after a state: CA 90210."""
    state = place.before.rstrip(",") in tables.STATES
    code = re.fullmatch(r"(\d{5})(?:-(\d{4}))?", place.bare) if state else None
    return numbers.one_by_one(code[1] + (code[2] or "")) if code else []


def dialled(place: Place) -> list[str]:
    """Call 911."""
    is_call = place.before.lower() in tables.DIALLED or place.bare == "911"
    return numbers.one_by_one(place.bare) if is_call and re.fullmatch(r"\d{3}", place.bare) else []


def code(place: Place) -> list[str]:
    """Order 2024-001, order #1234567, ISBN 978-3-16-148410-0: figure by figure."""
    digits = re.sub(r"\D", "", place.bare)
    parted = re.fullmatch(r"\d+(?:-\d+)+", place.bare) and len(digits) > 5
    is_code = parted or re.fullmatch(r"#?\d{7,}(?<!000)", place.bare)
    book = place.label in ("isbn", "issn") and place.bare.isdecimal()
    known = place.label in tables.CODE_LABELS and place.next not in tables.COUNTED
    sign = ["number"] if place.bare[:1] == "#" else []
    return [*sign, *numbers.one_by_one(digits, zero="zero")] if known and (is_code or book) else []


def model(place: Place) -> list[str]:
    """The figures of RTX 4090."""
    named = re.fullmatch(r"[A-Z]{2,4}", place.before) and not place.shouting
    known = place.before in tables.CODES or place.before in tables.SHORT_WORDS
    counted = place.next in tables.COUNTED or place.next in tables.UNITS
    is_name = named and not known and not counted and place.before not in tables.STATES
    return figures.pairs(place.bare) if is_name and re.fullmatch(r"\d{4}", place.bare) else []


def day_first(place: Place) -> list[str]:
    """5 January, 5 Jan; 1-5 June."""
    days = re.fullmatch(rf"({_DAY})(?:[-–]({_DAY}))?", place.bare)
    if not days or place.tail:
        return []
    month = place.next in tables.MONTH_NAMES or place.next in tables.MONTHS
    if not month or not place.after[:1].isupper():
        return []
    until = ["to", *numbers.ordinal(days[2])] if days[2] else []
    return ["the", *numbers.ordinal(days[1]), *until, "of"]


def weekdays(place: Place) -> list[str]:
    """Mon-Fri, and Mon. alone where it is no other word; Jan-Mar."""
    names = [name.rstrip(".").lower() for name in re.split("[-–—]", place.bare)]
    months = {**tables.MONTHS, **{name: name for name in tables.MONTH_NAMES}}
    if len(names) == 2 and place.bare[:1].isupper() and all(name in months for name in names):
        return f"{months[names[0]]} to {months[names[1]]}".split()
    known = all(day in tables.SHORT_DAYS for day in names) and place.bare[:1].isupper()
    is_day = names[0] not in ("sun", "sat", "wed") or place.after[:1].isdecimal()
    alone = len(names) == 1 and place.dotted and is_day
    if not known or not (len(names) == 2 or alone):
        return []
    return " to ".join(tables.SHORT_DAYS[day] for day in names).split()


def version(place: Place) -> list[str]:
    """v2.0, with its v as a word unless that stands before it."""
    match = letters.VERSION.fullmatch(place.bare)
    if not match:
        return []
    return [*([] if place.before.lower() == "version" else ["version"]), *letters.version(match)]


def half(place: Place) -> list[str]:
    """AM or PM after a time."""
    if not HALF.fullmatch(place.bare):
        return []
    after_time = re.search(r"(?:^|\D)[012]?\d(?:[:.][0-5]\d)?$", place.before)
    return figures.capitals(place.bare) if after_time else []


def clock(place: Place) -> list[str]:
    """A time before AM or PM, or with them: a full hour without o'clock; 8.30 pm."""
    match = figures.CLOCK.fullmatch(place.bare.replace(".", ":", 1))
    halved = match and (match["half"] or HALF.fullmatch(place.next))
    return figures.clock(match, True) if match and halved else []


def amount(place: Place) -> list[str]:
    """A figure of four before what is counted is no year; after "year" or "in 1066" it is one."""
    if place.label == "year" and re.fullmatch(r"[1-9]\d{3}", place.bare):
        return numbers.year(place.bare)
    counted = place.next in tables.COUNTED or place.next in tables.UNITS
    if place.label in tables.OF_YEARS and re.fullmatch(r"10\d[1-9]|10[1-9]0|21\d\d", place.bare):
        return [] if counted or place.next.endswith("s") else numbers.year(place.bare)
    if place.tail or not figures.YEAR.fullmatch(place.bare):
        return []
    unit_follows = place.next in tables.UNITS and place.next not in ("in", "pp")
    return numbers.cardinal(place.bare) if unit_follows or place.next in tables.COUNTED else []


def unit(place: Place) -> list[str]:
    """A unit that stands apart from its figure, sq. ft. too, or from its 5 million."""
    figure = place.before
    scaled = place.label in tables.SCALE_WORDS and is_number(place.earlier)
    if place.name in tables.SHAPES and (scaled or is_number(figure)):
        return [tables.SHAPES[place.name]] if place.next in tables.UNITS else []
    if "/" in place.label and last_part(place.label) in tables.SHAPES:
        return figures.unit(place.bare, True) if place.name in tables.UNITS else []
    if place.label in tables.SHAPES:
        figure = place.earlier
        scaled = figure in tables.SCALE_WORDS
    pages = place.name == "pp" and place.dotted
    if place.name not in tables.UNITS or pages or not _is_symbol(place):
        return []
    if figures.FRACTION.fullmatch(figure) or figures.VULGAR.fullmatch(figure):
        is_share = not figure[0].isdecimal() or "/" in figure
        return figures.unit(place.bare, is_share and not place.earlier.isdecimal())
    singular = last_part(figure) == "1"
    return figures.unit(place.bare, singular) if scaled or is_number(figure) else []


def bearing(place: Place) -> list[str]:
    """The W of Rt. 66 W and the N of I-95 N, which are no watts."""
    label = place.earlier.rstrip(FINAL).lower()
    on_road = is_number(place.before) and (label in tables.ROADS or place.before[:1].isalpha())
    return [tables.BEARINGS[place.bare]] if on_road and place.bare in tables.BEARINGS else []


def _is_symbol(place: Place) -> bool:
    """Whether letters that are a word or a name of their own are a unit here: 6 in. wide, 5 V."""
    if place.name == "in":
        measured = place.next in tables.LONG or place.label == "in"
        feet = place.label in ("ft", "feet", "foot") or is_number(place.before)
        dotted = place.dotted and place.after[:1].islower()
        share = place.dotted and figures.FRACTION.fullmatch(place.before) is not None
        return dotted or share or (feet and measured)
    if len(place.bare) > 1:
        return True
    capital = place.bare in tables.CAPITAL_UNITS and not place.after[:1].isupper()
    return place.bare.islower() or capital


def until_month(place: Place) -> list[str]:
    """The 5–July of June 5–July 10."""
    match = re.fullmatch(rf"({_DAY})[-–]([A-Z][a-z]+)", place.bare)
    month = match[2].lower() if match else ""
    if not match or not (month in tables.MONTHS or month in tables.MONTH_NAMES):
        return []
    return [*numbers.ordinal(match[1]), "to", tables.MONTHS.get(month, match[2])]


def day(place: Place) -> list[str]:
    """The day after a month's name."""
    if not re.fullmatch(_DAY, place.bare) or place.next in tables.COUNTED:
        return []
    month = last_part(place.before.removesuffix("."))
    known = month.lower() in tables.MONTHS or month.lower() in tables.MONTH_NAMES
    return numbers.ordinal(place.bare) if known and month[:1].isupper() else []


def month(place: Place) -> list[str]:
    """A month cut short: Oct., or any before a figure (Jan 5, JAN 5, jan. 5)."""
    if place.name not in tables.MONTHS:
        return []
    written = place.dotted or (place.bare[0].isupper() and not place.tail)
    figure = place.after[:1].isdecimal() and written
    abbreviated = place.dotted and (place.bare.istitle() or place.shouting)
    return [tables.MONTHS[place.name]] if figure or abbreviated else []


def figure_label(place: Place) -> list[str]:
    """No. 1, p. 45, Apt. 4B, Vol. II, Apt 4."""
    inside = place.bare == "No" and place.before[-1:].isalnum()
    bare = place.name in tables.BARE_LABELS or inside
    written = place.dotted or (bare and not place.tail)
    if not written or place.name not in tables.FIGURE_LABELS:
        return []
    roman_follows = place.name in tables.ROMAN_LABELS and re.fullmatch(
        "[IVXL]+", place.next.upper()
    )
    follows = place.after.lstrip("#")[:1].isdecimal() or (
        roman_follows and place.after[:1].isupper()
    )
    is_answer = place.bare == "no" and place.label in tables.SAYING
    is_letter = place.name == "c" and (place.bare == "C" or place.label in tables.LETTER_LABELS)
    return [tables.FIGURE_LABELS[place.name]] if follows and not is_answer | is_letter else []


def labelled(place: Place) -> list[str]:
    """The 4B of Apt. 4B and the 221B of a street, which are no numbers of billions; a 5K race."""
    if not re.fullmatch(r"\d+[A-Z]", place.bare):
        return []
    known = place.label in tables.LETTER_LABELS or place.label in tables.FIGURE_LABELS
    house = place.bare.endswith("B") and place.after[:1].isupper() and not place.shouting
    named = place.bare.endswith("K") and place.next in tables.NAMED_BY_K
    return letters.plain(place.bare) if known or (house and not place.tail) or named else []


def begins_sentence(word: str) -> bool:
    """Whether a word is rather a sentence's first one than a name; "A." is an initial."""
    is_initial = len(word) == 2 and word.endswith(".")
    return re.split("['’]", word.rstrip(FINAL))[0] in tables.STARTERS and not is_initial


def street(place: Place) -> list[str]:
    """St. before no name: Main St. again; 123 Elm Dr."""
    is_name = place.before[:1].isupper() or re.fullmatch(r"\d+(?:st|nd|rd|th)", place.before)
    named_before = place.earlier[:1].isdecimal() and is_name
    written = place.bare.istitle() and place.before[-1:].isalpha()
    if place.name in tables.STREETS and named_before and written:
        return [tables.STREETS[place.name]]
    capital = place.tail == "." and place.after[:1].isupper()
    named = capital and not begins_sentence(place.after)
    return ["street"] if place.name == "st" and place.dotted and not named else []


def title(place: Place) -> list[str]:
    """A title before a name; before other words it is often a word itself."""
    bare = tables.BARE_TITLES | tables.BARE_PLACES
    written = place.dotted or (place.name in bare and not place.tail)
    capital = place.bare.istitle() or (place.shouting and place.bare.isupper())
    if not written or not capital or not place.after[:1].isupper() or street(place):
        return []
    return [tables.TITLES[place.name]] if place.name in tables.TITLES else []


def versus(place: Place) -> list[str]:
    """Cats vs dogs, Roe v. Wade."""
    case = place.bare == "v" and place.dotted and place.before[:1].isupper()
    return ["versus"] if place.bare == "vs" or (case and place.after[:1].isupper()) else []


def abbreviation(place: Place) -> list[str]:
    """An abbreviation with its period."""
    return tables.ABBREVIATIONS.get(place.name, "").split() if place.dotted else []


def area(place: Place) -> list[str]:
    """The area code of (555) 123-4567."""
    match = re.fullmatch(r"\d{3}", place.bare)
    return figures.phone(match) if match and re.match(r"\d{3}-\d{4}\b", place.after) else []


def share(place: Place) -> list[str]:
    """The fraction of 1 1/2, and of 2 1/2"."""
    bare = place.bare.rstrip('"″')
    match = figures.FRACTION.fullmatch(bare) or figures.VULGAR.fullmatch(bare)
    alone = match and match["share"] == bare and place.before.isdecimal()
    inch = [] if bare == place.bare else ["inch"]
    return ["and", *figures.share(match, "a"), *inch] if match and alone else []


def sign(place: Place) -> list[str]:
    """A sign that stands alone: 5 – 10, 3 x 4, 10 * 5 = 50, # 5, > 3; rows of signs are lines."""
    if place.bare.isalpha() and place.name != "x":
        return SILENT if re.fullmatch("[xX]D+", place.bare) else []
    before, after = last_part(place.before), place.after.rstrip(FINAL)
    counted = after[:1].isdecimal() or money.MONEY.fullmatch(after) is not None
    between = (is_number(place.before) or is_quantity(before)) and counted
    equated = place.beyond == "=" or place.earlier in tables.OPERATORS or place.before == "="
    if place.bare in ("x", "X", "×") and between and equated:
        return ["times"]
    if place.bare in ("x", "X", "×"):
        measured = place.label in tables.UNITS and is_number(place.earlier)
        joined = is_quantity(before.rstrip("'′\"″")) or is_number(place.before) or measured
        return ["by"] if joined and after[:1].isdecimal() else []
    if place.bare in DASHES:
        return _dash(place, between, equated)
    if place.bare in ("*", "/"):
        known = between and (place.bare == "*" or equated)
        return tables.OPERATORS[place.bare].split() if known else SILENT
    if place.bare in ("~", "<", ">"):
        return tables.COMPARED[place.bare].split() if counted else SILENT
    if re.fullmatch(r"={4,}|\+{3,}", place.bare):
        return SILENT
    if re.fullmatch("#+", place.bare):
        return ["number"] if counted and place.bare == "#" else SILENT
    return []


def _dash(place: Place, between: bool, equated: bool) -> list[str]:
    """The dash of 5 – 10, of Mon – Fri and of 5 - 3 = 2."""
    after = place.after.rstrip(FINAL)
    if between and (equated or place.bare == "−"):
        return ["minus"]
    measured = place.label in tables.UNITS and is_number(place.earlier) and after[:1].isdecimal()
    halves = HALF.fullmatch(place.before) and after[:1].isdecimal()
    names = (*tables.SHORT_DAYS, *tables.WEEKDAYS, *tables.MONTHS, *tables.MONTH_NAMES)
    named = place.label in names and place.next in names and place.before[:1].isupper()
    dated = place.earlier.rstrip(".").lower() in names and place.next in names
    is_range = place.bare != "—" and (between or measured or halves or named or dated)
    return ["to"] if is_range else []


def coefficient(place: Place) -> list[str]:
    """The 2x of 2x + 1."""
    match = re.fullmatch(r"(\d+)([a-z])", place.bare)
    operators = ("+", "-", "−", "=")
    if not match or not (place.after in operators or place.before in operators):
        return []
    return [*numbers.cardinal(match[1]), match[2]]

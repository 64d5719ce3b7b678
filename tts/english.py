"""English spelled out for a voice: numbers, money, times, years, abbreviations, acronyms.

What a word is said as depends first on its neighbours (`IN_CONTEXT`), then on itself (`RULES`):
each table is read from top to bottom, and the first rule that applies decides. A word that no
rule knows is taken apart at its hyphens and slashes, and at last into letters and figures.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tts import english_figures as figures
from tts import english_letters as letters
from tts import english_roman as roman
from tts import english_tables as tables
from tts import numbers

FINAL = ".,;:!?…"
JOINER = "-‐‑‒–—―/"
# The slash of a fraction ("3/4-inch") joins nothing.
JOINERS = re.compile(rf"(?<=[^{JOINER}])(?!(?<=^\d)/[2-68](?:-|$))([{JOINER}]+)")
HALF = re.compile(figures.HALF)
INITIALS = re.compile(r"[A-Za-z](?:\.[A-Za-z])*")


@dataclass(frozen=True)
class _Place:
    """A word without its final punctuation, that punctuation, and its neighbours as written."""

    bare: str
    tail: str
    before: str
    after: str
    shouting: bool = False

    @property
    def name(self) -> str:
        """The word as the tables spell it."""
        return self.bare.lower()

    @property
    def dotted(self) -> bool:
        """Whether a single period follows, perhaps with a comma after it."""
        return self.tail[:1] == "." and self.tail[1:2] not in (".", "…")

    @property
    def next(self) -> str:
        """The next word as the tables spell it."""
        return self.after.rstrip(FINAL).lower()


def spell(words: Sequence[str]) -> list[list[str]]:
    """What is said for each written word, quotes and brackets removed beforehand."""
    words = [_with_ascii_figures(word) for word in words]
    lettered = [word for word in words if any(map(str.isalpha, word))]
    shouting = len(lettered) > 2 and sum(map(letters.is_shouted, lettered)) > 0.6 * len(lettered)
    neighbours = ["", *words, ""]
    places = [
        replace(_place(word, neighbours[index], neighbours[index + 2]), shouting=shouting)
        for index, word in enumerate(words)
    ]
    return [_article(place) or _say(place) for place in places]


def keeps_its_period(word: str, before: str, after: str) -> bool:
    """Whether a word's final period belongs to an abbreviation rather than to a sentence's end.

    `before` and `after` are the words around it. Titles and figures' labels never end a
    sentence; initials and months do before a word that begins sentences (U.S. She), other
    abbreviations before any capital letter.
    """
    place = replace(_place(word, before, after), shouting=word.isupper() and after.isupper())
    if place.tail != ".":
        return False
    if _title(place) or _figure_label(place) or place.name in tables.NEVER_LAST:
        return True
    if _weekdays(place):
        return not _begins_sentence(after)
    capital = after[:1].isupper()
    if HALF.fullmatch(place.bare):
        of_time = {*tables.WEEKDAYS, *tables.TIME_ZONES, *tables.MONTH_NAMES, *tables.MONTHS}
        return not capital or place.next in of_time
    initials = INITIALS.fullmatch(place.bare)
    named = _month(place) or place.name in tables.BEFORE_NAMES
    if named or (initials and place.bare.isupper() and place.bare != "I"):
        return not _begins_sentence(after)
    known = (
        _street(place) or _abbreviation(place) or _unit(place) or (initials and len(place.bare) > 1)
    )
    return bool(known) and not capital


def _begins_sentence(word: str) -> bool:
    """Whether a word is rather a sentence's first one than a name; "A." is an initial."""
    is_initial = len(word) == 2 and word.endswith(".")
    return re.split("['’]", word.rstrip(FINAL))[0] in tables.STARTERS and not is_initial


def _place(word: str, before: str, after: str) -> _Place:
    bare = word.rstrip(FINAL)
    return _Place(bare, word[len(bare) :], before, after)


def _with_ascii_figures(word: str) -> str:
    """The decimal figures of any script as 0 to 9, which the rules compare with."""
    if word.isascii():
        return word
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in word)


def _say(place: _Place) -> list[str]:
    """What is said for one word or for one part of a joined word."""
    for rule in IN_CONTEXT:
        said = rule(place)
        if said:
            return said
    for pattern, say in RULES:
        match = pattern.fullmatch(place.bare)
        if match:
            return say(match)
    return _joined(place) or letters.plain(place.bare, place.shouting)


def _joined(place: _Place) -> list[str]:
    """Words joined by hyphens, dashes or slashes, each said in the place of the whole."""
    pieces = JOINERS.split(place.bare)
    if len(pieces) == 1:
        return []
    pieces[-1] += place.tail
    is_range = sum(figures.is_quantity(part.rstrip(FINAL)) for part in pieces[::2]) <= 2
    spoken: list[str] = []
    last, rated = "", False
    for mark, part in zip(["", *pieces[1::2]], pieces[::2], strict=True):
        counted = figures.is_quantity(last)
        before = last if counted and part.isalpha() else place.before
        inner = replace(_place(part, before, place.after), shouting=place.shouting)
        is_rate = rated or counted or (inner.name in tables.RATES and _is_number(place.before))
        rated = mark == "/" and inner.bare.isalpha() and is_rate
        both = figures.is_quantity(inner.bare) and (counted or HALF.fullmatch(last))
        if rated:
            spoken += ["per", *_rate(inner)]
        elif is_range and mark != "/" and both and inner.bare != last:
            spoken += ["to", *_say(inner)]
        else:
            spoken += _say(inner)
        last = inner.bare
    return spoken


def _rate(place: _Place) -> list[str]:
    """What something costs or counts by: mo -> month, hrs -> hour."""
    unit = tables.RATES.get(place.name) or tables.UNITS.get(place.name)
    return unit.split() if unit else _say(place)


def _article(place: _Place) -> list[str]:
    """A lone capital A in a title or a shouted text; elsewhere it is the letter."""
    label = place.before.rstrip(FINAL).lower()
    is_letter = (
        label in tables.LETTER_LABELS
        or label in tables.BEFORE_LETTERS
        or place.next in tables.AFTER_LETTERS
    )
    return ["a"] if place.bare == "A" and not place.tail and place.after and not is_letter else []


def _roman(place: _Place) -> list[str]:
    """The XIV of Louis XIV, the II of World War II."""
    return [] if place.shouting else roman.spoken(place.bare, place.before)


def _zip(place: _Place) -> list[str]:
    """The figures after a state: CA 90210."""
    state = place.before.rstrip(",") in tables.STATES
    code = re.fullmatch(r"(\d{5})(?:-(\d{4}))?", place.bare) if state else None
    return numbers.one_by_one(code[1] + (code[2] or "")) if code else []


def _dialled(place: _Place) -> list[str]:
    """Call 911."""
    is_call = place.before.lower() in tables.DIALLED or place.bare == "911"
    return numbers.one_by_one(place.bare) if is_call and re.fullmatch(r"\d{3}", place.bare) else []


def _day_first(place: _Place) -> list[str]:
    """5 January, 5 Jan."""
    if not re.fullmatch(r"[1-9]|[12]\d|3[01]", place.bare) or place.tail:
        return []
    month = place.next in tables.MONTH_NAMES or place.next in tables.MONTHS
    named = month and place.after[:1].isupper()
    return ["the", *numbers.ordinal(place.bare), "of"] if named else []


def _weekdays(place: _Place) -> list[str]:
    """Mon-Fri, and Mon. alone where it is no other word."""
    days = [day.rstrip(".").lower() for day in re.split("[-–—]", place.bare)]
    known = all(day in tables.SHORT_DAYS for day in days) and place.bare[:1].isupper()
    alone = len(days) == 1 and place.dotted and days[0] not in ("sun", "sat", "wed")
    if not known or not (len(days) == 2 or alone):
        return []
    return " to ".join(tables.SHORT_DAYS[day] for day in days).split()


def _version(place: _Place) -> list[str]:
    """v2.0, with its v as a word unless that stands before it."""
    match = letters.VERSION.fullmatch(place.bare)
    if not match:
        return []
    return [*([] if place.before.lower() == "version" else ["version"]), *letters.version(match)]


def _by(place: _Place) -> list[str]:
    """The x of 3 x 4."""
    both = _is_number(place.before) and place.after[:1].isdecimal()
    return ["by"] if place.bare in ("x", "X") and both else []


def _half(place: _Place) -> list[str]:
    """AM or PM after a time."""
    if not HALF.fullmatch(place.bare):
        return []
    after_time = re.search(r"(?:^|\D)[012]?\d(?::[0-5]\d)?$", place.before)
    return figures.capitals(place.bare) if after_time else []


def _clock(place: _Place) -> list[str]:
    """A full hour before AM or PM is said without o'clock."""
    match = figures.CLOCK.fullmatch(place.bare)
    return figures.clock(match, True) if match and HALF.fullmatch(place.next) else []


def _money(place: _Place) -> list[str]:
    """The figure of "$5 million": its dollars come after the next word."""
    match = figures.MONEY.fullmatch(place.bare)
    scaled = match and not match["scale"] and not place.tail and place.next in tables.SCALE_WORDS
    return figures.number(match) if match and scaled else []


def _money_range(place: _Place) -> list[str]:
    """The dollars of "$5-10" come once, after the second figure or its million."""
    match = figures.MONEY_RANGE.fullmatch(place.bare)
    if not match:
        return []
    spoken = [*_plain_number(match["low"]), "to", *_plain_number(match["high"])]
    if match["scale"]:
        spoken.append(tables.SCALES[match["scale"].lower()])
    elif not place.tail and place.next in tables.SCALE_WORDS:
        return spoken
    return [*spoken, figures.plural(tables.CURRENCIES[match["sign"]][0])]


def _plain_number(written: str) -> list[str]:
    match = re.fullmatch(figures.NUMBER, written)
    return figures.number(match) if match else []


def _scale(place: _Place) -> list[str]:
    """The "million" of "$5 million" and of "$5-10 million"."""
    if place.name not in tables.SCALE_WORDS:
        return []
    money = figures.MONEY.fullmatch(_last_part(place.before))
    money = money or figures.MONEY_RANGE.fullmatch(place.before)
    if not money or money["scale"]:
        return []
    return [place.name, figures.plural(tables.CURRENCIES[money["sign"]][0])]


def _amount(place: _Place) -> list[str]:
    """A figure of four before what is counted is no year; after "year" it is one."""
    if place.before.lower() == "year" and re.fullmatch(r"[1-9]\d{3}", place.bare):
        return numbers.year(place.bare)
    if place.tail or not figures.YEAR.fullmatch(place.bare):
        return []
    unit = place.next in tables.UNITS and place.next not in tables.JOINED_ONLY
    return numbers.cardinal(place.bare) if unit or place.next in tables.COUNTED else []


def _unit(place: _Place) -> list[str]:
    """A unit that stands apart from its figure."""
    figure = place.before
    is_word = place.name in tables.JOINED_ONLY and not (place.dotted and place.after[:1].islower())
    if place.name not in tables.UNITS or is_word:
        return []
    if figures.FRACTION.fullmatch(figure) or figures.VULGAR.fullmatch(figure):
        return figures.unit(place.bare, singular=not figure[0].isdecimal() or "/" in figure)
    singular = _last_part(figure) == "1"
    return figures.unit(place.bare, singular) if _is_number(figure) else []


def _day(place: _Place) -> list[str]:
    """The day after a month's name."""
    if not re.fullmatch(r"[1-9]|[12]\d|3[01]", place.bare) or place.next in tables.COUNTED:
        return []
    month = place.before.removesuffix(".")
    known = month.lower() in tables.MONTHS or month.lower() in tables.MONTH_NAMES
    return numbers.ordinal(place.bare) if known and month[0].isupper() else []


def _month(place: _Place) -> list[str]:
    """A month cut short: Oct., or any before a figure (Jan 5, JAN 5, jan. 5)."""
    if place.name not in tables.MONTHS:
        return []
    figure = place.after[:1].isdecimal() and (place.dotted or place.bare[0].isupper())
    abbreviated = place.dotted and (place.bare.istitle() or place.shouting)
    return [tables.MONTHS[place.name]] if figure or abbreviated else []


def _figure_label(place: _Place) -> list[str]:
    """No. 1, p. 45, Apt. 4B."""
    labels = place.dotted and place.after[:1].isdecimal() and place.name in tables.FIGURE_LABELS
    is_answer = place.bare == "no" and place.before.rstrip(FINAL).lower() in tables.SAYING
    return [tables.FIGURE_LABELS[place.name]] if labels and not is_answer else []


def _labelled(place: _Place) -> list[str]:
    """The 4B of Apt. 4B and the 221B of a street, which are no numbers of billions; a 5K race."""
    if not re.fullmatch(r"\d+[A-Z]", place.bare):
        return []
    label = place.before.rstrip(FINAL).lower()
    known = label in tables.LETTER_LABELS or label in tables.FIGURE_LABELS
    house = place.bare.endswith("B") and place.after[:1].isupper() and not place.shouting
    named = place.bare.endswith("K") and place.next in tables.NAMED_BY_K
    return letters.plain(place.bare) if known or (house and not place.tail) or named else []


def _or_more(place: _Place) -> list[str]:
    """The plus of 10+ and $100K+."""
    figure = place.bare[:-1]
    is_more = place.bare.endswith("+") and figures.is_quantity(figure)
    return [*_say(replace(place, bare=figure)), "plus"] if is_more else []


def _street(place: _Place) -> list[str]:
    """St. before no name: Main St. again."""
    capital = place.tail == "." and place.after[:1].isupper()
    named = capital and not _begins_sentence(place.after)
    return ["street"] if place.name == "st" and place.dotted and not named else []


def _title(place: _Place) -> list[str]:
    """A title before a name; before other words it is often a word itself."""
    written = place.dotted or (place.name in tables.BARE_TITLES and not place.tail)
    capital = place.bare.istitle() or (place.shouting and place.bare.isupper())
    if not written or not capital or not place.after[:1].isupper() or _street(place):
        return []
    return [tables.TITLES[place.name]] if place.name in tables.TITLES else []


def _abbreviation(place: _Place) -> list[str]:
    return tables.ABBREVIATIONS.get(place.name, "").split() if place.dotted else []


def _area(place: _Place) -> list[str]:
    """The area code of (555) 123-4567."""
    code = re.fullmatch(r"\d{3}", place.bare)
    return figures.phone(code) if code and re.match(r"\d{3}-\d{4}\b", place.after) else []


def _share(place: _Place) -> list[str]:
    """The fraction of 1 1/2."""
    match = figures.FRACTION.fullmatch(place.bare) or figures.VULGAR.fullmatch(place.bare)
    alone = match and match["share"] == place.bare and place.before.isdecimal()
    return ["and", *figures.share(match, "a")] if match and alone else []


def _is_number(word: str) -> bool:
    """Whether a word is or ends in figures alone: 5, 1,000.5, 5-10."""
    figure = _last_part(word)
    return bool(re.fullmatch(figures.NUMBER, figure)) and figure[0].isdecimal()


def _last_part(word: str) -> str:
    """The end of a joined word: the 10 of 5-10."""
    return re.split(f"[{JOINER}]", word)[-1]


IN_CONTEXT: tuple[Callable[[_Place], list[str]], ...] = (
    _roman, _zip, _dialled, _day_first, _weekdays, _version, _by, _half, _clock, _money,
    _money_range, _scale, _share, _area, _amount, _unit, _day, _month, _figure_label, _labelled,
    _street, _title, _abbreviation, _or_more,
)  # fmt: skip
RULES: figures.Rules = (
    *figures.CODES,
    *figures.FIGURES,
    (re.compile(r"[A-Za-z](?:\.[A-Za-z])+"), lambda match: figures.capitals(match[0])),
    *letters.SIGNS,
    (letters.ADDRESS, letters.address),
)

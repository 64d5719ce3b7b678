"""SSML's <say-as>: how its text is read, whatever it looks like."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from tts.languages import base_language
from tts.text import numbers

# What the front end says by itself, once it sees the figures and signs of one.
_READ_AS_WRITTEN = frozenset(
    {"address", "currency", "duration", "fraction", "measure", "name", "text", "time", "unit"}
)
_OTHER_NAMES = {
    "alphabet": "characters", "character": "characters", "digit": "digits", "integer": "cardinal",
    "letters": "characters", "number": "cardinal", "number_digit": "digits", "phone": "telephone",
    "spell": "characters", "spell-out": "characters", "verbatim": "characters",
    "number:cardinal": "cardinal", "number:digits": "digits", "number:ordinal": "ordinal",
    "number:telephone": "telephone", "bleep": "expletive",
}  # fmt: skip
# As English says them one by one.
_SIGNS = {
    ".": "dot", "-": "dash", "_": "underscore", "/": "slash", "\\": "backslash", "@": "at",
    "#": "hash", "&": "and", "+": "plus", "*": "star", "%": "percent", "=": "equals",
    ":": "colon", "$": "dollar",
}  # fmt: skip
_NUMBER = re.compile(r"(?P<minus>[-−]\s?)?(?P<digits>[0-9]{1,3}(?:[ ,.'’][0-9]{3})+|[0-9]+)")
_FIGURES = re.compile(r"[0-9]+")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip
_LETTERS = re.compile(r"[A-Za-z]+")
# Letters that `_initials` wrote, or one character.
_SPELLED = re.compile(r"[A-Z](?:\.[A-Z])++|[A-Z]\.|\S")
_WIDTHS = {"y": 4, "m": 2, "d": 2}


def how(attributes: Mapping[str, str]) -> str | None:
    """How the text of a <say-as> is read, for `said`; empty if as it is written.

    attributes: those of the tag, by name.

    None if the worker does not know it.
    """
    kind = attributes.get("interpret-as", "").lower()
    form = attributes.get("format", "").lower()
    kind = _OTHER_NAMES.get(f"{kind}:{form}") or _OTHER_NAMES.get(kind, kind)
    if kind in _READ_AS_WRITTEN:
        return ""
    if kind == "date":
        # Google writes yyyymmdd, Azure ymd.
        letters = "".join(dict.fromkeys(letter for letter in form if letter in "ymd"))
        return f"date:{letters}"
    return kind if kind in _READERS else None


def said(text: str, reading: str, language: str) -> str:
    """What is read in the place of a text, by the rules of its language.

    text: what the <say-as> encloses.
    reading: as `how` gives it.
    language: the tag of the language.
    """
    kind, _, form = reading.partition(":")
    if kind == "date":
        return _date(text, form, base_language(language))
    return _READERS[kind](text, base_language(language))


def _characters(text: str, language: str) -> str:
    """Letters, figures and signs one by one."""
    if language == "en":
        text = _LETTERS.sub(_initials, text)
        parts = [_SIGNS.get(part, part) for part in _SPELLED.findall(text)]
    else:
        parts = [_capital(character) for character in text if character.isalnum()]
    return " ".join(_figures(parts, language))


def _initials(match: re.Match[str]) -> str:
    """Letters as English reads initials: a lone A would be the article."""
    return f" {'.'.join(match[0].upper())}{'.' if match[0] in 'aA' else ''} "


def _capital(letter: str) -> str:
    capital = letter.upper()
    return capital if len(capital) == 1 else letter


def _figures(parts: Iterable[str], language: str) -> Iterator[str]:
    """The parts, with words for those of one figure: beside a letter it may be a measure."""
    for part in parts:
        is_figure = _FIGURES.fullmatch(part) and len(part) == 1
        yield " ".join(numbers.digits_in(part, language)) or part if is_figure else part


def _digits(text: str, language: str) -> str:
    return " ".join(_figures(filter(str.isalnum, text), language))


def _telephone(text: str, language: str) -> str:
    """Figures one by one, with a pause between their groups."""
    groups = [" ".join(_figures(group, language)) for group in _FIGURES.findall(text)]
    if not groups:
        return text
    if text.lstrip().startswith("+"):
        # Before a figure every language says a plus.
        first = _FIGURES.findall(text)[0]
        groups[0] = " ".join([f"+{first[0]}", *_figures(first[1:], language)])
    return ", ".join(groups)


def _cardinal(text: str, language: str) -> str:
    match = _NUMBER.fullmatch(text.strip())
    if not match:
        return text
    digits = "".join(_FIGURES.findall(match["digits"]))
    words = numbers.in_language(("-" if match["minus"] else "") + digits, language)
    return " ".join(words) or text


def _ordinal(text: str, language: str) -> str:
    digits = "".join(_FIGURES.findall(text))
    if not 1 <= int(digits[: numbers.MAX_CARDINAL_DIGITS + 1] or 0) <= numbers.MAX_ORDINAL:
        return text
    words = numbers.ordinal(digits) if language == "en" else numbers.ordinal_in(digits, language)
    return " ".join(words) or text


def _silent(text: str, language: str) -> str:
    return ""


def _date(text: str, form: str, language: str) -> str:
    """A date whose parts stand in the order of `form`, as every language reads it."""
    figures = _FIGURES.findall(text)
    if len(figures) == 1 and len(figures[0]) == sum(_WIDTHS[letter] for letter in form):
        digits = iter(figures[0])
        figures = ["".join(next(digits) for _ in range(_WIDTHS[letter])) for letter in form]
    if len(figures) != len(form) or any(len(figure) > 4 for figure in figures):
        return text
    parts = {letter: int(figure) for letter, figure in zip(form, figures, strict=True)}
    month, day, year = parts.get("m", 0), parts.get("d", 0), parts.get("y")
    if year is not None and len(figures[form.index("y")]) == 2:
        year += 1900 if year >= 70 else 2000
    if not 1 <= month <= 12 or ("d" in parts and not 1 <= day <= 31):
        return text
    if year is not None and day:
        return f"{year:04}-{month:02}-{day:02}"
    if language == "en":
        return " ".join(map(str, filter(None, (_MONTHS[month - 1], day, year))))
    return text


_READERS: Mapping[str, Callable[[str, str], str]] = {
    "cardinal": _cardinal,
    "characters": _characters,
    "digits": _digits,
    "expletive": _silent,
    "ordinal": _ordinal,
    "telephone": _telephone,
}

"""Signs in other languages than English: degrees, sums, fractions and clock times by name.

The languages are those of OPERATORS.
"""

import re
import unicodedata

from tts.text import numbers
from tts.text.context import WordContext
from tts.text.multilingual.tables import (
    AND,
    DATED,
    DEGREES,
    FEMININE,
    FRACTIONS,
    HOURS,
    OPERATORS,
    UNTIL,
    Hours,
)

_DEGREES = re.compile(r"(?P<number>.*\d)?(?P<sign>°[CF]?)")
_EQUATION = re.compile(r"(?=.+[+×÷=])[-−+]?\d+(?:[.,]\d+)?(?:[-−+×÷=]\d+(?:[.,]\d+)?)+")
_SIGNED = re.compile(r"\+\d{1,3}(?:[.,]\d+)?(?:%|°[CF]?)?")
# Fractions that are no finite decimals; normalize.py has the others.
_VULGAR = re.compile("(?P<whole>(?:(?<![0-9])[0-9]+)?)(?P<share>[⅓⅔⅙⅚⅐⅑⅒])")
_CLOCK = re.compile(r"(\d{1,2})(?P<mark>[hu:])(?:(\d\d)(?P<unit>h|mn?|min)?)?")
_ALWAYS = re.compile(r"(\d{1,2})([hj])/(\d{1,2})")


def split_symbols(word: WordContext, language: str) -> list[str]:
    """Split a word with signs into words that are read one by one; empty if it has none.

    20°C -> 20, °C; 5+3=8 -> 5, +, 3, =, 8; +5 -> plus, 5;
    1/4-Liter -> 1/4, Liter; 24h/24 -> 24, heures, sur, 24.
    """
    bare = word.core
    if language not in OPERATORS:
        return []
    always = _ALWAYS.fullmatch(bare) if language == "fr" else None
    if always:
        return [always[1], {"h": "heures", "j": "jours"}[always[2]], "sur", always[3]]
    degrees = _DEGREES.fullmatch(bare)
    if degrees and degrees["number"]:
        return [degrees["number"], degrees["sign"]]
    if _EQUATION.fullmatch(bare):
        return re.findall(r"[\d.,]+|[-−+×÷=]", bare)
    share = re.fullmatch(r"([1-3]/[2-4])-(\w.*)", bare)
    if share and share[1] in FRACTIONS[language]:
        return [share[1], share[2]]
    # Digits after it make it a telephone number: +49 30 123456.
    is_signed = _SIGNED.fullmatch(bare) and not word.following[:1].isdecimal()
    return [OPERATORS[language]["+"], bare[1:]] if is_signed else []


def write_out_fractions(word: str, language: str) -> str:
    """Write ⅓ as 1/3 unless FRACTIONS has a name for it."""

    def plain(match: re.Match[str]) -> str:
        share = unicodedata.normalize("NFKC", match["share"]).replace("⁄", "/")
        has_name = share in FRACTIONS.get(language, {})
        return match[0] if has_name else f"{match['whole']} {share}".strip()

    return _VULGAR.sub(plain, word)


def verbalize(word: WordContext, language: str) -> list[str]:
    """The spoken words of a sign, a fraction or a clock time; empty if it is none."""
    if language not in OPERATORS:
        return []
    rules = (_phone, _degrees, _operator, _and, _fraction, _clock, _hours)
    return next((words for rule in rules if (words := rule(word, language))), [])


def _phone(word: WordContext, language: str) -> list[str]:
    """+49-30-123456, as `join_digit_groups` writes it: groups over three digits digit by digit."""
    if not re.fullmatch(r"\+\d{1,3}(?:-\d{1,10})+", word.core):
        return []
    groups = re.findall(r"\d+", word.core)
    parts = [part for group in groups for part in (group if len(group) > 3 else [group])]
    spoken = [numbers.in_language(part, language) for part in parts]
    return [
        *OPERATORS[language]["+"].split(),
        *(spoken_word for words in spoken for spoken_word in words),
    ]


def _degrees(word: WordContext, language: str) -> list[str]:
    if word.core not in ("°", "°C", "°F") or not word.previous[-1:].isdecimal():
        return []
    scale = {"C": ["Celsius"], "F": ["Fahrenheit"]}.get(word.core[-1], [])
    return [DEGREES[language], *scale]


def _operator(word: WordContext, language: str) -> list[str]:
    """A sign between two words. A hyphen is a minus in a sum only; else a range or a pause."""
    names = OPERATORS[language]
    sign = {"-": "−", "–": "−"}.get(word.core, word.core)
    if sign not in names or not word.following:
        return []
    is_between = word.previous[-1:].isdecimal() and word.following[:1].isdecimal()
    in_sum = (
        word.after_following[:1] == "=" or word.previous == "=" or word.before_previous in names
    )
    if sign == "−":
        is_sum = is_between and (word.core == "−" or in_sum)
    elif sign == "+":  # a list's bullet is no sum
        is_sum = word.previous[-1:].isdecimal() or word.previous[-1:] in tuple("%€$°)CF")
        is_sum = is_sum or len(word.previous) == 1
    elif sign in ("<", ">"):  # the > of "Datei > Speichern" leads through a menu
        is_letter = len(word.previous) == 1 and word.previous.isalpha()
        is_sum = bool(word.previous) if sign == "<" else is_letter or word.previous.isdecimal()
    else:
        is_sum = is_between if sign != "=" else bool(word.previous)
    return names[sign].split() if is_sum else []


def _and(word: WordContext, language: str) -> list[str]:
    """The & between two words: Müller & Söhne."""
    return [AND[language]] if word.core == "&" and word.previous and word.following else []


def _fraction(word: WordContext, language: str) -> list[str]:
    """1/2, ⅓, 1⅓, and the 1/2 of "1 1/2". After "am" or "le" 1/2 is a date."""
    vulgar = _VULGAR.fullmatch(word.core)
    share, whole = word.core, ""
    if vulgar:
        share = unicodedata.normalize("NFKC", vulgar["share"]).replace("⁄", "/")
        whole = vulgar["whole"]
    words = FRACTIONS[language].get(share, "").split()
    if not words or word.previous_key in DATED:
        return []
    first = numbers.in_language(whole, language) if whole else []
    return [*first, *([AND[language]] if whole or word.previous.isdecimal() else []), *words]


def _clock(word: WordContext, language: str) -> list[str]:
    """14h30, 9h-17h, 15:00. Other numbers with a colon are read number by number."""
    hours = HOURS.get(language)
    times = [_CLOCK.fullmatch(part) for part in re.split("[-–]", word.core)]
    if not hours or len(times) > 2:
        return []
    spoken: list[str] = []
    for time in times:
        words = _time(time, hours, language, word.following_key) if time else []
        if not words:
            return []
        spoken += [*([UNTIL[language]] if spoken else []), *words]
    return spoken


def _time(time: re.Match[str], hours: Hours, language: str, following: str) -> list[str]:
    """A match of _CLOCK; empty if the language does not write times so.

    following: the next word in lower case, which may repeat the word for hours (15:00 Uhr).
    """
    colon, full = time["mark"] == ":", time[3] in (None, "00")
    before, after = time["mark"] == hours.mark, colon and time["unit"] == hours.mark
    if not (before or after or (colon and full and not time["unit"])):
        return []
    hour = numbers.in_language(time[1].lstrip("0") or "0", language)
    minutes = [] if full else numbers.in_language(time[3], language)
    lasting = hours.lasting if time[3] is None else None
    name = (lasting or (hours.one, hours.several))[int(time[1]) != 1]
    name = "" if colon and not after and following in hours.following else name
    if name in (hours.lasting or ()):
        hour = [*hour[:-1], FEMININE[language].get(hour[-1], hour[-1])]
    return [*hour, *minutes, *name.split()] if after else [*hour, *name.split(), *minutes]


def _hours(word: WordContext, language: str) -> list[str]:
    """The unit of hours after its number: 14 h 30, 14:30 h."""
    hours = HOURS.get(language)
    time = re.fullmatch(r"\d{1,3}(?P<minutes>:\d\d)?", word.previous)
    if not hours or not time or not hours.mark == word.core == "h":
        return []
    several = word.previous != "1"
    lasting = None if time["minutes"] else hours.lasting
    return (lasting or (hours.one, hours.several))[several].split()

"""English words of letters: acronyms letter by letter, shouted words, symbols, addresses."""

import re
from collections.abc import Callable
from re import Match

from tts import numbers
from tts.english_tables import SHORT_WORDS, SPOKEN_ACRONYMS, SYMBOLS
from tts.runs import runs

ADDRESS = re.compile(
    r"(?:https?://)?(?:www\.)?(?P<address>[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}(?:/[\w./?=&#%~+-]*)?)"
)


VERSION = re.compile(r"[vV](?P<number>\d+(?:\.\d+)+)")


def plain(word: str, shouting: bool = False) -> list[str]:
    """A word that no rule knows: runs of letters and of figures, known symbols by name."""
    spoken: list[str] = []
    for run in runs(word):
        if run[0].isdecimal():
            spoken += numbers.cardinal(run)
        elif run in SYMBOLS:
            spoken += SYMBOLS[run].split()
        elif run[0].isalpha():
            spoken += spell_out(run, shouting)
    return spoken


def spell_out(run: str, shouting: bool) -> list[str]:
    """A word of letters: as it is, in lower case when shouted, or letter by letter."""
    stem, suffix = run, ""
    possessive = re.fullmatch(r"([A-Z]{2,})('?s)", run)
    if possessive:
        stem, suffix = possessive[1], possessive[2]
    if len(stem) < 2 or not stem.isupper() or "'" in stem:
        return [run.strip("'")] if not stem.isupper() or len(stem) < 2 else [run.capitalize()]
    if stem in SPOKEN_ACRONYMS:
        return [stem.capitalize() + suffix]
    if stem in SHORT_WORDS or shouting or (len(stem) > 3 and set(stem) & set("AEIOUY")):
        return [stem.lower() + suffix]
    letters = list(stem)
    if suffix:
        letters[-1] += "'s"
    return letters


def address(match: Match[str]) -> list[str]:
    """A domain or an e-mail address: example.com -> example dot com."""
    names = {".": "dot", "@": "at", "/": "slash", "-": "dash", "_": "underscore"}
    names |= {"?": "question mark", "=": "equals", "&": "and", "#": "hash"}
    spoken: list[str] = []
    for part in re.findall(r"[A-Za-z]+|\d+|[.@/_?=&#-]", match["address"].rstrip("/")):
        spoken += names[part].split() if part in names else plain(part)
    return spoken


def is_shouted(word: str) -> bool:
    """Whether a word is two capital letters or more, and nothing else."""
    letters = re.sub(r"\W", "", word)
    return len(letters) > 1 and letters.isupper() and letters.isalpha()


def version(match: Match[str]) -> list[str]:
    """The figures of v2.0: two point zero."""
    return [
        *" point ".join(" ".join(numbers.cardinal(n)) for n in match["number"].split(".")).split()
    ]


def _toll_free(match: Match[str]) -> list[str]:
    """1-800-FLOWERS: its figures as in a telephone number, its words as words."""
    spoken: list[str] = []
    for part in match[0].split("-"):
        if part.isdecimal():
            hundreds = part.endswith("00") and len(part) == 3
            spoken += (
                [numbers.DIGITS[int(part[0])], "hundred"]
                if hundreds
                else (numbers.one_by_one(part))
            )
        else:
            spoken.append(part.capitalize())
    return spoken


def _times(match: Match[str]) -> list[str]:
    whole, _, fraction = match["number"].partition(".")
    figure = numbers.decimal(whole, fraction) if fraction else numbers.cardinal(whole)
    return [*figure, "times"]


SIGNS: tuple[tuple[re.Pattern[str], Callable[[Match[str]], list[str]]], ...] = (
    (re.compile(r"[wW]/o"), lambda match: ["without"]),
    (re.compile(r"[wW]/"), lambda match: ["with"]),
    (re.compile(r"#(?P<tag>[^\W\d]\w*)"), lambda match: ["hashtag", *plain(match["tag"])]),
    (re.compile(r"([A-G])#"), lambda match: [match[1], "sharp"]),
    (re.compile(r"([A-Z]{1,3})&([A-Z]{1,3})"), lambda match: [*match[1], "and", *match[2]]),
    (re.compile(r"(?P<number>\d+(?:\.\d+)?)[xX×]"), _times),
    (re.compile(r"401\(?[kK]\)?"), lambda match: ["four", "oh", "one", "K"]),
    (
        re.compile(r"(\d)['’′](\d{1,2})[\"”″]?"),
        lambda match: [*numbers.cardinal(match[1]), "foot", *numbers.cardinal(str(int(match[2])))],
    ),
    (
        re.compile(r"(\d{1,3})\^(\d{1,3})"),
        lambda match: [
            *numbers.cardinal(match[1]),
            "to",
            "the",
            "power",
            "of",
            *numbers.cardinal(match[2]),
        ],
    ),
    (
        re.compile(r"(\d{1,3}):(\d{1,3})"),
        lambda match: [*numbers.cardinal(match[1]), "to", *numbers.cardinal(match[2])],
    ),
    (re.compile(r"(?:1-)?8\d\d-[A-Z]{3,}(?:-[A-Z]+)*"), _toll_free),
)
"""What signs between letters and figures are said as."""

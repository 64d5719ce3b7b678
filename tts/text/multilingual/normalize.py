"""Other languages than English: numbers in their own words, everything else as it is written."""

import re
import unicodedata
from collections.abc import Sequence

from tts.text import numbers
from tts.text.characters import runs
from tts.text.context import WordContext, word_context
from tts.text.multilingual import chinese, symbols
from tts.text.multilingual.tables import (
    ABBREVIATIONS,
    GROUPED_BY_DOT,
    GROUPED_BY_SPACE,
    MONEY,
    ORDINALS,
    PERCENT,
    PERCENT_FIRST,
    SCALES,
    UNSPACED,
)

_INITIALS = re.compile(r"[^\W\d_](?:\.[^\W\d_])*")
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-‐‑](?=[^\W\d_])")
_SIGN = re.compile(f"(?:{'|'.join(sorted(map(re.escape, MONEY), key=len)[::-1])})$")
# 〇 is a number to Unicode, and no letter: 〇点五.
_ZERO = "〇"
# Those that end as decimals.
_VULGAR = re.compile("([0-9]*)([½¼¾⅕⅖⅗⅘⅛⅜⅝⅞])")


def verbalize(words: Sequence[str], language: str) -> list[list[str]]:
    """What is said for each written word, quotes and brackets removed beforehand."""
    words = [_VULGAR.sub(lambda match: _decimal(match, language), word) for word in words]
    words = [symbols.with_plain_shares(word, language) for word in words]
    around = ["", "", *words, "", ""]
    spoken: list[list[str]] = []
    for index in range(len(words)):
        earlier, before, word, after, beyond = around[index : index + 5]
        parts = symbols.parted(word_context(word, before, after), language) or [word]
        inner = [earlier, before, *parts, after, beyond]
        said: list[str] = []
        for start in range(len(parts)):
            earlier, before, part, after, beyond = inner[start : start + 5]
            said += _word(word_context(part, before, after, earlier, beyond), language)
        spoken.append(said)
    return spoken


def _decimal(match: re.Match[str], language: str) -> str:
    """½ and 1½ as the language writes 0,5 and 1,5, which it has words for."""
    value = int(match[1] or 0) + unicodedata.numeric(match[2])
    by_comma = language in GROUPED_BY_DOT or language in GROUPED_BY_SPACE
    return str(value).replace(".", ",") if by_comma else str(value)


def is_abbreviation(word: WordContext, language: str) -> bool:
    """Whether a word's final period belongs to an abbreviation, an initial or an ordinal."""
    if word.punctuation != ".":
        return False
    capital = word.following[:1].isupper()
    if word.key in ABBREVIATIONS.get(language, ()) or ordinal(word, language):
        return True
    if re.fullmatch(r"\d{1,2}|[IVX]+", word.core) and word.following[:1].islower():
        return True
    paired = len(word.following) == 2 and word.following.endswith(".")
    is_initial = word.core.isupper() or not capital or paired
    return bool(_INITIALS.fullmatch(word.core)) and is_initial


def ordinal(word: WordContext, language: str) -> list[str]:
    """The 3. of "am 3. Mai" and of "der 2. Weltkrieg" in the languages that write them so."""
    known = ORDINALS.get(language)
    if not known or word.punctuation != "." or not re.fullmatch(r"[1-9]\d?", word.core):
        return []
    ending = known.endings.get(word.previous_key)
    if ending is None and word.following_key not in known.months:
        return []
    words = numbers.ordinal_in(word.core, language)
    return [*words[:-1], words[-1] + (known.alone if ending is None else ending)] if words else []


def _word(word: WordContext, language: str) -> list[str]:
    bare, before, after = word.core, word.previous, word.following
    said = ordinal(word, language) or _with_ending(bare, language)
    said = said or symbols.said(word, language)
    if said:
        return said
    if bare in ("%", *MONEY) and before[-1:].isdecimal():
        return (PERCENT if bare == "%" else MONEY[bare]).get(language, "").split()
    if language in MONEY.get(bare, ()) and after[:1].isdecimal():
        return []
    if not any(map(str.isdecimal, bare)):
        return _letters(bare)
    if language == "zh":
        return _letters(chinese.spelled(bare))
    parts = _spoken_parts(bare, before, after, language)
    if language in UNSPACED:
        return _letters("".join(" ".join(part) for part in parts))
    return [spoken for part in parts for spoken in part]


def _with_ending(bare: str, language: str) -> list[str]:
    """Figures with a word's end: die 90er, le 2e, 3ª."""
    match = re.fullmatch(r"(\d{1,3})\.?(er|re|e|ème|[ºª])", bare)
    if not match:
        return []
    if match[2] in "ºª" and language in ("es", "it", "pt"):
        said = numbers.ordinal_in(match[1], language)
        return [word[:-1] + "a" if match[2] == "ª" else word for word in said]
    if language == "de" and match[2] == "er":
        return ["".join(numbers.in_language(match[1], language)) + "er"]
    if language == "fr" and match[2].isalpha():
        return ["première"] if match[0] == "1re" else numbers.ordinal_in(match[1], language)
    return []


def _spoken_parts(bare: str, before: str, following: str, language: str) -> list[list[str]]:
    """A word's numbers in the language's words, its other runs as they are, in order."""
    pattern = _figure(language)
    parts: list[list[str]] = []
    end = 0
    for match in pattern.finditer(bare):
        between = bare[end : match.start()]
        sign = _SIGN.search(between)
        first = sign[0] if sign else ""
        alone = between.removesuffix(first)
        # A hyphen before a figure is a minus where nothing stands before it.
        minus = "-" if alone in ("-", "−") and end == 0 else ""
        said = numbers.in_language(minus + _value(match[0], language), language)
        after = bare[match.end() : match.end() + 1]
        end = match.end()
        if not said:  # figures that stay have their signs with them
            own = after if after in ("%", "٪", *MONEY) else ""
            end += len(own)
            percent = "%" if alone == "%" else ""
            parts += [[run] for run in _letters(alone)]
            parts.append([f"{minus}{percent}{first}{match[0]}{own}"])
            continue
        parts += [[run] for run in _letters(alone if language in MONEY.get(first, ()) else between)]
        is_share = after in ("%", "٪") or alone == "%"
        signs = (first, after, "" if after else before)
        money = next((MONEY[one] for one in signs if one in MONEY), {})
        scaled = following.lower().startswith(SCALES) and not after
        named = (PERCENT if is_share else {} if scaled else money).get(language, "").split()
        parts += [named, said] if is_share and language in PERCENT_FIRST else [said, named]
    return [*parts, *([run] for run in _letters(bare[end:]))]


def _figure(language: str) -> re.Pattern[str]:
    """A number as the language writes it, its thousands with its own marks.

    Where the comma is the decimal mark, two figures after a period are a time's: 8.30.
    """
    alone = r"(?<!\d\.)\d+(?!\.\d+\.)"
    if language in GROUPED_BY_DOT:
        return re.compile(
            r"\d{1,3}(?:\.\d{3})+(?![.\d])(?:,\d+)?|\d{1,3}(?:['’]\d{3})+"
            rf"|{alone}(?:,\d+|\.\d(?![.\d]))|\d+"
        )
    if language in GROUPED_BY_SPACE:
        return re.compile(rf"{alone}(?:,\d+|\.\d(?![.\d]))|\d+")
    return re.compile(rf"\d{{1,3}}(?:,\d{{3}})+(?!\d)(?:\.\d+)?|{alone}[.,]\d+(?!\.\d)|\d+")


def _value(written: str, language: str) -> str:
    """A number with a period before its fraction and no other mark."""
    if language in GROUPED_BY_DOT and re.fullmatch(r"\d{1,3}(?:\.\d{3})+(?:,\d+)?", written):
        written = written.replace(".", "")
    elif language not in GROUPED_BY_SPACE and re.fullmatch(
        r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", written
    ):
        written = written.replace(",", "") if language not in GROUPED_BY_DOT else written
    return re.sub("['’]", "", written).replace(",", ".")


def _letters(text: str) -> list[str]:
    """Runs of letters and of figures; a hyphen between letters stays (allez-vous)."""
    return [run for part in _HYPHEN.sub("\u2060-\u2060", text).split() for run in _runs(part)]


def _runs(part: str) -> list[str]:
    found: list[str] = []
    joined = False
    for run in runs(part):
        if run == "\u2060":
            continue
        if run == "-" and found:
            joined = True
        elif run[0].isalpha() or run[0].isdecimal() or run[0] == _ZERO:
            found = [*found[:-1], f"{found[-1]}-{run}"] if joined else [*found, run]
            joined = False
    return found

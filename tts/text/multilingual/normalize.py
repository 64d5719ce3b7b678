"""Other languages than English: numbers in the language's words, everything else as written."""

import re
import unicodedata
from collections.abc import Sequence

from errors import CancelCheck, never_cancelled
from tts.languages import base_language
from tts.text import numbers
from tts.text.characters import runs
from tts.text.context import WordContext, word_context
from tts.text.multilingual import chinese, symbols
from tts.text.multilingual.tables import (
    ABBREVIATIONS,
    ATTACHED_NUMBERS,
    GROUPED_BY_DOT,
    GROUPED_BY_SPACE,
    MONEY,
    ORDINALS,
    PERCENT_FIRST,
    SCALES,
    SHARES,
)

_GROUPED_BY_DOT = r"\d{1,3}(?:\.\d{3})+(?:,\d+)?"
_GROUPED_BY_COMMA = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?"
_INITIALS = re.compile(r"[^\W\d_](?:\.[^\W\d_])*")
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-‐‑](?=[^\W\d_])")
_SIGN = re.compile(f"(?:{'|'.join(sorted(map(re.escape, MONEY), key=len)[::-1])})$")
# To Unicode 〇 is a number and no letter, so `isalpha` does not hold for it: 〇点五.
_ZERO = "〇"
# Fractions that are finite decimals; symbols.py has the others.
_VULGAR = re.compile("((?:(?<![0-9])[0-9]+)?)([½¼¾⅕⅖⅗⅘⅛⅜⅝⅞])")
# Numbers as languages write them, with their marks between thousands. If the comma is the decimal
# mark, two digits after a period are minutes: 8.30. A group after a longer chain of groups is no
# number of its own, and each chain is read once.
_ALONE = r"(?<!\d\.)\d+(?!\.\d+\.)"
_NUMBER_BY_DOT = re.compile(
    r"(?<!\d{3}\.)\d{1,3}(?:\.\d{3})+(?![.\d])(?:,\d+)?|\d{1,3}(?:['’]\d{3})+"
    rf"|{_ALONE}(?:,\d+|\.\d(?![.\d]))|\d+"
)
_NUMBER_BY_SPACE = re.compile(rf"{_ALONE}(?:,\d+|\.\d(?![.\d]))|\d+")
_NUMBER_BY_COMMA = re.compile(
    rf"\d{{1,3}}(?:,\d{{3}})+(?!\d)(?:\.\d+)?|{_ALONE}[.,]\d+(?!\.\d)|\d+"
)
# No name in SCALES is longer.
_SCALE_CHARS = max(map(len, SCALES))


def verbalize(
    words: Sequence[str], language: str, check: CancelCheck = never_cancelled
) -> list[list[str]]:
    """The spoken words of each written word, which comes without quotes and brackets.

    words: the written words. language: a code or a tag, not English. `check` is called for each
        word.
    """
    language = base_language(language)
    words = [_VULGAR.sub(lambda match: _decimal(match, language), word) for word in words]
    words = [symbols.write_out_fractions(word, language) for word in words]
    around = ["", "", *words, "", ""]
    spoken: list[list[str]] = []
    for index in range(len(words)):
        check()
        before_previous, previous, word, following, after_following = around[index : index + 5]
        context = word_context(word, previous, following)
        parts = symbols.split_symbols(context, language) or [word]
        inner = [before_previous, previous, *parts, following, after_following]
        spoken_parts: list[str] = []
        for start in range(len(parts)):
            spoken_parts += _verbalize(_context(inner[start : start + 5]), language)
        spoken.append(spoken_parts)
    return spoken


def _context(around: Sequence[str]) -> WordContext:
    """A word in the middle of the two before and the two after it."""
    before_previous, previous, word, following, after_following = around
    return word_context(word, previous, following, before_previous, after_following)


def _decimal(match: re.Match[str], language: str) -> str:
    """½ and 1½ as the decimals 0,5 and 1,5, for which num2words has words."""
    # As text, because a float has 17 digits at most, and a client may send thousands.
    whole = match[1].lstrip("0") or "0"
    fraction = str(unicodedata.numeric(match[2])).removeprefix("0.")
    by_comma = language in GROUPED_BY_DOT or language in GROUPED_BY_SPACE
    return f"{whole},{fraction}" if by_comma else f"{whole}.{fraction}"


def is_abbreviation(word: WordContext, language: str) -> bool:
    """Whether a word's final period belongs to an abbreviation, an initial or an ordinal.

    word: the word and its neighbours. language: ISO 639-1.
    """
    if word.punctuation != ".":
        return False
    has_capital = word.following[:1].isupper()
    if word.key in ABBREVIATIONS.get(language, ()) or ordinal(word, language):
        return True
    if re.fullmatch(r"\d{1,2}|[IVX]+", word.core) and word.following[:1].islower():
        return True
    before_initial = len(word.following) == 2 and word.following.endswith(".")
    is_initial = word.core.isupper() or not has_capital or before_initial
    return bool(_INITIALS.fullmatch(word.core)) and is_initial


def ordinal(word: WordContext, language: str) -> list[str]:
    """An ordinal that is written with a period: "am 3. Mai", "der 2. Weltkrieg".

    A month after it or an article before it shows that the period ends no sentence.
    """
    rules = ORDINALS.get(language)
    if not rules or word.punctuation != "." or not re.fullmatch(r"[1-9]\d?", word.core):
        return []
    ending = rules.endings.get(word.previous_key)
    if ending is None and word.following_key not in rules.months:
        return []
    words = numbers.ordinal_in(word.core, language)
    return [*words[:-1], words[-1] + (rules.alone if ending is None else ending)] if words else []


def _verbalize(word: WordContext, language: str) -> list[str]:
    bare, before, after = word.core, word.previous, word.following
    spoken = ordinal(word, language) or _number_with_ending(bare, language)
    spoken = spoken or symbols.verbalize(word, language)
    if spoken:
        return spoken
    if bare in (*SHARES, *MONEY) and before[-1:].isdecimal():
        return (SHARES.get(bare) or MONEY[bare]).get(language, "").split()
    # The number after a currency brings its name with it.
    if language in MONEY.get(bare, ()) and after[:1].isdecimal():
        return []
    if not any(map(str.isdecimal, bare)):
        return _letters(bare)
    if language == "zh":
        return _letters(chinese.write_out_numbers(bare))
    parts = _spoken_parts(bare, before, after, language)
    if language in ATTACHED_NUMBERS:
        return _letters("".join(" ".join(part) for part in parts))
    return [spoken_word for part in parts for spoken_word in part]


def _number_with_ending(bare: str, language: str) -> list[str]:
    """Digits with the ending of a word: die 90er, le 2e, 3ª."""
    match = re.fullmatch(r"(\d{1,3})\.?(er|re|e|ème|[ºª])", bare)
    if not match:
        return []
    if match[2] in "ºª" and language in ("es", "it", "pt"):
        ordinals = numbers.ordinal_in(match[1], language)
        return [word[:-1] + "a" if match[2] == "ª" else word for word in ordinals]
    if language == "de" and match[2] == "er":
        return ["".join(numbers.in_language(match[1], language)) + "er"]
    if language == "fr" and match[2].isalpha():
        return ["première"] if match[0] == "1re" else numbers.ordinal_in(match[1], language)
    return []


def _spoken_parts(bare: str, before: str, following: str, language: str) -> list[list[str]]:
    """The parts of a word in order: its numbers in the language's words, all else as written.

    bare: the word. before, following: its neighbours, which may hold the currency or a scale.
    """
    pattern = _number_pattern(language)
    before_scale = following[:_SCALE_CHARS].lower().startswith(SCALES)
    parts: list[list[str]] = []
    end = 0
    for match in pattern.finditer(bare):
        between = bare[end : match.start()]
        sign = _SIGN.search(between)
        first = sign[0] if sign else ""
        alone = between.removesuffix(first)
        # A hyphen before a number is a minus if the word begins with it; else it joins: Covid-19.
        minus = "-" if alone in ("-", "−") and end == 0 else ""
        words = numbers.in_language(minus + _value(match[0], language), language)
        after = bare[match.end() : match.end() + 1]
        end = match.end()
        if not words:  # num2words does not know the number: its digits and its signs stay together
            sign_after = after if after in (*SHARES, *MONEY) else ""
            end += len(sign_after)
            percent = "%" if alone == "%" else ""
            parts += [[run] for run in _letters(alone)]
            parts.append([f"{minus}{percent}{first}{match[0]}{sign_after}"])
            continue
        parts += [[run] for run in _letters(alone if language in MONEY.get(first, ()) else between)]
        share = SHARES.get(after) or SHARES.get(alone)
        signs = (first, after, "" if after else before)
        money = next((MONEY[one] for one in signs if one in MONEY), {})
        # "$5 millones": the scale comes between the number and its currency.
        has_scale = before_scale and not after
        named = (share or ({} if has_scale else money)).get(language, "").split()
        parts += [named, words] if share and language in PERCENT_FIRST else [words, named]
    return [*parts, *([run] for run in _letters(bare[end:]))]


def _number_pattern(language: str) -> re.Pattern[str]:
    """The pattern of a number as the language writes it."""
    if language in GROUPED_BY_DOT:
        return _NUMBER_BY_DOT
    return _NUMBER_BY_SPACE if language in GROUPED_BY_SPACE else _NUMBER_BY_COMMA


def _value(text: str, language: str) -> str:
    """A match of `_number_pattern` with a period before its fraction and no other mark."""
    if language in GROUPED_BY_DOT:
        if re.fullmatch(_GROUPED_BY_DOT, text):
            text = text.replace(".", "")
    elif language not in GROUPED_BY_SPACE and re.fullmatch(_GROUPED_BY_COMMA, text):
        text = text.replace(",", "")
    return re.sub("['’]", "", text).replace(",", ".")


def _letters(text: str) -> list[str]:
    """The runs of letters and of digits in a text; a hyphen between letters stays (allez-vous)."""
    return [run for part in _HYPHEN.sub("\u2060-\u2060", text).split() for run in _runs(part)]


def _runs(part: str) -> list[str]:
    kept: list[list[str]] = []
    is_joined = False
    for run in runs(part):
        if run == "\u2060":
            continue
        if run == "-" and kept:
            is_joined = True
        elif run[0].isalpha() or run[0].isdecimal() or run[0] == _ZERO:
            if is_joined:
                kept[-1].append(run)
            else:
                kept.append([run])
            is_joined = False
    return ["-".join(joined) for joined in kept]

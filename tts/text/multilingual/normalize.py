"""Other languages than English: a language's rules say its numbers, units, dates and signs.

A text is read from left to right. At each word, figure and sign the rules that may begin there are
tried in their order, and the first that matches says what it covers. All else is said as written.
"""

import unicodedata
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import accumulate, chain
from typing import NamedTuple

import regex

from errors import CancelCheck, never_cancelled
from tts.text.characters import letters
from tts.text.context import WordContext
from tts.text.multilingual.languages import Language
from tts.text.multilingual.rules import Grammar, grammar
from tts.text.multilingual.spoken import Field, NoWords, Said, say
from unicode_sets import SYLLABIC, UNSPACED

_UNMATCHED = regex.compile(r"\S+")
# A word of letters begins anew where a script without spaces ends: 詳しくはhttps.
_BEGINNING = regex.compile(
    rf"[{SYLLABIC}{UNSPACED}]++|(?:(?![{SYLLABIC}{UNSPACED}])[\p{{L}}\p{{M}}'’\u200c\u200d])++|\S"
)
_WORD_BEFORE = regex.compile(r"([\p{L}\p{M}]{1,40})[ ]?$")
_INITIALS = regex.compile(r"[^\W\d_](?:\.[^\W\d_])*+")
_LOOK_BACK_CHARS = 42
_VULGAR = regex.compile(r"(?<whole>(?<!\d)\d{1,400})?(?<share>[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅐⅛⅜⅝⅞⅑⅒])")


class _Match(NamedTuple):
    """What a rule matched, from `start` to `end`, and what is said for it."""

    start: int
    end: int
    said: list[Said]


def verbalize(
    words: Sequence[str], language: str, check: CancelCheck = never_cancelled
) -> list[list[str]]:
    """The spoken words of each written word, which comes without quotes and brackets.

    words: the written words. language: its tag, such as "de" or "pt-BR"; not English.
    check: called for each word and number.
    """
    rules = grammar(language)
    words = [_VULGAR.sub(lambda match: _fraction(match, rules.language), word) for word in words]
    starts = list(accumulate((len(word) + 1 for word in words), initial=0))
    spoken: list[list[str]] = [[] for _ in words]
    index = 0
    for part in _spoken_parts(" ".join(words), rules, check):
        for number, word in enumerate(part.words):
            at = part.start + (part.end - part.start) * number // len(part.words)
            # A part that is said later than it is written, as the currency of $5, comes after all.
            index = max(index, bisect_right(starts, at) - 1)
            spoken[index].append(word)
    return [letters("".join(parts)) for parts in spoken] if rules.language.attached else spoken


def _spoken_parts(text: str, rules: Grammar, check: CancelCheck) -> Iterator[Said]:
    """What is said for the parts of a text, from left to right."""
    is_attached, end = rules.language.attached, 0
    for match in chain(_matches(text, rules, check), [_Match(len(text), len(text), [])]):
        for word in _UNMATCHED.finditer(text, end, match.start):
            yield Said([word[0].strip("-")] if is_attached else letters(word[0]), *word.span())
        for number, part in enumerate(match.said):
            # Only the words of one number are joined, and not with the text around it.
            joint = rules.language.joint
            joined = (joint if number else "") + joint.join(part.words)
            yield part._replace(words=[joined]) if is_attached else part
        end = match.end


def _fraction(match: "regex.Match[str]", language: Language) -> str:
    """½ as 1/2, and 1½ as 1 and 1/2; as a decimal in a language that has no words for fractions."""
    whole, share = match["whole"] or "", unicodedata.normalize("NFKC", match["share"])
    share = share.replace("⁄", "/")
    has_words = any(name.startswith("denominator") for name in language.forms)
    if has_words or language.denominators:
        return f"{whole}\u00a0{share}" if whole else share
    fraction = str(unicodedata.numeric(match["share"])).removeprefix("0.")[:3]
    return f"{whole.lstrip('0') or '0'}{language.decimal}{fraction}"


def is_abbreviation(word: WordContext, language: str) -> bool:
    """Whether a word's final period belongs to an abbreviation, an initial or an ordinal.

    word: the word and its neighbours. language: its tag; not English.
    """
    if word.punctuation != ".":
        return False
    before = " ".join(filter(None, (word.before_previous, word.previous)))
    text = f"{before} {word.core}. {word.following} {word.after_following}".strip()
    period = text.index(f"{word.core}.", max(0, len(before))) + len(word.core)
    rules = grammar(language)
    is_capital = word.following[:1].isupper()
    # "Plan B. The next day" ends a sentence, "C. La Fontaine" does not.
    is_opener = is_capital and word.following.lower() in rules.language.lists.get("opener", ())
    is_letter = len(word.core) == 1 and word.core.isupper()
    if is_letter and is_opener and not word.after_following[:1].isupper():
        return False
    # "À 5 m. Il" ends one too, "M. Il" does not.
    is_unit = is_capital and word.previous[-1:].isdigit() and word.core.islower()
    if not is_unit and f"{word.key}." in rules.language.lists.get("goes_on", ()):
        return True
    for match in _matches(text, rules, never_cancelled):
        if match.start <= period < match.end:
            return match.end > period + 1 or not is_capital
        if match.start < match.end == period and not word.following[:1].islower():
            return False  # a number: Carlos V. Después
    if regex.fullmatch(r"\d{1,2}|[IVX]+", word.core) and word.following[:1].islower():
        return True
    before_initial = len(word.following) == 2 and word.following.endswith(".")
    is_initial = word.core.isupper() or not is_capital or before_initial
    return bool(_INITIALS.fullmatch(word.core)) and is_initial


def _matches(text: str, rules: Grammar, check: CancelCheck) -> Iterator[_Match]:
    """What the rules match, from left to right."""
    at = 0
    while beginning := _BEGINNING.search(text, at):
        check()
        match = _match_at(text, beginning.start(), rules)
        at = match.end if match else beginning.end()
        if match:
            yield match


def _match_at(text: str, start: int, rules: Grammar) -> _Match | None:
    found = _WORD_BEFORE.search(text[max(0, start - _LOOK_BACK_CHARS) : start])
    before = found[1].lower() if found else ""
    for rule in rules.rules_at(text, start):
        found = rule.pattern.match(text, start)
        if not found or found.end() == start:
            continue
        groups = found.groupdict().items()
        fields = {name: Field(group, *found.span(name)) for name, group in groups if group}
        with suppress(NoWords):
            said = say(rule.spoken, fields, start, before, rules.language)
            return _Match(start, found.end(), said)
    return None

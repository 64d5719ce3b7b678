"""English text normalization: numbers, money, dates, abbreviations, acronyms as spoken words.

The rules of a class (dates, money, ...) are in the file of its name. Their order is here: first the
rules that look at a word's neighbours (`IN_CONTEXT`), then those for a word alone (`RULES`). Both
tables are read from top to bottom, and the first rule that applies decides. A word that no rule
knows is split at its hyphens and slashes, and at last into letters and digits.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import Flag, auto
from functools import lru_cache

from errors import CancelCheck, never_cancelled
from tts.text import numbers
from tts.text.context import FINAL, JOINER, WordContext, word_context
from tts.text.english import (
    abbreviations,
    acronyms,
    addresses,
    codes,
    dates,
    electronic,
    folding,
    formulas,
    fractions,
    identifiers,
    lone_symbols,
    measures,
    money,
    numerals,
    patterns,
    ratings,
    roman,
    scripture,
    stamps,
    symbols,
    telephone,
    times,
    weekdays,
)
from tts.text.english.periods import is_abbreviation

# Split at hyphens, dashes and slashes, but not at the slash of a leading fraction ("3/4-inch");
# split at "~" between digits only.
JOINERS = re.compile(
    rf"(?<=[^{JOINER}])(?!(?<=^\d)/[2-68](?:-|$))([{JOINER}]+|(?<=\d)~(?=[\d$£€]))"
)
_LETTER = re.compile(r"[^\W\d_]")
_MAX_REMEMBERED_CHARS = 40
# Marks after which a new word begins without a space: wait...what, Well,no, One.Two. Not those
# inside numbers (1,000), times (5:30) and abbreviations (e.g.).
RUN_ON = re.compile(
    r"(\.{3,}|(?<=[^\W\d])\.\.|…|(?<!\d)—|—(?!\d)|(?<=\w)--+(?=[^\W\d])|(?<=[^\W\d])[,;!?]+(?=[^\W\d]{2})"
    r"|(?<=[^\W\d]{2})[,;!?](?=\d)|(?<=\d)[,;!?](?=[^\W\d]{2})|(?<=[^\W\d]{2}):(?=[^\W\d]{2})"
    r"|(?<=[a-z])\.(?=[A-Z][a-z]))(?=.)"
)
# The same after a bracket whose other half is in an earlier word: (May 2012).but
_CLOSED = re.compile(r"\)([.,;:!?]+)(?=[^\W\d])")


class Kind(Flag):
    """What characters a word has: letters alone, figures alone, neither, or letters and others."""

    WORD = auto()
    FIGURES = auto()
    SIGNS = auto()
    MIXED = auto()


def verbalize(words: Sequence[str], check: CancelCheck = never_cancelled) -> list[list[str]]:
    """The spoken words of each written word, which comes without quotes and brackets.

    A pause inside a word stands among its spoken words as a mark: "yes—no" gives yes, a comma, no.
    `check` is called for each word.
    """
    words = [folding.with_single_signs(folding.with_ascii_digits(word)) for word in words]
    words = [
        money.to_us_format(*three)
        for three in zip(["", *words], words, [*words[1:], ""], strict=False)
    ]
    all_caps = acronyms.all_caps_words(words)
    streets = addresses.find_streets(words)
    around = ["", "", *words, "", ""]
    spoken = []
    for index in range(len(words)):
        check()
        before_previous, previous, word, following, after_following = around[index : index + 5]
        context = word_context(word, previous, following, before_previous, after_following)
        context = replace(context, all_caps=all_caps[index])
        parts = (
            streets.get(index)
            or acronyms.article_rule(context)
            or _verbalize_run_on(context)
            or _verbalize(context)
        )
        # The empty string of a silent word ends the search for a rule; it is no spoken word.
        spoken.append([part for part in parts if part])
    return spoken


def _verbalize_run_on(word: WordContext) -> list[str]:
    """Words without a space between them ("wait...what"), with their pauses; empty for others."""
    core = word.core
    if "/" in core or "@" in core:
        return []
    if ")" in core and "(" not in core:
        core = _CLOSED.sub(r"\1 ", core)
    if (core == word.core and not RUN_ON.search(core)) or _is_file(core):
        return []
    if "?" in core and "=" in core and electronic.ADDRESS.fullmatch(core):
        return []
    parts = RUN_ON.sub(r"\1 ", core).split()
    parts[-1] += word.punctuation
    around = [word.previous, *parts, word.following]
    spoken: list[str] = []
    for previous, part, following in zip(around[:-2], parts, around[2:], strict=True):
        inner = _part(part.rstrip("—-"), previous, following, word.all_caps)
        spoken += _verbalize(inner) if inner.core else []
        is_dash = part[-1] in "—-…" or part.endswith("..")
        mark = "," if is_dash else part[-1]
        if mark in FINAL and part is not parts[-1] and not is_abbreviation(inner):
            spoken.append(mark)
    return spoken


def _part(part: str, previous: str, following: str, all_caps: bool) -> WordContext:
    """A part of a word, as if it stood between these neighbours."""
    return replace(word_context(part, previous, following), all_caps=all_caps)


def _is_file(word: str) -> bool:
    """Whether a word is a host or a file by its ending: Booking.Com, Main.java."""
    ending = re.search(r"\.([A-Za-z]\w*)$", word)
    return bool(ending and ending[1].lower() in electronic.ENDINGS)


def _verbalize(word: WordContext) -> list[str]:
    """The spoken words of one word, or of one part of a joined word."""
    kind = _kind(word.core)
    for rule in _IN_CONTEXT_OF[kind]:
        spoken = rule(word)
        if spoken:
            return spoken
    # All patterns of RULES need a digit or a sign: a word of letters is spared some fifty of them.
    index = None if kind is Kind.WORD else _matching_rule(word.core)
    if index is not None:
        pattern, verbalize_match = RULES[index]
        match = pattern.fullmatch(word.core)
        return verbalize_match(match) if match else []
    named = formulas.with_letter_names(word)
    if named != word.core:
        return _verbalize(replace(word, core=named))
    return _verbalize_joined(word) or acronyms.verbalize_unknown(word.core, word.all_caps)


def _kind(core: str) -> Kind:
    if core.isalpha():
        return Kind.WORD
    if core.isdecimal():
        return Kind.FIGURES
    return Kind.MIXED if _LETTER.search(core) else Kind.SIGNS


def _matching_rule(core: str) -> int | None:
    """The index of the first rule of RULES that matches a word."""
    # Scripts repeat their numbers, and each of some fifty patterns is tried for a word.
    find = _first_match if len(core) <= _MAX_REMEMBERED_CHARS else _first_match.__wrapped__
    return find(core)


@lru_cache(maxsize=4096)
def _first_match(core: str) -> int | None:
    matching = (index for index, (pattern, _) in enumerate(RULES) if pattern.fullmatch(core))
    return next(matching, None)


def _verbalize_joined(word: WordContext) -> list[str]:
    """Words joined by hyphens, dashes or slashes: ranges (5-10 km), rates (60 km/h), others."""
    pieces = JOINERS.split(word.core)
    if len(pieces) == 1:
        return []
    pieces[-1] += word.punctuation
    # 10-20 is a range, 1-2-3 is none.
    is_chain = codes.is_chain(pieces)
    may_be_range = not is_chain and (
        sum(patterns.is_quantity(part.rstrip(FINAL)) for part in pieces[::2]) <= 2
    )
    spoken: list[str] = []
    last, in_rate = "", False
    for mark, part in zip(["", *pieces[1::2]], pieces[::2], strict=True):
        is_counted = patterns.is_quantity(last)
        # In "January 1503/07" the last part is no day.
        follows_part = part.isalpha() or numerals.YEAR.fullmatch(last)
        previous = last if last and follows_part else word.previous
        # AK-47 is no state after a town.
        if not last and part.isupper() and pieces[2][:1].isdecimal():
            previous = previous.rstrip(",")
        # Before a mark the next word is only the last part's neighbour: Sept. 3-5; March.
        following = "" if word.punctuation and part is not pieces[-1] else word.following
        inner = _part(part, previous, following, word.all_caps)
        is_multiple = re.fullmatch(r"\d+[xX]", last)
        may_be_rate = (
            in_rate
            or is_counted
            or is_multiple
            or (last.isalpha() and numerals.is_number(word.previous) and _is_below(inner))
        )
        is_unit = inner.core.isalpha() or _is_below(inner)
        in_rate = mark == "/" and is_unit and bool(may_be_rate)
        has_ends = patterns.is_quantity(inner.core) and (is_counted or times.AM_PM.fullmatch(last))
        has_ends = has_ends or (inner.core[:1] == last[:1] and _is_lettered(last, inner.core))
        if in_rate:
            spoken += ["per", *_rate(inner)]
        elif may_be_range and mark != "/" and has_ends and inner.core != last:
            is_year = numerals.YEAR.fullmatch(last) and re.fullmatch(r"0\d", inner.core)
            spoken += ["to", *(numbers.one_by_one(inner.core) if is_year else _verbalize(inner))]
        else:
            spoken += (codes.chained(inner.core) if is_chain else []) or _verbalize(inner)
        last = inner.core
    return spoken


def _is_below(word: WordContext) -> bool:
    """Whether a part may stand below the bar of a rate: the h of "60 km/h", the kg of "5 mg/kg"."""
    is_hundred = word.key in ("100km", "100g", "100ml")
    return is_hundred or word.key in measures.RATES or measures.is_unit(word.core)


def _is_lettered(first: str, last: str) -> bool:
    """Whether two parts are a letter and a digit each: Q1-Q3, A4-A6."""
    return all(re.fullmatch(r"[A-Z]\d", part) for part in (first, last))


def _rate(word: WordContext) -> list[str]:
    """The unit after a slash, in the singular: mo -> month, hrs -> hour."""
    shape = measures.SHAPES.get(word.key, "") if word.following_key in measures.UNITS else ""
    unit = measures.RATES.get(word.key) or measures.name_of(word.core) or shape
    return unit.split() if unit else _verbalize(word)


def _bound_rule(word: WordContext) -> list[str]:
    """A number with a sign of comparison: 10+, $100K+, ~50%, <5, ±5."""
    number, first = word.core[:-1], word.core[:1]
    if word.core.endswith("+") and patterns.is_quantity(number):
        return [*_verbalize(replace(word, core=number)), "plus"]
    rest = word.core[1:]
    # <3 is a heart, unless something is counted or compared: <3 days, n <3.
    is_compared = re.fullmatch(r"[b-hj-z]|(?!<3$).*\d", word.previous) or measures.is_counted(word)
    is_heart = rest == "3" and first == "<" and not is_compared
    if first not in symbols.COMPARED or not patterns.is_quantity(rest) or is_heart:
        return []
    return [*symbols.COMPARED[first].split(), *_verbalize(replace(word, core=rest))]


def _function_rule(word: WordContext) -> list[str]:
    """A function of letters or numbers: f(x), sin(θ), f(x)=2x."""
    spoken, rest = formulas.function(word.core) if "(" in word.core else ([], "")
    return [*spoken, *(_verbalize(replace(word, core=rest)) if rest else [])] if spoken else []


def _price_rule(word: WordContext) -> list[str]:
    """Two quantities with the sign of a price or a rate between them: 5@$10, $200@3%."""
    first, _, last = word.core.partition("@")
    if not last or not (patterns.is_quantity(first) and patterns.is_quantity(last)):
        return []
    return [*_verbalize(replace(word, core=first)), "at", *_verbalize(replace(word, core=last))]


def _joined_label_rule(word: WordContext) -> list[str]:
    """A label and its number in one word: No.5."""
    match = re.fullmatch(r"([A-Z]?[a-z]{1,3})\.(\d+[A-Za-z]?)", word.core)
    if not match or match[1].lower() not in abbreviations.NUMBER_LABELS:
        return []
    number = replace(word, core=match[2], previous=match[1] + ".")
    return [abbreviations.NUMBER_LABELS[match[1].lower()], *_verbalize(number)]


# A rule is tried for the kinds of words that it may know: most words of prose are letters alone.
_ANY = Kind.WORD | Kind.FIGURES | Kind.SIGNS | Kind.MIXED
_LETTERED = Kind.WORD | Kind.MIXED
_FIGURED = Kind.FIGURES | Kind.SIGNS | Kind.MIXED
_SIGNED = Kind.SIGNS | Kind.MIXED
_UNFIGURED = Kind.WORD | Kind.SIGNS | Kind.MIXED
_MIXED = Kind.MIXED
IN_CONTEXT: tuple[tuple[Callable[[WordContext], list[str]], Kind], ...] = (
    (addresses.state_rule, _LETTERED), (addresses.zip_rule, _FIGURED),
    (scripture.book_number_rule, _ANY), (scripture.book_rule, _LETTERED),
    (abbreviations.pages_rule, _LETTERED), (electronic.dotted_name_rule, _SIGNED),
    (electronic.wireless_rule, _SIGNED), (electronic.keys_rule, _LETTERED),
    (ratings.stars_rule, _SIGNED), (roman.numeral_rule, _LETTERED),
    (acronyms.capitals_rule, _LETTERED), (codes.postal_rule, _FIGURED),
    (telephone.dialled_rule, _FIGURED), (codes.code_rule, _FIGURED), (codes.secret_rule, _FIGURED),
    (codes.model_rule, _FIGURED), (codes.joined_rule, _SIGNED), (codes.network_rule, _SIGNED),
    (codes.month_of_year_rule, _SIGNED), (dates.day_first_rule, _FIGURED),
    (weekdays.weekdays_rule, _LETTERED), (dates.months_rule, _SIGNED),
    (dates.named_date_rule, _MIXED), (dates.month_and_day_rule, _SIGNED),
    (stamps.quarter_rule, _MIXED), (codes.version_rule, _MIXED),
    (lone_symbols.sign_rule, _UNFIGURED), (times.am_pm_rule, _LETTERED),
    (times.clock_rule, _SIGNED), (times.seconds_rule, _SIGNED), (times.military_rule, _FIGURED),
    (times.hours_rule, _LETTERED), (money.before_scale_rule, _SIGNED), (money.range_rule, _SIGNED),
    (money.scaled_noun_rule, _MIXED), (money.scale_rule, _LETTERED), (money.apart_rule, _ANY),
    (fractions.pressure_rule, _SIGNED), (fractions.share_rule, _SIGNED),
    (numerals.decade_rule, _MIXED), (numerals.average_rule, _SIGNED),
    (fractions.ratio_rule, _SIGNED), (telephone.area_code_rule, _FIGURED),
    (telephone.extension_rule, _MIXED), (dates.year_or_count_rule, _FIGURED),
    (numerals.people_count_rule, _MIXED), (numerals.several_rule, _MIXED),
    (times.minutes_rule, _SIGNED), (times.prime_rule, _SIGNED), (scripture.verse_rule, _SIGNED),
    (measures.race_rule, _MIXED), (measures.attributive_rule, _MIXED),
    (measures.rate_rule, _SIGNED), (formulas.compound_rule, _LETTERED),
    (formulas.coefficient_rule, _MIXED), (formulas.factorial_rule, _ANY),
    (formulas.minus_rule, _SIGNED), (_function_rule, _SIGNED), (addresses.bearing_rule, _LETTERED),
    (measures.unit_rule, _UNFIGURED), (dates.until_month_rule, _MIXED), (dates.day_rule, _FIGURED),
    (dates.month_rule, _LETTERED), (abbreviations.number_label_rule, _LETTERED),
    (codes.labelled_rule, _MIXED), (addresses.street_rule, _LETTERED),
    (abbreviations.title_rule, _LETTERED), (abbreviations.versus_rule, _LETTERED),
    (abbreviations.abbreviation_rule, _LETTERED), (abbreviations.after_name_rule, _LETTERED),
    (identifiers.camel_rule, _LETTERED), (identifiers.flag_rule, _MIXED), (_bound_rule, _SIGNED),
    (_price_rule, _SIGNED), (_joined_label_rule, _MIXED),
)  # fmt: skip
"""Rules that read a word's neighbours, in the order that they are tried."""
_IN_CONTEXT_OF = {kind: tuple(rule for rule, kinds in IN_CONTEXT if kind in kinds) for kind in Kind}

RULES: numerals.Rules = (
    *patterns.CODES,
    *money.MONEY_RULES,
    *patterns.QUANTITIES,
    (re.compile(r"[A-Za-z](?:\.[A-Za-z])+"), lambda match: acronyms.capitals(match[0])),
    (
        re.compile(r"([A-Za-z](?:\.[A-Za-z])+)\.?['’]s"),
        lambda match: [*acronyms.capitals(match[1])[:-1], match[1][-1].upper() + "'s"],
    ),
    *patterns.SIGNS,
    (electronic.LOCATION, electronic.address),
    (electronic.PATH, electronic.address),
    (electronic.ADDRESS, electronic.address),
)
"""Patterns of a whole word, in the order that they are tried."""

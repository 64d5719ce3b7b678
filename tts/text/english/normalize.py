"""English text normalization: numbers, money, dates, abbreviations, acronyms as spoken words.

The rules of a class (dates, money, ...) are in the file of its name. Their order is here: first the
rules that look at a word's neighbours (`IN_CONTEXT`), then those for a word alone (`RULES`). Both
tables are read from top to bottom, and the first rule that applies decides. A word that no rule
knows is split at its hyphens and slashes, and at last into letters and digits.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
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
from tts.text.english.sentences import begins_sentence

# Split at hyphens, dashes and slashes, but not at the slash of a leading fraction ("3/4-inch");
# split at "~" between digits only.
JOINERS = re.compile(
    rf"(?<=[^{JOINER}])(?!(?<=^\d)/[2-68](?:-|$))([{JOINER}]+|(?<=\d)~(?=[\d$£€]))"
)
_INITIAL = re.compile(r"[A-Z]\.")
_LETTER = re.compile(r"[^\W\d_]")
_MAX_REMEMBERED_CHARS = 40
_INITIALS = re.compile(r"[A-Za-z](?:\.[A-Za-z])*")
# Marks after which a new word begins without a space: wait...what, Well,no, One.Two. Not those
# inside numbers (1,000), times (5:30) and abbreviations (e.g.).
RUN_ON = re.compile(
    r"(\.{3,}|(?<=[^\W\d])\.\.|…|(?<!\d)—|—(?!\d)|(?<=\w)--+(?=[^\W\d])|(?<=[^\W\d])[,;!?]+(?=[^\W\d]{2})"
    r"|(?<=[^\W\d]{2})[,;!?](?=\d)|(?<=\d)[,;!?](?=[^\W\d]{2})|(?<=[^\W\d]{2}):(?=[^\W\d]{2})"
    r"|(?<=[a-z])\.(?=[A-Z][a-z]))(?=.)"
)
# The same after a bracket whose other half is in an earlier word: (May 2012).but
_CLOSED = re.compile(r"\)([.,;:!?]+)(?=[^\W\d])")
# A sentence of at least a three-letter word, and a small letter that begins the next one.
_SMALL_SENTENCE = re.compile(r"(?<=[a-z]{3})[.!?]+\s+[a-z](?![A-Z])")


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


def is_abbreviation(word: WordContext) -> bool:
    """Whether a word's final mark belongs to it ("e.g.", "4! = 24") rather than ends a sentence.

    Titles ("Dr. Smith") and labels of numbers ("No. 5") never end a sentence. Initials and months
    end one before a word that begins sentences ("the U.S. She"), other abbreviations before any
    capital letter.
    """
    word = replace(word, all_caps=word.core.isupper() and word.following.isupper())
    if word.punctuation != ".":
        return formulas.is_factorial(word)
    if money.apart_rule(word) == symbols.SILENT:
        return True
    if (
        abbreviations.title_rule(word)
        or abbreviations.number_label_rule(word)
        or scripture.book_rule(word)
        or abbreviations.versus_rule(word)
    ):
        return True
    if word.key in abbreviations.NEVER_LAST and not addresses.street_rule(word):
        return True
    if weekdays.weekdays_rule(word) or dates.months_rule(word):
        return not begins_sentence(word.following)
    capital = word.following[:1].isupper()
    if times.AM_PM.fullmatch(word.core):
        # "5 p.m. Monday" and "5 p.m. EST" go on; "5 p.m. She" does not.
        continues = {*dates.WEEKDAYS, *times.TIME_ZONES, *dates.MONTH_NAMES, *dates.MONTHS}
        return not capital or word.following_key in continues
    initials = (
        _INITIALS.fullmatch(word.core)
        and not _is_lone_letter(word)
        and not roman.numeral_rule(word)
    )
    on_street = bool(addresses.street_rule(word))
    before_name = bool(dates.month_rule(word)) or word.key in abbreviations.BEFORE_NAMES
    before_name = before_name or addresses.is_short_state(word)
    before_name = before_name or (on_street and capital)
    # "I." is the pronoun at a sentence's end, and an initial before another one: I. M. Pei.
    is_pronoun = word.core == "I" and not _INITIAL.fullmatch(word.following)
    if before_name or (initials and word.core.isupper() and not is_pronoun):
        return not begins_sentence(word.following)
    is_known = (
        on_street
        or abbreviations.abbreviation_rule(word)
        or measures.unit_rule(word)
        or abbreviations.pages_rule(word)
        or (initials and len(word.core) > 1)
    )
    units = measures.UNITS.keys() | measures.RATES.keys() | measures.SHAPES.keys()
    is_rate = "/" in word.core and word.key.rpartition("/")[2] in units
    return (bool(is_known) or is_rate) and not capital


def looks_abbreviated(word: WordContext) -> bool:
    """Whether a word that no table knows is an abbreviation: "qty. of", "mfg. process".

    It has no vowel, and a small letter follows. That holds only in a text whose sentences begin
    with capitals; see `has_lowercase_sentences`.
    """
    has_no_vowel = re.fullmatch("[A-Z]?[b-df-hj-np-tv-xz]{1,4}", word.core) and len(word.core) > 1
    is_word = word.core.upper() in acronyms.SHORT_WORDS or word.key in electronic.SPELLED_LABELS
    # A sentence may begin with the name of a product: iPhone.
    is_small = word.following[:1].islower() and not word.following[1:2].isupper()
    return word.punctuation == "." and bool(has_no_vowel) and is_small and not is_word


def has_lowercase_sentences(text: str) -> bool:
    """Whether sentences of a text begin with small letters, as in chats."""
    first = next(filter(str.isalpha, text), "")
    ends = (match.start() for match in _SMALL_SENTENCE.finditer(text))
    return first.islower() or any(re.search("[aeiouy]", text[end - 3 : end]) for end in ends)


def _is_lone_letter(word: WordContext) -> bool:
    """Whether a single letter is a name rather than an initial: plan B, from A to B."""
    is_joined = word.previous_key in ("to", "or", "and") and re.fullmatch(
        "[A-Z]", word.before_previous
    )
    is_labelled = (
        word.previous_key in acronyms.LETTER_LABELS or word.previous_key in acronyms.BEFORE_LETTERS
    )
    return len(word.core) == 1 and bool(is_joined or is_labelled)


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
    is_word = word.core.isalpha()
    for rule in _rules_for(word.core):
        spoken = rule(word)
        if spoken:
            return spoken
    # All patterns of RULES need a digit or a sign: a word of letters is spared some fifty of them.
    index = None if is_word else _matching_rule(word.core)
    if index is not None:
        pattern, verbalize_match = RULES[index]
        match = pattern.fullmatch(word.core)
        return verbalize_match(match) if match else []
    named = formulas.with_letter_names(word)
    if named != word.core:
        return _verbalize(replace(word, core=named))
    return _verbalize_joined(word) or acronyms.verbalize_unknown(word.core, word.all_caps)


def _rules_for(core: str) -> Sequence[Callable[[WordContext], list[str]]]:
    """The rules of IN_CONTEXT that may apply to a word of such characters."""
    if core.isalpha():
        return _OF_LETTERS
    if core.isdecimal():
        return _OF_FIGURES_ALONE
    return IN_CONTEXT if _LETTER.search(core) else _WITHOUT_LETTERS


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


IN_CONTEXT: tuple[Callable[[WordContext], list[str]], ...] = (
    addresses.state_rule, addresses.zip_rule, scripture.book_number_rule, scripture.book_rule,
    abbreviations.pages_rule, electronic.dotted_name_rule, electronic.wireless_rule,
    electronic.keys_rule, ratings.stars_rule, roman.numeral_rule, acronyms.capitals_rule,
    codes.postal_rule, telephone.dialled_rule, codes.code_rule, codes.secret_rule, codes.model_rule,
    codes.joined_rule, codes.network_rule, codes.month_of_year_rule, dates.day_first_rule,
    weekdays.weekdays_rule, dates.months_rule, dates.named_date_rule, dates.month_and_day_rule,
    stamps.quarter_rule, codes.version_rule, lone_symbols.sign_rule, times.am_pm_rule,
    times.clock_rule, times.seconds_rule, times.military_rule, times.hours_rule,
    money.before_scale_rule, money.range_rule, money.scaled_noun_rule, money.scale_rule,
    money.apart_rule, fractions.pressure_rule, fractions.share_rule, numerals.decade_rule,
    numerals.average_rule, fractions.ratio_rule, telephone.area_code_rule, telephone.extension_rule,
    dates.year_or_count_rule, numerals.people_count_rule, numerals.several_rule, times.minutes_rule,
    times.prime_rule, scripture.verse_rule, measures.race_rule, measures.attributive_rule,
    measures.rate_rule, formulas.compound_rule, formulas.coefficient_rule, formulas.factorial_rule,
    formulas.minus_rule, _function_rule, addresses.bearing_rule, measures.unit_rule,
    dates.until_month_rule, dates.day_rule, dates.month_rule, abbreviations.number_label_rule,
    codes.labelled_rule, addresses.street_rule, abbreviations.title_rule, abbreviations.versus_rule,
    abbreviations.abbreviation_rule, abbreviations.after_name_rule, identifiers.camel_rule,
    identifiers.flag_rule, _bound_rule, _price_rule, _joined_label_rule,
)  # fmt: skip
"""Rules that read a word's neighbours, in the order that they are tried."""
# Most words of prose are letters alone, and these rules need a figure or a sign in the word.
_OF_FIGURES = {
    _bound_rule, _function_rule, _joined_label_rule, _price_rule, addresses.zip_rule,
    codes.code_rule, codes.joined_rule, codes.labelled_rule, codes.model_rule,
    codes.month_of_year_rule, codes.network_rule, codes.postal_rule, codes.secret_rule,
    codes.version_rule, dates.day_first_rule, dates.day_rule, dates.month_and_day_rule,
    dates.months_rule, dates.named_date_rule, dates.until_month_rule, dates.year_or_count_rule,
    electronic.dotted_name_rule, electronic.wireless_rule, formulas.coefficient_rule,
    formulas.minus_rule, fractions.pressure_rule, fractions.ratio_rule, fractions.share_rule,
    identifiers.flag_rule, measures.attributive_rule, measures.race_rule, measures.rate_rule,
    money.before_scale_rule, money.range_rule, money.scaled_noun_rule, numerals.average_rule,
    numerals.decade_rule, numerals.people_count_rule, numerals.several_rule, ratings.stars_rule,
    scripture.verse_rule, stamps.quarter_rule, telephone.area_code_rule, telephone.dialled_rule,
    telephone.extension_rule, times.clock_rule, times.military_rule, times.minutes_rule,
    times.prime_rule, times.seconds_rule,
}  # fmt: skip
_OF_LETTERS = tuple(rule for rule in IN_CONTEXT if rule not in _OF_FIGURES)
# These need a letter in the word.
_OF_MIXED_WORDS = {
    _joined_label_rule, abbreviations.abbreviation_rule, abbreviations.after_name_rule,
    abbreviations.number_label_rule, abbreviations.pages_rule, abbreviations.title_rule,
    abbreviations.versus_rule, acronyms.capitals_rule, addresses.bearing_rule,
    addresses.state_rule, addresses.street_rule, codes.labelled_rule, codes.version_rule,
    dates.month_rule, dates.named_date_rule, dates.until_month_rule, electronic.keys_rule,
    formulas.coefficient_rule, formulas.compound_rule, identifiers.camel_rule,
    identifiers.flag_rule, measures.attributive_rule, measures.race_rule, money.scale_rule,
    money.scaled_noun_rule, numerals.decade_rule, numerals.people_count_rule,
    numerals.several_rule, roman.numeral_rule, scripture.book_rule, stamps.quarter_rule,
    telephone.extension_rule, times.am_pm_rule, times.hours_rule, weekdays.weekdays_rule,
}  # fmt: skip
_WITHOUT_LETTERS = tuple(rule for rule in IN_CONTEXT if rule not in _OF_MIXED_WORDS)
# These need a sign in the word.
_OF_SIGNS = {
    _bound_rule, _function_rule, _price_rule, codes.joined_rule, codes.month_of_year_rule,
    codes.network_rule, dates.month_and_day_rule, dates.months_rule,
    electronic.dotted_name_rule, electronic.wireless_rule, formulas.minus_rule,
    fractions.pressure_rule, fractions.ratio_rule, fractions.share_rule,
    lone_symbols.sign_rule, measures.rate_rule, measures.unit_rule, money.before_scale_rule,
    money.range_rule, numerals.average_rule, ratings.stars_rule, scripture.verse_rule,
    times.clock_rule, times.minutes_rule, times.prime_rule, times.seconds_rule,
}  # fmt: skip
_OF_FIGURES_ALONE = tuple(rule for rule in _WITHOUT_LETTERS if rule not in _OF_SIGNS)

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

"""English spelled out for a voice: numbers, money, times, years, abbreviations, acronyms.

What a word is said as depends first on its neighbours (`IN_CONTEXT`), then on itself (`RULES`):
each table is read from top to bottom, and the first rule that applies decides. A word that no
rule knows is taken apart at its hyphens and slashes, and at last into letters and figures.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import replace

from tts.text.context import FINAL, JOINER, WordContext, word_context
from tts.text.english import (
    abbreviations,
    acronyms,
    codes,
    dates,
    electronic,
    formulas,
    fractions,
    lone_symbols,
    measures,
    money,
    numerals,
    patterns,
    roman,
    symbols,
    telephone,
    times,
)

# The slash of a fraction ("3/4-inch") joins nothing; a tilde parts figures only.
JOINERS = re.compile(
    rf"(?<=[^{JOINER}])(?!(?<=^\d)/[2-68](?:-|$))([{JOINER}]+|(?<=\d)~(?=[\d$£€]))"
)
INITIALS = re.compile(r"[A-Za-z](?:\.[A-Za-z])*")
# Behind these a word that was written without a space begins anew: wait...what, Well,no, One.Two.
RUN_ON = re.compile(
    r"(\.{3,}|(?<=[^\W\d])\.\.|…|(?<!\d)—|—(?!\d)|(?<=\w)--+(?=[^\W\d])|(?<=[^\W\d])[,;!?]+(?=[^\W\d]{2})"
    r"|(?<=[^\W\d]{2})[,;!?](?=\d)|(?<=[^\W\d]{2}):(?=[^\W\d]{2})"
    r"|(?<=[a-z])\.(?=[A-Z][a-z]))(?=.)"
)
# A small letter after a sentence whose last word is no abbreviation.
_SMALL_SENTENCE = re.compile(r"(?<=[a-z]{3})[.!?]+\s+[a-z](?![A-Z])")
DOUBLED = (
    (re.compile("!==?(?!=)"), "≠"),
    (re.compile("<=(?!=)"), "≤"),
    (re.compile(">=(?!=)"), "≥"),
    (re.compile("(?<!=)={2,3}(?!=)"), "="),
)


def verbalize(words: Sequence[str]) -> list[list[str]]:
    """What is said for each written word, quotes and brackets removed beforehand.

    Among a word's spoken parts its inner pauses stand alone: "yes—no" is yes, a comma, no.
    """
    words = [_with_single_signs(_with_ascii_figures(word)) for word in words]
    words = [
        money.to_us_format(*three)
        for three in zip(["", *words], words, [*words[1:], ""], strict=False)
    ]
    shouted = _all_caps_words(words)
    around = ["", "", *words, "", ""]
    spoken = []
    for index, word in enumerate(words):
        earlier, before, _, after, beyond = around[index : index + 5]
        here = replace(word_context(word, before, after, earlier, beyond), all_caps=shouted[index])
        said = acronyms.article_rule(here) or _verbalize_unspaced(here) or _say(here)
        spoken.append([part for part in said if part])
    return spoken


def is_abbreviation(word: WordContext) -> bool:
    """Whether a word's final period belongs to an abbreviation rather than to a sentence's end.

    Titles and figures' labels never end a sentence; initials and months do before a word that
    begins sentences (U.S. She), other abbreviations before any capital letter.
    """
    shouting = word.core.isupper() and word.following.isupper()
    word = replace(word, all_caps=shouting)
    if word.punctuation != ".":
        return False
    if money.apart_rule(word) == symbols.SILENT:
        return True
    if (
        abbreviations.title_rule(word)
        or abbreviations.figure_label_rule(word)
        or abbreviations.versus_rule(word)
    ):
        return True
    if word.key in abbreviations.NEVER_LAST and not abbreviations.street_rule(word):
        return True
    if dates.weekdays_rule(word):
        return not abbreviations.begins_sentence(word.following)
    capital = word.following[:1].isupper()
    if times.AM_PM.fullmatch(word.core):
        of_time = {*dates.WEEKDAYS, *times.TIME_ZONES, *dates.MONTH_NAMES, *dates.MONTHS}
        return not capital or word.following_key in of_time
    initials = INITIALS.fullmatch(word.core) and not _is_lone_letter(word)
    on_street = bool(abbreviations.street_rule(word))
    named = bool(dates.month_rule(word)) or word.key in abbreviations.BEFORE_NAMES
    named = named or (on_street and capital)
    if named or (initials and word.core.isupper() and word.core != "I"):
        return not abbreviations.begins_sentence(word.following)
    known = (
        on_street
        or abbreviations.abbreviation_rule(word)
        or measures.unit_rule(word)
        or (initials and len(word.core) > 1)
    )
    rate = measures.UNITS.keys() | measures.RATES.keys() | measures.SHAPES.keys()
    of_rate = "/" in word.core and word.key.rpartition("/")[2] in rate
    return (bool(known) or of_rate) and not capital


def looks_abbreviated(word: WordContext) -> bool:
    """Whether a word that no table knows is an abbreviation: qty. of, mfg. process.

    For texts whose sentences begin with capitals; see `has_lowercase_sentences`.
    """
    unsaid = re.fullmatch("[A-Z]?[b-df-hj-np-tv-xz]{1,4}", word.core)
    said = word.core.upper() in acronyms.SHORT_WORDS or word.key in electronic.SPELLED_LABELS
    small = word.following[:1].islower() and not word.following[1:2].isupper()
    return word.punctuation == "." and bool(unsaid) and len(word.core) > 1 and small and not said


def has_lowercase_sentences(text: str) -> bool:
    """Whether sentences of a text begin with small letters, as in chats."""
    first = next(filter(str.isalpha, text), "")
    ends = (match.start() for match in _SMALL_SENTENCE.finditer(text))
    return first.islower() or any(re.search("[aeiouy]", text[end - 3 : end]) for end in ends)


def _is_lone_letter(word: WordContext) -> bool:
    """Whether a single letter is a name by itself, no initial: plan B, from A to B."""
    joined = word.previous_key in ("to", "or", "and") and re.fullmatch(
        "[A-Z]", word.before_previous
    )
    label = (
        word.previous_key in acronyms.LETTER_LABELS or word.previous_key in acronyms.BEFORE_LETTERS
    )
    return len(word.core) == 1 and bool(joined or label)


def _all_caps_words(words: Sequence[str]) -> list[bool]:
    """Which words stand in a row of three or more in capitals, a third of them no acronyms."""
    found = [False] * len(words)
    row: list[int] = []
    for index, word in enumerate([*words, "end"]):
        lettered = any(map(str.isalpha, word))
        lone = re.sub(r"[\W_]", "", word) in ("A", "I")
        if lettered and not lone and not acronyms.is_shouted(word):
            long = [i for i in row if acronyms.is_shouted(words[i])]
            plain = [i for i in long if not acronyms.is_acronym(words[i])]
            if len(long) > 2 and len(plain) > len(long) / 3:
                for i in row:
                    found[i] = True
            row = []
        else:
            row.append(index)
    return found


def _with_ascii_figures(word: str) -> str:
    """The decimal figures of any script as 0 to 9, which the rules compare with."""
    if word.isascii():
        return word
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in word)


def _with_single_signs(word: str) -> str:
    """The signs of programs that are written with several characters as one: != <= >= == &&."""
    if "/" in word or not ("=" in word or word == "&&"):
        return word
    for written, sign in DOUBLED:
        word = written.sub(sign, word)
    return "&" if word == "&&" else word


def _verbalize_unspaced(word: WordContext) -> list[str]:
    """Words that no space parts, each said by itself, with the pauses between them."""
    bare = word.core
    if "/" in bare or "@" in bare or not RUN_ON.search(bare) or _is_file(bare):
        return []
    parts = RUN_ON.sub(r"\1 ", bare).split()
    parts[-1] += word.punctuation
    around = [word.previous, *parts, word.following]
    spoken: list[str] = []
    for before, part, after in zip(around[:-2], parts, around[2:], strict=True):
        inner = _part(part.rstrip("—-"), before, after, word.all_caps)
        spoken += _say(inner) if inner.core else []
        is_dash = part[-1] in "—-…" or part.endswith("..")
        mark = "," if is_dash else part[-1]
        if mark in FINAL and part is not parts[-1] and not is_abbreviation(inner):
            spoken.append(mark)
    return spoken


def _part(word: str, before: str, after: str, shouting: bool) -> WordContext:
    """A part of a word between its neighbours."""
    return replace(word_context(word, before, after), all_caps=shouting)


def _is_file(word: str) -> bool:
    """Whether a word with one period is a host or a file: Booking.Com, Main.java."""
    ending = re.search(r"\.([A-Za-z]\w*)$", word)
    return bool(ending and ending[1].lower() in electronic.ENDINGS)


def _say(word: WordContext) -> list[str]:
    """What is said for one word or for one part of a joined word."""
    for rule in IN_CONTEXT:
        said = rule(word)
        if said:
            return said
    for pattern, say in () if word.core.isalpha() else RULES:  # each needs a figure or a sign
        match = pattern.fullmatch(word.core)
        if match:
            return say(match)
    return _joined(word) or acronyms.verbalize_unknown(word.core, word.all_caps)


def _joined(word: WordContext) -> list[str]:
    """Words joined by hyphens, dashes or slashes, each said in the place of the whole."""
    pieces = JOINERS.split(word.core)
    if len(pieces) == 1:
        return []
    pieces[-1] += word.punctuation
    is_range = sum(patterns.is_quantity(part.rstrip(FINAL)) for part in pieces[::2]) <= 2
    spoken: list[str] = []
    last, rated = "", False
    for mark, part in zip(["", *pieces[1::2]], pieces[::2], strict=True):
        counted = patterns.is_quantity(last)
        before = last if last and part.isalpha() else word.previous
        inner = _part(part, before, word.following, word.all_caps)
        multiplied = re.fullmatch(r"\d+[xX]", last)
        is_rate = (
            rated
            or counted
            or multiplied
            or (inner.key in measures.RATES and numerals.is_number(word.previous))
        )
        is_unit = inner.core.isalpha() or inner.key in measures.UNITS
        rated = mark == "/" and is_unit and bool(is_rate)
        both = patterns.is_quantity(inner.core) and (counted or times.AM_PM.fullmatch(last))
        both = both or (inner.core[:1] == last[:1] and _is_lettered(last, inner.core))
        if rated:
            spoken += ["per", *_rate(inner)]
        elif is_range and mark != "/" and both and inner.core != last:
            spoken += ["to", *_say(inner)]
        else:
            spoken += _say(inner)
        last = inner.core
    return spoken


def _is_lettered(first: str, last: str) -> bool:
    """Whether two parts are Q1 and Q3, or A4 and A6."""
    return all(re.fullmatch(r"[A-Z]\d", part) for part in (first, last))


def _rate(word: WordContext) -> list[str]:
    """What something costs or counts by: mo -> month, hrs -> hour."""
    shape = measures.SHAPES.get(word.key, "") if word.following_key in measures.UNITS else ""
    unit = measures.RATES.get(word.key) or measures.UNITS.get(word.key) or shape
    return unit.split() if unit else _say(word)


def _or_more(word: WordContext) -> list[str]:
    """The plus of 10+ and $100K+; ~50%, <5, ±5."""
    figure, first = word.core[:-1], word.core[:1]
    if word.core.endswith("+") and patterns.is_quantity(figure):
        return [*_say(replace(word, core=figure)), "plus"]
    rest = word.core[1:]
    heart = rest == "3" and first == "<" and not _is_counted(word)
    if first not in symbols.COMPARED or not patterns.is_quantity(rest) or heart:
        return []
    return [*symbols.COMPARED[first].split(), *_say(replace(word, core=rest))]


def _is_counted(word: WordContext) -> bool:
    """Whether what follows is counted by the figure before it."""
    return word.following_key in numerals.COUNTED or word.following_key in measures.UNITS


def _labelled_figure(word: WordContext) -> list[str]:
    """No.5: the label and its figure in one word."""
    match = re.fullmatch(r"([A-Z]?[a-z]{1,3})\.(\d+[A-Za-z]?)", word.core)
    if not match or match[1].lower() not in abbreviations.FIGURE_LABELS:
        return []
    figure = replace(word, core=match[2], previous=match[1] + ".")
    return [abbreviations.FIGURE_LABELS[match[1].lower()], *_say(figure)]


IN_CONTEXT: tuple[Callable[[WordContext], list[str]], ...] = (
    roman.numeral_rule, acronyms.capitals_rule, codes.postal_rule, telephone.dialled_rule,
    codes.code_rule, codes.model_rule, dates.day_first_rule, dates.weekdays_rule,
    codes.version_rule, lone_symbols.sign_rule, times.am_pm_rule, times.clock_rule,
    money.before_scale_rule, money.range_rule, money.scale_rule, money.apart_rule,
    fractions.share_rule, fractions.ratio_rule, telephone.area_code_rule, dates.four_figures_rule,
    numerals.people_count_rule, numerals.several_rule, times.minutes_rule, codes.verse_rule,
    measures.race_rule, formulas.coefficient_rule, abbreviations.bearing_rule, measures.unit_rule,
    dates.until_month_rule, dates.day_rule, dates.month_rule, abbreviations.figure_label_rule,
    codes.labelled_rule, abbreviations.street_rule, abbreviations.title_rule,
    abbreviations.versus_rule, abbreviations.abbreviation_rule, _or_more, _labelled_figure,
)  # fmt: skip
RULES: numerals.Rules = (
    *patterns.CODES,
    *money.MONEY_RULES,
    *patterns.FIGURES,
    (re.compile(r"[A-Za-z](?:\.[A-Za-z])+"), lambda match: acronyms.capitals(match[0])),
    (
        re.compile(r"([A-Za-z](?:\.[A-Za-z])+)\.?['’]s"),
        lambda match: [*acronyms.capitals(match[1])[:-1], match[1][-1].upper() + "'s"],
    ),
    *patterns.SIGNS,
    (electronic.ADDRESS, electronic.address),
)

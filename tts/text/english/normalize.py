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
from tts.text.english import counts, figures, letters, money, tables
from tts.text.english import rules as context
from tts.text.english.figures import is_number
from tts.text.english.rules import DASHES, HALF, is_quantity

__all__ = ["DASHES", "FINAL", "is_abbreviation", "verbalize", "word_context"]

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
        said = context.article(here) or _verbalize_unspaced(here) or _say(here)
        spoken.append([part for part in said if part])
    return spoken


def is_abbreviation(place: WordContext, language: str = "en") -> bool:
    """Whether a word's final period belongs to an abbreviation rather than to a sentence's end.

    Titles and figures' labels never end a sentence; initials and months do before a word that
    begins sentences (U.S. She), other abbreviations before any capital letter.
    """
    shouting = place.core.isupper() and place.following.isupper()
    place = replace(place, all_caps=shouting)
    if place.punctuation != ".":
        return False
    if money.apart(place) == money.SILENT:
        return True
    if context.title(place) or context.figure_label(place) or context.versus(place):
        return True
    if place.key in tables.NEVER_LAST and not context.street(place):
        return True
    if context.weekdays(place):
        return not context.begins_sentence(place.following)
    capital = place.following[:1].isupper()
    if HALF.fullmatch(place.core):
        of_time = {*tables.WEEKDAYS, *tables.TIME_ZONES, *tables.MONTH_NAMES, *tables.MONTHS}
        return not capital or place.following_key in of_time
    initials = INITIALS.fullmatch(place.core) and not _is_lone_letter(place)
    on_street = bool(context.street(place))
    named = bool(context.month(place)) or place.key in tables.BEFORE_NAMES
    named = named or (on_street and capital)
    if named or (initials and place.core.isupper() and place.core != "I"):
        return not context.begins_sentence(place.following)
    known = (
        on_street
        or context.abbreviation(place)
        or context.unit(place)
        or (initials and len(place.core) > 1)
    )
    rate = tables.UNITS.keys() | tables.RATES.keys() | tables.SHAPES.keys()
    of_rate = "/" in place.core and place.key.rpartition("/")[2] in rate
    return (bool(known) or of_rate) and not capital


def looks_abbreviated(place: WordContext) -> bool:
    """Whether a word that no table knows is an abbreviation: qty. of, mfg. process.

    For texts whose sentences begin with capitals; see `has_lowercase_sentences`.
    """
    unsaid = re.fullmatch("[A-Z]?[b-df-hj-np-tv-xz]{1,4}", place.core)
    said = place.core.upper() in tables.SHORT_WORDS or place.key in tables.SPELLED_LABELS
    small = place.following[:1].islower() and not place.following[1:2].isupper()
    return place.punctuation == "." and bool(unsaid) and len(place.core) > 1 and small and not said


def has_lowercase_sentences(text: str) -> bool:
    """Whether sentences of a text begin with small letters, as in chats."""
    first = next(filter(str.isalpha, text), "")
    ends = (match.start() for match in _SMALL_SENTENCE.finditer(text))
    return first.islower() or any(re.search("[aeiouy]", text[end - 3 : end]) for end in ends)


def _is_lone_letter(place: WordContext) -> bool:
    """Whether a single letter is a name by itself, no initial: plan B, from A to B."""
    joined = place.previous_key in ("to", "or", "and") and re.fullmatch(
        "[A-Z]", place.before_previous
    )
    label = (
        place.previous_key in tables.LETTER_LABELS or place.previous_key in tables.BEFORE_LETTERS
    )
    return len(place.core) == 1 and bool(joined or label)


def _all_caps_words(words: Sequence[str]) -> list[bool]:
    """Which words stand in a row of three or more in capitals, a third of them no acronyms."""
    found = [False] * len(words)
    row: list[int] = []
    for index, word in enumerate([*words, "end"]):
        lettered = any(map(str.isalpha, word))
        lone = re.sub(r"[\W_]", "", word) in ("A", "I")
        if lettered and not lone and not letters.is_shouted(word):
            long = [i for i in row if letters.is_shouted(words[i])]
            plain = [i for i in long if not letters.is_acronym(words[i])]
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


def _verbalize_unspaced(place: WordContext) -> list[str]:
    """Words that no space parts, each said by itself, with the pauses between them."""
    bare = place.core
    if "/" in bare or "@" in bare or not RUN_ON.search(bare) or _is_file(bare):
        return []
    parts = RUN_ON.sub(r"\1 ", bare).split()
    parts[-1] += place.punctuation
    words = [place.previous, *parts, place.following]
    spoken: list[str] = []
    for before, word, after in zip(words[:-2], parts, words[2:], strict=True):
        inner = _part(word.rstrip("—-"), before, after, place.all_caps)
        spoken += _say(inner) if inner.core else []
        is_dash = word[-1] in "—-…" or word.endswith("..")
        mark = "," if is_dash else word[-1]
        if mark in FINAL and word is not parts[-1] and not is_abbreviation(inner):
            spoken.append(mark)
    return spoken


def _part(word: str, before: str, after: str, shouting: bool) -> WordContext:
    """A part of a word between its neighbours."""
    return replace(word_context(word, before, after), all_caps=shouting)


def _is_file(word: str) -> bool:
    """Whether a word with one period is a host or a file: Booking.Com, Main.java."""
    ending = re.search(r"\.([A-Za-z]\w*)$", word)
    return bool(ending and ending[1].lower() in tables.ENDINGS)


def _say(place: WordContext) -> list[str]:
    """What is said for one word or for one part of a joined word."""
    for rule in IN_CONTEXT:
        said = rule(place)
        if said:
            return said
    for pattern, say in () if place.core.isalpha() else RULES:  # each needs a figure or a sign
        match = pattern.fullmatch(place.core)
        if match:
            return say(match)
    return _joined(place) or letters.verbalize_unknown(place.core, place.all_caps)


def _joined(place: WordContext) -> list[str]:
    """Words joined by hyphens, dashes or slashes, each said in the place of the whole."""
    pieces = JOINERS.split(place.core)
    if len(pieces) == 1:
        return []
    pieces[-1] += place.punctuation
    is_range = sum(is_quantity(part.rstrip(FINAL)) for part in pieces[::2]) <= 2
    spoken: list[str] = []
    last, rated = "", False
    for mark, part in zip(["", *pieces[1::2]], pieces[::2], strict=True):
        counted = is_quantity(last)
        before = last if last and part.isalpha() else place.previous
        inner = _part(part, before, place.following, place.all_caps)
        times = re.fullmatch(r"\d+[xX]", last)
        is_rate = (
            rated or counted or times or (inner.key in tables.RATES and is_number(place.previous))
        )
        is_unit = inner.core.isalpha() or inner.key in tables.UNITS
        rated = mark == "/" and is_unit and bool(is_rate)
        both = is_quantity(inner.core) and (counted or HALF.fullmatch(last))
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


def _rate(place: WordContext) -> list[str]:
    """What something costs or counts by: mo -> month, hrs -> hour."""
    shape = tables.SHAPES.get(place.key, "") if place.following_key in tables.UNITS else ""
    unit = tables.RATES.get(place.key) or tables.UNITS.get(place.key) or shape
    return unit.split() if unit else _say(place)


def _or_more(place: WordContext) -> list[str]:
    """The plus of 10+ and $100K+; ~50%, <5, ±5."""
    figure, first = place.core[:-1], place.core[:1]
    if place.core.endswith("+") and is_quantity(figure):
        return [*_say(replace(place, core=figure)), "plus"]
    rest = place.core[1:]
    heart = rest == "3" and first == "<" and not _is_counted(place)
    if first not in tables.COMPARED or not is_quantity(rest) or heart:
        return []
    return [*tables.COMPARED[first].split(), *_say(replace(place, core=rest))]


def _is_counted(place: WordContext) -> bool:
    """Whether what follows is counted by the figure before it."""
    return place.following_key in tables.COUNTED or place.following_key in tables.UNITS


def _labelled_figure(place: WordContext) -> list[str]:
    """No.5: the label and its figure in one word."""
    match = re.fullmatch(r"([A-Z]?[a-z]{1,3})\.(\d+[A-Za-z]?)", place.core)
    if not match or match[1].lower() not in tables.FIGURE_LABELS:
        return []
    figure = replace(place, core=match[2], previous=match[1] + ".")
    return [tables.FIGURE_LABELS[match[1].lower()], *_say(figure)]


IN_CONTEXT: tuple[Callable[[WordContext], list[str]], ...] = (
    context.numeral, context.capitals, context.postal, context.dialled, context.code,
    context.model, context.day_first, context.weekdays, context.version, context.sign,
    context.half, context.clock, money.before_scale, money.range_of, money.scale, money.apart,
    context.share, counts.ratio, context.area, context.amount, counts.people_count, counts.several,
    counts.minutes, counts.verse, counts.race, context.coefficient,
    context.bearing, context.unit, context.until_month, context.day, context.month,
    context.figure_label,
    context.labelled, context.street, context.title, context.versus, context.abbreviation,
    _or_more, _labelled_figure,
)  # fmt: skip
RULES: figures.Rules = (
    *figures.CODES,
    *money.MONEY_RULES,
    *figures.FIGURES,
    (re.compile(r"[A-Za-z](?:\.[A-Za-z])+"), lambda match: figures.capitals(match[0])),
    (
        re.compile(r"([A-Za-z](?:\.[A-Za-z])+)\.?['’]s"),
        lambda match: [*figures.capitals(match[1])[:-1], match[1][-1].upper() + "'s"],
    ),
    *letters.SIGNS,
    (letters.ADDRESS, letters.address),
)

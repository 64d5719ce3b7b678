"""What an English period says: that a word is short, or that a sentence ends."""

import re
from dataclasses import replace

from tts.text.context import WordContext
from tts.text.english import (
    abbreviations,
    acronyms,
    addresses,
    dates,
    electronic,
    formulas,
    measures,
    money,
    roman,
    scripture,
    symbols,
    times,
    weekdays,
)
from tts.text.english.sentences import begins_sentence

_INITIAL = re.compile(r"[A-Z]\.")
_INITIALS = re.compile(r"[A-Za-z](?:\.[A-Za-z])*")
# A sentence of at least a three-letter word, and a small letter that begins the next one.
_SMALL_SENTENCE = re.compile(r"(?<=[a-z]{3})[.!?]+\s+[a-z](?![A-Z])")


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

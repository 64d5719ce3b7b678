"""English abbreviations: Dr. Smith, 123 Elm Dr., No. 5, Cats vs dogs, etc."""

import re

from tts.text.context import FINAL, WordContext
from tts.text.english import acronyms, addresses, roman
from tts.text.english.people import is_given_name
from tts.text.english.sentences import begins_sentence

TITLES = {
    "dr": "doctor", "mr": "mister", "mrs": "missus", "ms": "miz", "prof": "professor",
    "gen": "general", "col": "colonel", "capt": "captain", "lt": "lieutenant", "sgt": "sergeant",
    "rev": "reverend", "gov": "governor", "sen": "senator", "rep": "representative",
    "hon": "honorable", "mt": "mount", "ft": "fort", "st": "saint", "adm": "admiral",
    "maj": "major", "pvt": "private", "cpl": "corporal", "cmdr": "commander", "pres": "president",
    "sec": "secretary", "fr": "father", "amb": "ambassador", "supt": "superintendent",
    "insp": "inspector", "det": "detective", "atty": "attorney", "brig": "brigadier",
    "br": "brother", "msgr": "monsignor", "messrs": "messers", "mme": "madame",
    "mlle": "mademoiselle", "ens": "ensign", "cdr": "commander", "asst": "assistant",
    "assoc": "associate",
}  # fmt: skip
# British English writes these titles without a period.
BARE_TITLES = {"dr", "mr", "mrs", "ms"}
# Saint and Mount before a name (St Paul); street after a number and a name (12 Elm St).
BARE_PLACES = {"st", "mt"}
# After these words "no" is an answer, even before a number: she said no. 5 people left.
SAYING = {
    "said", "say", "says", "saying", "answer", "answered", "replied", "told", "is", "was", "me",
    "him", "her", "them", "us", "you", "it", "with", "means", "meant",
}  # fmt: skip
# Abbreviations before a number only; elsewhere they are words that end a sentence (no, fig, art).
NUMBER_LABELS = {
    "no": "number", "nos": "numbers", "p": "page", "pp": "pages", "fig": "figure",
    "figs": "figures", "vol": "volume", "ch": "chapter", "chap": "chapter",
    "sec": "section", "apt": "apartment",
    "est": "established", "max": "maximum", "min": "minimum", "c": "circa", "ca": "circa",
    "ep": "episode", "pt": "part", "hwy": "highway", "ste": "suite", "rm": "room",
    "lv": "level", "lvl": "level", "art": "article", "fl": "floor", "bldg": "building",
    "rt": "route", "rte": "route", "mk": "mark", "op": "opus",
}  # fmt: skip
# Labels that are often written without a period: Apt 4.
BARE_LABELS = {"apt", "fig", "hwy", "lvl", "mk", "rte", "ste", "vol"}
# A work has at least so many pages, and a share rarely changes by as many percentage points.
_MIN_PAGES = 40
_CHANGING = {"up", "down", "by", "of", "rose", "fell", "gained", "lost", "plus", "minus", "+", "-"}
ABBREVIATIONS = {
    "dr": "doctor", "mr": "mister", "mrs": "missus",
    "vs": "versus", "etc": "et cetera", "approx": "approximately", "dept": "department",
    "inc": "incorporated", "ltd": "limited", "co": "company", "corp": "corporation",
    "jr": "junior", "sr": "senior", "ave": "avenue", "blvd": "boulevard", "rd": "road",
    "govt": "government", "misc": "miscellaneous", "e.g": "for example", "i.e": "that is",
    "al": "al", "ph.d": "P H D", "tsp": "teaspoon", "tbsp": "tablespoon", "avg": "average",
    "tel": "telephone", "ext": "extension", "a.k.a": "also known as", "hwy": "highway",
    "cf": "compare", "viz": "namely", "b.sc": "B S C", "m.sc": "M S C",
    "ln": "lane", "pkwy": "parkway", "vol": "volume", "vols": "volumes", "bros": "brothers",
    "assn": "association", "esq": "esquire", "attn": "attention", "univ": "university",
}  # fmt: skip
# What is written without a period after a name: Acme Ltd, Tom Smith Jr.
AFTER_NAMES = {
    "ltd": "limited", "inc": "incorporated", "corp": "corporation", "bros": "brothers",
    "jr": "junior", "sr": "senior",
}  # fmt: skip
# Abbreviations that never end a sentence, because something always follows them.
NEVER_LAST = {
    "vs", "e.g", "i.e", "approx", "mr", "mrs", "dr", "a.k.a", "p.s", "avg", "tel", "ext", "cf",
    "viz",
}  # fmt: skip
# Abbreviations before which or after which a name often stands ("Foo Inc. Smith"), so that a
# capital letter after them does not prove a new sentence.
BEFORE_NAMES = {
    "jr", "sr", "inc", "co", "corp", "ltd", "ph.d", "dept", "ave", "blvd", "rd", "ln", "bros",
}  # fmt: skip


def number_label_rule(word: WordContext) -> list[str]:
    """The label of a number: No. 1, p. 45, Apt. 4B, Vol. II, Apt 4."""
    # A "No" in the middle of a sentence is no answer: "flight No 5".
    is_inside = word.core == "No" and word.previous[-1:].isalnum()
    may_be_bare = word.key in BARE_LABELS or is_inside
    is_written = word.dotted or (may_be_bare and not word.punctuation)
    if not is_written or word.key not in NUMBER_LABELS:
        return []
    roman_follows = word.key in roman.ROMAN_LABELS and re.fullmatch(
        "[IVXL]+", word.following_key.upper()
    )
    has_number = word.following.lstrip("#")[:1].isdecimal() or (
        roman_follows and word.following[:1].isupper()
    )
    is_answer = word.core == "no" and word.previous_key in SAYING
    # "vitamin c. 5" and "C. 5" have the letter, "c. 1900" is circa.
    is_letter = word.key == "c" and (
        word.core == "C" or word.previous_key in acronyms.LETTER_LABELS
    )
    # An initial has a name before it: Edith P. (1962).
    is_letter = is_letter or (word.core == "P" and bool(re.fullmatch("[A-Z][a-z]+", word.previous)))
    return [NUMBER_LABELS[word.key]] if has_number and not is_answer | is_letter else []


def pages_rule(word: WordContext) -> list[str]:
    """Pages after their number: xii, 340 pp. A small number has percentage points: up 2 pp."""
    number = word.previous.rstrip(",").replace(",", "")
    if word.core != "pp" or not number.isdecimal():
        return []
    is_change = word.before_previous.rstrip(FINAL).lower() in _CHANGING
    return ["pages"] if len(number) < 6 and int(number) >= _MIN_PAGES and not is_change else []


def title_rule(word: WordContext) -> list[str]:
    """A title before a name ("Gen. Lee"); elsewhere it may be a word of its own (gen, rep, sec)."""
    if word.key == "rt":
        return ["right"] if word.following_key in ("hon", "rev") else []
    if word.key == "sr":
        # Elsewhere it is "senior": Tom Smith Sr. left, a Sr. manager.
        is_sister = word.dotted and not _ends_name(word.previous)
        return ["sister"] if is_sister and is_given_name(word.following.rstrip(FINAL)) else []
    may_be_bare = word.key in BARE_TITLES | BARE_PLACES or word.previous_key == "rt"
    is_written = word.dotted or (may_be_bare and not word.punctuation)
    is_capital = word.core.istitle() or (word.all_caps and word.core.isupper())
    if not is_written or not is_capital or not word.following[:1].isupper():
        return []
    return [] if addresses.street_rule(word) else TITLES.get(word.key, "").split()


def after_name_rule(word: WordContext) -> list[str]:
    """The form of a company or the end of a name, without a period: Acme Ltd, Tom Smith Jr."""
    is_written = word.key in AFTER_NAMES and not word.dotted and word.core.istitle()
    return [AFTER_NAMES[word.key]] if is_written and _ends_name(word.previous) else []


def _ends_name(word: str) -> bool:
    return word[:1].isupper() and word[-1:].isalnum() and not begins_sentence(word)


def versus_rule(word: WordContext) -> list[str]:
    """Cats vs dogs, Roe v. Wade."""
    is_case = word.core == "v" and word.dotted and word.previous[:1].isupper()
    return ["versus"] if word.core == "vs" or (is_case and word.following[:1].isupper()) else []


def abbreviation_rule(word: WordContext) -> list[str]:
    """An abbreviation with its period."""
    return ABBREVIATIONS.get(word.key, "").split() if word.dotted else []

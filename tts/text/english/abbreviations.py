"""English abbreviations: Dr. Smith, 123 Elm Dr., No. 5, Cats vs dogs, etc."""

import re

from tts.text.context import FINAL, WordContext
from tts.text.english import acronyms, numerals, roman

TITLES = {
    "dr": "doctor", "mr": "mister", "mrs": "missus", "ms": "miz", "prof": "professor",
    "gen": "general", "col": "colonel", "capt": "captain", "lt": "lieutenant", "sgt": "sergeant",
    "rev": "reverend", "gov": "governor", "sen": "senator", "rep": "representative",
    "hon": "honorable", "mt": "mount", "ft": "fort", "st": "saint", "adm": "admiral",
    "maj": "major", "pvt": "private", "cpl": "corporal", "cmdr": "commander", "pres": "president",
    "sec": "secretary", "fr": "father", "amb": "ambassador", "supt": "superintendent",
    "insp": "inspector", "det": "detective", "atty": "attorney", "brig": "brigadier",
}  # fmt: skip
# British English writes these titles without a period.
BARE_TITLES = {"dr", "mr", "mrs", "ms"}
# Saint and Mount before a name (St Paul); street after a number and a name (12 Elm St).
BARE_PLACES = {"st", "mt"}
STREETS = {
    "st": "street", "dr": "drive", "ln": "lane", "ct": "court", "pl": "place", "ave": "avenue",
    "rd": "road", "blvd": "boulevard", "pkwy": "parkway", "ter": "terrace", "cir": "circle",
    "sq": "square",
}  # fmt: skip
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
    "rt": "route", "rte": "route",
}  # fmt: skip
# Labels that are often written without a period: Apt 4.
BARE_LABELS = {"apt", "fig", "hwy", "lvl", "ste", "vol"}
# After a road and its number, a letter is a direction: Route 66 W.
ROADS = {"rt", "rte", "route", "hwy", "highway", "interstate", "i", "u.s"}
BEARINGS = {"N": "north", "E": "east", "S": "south", "W": "west"}
ABBREVIATIONS = {
    "dr": "doctor", "mr": "mister", "mrs": "missus",
    "vs": "versus", "etc": "et cetera", "approx": "approximately", "dept": "department",
    "inc": "incorporated", "ltd": "limited", "co": "company", "corp": "corporation",
    "jr": "junior", "sr": "senior", "ave": "avenue", "blvd": "boulevard", "rd": "road",
    "govt": "government", "misc": "miscellaneous", "e.g": "for example", "i.e": "that is",
    "al": "al", "ph.d": "P H D", "tsp": "teaspoon", "tbsp": "tablespoon", "avg": "average",
    "tel": "telephone", "ext": "extension", "a.k.a": "also known as", "hwy": "highway",
    "cf": "compare", "viz": "namely", "b.sc": "B S C", "m.sc": "M S C",
    "ln": "lane", "pkwy": "parkway",
}  # fmt: skip
# Abbreviations that never end a sentence, because something always follows them.
NEVER_LAST = {
    "vs", "e.g", "i.e", "approx", "mr", "mrs", "dr", "a.k.a", "p.s", "avg", "tel", "ext", "cf",
    "viz",
}  # fmt: skip
# Abbreviations before which or after which a name often stands ("Foo Inc. Smith"), so that a
# capital letter after them does not prove a new sentence.
BEFORE_NAMES = {"jr", "sr", "inc", "co", "corp", "ltd", "ph.d", "dept", "ave", "blvd", "rd", "ln"}
# Words that more often begin a sentence than they continue a name.
STARTERS = {
    "A", "After", "All", "Also", "An", "And", "Are", "As", "At", "Because", "Before", "But", "By",
    "Can", "Did", "Do", "Does", "During", "Each", "Even", "Every", "Finally", "For", "From", "He",
    "Her", "Here", "His", "How", "However", "I", "If", "In", "Is", "It", "Its", "Let", "Many",
    "Maybe", "Meanwhile", "Most", "My", "Nobody", "Not", "Now", "Of", "On", "Once", "One", "Or",
    "Our", "Perhaps", "Please", "She", "Since", "So", "Some", "Still", "That", "The", "Their",
    "Then", "There", "These", "They", "This", "Those", "Though", "To", "Today", "Two", "Under",
    "Until", "Was", "We", "Were", "What", "When", "Where", "Which", "While", "Who", "Why", "Will",
    "With", "Yes", "Yet", "You", "Your",
}  # fmt: skip


def bearing_rule(word: WordContext) -> list[str]:
    """The direction of a road: Rt. 66 W, I-95 N. Without this rule "66 W" would be watts."""
    label = word.before_previous.rstrip(FINAL).lower()
    on_road = numerals.is_number(word.previous) and (label in ROADS or word.previous[:1].isalpha())
    return [BEARINGS[word.core]] if on_road and word.core in BEARINGS else []


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
    # An initial has a name before it: Tristram P. (1950).
    is_letter = is_letter or (word.core == "P" and bool(re.fullmatch("[A-Z][a-z]+", word.previous)))
    return [NUMBER_LABELS[word.key]] if has_number and not is_answer | is_letter else []


def begins_sentence(word: str) -> bool:
    """Whether a capitalized word more likely begins a sentence than a name; "A." is an initial."""
    is_initial = len(word) == 2 and word.endswith(".")
    return re.split("['’]", word.rstrip(FINAL))[0] in STARTERS and not is_initial


def street_rule(word: WordContext) -> list[str]:
    """A street: "123 Elm Dr.", and "St." unless a name follows ("Main St. again")."""
    is_name = word.previous[:1].isupper() or re.fullmatch(r"\d+(?:st|nd|rd|th)", word.previous)
    # Without the number of a house, "Elm Dr." could be a person: "Elm, Dr. Smith".
    has_address = word.before_previous[:1].isdecimal() and is_name
    is_written = word.core.istitle() and word.previous[-1:].isalpha()
    if word.key in STREETS and has_address and is_written:
        return [STREETS[word.key]]
    capital = word.punctuation == "." and word.following[:1].isupper()
    is_saint = capital and not begins_sentence(word.following)
    return ["street"] if word.key == "st" and word.dotted and not is_saint else []


def title_rule(word: WordContext) -> list[str]:
    """A title before a name ("Gen. Lee"); elsewhere it may be a word of its own (gen, rep, sec)."""
    may_be_bare = BARE_TITLES | BARE_PLACES
    is_written = word.dotted or (word.key in may_be_bare and not word.punctuation)
    is_capital = word.core.istitle() or (word.all_caps and word.core.isupper())
    if not is_written or not is_capital or not word.following[:1].isupper() or street_rule(word):
        return []
    return [TITLES[word.key]] if word.key in TITLES else []


def versus_rule(word: WordContext) -> list[str]:
    """Cats vs dogs, Roe v. Wade."""
    is_case = word.core == "v" and word.dotted and word.previous[:1].isupper()
    return ["versus"] if word.core == "vs" or (is_case and word.following[:1].isupper()) else []


def abbreviation_rule(word: WordContext) -> list[str]:
    """An abbreviation with its period."""
    return ABBREVIATIONS.get(word.key, "").split() if word.dotted else []

"""English addresses: 123 N Elm St, 5th Ave, Salem, OR 97301, Fresno, Calif., Rt. 66 W."""

import re
from collections.abc import Sequence

from tts.text import numbers
from tts.text.context import FINAL, WordContext
from tts.text.english import numerals
from tts.text.english.people import is_given_name
from tts.text.english.sentences import begins_sentence

STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California",
    "CO": "Colorado", "CT": "Connecticut", "DC": "D C", "DE": "Delaware", "FL": "Florida",
    "GA": "Georgia", "HI": "Hawaii", "IA": "Iowa", "ID": "Idaho", "IL": "Illinois",
    "IN": "Indiana", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana", "MA": "Massachusetts",
    "MD": "Maryland", "ME": "Maine", "MI": "Michigan", "MN": "Minnesota", "MO": "Missouri",
    "MS": "Mississippi", "MT": "Montana", "NC": "North Carolina", "ND": "North Dakota",
    "NE": "Nebraska", "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico",
    "NV": "Nevada", "NY": "New York", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon",
    "PA": "Pennsylvania", "PR": "Puerto Rico", "RI": "Rhode Island", "SC": "South Carolina",
    "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VA": "Virginia",
    "VT": "Vermont", "WA": "Washington", "WI": "Wisconsin", "WV": "West Virginia",
    "WY": "Wyoming",
}  # fmt: skip
# As newspapers write them, with a period: Fresno, Calif.
_SHORT_STATES = {
    "ala": "Alabama", "ariz": "Arizona", "ark": "Arkansas", "calif": "California",
    "colo": "Colorado", "conn": "Connecticut", "del": "Delaware", "fla": "Florida",
    "ga": "Georgia", "ill": "Illinois", "ind": "Indiana", "kan": "Kansas", "kans": "Kansas",
    "ky": "Kentucky", "la": "Louisiana", "mass": "Massachusetts", "md": "Maryland",
    "mich": "Michigan", "minn": "Minnesota", "miss": "Mississippi", "mo": "Missouri",
    "mont": "Montana", "neb": "Nebraska", "nebr": "Nebraska", "nev": "Nevada",
    "n.c": "North Carolina", "n.d": "North Dakota", "n.h": "New Hampshire", "n.j": "New Jersey",
    "n.m": "New Mexico", "n.y": "New York", "okla": "Oklahoma", "ore": "Oregon",
    "pa": "Pennsylvania", "r.i": "Rhode Island", "s.c": "South Carolina", "s.d": "South Dakota",
    "tenn": "Tennessee", "tex": "Texas", "va": "Virginia", "vt": "Vermont",
    "w.va": "West Virginia", "wash": "Washington", "wis": "Wisconsin", "wyo": "Wyoming",
}  # fmt: skip
# Codes that are also words, or stand for other things, and the last words of towns there. After
# other words "OK" is a state only inside a sentence and before a mark: a motel in Ada, OK.
_ALSO_WORDS = {"AL", "HI", "ID", "IN", "LA", "ME", "OH", "OK", "OR", "PR"}
_OFTEN_WORDS = {"HI", "ID", "LA", "OK", "PR"}
_TOWNS = {
    "HI": {"Hilo", "Honolulu", "Kahului", "Kailua", "Kona", "Lahaina", "Lihue"},
    "IN": {"Bend", "Bloomington", "Carmel", "Evansville", "Gary", "Indianapolis", "Wayne"},
    "OR": {"Ashland", "Beaverton", "Bend", "Eugene", "Gresham", "Hillsboro", "Portland", "Salem"},
    "ID": {"Boise", "d'Alene", "Falls", "Meridian", "Moscow", "Nampa", "Pocatello"},
    "LA": {"Charles", "Lafayette", "Metairie", "Monroe", "Orleans", "Rouge", "Shreveport"},
    "OK": {"City", "Edmond", "Enid", "Lawton", "Norman", "Stillwater", "Tulsa"},
    "PR": {"Bayamón", "Caguas", "Carolina", "Juan", "Ponce"},
}  # fmt: skip
# Codes that stand for other things before a name: in Redmond, MS Office.
_ALSO_ACRONYMS = {
    "AR", "CO", "CT", "DE", "MA", "MD", "MI", "MS", "MT", "NC", "ND", "PA", "SC", "SD", "VA",
}  # fmt: skip
# Before these a code goes on as a place: from Salem, OR to Boise.
_AFTER_PLACES = {"and", "area", "has", "is", "on", "to", "was", "where", "with"}
# After the name of a person these are degrees: Jane Roe, MD.
_DEGREES = {"MA", "MD", "MS", "PA"}
STREETS = {
    "st": "street", "dr": "drive", "ln": "lane", "ct": "court", "pl": "place", "ave": "avenue",
    "rd": "road", "blvd": "boulevard", "pkwy": "parkway", "ter": "terrace", "cir": "circle",
    "sq": "square", "expy": "expressway", "fwy": "freeway", "hwy": "highway", "trl": "trail",
    "tpke": "turnpike", "plz": "plaza", "cres": "crescent", "hts": "heights", "aly": "alley",
}  # fmt: skip
# What follows the street in an address.
_UNITS_OF_HOUSES = {"apartment", "apt", "bldg", "fl", "floor", "rm", "room", "ste", "suite", "unit"}
# After a road and its number, a letter is a direction: Route 66 W.
ROADS = {"rt", "rte", "route", "hwy", "highway", "interstate", "i", "u.s"}
BEARINGS = {
    "N": "north", "E": "east", "S": "south", "W": "west", "NE": "northeast", "NW": "northwest",
    "SE": "southeast", "SW": "southwest",
}  # fmt: skip
# Before a street these are no part of its name, nor a name before "Dr".
_GREETINGS = {
    "Dear",
    "Good",
    "Hello",
    "Hey",
    "Hi",
    "Ok",
    "Okay",
    "Sorry",
    "Thanks",
    "Thank",
    "Well",
}
_MAX_STREET_WORDS = 4
_ORDINAL = re.compile(r"\d{1,3}(?:st|nd|rd|th)")
_HOUSE = re.compile(r"\d{1,5}")
_ZIP = re.compile(r"(\d{5})(?:-(\d{4}))?")


def find_streets(words: Sequence[str]) -> dict[int, list[str]]:
    """What the rules for a word and its neighbours cannot see: the parts of 708 N Elm Park Blvd.

    The result has the spoken words of house numbers, directions and kinds of streets by the
    indices of `words`.
    """
    found: dict[int, list[str]] = {}
    for index, word in enumerate(words):
        kind = STREETS.get(word.rstrip(FINAL).lower())
        if kind and index:
            found.update(_street(words, index, kind))
    return found


def _street(words: Sequence[str], index: int, kind: str) -> dict[int, list[str]]:
    """The parts of the street that ends at `index`; empty if no number stands before its name."""
    first = index
    while first and index - first < _MAX_STREET_WORDS and _is_street_name(words[first - 1]):
        first -= 1
    has_house = 0 < first < index and _HOUSE.fullmatch(words[first - 1])
    if not has_house and not _ORDINAL.fullmatch(words[index - 1]):
        return {}
    ends_clause = words[index][-1] in ",;:!?"
    following = "" if ends_clause or index + 1 == len(words) else words[index + 1].rstrip(FINAL)
    if following[:1].isupper() and words[index].rstrip(FINAL).lower() in ("st", "dr"):
        is_address = following in BEARINGS or following.lower() in _UNITS_OF_HOUSES
        if not is_address and not begins_sentence(following):
            return {}
    found = {index: kind.split()}
    direction = BEARINGS.get(words[first].rstrip("."))
    if direction and first + 1 < index:
        found[first] = [direction]
    if following in BEARINGS:
        found[index + 1] = [BEARINGS[following]]
    is_year = first > 1 and words[first - 2].lower() in ("by", "in", "since", "until")
    if has_house and not is_year:
        found.update({first - 1: spoken} if (spoken := _house(words[first - 1])) else {})
    return found


def _is_street_name(word: str) -> bool:
    """Whether a word may be part of a street's name: Elm, N, W., 42nd."""
    is_name = word[:1].isupper() and (word[-1:].isalpha() or word.removesuffix(".") in BEARINGS)
    return is_name or _ORDINAL.fullmatch(word) is not None


def _house(number: str) -> list[str]:
    """The number of a house as two pairs: 2788, 708. A shorter one is a plain number."""
    if len(number) > 3 or (len(number) == 3 and number[1] == "0" != number[2]):
        return numerals.two_by_two(number)
    return []


def street_rule(word: WordContext) -> list[str]:
    """A street: "123 Elm Dr.", "Oak Rd", and "St." unless a name follows ("Main St. again")."""
    if word.key not in STREETS:
        return []
    is_name = word.previous[:1].isupper() or _ORDINAL.fullmatch(word.previous)
    # Without the number of a house, "Elm Dr." could be a person: "Elm, Dr. Smith".
    has_address = word.before_previous[:1].isdecimal() and is_name
    is_written = word.core.istitle() and word.previous[-1:].isalpha()
    if (has_address and is_written) or _is_bare_street(word):
        return [STREETS[word.key]]
    capital = word.punctuation == "." and word.following[:1].isupper()
    is_saint = capital and not begins_sentence(word.following)
    is_saint = is_saint and word.following.rstrip(FINAL) not in BEARINGS
    return ["street"] if word.key == "st" and word.dotted and not is_saint else []


def _is_bare_street(word: WordContext) -> bool:
    """Whether a short form without the number of a house is a street's: Sunset Blvd, Elm Ct."""
    name = word.previous
    is_name = name[:1].isupper() and name.isalpha() and len(name) > 1
    may_be_dotted = word.key not in ("dr", "st")
    if (word.dotted and not may_be_dotted) or not word.core.istitle() or not is_name:
        return False
    if begins_sentence(name) or name in _GREETINGS:
        return False
    # St Louis, Dr Who; "Main St NW" has a direction.
    goes_on = word.punctuation in ("", ".") and word.following[:1].isupper()
    if word.dotted and begins_sentence(word.following):
        return True
    return not goes_on or word.following.rstrip(FINAL) in BEARINGS


def bearing_rule(word: WordContext) -> list[str]:
    """The direction of a road: Rt. 66 W, I-95 N. Without this rule "66 W" would be watts."""
    if word.core not in BEARINGS:
        return []
    label = word.before_previous.rstrip(FINAL).lower()
    on_road = numerals.is_number(word.previous) and (label in ROADS or word.previous[:1].isalpha())
    # Main St NW, but not Dr. E. Smith.
    kind = word.previous.removesuffix(".").lower()
    on_street = word.previous.istitle() and kind in STREETS and kind != "dr"
    on_street = on_street and word.before_previous[:1].isupper()
    return [BEARINGS[word.core]] if on_road or on_street else []


def state_rule(word: WordContext) -> list[str]:
    """A state after its town: Salem, OR; Fresno, Calif.; Boise ID 83702."""
    if is_short_state(word):
        return _SHORT_STATES[word.key].split()
    town = word.previous.rstrip(",")
    is_state = word.core in STATES and word.core != "DC"
    if not is_state or not town[:1].isupper() or town.isupper():
        return []
    has_comma = word.previous.endswith(",")
    has_zip = _ZIP.fullmatch(word.following.rstrip(FINAL)) and word.punctuation in ("", ",")
    is_place = has_comma and not word.all_caps and _is_code(word, town)
    return STATES[word.core].split() if has_zip or is_place else []


def is_short_state(word: WordContext) -> bool:
    """Whether a word is the short form of a state with its period, after a town."""
    town = word.previous.removesuffix(",")
    is_town = town != word.previous and town[:1].isupper() and town not in _GREETINGS
    is_written = word.dotted and word.core not in STATES and word.key in _SHORT_STATES
    # Miss. Jones.
    is_title = word.key == "miss" and word.punctuation == "." and word.following[:1].isupper()
    is_title = is_title and not begins_sentence(word.following)
    is_state = is_written and is_town and word.core[0].isupper() and not is_title
    return is_state and not begins_sentence(town)


def _is_code(word: WordContext, town: str) -> bool:
    """Whether capitals after a town and a comma are a state's, not a word or a degree."""
    if begins_sentence(town) or town in _GREETINGS or town.endswith("ly"):
        return False
    begins = not word.before_previous or word.before_previous[-1] in ".!?"
    is_end = word.punctuation[:1] in (".", ",", ";", ":") or not word.following
    is_end = is_end or word.following in _AFTER_PLACES
    # "Similarly, MS Windows" and "Today, PA systems" have no town.
    goes_on = word.following[:1].islower() and not begins
    if word.core in _ALSO_ACRONYMS and not is_end and not goes_on:
        return False
    if word.core in _DEGREES:
        return not (is_given_name(town) or is_given_name(word.before_previous))
    if word.core not in _ALSO_WORDS or town in _TOWNS.get(word.core, ()):
        return True
    if not is_end or is_given_name(town):
        return False
    return word.core not in _OFTEN_WORDS or not (begins or word.core in ("LA", "PR"))


def zip_rule(word: WordContext) -> list[str]:
    """The postal code after a state that is no code: Washington, D.C. 20500; Calif. 94040."""
    code = _ZIP.fullmatch(word.core)
    state = word.previous.rstrip(",").removesuffix(".").lower()
    is_short = word.previous.rstrip(",").endswith(".") and (
        state == "d.c" or state in _SHORT_STATES
    )
    is_full = word.before_previous.endswith(",") and state in _LAST_WORDS
    if not code or not (is_short or is_full):
        return []
    return numbers.one_by_one(code[1] + (code[2] or ""))


_LAST_WORDS = {name.split()[-1].lower() for name in STATES.values()}

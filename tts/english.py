"""English spelled out for a voice: numbers, money, times, years, abbreviations, acronyms.

`RULES` is read from top to bottom: the first pattern that matches a whole word decides. What no
rule matches is taken apart into letters and figures.
"""

import re
from collections.abc import Callable, Sequence
from re import Match

from tts import numbers
from tts.runs import runs

FINAL = ".,;:!?…"

TITLES = {
    "dr": "doctor", "mr": "mister", "mrs": "missus", "ms": "miz", "prof": "professor",
    "gen": "general", "col": "colonel", "capt": "captain", "lt": "lieutenant", "sgt": "sergeant",
    "rev": "reverend", "gov": "governor", "sen": "senator", "rep": "representative",
    "hon": "honorable", "mt": "mount", "ft": "fort", "st": "saint",
}  # fmt: skip
MONTHS = {
    "jan": "january", "feb": "february", "mar": "march", "apr": "april", "jun": "june",
    "jul": "july", "aug": "august", "sep": "september", "sept": "september", "oct": "october",
    "nov": "november", "dec": "december",
}  # fmt: skip
ABBREVIATIONS = {
    **TITLES, **MONTHS,
    "vs": "versus", "etc": "et cetera", "approx": "approximately", "dept": "department",
    "est": "established", "inc": "incorporated", "ltd": "limited", "co": "company",
    "corp": "corporation", "jr": "junior", "sr": "senior", "ave": "avenue", "blvd": "boulevard",
    "rd": "road", "fig": "figure", "vol": "volume", "govt": "government", "misc": "miscellaneous",
    "e.g": "for example", "i.e": "that is",
}  # fmt: skip
UNITS = {
    "lb": "pound", "lbs": "pounds", "oz": "ounce", "kg": "kilogram", "g": "gram",
    "mg": "milligram", "km": "kilometer", "m": "meter", "cm": "centimeter", "mm": "millimeter",
    "mi": "mile", "ft": "foot", "in": "inch", "yd": "yard", "hr": "hour", "hrs": "hours",
    "h": "hour", "min": "minute", "mins": "minutes", "sec": "second", "secs": "seconds",
    "s": "second", "ms": "millisecond", "l": "liter", "ml": "milliliter", "gb": "gigabyte",
    "mb": "megabyte", "kb": "kilobyte", "tb": "terabyte", "hz": "hertz", "khz": "kilohertz",
    "mhz": "megahertz", "ghz": "gigahertz", "kw": "kilowatt", "kwh": "kilowatt hour",
    "w": "watt", "v": "volt", "mph": "miles per hour", "kmh": "kilometers per hour",
    "km/h": "kilometers per hour", "m/s": "meters per second", "fps": "frames per second",
    "°c": "degrees celsius", "°f": "degrees fahrenheit", "°": "degree", "px": "pixel",
}  # fmt: skip
# Units that are words or letters of their own too: read as units only when joined to the number.
JOINED_ONLY = {"in", "m", "s", "h", "g", "l", "v", "w"}
UNCOUNTED = ("per hour", "per second", "celsius", "fahrenheit", "hertz")
IRREGULAR = {"foot": "feet", "inch": "inches"}
CURRENCIES = {
    "$": ("dollar", "cent"), "£": ("pound", "penny"), "€": ("euro", "cent"), "¥": ("yen", "sen"),
}  # fmt: skip
PLURALS = {"penny": "pence", "yen": "yen", "sen": "sen"}
SCALES = {"k": "thousand", "m": "million", "b": "billion", "bn": "billion", "t": "trillion"}
SCALE_WORDS = {"hundred", "thousand", "million", "billion", "trillion"}
SYMBOLS = {
    "&": "and", "+": "plus", "=": "equals", "@": "at", "%": "percent", "#": "number",
    "°": "degrees", "×": "times", "÷": "divided by", "<": "less than", ">": "greater than",
    "½": "one half", "¼": "one quarter", "¾": "three quarters", "²": "squared", "³": "cubed",
    "$": "dollars", "£": "pounds", "€": "euros", "¥": "yen", "§": "section", "©": "copyright",
}  # fmt: skip
# Acronyms that are said as words; other short ones in capitals are said letter by letter.
SPOKEN_ACRONYMS = {
    "NASA", "NATO", "UNESCO", "UNICEF", "OPEC", "AIDS", "LASER", "RADAR", "SCUBA", "NAFTA",
    "FIFA", "NIMBY", "YOLO", "SWAT", "POTUS", "SCOTUS", "FEMA", "GIF", "JPEG", "RAM", "ROM",
    "PIN", "SIM", "LAN", "WAN", "COVID", "ASAP", "TED",
}  # fmt: skip
# Two- and three-letter words that people write in capitals for emphasis.
SHORT_WORDS = {
    "A", "I", "AM", "AN", "AND", "ANY", "ARE", "AS", "AT", "ALL", "BE", "BUT", "BY", "CAN",
    "DAY", "DID", "DO", "END", "FAR", "FEW", "FOR", "GET", "GO", "GOT", "HAD", "HAS", "HE",
    "HER", "HIM", "HIS", "HOW", "IF", "IN", "IS", "IT", "ITS", "LET", "ME", "MY", "NEW", "NO",
    "NOT", "NOW", "OF", "OFF", "OH", "OK", "OLD", "ON", "ONE", "OR", "OUR", "OUT", "OWN", "PUT",
    "RUN", "SAY", "SEE", "SHE", "SO", "THE", "TO", "TOO", "TRY", "TWO", "UP", "US", "USE", "WAS",
    "WAY", "WE", "WHO", "WHY", "WIN", "YES", "YET", "YOU", "HOT", "BIG", "BAD", "BUY", "TOP",
    "FUN", "MAN", "BOY",
}  # fmt: skip
NUMBER = r"(?P<whole>\d{1,3}(?:,\d{3})+|\d+)?(?:(?<=\d)|(?=\.\d))(?:\.(?P<fraction>\d+))?"


def spell(words: Sequence[str]) -> list[list[str]]:
    """What is said for each written word, quotes and brackets removed beforehand."""
    lettered = [word for word in words if any(map(str.isalpha, word))]
    shouting = len(lettered) > 2 and sum(map(_is_shouted, lettered)) > 0.6 * len(lettered)
    spoken: list[list[str]] = []
    pending = ""
    for index, word in enumerate(words):
        before = words[index - 1] if index else ""
        after = words[index + 1] if index + 1 < len(words) else ""
        said, owed = _word(word, before, after, shouting)
        if pending:  # "$5 million": the money's name is said after the scale
            said, pending = said + pending.split(), ""
        pending = owed
        spoken.append(said)
    return spoken


def keeps_its_period(word: str, following: str) -> bool:
    """Whether a word's final period belongs to an abbreviation rather than to a sentence's end.

    Titles and initials (U.S.) never end a sentence; other abbreviations do before a capital
    letter. `following` is the first character after the word.
    """
    if not word.endswith("."):
        return False
    bare = word[:-1].lower()
    if bare in TITLES or (len(word) == 2 and word[0].isupper() and word[0] != "I"):
        return True
    if INITIALS.fullmatch(word) and word.isupper():
        return True
    known = bare in ABBREVIATIONS or bare in UNITS or INITIALS.fullmatch(word)
    return bool(known) and not (following.isupper() and bare not in MONTHS)


def _word(word: str, before: str, after: str, shouting: bool) -> tuple[list[str], str]:
    """What is said for one word, and what is still to be said after the next one."""
    money = MONEY.fullmatch(word.rstrip(FINAL))
    if money and not money["scale"] and after.rstrip(FINAL).lower() in SCALE_WORDS:
        return _quantity(money), _plural(CURRENCIES[money["sign"]][0])
    bare = word.rstrip(FINAL)
    if bare.lower() in UNITS and bare.lower() not in JOINED_ONLY and _is_number(before):
        return _unit(bare, singular=before == "1"), ""
    if bare == "A" and (not before or before[-1] in FINAL):
        return ["a"], ""  # the article; elsewhere a lone capital A is the letter
    if bare in ("St", "st") and word.endswith(".") and not after[:1].isupper():
        return ["street"], ""
    if word.endswith(".") and bare.lower() in ABBREVIATIONS:
        return ABBREVIATIONS[bare.lower()].split(), ""
    for pattern, say in RULES:
        match = pattern.fullmatch(bare)
        if match:
            return say(match), ""
    return _plain(bare, shouting), ""


def _plain(word: str, shouting: bool = False) -> list[str]:
    """A word that no rule knows: runs of letters and of figures, known symbols by name."""
    spoken: list[str] = []
    for run in runs(word):
        if run[0].isdecimal():
            spoken += numbers.cardinal(run)
        elif run in SYMBOLS:
            spoken += SYMBOLS[run].split()
        elif run[0].isalpha():
            spoken += _letters(run, shouting)
    return spoken


def _letters(run: str, shouting: bool) -> list[str]:
    """A word of letters: as it is, in lower case when shouted, or letter by letter."""
    stem, suffix = run, ""
    possessive = re.fullmatch(r"([A-Z]{2,})('?s)", run)
    if possessive:
        stem, suffix = possessive[1], possessive[2]
    if len(stem) < 2 or not stem.isupper() or "'" in stem:
        return [run.strip("'")] if not stem.isupper() or len(stem) < 2 else [run.capitalize()]
    if stem in SPOKEN_ACRONYMS:
        return [stem.capitalize() + suffix]
    if stem in SHORT_WORDS or shouting or (len(stem) > 3 and set(stem) & set("AEIOUY")):
        return [stem.lower() + suffix]
    letters = list(stem)
    if suffix:
        letters[-1] += "'s"
    return letters


def _quantity(match: Match[str]) -> list[str]:
    """The number of a match with the groups `whole` and `fraction`."""
    whole = (match["whole"] or "0").replace(",", "")
    if match["fraction"]:
        return numbers.decimal(whole, match["fraction"])
    return numbers.cardinal(whole)


def _money(match: Match[str]) -> list[str]:
    unit, small = CURRENCIES[match["sign"]]
    minus = ["minus"] if match["minus"] else []
    if match["scale"]:
        return [*minus, *_quantity(match), SCALES[match["scale"].lower()], _plural(unit)]
    fraction = match["fraction"] or ""
    if len(fraction) not in (0, 2):
        return [*minus, *_quantity(match), _plural(unit)]
    whole, cents = (match["whole"] or "0").replace(",", ""), int(fraction or 0)
    spoken = [*numbers.cardinal(whole), unit if whole == "1" else _plural(unit)]
    if cents:
        part = [*numbers.cardinal(str(cents)), small if cents == 1 else _plural(small)]
        spoken = [*spoken, "and", *part] if whole != "0" else part
    return [*minus, *spoken]


def _plural(unit: str) -> str:
    return PLURALS.get(unit, unit + "s")


def _unit(unit: str, singular: bool) -> list[str]:
    name = UNITS[unit.lower()]
    if singular or name.endswith("s") or any(part in name for part in UNCOUNTED):
        return name.split()
    return IRREGULAR.get(name, name + "s").split()


def _measure(match: Match[str]) -> list[str]:
    singular = match["whole"] == "1" and not match["fraction"]
    return [*_quantity(match), *_unit(match["unit"], singular)]


def _time(match: Match[str]) -> list[str]:
    hours, minutes = match["hours"], match["minutes"]
    spoken = numbers.cardinal(str(int(hours)))
    if minutes != "00":
        spoken += numbers.one_by_one(minutes) if minutes[0] == "0" else numbers.cardinal(minutes)
    elif not match["half"] and not match["seconds"]:
        spoken += ["hundred"] if len(hours) == 2 and int(hours) > 12 else ["o'clock"]
    if match["seconds"]:
        spoken += ["and", *numbers.cardinal(str(int(match["seconds"]))), "seconds"]
    return spoken + [letter.upper() for letter in (match["half"] or "") if letter.isalpha()]


def _decade(match: Match[str]) -> list[str]:
    words = numbers.year(match[1] + "0") if len(match[1]) == 3 else numbers.cardinal(match[1] + "0")
    last = words[-1]
    return [*words[:-1], last[:-1] + "ies" if last.endswith("y") else last + "s"]


def _phone(match: Match[str]) -> list[str]:
    spoken: list[str] = ["plus"] if match[0].startswith("+") else []
    for group in re.findall(r"\d+", match[0]):
        if re.fullmatch(r"[1-9]00", group):
            spoken += [numbers.DIGITS[int(group[0])], "hundred"]
        else:
            spoken += numbers.one_by_one(group)
    return spoken


def _address(match: Match[str]) -> list[str]:
    """A domain or an e-mail address: example.com -> example dot com."""
    names = {".": "dot", "@": "at", "/": "slash", "-": "dash", "_": "underscore"}
    spoken: list[str] = []
    for part in re.findall(r"[A-Za-z]+|\d+|[.@/_-]", match["address"].rstrip("/")):
        spoken += [names[part]] if part in names else _plain(part)
    return spoken


def _signed(match: Match[str]) -> list[str]:
    sign = {"-": ["minus"], "−": ["minus"], "+": ["plus"]}.get(match["minus"] or "", [])
    return sign + _quantity(match)


def _is_number(word: str) -> bool:
    return bool(re.fullmatch(NUMBER, word)) and word[:1].isdigit()


def _is_shouted(word: str) -> bool:
    letters = re.sub(r"\W", "", word)
    return len(letters) > 1 and letters.isupper() and letters.isalpha()


INITIALS = re.compile(r"(?:[A-Za-z]\.){2,}[A-Za-z]?")
MONEY = re.compile(rf"(?P<minus>[-−])?(?P<sign>[$£€¥]){NUMBER}(?P<scale>bn|[kKmMbBtT])?")
RULES: tuple[tuple[re.Pattern[str], Callable[[Match[str]], list[str]]], ...] = (
    (MONEY, _money),
    (re.compile(rf"{NUMBER}%"), lambda match: [*_quantity(match), "percent"]),
    (
        re.compile(
            r"(?P<hours>[01]?\d|2[0-3]):(?P<minutes>[0-5]\d)(?::(?P<seconds>[0-5]\d))?"
            r"(?P<half>[AaPp]\.?[Mm]\.?)?"
        ),
        _time,
    ),
    (re.compile(r"(\d+)(?:st|nd|rd|th)", re.I), lambda match: numbers.ordinal(match[1])),
    (re.compile(r"['’]?((?:1[1-9]|20)?\d)0['’]?s"), _decade),
    (re.compile(r"\+?\d{1,4}(?:[-.]\d{2,4}){2,4}"), _phone),
    (re.compile(r"1[1-9]\d\d|20\d\d"), lambda match: numbers.year(match[0])),
    (re.compile(rf"(?P<minus>[-−+])?{NUMBER}"), _signed),
    (
        re.compile(rf"{NUMBER}-?(?P<unit>{'|'.join(sorted(map(re.escape, UNITS), key=len)[::-1])})",
                   re.I),
        _measure,
    ),
    (re.compile(r"(?:[A-Za-z]\.)+[A-Za-z]?"), lambda m: list(m[0].replace(".", "").upper())),
    (
        re.compile(
            r"(?:https?://)?(?:www\.)?(?P<address>[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
            r"|[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}(?:/[\w./-]*)?)"
        ),
        _address,
    ),
)  # fmt: skip

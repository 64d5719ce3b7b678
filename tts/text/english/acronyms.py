"""English acronyms, shouted words, single letters, and the words that no rule knows."""

import re
from collections.abc import Sequence

from tts.text import numbers
from tts.text.characters import runs
from tts.text.context import FINAL, WordContext
from tts.text.english import money, numerals, symbols

# After these a single capital is a letter ("plan A"), and "4B" is a name rather than four billion.
LETTER_LABELS = {
    "an", "apartment", "appendix", "apt", "block", "building", "category", "class", "exhibit",
    "figure", "flat", "flight", "gate", "grade", "group", "hepatitis", "letter", "level", "line",
    "option", "part", "plan", "platform", "point", "room", "row", "seat", "section", "series",
    "suite", "team", "type", "unit", "vitamin", "zone",
}  # fmt: skip
# After these a capital A is a letter, unless a title has capitals before and after it.
_NAMED_BY_LETTERS = {
    "candidate", "case", "chart", "column", "company", "country", "exercise", "grades", "groups",
    "hall", "letters", "lot", "model", "options", "panel", "patient", "person", "phase", "plans",
    "player", "points", "problem", "question", "route", "sample", "schedule", "scenario", "side",
    "site", "step", "student", "subject", "table", "teams", "terminal", "types", "variant",
    "version", "vitamins",
}  # fmt: skip
# Beside these a capital A is the letter rather than the article.
BEFORE_LETTERS = {"an", "the", "straight", "double", "triple", "&", "+", "="}
AFTER_LETTERS = {"&", "+", "=", "and", "or", "to", "is"}
# Acronyms that are spoken as words; other short ones are spelled letter by letter.
_REPEATED = {"AAA": "triple A", "IEEE": "I triple E", "NAACP": "N double A C P"}
SPOKEN_ACRONYMS = {
    "NASA", "NATO", "UNESCO", "UNICEF", "OPEC", "AIDS", "LASER", "RADAR", "SCUBA", "NAFTA",
    "FIFA", "NIMBY", "YOLO", "SWAT", "POTUS", "SCOTUS", "FEMA", "GIF", "JPEG", "RAM", "ROM",
    "PIN", "SIM", "LAN", "WAN", "COVID", "ASAP", "TED", "JSON", "YAML", "SIMD", "GZIP",
}  # fmt: skip
# Short words that people write in capitals for emphasis, and that are no acronyms.
SHORT_WORDS = {
    "A", "I", "AM", "AN", "AND", "ANY", "ARE", "AS", "AT", "ALL", "BE", "BUT", "BY", "CAN",
    "DAY", "DID", "DO", "END", "FAR", "FEW", "FOR", "GET", "GO", "GOT", "HAD", "HAS", "HE",
    "HER", "HIM", "HIS", "HOW", "IF", "IN", "IS", "IT", "ITS", "LET", "ME", "MY", "NEW", "NO",
    "NOT", "NOW", "OF", "OFF", "OH", "OK", "OLD", "ON", "ONE", "OR", "OUR", "OUT", "OWN", "PUT",
    "RUN", "SAY", "SEE", "SHE", "SO", "THE", "TO", "TOO", "TRY", "TWO", "UP", "USE", "WAS",
    "WAY", "WE", "WHO", "WHY", "WIN", "YES", "YET", "YOU", "HOT", "BIG", "BAD", "BUY", "TOP",
    "FUN", "MAN", "BOY", "CAR", "HMM", "SHH", "PSST", "BRR", "PFFT", "GRR", "ZZZ", "MMM",
    "AGO", "AIR", "ART", "ASK", "ATE", "BAG", "BED", "BOX", "BUS", "BYE", "CAT", "COW", "CRY",
    "CUP", "CUT", "DAD", "DIE", "DOG", "DRY", "EAR", "EAT", "EGG", "EYE", "FAT", "FIX", "FLY",
    "FOX", "GOD", "GUN", "GUY", "HAT", "HIT", "ICE", "JOB", "JOY", "KEY", "KID", "LAW", "LAY",
    "LEG", "LIE", "LOT", "LOW", "MAD", "MOM", "NOR", "ODD", "PAY", "PIG", "RAN", "RED", "SAD",
    "SAT", "SEA", "SET", "SIR", "SIT", "SIX", "SKY", "SON", "SUN", "TEA", "TEN", "WAR", "WET",
    "WON", "AH", "AW", "HA", "HEY", "HI", "HUH", "MAY", "MID", "UGH", "WOW", "YEP",
}  # fmt: skip
# Acronyms that look like words but are spelled, even in a text that is all in capitals.
LETTERED = {
    "AI", "CIA", "DIY", "ETA", "EU", "FAQ", "IBM", "IQ", "IRA", "IRS", "NYC", "UAE", "UCLA", "UFO",
    "UK", "UN", "URL", "USA", "VIP", "YMCA", "IPO", "ATM", "CEO", "CFO", "CTO", "COO", "EPA",
    "IOS", "IOT", "API", "GUI", "UI", "UX", "OECD", "NCAA", "USB", "USC", "ESPN", "AKA", "DUI",
    "ADHD", "OCD", "LGBT", "LGBTQ", "AARP", "ACLU", "ECG", "EEG", "IVF", "UPS", "ISO", "AOL",
}  # fmt: skip
# SHORT_WORDS that are letters after or before these words: "our IT team", "AM radio".
LETTERED_AFTER = {
    "IT": {"the", "an", "our", "their", "your", "my", "in", "his", "her"}, "WHO": {"the"},
}  # fmt: skip
LETTERED_BEFORE = {
    "IT": {"department", "team", "support", "professionals", "staff", "manager", "services"},
    "AM": {"radio", "station", "band", "dial", "broadcast"},
}  # fmt: skip
# The consonants that an English word may begin and end with. Letters in capitals that break these
# patterns cannot be pronounced, and are spelled: HDMI, ADHD.
_BEGINS = re.compile(
    r"(?:[bcfgp]l|[bcdfgpt]r|[dgst]w|kn|gn|wr|ps|s[cklmnpqtw]|sc[hlr]|sp[hlr]|str|squ|sph|shr|thr"
    r"|ph[lr]?|ch[lr]?|sh|th|wh|rh|gh|kh|sl|kl|kr|qu|mc|ts|tsk|schw|schm?|[b-df-hj-np-tv-xzy])?"
    r"(?=[aeiouy])",
    re.I,
)
_ENDS = re.compile(
    r"[aeiouy](?:[bcdfghjklmnpqrtvwxz]|([b-dfgklmnprstz])\1|[lrn][b-dfgkmnpstvxz]|rl|[lrnt]?ch|tch|ck"
    r"|[rlnmdfx]?th|[rlw]?sh|ct|dge|f[ft]|gh(?:th?)?|h[lmnr]|gn|m[bfnp]|mp[th]|n[cgkx]|ngth|p[ht]|s[ckmpt]|tz|bt"
    r"|w[bklnd]|xt|[nrpl]st|rld|rtz|ltz|lfth|nct|mpt|wth)?s?$",
    re.I,
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?:\D|$))")
# Longer words in capitals are no acronyms if they have a vowel.
_MAX_ACRONYM = 5


def capitals(text: str) -> list[str]:
    """Spell a text letter by letter: a.m. -> A M."""
    return [letter.upper() for letter in text if letter.isalpha()]


def article_rule(word: WordContext) -> list[str]:
    """The article in a title or a shouted text: A NEW DAY, but not "plan A"."""
    is_letter = (
        word.previous_key in LETTER_LABELS
        or word.previous_key in BEFORE_LETTERS
        or word.following_key in AFTER_LETTERS
        or _is_listed_letter(word)
    )
    return (
        ["a"]
        if word.core == "A" and not word.punctuation and word.following and not is_letter
        else []
    )


def _is_listed_letter(word: WordContext) -> bool:
    """Whether letters follow, as in "the letters A B C", or a label comes before: Person A."""
    is_title = word.previous.istitle() and word.following.istitle()
    if word.previous.lower() in _NAMED_BY_LETTERS and not is_title and not word.all_caps:
        return True
    # "A C compiler" has the article.
    return word.following == "B" and word.after_following.rstrip(FINAL) == "C"


def capitals_rule(word: WordContext) -> list[str]:
    """Words in capitals that are letters here: our IT team, the WHO, AM radio."""
    if word.all_caps or word.core not in ("IT", "WHO", "AM"):
        return []
    is_after = word.previous_key in LETTERED_AFTER.get(word.core, set())
    is_before = word.following_key in LETTERED_BEFORE.get(word.core, set())
    return list(word.core) if is_after or is_before else []


def verbalize_unknown(word: str, shouting: bool = False) -> list[str]:
    """Speak a word that no rule knows: its letters, its numbers, its known symbols by name."""
    spoken: list[str] = []
    word = _THOUSANDS.sub("", word)
    parts = ["", "", *runs(word), ""]
    for earlier, before, run, after in zip(parts, parts[1:], parts[2:], parts[3:], strict=False):
        if before == "^" and earlier.isalnum() and run in symbols.NAMED_POWERS:
            spoken.append(symbols.NAMED_POWERS[run])
        elif run[0].isdecimal() and before == "." and (earlier.isdecimal() or not earlier):
            spoken += numbers.one_by_one(run, zero="zero")
        elif run[0].isdecimal():
            is_year = numerals.YEAR.fullmatch(run) and before.isalpha()  # Expo2020
            # KB5034441 is a code, and USD50000 a sum.
            is_code = len(run) > 4 and before.isupper() and before not in money.CURRENCY_CODES
            if is_code:
                spoken += numbers.one_by_one(run, zero="zero")
            else:
                spoken += numbers.year(run) if is_year else numbers.cardinal(run)
        elif run == "." and (before.isdecimal() or not before) and after.isdecimal():
            spoken.append("point")
        elif run in ("-", "−") and not before and after.isdecimal():
            spoken.append("minus")
        elif run == "^" and before.isalnum() and after.isalnum():
            spoken += [] if after in symbols.NAMED_POWERS else ["to", "the", "power", "of"]
        elif run in symbols.SYMBOLS:
            spoken += symbols.SYMBOLS[run].split()
        elif run[0].isalpha():
            spoken += spell_out(run, shouting)
    return spoken


def spell_out(run: str, shouting: bool) -> list[str]:
    """A run of letters as one word, in lower case if it is shouted, or else letter by letter."""
    stem, suffix = run, ""
    possessive = re.fullmatch(r"([A-Z]{2,})('?s)", run)
    if possessive:
        stem, suffix = possessive[1], possessive[2]
    if len(stem) < 2 or not stem.isupper() or "'" in stem:
        return [run.strip("'")] if not stem.isupper() or len(stem) < 2 else [run.capitalize()]
    if stem in _REPEATED:
        spoken = _REPEATED[stem].split()
        return [*spoken[:-1], spoken[-1] + ("'s" if suffix else "")]
    if stem in SPOKEN_ACRONYMS:
        return [stem.capitalize() + suffix]
    is_word = stem in SHORT_WORDS or shouting or len(stem) > 3
    if is_word and stem not in LETTERED and (stem in SHORT_WORDS or is_pronounceable(stem)):
        return [stem.lower() + suffix]
    letters = list(stem)
    if suffix:
        letters[-1] += "'s"
    return letters


def is_pronounceable(stem: str) -> bool:
    """Whether letters begin and end as English words do."""
    is_long = len(stem) > _MAX_ACRONYM and bool(re.search("[aeiouy]", stem, re.I))
    return is_long or bool(_BEGINS.match(stem) and _ENDS.search(stem))


def is_acronym(word: str) -> bool:
    """Whether a word in capitals is written so in every sentence: FBI, NASA, NFL."""
    stem = re.sub(r"\W", "", word)
    if stem in SHORT_WORDS:
        return False
    is_known = stem in LETTERED or stem in SPOKEN_ACRONYMS
    return is_known or len(stem) < 4 or not is_pronounceable(stem)


def is_shouted(word: str) -> bool:
    """Whether a word is two capital letters or more, and nothing else."""
    letters = re.sub(r"\W", "", word)
    return len(letters) > 1 and letters.isupper() and letters.isalpha()


def all_caps_words(words: Sequence[str]) -> list[bool]:
    """For each word, whether it is part of a shouted text: THIS IS A NASA TEST.

    That is a row of three or more words in capitals of which more than a third are no acronyms;
    "the FBI, CIA and NSA" is none. Numbers, "A" and "I" do not end a row.
    """
    all_caps = [False] * len(words)
    row: list[int] = []
    for index, word in enumerate([*words, "end"]):
        has_letters = any(map(str.isalpha, word))
        is_single = re.sub(r"[\W_]", "", word) in ("A", "I")
        if has_letters and not is_single and not is_shouted(word):
            capitals = [i for i in row if is_shouted(words[i])]
            plain = [i for i in capitals if not is_acronym(words[i])]
            if len(capitals) > 2 and len(plain) > len(capitals) / 3:
                for i in row:
                    all_caps[i] = True
            row = []
        else:
            row.append(index)
    return all_caps

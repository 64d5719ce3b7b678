"""English words of letters: acronyms letter by letter, shouted words, symbols, addresses."""

import re
from collections.abc import Callable
from itertools import pairwise
from re import Match

from tts.text import numbers
from tts.text.characters import runs
from tts.text.english.figures import YEAR, parts, two_by_two
from tts.text.english.tables import LETTERED, SHORT_WORDS, SPELLED_LABELS, SPOKEN_ACRONYMS, SYMBOLS

ADDRESS = re.compile(
    r"(?i:https?://)?(?i:www\.)?(?P<address>[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|(?:(?:localhost|\d{1,3}(?:\.\d{1,3}){3})(?=[:/])|[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}\d?)(?::\d{2,5})?"
    r"(?:/[\w./?=&#%~+@:-]*)?)"
)
# How English words begin and end; letters that do otherwise are spelled.
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
# Longer words in capitals are no acronyms.
_MAX_ACRONYM = 5


VERSION = re.compile(r"[vV](?P<number>\d+(?:\.\d+)+)")


def verbalize_unknown(word: str, shouting: bool = False) -> list[str]:
    """A word that no rule knows: runs of letters and of figures, known symbols by name."""
    spoken: list[str] = []
    word = _THOUSANDS.sub("", word)
    for before, run in pairwise(["", *runs(word)]):
        if run[0].isdecimal():
            dated = YEAR.fullmatch(run) and before.isalpha()
            spoken += numbers.year(run) if dated else numbers.cardinal(run)
        elif run in SYMBOLS:
            spoken += SYMBOLS[run].split()
        elif run[0].isalpha():
            spoken += spell_out(run, shouting)
    return spoken


def spell_out(run: str, shouting: bool) -> list[str]:
    """A word of letters: as it is, in lower case when shouted, or letter by letter."""
    stem, suffix = run, ""
    possessive = re.fullmatch(r"([A-Z]{2,})('?s)", run)
    if possessive:
        stem, suffix = possessive[1], possessive[2]
    if len(stem) < 2 or not stem.isupper() or "'" in stem:
        return [run.strip("'")] if not stem.isupper() or len(stem) < 2 else [run.capitalize()]
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
    """Whether letters begin and end as English words do; HDMI and ADHD do not."""
    is_long = len(stem) > _MAX_ACRONYM and bool(re.search("[aeiouy]", stem, re.I))
    return is_long or bool(_BEGINS.match(stem) and _ENDS.search(stem))


def is_acronym(word: str) -> bool:
    """Whether a word in capitals is one that is written so in any sentence: FBI, NASA, NFL."""
    stem = re.sub(r"\W", "", word)
    if stem in SHORT_WORDS:
        return False
    known = stem in LETTERED or stem in SPOKEN_ACRONYMS
    return known or len(stem) < 4 or not is_pronounceable(stem)


def address(match: Match[str]) -> list[str]:
    """A domain, an e-mail address or a file: example.com -> example dot com."""
    names = {".": "dot", "@": "at", "/": "slash", "-": "dash", "_": "underscore", "+": "plus"}
    names |= {"?": "question mark", "=": "equals", "&": "and", "#": "hash", ":": "colon"}
    spoken: list[str] = []
    written = match["address"].rstrip("/")
    known = "@" in written or match[0][:4].lower() in ("http", "www.")
    written = written.lower() if known and written.isupper() else written
    for part in re.findall(r"[A-Za-z]+|\d+|[.@/_?=&#:+-]", written):
        if part in names:
            spoken += names[part].split()
        elif part.isdecimal():
            spoken += two_by_two(part) if len(part) == 4 else numbers.cardinal(part)
        else:
            vowels = re.search("[aeiouy]", part, re.I)
            spelled = part.lower() in SPELLED_LABELS or (1 < len(part) < 5 and not vowels)
            spoken += part.upper() if spelled else verbalize_unknown(part)
    return spoken


def hashtag(match: Match[str]) -> list[str]:
    """#100DaysOfCode -> hashtag one hundred Days Of Code."""
    tag = match["tag"]
    if YEAR.fullmatch(tag):
        return ["hashtag", *numbers.year(tag)]
    camel = r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+"
    found = re.findall(camel, tag) if tag.isascii() else [tag]
    words = (
        numbers.year(part) if YEAR.fullmatch(part) else verbalize_unknown(part) for part in found
    )
    return ["hashtag", *(word for said in words for word in said)]


def _formula(match: Match[str]) -> list[str]:
    """H2SO4 -> H two S O four."""
    spoken: list[str] = []
    for part in re.findall(r"[A-Za-z]|\d+", match[0]):
        spoken += numbers.cardinal(part) if part.isdecimal() else [part.upper()]
    return spoken


def is_shouted(word: str) -> bool:
    """Whether a word is two capital letters or more, and nothing else."""
    letters = re.sub(r"\W", "", word)
    return len(letters) > 1 and letters.isupper() and letters.isalpha()


def version(match: Match[str]) -> list[str]:
    """The figures of v2.0: two point zero."""
    return [
        *" point ".join(" ".join(numbers.cardinal(n)) for n in match["number"].split(".")).split()
    ]


def _toll_free(match: Match[str]) -> list[str]:
    """1-800-FLOWERS: its figures as in a telephone number, its words as words."""
    spoken: list[str] = []
    for part in match[0].split("-"):
        if part.isdecimal():
            hundreds = part.endswith("00") and len(part) == 3
            spoken += (
                [numbers.DIGITS[int(part[0])], "hundred"]
                if hundreds
                else (numbers.one_by_one(part))
            )
        else:
            spoken.append(part.capitalize())
    return spoken


_ELEMENT = "Na|Mg|Al|Si|Cl|Ca|Fe|Cu|Zn|Ag|Au|Pb|Li|He|[HBCNOFPSKI]"


def _times(match: Match[str]) -> list[str]:
    whole, _, fraction = match["number"].partition(".")
    figure = numbers.decimal(whole, fraction) if fraction else numbers.cardinal(whole)
    return [*figure, "times"]


def _inches(figure: str) -> list[str]:
    """12" -> twelve inch, 3/8" -> three eighths inch."""
    above, _, below = figure.partition("/")
    if below:
        return [*parts(above, below), "inch"]
    whole, _, fraction = figure.partition(".")
    return [*(numbers.decimal(whole, fraction) if fraction else numbers.cardinal(whole)), "inch"]


SIGNS: tuple[tuple[re.Pattern[str], Callable[[Match[str]], list[str]]], ...] = (
    (re.compile(r"[wW]/o"), lambda match: ["without"]),
    (re.compile(r"[wW]/"), lambda match: ["with"]),
    (re.compile(r"[yY]/[oO]"), lambda match: ["years", "old"]),
    (re.compile(r"([A-F])[-−–]"), lambda match: [match[1], "minus"]),
    (re.compile(r"#(?P<tag>(?=\d*[^\W\d])\w+|(?:19|20)\d\d)"), hashtag),
    (re.compile(r"[:;=][-o]?[DPpOo3/|\\]|<3+|#+"), lambda match: []),
    (re.compile(rf"(?=.*\d)(?:(?:{_ELEMENT})\d{{0,2}}){{2,}}"), _formula),
    (re.compile(r"([A-G])#"), lambda match: [match[1], "sharp"]),
    (re.compile(r"([A-Z]{1,3})&([A-Z]{1,3})"), lambda match: [*match[1], "and", *match[2]]),
    (re.compile(r"(?P<number>\d+(?:\.\d+)?)[xX×]"), _times),
    (re.compile(r"401\(?[kK]\)?"), lambda match: ["four", "oh", "one", "K"]),
    (
        re.compile(r"(\d)['’′](\d{1,2})[\"”″]?"),
        lambda match: [*numbers.cardinal(match[1]), "foot", *numbers.cardinal(str(int(match[2])))],
    ),
    (re.compile(r"(\d+(?:\.\d+)?|\d/\d\d?)[\"″]"), lambda match: _inches(match[1])),
    (re.compile(r"AM/FM"), lambda match: list("AMFM")),
    (
        re.compile(r"(\d{1,3})['’′]"),
        lambda match: [*numbers.cardinal(match[1]), "foot" if match[1] == "1" else "feet"],
    ),
    (
        re.compile(r"(\d+)-(\d)/(\d\d?)[\"″]"),
        lambda match: [*numbers.cardinal(match[1]), "and", *parts(match[2], match[3], "a"), "inch"],
    ),
    (
        re.compile(r"(\d{1,3}):(\d{1,3})"),
        lambda match: [*numbers.cardinal(match[1]), "to", *numbers.cardinal(match[2])],
    ),
    (re.compile(r"(?:1-)?8\d\d-[A-Z]{2,}(?:-[A-Z]+)*"), _toll_free),
)
"""What signs between letters and figures are said as."""

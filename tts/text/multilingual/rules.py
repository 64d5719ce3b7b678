"""A rule: a pattern of what is written, with fields in braces, and what is said for it.

    after = '(?i:um) '
    written = '{h}:{min}'
    spoken = "{h} Uhr {min}"

`written` is a regular expression, and `after` one that must match just before it. A field stands
for a kind of writing (a number, a month, a unit) or for one of the language's lists and maps;
{name2} is a second one of its kind, and {?name} is only looked at. A match begins and ends with a
word, unless a tilde begins `written`. `spoken` says the fields in any order, in a form
({d:ordinal}) or a plural category of CLDR ({unit:many}), and words of the language's `words`
(<plus>).
"""

from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import NamedTuple

import regex

from tts.text.multilingual.languages import Language, load
from unicode_sets import SYLLABIC, UNSPACED

_FIELD = r"\{(?P<look>\??)(?P<field>[a-z_]+)(?P<copy>\d?)(?::(?P<forms>[a-z_,]+))?\}"
_IN_WRITTEN = regex.compile(_FIELD)
_IN_SPOKEN = regex.compile(rf"{_FIELD}|<(?P<word>[a-z_]+)>|(?P<space> +)|(?P<text>[^{{}}<> ]+)")
# No word and no number goes on before or after a match; words of unspaced scripts may stand there.
_IN_WORD = rf"(?![{SYLLABIC}{UNSPACED}])[\p{{L}}\p{{M}}\d]"
MATCH_START = regex.compile(rf"(?<!{_IN_WORD}|\d[-.,])")
_AFTER = rf"(?!{_IN_WORD}|[-.,:/]\d|/\p{{L}})"
# Kinds of characters, and one of each that no rule names.
_KINDS = {
    rf"[{SYLLABIC}{UNSPACED}]": "㐀", r"\p{Lu}": "Ꙭ", r"\p{Ll}": "ꙭ", r"\p{L}": "ꙮ",
    r"\p{M}": "\u0f35", r"\d": "߁", r".": "☃",
}  # fmt: skip
_NAMELESS = tuple(_KINDS.values())
_KIND = regex.compile("|".join(f"({kind})" for kind in _KINDS), regex.S)


class Part(NamedTuple):
    """A part of what is said, a field or a text; glued: in one word with the part before it."""

    field: str = ""
    forms: tuple[str, ...] = ()
    text: str = ""
    glued: bool = False

    @property
    def kind(self) -> str:
        """The field without its number: "n" of "n2"."""
        return str(self.field).rstrip("23456789")


class Rule(NamedTuple):
    """A rule that is ready to be matched.

    beginning: the pattern without what must stand before a match.
    in_words: whether a match may begin and end within a word.
    """

    pattern: regex.Pattern[str]
    beginning: regex.Pattern[str]
    spoken: tuple[Part, ...]
    in_words: bool


class Grammar:
    """The rules of a language in order, without those whose words it lacks."""

    def __init__(self, language: Language) -> None:
        self.language = language
        self.rules = tuple(_rules(language))
        named = {character for rule in self.rules for character in rule.beginning.pattern}
        self._named = {case for one in named for case in (one, one.lower(), one.upper())}
        self._that_may_match = lru_cache(maxsize=20_000)(self._filtered)

    def rules_at(self, text: str, start: int) -> tuple[Rule, ...]:
        """The rules whose match may begin here; after figures and signs the next ones count too."""
        size = 1 if text[start].isalpha() else 3
        beginning = "".join(map(self._kind, text[start : start + size]))
        return self._that_may_match(beginning, MATCH_START.match(text, start) is None)

    def _filtered(self, beginning: str, in_word: bool) -> tuple[Rule, ...]:
        shorter = self._that_may_match(beginning[:-1], in_word) if beginning[1:] else self.rules
        return tuple(
            rule
            for rule in shorter
            if rule.beginning.match(beginning, partial=True) and rule.in_words >= in_word
        )

    def _kind(self, character: str) -> str:
        """The character, or one of its kind: to the rules all that they do not name are alike."""
        # Patterns write white space as an escape, so they do not name it.
        is_known = character.isascii() or character.isspace() or character in self._named
        kind = None if is_known else _KIND.match(character)
        return _NAMELESS[(kind.lastindex or 1) - 1] if kind else character


# A language takes up to 12 MB, and clients name any region: de-AT.
@lru_cache(maxsize=16)
def grammar(tag: str) -> Grammar:
    """The rules of a language by its tag."""
    return Grammar(load(tag))


def _rules(language: Language) -> Iterator[Rule]:
    for after, written, spoken in language.rules:
        parts = parse_spoken(spoken, language)
        if parts:
            beginning = _compile(written, language)
            pattern = _compile(written, language, after) if after else beginning
            yield Rule(pattern, beginning, parts, written.startswith("~"))


def parse_spoken(spoken: str, language: Language) -> tuple[Part, ...]:
    """The parts of what a rule says; none if it names a word that the language lacks."""
    parts: list[Part] = []
    glued = False
    for match in _IN_SPOKEN.finditer(spoken):
        if match["space"]:
            glued = False
            continue
        text = match["text"] or language.words.get(match["word"] or "", "")
        if match["word"] and not text:
            return ()
        field = (match["field"] or "") + (match["copy"] or "")
        forms = tuple((match["forms"] or "").split(",")) if match["forms"] else ()
        parts.append(Part(field, forms, text, glued))
        glued = True
    return tuple(parts)


def _compile(written: str, language: Language, after: str = "") -> regex.Pattern[str]:
    def expand(field: regex.Match[str]) -> str:
        inner = _IN_WRITTEN.sub(expand, _pattern_of(field["field"], language))
        return f"(?:{inner})" if field["look"] else f"(?P<{field['field']}{field['copy']}>{inner})"

    source = _IN_WRITTEN.sub(expand, written.removeprefix("~"))
    if not written.startswith("~"):
        source = f"(?:{source}){_AFTER}"
    if after:
        source = f"(?<={_IN_WRITTEN.sub(expand, after)})(?:{source})"
    return regex.compile(source)


def _pattern_of(field: str, language: Language) -> str:
    if field in language.fields:
        return language.fields[field]
    tables: dict[str, Collection[str]] = {
        "unit": language.units,
        "currency": language.currencies,
        "month": language.months_written,
    }
    words = tables.get(field) or language.lists.get(field) or language.maps.get(field)
    # The longest first. A field of nothing matches nothing.
    ordered = sorted(words or (), key=len, reverse=True)
    texts = "|".join(regex.escape(word, literal_spaces=True) for word in ordered) or "(?!)"
    return f"(?:{texts})" if field in ("unit", "currency") else f"(?i:{texts})"

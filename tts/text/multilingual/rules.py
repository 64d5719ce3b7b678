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

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

import regex

from tts.text.multilingual.languages import Language, load
from unicode_sets import SYLLABIC, UNSPACED

_FIELD = r"\{(?P<look>\??)(?P<field>[a-z_]+)(?P<copy>\d?)(?::(?P<forms>[a-z_,]+))?\}"
_IN_WRITTEN = regex.compile(_FIELD)
_IN_SPOKEN = regex.compile(rf"{_FIELD}|<(?P<word>[a-z_]+)>|(?P<space> +)|(?P<text>[^{{}}<> ]+)")
# No word and no number goes on before or after a match; words of unspaced scripts may stand there.
_IN_WORD = rf"(?![{SYLLABIC}{UNSPACED}])[\p{{L}}\p{{M}}\d]"
_BEFORE, _AFTER = rf"(?<!{_IN_WORD}|\d[-.,])", rf"(?!{_IN_WORD}|[-.,:/]\d|/\p{{L}})"
# Kinds of characters, and one of each that no rule names.
_KINDS = {r"\p{Lu}": "Ꙭ", r"\p{Ll}": "ꙭ", r"\p{L}": "ꙮ", r"\p{M}": "\u0f35", r"\d": "߁", r".": "☃"}
_NAMELESS = tuple(_KINDS.values())
_KIND = regex.compile("|".join(f"({kind})" for kind in _KINDS), regex.S)


@dataclass(frozen=True)
class Part:
    """A part of what is said: a field in its forms, or a text.

    glued: it is one word with the part before it.
    """

    field: str = ""
    forms: tuple[str, ...] = ()
    text: str = ""
    glued: bool = False

    @property
    def kind(self) -> str:
        """The field without its number: "n" of "n2"."""
        return self.field.rstrip("23456789")


@dataclass(frozen=True)
class Rule:
    """A rule that is ready to be matched.

    beginning: the pattern without what must stand before it.
    """

    pattern: regex.Pattern[str]
    beginning: regex.Pattern[str]
    spoken: tuple[Part, ...]


@cache
def rules(tag: str) -> tuple[Rule, ...]:
    """The rules of a language by its tag, in order, without those whose words it lacks."""
    language = load(tag)
    return tuple(
        Rule(_compile(written, language, after), _compile(written, language), parts)
        for after, written, spoken in language.rules
        if (parts := parse_spoken(spoken, language))
    )


def rules_for(first: str, tag: str) -> tuple[Rule, ...]:
    """The rules whose match may begin with this character."""
    is_named = first.isascii() or first in _characters(tag)
    kind = _KIND.match(first)
    return _beginning_with(first if is_named or not kind else _NAMELESS[kind.lastindex - 1], tag)


@cache
def _beginning_with(first: str, tag: str) -> tuple[Rule, ...]:
    return tuple(rule for rule in rules(tag) if rule.beginning.match(first, partial=True))


@cache
def _characters(tag: str) -> frozenset[str]:
    """The characters that a rule names; to the rules all others are like one of their kind."""
    return frozenset(
        one
        for rule in rules(tag)
        for character in rule.beginning.pattern
        for one in (character, character.lower(), character.upper())
    )


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
        inner = _pattern_of(field["field"], language)
        return f"(?:{inner})" if field["look"] else f"(?P<{field['field']}{field['copy']}>{inner})"

    source = _IN_WRITTEN.sub(expand, written.removeprefix("~"))
    if not written.startswith("~"):
        source = f"{_BEFORE}(?:{source}){_AFTER}"
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

"""What a client should know of a script: signs and figures that are not spoken, tags that are text.

A sentence each, for `warnings` in the reply.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from functools import partial

import regex

from tts.languages import base_language, language_tag
from tts.speech import Script, Word
from tts.text import formatting, say_as, twins
from tts.text.context import FINAL
from tts.text.lexicon import Pronunciations, folded
from tts.text.scopes import attributes_of
from tts.text.script import TextRejected, read_markup
from tts.text.tags import Markup

_MAX_SHOWN = 3
_MAX_SHOWN_CHARS = 40
# A word with a sign is read once more for each of its signs, between the words around it. More
# characters than these would cost a long script as much time as reading it.
_MAX_CHECKED_CHARS = 10_000
_NEIGHBOURS = 4
# Signs of mathematics and currencies, arrows, and those of ASCII and Latin-1 that mean a word. Not
# ~ ^ |, which draw and format; nor ™ ®, which nobody reads aloud.
_SIGN = regex.compile(r"(?![~^|−])[\p{Sc}\p{Sm}\u2190-\u21ff%‰‱&@§№°²³♭♮]")
# A hyphen that makes a number negative.
_MINUS = re.compile(r"(?<![\w)\]\"'%.-])[-−](?=[.,]?\d)")
# In a word they are brackets; they are signs where they stand alone or before a figure.
_BRACKETS = re.compile(r"(?<!\w)<(?!=?\d(?![^<>]{0,20}>))|(?<![-=])>(?!\w)")
# The word after a sum that names its currency: a $2.5 million-dollar yacht.
_NAMED_CURRENCY = re.compile(r"[a-z]{4,8}-(?:dollar|euro|pound)", re.IGNORECASE)
_ARROWS = ("→", "->", "=>", "-->", "==>")
_DRAWN = re.compile(r"([+=<>])\1{2,}|→{2,}")
# What looks like a tag of a speech engine: [laughs], {happy}, <sigh>. A name in angle brackets with
# a capital is a key or a name of the text's.
_TAG_LIKE = re.compile(
    r"\[\s*([^\W\d_][\w '-]{1,30}):?\](?!\()|\{\s*([^\W\d_][\w '-]{1,30})\}|<([a-z][a-z_-]{1,30})>"
)
# SSML's tags that ask for another sound in vain.
_SSML = {"audio", "emphasis", "lexicon", "media", "phoneme"}
_VENDORS = ("amazon:", "google:", "ibm:", "mstts:")
_MAX_SSML = 8


def script_warnings(
    markup: Markup,
    script: Script,
    language: str,
    normalize: bool,
    pronunciations: Pronunciations | None = None,
    for_all_jobs: Pronunciations | None = None,
) -> list[str]:
    """The warnings about a script. All parameters but `script` are those that it was read with."""
    warnings = [*_warn_tags(markup.text), *_warn_unopened(markup.unopened)]
    warnings += _warn_ssml(markup, language)
    if normalize:
        languages = [other or language for other in script.word_languages()]
        warnings += _warn_figures(script, languages)
        lexicons = folded(pronunciations or {}), folded(for_all_jobs or {})
        warnings += _warn_signs(markup.text, script.words, languages, partial(_spoken, *lexicons))
    return warnings


def warn_voices(names: Sequence[str]) -> list[str]:
    """That the store lacks voices of these names, which SSML asks for."""
    if not names:
        return []
    return [
        f"SSML's <voice> names voices that the store lacks ({listed(names)}): the voice stays the "
        "same there; upload one of that name, or write [voice:name]"
    ]


def _warn_figures(script: Script, languages: Sequence[str]) -> list[str]:
    """Numbers that reach the engine as figures: how it reads them is not defined.

    languages: the language of each word.
    """
    words = {token.word for token in script.tokens if any(map(str.isdecimal, token.spoken))}
    return [
        f"numbers stay figures in language {language!r} ({shown}); write them as words, or "
        "give them pronunciations"
        for language in dict.fromkeys(languages[word] for word in sorted(words))
        for shown in [
            listed(_bare(script.words[at]) for at in sorted(words) if languages[at] == language)
        ]
    ]


def _warn_tags(text: str) -> list[str]:
    """What looks like a tag and is spoken."""
    found = [match[0] for match in _TAG_LIKE.finditer(formatting.blank_unspoken(text))]
    if not found:
        return []
    return [
        f"{listed(found)}: the worker has no such tag and speaks it as words; its tags are "
        "[pause:0.8s], [voice:name], [mark:name], [rate:0.85]...[/rate], [lang:de]...[/lang] and "
        "tags of SSML"
    ]


def _warn_unopened(tags: Sequence[str]) -> list[str]:
    """Tags that end a passage which nothing began."""
    if not tags:
        return []
    return [f"{listed(tags)}: no tag before it begins a passage, so it has no effect"]


def _warn_ssml(markup: Markup, language: str) -> list[str]:
    """SSML that is left out: the voice speaks as if it were not there."""
    text = markup.text
    found = dict.fromkeys(markup.ignored)
    warnings: list[str] = []
    is_document = formatting.is_ssml(text)
    for match in formatting.find_tags(text):
        name = match["name"].lower()
        if match["close"]:
            continue
        attributes = attributes_of(match["attributes"])
        if name == "say-as":
            # One that is read in its own way has left the text, unless it has tags in it.
            if say_as.how(attributes) != "":
                kind = attributes.get("interpret-as", "")[:_MAX_SHOWN_CHARS]
                found[f'<say-as interpret-as="{kind}">'] = None
        elif name in _SSML or name.startswith(_VENDORS) or (is_document and ":" in name):
            found[f"<{name}>"] = None
        other = language_tag(attributes.get("xml:lang", "")) if name == "speak" else None
        if other and base_language(other) != base_language(language):
            warnings.append(
                f"<speak> names language {other!r}, and the request's `language` is {language!r}, "
                f'which counts; send `language`: "{other}", or write [lang:{other}]'
            )
    if not found:
        return warnings
    remedy = (
        "; give the sound of a word in `pronunciations`, or as <sub alias>"
        if "<phoneme>" in found
        else ""
    )
    return [
        f"{listed(found, _MAX_SSML)}: these tags of SSML have no effect; the text is "
        f"spoken{remedy}",
        *warnings[:1],
    ]


def _warn_signs(
    text: str,
    words: Sequence[Word],
    languages: Sequence[str],
    read_in: Callable[[str, str], str],
) -> list[str]:
    """Signs without which the text is spoken just as it is with them.

    languages: the language of each word.
    read_in: gives what is spoken for a text of a language.
    """
    folded = twins.fold_twins(formatting.blank_markup(text))
    plain = [folded[word.char_start : word.char_end] for word in words]
    unspoken: dict[str, str] = {}
    known: set[tuple[str, str]] = set()
    chars = 0
    for index, written in enumerate(plain):
        signs = _signs(written)
        without = [written.replace(sign, " ") for sign in signs]
        minus = _MINUS.search(written)
        if minus:
            signs.append(minus[0])
            without.append(f"{written[: minus.start()]} {written[minus.end() :]}")
        if not signs or (written, languages[index]) in known or _leads_on(plain, index):
            continue
        before = " ".join(plain[max(0, index - _NEIGHBOURS) : index])
        after = " ".join(plain[index + 1 : index + 1 + _NEIGHBOURS])
        cost = (len(before) + len(written) + len(after)) * (1 + len(signs))
        if chars + cost > _MAX_CHECKED_CHARS:
            continue
        chars += cost
        # A sign between spaces is what its neighbours make of it; in a word it is checked once.
        if any(map(str.isalnum, written)):
            known.add((written, languages[index]))
        read = partial(read_in, languages[index])
        spoken = read(f"{before} {written} {after}")
        for sign, rest in zip(signs, without, strict=True):
            if read(f"{before} {rest} {after}") == spoken:
                unspoken.setdefault(sign, _bare(words[index]))
    if not unspoken:
        return []
    return [
        f"the voice does not say {listed(unspoken)} (in {listed(unspoken.values())}); write "
        "words instead, or use pronunciations"
    ]


def _signs(word: str) -> list[str]:
    """The signs of a word that have a meaning, each once."""
    if _DRAWN.fullmatch(word):
        return []
    return sorted(set(_SIGN.findall(word if len(word) == 1 else _BRACKETS.sub("", word))))


def _leads_on(words: Sequence[str], index: int) -> bool:
    """Whether a word is a sign that leads on, or has one that the next word says: those are silent.

    It is an arrow that joins no two words ("Read more →"), or leads through a menu ("File > Save",
    "home > settings > about").
    """
    around = ["", "", *words[max(0, index - 2) : index + 3], "", ""]
    middle = 2 + min(index, 2)
    before_previous, previous, sign, following, after_following = around[middle - 2 : middle + 3]
    if _NAMED_CURRENCY.match(following) or (sign in ("←", "↑", "↓") and not previous):
        return True
    is_joint = previous[-1:] not in tuple(FINAL) and any(map(str.isalnum, following))
    if sign in (*_ARROWS, ">") and not (previous and is_joint):
        return True
    return sign == ">" and (following[:1].isupper() or ">" in (before_previous, after_following))


def _spoken(
    pronunciations: Pronunciations,
    for_all_jobs: Pronunciations,
    language: str,
    text: str,
) -> str:
    """The spoken words of a text, without the spaces that a sign may leave between them."""
    try:
        script = read_markup(Markup(text, text), language, True, pronunciations, for_all_jobs)
    except TextRejected:
        return ""
    return "".join(token.spoken for token in script.tokens)


def _bare(word: Word) -> str:
    """A written word without the punctuation after it, unless it is nothing else."""
    # A semicolon may end an entity of HTML.
    return word.text.rstrip(FINAL.replace(";", "")) or word.text


def listed(found: Iterable[str], at_most: int = _MAX_SHOWN) -> str:
    """The first of these, each once, and how many more there are."""
    unique = list(dict.fromkeys(found))
    shown = ", ".join(word[:_MAX_SHOWN_CHARS] for word in unique[:at_most])
    more = len(unique) - at_most
    return f"{shown} and {more} more" if more > 0 else shown

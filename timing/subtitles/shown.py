"""What captions show for each word, by the client's choice: markup, emoji, other words."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import ClassVar

import regex

from errors import WorkerError
from timing.words import TimedWord
from unicode_sets import CLAUSE_MARKS, CLOSING, OPENING, SENTENCE_MARKS, UNSPACED

MARKUPS = ("strip", "keep")
EMOJIS = ("keep", "strip")
MAX_SHOWN = 1_000_000
"""Most characters that all captions may show. A text has 200 000, and `show` may lengthen it."""

# Some signs of prose (©, ™, ‼, ↔) are pictographs too; only U+FE0F makes emoji of them.
_EMOJI = regex.compile(
    r"(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|[0-9#*]\ufe0f?\u20e3"
    r"|(?![©®™‼⁉〰〽㊗㊙\p{Sm}])\p{Extended_Pictographic})"
    r"[\ufe0f\u20e3\U0001f3fb-\U0001f3ff\U000e0020-\U000e007f]*+"
    r"(?:\u200d\p{Extended_Pictographic}[\ufe0f\U0001f3fb-\U0001f3ff]*+)*+"
)
_UNSPACED = regex.compile(f"[{UNSPACED}]")
_OUTER = OPENING + CLOSING + CLAUSE_MARKS
_EMPHASIS = str.maketrans("", "", "*_~`|")
_APOSTROPHES = str.maketrans(dict.fromkeys("’ʼ＇", "'"))
_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ShownRules:
    """What captions show for a script's words.

    markup: one of MARKUPS. `keep` shows the words as the script has them.
    emoji: one of EMOJIS.
    show: written words, without the marks around them, and what is shown for each. A word in lower
        case matches any case and takes on the case of the script's. In scripts without spaces an
        entry matches wherever it stands, the longest one at a place.
    """

    markup: str = "strip"
    emoji: str = "keep"
    show: Mapping[str, str] = field(default_factory=lambda: _NOTHING)


WORDS_ALONE = ShownRules()
"""The words without markup."""


class ShownTooLong(WorkerError):
    """Captions that are much longer than their text."""

    code: ClassVar[str] = "text_rejected"

    def __init__(self) -> None:
        super().__init__(
            f"subtitles.show makes the captions longer than {MAX_SHOWN} characters; give shorter "
            "texts for its words"
        )


def with_shown(words: Sequence[TimedWord], rules: ShownRules) -> tuple[TimedWord, ...]:
    """The words with `shown` as these rules have it, never None.

    Raises ShownTooLong.

    The marks around a word that is not shown stand at its neighbours in the chunk: with no `damn`
    the words `this damn,` are `this,` and nothing.
    """
    replaced = _replacer(rules.show) if rules.show else None
    texts: list[str] = []
    opening, before = "", None
    left = MAX_SHOWN
    for index, word in enumerate(words):
        text = _shown(word, rules)
        kept = replaced(text) if replaced else text
        if before is not None and words[before].chunk != word.chunk:
            opening, before = "", None
        if _is_hidden(word, text, kept):
            lead, tail = _marks_around(word.word)
            opening += lead
            if before is not None:
                texts[before] = _with_marks(texts[before], tail)
            kept = ""
        elif kept and word.is_spoken:
            kept, opening, before = opening + kept, "", index
        texts.append(kept)
        left -= len(kept)
        if replaced and left < 0:
            raise ShownTooLong
    return tuple(replace(word, shown=text) for word, text in zip(words, texts, strict=True))


def _is_hidden(word: TimedWord, text: str, kept: str) -> bool:
    """Whether only marks are left of a word that is more than marks.

    text, kept: what is shown of it before and after `ShownRules.show`.
    """
    if not kept or kept.strip(_OUTER) or not word.is_spoken or not word.word.strip(_OUTER):
        return False
    core = text.strip(_OUTER)
    return not core or kept == text.replace(core, "", 1)


def _marks_around(written: str) -> tuple[str, str]:
    """The marks before and after a word, without pairs and without those of emphasis."""
    tail = written[len(written.rstrip(_OUTER)) :].translate(_EMPHASIS)
    lead = written[: len(written) - len(written.lstrip(_OUTER))].translate(_EMPHASIS)
    while lead and (end := next((mark for mark in tail if mark in CLOSING), "")):
        lead, tail = lead[:-1], tail.replace(end, "", 1)
    return lead, tail


def _with_marks(text: str, tail: str) -> str:
    """A text with the marks of the word after it; of two marks of clauses the stronger one."""
    mark = tail[:1]
    if mark in CLAUSE_MARKS and text[-1] in CLAUSE_MARKS:
        if mark in SENTENCE_MARKS and text[-1] not in SENTENCE_MARKS:
            return text.rstrip(CLAUSE_MARKS) + tail
        return text + tail.lstrip(CLAUSE_MARKS)
    return text + tail


def _shown(word: TimedWord, rules: ShownRules) -> str:
    # What a script says and does not show, {|um}, is no markup.
    is_written = word.shown is None or (rules.markup == "keep" and (word.shown or word.is_silent))
    text = word.word if is_written else word.shown or ""
    if rules.emoji == "strip" and not text.isascii():
        text = " ".join(_EMOJI.sub("", text).split())
    return text


def _replacer(show: Mapping[str, str]) -> Callable[[str], str]:
    """What replaces a word's text by that of its entry, if it has one."""
    exact = {_folded(word): text for word, text in show.items()}
    any_case = {_folded(word).casefold(): show[word] for word in show if word == word.lower()}
    unspaced = sorted((word for word in show if _UNSPACED.search(word)), key=len, reverse=True)
    # In one pass: what is shown for one entry is never replaced by another.
    anywhere = re.compile("|".join(map(re.escape, unspaced))) if unspaced else None

    def replaced(text: str) -> str:
        inside = text.strip(_OUTER)
        for core in filter(None, dict.fromkeys((text, text.rstrip(CLAUSE_MARKS), inside))):
            key = _folded(core)
            if key in exact:
                return text.replace(core, exact[key], 1)
            if key.casefold() in any_case:
                return text.replace(core, _in_case_of(core, any_case[key.casefold()]), 1)
        return anywhere.sub(lambda match: show[match[0]], text) if anywhere else text

    return replaced


def _folded(word: str) -> str:
    """A word as it is compared: don’t is don't, and é one character."""
    return unicodedata.normalize("NFC", word).translate(_APOSTROPHES)


def _in_case_of(written: str, text: str) -> str:
    """A text with a capital, or in capitals, where a written word has them."""
    if len(written) > 1 and written.isupper():
        return text.upper()
    return text[:1].upper() + text[1:] if written[:1].isupper() else text

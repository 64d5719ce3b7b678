"""The front end: a script as written becomes words, and the spoken tokens that stand for them.

It is a map, not a string: every written word keeps the spoken words it became, so subtitles show
the written form while the voice and the aligner get the spoken one.
"""

import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

from errors import WorkerError
from tts.speech import Directive, Script, Token, Word
from tts.text import characters, digit_groups, lexicon
from tts.text import words as written
from tts.text.context import FINAL, word_context
from tts.text.english import normalize as english
from tts.text.english.symbols import DASHES
from tts.text.multilingual import normalize as multilingual
from tts.text.tags import Markup, extract_tags
from unicode_sets import (
    CLOSING,
    CLOSING_BRACKETS,
    OPENING,
    OPENING_BRACKETS,
    PAUSES,
    VOICE_MARKS,
)

# Longer than any word; scripts without spaces come as one word a clause.
MAX_TOKEN_CHARS = 40
# A capital or a figure may follow these signs as their number's.
SIGNS = ("<", ">", "~", "*", "<=")
_GAP = re.compile(r"\s*")
_JOINED = re.compile(r"-+|[—–…]|\.{2,}")
# These part two words without a space.
_DASHED = re.compile(r"(?<=\w)(?:—|…|--+|\.{3,})(?=\w)")
_TAGS_COMMAS = re.compile(r"(?<!\S)(\S+)(?:\s+,(?!\S))+")
# What closes a word but is no mark of inches or feet.
_NOT_INCHES = "".join(mark for mark in CLOSING if mark not in "\"'")
# What markup leaves of itself at a word's ends.
_BLANKS = " \xa0\u200b"


class TextRejected(WorkerError):
    """A script in which there is nothing to say."""

    code: ClassVar[str] = "text_rejected"

    def __init__(self, text: str) -> None:
        shown = text.strip()[:40]
        super().__init__(
            f"there is nothing to speak in {shown!r}; send words or numbers, not only symbols"
        )


@dataclass(frozen=True)
class _Piece:
    """A word's inside, without quotes and brackets, and where it starts in the script.

    `outer` is the word with them, without markup.
    """

    text: str
    start: int
    outer: str


def read_script(
    text: str,
    language: str = "en",
    normalize: bool = True,
    pronunciations: Mapping[str, str] | None = None,
    for_all_jobs: Mapping[str, str] | None = None,
) -> Script:
    """Extract the tags of a text, then `read_markup`. Raises TagRejected too."""
    markup = extract_tags(text)
    return read_markup(markup, language, normalize, pronunciations, for_all_jobs)


def read_markup(
    markup: Markup,
    language: str = "en",
    normalize: bool = True,
    pronunciations: Mapping[str, str] | None = None,
    for_all_jobs: Mapping[str, str] | None = None,
) -> Script:
    """Split a text into words and spell out each of them for the voice.

    markup: the text without control characters, and the tags that become the script's marks.
    language: ISO 639-1; English is normalized in full, other languages have their numbers read.
    normalize: False leaves the words as written, without HTML's tags and outer punctuation.
    pronunciations: a written word, with or without its final punctuation, and what is spoken for
        it; a key in lower case matches any case.
    for_all_jobs: the same, for words that `pronunciations` does not hold.
    Raises TextRejected when no word is speakable.
    """
    text = markup.text
    words = written.split_words(text)
    pieces = _pieces(text, words, normalize)
    bound = [text[word.char_end : word.char_end + 1] in tuple("\xa0\u202f\u2009") for word in words]
    own = [lexicon.folded(entries or {}) for entries in (pronunciations, for_all_jobs)]
    spoken = _verbalize(pieces, bound, language, normalize, own)
    ends = written.list_line_ends(text) if "\n" in text else set()
    tokens: list[Token] = []
    cut_short = language == "en" and not english.has_lowercase_sentences(text)
    around = ["", "", *(piece.text for piece in pieces), "", ""]
    for index, (word, piece, parts) in enumerate(zip(words, pieces, spoken, strict=True)):
        pause = _pause_after(word, piece, text, around[index : index + 5], language, cut_short)
        pause = pause or ("," if word.char_end in ends else "")
        if not parts:
            is_sign = not any(map(str.isalnum, piece.text))
            _set_pause(tokens, pause or (_pause_of(piece.outer) if is_sign else ""))
            continue
        if piece.outer[0] in OPENING_BRACKETS and tokens:
            _set_pause(tokens, ",")
        end = piece.start + len(piece.text)
        for part in _speakable(parts):
            if part in VOICE_MARKS:
                _set_pause(tokens, part)
            else:
                tokens.append(Token(index, piece.start, end, part))
        _set_pause(tokens, "" if piece.text in DASHES else pause)
    if not tokens:
        raise TextRejected(markup.source)
    starts = [word.char_start for word in words]
    marks = [
        Directive(bisect_left(starts, tag.char), tag.pause_ms, tag.voice) for tag in markup.tags
    ]
    return Script(text, words, tuple(tokens), tuple(marks))


def _pieces(text: str, words: tuple[Word, ...], normalize: bool) -> list[_Piece]:
    """The inside of each word, without tags; with `normalize` inches are in it, markup is not."""
    heard = written.blank_markup(text) if normalize else written.blank_tags(text)
    inches = written.find_inch_marks(words) if normalize else set()
    pieces = []
    for index, word in enumerate(words):
        shown = _TAGS_COMMAS.sub(_one_mark, heard[word.char_start : word.char_end])
        outer = shown.strip(_BLANKS)
        piece = _strip_enclosing(outer, word.char_start + len(shown) - len(shown.lstrip(_BLANKS)))
        if index in inches:
            mark = outer.rstrip(_NOT_INCHES + FINAL)[-1:]
            inside = outer.lstrip(OPENING).rstrip(CLOSING.replace(mark, ""))
            piece = _Piece(inside, piece.start, outer)
        pieces.append(piece)
    return pieces


def _one_mark(match: re.Match[str]) -> str:
    """A word with a mark of its own without the comma of a tag after it, another one with it."""
    return (match[1] if _pause_of(match[1]) else match[1] + ",").ljust(len(match[0]))


def _strip_enclosing(text: str, char_start: int) -> _Piece:
    """Strip what encloses a word; its own final punctuation stays for the abbreviations."""
    if text in SIGNS:
        return _Piece(text, char_start, text)
    start = len(text) - len(text.lstrip(OPENING))
    if text[start - 1 : start] in tuple("<~") and re.match(r"=?[\d$£€.]", text[start:]):
        start -= 1
    end = len(text.rstrip(CLOSING + FINAL))
    while end < len(text) and text[end] not in CLOSING:  # the comma of "1967)," is not the word's
        end += 1
    return _Piece(text[start:end], char_start + start, text)


def _verbalize(
    pieces: Sequence[_Piece],
    bound: Sequence[bool],
    language: str,
    normalize: bool,
    own: Sequence[Mapping[str, str]],
) -> list[list[str]]:
    """What is said for each piece, as lists of spoken words and of pauses between them.

    What markup alone parts in a piece ($5<br>Call) is said as words of their own, and so is what
    a dash parts where a lexicon knows it.
    """
    parts = [_parts(piece, own) for piece in pieces]
    together = [
        "\xa0" in piece.outer if index + 1 < len(some) else is_bound
        for piece, some, is_bound in zip(pieces, parts, bound, strict=True)
        for index in range(len(some))
    ]
    said = iter(
        _verbalize_word(
            [part for some in parts for part in some], together, language, normalize, own
        )
    )
    spoken = []
    for some in parts:
        words = next(said)
        for part, following in pairwise(some):
            pause = _pause_between(part, following, language)
            words = [*words, *([pause] if pause else []), *next(said)]
        spoken.append(words)
    return spoken


def _parts(piece: _Piece, own: Sequence[Mapping[str, str]]) -> list[_Piece]:
    """The words of a piece that markup or a dash parts; mostly the piece itself."""
    texts = piece.outer.split()
    if len(texts) > 1:
        return [_strip_enclosing(text, piece.start) for text in texts]
    dashed = _DASHED.split(piece.text) if any(own) else [piece.text]
    known = any(lexicon.pronounced(text, False, own) is not None for text in dashed)
    if len(dashed) == 1 or not known or lexicon.pronounced(piece.text, False, own) is not None:
        return [piece]
    return [_Piece(text, piece.start, text + "—") for text in dashed]


def _verbalize_word(
    pieces: Sequence[_Piece],
    bound: Sequence[bool],
    language: str,
    normalize: bool,
    own: Sequence[Mapping[str, str]],
) -> list[list[str]]:
    """What is said for each piece that is one word; see `_verbalize`."""
    shown = [characters.drop_invisible(piece.text, language) for piece in pieces]
    if not normalize:
        spoken = [_as_written(text) for text in shown]
    else:
        texts = [characters.fold_compatibility(text) for text in shown]
        joined, counts = digit_groups.join_digit_groups(texts, bound, language)
        said = (
            english.verbalize(joined)
            if language == "en"
            else multilingual.verbalize(joined, language)
        )
        spoken = []
        for parts, count in zip(said, counts, strict=True):
            words = texts[len(spoken) : len(spoken) + count]
            spoken += digit_groups.distribute(parts, words) if count > 1 else [parts]
    for index, piece in enumerate(pieces):
        is_cut = piece.outer[:1] in tuple("'’")
        replaced = lexicon.pronounced(piece.text, is_cut, own)
        if replaced is None and shown[index] != piece.text:
            replaced = lexicon.pronounced(shown[index], is_cut, own)
        if replaced is not None:
            spoken[index] = _as_written(replaced)
    return spoken


def _speakable(parts: Sequence[str]) -> list[str]:
    """The parts, those over LONGEST_TOKEN cut: a voice's memory grows with a line's square."""
    return [
        part[start : start + MAX_TOKEN_CHARS]
        for part in parts
        for start in range(0, len(part), MAX_TOKEN_CHARS)
    ]


def _as_written(text: str) -> list[str]:
    """The words of a text with letters or digits in them, without outer punctuation."""
    outer = OPENING + CLOSING + FINAL + "".join(PAUSES)
    parts = [part.strip(outer) for part in text.split()]
    return [part.replace("’", "'") for part in parts if any(map(str.isalnum, part))]


def _pause_after(
    word: Word, piece: _Piece, text: str, around: Sequence[str], language: str, cut_short: bool
) -> str:
    """The punctuation that the voice hears after a word, or nothing.

    `around` is the word in the middle of the two before and the two after it; `cut_short` says
    whether a small letter after a word like "qty." shows that it is an abbreviation.
    """
    gap = _GAP.match(text, word.char_end)
    paragraph = gap is not None and gap[0].count("\n") > 1
    is_last = gap is not None and gap.end() == len(text)
    pause = _pause_of(piece.outer)
    if pause == "." and not is_last:
        known = english if language == "en" else multilingual
        earlier, before, _, after, beyond = around
        *_, joined, last = ["", *_JOINED.split(piece.text)]
        before, earlier = (joined, before) if joined else (before, earlier)
        context = word_context(last, before, after, earlier, beyond)
        if known.is_abbreviation(context, language) or (
            cut_short and english.looks_abbreviated(context)
        ):
            pause = ""
    if paragraph and pause not in (".", "!", "?"):
        pause = "."
    return pause


def _pause_between(piece: _Piece, following: _Piece, language: str) -> str:
    """The punctuation that the voice hears between two words of one piece, or nothing."""
    pause = _pause_of(piece.outer)
    known = english if language == "en" else multilingual
    context = word_context(piece.text, "", following.text)
    return "" if pause == "." and known.is_abbreviation(context, language) else pause


def _pause_of(word: str) -> str:
    """The pause that a word's final punctuation asks for."""
    bare = word.rstrip(CLOSING)
    for mark, pause in PAUSES.items():
        if bare.endswith(mark):
            return pause
    if bare[-1:] in tuple(VOICE_MARKS):
        return bare[-1]
    return "," if word[-1:] in tuple(CLOSING_BRACKETS) or bare in ("-", "--") else ""


def _set_pause(tokens: list[Token], pause: str) -> None:
    """Give the last token a pause, unless it has one already."""
    if tokens and pause and not tokens[-1].pause:
        last = tokens[-1]
        tokens[-1] = Token(last.word, last.char_start, last.char_end, last.spoken, pause)

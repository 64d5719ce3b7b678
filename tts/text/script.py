"""The front end: a script as written becomes words, and the spoken tokens that stand for them.

It is a map, not a string: every written word keeps the spoken words it became, so subtitles show
the written form while the voice and the aligner get the spoken one.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise
from typing import ClassVar

from errors import CancelCheck, WorkerError, never_cancelled
from tts.languages import base_language, language_tag
from tts.speech import Mark, Script, Token, Word
from tts.text import characters, digit_groups, formatting, lexicon, readings, twins
from tts.text import words as written
from tts.text.context import FINAL, WordContext, word_context
from tts.text.directives import directives
from tts.text.emoticons import ASIDE_CHARS, is_bracketed_face, is_emoticon
from tts.text.english import normalize as english
from tts.text.english import periods
from tts.text.english.folding import with_outer_marks
from tts.text.english.regions import month_first
from tts.text.english.symbols import DASHES
from tts.text.shown import with_shown
from tts.text.tags import Markup, Reading, Tag, extract_tags
from unicode_sets import (
    CLOSING,
    CLOSING_BRACKETS,
    OPENING,
    OPENING_BRACKETS,
    PAUSES,
    VOICE_MARKS,
)

# No word is longer, but a clause of a script without spaces is, and the memory that a voice needs
# grows with the square of a line's length.
MAX_TOKEN_CHARS = 40
# As words of their own these are signs rather than brackets or Markdown.
SIGNS = ("<", ">", "~", "*", "<=", "->", "=>", "-->", "==>")
# A letter that is compared, rather than a word in angle brackets: if a <b or c> d.
_COMPARED = re.compile(rf"(?:<=?[a-z]|[a-z]>)[{FINAL}]*+")
_NON_BREAKING_SPACES = tuple("\xa0\u202f\u2009\u2007")
# The brackets of f(x) and of 401(k) are part of the word.
_CALL = re.compile(r"\w\([^()\s]*\)$")
_JOINED = re.compile(r"-+|[—–…]|\.{2,}")
# Dashes and dots that separate two words without a space.
_DASHED = re.compile(r"(?<=\w)(?:—|…|--+|\.{3,})(?=\w)")
# A word and the commas that `blank_tags` put in the place of tags.
_TAGS_COMMAS = re.compile(r"(?<!\S)(\S+)(?:\s+,(?!\S))+")
# What closes a word but is no mark of inches or feet.
_NOT_INCHES = "".join(mark for mark in CLOSING if mark not in "\"'”’")
_STRAIGHT = str.maketrans("”’", "\"'")
# What blanked markup leaves at the ends of a word.
_BLANKS = " \xa0\u200b\u200c\u200d"


class TextRejected(WorkerError):
    """A script in which there is nothing to say."""

    code: ClassVar[str] = "text_rejected"

    def __init__(self, text: str) -> None:
        shown = text.strip()[:40]
        where = f"in {shown!r}" if shown else "in a blank text"
        super().__init__(
            f"there is nothing to speak {where}; send words or numbers, not only symbols"
        )


@dataclass(frozen=True)
class _Piece:
    """A written word without its quotes and brackets.

    start: its offset in the script.
    outer: the word with quotes and brackets, but without markup.
    """

    text: str
    start: int
    outer: str


@dataclass(frozen=True)
class _Reading:
    """How a text is read: the parameters of `read_markup`, its lexicons folded.

    tag: the language, with its region where the client gave one.
    """

    tag: str
    normalize: bool
    lexicons: Sequence[lexicon.FoldedLexicon]
    check: CancelCheck

    @cached_property
    def language(self) -> str:
        return base_language(self.tag)

    def verbalize(self, words: Sequence[str]) -> list[list[str]]:
        if self.language == "en":
            return english.verbalize(words, self.check)
        # Imported here, and below: Babel takes 100 ms, and most jobs are English.
        from tts.text.multilingual import normalize as multilingual

        return multilingual.verbalize(words, self.tag, self.check)

    def is_abbreviation(self, word: WordContext) -> bool:
        if self.language == "en":
            return periods.is_abbreviation(word)
        from tts.text.multilingual import normalize as multilingual

        return multilingual.is_abbreviation(word, self.tag)

    def pronounced(self, word: str, is_cut: bool = False) -> str | None:
        return lexicon.pronounced(word, is_cut, self.lexicons)


def read_script(
    text: str,
    language: str = "en",
    normalize: bool = True,
    pronunciations: lexicon.Pronunciations | None = None,
    for_all_jobs: lexicon.Pronunciations | None = None,
) -> Script:
    """Extract the tags of a text, then `read_markup`. Raises TagRejected too."""
    markup = extract_tags(text)
    return read_markup(markup, language, normalize, pronunciations, for_all_jobs)


def read_markup(
    markup: Markup,
    language: str = "en",
    normalize: bool = True,
    pronunciations: lexicon.Pronunciations | None = None,
    for_all_jobs: lexicon.Pronunciations | None = None,
    check: CancelCheck = never_cancelled,
) -> Script:
    """Split a text into words and spell out each of them for the voice.

    markup: the text without control characters, and the tags that become the script's marks.
    language: a code or a tag, such as "en" or "pt-BR", whose rules say how the text is read.
    normalize: False leaves the words as written, without HTML's tags and outer punctuation.
    pronunciations: a written word, with or without its final punctuation, and what is spoken for
        it; a key in lower case matches any case.
    for_all_jobs: the same, for words that `pronunciations` does not hold.
    check: called for each word, because a text of 200 000 characters takes seconds; an exception
        from it ends the work.
    Raises TextRejected when no word is speakable.
    """
    text = markup.text
    words = readings.whole_words(text, written.split_words(text), markup.readings)
    ends = [word.char_end for word in words]
    # A passage may begin inside a word, after the quote that opens it.
    places = [(bisect_right(ends, tag.char), tag) for tag in markup.tags]
    lexicons = [lexicon.folded(entries or {}) for entries in (pronunciations, for_all_jobs)]
    main = _Reading(language_tag(language) or language, normalize, lexicons, check)
    passages = _passages(len(words), places, main)
    in_place = readings.by_language(
        markup.readings, words, [(words_of.start, one.tag) for words_of, one in passages]
    )
    pieces = _pieces(text, words, normalize, in_place)
    bound = [text[word.char_end : word.char_end + 1] in _NON_BREAKING_SPACES for word in words]
    spoken: list[list[str]] = []
    for part, reading in passages:
        inside = slice(part.start, part.stop)
        spoken += _verbalize(pieces[inside], bound[inside], reading)
    sentence_ends = {at - 1 for at, tag in places if tag.ends_sentence}
    pauses = _pauses(text, words, pieces, passages, sentence_ends)
    tokens = _tokens(words, pieces, spoken, pauses)
    if not tokens:
        raise TextRejected(markup.source)
    return Script(
        text,
        with_shown(markup, words, tokens),
        tuple(tokens),
        tuple(directives(places, main.language)),
        tuple(Mark(at, tag.mark) for at, tag in places if tag.mark),
        markup.offsets,
    )


def _passages(
    count: int, places: Sequence[tuple[int, Tag]], main: _Reading
) -> list[tuple[range, _Reading]]:
    """The words that are read in one go, and how. Another language begins another passage.

    count: how many words there are.
    places: the tags, each with the index of the word after it.
    """
    passages: list[tuple[range, _Reading]] = []
    start, reading = 0, main
    for at, tag in places:
        if tag.language is None:
            continue
        if at > start:
            passages.append((range(start, at), reading))
            start = at
        reading = replace(main, tag=tag.language) if tag.language else main
    return [*passages, (range(start, count), reading)]


def _tokens(
    words: Sequence[Word],
    pieces: Sequence[_Piece],
    spoken: Sequence[Sequence[str]],
    pauses: Sequence[str],
) -> list[Token]:
    """The tokens of all words; see `_verbalize` for `spoken` and `_pauses` for `pauses`."""
    tokens: list[Token] = []
    of_words = zip(words, pieces, spoken, pauses, strict=True)
    for index, (word, piece, parts, pause) in enumerate(of_words):
        if not parts:
            # A word that is not spoken hands its pause to the one before it.
            is_sign = not any(map(str.isalnum, piece.text))
            _set_pause(tokens, pause or (_pause_of(piece.outer) if is_sign else ""))
            continue
        if piece.outer[0] in OPENING_BRACKETS and tokens:
            _set_pause(tokens, ",")
        # What a reading says may be longer than the word that is written.
        start = min(piece.start, word.char_end)
        end = min(piece.start + len(piece.text), word.char_end)
        for part in _cut_long(parts):
            if part in VOICE_MARKS:
                _set_pause(tokens, part)
            else:
                tokens.append(Token(index, start, end, part))
        _set_pause(tokens, "" if piece.text in (*DASHES, *SIGNS) else pause)
    return tokens


def _pieces(
    text: str, words: tuple[Word, ...], normalize: bool, in_place: Sequence[Reading]
) -> list[_Piece]:
    """Each word without what encloses it; what a reading says stands in the place of its text.

    `normalize` blanks Markdown and entities too, and keeps the marks of inches and feet.
    """
    blanked = formatting.blank_markup(text) if normalize else formatting.blank_tags(text)
    folded = twins.fold_twins(blanked)
    plain = [folded[word.char_start : word.char_end] for word in words]
    if in_place:
        plain = [*readings.said_words(plain, words, in_place)]
    inches = written.find_inch_marks(plain) if normalize else set()
    pieces = []
    for index, word in enumerate(words):
        bare = _TAGS_COMMAS.sub(_one_mark, plain[index])
        outer = bare.strip(_BLANKS)
        piece = _strip_enclosing(outer, word.char_start + len(bare) - len(bare.lstrip(_BLANKS)))
        start = word.char_start
        if ")" in outer and is_bracketed_face(outer, folded[max(0, start - ASIDE_CHARS) : start]):
            piece = _Piece("", piece.start, outer)
        if index in inches:
            mark = outer.rstrip(_NOT_INCHES + FINAL)[-1:]
            inside = outer.lstrip(OPENING).rstrip(CLOSING.replace(mark, ""))
            piece = _Piece(inside.translate(_STRAIGHT), piece.start, outer)
        pieces.append(piece)
    return pieces


def _one_mark(match: re.Match[str]) -> str:
    """A match of _TAGS_COMMAS with one mark: the word's own, or else the tag's comma."""
    return (match[1] if _pause_of(match[1]) else match[1] + ",").ljust(len(match[0]))


def _strip_enclosing(text: str, char_start: int) -> _Piece:
    """Strip quotes and brackets; the final punctuation stays, since abbreviations need it."""
    if text in SIGNS or _COMPARED.fullmatch(text):
        return _Piece(text, char_start, text)
    start = len(text) - len(text.lstrip(OPENING))
    # Before a number these are signs: <5, ~$3. In <5> they are brackets.
    # In ~~$3~~ the price is struck out. A decoded &lt; has zero-width characters after it.
    before_number = re.match(r"[\u200b]*=?[\d$£€.][^>]*$", text[start:])
    is_sign = text[start - 1 : start] in tuple("<~") and text[start - 2 : start] != "~~"
    if before_number and is_sign:
        start -= 1
    end = len(text.rstrip(CLOSING + FINAL))
    while end < len(text) and text[end] not in CLOSING:  # the comma of "1967)," is not the word's
        end += 1
    return _Piece(text[start:end], char_start + start, text)


def _verbalize(
    pieces: Sequence[_Piece], bound: Sequence[bool], reading: _Reading
) -> list[list[str]]:
    """The spoken words of each piece; the pauses inside a piece stand among them as marks.

    bound: for each piece, whether a non-breaking space follows it.

    One written word may be several to a reader: markup alone separates "$5<br>Call", and a dash
    separates words of which a lexicon knows one. All of them are read in one go, because the rules
    look at a word's neighbours.
    """
    groups = [_split_piece(piece, reading) for piece in pieces]
    bound_parts = [
        "\xa0" in piece.outer if index + 1 < len(group) else is_bound
        for piece, group, is_bound in zip(pieces, groups, bound, strict=True)
        for index in range(len(group))
    ]
    parts = [part for group in groups for part in group]
    spoken_parts = iter(_verbalize_parts(parts, bound_parts, reading))
    spoken = []
    for group in groups:
        words = [*next(spoken_parts)]
        for part, following in pairwise(group):
            pause = _pause_between(part, following, reading)
            words += [pause] if pause else []
            words += next(spoken_parts)
        spoken.append(words)
    return spoken


def _split_piece(piece: _Piece, reading: _Reading) -> list[_Piece]:
    """The words of a piece that markup or a dash separates; mostly the piece itself."""
    texts = piece.outer.split()
    if len(texts) > 1:
        return [_strip_enclosing(text, piece.start) for text in texts]
    dashed = (
        _DASHED.split(piece.text)
        if any(entries.exact for entries in reading.lexicons)
        else [piece.text]
    )
    if len(dashed) == 1 or reading.pronounced(piece.text) is not None:
        return [piece]
    if all(reading.pronounced(text) is None for text in dashed):
        return [piece]
    return [_Piece(text, piece.start, text + "—") for text in dashed]


def _verbalize_parts(
    parts: Sequence[_Piece], bound: Sequence[bool], reading: _Reading
) -> list[list[str]]:
    """The spoken words of each part, by the lexicons or else by the rules of the language."""
    visible = [characters.drop_invisible(part.text, reading.language) for part in parts]
    if reading.normalize:
        outer = [part.outer for part in parts]
        known = with_outer_marks(visible, outer) if reading.language == "en" else visible
        spoken = _normalize(known, bound, reading)
    else:
        spoken = [_as_written(text) for text in visible]
    return [
        words if (pronunciation := _pronunciation(part, text, reading)) is None else pronunciation
        for part, text, words in zip(parts, visible, spoken, strict=True)
    ]


def _normalize(texts: Sequence[str], bound: Sequence[bool], reading: _Reading) -> list[list[str]]:
    """Apply the language's rules; a number that is several written words is read as one."""
    folded = [
        ""
        if is_emoticon(text, previous)
        else month_first(characters.fold_compatibility(text), reading.tag)
        for previous, text in pairwise(["", *texts])
    ]
    joined, counts = digit_groups.join_digit_groups(folded, bound, reading.language)
    spoken: list[list[str]] = []
    for words, count in zip(reading.verbalize(joined), counts, strict=True):
        group = folded[len(spoken) : len(spoken) + count]
        spoken += digit_groups.distribute(words, group) if count > 1 else [words]
    return spoken


def _pronunciation(part: _Piece, visible: str, reading: _Reading) -> list[str] | None:
    """What a lexicon has for a word, as written or without its zero-width characters."""
    is_cut = part.outer[:1] in tuple("'’")
    pronunciation = reading.pronounced(part.text, is_cut)
    if pronunciation is None and visible != part.text:
        pronunciation = reading.pronounced(visible, is_cut)
    return None if pronunciation is None else _as_written(pronunciation)


def _cut_long(parts: Sequence[str]) -> list[str]:
    """The parts, each of MAX_TOKEN_CHARS at most."""
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


def _pauses(
    text: str,
    words: Sequence[Word],
    pieces: Sequence[_Piece],
    passages: Sequence[tuple[range, _Reading]],
    sentence_ends: AbstractSet[int],
) -> list[str]:
    """For each word, the mark that the voice hears after it, or nothing.

    passages: the words, and how they are read.
    sentence_ends: the indices of words at which a sentence ends, whatever they have.
    """
    line_ends = written.list_line_ends(text) if "\n" in text else set()
    # In a text whose sentences begin with capitals, a small letter after "qty." shows that the
    # period is an abbreviation's. In a chat it shows nothing.
    reads_english = any(reading.language == "en" for _, reading in passages)
    has_capitals = reads_english and not periods.has_lowercase_sentences(text)
    by_word = (reading for part, reading in passages for _ in part)
    around = ["", "", *(piece.text for piece in pieces), "", ""]
    pauses = []
    for index, (word, piece, reading) in enumerate(zip(words, pieces, by_word, strict=True)):
        reading.check()
        is_last = index + 1 == len(words)
        next_start = len(text) if is_last else words[index + 1].char_start
        pause = _pause_of(piece.outer)
        if pause in (".", "!") and not is_last:
            context = _last_word(piece, around[index : index + 5])
            is_abbreviation = reading.is_abbreviation(context)
            is_english = reading.language == "en"
            if is_abbreviation or (
                is_english and has_capitals and periods.looks_abbreviated(context)
            ):
                pause = ""
        is_end = index in sentence_ends or text.count("\n", word.char_end, next_start) > 1
        if is_end and pause not in (".", "!", "?"):
            pause = "."
        pauses.append(pause or ("," if word.char_end in line_ends else ""))
    return pauses


def _last_word(piece: _Piece, around: Sequence[str]) -> WordContext:
    """The last word of a piece ("Inc." of "Foo-Inc.") in its context.

    around: the piece's text in the middle of the two before and the two after it.
    """
    before_previous, previous, _, following, after_following = around
    *_, joined, last = ["", *_JOINED.split(piece.text)]
    if joined:
        previous, before_previous = joined, previous
    return word_context(last, previous, following, before_previous, after_following)


def _pause_between(piece: _Piece, following: _Piece, reading: _Reading) -> str:
    """The mark that the voice hears between two words of one piece, or nothing."""
    pause = _pause_of(piece.outer)
    context = word_context(piece.text, "", following.text)
    return "" if pause == "." and reading.is_abbreviation(context) else pause


def _pause_of(word: str) -> str:
    """The mark that a word's final punctuation is read as, or nothing."""
    bare = word.rstrip(CLOSING)
    for mark, pause in PAUSES.items():
        if bare.endswith(mark):
            return pause
    if bare[-1:] in tuple(VOICE_MARKS):
        return bare[-1]
    is_aside = word[-1:] in tuple(CLOSING_BRACKETS) and not _CALL.search(word)
    return "," if is_aside or bare in ("-", "--") else ""


def _set_pause(tokens: list[Token], pause: str) -> None:
    """Give the last token a pause, unless it has one already."""
    if tokens and pause and not tokens[-1].pause:
        last = tokens[-1]
        tokens[-1] = Token(last.word, last.char_start, last.char_end, last.spoken, pause)

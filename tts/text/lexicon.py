"""Pronunciations: how a lexicon is looked up, and the operator's one for all jobs.

The operator's is `lexicon.json` in the store, beside the voices.
"""

import json
import re
import threading
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator, Field

from messages import cut, one_line
from storage import keys
from storage.store import TEXT_BYTES, NotFound, Store, TooLarge
from tts.text.twins import fold_twins
from unicode_sets import CLAUSE_MARKS

MAX_ENTRIES = 10_000
# "etc." is looked up with its period first.
_MARKS = CLAUSE_MARKS.replace(".", "")
_HALF_OF_A_PAIR = re.compile("[\ud800-\udfff]")
_NONE: Mapping[str, str] = MappingProxyType({})


def one_word(raw: str) -> str:
    """Validate a key of a lexicon. Raises ValueError unless it is one written word."""
    if len(raw.split()) != 1 or raw != raw.strip():
        raise ValueError(f'"{cut(raw)}" is not one written word; give one word without spaces')
    return raw


MAX_WRITTEN, MAX_SPOKEN = 100, 200
Written = Annotated[str, Field(max_length=MAX_WRITTEN), AfterValidator(one_word)]
Spoken = Annotated[str, Field(min_length=1, max_length=MAX_SPOKEN)]


def parse_file(content: bytes) -> Mapping[str, str]:
    """The entries of lexicon.json. Raises ValueError, whose sentence names the first wrong one."""
    try:
        entries = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError("it is not JSON") from None
    return check_entries(entries)


def check_entries(entries: Any) -> Mapping[str, str]:
    """The entries, if they can stand in lexicon.json. Raises ValueError for the first wrong one."""
    if not isinstance(entries, dict):
        raise ValueError('it must be an object, such as {"nginx": "engine X"}')
    if len(entries) > MAX_ENTRIES:
        raise ValueError(f"it has {len(entries)} words, and at most {MAX_ENTRIES} are allowed")
    for written, spoken in entries.items():
        if len(written) > MAX_WRITTEN:
            raise ValueError(f'"{cut(written)}" has more than {MAX_WRITTEN} characters')
        one_word(written)
        if not isinstance(spoken, str) or not 1 <= len(spoken) <= MAX_SPOKEN:
            raise ValueError(
                f'what is said for "{cut(written)}" must have 1 to {MAX_SPOKEN} characters'
            )
        if _HALF_OF_A_PAIR.search(written + spoken):
            raise ValueError(f'"{cut(written)}" or what is said for it has half a surrogate pair')
    return entries


class FoldedLexicon(NamedTuple):
    """A lexicon with its keys as `pronounced` looks them up.

    exact: every entry. any_case: those whose key is in lower case, without regard to case.
    """

    exact: Mapping[str, str]
    any_case: Mapping[str, str]


Pronunciations = Mapping[str, str] | FoldedLexicon
"""Written words and what is spoken for them, folded or as they came."""


def folded(entries: Pronunciations) -> FoldedLexicon:
    """Fold the keys of a lexicon: NFC, plain apostrophes and other signs, case where it counts.

    A lexicon that is folded already is returned as it is: folding 10 000 entries takes 30 ms.
    """
    if isinstance(entries, FoldedLexicon):
        return entries
    exact = {fold(word): spoken for word, spoken in entries.items()}
    lower = {word: spoken for word, spoken in exact.items() if word == word.lower()}
    return FoldedLexicon(exact, {_without_case(word): spoken for word, spoken in lower.items()})


def pronounced(word: str, is_cut: bool, lexicons: Sequence[FoldedLexicon]) -> str | None:
    """The pronunciation of a written word, or None.

    word: as written ("etc."); it is tried so first, then without its punctuation, then without 's.
    is_cut: an apostrophe stands before the word ('cause).
    lexicons: folded ones; the first that has the word decides.
    """
    word = fold(word)
    forms = [word, word.rstrip(_MARKS), word.rstrip("." + _MARKS)]
    forms = [*(["'" + form for form in forms] if is_cut else []), *forms]
    for lexicon in lexicons:
        for form in forms:
            spoken = _entry(lexicon, form)
            if spoken is not None:
                return spoken
        for form in forms:
            stem = form.removesuffix("'s")
            spoken = _entry(lexicon, stem) if stem != form else None
            if spoken is not None:
                return spoken + "'s"
    return None


def _entry(lexicon: FoldedLexicon, word: str) -> str | None:
    if word in lexicon.exact:
        return lexicon.exact[word]
    # Turkish has the pairs I ı and İ i; every other language has I i.
    for form in (word, word.replace("I", "ı")):
        spoken = lexicon.any_case.get(_without_case(form))
        if spoken is not None:
            return spoken
    return None


def fold(word: str) -> str:
    """A word as lexicons compare it: NFC, plain apostrophes and other signs."""
    return fold_twins(unicodedata.normalize("NFC", word)).replace("’", "'")


def _without_case(word: str) -> str:
    """A word without regard to case: ß is ss, and İ, whose small form has two characters, is i."""
    return word.casefold().replace("\u0307", "")


class LexiconEntries(NamedTuple):
    """Written words and their pronunciations, and a sentence if the file could not be read."""

    words: Mapping[str, str]
    warning: str | None = None


class _LastRead:
    """The entries that were read last, by the file's etag; safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._etag: str | None = None
        self._entries = LexiconEntries(_NONE)

    def get(self, etag: str | None) -> LexiconEntries | None:
        with self._lock:
            return self._entries if etag == self._etag else None

    def put(self, etag: str | None, entries: LexiconEntries) -> None:
        with self._lock:
            self._etag, self._entries = etag, entries


@dataclass(frozen=True)
class Lexicon:
    """Reads lexicon.json, again only when it has changed. Threads may share it."""

    store: Store
    _last_read: _LastRead = field(default_factory=_LastRead)

    def for_job(self, wrap: Callable[[Store], Store]) -> "Lexicon":
        """A view for one job, which shares the cache and reads through a wrapped store.

        wrap: makes the job's store of this one; a read in it ends when the job is cancelled.
        """
        return replace(self, store=wrap(self.store))

    def read(self) -> LexiconEntries:
        """The file's entries. An unchanged file costs one `stat` of the store.

        A file that is no lexicon gives a warning, and jobs go on without it. Raises StorageError.
        """
        info = self.store.stat(keys.LEXICON)
        etag = info.etag if info else None
        entries = self._last_read.get(etag)
        if entries is None:
            entries = LexiconEntries(_NONE) if etag is None else self._parsed()
            self._last_read.put(etag, entries)
        return entries

    def _parsed(self) -> LexiconEntries:
        try:
            return LexiconEntries(parse_file(self.store.get(keys.LEXICON, TEXT_BYTES)))
        except NotFound:  # deleted since the stat
            return LexiconEntries(_NONE)
        except TooLarge:
            return LexiconEntries(
                _NONE, f"{keys.LEXICON} is not used: it is too large for a file of words"
            )
        except ValueError as error:
            return LexiconEntries(_NONE, one_line(f"{keys.LEXICON} is not used: {error}"))

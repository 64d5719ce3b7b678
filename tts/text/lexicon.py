"""The operator's own pronunciations, for all jobs: `lexicon.json` beside the voices."""

import threading
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from types import MappingProxyType
from typing import Annotated, NamedTuple

from pydantic import AfterValidator, Field, TypeAdapter, ValidationError

from storage import keys
from storage.store import NotFound, Store, TooLarge
from unicode_sets import CLAUSE_MARKS

MAX_ENTRIES = 10_000
# "etc." is looked up with its period first.
_MARKS = CLAUSE_MARKS.replace(".", "")
_NONE: Mapping[str, str] = MappingProxyType({})


def one_word(raw: str) -> str:
    """A key of a lexicon: one written word."""
    if len(raw.split()) != 1 or raw != raw.strip():
        raise ValueError(f'"{raw[:60]}" is not one written word')
    return raw


Written = Annotated[str, Field(max_length=100), AfterValidator(one_word)]
Spoken = Annotated[str, Field(min_length=1, max_length=200)]
_FILE = TypeAdapter(Annotated[dict[Written, Spoken], Field(max_length=MAX_ENTRIES)])


def folded(entries: Mapping[str, str]) -> Mapping[str, str]:
    """A lexicon whose keys are as `pronounced` looks them up: NFC, with straight apostrophes."""
    return {_fold(word): said for word, said in entries.items()}


def pronounced(word: str, is_cut: bool, lexicons: Sequence[Mapping[str, str]]) -> str | None:
    """What the first of the folded lexicons that knows a written word has said for it.

    As written ("etc."), then without its punctuation, at last without its 's. `is_cut` says that
    an apostrophe stands before the word: 'cause.
    """
    word = _fold(word)
    forms = [word, word.rstrip(_MARKS), word.rstrip("." + _MARKS)]
    forms = [*(["'" + form for form in forms] if is_cut else []), *forms]
    for lexicon in lexicons:
        for form in forms:
            for key in (form, form.lower()):
                if key in lexicon:
                    return lexicon[key]
        for form in forms:
            stem = form.removesuffix("'s")
            for key in (stem, stem.lower()):
                if stem != form and key in lexicon:
                    return lexicon[key] + "'s"
    return None


def _fold(word: str) -> str:
    return unicodedata.normalize("NFC", word).replace("’", "'")


class LexiconEntries(NamedTuple):
    """Written word to what is said for it, and a sentence where the file could not be read."""

    words: Mapping[str, str]
    warning: str | None = None


class Lexicon:
    """Reads the file again when it changed; safe for several threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._known: dict[str | None, LexiconEntries] = {
            None: LexiconEntries(_NONE)
        }  # the last one, by its etag

    def for_job(self, wrapped: Callable[[Store], Store]) -> "Lexicon":
        """The same lexicon, whose store is asked in another way."""
        same = copy(self)
        same._store = wrapped(self._store)
        return same

    def read(self) -> LexiconEntries:
        """What the file says now; one look into the store where it is as before.

        A file that cannot be read is a warning: jobs are spoken without it. Raises StorageError.
        """
        found = self._store.stat(keys.LEXICON)
        etag = found.etag if found else None
        with self._lock:
            if etag in self._known:
                return self._known[etag]
        entries = LexiconEntries(_NONE) if etag is None else self._parsed()
        with self._lock:
            self._known.clear()
            self._known[etag] = entries
        return entries

    def _parsed(self) -> LexiconEntries:
        try:
            return LexiconEntries(_FILE.validate_json(self._store.get(keys.LEXICON), strict=True))
        except NotFound:  # deleted since the look
            return LexiconEntries(_NONE)
        except TooLarge:
            return LexiconEntries(
                _NONE, f"{keys.LEXICON} is not used: it is no file of words by its size"
            )
        except ValidationError as error:
            fault = error.errors(include_url=False)[0]
            place = ".".join(str(part) for part in fault["loc"] if part != "[key]")
            problem = f"{place}: {fault['msg']}" if place else fault["msg"]
            return LexiconEntries(_NONE, f"{keys.LEXICON} is not used: {problem}")

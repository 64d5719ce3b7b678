"""`lexicon`: reads and changes `lexicon.json`, the pronunciations for all jobs."""

import json
import random
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from errors import WorkerError
from jobs.schema.fields import Whole, limit_entries
from jobs.schema.model import Model, Request
from jobs.schema.validation import InvalidRequest, choice_of
from messages import cut, one_line, quote_value
from storage import keys
from storage.store import TEXT_BYTES, NotFound, StorageError, Store, TooLarge
from tts.text.lexicon import MAX_ENTRIES, MAX_WRITTEN, check_entries, fold, parse_file
from worker.job import Job
from worker.state import Worker

MAX_PAGE_BYTES = 1_000_000
"""About the most bytes of a page of words."""

_SETTLE_S = 1.0
"""The seconds after a write until the file is read again. On a server that ignores conditions a
write of another worker may replace ours; that worker read the file less than this before."""

_ATTEMPTS = 60
"""How often a write is tried while other workers change the file, with a pause in between."""

_MAX_PAUSE_S = 0.3
_LOOKS = 5
"""How often a change is looked for, and made again where it was lost."""

_MAX_NAMED = 10
"""Most unknown words that one warning names."""


_ACTION_HINTS = {
    **dict.fromkeys(("add", "put", "update", "create", "upsert"), "use set"),
    **dict.fromkeys(("delete", "del", "unset"), "use remove"),
    **dict.fromkeys(("list", "show", "read"), "use get"),
}
"""What to take in place of other names of the actions."""


class LexiconUnreadable(WorkerError):
    """The file in the store is no lexicon; a change would lose what somebody wrote into it."""

    code: ClassVar[str] = "storage_error"

    def __init__(self, reason: str) -> None:
        super().__init__(
            one_line(
                f"{keys.LEXICON} cannot be changed: {reason}; correct the file in the store, or "
                "delete it"
            )
        )


def _words(raw: Any) -> Any:
    """An object of pronunciations or a list of words, each of them valid."""
    if raw is None:
        return None
    if isinstance(raw, dict):
        limit_entries(raw, MAX_ENTRIES)
        return dict(_checked(raw))
    if not isinstance(raw, list) or not all(isinstance(word, str) for word in raw):
        raise ValueError(
            f'{quote_value(raw)} is neither an object such as {{"nginx": "engine X"}} nor a list '
            "of words"
        )
    if len(raw) > MAX_ENTRIES:
        raise ValueError(f"{len(raw)} words are given, and at most {MAX_ENTRIES} are allowed")
    _checked(dict.fromkeys(raw, "-"))
    return raw


def _checked(entries: dict[Any, Any]) -> Mapping[str, str]:
    try:
        return check_entries(entries)
    except ValueError as error:
        # A sentence with half a surrogate pair could not be sent.
        raise ValueError(one_line(str(error))) from None


class LexiconRequest(Request):
    """What to do with which words; the reply shows a page of the words that there are then."""

    action: Annotated[str, choice_of(("get", "set", "remove"), _ACTION_HINTS)] = Field(
        "get", description="`get`, `set` or `remove`."
    )
    words: Annotated[dict[str, str] | list[str] | None, BeforeValidator(_words)] = Field(
        None, description="For `set` an object, for `remove` and `get` a list of written words."
    )
    after: str = Field("", max_length=MAX_WRITTEN, description="Only words that come after it.")
    limit: Whole = Field(1000, ge=1, le=MAX_ENTRIES, description="How many words a page has.")

    @model_validator(mode="after")
    def _words_of_the_action(self) -> "LexiconRequest":
        if self.action == "set" and not (self.words and isinstance(self.words, dict)):
            raise ValueError('set needs words as an object, such as {"nginx": "engine X"}')
        if self.action == "remove" and not self.words:
            raise ValueError('remove needs words as a list, such as ["nginx"]')
        if self.action != "set" and isinstance(self.words, dict):
            remedy = '; to store words, add "action": "set"' if self.action == "get" else ""
            raise ValueError(f'{self.action} takes words as a list, such as ["nginx"]{remedy}')
        return self

    def summary(self) -> str:
        """What is done, and to how many words."""
        return f"{self.action} {len(self.words or ())} words" if self.words else self.action


class LexiconReply(Model):
    """A page of the words, sorted; `total` counts all of them."""

    status: Literal["success"] = "success"
    words: dict[str, str]
    count: int
    total: int
    next_after: str | None = None
    warnings: list[str]


def run(worker: Worker, request: LexiconRequest, job: Job) -> LexiconReply:
    """Show the lexicon, or change it and show it. Raises invalid_request, storage_error."""
    warnings: list[str] = []
    words = request.words or ()
    if request.action == "get":
        entries, warning = worker.lexicon.read()
        warnings += [warning] if warning else []
    elif isinstance(words, dict):
        given = words
        before, entries = _change(worker.store, job, lambda old: _with_words(old, given))
    else:
        before, entries = _change(worker.store, job, lambda old: _without_words(old, words))
        warnings += _unknown(words, before)
    shown = entries
    if request.action == "get" and words:
        wanted = {fold(word) for word in words}
        shown = {word: spoken for word, spoken in entries.items() if fold(word) in wanted}
    page, has_more = _page(shown, request.after, request.limit)
    return LexiconReply(
        words=page,
        count=len(page),
        total=len(entries),
        next_after=next(reversed(page), None) if has_more else None,
        warnings=warnings,
    )


def _with_words(entries: Mapping[str, str], words: Mapping[str, str]) -> dict[str, str]:
    """The entries with new words. A word that is looked up as a new one is gives way to it."""
    changed = {**_without_words(entries, words), **words}
    if len(changed) > MAX_ENTRIES:
        raise InvalidRequest(
            [
                f"the lexicon would have {len(changed)} words, and at most {MAX_ENTRIES} are "
                "allowed; remove some first"
            ]
        )
    return changed


def _without_words(
    entries: Mapping[str, str], words: Mapping[str, str] | list[str] | tuple[str, ...]
) -> dict[str, str]:
    removed = {fold(word) for word in words}
    return {word: spoken for word, spoken in entries.items() if fold(word) not in removed}


def _unknown(words: list[str] | tuple[str, ...], entries: Mapping[str, str]) -> list[str]:
    """A warning that names the words that the lexicon did not have."""
    known = {fold(word) for word in entries}
    unknown = [word for word in words if fold(word) not in known]
    if not unknown:
        return []
    names = ", ".join(f'"{cut(word)}"' for word in unknown[:_MAX_NAMED])
    more = f" and {len(unknown) - _MAX_NAMED} more" if len(unknown) > _MAX_NAMED else ""
    return [one_line(f"the lexicon did not have {names}{more}")]


def _change(
    store: Store, job: Job, change: Callable[[Mapping[str, str]], dict[str, str]]
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Change the file, so that no change of another worker at the same moment is lost.

    change: makes the new entries of the old ones; made of its own result, it changes nothing.

    Gives the entries before and after. Raises InvalidRequest, LexiconUnreadable, StorageError.
    """
    before, after = _write(store, job, change)
    old, new = before, after
    for _ in range(_LOOKS):
        if old == new:
            break
        job.stop.sleep(_SETTLE_S)
        old, new = _write(store, job, change)
    return before, new


def _write(
    store: Store, job: Job, change: Callable[[Mapping[str, str]], dict[str, str]]
) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Make the change, if it is not made already. Gives the entries before and after."""
    for _ in range(_ATTEMPTS):
        # The etag is read first: if the file changes before it is read, the write is refused.
        info = store.stat(keys.LEXICON)
        before = _read(store) if info else {}
        after = change(before)
        if after == before:
            return before, after
        # One word on a line, for people who read or edit the file.
        data = json.dumps(after, ensure_ascii=False, indent=0).encode()
        if len(data) > TEXT_BYTES:
            raise InvalidRequest(["the lexicon would be too large; remove some words first"])
        if store.put_if(keys.LEXICON, data, "application/json", info.etag if info else None):
            return before, after
        job.stop.sleep(random.uniform(0, _MAX_PAUSE_S))
    raise StorageError(
        "other jobs change the lexicon all the time", "send the job again later", is_retryable=True
    )


def _read(store: Store) -> Mapping[str, str]:
    try:
        return parse_file(store.get(keys.LEXICON, TEXT_BYTES))
    except NotFound:  # deleted since the stat
        return {}
    except TooLarge:
        raise LexiconUnreadable("it is too large for a file of words") from None
    except ValueError as error:
        raise LexiconUnreadable(str(error)) from None


def _page(entries: Mapping[str, str], after: str, limit: int) -> tuple[dict[str, str], bool]:
    """The entries after a word, in order, and whether there are more than fit."""
    words = sorted(word for word in entries if word > after)
    page: dict[str, str] = {}
    size = 0
    for word in words[:limit]:
        size += len(json.dumps([word, entries[word]]))
        if page and size > MAX_PAGE_BYTES:
            break
        page[word] = entries[word]
    return page, len(page) < len(words)

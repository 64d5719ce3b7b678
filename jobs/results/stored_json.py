"""Reads a record out of a store, which may be one that somebody else wrote."""

import re
from typing import TypeVar

from pydantic import BaseModel

from storage.store import NotFound, Store, TooLarge

MAX_VALUES = 30_000
"""Most values of a record, each item of a list and each field counted; a script of the most
characters, each of its chunks with a `quality`, has about 8 000, and its takes 7 000."""

# Possessive, and with an end that may be missing: so every character is looked at once.
_STRING = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)

T = TypeVar("T", bound=BaseModel)


def parse(kind: type[T], data: bytes, max_values: int = MAX_VALUES) -> T:
    """The record as its model. Raises ValueError.

    data: JSON of a size that the caller has bounded. Fields that the model does not know are left
        out: a later release may have written them.
    max_values: most values of such a record.
    """
    # Before anything is made of it: pydantic describes every wrong value, with a kilobyte for each.
    without_strings = _STRING.sub(b"", data)
    if sum(without_strings.count(sign) for sign in (b",", b"[", b"{")) > max_values:
        raise ValueError(f"the record has more than {max_values} values")
    return kind.model_validate_json(data, extra="ignore")


def read(kind: type[T], store: Store, key: str, max_bytes: int) -> T | None:
    """The record under a key; None if there is none that can be read. Raises StorageError.

    max_bytes: more than any such record has.
    """
    # The owner of a bucket can write anything there. What does not fit the model counts as none.
    try:
        return parse(kind, store.get(key, max_bytes))
    except (NotFound, TooLarge, ValueError):
        return None

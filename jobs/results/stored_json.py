"""Reads a record out of a store, which may be one that somebody else wrote."""

import json
from typing import TypeVar

from pydantic import BaseModel

MAX_VALUES = 20_000
"""Most values of a record, each item of a list and each field counted; a script of the most
characters, each of its chunks with a `quality`, has about 8 000."""

T = TypeVar("T", bound=BaseModel)


def parse(kind: type[T], data: bytes) -> T:
    """The record as its model. Raises ValueError.

    data: JSON of a size that the caller has bounded. Fields that the model does not know are left
        out: a later release may have written them.
    """
    try:
        tree = json.loads(data)
    except RecursionError:
        raise ValueError("the record is nested too deeply") from None
    # Before pydantic sees it: pydantic describes every wrong value, with a kilobyte for each.
    waiting, count = [tree], 0
    while waiting:
        value = waiting.pop()
        children = value.values() if isinstance(value, dict) else value
        if isinstance(value, dict | list):
            count += len(children)
            if count > MAX_VALUES:
                raise ValueError(f"the record has more than {MAX_VALUES} values")
            waiting.extend(children)
    # Written anew: where a name stands twice, only its last value was counted.
    return kind.model_validate_json(json.dumps(tree), extra="ignore")

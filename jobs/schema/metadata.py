"""`metadata`: a client's own object, which the reply and the record of the job give back."""

import json
from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import BeforeValidator

MAX_BYTES = 4096
"""Most bytes of the object as JSON, in UTF-8 and without spaces between its parts."""
MAX_DEPTH = 16
"""Most objects and lists inside each other."""

_EXAMPLE = 'such as {"order": 17}'
_SENTENCES = {
    "depth": f"it is nested too deeply; at most {MAX_DEPTH} objects and lists may be inside each "
    "other",
    "value": "it has a value that JSON or UTF-8 cannot express, such as NaN or half a surrogate "
    "pair; leave that value out",
}


def _metadata(raw: Any) -> Any:
    """The object as it came. No sentence quotes it: it may tell of persons, and errors are logged.

    Raises ValueError.
    """
    if raw is None:
        return None
    if not isinstance(raw, dict):
        raise ValueError(f"it must be an object, {_EXAMPLE}")
    if len(raw) > MAX_BYTES or _is_deeper_than(MAX_DEPTH, raw):
        raise ValueError(_too_large() if len(raw) > MAX_BYTES else _SENTENCES["depth"])
    # The encoder in Python gives piece after piece: what is too large is not written to its end.
    pieces = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    try:
        size = 0
        for piece in pieces.iterencode(raw):
            size += len(piece) if size + len(piece) > MAX_BYTES else len(piece.encode())
            if size > MAX_BYTES:
                break
    except (TypeError, ValueError):
        raise ValueError(_SENTENCES["value"]) from None
    if size > MAX_BYTES:
        raise ValueError(_too_large())
    return raw


def _too_large() -> str:
    return (
        f"it has more than {MAX_BYTES} bytes as JSON; keep large data at your side, and send an id "
        "that leads to it"
    )


def _is_deeper_than(most: int, value: Any) -> bool:
    """Whether objects and lists are inside each other more than `most` times."""
    level: list[Any] = [value]
    for _ in range(most):
        level = [inner for outer in level for inner in _inside(outer)]
        if not level:
            return False
    return any(isinstance(inner, dict | list) for inner in level)


def _inside(value: Any) -> Iterable[Any]:
    """The objects and lists directly in an object or a list."""
    values = value.values() if isinstance(value, dict) else value
    return [inner for inner in values if isinstance(inner, dict | list)]


Metadata = Annotated[dict[str, Any] | None, BeforeValidator(_metadata)]

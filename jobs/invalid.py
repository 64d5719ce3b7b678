"""A wrong request, in one reply: every wrong field, what was given, what is allowed."""

import json
import re
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from errors import WorkerError

SHOWN = 60
T = TypeVar("T", bound=BaseModel)


class InvalidRequest(WorkerError):
    """A request that does not fit its endpoint's model; `details` has one line per field."""

    code: ClassVar[str] = "invalid_request"

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("; ".join(faults) + " (API.md describes every field)", faults)


def validated(model: type[T], values: dict[str, Any]) -> T:
    """The request as its model, or InvalidRequest with every fault at once."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        names = field_names(model)
        raise InvalidRequest([_fault(fault, names) for fault in error.errors()]) from None


def field_names(model: type[BaseModel]) -> list[str]:
    """Every name that a client may use for the model's fields, aliases included."""
    names: list[str] = []
    for name, field in model.model_fields.items():
        choices = getattr(field.validation_alias, "choices", [name])
        names += [str(choice) for choice in choices]
    return names


def closest(name: str, allowed: Iterable[str]) -> str:
    """A clause: did you mean ...?", or nothing when no allowed name is near."""
    near = get_close_matches(name, list(allowed), n=1)
    return f", did you mean {near[0]!r}?" if near else ""


def shown(value: Any) -> str:
    """A client's value as a message shows it: JSON on one line, cut short."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def _fault(fault: ErrorDetails, names: Sequence[str]) -> str:
    """One line for one wrong field."""
    place = ".".join(str(part) for part in fault["loc"])
    kind, message = fault["type"], fault["msg"]
    if kind == "missing":
        return f"{place} is required"
    if kind == "extra_forbidden" and place in names:
        return f"{place} is another name of a field that is given too"
    if kind == "extra_forbidden":
        remedy = closest(place, names) or f"; known fields: {', '.join(names)}"
        return f"unknown field {shown(place)}{remedy}"
    if kind == "value_error":  # one of our own validators: its sentence names the value
        return f"{place}: {message}".removeprefix(": ").replace("Value error, ", "", 1)
    allowed = re.findall(r"'([^']*)'", str(fault.get("ctx", {}).get("expected", "")))
    near = closest(fault["input"], allowed) if isinstance(fault["input"], str) else ""
    message = message[message.index("should") :] if "should" in message else message
    return f"{place} {message}, got {shown(fault['input'])}{near}"

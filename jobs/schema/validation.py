"""Validation of requests: one error lists every wrong field, its value, and what is allowed."""

import json
import re
from collections.abc import Collection, Iterable, Sequence
from difflib import get_close_matches
from typing import Any, ClassVar, TypeVar

from pydantic import AfterValidator, BaseModel, ValidationError
from pydantic_core import ErrorDetails

from errors import WorkerError

SHOWN = 60
"""Most characters of a client's value that an error quotes."""
# RunPod drops replies of over 10 MB, and a request can have thousands of wrong fields.
MAX_FAULTS = 20
T = TypeVar("T", bound=BaseModel)


class InvalidRequest(WorkerError):
    """A request that does not fit its endpoint's model; `details` has one line per field."""

    code: ClassVar[str] = "invalid_request"

    def __init__(self, faults: Sequence[str]) -> None:
        if len(faults) > MAX_FAULTS:
            faults = [*faults[:MAX_FAULTS], f"and {len(faults) - MAX_FAULTS} more"]
        super().__init__("; ".join(faults) + " (API.md describes every field)", faults)


def validate(model: type[T], values: dict[str, Any]) -> T:
    """Validate a request. Raises InvalidRequest with every fault at once."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise InvalidRequest([_fault(fault, model) for fault in error.errors()]) from None


def field_names(model: type[BaseModel]) -> list[str]:
    """Every name that a client may use for the model's fields, aliases included."""
    names: list[str] = []
    for name, field in model.model_fields.items():
        choices = getattr(field.validation_alias, "choices", [name])
        names += [str(choice) for choice in choices]
    return names


def did_you_mean(name: str, allowed: Iterable[str]) -> str:
    """The clause ", did you mean ...?"; empty if no allowed name is similar."""
    # Abbreviated, because the comparison takes time with the length of a client's name.
    similar = get_close_matches(name[:SHOWN], list(allowed), n=1)
    return f", did you mean {similar[0]!r}?" if similar else ""


def quote_value(value: Any) -> str:
    """A client's value for a message: JSON on one line, abbreviated.

    Lone surrogates are escaped, because pydantic cannot encode a message that holds one.
    """
    text = json.dumps(value, ensure_ascii=False, default=str)
    text = text.encode(errors="backslashreplace").decode()
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def choice_of(allowed: Collection[str] | Collection[int]) -> AfterValidator:
    """Allow only these values; the error lists them and suggests the most similar one."""

    def check(value: Any) -> Any:
        if value in allowed:
            return value
        suggestion = did_you_mean(value, map(str, allowed)) if isinstance(value, str) else ""
        names = ", ".join(map(str, allowed))
        raise ValueError(f"{quote_value(value)} is none of {names}{suggestion}")

    return AfterValidator(check)


def _fault(fault: ErrorDetails, model: type[BaseModel]) -> str:
    """One line for one wrong field."""
    names = _names_around(fault["loc"], model)
    # pydantic adds "[key]" to the location of a wrong key of a dict.
    path = ".".join(str(part) for part in fault["loc"] if part != "[key]")
    path = path if len(path) <= SHOWN else f"{path[:SHOWN]}..."
    kind, message = fault["type"], fault["msg"]
    if kind == "missing":
        return f"{path} is required"
    # Of two names of one field pydantic takes the first and calls the second unknown.
    if kind == "extra_forbidden" and path in names:
        return f"{path} is another name of a field that is given too"
    if kind == "extra_forbidden":
        return f"unknown field {quote_value(path)}{_remedy(str(fault['loc'][-1]), names)}"
    if kind == "value_error":  # one of our own validators: its sentence names the value
        return f"{path}: {message.removeprefix('Value error, ')}"
    # pydantic's own messages name Python's types and its validators: a client knows JSON only.
    message = message[message.index("should") :] if "should" in message else message
    message = re.sub("valid dictionary.*", "valid object", message.split(" after validation")[0])
    return f"{path} {message}, got {quote_value(fault['input'])}"


def _names_around(location: Sequence[int | str], model: type[BaseModel]) -> list[str]:
    """The names of the fields beside the faulty one, in the request or in a nested object."""
    for part in location[:-1]:
        field = model.model_fields.get(str(part))
        annotation = field.annotation if field else None
        if not isinstance(annotation, type) or not issubclass(annotation, BaseModel):
            break
        model = annotation
    return field_names(model)


def _remedy(name: str, names: Sequence[str]) -> str:
    """A clause that says what to write in place of an unknown field."""
    if not names:
        return "; this endpoint takes no field"
    return did_you_mean(name, names) or f"; known fields: {', '.join(names)}"

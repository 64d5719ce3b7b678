"""Validation of requests: one error lists every wrong field, its value, and what is allowed."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from pydantic import AfterValidator, GetJsonSchemaHandler, ValidationError
from pydantic_core import CoreSchema

from errors import WorkerError
from jobs.schema import forms
from jobs.schema.model import Request
from jobs.schema.model_fields import MAX_FAULTS, count_dropped
from jobs.schema.sentences import Sentences
from messages import SHOWN, did_you_mean, quote_value

_PARTS = re.compile(r"[^a-z0-9]")

T = TypeVar("T", bound=Request)


class InvalidRequest(WorkerError):
    """A request that does not fit its endpoint's model; `details` has one line per field.

    faults: the sentences; the first MAX_FAULTS of them are shown.
    total: how many faults there are, if not all are among `faults`.
    """

    code: ClassVar[str] = "invalid_request"

    def __init__(self, faults: Sequence[str], total: int = 0) -> None:
        shown = list(faults[:MAX_FAULTS])
        if hidden := max(total, len(faults)) - len(shown):
            shown.append(f"and {hidden} more")
        super().__init__("; ".join(shown), shown)


def validate(model: type[T], values: dict[str, Any]) -> T:
    """Validate a request; its `notes` say which values were read from text.

    Raises InvalidRequest with every fault at once.
    """
    values, notes = forms.read(model, values)
    try:
        return model.model_validate(values).noted(notes)
    except ValidationError as error:
        # All are counted and few are described: a request can have a million of them.
        faults = error.errors(include_url=False)
        sentences = Sentences(model).describe(faults[:MAX_FAULTS])
        total = len(faults) + count_dropped(model, values)
        raise InvalidRequest(sentences, total) from None


def check_choice(
    value: Any, allowed: Collection[str] | Collection[int], hints: Mapping[str, str] | None = None
) -> Any:
    """The value if it is allowed, a string in lower case. Raises ValueError, with a suggestion.

    allowed: the values; the strings among them in lower case.
    hints: what the error says in place of a suggestion, by a wrong value in lower case.
    """
    lower_case = value.strip().lower() if isinstance(value, str) else value
    if lower_case in allowed:
        return lower_case
    remedy = ""
    if isinstance(value, str):
        hint = (hints or {}).get(lower_case)
        # Of "mp3_44100_128" or "audio-24khz-mono-mp3" the one part that is allowed.
        parts = [part for part in _PARTS.split(value[:SHOWN].lower()) if part in allowed]
        meant = parts[0] if len(set(parts)) == 1 else value
        remedy = f"; {hint}" if hint else did_you_mean(meant, map(str, allowed))
    names = ", ".join(map(str, allowed))
    raise ValueError(f"{quote_value(value)} is none of {names}{remedy}")


@dataclass(frozen=True, slots=True)
class Choice(AfterValidator, forms.Choice):
    """A check whose JSON schema (openapi.json) lists the allowed values."""

    allowed: tuple[str | int, ...] = ()

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """The schema of the type, with the allowed values."""
        return handler(core_schema) | {"enum": list(self.allowed)}


def choice_of(
    allowed: Collection[str] | Collection[int], hints: Mapping[str, str] | None = None
) -> Choice:
    """Allow only these values, strings in any case; see `check_choice`."""
    return Choice(lambda value: check_choice(value, allowed, hints), tuple(allowed))

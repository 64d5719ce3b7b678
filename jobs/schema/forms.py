"""Values as forms and automations send them: numbers, booleans and objects as text, empty fields.

What is meant must be certain: "1.2" for a number, "true" for a boolean, the JSON of an object. Any
other text stays as it is, and the request's model refuses it. A field that is misspelt is never
read.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from types import UnionType
from typing import Annotated, Any, NewType, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from jobs.schema.model_fields import names_of
from messages import listed

MAX_NUMBER = 64
"""Most characters of a number that is read from text."""
MAX_JSON = 1_000_000
"""Most characters of an object that is read from text: more than any request needs."""

_NUMBER = re.compile(r"[+-]?[0-9]{1,40}(?:\.[0-9]{0,40})?(?:[eE][+-]?[0-9]{1,3})?")
_BOOLEANS = {"true": True, "false": False}


class Choice:
    """Marks a text field that has a few allowed values: an empty one can mean nothing else."""


@dataclass
class Readings:
    """The fields of a request that were not as its model has them, by what became of them."""

    numbers: list[str] = field(default_factory=list)
    booleans: list[str] = field(default_factory=list)
    objects: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    empty: list[str] = field(default_factory=list)

    def warnings(self) -> list[str]:
        """One sentence for the reply, which names the fields; none if all were as they must be."""
        kinds = [("number", self.numbers), ("boolean", self.booleans)]
        kinds += [("object", self.objects), ("list", self.lists)]
        read = [_read_as(kind, names) for kind, names in kinds if names]
        clauses = [*read, "send JSON values, without quotes around them"] if read else []
        if self.empty:
            is_one = len(self.empty) == 1
            clauses.append(
                f"{listed(self.empty)} {'was' if is_one else 'were'} empty and "
                f"{'counts' if is_one else 'count'} as not given"
            )
        return ["; ".join(clauses)] if clauses else []


@dataclass(frozen=True)
class _Field:
    """What a model says of a field.

    kinds: the types of its values.
    may_be_empty: whether an empty text, or null, is taken for a field that is not given.
    """

    kinds: frozenset[type]
    may_be_empty: bool

    @property
    def model(self) -> type[BaseModel] | None:
        """The model of the field's object, if it has one."""
        return next((kind for kind in self.kinds if issubclass(kind, BaseModel)), None)


def read(model: type[BaseModel], values: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """The values of a request as its model wants them, and a warning if any was something else.

    The values are not changed: if any is read, they are copied. Raises RecursionError for JSON that
    is nested too deeply.
    """
    readings = Readings()
    found = _read_object(model, values, "", readings)
    return found, readings.warnings()


def _read_object(
    model: type[BaseModel], values: dict[str, Any], path: str, readings: Readings
) -> dict[str, Any]:
    """`read` for an object of the request; `path` is where it stands, with a period at its end."""
    changed: dict[str, Any] = {}
    dropped: set[str] = set()
    for name, rule in _fields(model).items():
        if name not in values:
            continue
        raw, place = values[name], path + name
        if rule.may_be_empty and _is_empty(raw, rule.kinds):
            readings.empty.append(place)
            dropped.add(name)
            continue
        value = _read_value(raw, rule.kinds, place, readings) if isinstance(raw, str) else raw
        if rule.model is not None and isinstance(value, dict):
            value = _read_object(rule.model, value, f"{place}.", readings)
        if value is not raw:
            changed[name] = value
    if not changed and not dropped:
        return values
    kept = {name: value for name, value in values.items() if name not in dropped}
    return kept | changed


def _is_empty(raw: Any, kinds: frozenset[type]) -> bool:
    if raw is None:
        return type(None) not in kinds
    return isinstance(raw, str) and not raw.strip()


def _read_value(raw: str, kinds: frozenset[type], place: str, readings: Readings) -> Any:
    """The number, the boolean, the object or the list that a text stands for, else the text."""
    if str in kinds:
        return raw
    text = raw.strip() if len(raw) <= MAX_JSON else ""
    if bool in kinds and text.lower() in _BOOLEANS:
        readings.booleans.append(place)
        return _BOOLEANS[text.lower()]
    if (int in kinds or float in kinds) and (number := _number(text)) is not None:
        readings.numbers.append(place)
        return number
    takes_objects = any(issubclass(kind, dict | BaseModel) for kind in kinds)
    if takes_objects and isinstance(value := _json(text, "{"), dict):
        readings.objects.append(place)
        return value
    if kinds & {list, tuple} and isinstance(value := _json(text, "["), list):
        readings.lists.append(place)
        return value
    return raw


def _number(text: str) -> int | float | None:
    """The number of a text; None if it is none, or not a finite one."""
    if len(text) > MAX_NUMBER or not _NUMBER.fullmatch(text):
        return None
    try:
        return int(text)
    except ValueError:
        number = float(text)
    return number if abs(number) < float("inf") else None


def _json(text: str, first: str) -> Any:
    """The value of JSON that begins with a sign; None if the text is something else."""
    if not text.startswith(first):
        return None
    try:
        return json.loads(text, parse_constant=_refuse)
    except ValueError:
        return None


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _read_as(kind: str, names: list[str]) -> str:
    if len(names) == 1:
        return f"{names[0]} came as text and was read as {'an' if kind == 'object' else 'a'} {kind}"
    return f"{listed(names)} came as text and were read as {kind}s"


@cache
def _fields(model: type[BaseModel]) -> Mapping[str, _Field]:
    """What a model says of its fields, by every name that a client may use for them."""
    return {
        name: _field(key, info)
        for key, info in model.model_fields.items()
        for name in names_of(key, info)
    }


def _field(name: str, info: FieldInfo) -> _Field:
    parts = [*_parts(info.annotation), *info.metadata]
    kinds = frozenset(part for part in parts if isinstance(part, type))
    # An empty text may be a voice, a language or an id that somebody forgot: that stays a fault.
    is_text = str in kinds
    is_closed = any(isinstance(part, Choice) for part in parts) or name.endswith("_url")
    return _Field(kinds, not info.is_required() and (is_closed or not is_text))


def _parts(annotation: Any) -> Iterator[Any]:
    """The types that an annotation allows, and what is noted beside them."""
    origin = get_origin(annotation)
    if origin is Annotated:
        kind, *notes = get_args(annotation)
        yield from _parts(kind)
        yield from notes
    elif origin in (Union, UnionType):
        for kind in get_args(annotation):
            yield from _parts(kind)
    elif isinstance(annotation, NewType):
        yield from _parts(annotation.__supertype__)
    else:
        yield origin or annotation

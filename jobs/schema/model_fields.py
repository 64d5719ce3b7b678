"""The names of a model's fields, and how many wrong ones an error describes."""

from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

MAX_FAULTS = 20
"""Most faults that an error describes. RunPod drops replies of over 10 MB."""
MAX_UNKNOWN = MAX_FAULTS + 1
"""Most unknown fields of an object that pydantic gets."""


def names_of(name: str, field: FieldInfo) -> list[str]:
    """Every name that a client may use for a field, aliases included.

    name: what the model calls the field.
    """
    choices = getattr(field.validation_alias, "choices", [name])
    return [str(choice) for choice in choices]


def field_names(model: type[BaseModel]) -> list[str]:
    """Every name that a client may use for the model's fields, aliases included."""
    fields = model.model_fields.items()
    return [one for name, field in fields for one in names_of(name, field)]


def count_dropped(model: type[BaseModel], values: Any) -> int:
    """How many unknown fields of a request, and of the objects in it, pydantic does not get."""
    if not isinstance(values, dict):
        return 0
    dropped = max(0, len(values.keys() - set(field_names(model))) - MAX_UNKNOWN)
    inner = nested_models(model).items()
    return dropped + sum(count_dropped(nested, values.get(name)) for name, nested in inner)


def nested_models(model: type[BaseModel]) -> dict[str, type[BaseModel]]:
    """The fields of a model that are objects with fields of their own, such as `subtitles`."""
    return {
        name: kind
        for name, field in model.model_fields.items()
        for kind in (field.annotation, *get_args(field.annotation))
        if isinstance(kind, type) and issubclass(kind, BaseModel)
    }

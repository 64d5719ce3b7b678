"""The names of a model's fields, and how many wrong ones an error describes."""

from typing import Any, get_args

from pydantic import BaseModel

MAX_FAULTS = 20
"""Most faults that an error describes. RunPod drops replies of over 10 MB."""
MAX_UNKNOWN = MAX_FAULTS + 1
"""Most unknown fields of an object that pydantic gets."""


def field_names(model: type[BaseModel]) -> list[str]:
    """Every name that a client may use for the model's fields, aliases included."""
    names: list[str] = []
    for name, field in model.model_fields.items():
        choices = getattr(field.validation_alias, "choices", [name])
        names += [str(choice) for choice in choices]
    return names


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

"""pydantic's errors in the words of a client, who knows JSON and API.md and no Python."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from jobs.schema.forms import MAX_NUMBER
from jobs.schema.hints import hint_for
from jobs.schema.model_fields import field_names, names_of, nested_models
from messages import SHOWN, cut, did_you_mean, quote_value

_REQUIREMENTS = {
    "missing": "is required",
    "string_type": "must be a string",
    "string_unicode": "must be valid Unicode",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "datetime_type": "must be a date",
}
_OBJECT_TYPES = ("dict_type", "model_type", "model_attributes_type")
_EXAMPLES: dict[int | str, str] = {
    "subtitles": '; give one such as {"preset": "social"}',
    "second": '; give one such as {"text": "Hallo.", "language": "de"}',
    "margins": '; give one such as {"vertical": 200}',
    "pronunciations": '; give one such as {"nginx": "engine X"}',
    "show": '; give one such as {"damn": "d**n"}',
    "voice_colours": '; give one such as {"anna": "#FFD700"}',
}
"""What an object may look like, by the name of its field."""
_TEXT_EXAMPLES: dict[int | str, str] = {
    "voice": "anna",
    "output_format": "mp3",
    "response_format": "mp3",
    "quality": "best",
    "parts": "sentence",
}
"""What a text may be, by the name of its field, where a client may send another type for it."""

_NUMBERS = ("int_type", "int_from_float", "float_type", "finite_number")
_OUT_OF_BOUNDS = ("greater_than_equal", "less_than_equal")
_BOUNDS: dict[str, Callable[[dict[str, Any]], str]] = {
    "greater_than_equal": lambda bound: f"must be at least {_number(bound['ge'])}",
    "less_than_equal": lambda bound: f"must be at most {_number(bound['le'])}",
    "literal_error": lambda bound: f"must be {bound['expected']}",
}


def requirement(fault: ErrorDetails) -> str:
    """What the value of a field must be, such as "must be at most 3"; it quotes no value."""
    kind, context = fault["type"], fault.get("ctx", {})
    if kind in _BOUNDS:
        return _BOUNDS[kind](context)
    if kind in ("string_too_long", "too_long"):
        value, most = fault.get("input"), context["max_length"]
        if value is None:  # a secret, which is not among the fault's facts
            return f"must have at most {most} characters"
        what = "characters" if isinstance(value, str) else "entries"
        return f"has {len(value)} {what}, and at most {most} are allowed"
    return _REQUIREMENTS.get(kind, "is not valid")


class Sentences:
    """Makes sentences of the faults of one request.

    model: the request's model, whose field names the sentences suggest.
    """

    def __init__(self, model: type[BaseModel]) -> None:
        self._model = model
        self._listed: set[tuple[int | str, ...]] = set()

    def describe(self, faults: Iterable[ErrorDetails]) -> list[str]:
        """One sentence for each fault. The known fields of an object are listed once."""
        return [self._sentence(fault) for fault in faults]

    def _sentence(self, fault: ErrorDetails) -> str:
        # pydantic adds "[key]" to the location of a wrong key of a dict.
        parts = (cut(str(part)) for part in fault["loc"] if part != "[key]")
        path = cut(".".join(filter(None, parts)))
        kind = fault["type"]
        if kind == "missing":
            return f"{path} {requirement(fault)}"
        if kind == "extra_forbidden":
            return self._unknown(path, fault["loc"])
        if self._is_blank(fault):
            remedy = "" if self._is_required(fault["loc"]) else "; leave it out, or give a value"
            return f"{path} must not be empty, got {quote_value(fault['input'])}{remedy}"
        if kind == "value_error":  # one of our own validators: its sentence names the value
            sentence = str(fault["ctx"]["error"])
            # A check of several fields at once has no place of its own.
            return f"{path}: {sentence}" if path else sentence
        # A request without a place for the fault has a wrong name of a field.
        sentence = f"{path or 'the name of a field'} {requirement(fault)}"
        if (kind in _NUMBERS or kind in _OUT_OF_BOUNDS) and (bounds := self._bounds(fault["loc"])):
            sentence = f"{sentence} {bounds}"
            if kind in _OUT_OF_BOUNDS:
                sentence = f"{path} must be {bounds}"
        if kind in ("string_too_long", "too_long"):
            is_script = path in ("text", "gen_text", "input")
            return f"{sentence}; split it into several jobs" if is_script else sentence
        return f"{sentence}, got {quote_value(fault['input'])}{self._remedy(fault)}"

    def _remedy(self, fault: ErrorDetails) -> str:
        """What to send in place of a value of a wrong type; empty if the sentence has said it."""
        value, kind = fault["input"], fault["type"]
        if value is None and not self._is_required(fault["loc"]):
            return "; leave it out"
        if kind == "string_unicode":
            return "; it has half of a surrogate pair: send each character whole, such as an emoji"
        if kind == "string_type":
            return _text_remedy(fault)
        if kind in _OBJECT_TYPES and fault["loc"][-1] in _EXAMPLES:
            is_json = isinstance(value, str) and value.lstrip()[:1] == "{"
            return "; this text is not valid JSON" if is_json else _EXAMPLES[fault["loc"][-1]]
        if not isinstance(value, str):
            return ""
        if kind in ("int_type", "float_type") and _has_decimal_comma(value):
            return "; write the decimals after a period"
        return ""

    def _is_blank(self, fault: ErrorDetails) -> bool:
        """Whether a check of ours refused a field because nothing is in it."""
        value, location = fault.get("input"), fault["loc"]
        if fault["type"] != "value_error" or not isinstance(value, str):
            return False
        if len(value) > SHOWN or value.strip():  # of a long one, the length may be the fault
            return False
        return bool(location) and str(location[-1]) in field_names(self._model_around(location))

    def _is_required(self, location: Sequence[int | str]) -> bool:
        model, name = self._model_around(location), str(location[-1])
        fields = model.model_fields.items()
        return any(info.is_required() for key, info in fields if name in names_of(key, info))

    def _bounds(self, location: Sequence[int | str]) -> str:
        """The bounds of a number, such as "from 0.3 to 3"; empty if it has not both."""
        model, name = self._model_around(location), str(location[-1]) if location else ""
        for key, info in model.model_fields.items():
            if name in names_of(key, info):
                least, most = _bound(info, "ge"), _bound(info, "le")
                if least is not None and most is not None:
                    return f"from {_number(least)} to {_number(most)}"
        return ""

    def _unknown(self, path: str, location: Sequence[int | str]) -> str:
        """The sentence for a field that the request's model does not have."""
        model, name = self._model_around(location), str(location[-1])
        names = field_names(model)
        # Of two names of one field pydantic takes the first and calls the second unknown.
        if name in names:
            fields = model.model_fields.items()
            own = next(key for key, info in fields if name in names_of(key, info))
            return f"{path} is another name of {own}, which is given too; leave one of them out"
        unknown = f"unknown field {quote_value(path)}"
        if not names:
            return f"{unknown}; this endpoint takes no field"
        if hint := hint_for(name, model):
            return f"{unknown}; {hint}"
        if suggestion := did_you_mean(name, names):
            return f"{unknown}{suggestion}"
        around = tuple(location[:-1])
        if around in self._listed:
            return unknown
        self._listed.add(around)
        return f"{unknown}; known fields: {', '.join(names)}"

    def _model_around(self, location: Sequence[int | str]) -> type[BaseModel]:
        """The model of the object that a field is in: the request's, or a nested one."""
        model = self._model
        for part in location[:-1]:
            model = nested_models(model).get(str(part), model)
        return model


def _text_remedy(fault: ErrorDetails) -> str:
    """What to send where a text belongs."""
    value, name = fault["input"], fault["loc"][-1]
    if isinstance(value, list):
        return "; give one, not a list"
    if name in _TEXT_EXAMPLES and isinstance(value, dict | bool | float):
        return f'; give one such as "{_TEXT_EXAMPLES[name]}"'
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f'; write it in quotes: "{quote_value(value)}"'
    return ""


def _bound(info: FieldInfo, side: str) -> float | None:
    """A bound of a field's number: `ge` is the least, and `le` the most; None without one."""
    found = [getattr(one, side) for one in info.metadata if hasattr(one, side)]
    return found[0] if found else None


def _number(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:g}"


def _has_decimal_comma(text: str) -> bool:
    """Whether a text is a number such as 1,5."""
    return text[:MAX_NUMBER].strip().lstrip("+-").replace(",", "", 1).isdecimal()

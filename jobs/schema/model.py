"""The base of every request and reply, and the id of a job."""

from collections.abc import Iterable
from itertools import islice
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, PrivateAttr, model_validator

from jobs.schema.model_fields import MAX_UNKNOWN, field_names
from storage import keys


class Model(BaseModel):
    """Base of requests and replies: frozen, strict types, no unknown field, finite numbers."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", allow_inf_nan=False, populate_by_name=True
    )

    def summary(self) -> str:
        """What the log says of this request or reply, after the name of its endpoint."""
        return ""

    def with_warnings(self, sentences: Iterable[str]) -> Self:
        """The same reply with warnings before its own, without those that it has.

        A reply that has no field `warnings` stays as it is.
        """
        if "warnings" not in type(self).model_fields:
            return self
        own: list[str] = getattr(self, "warnings", None) or []
        new = [sentence for sentence in sentences if sentence not in own]
        return self.model_copy(update={"warnings": [*new, *own]}) if new else self


class Request(Model):
    """Base of requests, and of the objects in them."""

    _notes: tuple[str, ...] = PrivateAttr(())

    @property
    def notes(self) -> tuple[str, ...]:
        """Warnings about how the request was read; see `jobs.schema.forms`."""
        return self._notes

    def noted(self, notes: Iterable[str]) -> Self:
        """The same request with warnings about how it was read."""
        self._notes = tuple(notes)
        return self

    @model_validator(mode="before")
    @classmethod
    def _drop_most_unknown_fields(cls, values: Any) -> Any:
        """Of many unknown fields pydantic gets the first ones: it would describe each of them."""
        if not isinstance(values, dict) or len(values) <= MAX_UNKNOWN:
            return values
        known = set(field_names(cls))
        unknown = (name for name in values if name not in known)
        kept = known.intersection(values).union(islice(unknown, MAX_UNKNOWN))
        return {name: value for name, value in values.items() if name in kept}


def _parse_job_id(raw: str) -> keys.JobId:
    try:
        return keys.parse_job_id(raw)
    except keys.InvalidName as error:
        raise ValueError(error.sentence) from None


JobId = Annotated[keys.JobId, AfterValidator(_parse_job_id)]
"""A job's id that can be part of a key of the store."""

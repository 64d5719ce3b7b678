"""The base of every request and reply, and the id of a job."""

from itertools import islice
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

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


class Request(Model):
    """Base of requests, and of the objects in them."""

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

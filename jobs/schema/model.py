"""The base of every request and reply, and the id of a job."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict

from storage import keys


class Model(BaseModel):
    """Base of requests and replies: frozen, strict types, no unknown field, finite numbers."""

    model_config = ConfigDict(
        frozen=True, strict=True, extra="forbid", allow_inf_nan=False, populate_by_name=True
    )


def _parse_job_id(raw: str) -> keys.JobId:
    try:
        return keys.parse_job_id(raw)
    except keys.InvalidName as error:
        raise ValueError(error.sentence) from None


JobId = Annotated[keys.JobId, AfterValidator(_parse_job_id)]
"""A job's id that can be part of a key of the store."""

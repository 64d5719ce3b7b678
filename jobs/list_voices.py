"""`list_voices`: every voice that a job can name."""

import unicodedata
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from jobs.schema.fields import Whole
from jobs.schema.model import Model, Request
from messages import quote_value
from storage import keys
from tts.voices.library import VoiceInfo
from worker.job import Job
from worker.state import Worker


def _normalize(raw: str) -> str:
    """The beginning of a voice's name in NFC, as names are stored."""
    name = unicodedata.normalize("NFC", raw)
    # The prefix becomes part of a key, so it must not lead out of the folder `voices/`.
    try:
        keys.check_prefix(f"voices/{name}")
    except keys.InvalidName:
        raise ValueError(
            f"{quote_value(raw)} is not the beginning of a voice's name; give its first letters, "
            "or leave prefix out"
        ) from None
    return name


NamePart = Annotated[str, Field(max_length=keys.MAX_VOICE_NAME), AfterValidator(_normalize)]


class ListVoicesRequest(Request):
    """A part of the list; without any field, the first page of all voices."""

    prefix: NamePart = Field("", description="Only names that start with it.")
    after: NamePart = Field("", description="Only names that come after it.")
    limit: Whole | None = Field(
        None, ge=1, le=1000, description="How many stored voices a page has."
    )


class ListVoicesReply(Model):
    """The engine's own voice first, then the stored ones by name; each style is an entry.

    If there are more voices, `next_after` is the value of `after` for the next page.
    """

    status: Literal["success"] = "success"
    voices: list[VoiceInfo]
    count: int
    next_after: str | None = None
    warnings: list[str] | None = None


def run(worker: Worker, request: ListVoicesRequest, job: Job) -> ListVoicesReply:
    """List one page of the voices that fit the request. Raises storage_error."""
    voices, more = worker.voices.list(request.prefix, request.after, request.limit)
    last = voices[-1].name if voices and more else None
    return ListVoicesReply(voices=voices, count=len(voices), next_after=last)

"""The request of `timing`."""

from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from jobs.results.replies import MAX_TEXT
from jobs.schema.fields import (
    MAX_URL,
    IdempotencyKey,
    Include,
    Pronunciations,
    SpokenLanguage,
    TimingFormats,
)
from jobs.schema.metadata import Metadata
from jobs.schema.model import JobId, Request
from jobs.schema.subtitles import Subtitles
from jobs.schema.validation import choice_of
from jobs.timing.unscripted import CHOICES as UNSCRIPTED
from jobs.timing.unscripted import IGNORE
from jobs.uploads import UploadId
from messages import quote_value
from storage.fetch import is_url
from timing.alignment import selection

_PAGE = "html"
"""The format with a link to its audio."""


def _url(raw: str) -> str:
    if not is_url(raw):
        raise ValueError(
            f"{quote_value(raw)} is not the URL of a sound file; give https://host/path"
        )
    return raw


class TimingRequest(Request):
    """Audio and its text."""

    job_id: JobId | None = Field(None, description="A finished `tts` or `dub` job.")
    audio_url: Annotated[str, Field(max_length=MAX_URL), AfterValidator(_url)] | None = Field(
        None, description="The http(s) URL of a sound file of up to an hour."
    )
    upload_id: UploadId | None = Field(
        None, description="The id of a sound file that was put to its upload_url."
    )
    text: str | None = Field(
        None,
        min_length=1,
        max_length=MAX_TEXT,
        description="What is said in the audio; without it, the worker transcribes it.",
    )
    language: SpokenLanguage | None = Field(
        None, description="As for `tts`; without it, `en`, or what Whisper hears."
    )
    normalize: bool = Field(True, description="As for `tts`.")
    pronunciations: Pronunciations = Field({}, max_length=200, description="As for `tts`.")
    timing_method: Annotated[str, choice_of(selection.METHODS)] = Field(
        selection.AUTO, description="As for `tts`."
    )
    timing_format: TimingFormats = Field(
        ("srt",), description="Which files: one name, a list, or `all`."
    )
    include: Include = Field((), description="As for `tts`.")
    subtitles: Subtitles = Field(Subtitles(), description="As for `tts`.")
    unscripted: Annotated[str, choice_of(UNSCRIPTED)] = Field(
        IGNORE, description="Words that are said and that `text` lacks: `ignore` or `insert`."
    )
    idempotency_key: IdempotencyKey | None = Field(None, description="As for `tts`.")
    metadata: Metadata = Field(None, description="As for `tts`.")

    @model_validator(mode="after")
    def _one_source(self) -> "TimingRequest":
        # Exactly one: more would leave open which audio counts.
        given = [one for one in (self.job_id, self.audio_url, self.upload_id) if one is not None]
        if len(given) != 1:
            raise ValueError(
                "give job_id (of a finished tts or dub job), audio_url or upload_id, "
                + ("only one of them" if given else "one of them")
            )
        if self.upload_id is not None and _PAGE in self.timing_format:
            raise ValueError(
                "the html page needs audio that stays, and an upload is removed after its job; "
                "leave html out of timing_format, or give audio_url"
            )
        return self

    def summary(self) -> str:
        """Where the audio comes from, and whether its text is known."""
        source = f"of job {self.job_id}" if self.job_id else "behind a URL"
        if self.upload_id is not None:
            source = "of an upload"
        return f"audio {source}" + ("" if self.text is None else f", {len(self.text)} characters")

"""The request of `dub`."""

from typing import Annotated

from pydantic import AfterValidator, AliasChoices, Field, model_validator

from jobs.schema.fields import MAX_URL
from jobs.schema.validation import choice_of
from jobs.tts.request import MAX_SPEED, SpeechRequest
from messages import quote_value
from storage.fetch import is_url

MAX_FILE = 1_000_000
"""Most characters of a subtitle file, and most bytes of one behind a URL."""

SHIFT, TRIM, ERROR = "shift", "trim", "error"
OVERFLOWS = (SHIFT, TRIM, ERROR)


def _url(raw: str) -> str:
    if not is_url(raw):
        raise ValueError(
            f"{quote_value(raw)} is not the URL of a subtitle file; give https://host/path"
        )
    return raw


class DubRequest(SpeechRequest):
    """A subtitle file and how to speak it."""

    srt: str | None = Field(
        None,
        min_length=1,
        max_length=MAX_FILE,
        validation_alias=AliasChoices("srt", "vtt"),
        description="The subtitle file, SRT or WebVTT.",
    )
    srt_url: Annotated[str, Field(max_length=MAX_URL), AfterValidator(_url)] | None = Field(
        None,
        validation_alias=AliasChoices("srt_url", "vtt_url"),
        description="The http(s) URL of the file, in place of `srt`.",
    )
    max_speed: float = Field(
        1.3, ge=1, le=MAX_SPEED, description="The fastest pace that a cue may take."
    )
    overflow: Annotated[str, choice_of(OVERFLOWS)] = Field(
        SHIFT, description="What happens to a cue that is too long at `max_speed`."
    )

    @model_validator(mode="after")
    def _check_source(self) -> "DubRequest":
        if (self.srt is None) == (self.srt_url is None):
            raise ValueError(
                "give srt (the text of a subtitle file) or srt_url, "
                + ("one of them" if self.srt is None else "not both")
            )
        if self.speed > self.max_speed:
            raise ValueError(
                f"speed {self.speed:g} is more than max_speed {self.max_speed:g}; give a max_speed "
                f"of at least {self.speed:g}, or a lower speed"
            )
        return self

    def summary(self) -> str:
        """Whose voice, and where the file comes from."""
        voice = "behind a URL" if "://" in self.voice else self.voice
        source = "behind a URL" if self.srt is None else f"of {len(self.srt)} characters"
        return f"voice {voice}, a subtitle file {source}"

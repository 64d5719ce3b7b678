"""Types of fields that several requests share."""

from typing import Annotated, Any

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field

from jobs.schema.validation import choice_of, quote_value
from storage import keys
from storage.fetch import is_url
from timing.formats import FORMATS
from tts.text.lexicon import Spoken, Written
from tts.voices.transcript_files import transcript_text

_MAX_RAW = 1_000_000
"""Most characters of a transcript file: 20 000 of text (the limit of `ref_text`), and the times and
tags around it."""


def _language(raw: str) -> str:
    """Two lower-case letters; whether the worker knows the language is checked later."""
    if len(raw) != 2 or not (raw.isascii() and raw.isalpha() and raw.islower()):
        raise ValueError(
            f'{quote_value(raw)} is not two lower-case letters of ISO 639-1, such as "en"'
        )
    return raw


def _formats(raw: Any) -> Any:
    """One name, a list of names or "all", in any case, as a tuple of names without repeats."""
    names = [raw] if isinstance(raw, str) else raw
    is_list = isinstance(names, list) and all(isinstance(name, str) for name in names)
    if not is_list or not names:
        raise ValueError(f'{quote_value(raw)} is not a name, a list of names or "all"')
    lower_case = [name.lower() for name in names]
    # Without repeats, because each format is one file of the job.
    return tuple(FORMATS) if lower_case == ["all"] else tuple(dict.fromkeys(lower_case))


def parse_voice_name(raw: str) -> str:
    """A voice's name as it is stored."""
    try:
        return keys.voice_name(raw)
    except keys.InvalidName as error:
        raise ValueError(error.sentence) from None


def parse_clip_url(raw: str) -> str:
    """An http(s) URL with a host."""
    if not is_url(raw):
        raise ValueError(f"{quote_value(raw)} is not the URL of a clip; give https://host/path")
    return raw


def _transcript(raw: Any) -> Any:
    """The text of a transcript file. A blank one becomes None: F5's own clients send it so."""
    if not isinstance(raw, str):
        return raw  # pydantic reports the wrong type after this validator
    # The field's own limit counts the text alone. It comes after this validator, so the raw file
    # needs a limit before it is parsed.
    if len(raw) > _MAX_RAW:
        raise ValueError(f"{len(raw)} characters are given and at most {_MAX_RAW} are read")
    return transcript_text(raw) or None


VoiceName = Annotated[str, AfterValidator(parse_voice_name)]
ClipUrl = Annotated[str, AfterValidator(parse_clip_url)]
Transcript = Annotated[str | None, BeforeValidator(_transcript)]
Language = Annotated[str, AfterValidator(_language)]
TimingFormats = Annotated[
    tuple[Annotated[str, choice_of(FORMATS)], ...],
    BeforeValidator(_formats),
    Field(validation_alias=AliasChoices("timing_format", "timing_formats")),
]
Pronunciations = dict[Written, Spoken]

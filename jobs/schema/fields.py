"""Types of fields that several requests share."""

from typing import Annotated, Any

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field

from jobs.schema.validation import check_choice
from messages import quote_value
from storage import keys
from storage.fetch import is_url
from timing.formats import ALL, FORMATS
from tts.languages import language_remedy, language_tag
from tts.text.lexicon import Spoken, Written
from tts.voices.transcript_files import transcript_text

_MAX_RAW = 1_000_000
"""Most characters of a transcript file: 20 000 of text (the limit of `ref_text`), and the times and
tags around it."""


MAX_URL = 4096
"""Most characters of a URL: a signed link with a session token is long."""
MAX_ENTRIES = 200
_HEARD = (
    "give the language of the text, such as en or de; of audio without a text it is heard if you "
    "leave language out"
)
_FORMAT_HINTS = {
    "txt": "the reply has the text already; csv has each word with its times",
    **dict.fromkeys(("webvtt", "web_vtt"), "use vtt"),
    "subrip": "use srt",
    "ssa": "use ass",
    **dict.fromkeys(("imsc", "imsc1", "dfxp", "xml", "itt"), "use ttml"),
    **dict.fromkeys(("lrc_words", "enhanced_lrc", "lrc_enhanced"), "use elrc"),
    "praat": "use textgrid",
    **dict.fromkeys(("verbose_json", "openai"), "use whisper"),
    **dict.fromkeys(("resolve", "davinci"), "use edl"),
}
"""What to take in place of other names of formats, and of formats that there are not."""


def _two_letters(raw: str) -> str:
    """Two lower-case letters."""
    if len(raw) != 2 or not (raw.isascii() and raw.isalpha() and raw.islower()):
        raise ValueError(
            f'{quote_value(raw)} is not two lower-case letters of ISO 639-1, such as "en"'
        )
    return raw


def _spoken_language(raw: str) -> str:
    """The tag of a language; whether the worker knows the language is checked later."""
    tag = language_tag(raw)
    if tag is None:
        is_asked = raw.strip().lower() in ("auto", "detect", "multilingual")
        remedy = _HEARD if is_asked else language_remedy(raw)
        raise ValueError(f"{quote_value(raw)} is not a language code of ISO 639-1; {remedy}")
    return tag


def _whole_number(raw: Any) -> Any:
    """7 for 7.0: some clients know one kind of number only. Anything else stays as it is."""
    return int(raw) if isinstance(raw, float) and raw.is_integer() else raw


def _formats(raw: Any) -> Any:
    """One name, a list of names or "all", in any case, as a tuple of names without repeats."""
    given = [raw] if isinstance(raw, str) else raw
    is_list = isinstance(given, list) and all(isinstance(name, str) for name in given)
    if not is_list or not given:
        raise ValueError(
            f'{quote_value(raw)} is not a name, a list of names or "all"; give one such as "srt", '
            'or ["srt", "vtt"]'
        )
    names = (name for part in given for name in part.split(","))
    # Without repeats, because each format is one file of the job.
    lower_case = tuple(dict.fromkeys(name.strip().lower() for name in names))
    # The first wrong one is enough: a list can have a million of them.
    wrong = next((name for name in lower_case if name not in (*FORMATS, "all")), None)
    if wrong is not None:
        check_choice(wrong, FORMATS, _FORMAT_HINTS)
    return tuple(
        dict.fromkeys(one for name in lower_case for one in (ALL if name == "all" else (name,)))
    )


def limit_entries(raw: Any, most: int = MAX_ENTRIES, of: str = "words") -> Any:
    """Refuse too many entries of a map before pydantic looks at each of them."""
    if isinstance(raw, dict) and len(raw) > most:
        raise ValueError(f"{len(raw)} {of} are given, and at most {most} are allowed")
    return raw


def parse_voice_name(raw: str) -> str:
    """A voice's name as it is stored."""
    try:
        return keys.voice_name(raw)
    except keys.InvalidName as error:
        raise ValueError(_voice_remedy(raw) or error.sentence) from None


def _voice_remedy(raw: str) -> str:
    """A sentence for what people write in place of a voice's name; empty for other text."""
    if raw[:5].lower() == "data:":
        return (
            f"{quote_value(raw)} is not a voice name; store the clip with the endpoint upload, "
            "then give the voice's name"
        )
    name = raw[-MAX_URL:].replace("\\", "/").rpartition("/")[2]
    if ".." in raw or ("/" not in raw and "\\" not in raw):
        return ""
    try:
        return (
            f"{quote_value(raw)} is not a voice name; use the name only: {keys.voice_name(name)!r}"
        )
    except keys.InvalidName:
        return ""


def parse_clip_url(raw: str) -> str:
    """An http(s) URL with a host."""
    if not is_url(raw):
        raise ValueError(f"{quote_value(raw)} is not the URL of a clip; give https://host/path")
    return raw


def _file_url(raw: str) -> str:
    """The URL of a clip that becomes a voice."""
    if not is_url(raw):
        raise ValueError(
            f"{quote_value(raw)} is not the URL of a clip; give https://host/path, or leave it "
            "out: then the reply says where to PUT the file"
        )
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


Whole = Annotated[int, BeforeValidator(_whole_number)]
VoiceName = Annotated[str, AfterValidator(parse_voice_name)]
ClipUrl = Annotated[str, Field(max_length=MAX_URL), AfterValidator(_file_url)]
Transcript = Annotated[str | None, BeforeValidator(_transcript)]
Language = Annotated[str, AfterValidator(_two_letters)]
"""As the record of a job has it: any two letters, so that records of all releases are readable."""
SpokenLanguage = Annotated[str, AfterValidator(_spoken_language)]
"""As a client writes it: a code or a tag of a known language, in any case.

The value is the code, with the region if the client gives one: `en`, `pt-BR`. A script is read by
this tag; all else in the worker knows languages by `tts.languages.base_language` of it."""
TimingFormats = Annotated[
    tuple[str, ...],
    BeforeValidator(_formats),
    Field(validation_alias=AliasChoices("timing_format", "timing_formats")),
]
Pronunciations = Annotated[dict[Written, Spoken], BeforeValidator(limit_entries)]

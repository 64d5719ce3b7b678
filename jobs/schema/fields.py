"""Types of fields that several requests share."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import Annotated, Any

from pydantic import AfterValidator, AliasChoices, BeforeValidator, Field, WithJsonSchema

from jobs.schema.validation import check_choice
from messages import SHOWN, quote_value
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
MAX_KEY = 128
"""Most characters of an `idempotency_key`."""
_HEARD = (
    "give the language of the text, such as en or de; for audio without a text, leave language out "
    "and the worker hears it"
)
_BASE64 = ("UklGR", "SUQz", "//", "T2dnUw", "ZkxhQ", "AAAA", "GkXfo")
"""How sound as base64 begins: WAV, MP3 with its tags and without, Ogg, FLAC, MP4 and WebM."""
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
INCLUDED = ("words", "segments", "chunks", "alignment")
"""What a reply may include of the timing files."""
_INCLUDED_HINTS = {
    **dict.fromkeys(("word", "timestamps", "word_timestamps", "word_timings"), "use words"),
    **dict.fromkeys(("sentence", "sentences", "segment"), "use segments"),
    **dict.fromkeys(("character", "characters", "chars"), "use alignment"),
    "chunk": "use chunks",
    **dict.fromkeys(
        ("audio", "audio_base64"), "the reply has a link to the audio, never the audio itself"
    ),
    **dict.fromkeys(FORMATS, "timing_format makes files; the reply includes the data alone"),
    "elevenlabs": "use alignment",
}
"""What to take in place of other names of them."""


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
    names = _names(raw)
    if not names:
        raise ValueError(
            f'{quote_value(raw)} is not a name, a list of names or "all"; give one such as "srt", '
            'or ["srt", "vtt"]'
        )
    _check_names((name for name in names if name != "all"), FORMATS, _FORMAT_HINTS)
    return tuple(
        dict.fromkeys(one for name in names for one in (ALL if name == "all" else (name,)))
    )


def _included(raw: Any) -> Any:
    """One name or a list of names of INCLUDED, in any case, as a tuple without repeats."""
    names = _names(raw)
    if names is None:
        raise ValueError(
            f'{quote_value(raw)} is not a name or a list of names; give one such as "words", or '
            '["words", "segments"]'
        )
    _check_names(names, INCLUDED, _INCLUDED_HINTS)
    return names


def _names(raw: Any) -> tuple[str, ...] | None:
    """One name, or a list of names, in lower case and without repeats; None for anything else."""
    given = [raw] if isinstance(raw, str) else raw
    if not isinstance(given, list) or not all(isinstance(name, str) for name in given):
        return None
    names = (name for part in given for name in part.split(","))
    return tuple(dict.fromkeys(name.strip().lower() for name in names))


def _check_names(names: Iterable[str], known: Collection[str], hints: Mapping[str, str]) -> None:
    """Raise ValueError for a name that is not known."""
    # The first wrong one is enough: a list can have a million of them.
    wrong = next((name for name in names if name not in known), None)
    if wrong is not None:
        parts = wrong[:SHOWN].replace(";", " ").replace("+", " ").split()
        if len(parts) > 1 and all(part in known for part in parts):
            hint = f'separate several with commas: "{",".join(parts)}"'
            raise ValueError(f"{quote_value(wrong)} is none of {', '.join(known)}; {hint}")
        check_choice(wrong, known, hints)


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


def _style(raw: str) -> str:
    """The name of a style as it is stored."""
    try:
        return keys.style_name(raw)
    except keys.InvalidName as error:
        raise ValueError(error.sentence) from None


def _voice_remedy(raw: str) -> str:
    """A sentence for what people write in place of a voice's name; empty for other text."""
    if raw[:5].lower() == "data:" or (len(raw) > keys.MAX_VOICE_NAME and raw.startswith(_BASE64)):
        return (
            f"{quote_value(raw)} is not a voice name; store the clip with the endpoint upload, "
            "then give the voice's name"
        )
    with suppress(keys.InvalidName):
        if raw != raw.strip():
            name = keys.voice_name(raw.strip())
            return f"{quote_value(raw)} has spaces around the name; use {name!r}"
    path = raw[-MAX_URL:].replace("\\", "/")
    if ".." in raw or "/" not in path:
        return ""
    # Of a key of the store the name is all that comes after `voices/`, with the style.
    _, is_key, key = path.rpartition("voices/")
    for name in [*([key] if is_key else []), path.rpartition("/")[2]]:
        try:
            remedy = f"use the name only: {keys.voice_name(name)!r}"
        except keys.InvalidName:
            continue
        return f"{quote_value(raw)} is not a voice name; {remedy}"
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


def _key(raw: str) -> str:
    """A key that looks the same wherever it is written down."""
    if not raw.isprintable() or raw != raw.strip():
        raise ValueError(
            f"{quote_value(raw)} is not a key; give 1 to {MAX_KEY} printable characters without "
            "spaces at the ends, such as the id of your order"
        )
    return raw


Whole = Annotated[int, BeforeValidator(_whole_number)]
VoiceName = Annotated[str, AfterValidator(parse_voice_name)]
Style = Annotated[str, AfterValidator(_style)]
ClipUrl = Annotated[str, Field(max_length=MAX_URL), AfterValidator(_file_url)]
Transcript = Annotated[
    str | None,
    BeforeValidator(_transcript),
    # Of the file that a client may send; the fields' own limits are those of the text in it.
    WithJsonSchema({"anyOf": [{"type": "string", "maxLength": _MAX_RAW}, {"type": "null"}]}),
]
Language = Annotated[str, AfterValidator(_two_letters)]
"""As the record of a job has it: any two letters, so that records of all releases are readable."""
SpokenLanguage = Annotated[str, AfterValidator(_spoken_language)]
"""As a client writes it: a code or a tag of a known language, in any case.

The value is the code, with the region if the client gives one: `en`, `pt-BR`. A script is read by
this tag; all else in the worker knows languages by `tts.languages.base_language` of it."""
_FORMAT_NAMES = {"type": "string", "enum": [*FORMATS, "all"]}
TimingFormats = Annotated[
    tuple[str, ...],
    BeforeValidator(_formats),
    # A plain string too: "srt,vtt".
    WithJsonSchema(
        {
            "anyOf": [
                _FORMAT_NAMES,
                {"type": "string"},
                {"type": "array", "items": _FORMAT_NAMES, "minItems": 1},
            ]
        }
    ),
    Field(validation_alias=AliasChoices("timing_format", "timing_formats")),
]
Include = Annotated[tuple[str, ...], BeforeValidator(_included)]
IdempotencyKey = Annotated[str, Field(min_length=1, max_length=MAX_KEY), AfterValidator(_key)]
Pronunciations = Annotated[dict[Written, Spoken], BeforeValidator(limit_entries)]

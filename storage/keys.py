"""The names of the objects, and the one place that decides which names are allowed."""

import re
import unicodedata
from typing import ClassVar, NewType

from errors import WorkerError

JobId = NewType("JobId", str)
"""The id of a job that can be part of a key. Only `parse_job_id` makes one."""

_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")
_EXTENSION = re.compile(r"[a-z0-9]{1,16}")
_KEY_BYTES = 1024  # S3's own limit
_SEGMENT_BYTES = 255  # that of every file system the local store may sit on
_NAME_CHARACTERS = 64
_NAME_BYTES = _SEGMENT_BYTES - len(".json")
_SHOWN_CHARACTERS = 80

LEXICON = "lexicon.json"
"""Key of the pronunciations for all jobs."""

ALLOWED = {
    "voice name": (
        f"1 to {_NAME_CHARACTERS} letters, digits, '.', '_', '-' and single inner spaces "
        f"({_NAME_BYTES} bytes in all), with no '.' in front and no '..'"
    ),
    "job id": "1 to 128 of A-Z a-z 0-9 '.' '_' '-', with no '.' in front and no '..'",
    "valid upload id": "the upload_id of an earlier reply",
    "file format": "1 to 16 of a-z 0-9",
    "key": (
        f"names joined by '/', none of them empty, starting with '.' or over {_SEGMENT_BYTES} "
        f"bytes, no backslash or control character, {_KEY_BYTES} bytes in all"
    ),
    "prefix": "the beginning of a key, or nothing",
}


class InvalidName(WorkerError):
    """A name that could leave the tree of the store, or that not every store can hold."""

    code: ClassVar[str] = "invalid_request"

    def __init__(self, kind: str, given: str) -> None:
        shown = given if len(given) <= _SHOWN_CHARACTERS else given[:_SHOWN_CHARACTERS] + "..."
        super().__init__(f"{shown!r} is not a {kind}; allowed: {ALLOWED[kind]}")


def voice_name(raw: str) -> str:
    """The name of a voice as it is stored: NFC, without the `.wav` that clients may append."""
    name = unicodedata.normalize("NFC", raw)
    while name.lower().endswith(".wav"):
        name = name[: -len(".wav")]
    if not _is_voice_name(name):
        raise InvalidName("voice name", raw)
    return name


def voice_clip(name: str) -> str:
    """Key of a voice's reference clip."""
    return f"voices/{voice_name(name)}.wav"


def voice_record(name: str) -> str:
    """Key of the record beside the clip: transcript, language, duration, hash."""
    return f"voices/{voice_name(name)}.json"


def voice_of(key: str) -> str | None:
    """The voice whose clip is stored under `key`; None for a record and for anything else."""
    name = key.removeprefix("voices/").removesuffix(".wav")
    return name if key == f"voices/{name}.wav" and _is_voice_name(name) else None


def upload(upload_id: str) -> str:
    """Key of what a client puts there, until it has become a voice."""
    return f"uploads/{_check_id(upload_id, 'valid upload id')}"


def audio(job_id: JobId, ext: str) -> str:
    """Key of a job's audio; `ext` without its dot."""
    return f"output/{job_id}.{_check_extension(ext)}"


def timing(job_id: JobId, fmt: str) -> str:
    """Key of one timing file of a job."""
    return f"timings/{job_id}.{_check_extension(fmt)}"


def manifest(job_id: JobId) -> str:
    """Key of a job's manifest, which is written last."""
    return f"jobs/{job_id}.json"


def voice_job(job_id: JobId) -> str:
    """Key of what is kept of a job that stored or deleted a voice, which has no manifest."""
    return f"jobs/voices/{job_id}.json"


def parse_job_id(raw: str) -> JobId:
    """The id itself if it can be part of a key. Raises InvalidName."""
    return JobId(_check_id(raw, "job id"))


def _check_id(raw: str, kind: str) -> str:
    if not _ID.fullmatch(raw) or ".." in raw:
        raise InvalidName(kind, raw)
    return raw


def check_key(key: str) -> str:
    """`key` itself when every store can hold it, else InvalidName.

    A segment that starts with a dot is refused as a whole class: that covers `.`, `..` and the
    local store's own `.tmp`.
    """
    if not _is_key(key):
        raise InvalidName("key", key)
    return key


def check_prefix(prefix: str) -> str:
    """`prefix` itself when a key could start with it, else InvalidName."""
    if not _is_key(prefix + "x"):
        raise InvalidName("prefix", prefix)
    return prefix


def _check_extension(ext: str) -> str:
    if not _EXTENSION.fullmatch(ext):
        raise InvalidName("file format", ext)
    return ext


def _is_voice_name(name: str) -> bool:
    """Marks count as letters: Devanagari and Thai cannot be written without them."""
    return (
        1 <= len(name) <= _NAME_CHARACTERS
        and not name.startswith(".")
        and name == name.strip(" ")
        and name == unicodedata.normalize("NFC", name)
        and ".." not in name
        and "  " not in name
        and not name.lower().endswith(".wav")
        and unicodedata.category(name[0])[0] != "M"
        and all(c in " ._-" or unicodedata.category(c)[0] in "LM" or c.isdecimal() for c in name)
        and len(name.encode()) <= _NAME_BYTES
    )


def _is_key(key: str) -> bool:
    if any(c == "\\" or unicodedata.category(c) in ("Cc", "Cs") for c in key):
        return False
    if len(key.encode()) > _KEY_BYTES:
        return False
    return all(
        segment and segment[0] != "." and len(segment.encode()) <= _SEGMENT_BYTES
        for segment in key.split("/")
    )

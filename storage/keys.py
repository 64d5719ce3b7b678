"""The keys of the objects, and which names are allowed in them."""

import re
import unicodedata
from typing import ClassVar, NewType

from errors import WorkerError

JobId = NewType("JobId", str)
"""The id of a job that can be part of a key. Only `parse_job_id` makes one."""

_ID = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,127}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_EXTENSION = re.compile(r"[a-z0-9]{1,16}")
_MAX_KEY_BYTES = 1024  # S3's own limit
_MAX_SEGMENT_BYTES = 255  # the limit of the file systems that LocalStore is used on
_MAX_NAME_CHARACTERS = 64
_MAX_NAME_BYTES = _MAX_SEGMENT_BYTES - len(".json")  # the longest ending that a name gets
_MAX_SHOWN_CHARACTERS = 80
# No name is longer before it is in NFC and without ".wav", but by clients who mean harm.
_MAX_RAW_CHARACTERS = 1024
# Letters and marks without a shape of their own (Unicode's Default_Ignorable_Code_Point): two names
# that differ in them look alike.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e"
    "\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)

MAX_VOICE_NAME = 2 * _MAX_NAME_CHARACTERS + 1
"""Most characters of a voice's name with its style."""

LEXICON = "lexicon.json"
"""The key of the pronunciations for all jobs."""

_PLAIN_NAME = (
    f"1 to {_MAX_NAME_CHARACTERS} letters, digits, '.', '_', '-' and single inner spaces "
    f"({_MAX_NAME_BYTES} bytes in all), with no '.' in front and no '..'"
)
ALLOWED = {
    "voice name": f"{_PLAIN_NAME}; '/' and a style of the same form may follow",
    "style": _PLAIN_NAME,
    "job id": "1 to 128 of A-Z a-z 0-9 '.' '_' '-', with no '.' in front and no '..'",
    "valid upload id": "the upload_id of an earlier reply",
    "file format": "1 to 16 of a-z 0-9",
    "SHA-256": "64 of 0-9 a-f",
    "key": (
        f"names joined by '/', none of them empty, starting with '.' or over {_MAX_SEGMENT_BYTES} "
        f"bytes, no backslash or control character, {_MAX_KEY_BYTES} bytes in all"
    ),
    "prefix": "the beginning of a key, or nothing",
}


class InvalidName(WorkerError):
    """A name that could lead out of the store's folder, or that some store cannot hold."""

    code: ClassVar[str] = "invalid_request"

    def __init__(self, kind: str, given: str) -> None:
        shown = (
            given if len(given) <= _MAX_SHOWN_CHARACTERS else given[:_MAX_SHOWN_CHARACTERS] + "..."
        )
        invisible = _INVISIBLE.search(given)
        reason = f" (it has the invisible character U+{ord(invisible[0]):04X})" if invisible else ""
        super().__init__(f"{shown!r} is not a {kind}{reason}; allowed: {ALLOWED[kind]}")


def voice_name(raw: str) -> str:
    """A voice's name as it is stored: in NFC, without `.wav` at its end. Raises InvalidName.

    The name may have a style: `anna/whisper` is the style `whisper` of the voice `anna`.
    """
    name = _as_stored(raw)
    if not _is_voice_name(name):
        raise InvalidName("voice name", raw)
    return name


def style_name(raw: str) -> str:
    """A style's name as it is stored, which is like that of a voice. Raises InvalidName."""
    name = _as_stored(raw)
    if not _is_plain_name(name):
        raise InvalidName("style", raw)
    return name


def styled(voice: str, style: str) -> str:
    """The name of a style of a voice. Raises InvalidName for a voice that can have no styles."""
    return voice_name(f"{voice}/{style}")


def can_have_styles(voice: str) -> bool:
    """Whether a voice of this name may have styles."""
    # `voices/anna.json` is the record of `anna`, so it is no folder of LocalStore. And who writes
    # `voices/anna.wav` means the voice `anna`.
    return voice.lower() != "voices" and not voice.lower().endswith(".json")


def speaker(name: str) -> str:
    """A voice's name without its style: all styles of a voice are the same speaker."""
    return name.partition("/")[0]


def style_of(name: str) -> str:
    """The style in a voice's name; empty without one."""
    return name.partition("/")[2]


def voice_clip(name: str) -> str:
    """The key of a voice's reference clip."""
    return f"voices/{voice_name(name)}.wav"


def voice_record(name: str) -> str:
    """The key of a voice's record: transcript, language, duration, hash of the clip."""
    return f"voices/{voice_name(name)}.json"


def voice_of(key: str) -> str | None:
    """The name of the voice whose clip has this key; None for any other key."""
    name = key.removeprefix("voices/").removesuffix(".wav")
    return name if key == f"voices/{name}.wav" and _is_voice_name(name) else None


def upload(upload_id: str) -> str:
    """The key that a client uploads a clip to, before it becomes a voice."""
    return f"uploads/{_check_id(upload_id, 'valid upload id')}"


def audio(job_id: JobId, ext: str) -> str:
    """The key of a job's audio; `ext` without its dot."""
    return f"output/{job_id}.{_check_extension(ext)}"


def part(job_id: JobId, index: int, ext: str) -> str:
    """The key of one part of a job's audio; `index` counts from 0."""
    return f"output/{job_id}/{index}.{_check_extension(ext)}"


def early(job_id: JobId, index: int, ext: str) -> str:
    """The key of one early part of a job's audio; `index` counts from 0."""
    return f"output/{job_id}/early/{index}.{_check_extension(ext)}"


def take(sha256: str) -> str:
    """The key of a take that later jobs may use; `sha256` is that of its file."""
    if not _SHA256.fullmatch(sha256):
        raise InvalidName("SHA-256", sha256)
    return f"chunks/{sha256}.flac"


def timing(job_id: JobId, fmt: str, ext: str = "") -> str:
    """The key of one timing file of a job; `ext` is the file's extension if it is not `fmt`.

    A format with another extension has a folder of its own: a job's id may have dots, so
    `timings/a.whisper.json` is the JSON of the job `a.whisper`.
    """
    name = _check_extension(fmt)
    if ext in ("", fmt):
        return f"timings/{job_id}.{name}"
    return f"timings/{name}/{job_id}.{name}.{_check_extension(ext)}"


def included(job_id: JobId) -> str:
    """The key of what a job's reply includes of its timing files."""
    return timing(job_id, "included", "json")


def manifest(job_id: JobId) -> str:
    """The key of a job's manifest, which is written last."""
    return f"jobs/{job_id}.json"


def idempotency(sha256: str) -> str:
    """The key of the entry that says which job has an `idempotency_key`.

    sha256: of the client's key, which may hold anything.
    """
    if not _SHA256.fullmatch(sha256):
        raise InvalidName("SHA-256", sha256)
    return f"idempotency/{sha256}.json"


def voice_job(job_id: JobId) -> str:
    """The key of the record of a job that stored or deleted a voice, or deleted a job."""
    return f"jobs/voices/{job_id}.json"


def job_of(key: str) -> JobId | None:
    """The id of the job whose manifest has this key; None for any other key."""
    name = key.removeprefix("jobs/").removesuffix(".json")
    return JobId(name) if key == f"jobs/{name}.json" and _is_id(name) else None


def file_prefixes(job_id: JobId) -> tuple[str, ...]:
    """Prefixes of the keys of a job's files; the files of a job whose id begins so have them, too.

    A format with a folder of its own (see `timing`) has another prefix.
    """
    return f"output/{job_id}.", f"output/{job_id}/", f"timings/{job_id}."


def is_file_of(job_id: JobId, key: str) -> bool:
    """Whether `audio`, `part`, `early` or `timing` makes this key for this job, so for no other."""
    folder, _, name = key.rpartition("/")
    stem, _, ext = name.rpartition(".")
    if not _EXTENSION.fullmatch(ext):
        return False
    if folder in ("output", "timings"):
        return stem == job_id
    if folder in (f"output/{job_id}", f"output/{job_id}/early"):
        return stem.isascii() and stem.isdecimal()
    return folder.startswith("timings/") and stem == f"{job_id}.{folder.removeprefix('timings/')}"


def parse_job_id(raw: str) -> JobId:
    """The id itself if it can be part of a key. Raises InvalidName."""
    return JobId(_check_id(raw, "job id"))


def _check_id(raw: str, kind: str) -> str:
    """The id, if it can be part of a key. Raises InvalidName."""
    if not _is_id(raw):
        raise InvalidName(kind, raw)
    return raw


def _is_id(raw: str) -> bool:
    return _ID.fullmatch(raw) is not None and ".." not in raw


def check_key(key: str) -> str:
    """The key, if every store can hold it. Raises InvalidName.

    No segment may start with a dot; that excludes `.`, `..` and LocalStore's own `.tmp`.
    """
    if not _is_key(key):
        raise InvalidName("key", key)
    return key


def check_prefix(prefix: str) -> str:
    """The prefix, if a key can start with it. Raises InvalidName."""
    # A prefix may end with "/" or be empty, a key may not.
    if not _is_key(prefix + "x"):
        raise InvalidName("prefix", prefix)
    return prefix


def _check_extension(ext: str) -> str:
    if not _EXTENSION.fullmatch(ext):
        raise InvalidName("file format", ext)
    return ext


def _as_stored(raw: str) -> str:
    """A name in NFC and without `.wav`, which may still be no name."""
    if len(raw) > _MAX_RAW_CHARACTERS:
        return ""
    # The same letters can be written in two ways; without NFC they would be two voices.
    name = unicodedata.normalize("NFC", raw)
    # `while`, so that the result is stable: the name of a stored voice stands for itself.
    while name.lower().endswith(".wav"):
        name = name[: -len(".wav")]
    return name


def _is_voice_name(name: str) -> bool:
    """Whether it is the name of a voice, or of a voice and its style."""
    voice, slash, style = name.partition("/")
    return _is_plain_name(voice) and (
        not slash or (can_have_styles(voice) and _is_plain_name(style))
    )


def _is_plain_name(name: str) -> bool:
    """Combining marks count as letters: Devanagari and Thai cannot be written without them."""
    # A combining mark needs a character before it. The ".wav" of a clip is added to the name.
    return (
        1 <= len(name) <= _MAX_NAME_CHARACTERS
        and not name.startswith(".")
        and name == name.strip(" ")
        and name == unicodedata.normalize("NFC", name)
        and ".." not in name
        and "  " not in name
        and not name.lower().endswith(".wav")
        and unicodedata.category(name[0])[0] != "M"
        and not _INVISIBLE.search(name)
        and all(c in " ._-" or unicodedata.category(c)[0] in "LM" or c.isdecimal() for c in name)
        and len(name.encode()) <= _MAX_NAME_BYTES
    )


def _is_key(key: str) -> bool:
    # Cs, a lone surrogate, cannot be encoded as UTF-8.
    if any(c == "\\" or unicodedata.category(c) in ("Cc", "Cs") for c in key):
        return False
    if len(key.encode()) > _MAX_KEY_BYTES:
        return False
    return all(
        segment and segment[0] != "." and len(segment.encode()) <= _MAX_SEGMENT_BYTES
        for segment in key.split("/")
    )

"""What a reply includes of the timing files: made, stored, and read again.

The manifest does not hold it: it lies in an object of its own, so that a job that is delivered
again, and `status`, answer the same reply.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from jobs.results import stored_json
from jobs.results.manifest import Manifest, RenderedFile, StoredFile
from jobs.results.word_times import Included
from storage import keys
from storage.store import NotFound, StorageError, Store, TooLarge
from timing.formats import FORMATS, elevenlabs, jsonformat
from timing.formats.dumps import dumps
from timing.subtitles.captions import Captions

MAX_INCLUDED_BYTES = 1_000_000
"""Most bytes of JSON that a reply includes."""

_MAX_STORED_BYTES = 2 * MAX_INCLUDED_BYTES
_MAX_VALUES = MAX_INCLUDED_BYTES
"""Most values of the stored object: each has a byte at least."""

_MAKERS: dict[str, tuple[Callable[[Captions], Any], str]] = {
    "words": (jsonformat.words, "json"),
    "segments": (jsonformat.segments, "json"),
    "chunks": (jsonformat.chunks, "json"),
    "alignment": (elevenlabs.alignment, "elevenlabs"),
}
"""What makes each field, and the format of the timing file that has it too."""


@dataclass(frozen=True)
class Inclusion:
    """What a reply includes, and the formats of the job's timing files.

    formats: those of the request, and those that have what is too large for the reply.
    """

    fields: Included
    formats: tuple[str, ...]
    warnings: list[str]


def include(captions: Captions, names: Sequence[str], formats: Sequence[str]) -> Inclusion:
    """What the reply includes of what the request asks for, up to MAX_INCLUDED_BYTES.

    names: of the fields, in the order in which they have room.
    formats: of the timing files that the request asks for.
    """
    fields: dict[str, Any] = {}
    left_out: list[str] = []
    left = MAX_INCLUDED_BYTES
    for name in names:
        value = _MAKERS[name][0](captions)
        size = len(dumps(value))
        if size <= left:
            fields[name] = value
            left -= size
        else:
            left_out.append(name)
    files = list(dict.fromkeys(_MAKERS[name][1] for name in left_out))
    warnings = [
        f"the reply has no {' and no '.join(left_out)}: it includes at most "
        f"{MAX_INCLUDED_BYTES // 1_000_000} MB of JSON; take the timing file "
        f"{' and the timing file '.join(files)}"
    ]
    return Inclusion(
        Included.model_validate(fields),
        tuple(dict.fromkeys([*formats, *files])),
        warnings if left_out else [],
    )


def as_fields(included: Included) -> dict[str, Any]:
    """The fields of a reply; those that were not asked for are missing."""
    values = {name: getattr(included, name) for name in Included.model_fields}
    return {name: value for name, value in values.items() if value is not None}


def as_file(job_id: keys.JobId, included: Included) -> list[RenderedFile]:
    """The object that keeps what a reply includes; none if that is nothing."""
    if not as_fields(included):
        return []
    key = keys.included(job_id)
    stored = StoredFile(
        key=key, content_type=FORMATS["json"].content_type, filename=key.rpartition("/")[2]
    )
    content = included.model_dump_json(exclude_none=True).encode()
    return [RenderedFile("included", "json", stored, content)]


def load(record: Manifest, store: Store) -> tuple[dict[str, Any], list[str]]:
    """The fields that the reply of a finished job included, and a warning if they are lost."""
    if record.included is None:
        return {}, []
    try:
        data = store.get(record.included.key, _MAX_STORED_BYTES)
        return as_fields(stored_json.parse(Included, data, _MAX_VALUES)), []
    except (NotFound, StorageError, TooLarge, ValueError):
        return {}, [
            "what the reply included cannot be read from the store any more; a timing job with "
            "this job_id and include makes it again"
        ]

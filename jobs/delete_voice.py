"""`delete_voice`: remove a stored voice with its styles, or one style."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Literal

from pydantic import Field

from jobs.results import voice_manifest
from jobs.schema.fields import Style, VoiceName
from jobs.schema.model import Model, Request
from jobs.schema.validation import InvalidRequest
from storage import keys
from storage.store import ObjectInfo
from tts.voices.library import PARALLEL_READS, VoiceLibrary
from worker.job import Job
from worker.state import Worker

MAX_STYLES = 1000
"""Most styles that one job deletes: its record names each, and has room for that many."""


class DeleteVoiceRequest(Request):
    """The voice to delete."""

    voice_name: VoiceName = Field(
        description="The voice's name; without a style, the voice with all its styles."
    )

    def summary(self) -> str:
        """Whose voice."""
        return f"voice {self.voice_name}"


class DeleteVoiceReply(Model):
    """The voice that was deleted, with its clip and its transcript.

    `deleted` names it and its styles, as far as they were there.
    """

    status: Literal["success"] = "success"
    voice_name: str
    deleted: list[str]


class _DeletedClip(Model):
    """What identifies a clip: equal bytes have the same etag, so the date counts, too."""

    etag: str
    last_modified: str


class _Deletion(Model):
    """What the record of this job says of the deletion, before anything is deleted.

    etag, last_modified: of the clip of the name itself; None if only styles of it are stored.
    styles: the clips of the styles that go with it.
    """

    etag: str | None = None
    last_modified: str | None = None
    styles: Annotated[dict[Style, _DeletedClip], Field(max_length=MAX_STYLES)] = Field({})

    @property
    def clip(self) -> _DeletedClip | None:
        """The clip of the name itself."""
        if self.etag is None or self.last_modified is None:
            return None
        return _DeletedClip(etag=self.etag, last_modified=self.last_modified)

    @property
    def is_empty(self) -> bool:
        """Whether it names no clip."""
        return self.clip is None and not self.styles


def run(worker: Worker, request: DeleteVoiceRequest, job: Job) -> DeleteVoiceReply:
    """Delete the voice.

    Raises voice_not_found; invalid_request for the engine's own voice, and for more than MAX_STYLES
    styles.
    """
    # The order matters if RunPod delivers this job again. The job records which clips it deletes
    # before it does so: a later delivery then finishes what a killed worker began, but keeps a
    # voice that was stored under the name since. The clips are looked up before the record is read:
    # in the other order this run could take a new voice for the one that another run just deleted.
    name = request.voice_name
    stored = _stored(worker.voices, name)
    recorded = voice_manifest.load_previous(worker.store, job, _Deletion)
    if recorded is None or recorded.is_empty:
        recorded = stored
        if recorded.is_empty or (recorded.clip is None and name == worker.voices.default.name):
            worker.voices.refuse_to_delete(name)
        voice_manifest.write(worker.store, job, recorded)
    same = (style for style, clip in stored.styles.items() if recorded.styles.get(style) == clip)
    _delete_all(worker.voices, [keys.styled(name, style) for style in same])
    # The voice itself goes last, so that a deletion that fails can be repeated.
    if stored.clip is not None and stored.clip == recorded.clip:
        worker.voices.delete(name)
    plain = [] if recorded.clip is None else [name]
    deleted = [*plain, *(f"{name}/{style}" for style in recorded.styles)]
    return DeleteVoiceReply(voice_name=name, deleted=deleted)


def _stored(voices: VoiceLibrary, name: str) -> _Deletion:
    """What is stored of a voice now. Raises InvalidRequest for more than MAX_STYLES styles."""
    clip = voices.clip_info(name)
    # A style has no styles of its own.
    styles = {} if keys.style_of(name) else voices.styles(name)
    if len(styles) > MAX_STYLES:
        raise InvalidRequest(
            [
                f"voice {name!r} has {len(styles)} styles, and one job deletes {MAX_STYLES} at "
                f"most; delete some of them by their names first, such as "
                f"{keys.styled(name, next(iter(styles)))!r}"
            ]
        )
    return _Deletion(
        etag=clip.etag if clip else None,
        last_modified=clip.last_modified.isoformat() if clip else None,
        styles={style: _identity(info) for style, info in styles.items()},
    )


def _identity(clip: ObjectInfo) -> _DeletedClip:
    return _DeletedClip(etag=clip.etag, last_modified=clip.last_modified.isoformat())


def _delete_all(voices: VoiceLibrary, names: Sequence[str]) -> None:
    """Delete voices, and wait for all deletions. Raises the first error."""
    with ThreadPoolExecutor(PARALLEL_READS, "delete") as threads:
        deletions = [threads.submit(voices.delete, name) for name in names]
    for deletion in deletions:
        deletion.result()

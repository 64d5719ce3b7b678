"""`delete_voice`: remove a stored voice."""

from typing import Literal

from pydantic import Field

from jobs.results import voice_manifest
from jobs.schema.fields import VoiceName
from jobs.schema.model import Model, Request
from storage.store import ObjectInfo
from worker.job import Job
from worker.state import Worker


class DeleteVoiceRequest(Request):
    """The voice to delete."""

    voice_name: VoiceName = Field(description="The voice's name.")

    def summary(self) -> str:
        """Whose voice."""
        return f"voice {self.voice_name}"


class DeleteVoiceReply(Model):
    """The voice that was deleted, with its clip and its transcript."""

    status: Literal["success"] = "success"
    voice_name: str


class _DeletedClip(Model):
    """What identifies a clip: equal bytes have the same etag, so the date counts, too."""

    etag: str
    last_modified: str


def run(worker: Worker, request: DeleteVoiceRequest, job: Job) -> DeleteVoiceReply:
    """Delete the voice. Raises voice_not_found; invalid_request for the engine's own voice."""
    # The order matters if RunPod delivers this job again. The job records which clip it deletes
    # before it does so: a later delivery then finishes what a killed worker began, but keeps a
    # voice that was stored under the name since. The clip is looked up before the record is read:
    # in the other order this run could take a new voice for the one that another run just deleted.
    clip = worker.voices.clip_info(request.voice_name)
    recorded = voice_manifest.load_previous(worker.store, job, _DeletedClip)
    if recorded is None:
        if clip is None:
            worker.voices.refuse_to_delete(request.voice_name)
        recorded = _identity(clip)
        voice_manifest.write(worker.store, job, recorded)
    if clip is not None and _identity(clip) == recorded:
        worker.voices.delete(request.voice_name)
    return DeleteVoiceReply(voice_name=request.voice_name)


def _identity(clip: ObjectInfo) -> _DeletedClip:
    return _DeletedClip(etag=clip.etag, last_modified=clip.last_modified.isoformat())

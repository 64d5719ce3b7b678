"""`delete_voice`: remove a stored voice."""

from typing import Any, Literal

from pydantic import Field

from jobs.results import voice_manifest
from jobs.schema.fields import VoiceName
from jobs.schema.model import Model
from storage.store import ObjectInfo
from worker.job import Job
from worker.state import Worker


class DeleteVoiceRequest(Model):
    """Which voice."""

    voice_name: VoiceName = Field(description="The voice's name.")


class DeleteVoiceReply(Model):
    """The voice that is gone, with its clip and its transcript."""

    status: Literal["success"] = "success"
    voice_name: str


def run(worker: Worker, request: DeleteVoiceRequest, job: Job) -> DeleteVoiceReply:
    """Remove it. Raises voice_not_found, and invalid_request for the engine's own.

    Which clip is to go is kept first: a later delivery of this job ends what a killed worker began,
    and leaves a voice alone that was stored under the name since. The clip is looked up before
    that: were it the other way round, this delivery could take a new voice for the one that
    another just removed.
    """
    clip = worker.voices.clip_info(request.voice_name)
    begun = voice_manifest.earlier(worker.store, job)
    if begun is None:
        if clip is None:
            worker.voices.refuse_to_delete(request.voice_name)
        begun = _facts(clip)
        voice_manifest.keep(worker.store, job, begun)
    if clip is not None and _facts(clip) == begun:
        worker.voices.delete(request.voice_name)
    return DeleteVoiceReply(voice_name=request.voice_name)


def _facts(clip: ObjectInfo) -> dict[str, Any]:
    """What tells one clip from the next under its name; equal bytes have the same etag."""
    return {"etag": clip.etag, "last_modified": clip.last_modified.isoformat()}

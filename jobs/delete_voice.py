"""`delete_voice`: remove a stored voice."""

from typing import Literal

from pydantic import Field

from jobs.base import Job, Model, Worker
from jobs.fields import VoiceName


class DeleteVoiceRequest(Model):
    """Which voice."""

    voice_name: VoiceName = Field(description="The voice's name.")


class DeleteVoiceReply(Model):
    """The voice that is gone, with its clip and its transcript."""

    status: Literal["success"] = "success"
    voice_name: str


def run(worker: Worker, request: DeleteVoiceRequest, job: Job) -> DeleteVoiceReply:
    """Remove it. Raises voice_not_found, and invalid_request for the engine's own."""
    worker.voices.delete(request.voice_name)
    return DeleteVoiceReply(voice_name=request.voice_name)

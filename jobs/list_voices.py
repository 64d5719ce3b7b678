"""`list_voices`: every voice that a job can name."""

from typing import Literal

from jobs.base import Job, Model, Worker
from tts.voices import VoiceInfo


class ListVoicesRequest(Model):
    """No field."""


class ListVoicesReply(Model):
    """The engine's own voice first, then the stored ones by name."""

    status: Literal["success"] = "success"
    voices: list[VoiceInfo]
    count: int


def run(worker: Worker, request: ListVoicesRequest, job: Job) -> ListVoicesReply:
    """List the voices."""
    voices = list(worker.voices.list())
    return ListVoicesReply(voices=voices, count=len(voices))

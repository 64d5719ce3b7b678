"""OpenAI's audio API: RunPod forwards calls to these routes as jobs."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from jobs import tts
from jobs.schema.model import Model, Request
from jobs.schema.validation import choice_of, validate
from jobs.tts.request import AUDIO_HINTS, QUALITIES, QUALITY_HINTS
from tts.audio import encode
from worker.job import Job
from worker.state import Worker

MAX_NAMES = 5000
"""Most voices of one reply; the route has no pages."""


IS_JSON = (
    "this reply is JSON, and audio_url is the link to the sound: OpenAI's SDK saves the JSON "
    "itself as its file; examples/openai_bridge.py gives it the sound"
)


def _name(given: Any) -> Any:
    """The name of a voice: OpenAI's SDK sends a voice of one's own as an object with its id."""
    return given["id"] if isinstance(given, dict) and set(given) == {"id"} else given


class SpeechRequest(Request):
    """`/v1/audio/speech`. Fields that have no meaning here are accepted and ignored."""

    input: str = Field(min_length=1, max_length=20_000, description="The script.")
    model: str | None = Field(None, max_length=256, description="Ignored: the worker has one.")
    voice: Annotated[str, BeforeValidator(_name)] = Field(
        "default", max_length=4096, description="As `voice` of `tts`, or an object with it as `id`."
    )
    response_format: Annotated[str, choice_of(encode.FORMATS, AUDIO_HINTS)] = Field(
        "mp3", description="As `output_format` of `tts`."
    )
    speed: float = Field(1.0, ge=0.3, le=3.0, description="As for `tts`.")
    quality: Annotated[str, choice_of(QUALITIES, QUALITY_HINTS)] = Field(
        "best", description="As for `tts`."
    )
    instructions: str | None = Field(None, max_length=20_000, description="Ignored.")
    stream_format: str | None = Field(None, max_length=64, description="Ignored.")

    def summary(self) -> str:
        """How long the script is; its voice may be anything here."""
        return f"{len(self.input)} characters"


class VoicesRequest(Request):
    """`/v1/audio/voices`: no field."""


class VoicesReply(Model):
    """The allowed values of `voice`: 5000 at most."""

    voices: list[str]
    warnings: list[str] | None = None


def speech(worker: Worker, request: SpeechRequest, job: Job) -> tts.TtsReply:
    """Run the request as a `tts` job. Unlike OpenAI's, the reply has a link to the audio."""
    # `validate` again: the fields of `tts` have checks of their own, such as a voice's name.
    tts_request = validate(
        tts.TtsRequest,
        {
            "text": request.input,
            "voice": request.voice,
            "output_format": request.response_format,
            "speed": request.speed,
            "quality": request.quality,
        },
    )
    reply = tts.run(worker, tts_request, job)
    return reply.model_copy(update={"warnings": [*reply.warnings, IS_JSON]})


def voices(worker: Worker, request: VoicesRequest, job: Job) -> VoicesReply:
    """The engine's own voice and the stored ones, by name."""
    names = worker.voices.names()
    if len(names) <= MAX_NAMES:
        return VoicesReply(voices=[*names])
    warning = (
        f"the first {MAX_NAMES} of {len(names)} voices are listed; the endpoint list_voices pages "
        "through all"
    )
    return VoicesReply(voices=[*names[:MAX_NAMES]], warnings=[warning])

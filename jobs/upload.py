"""`upload`: stores a clip as a voice, from a URL or from an upload to the store."""

import secrets
from datetime import datetime
from typing import Literal

from pydantic import AliasChoices, Field, model_validator

from jobs import uploads
from jobs.results import manifest, voice_manifest
from jobs.schema.fields import ClipUrl, SpokenLanguage, Style, Transcript, VoiceName
from jobs.schema.model import Model, Request
from jobs.uploads import UploadId
from storage import keys
from storage.fetch import fetch
from tts.voices.stored import MAX_CONSENT, VoiceRecord
from worker.job import Job
from worker.state import Worker

_TAKEN_FOR_ENGLISH = (
    "the transcript is read as English because no language is given; if it is in another language, "
    "call upload again with `language`"
)


class UploadRequest(Request):
    """One call with a clip's URL, or two: the name alone, then the name with the `upload_id`."""

    voice_name: VoiceName = Field(description="The name that jobs will use.")
    style: Style | None = Field(
        None, description="How the clip is spoken: jobs name it as `voice_name/style`."
    )
    voice_file_url: ClipUrl | None = Field(None, description="The http(s) URL of the clip.")
    upload_id: UploadId | None = Field(
        None, description="The id of a clip that was put to its upload_url."
    )
    ref_text: Transcript = Field(
        None,
        max_length=20_000,
        validation_alias=AliasChoices("ref_text", "reference_text"),
        description="A transcript: text, SRT, VTT, ASS, CSV or JSON; else Whisper hears it.",
    )
    language: SpokenLanguage | None = Field(
        None, description="The language of the clip, as for `tts`; without it, Whisper hears it."
    )
    consent: str | None = Field(
        None,
        max_length=MAX_CONSENT,
        description="A sentence about the speaker's consent, which is kept with the voice.",
    )

    @property
    def name(self) -> str:
        """The name of the voice, with the style."""
        return self.voice_name if self.style is None else keys.styled(self.voice_name, self.style)

    @model_validator(mode="after")
    def _one_style(self) -> "UploadRequest":
        if self.style is None:
            return self
        if keys.style_of(self.voice_name):
            raise ValueError(f"voice_name {self.voice_name!r} names a style; leave `style` out")
        if not keys.can_have_styles(self.voice_name):
            raise ValueError(
                f"a voice named {self.voice_name!r} can have no styles; choose another voice_name"
            )
        return self

    @model_validator(mode="after")
    def _one_source(self) -> "UploadRequest":
        if self.voice_file_url is not None and self.upload_id is not None:
            raise ValueError("give voice_file_url or upload_id, not both")
        is_first = self.voice_file_url is None and self.upload_id is None
        if is_first and (self.ref_text, self.language, self.consent) != (None, None, None):
            raise ValueError(
                "send ref_text, language and consent together with voice_file_url, or in the "
                "second call together with upload_id"
            )
        return self

    def summary(self) -> str:
        """Whose voice."""
        return f"voice {self.voice_name}"


class _StoredVoice(Model):
    """What the record of the job keeps of its reply."""

    duration: float | None = None
    ref_text: str | None = None
    language: str | None = None
    warnings: list[str] = Field([])


class UploadReply(Model):
    """The stored voice; for the first of two calls, the URL for the clip."""

    status: Literal["success", "ready"] = "success"
    voice_name: str
    duration: float | None = None
    ref_text: str | None = None
    language: str | None = None
    warnings: list[str] = Field([])
    upload_id: str | None = None
    upload_url: str | None = None
    expires_at: datetime | None = None
    message: str


def run(worker: Worker, request: UploadRequest, job: Job) -> UploadReply:
    """Store the voice, or issue an upload URL. A redelivered job gets the reply of its first run.

    Raises voice_rejected, fetch_refused, fetch_failed, too_large, not_found, storage_error.
    """
    if request.voice_file_url is None and request.upload_id is None:
        return _issue_upload_url(worker, request)
    # The record is read before the clip is looked for: after a first delivery the clip is gone.
    voice = _previous(worker, job)
    if voice is None:
        try:
            voice = _create_voice(worker, request, job)
        except uploads.UploadMissing:
            # Another worker may have done this job since, and removed the upload.
            voice = _previous(worker, job)
            if voice is None:
                raise
    warnings = list(voice.warnings)
    # Only now, with the record written: a worker that is killed before this line leaves the clip
    # for the redelivered job.
    if request.upload_id is not None:
        warnings += uploads.remove(worker.store, request.upload_id)
    return UploadReply(
        voice_name=request.name,
        duration=voice.duration,
        ref_text=voice.ref_text,
        language=voice.language,
        warnings=warnings,
        message=f"voice {request.name!r} is stored; name it as `voice` in a tts job",
    )


def _previous(worker: Worker, job: Job) -> _StoredVoice | None:
    """What an earlier delivery of this job recorded, or None."""
    voice = voice_manifest.load_previous(worker.store, job, _StoredVoice)
    if voice is not None:
        job.log.info("this job has finished before: its stored reply is sent again")
    return voice


def _create_voice(worker: Worker, request: UploadRequest, job: Job) -> _StoredVoice:
    """Store the voice, then the job's record. The upload stays, so that a redelivery can use it."""
    clip = job.folder / "clip"
    if request.upload_id is not None:
        uploads.download(worker.store, request.upload_id, clip, worker.voices.max_clip_bytes)
    else:
        with job.stage("fetch"):
            url, max_bytes = request.voice_file_url or "", worker.voices.max_clip_bytes
            fetch(url, clip, max_bytes, job.stop.raise_if_cancelled)
    voice = _store_voice(worker, request, job)
    voice_manifest.write(worker.store, job, voice)
    return voice


def _issue_upload_url(worker: Worker, request: UploadRequest) -> UploadReply:
    """Answer the first of two calls."""
    upload_id = secrets.token_hex(16)
    expires_s = worker.settings.url_expires_s
    url = worker.store.upload_url(keys.upload(upload_id), expires_s)
    return UploadReply(
        status="ready",
        voice_name=request.name,
        upload_id=upload_id,
        upload_url=url,
        expires_at=manifest.expires_at(expires_s),
        warnings=list(worker.store.warnings),
        message="PUT the clip to upload_url, then call upload again with voice_name and upload_id",
    )


def _store_voice(worker: Worker, request: UploadRequest, job: Job) -> _StoredVoice:
    """The file `clip` of the job's folder as a voice."""
    with job.stage("voice"):
        record, notes = worker.voices.add(
            request.name,
            job.folder / "clip",
            request.ref_text,
            request.language,
            request.consent,
        )
    if request.language is None and request.ref_text is not None and _may_be_foreign(record):
        notes = (*notes, _TAKEN_FOR_ENGLISH)
    return _StoredVoice(
        duration=record.duration,
        ref_text=record.ref_text,
        language=record.language,
        warnings=[*worker.store.warnings, *notes],
    )


def _may_be_foreign(record: VoiceRecord) -> bool:
    """Whether a transcript that counts as English has letters that English words rarely have."""
    letters = filter(str.isalpha, record.ref_text or "")
    return record.language in (None, "en") and any(not letter.isascii() for letter in letters)

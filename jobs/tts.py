"""`tts`: speech from a text in a voice, and timing files if asked."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    Field,
    ValidationError,
    ValidationInfo,
    field_validator,
)

from errors import WorkerError
from jobs import manifest, timing_files
from jobs.base import Job, Model, Worker
from jobs.fields import Language, Pronunciations, TimingFormats, Transcript, clip_url, voice_name
from jobs.invalid import one_of
from jobs.manifest import File, Manifest, Reading
from jobs.speaking import Spoken, speak
from jobs.subtitles import Subtitles
from storage import keys
from storage.base import Store
from timing import chain
from timing.captions import AudioSource, caption
from timing.words import Timing
from tts import audio
from tts.speech import Speech
from tts.verify import ChunkQuality


def _voice(raw: str) -> str:
    """A voice's name as it is stored, or the http(s) URL of a clip."""
    return clip_url(raw) if "://" in raw else voice_name(raw)


class TtsRequest(Model):
    """A script and how to speak it; API.md shows the same fields."""

    text: str = Field(
        min_length=1,
        max_length=20_000,
        validation_alias=AliasChoices("text", "gen_text"),
        description="The script.",
    )
    voice: Annotated[str, AfterValidator(_voice)] = Field(
        "default",
        max_length=4096,
        validation_alias=AliasChoices("voice", "local_voice"),
        description="A voice's name, or the http(s) URL of a clip.",
    )
    ref_text: Transcript = Field(
        None,
        max_length=20_000,
        validation_alias=AliasChoices("ref_text", "reference_text"),
        description="Transcript of the reference clip; without it the one stored with the voice.",
    )
    language: Language = Field("en", description="ISO 639-1.")
    speed: float = Field(1.0, ge=0.3, le=3.0, description="Pace of the speech.")
    seed: int | None = Field(
        None, ge=0, le=2**53 - 1, description="Made of the job and returned when missing."
    )
    nfe_step: int = Field(32, ge=4, le=64, description="Sampling steps (F5).")
    cfg_strength: float = Field(2.0, ge=0, le=10, description="Guidance (F5).")
    sway_sampling_coef: float = Field(-1.0, ge=-1, le=1, description="Sway sampling (F5).")
    target_rms: float = Field(0.1, ge=0.01, le=1, description="Loudness of the speech, RMS.")
    cross_fade_duration: float = Field(0.15, ge=0, le=1, description="Seconds.")
    fix_duration: float | None = Field(
        None, ge=0.5, le=600, description="Exact length of the result in seconds."
    )
    remove_silence: bool = Field(False, description="Shorten inner pauses over 1 s.")
    output_format: Annotated[str, one_of(audio.FORMATS)] = Field(
        "wav",
        validation_alias=AliasChoices("output_format", "response_format"),
        description="Format of the audio.",
    )
    sample_rate: int = Field(24000, description="Of the audio, in Hz.")
    normalize: bool = Field(True, description="Spell out numbers, money, units, abbreviations.")
    pronunciations: Pronunciations = Field(
        {}, max_length=200, description="Written word to what is said for it."
    )
    verify: bool = Field(
        False, description="Hear every chunk back, and speak again what was not heard."
    )
    return_word_timings: bool = Field(False, description="Make timing files.")
    timing_method: Annotated[str, one_of(chain.METHODS)] = Field(
        "auto", description="How words are timed."
    )
    timing_format: TimingFormats = Field(
        ("srt",), description="Which timing files: one name, a list, or `all`."
    )
    subtitles: Subtitles = Field(Subtitles(), description="How words become cues, and look.")

    @field_validator("sample_rate")
    @classmethod
    def _rate_of_format(cls, rate: int, others: ValidationInfo) -> int:
        output_format = others.data.get("output_format")
        rates = audio.FORMATS[output_format].rates if output_format else audio.SAMPLE_RATES
        if rate not in rates:
            raise ValueError(f"{rate} is none of {', '.join(map(str, rates))}")
        return rate


class TtsReply(Model):
    """What a finished job made; the links stop working at `expires_at`."""

    job_id: str
    status: Literal["completed"] = "completed"
    audio_url: str | None = None
    expires_at: datetime | None = None
    duration: float
    sample_rate: int
    output_format: str
    text: str
    seed: int
    voice: str
    engine: str
    quality: list[ChunkQuality] | None = None
    warnings: list[str]
    metrics: dict[str, float]
    timing_files: dict[str, str] | None = None
    timing_format: str | list[str] | None = None
    timing_method: str | None = None
    word_count: int | None = None
    timing_confidence: float | None = None
    timing_error: str | None = None
    refresh_worker: bool | None = None


def run(worker: Worker, request: TtsRequest, job: Job) -> TtsReply:
    """Speak, time, store, and write the manifest last; a job seen before answers from its own.

    Raises voice_not_found, voice_rejected, fetch_refused, fetch_failed, too_large, text_rejected,
    synthesis_failed, timing_unavailable, storage_error.
    """
    expires_s = worker.settings.url_expires_s
    earlier = manifest.earlier(job.store, job.id, job.input_sha256)
    if earlier is not None:
        job.log.info("this job was finished before; answering from its manifest")
        timing_files.renew_page(earlier, job.store, expires_s)
        return reply_from(earlier, job.store, expires_s)
    if request.return_word_timings:
        chain.check_method(request.timing_method, worker.aligners, request.language)
    seed = job.seed if request.seed is None else request.seed
    spoken = speak(worker, request, job, seed)
    sound = _sound(request, job)
    timings = _Timings()
    if request.return_word_timings:
        job.progress("timing", 0, len(spoken.speech.chunks))
        with job.stage("timing"):
            timings = _time(worker, request, job, spoken, sound)
    path = _encode(request, job, spoken.speech, sound)
    job.progress("upload", 0, 1 + len(timings.files))
    with job.stage("upload"):
        stored = timing_files.files_of(job.id, timings.files)
        others = [(stored[name], data) for name, data in timings.files.items()]
        manifest.put_files(job.store, [(sound, path), *others])
    facts = _facts(worker, request, job, spoken, seed)
    facts = facts.model_copy(update=timings.facts(facts.warnings))
    record = Manifest(
        job_id=job.id,
        endpoint="tts",
        input_sha256=job.input_sha256,
        created_at=datetime.now(UTC),
        facts=facts.model_dump(mode="json", exclude_none=True),
        reading=Reading(
            language=request.language,
            normalize=request.normalize,
            pronunciations=request.pronunciations,
        ),
        audio={request.output_format: sound},
        timings=stored,
    )
    with job.stage("record"):
        record.write(job.store)
    reply = reply_from(record, job.store, expires_s)
    return reply.model_copy(
        update={
            "metrics": reply.metrics | job.times(),
            "refresh_worker": timings.broken or None,
        }
    )


def reply_from(record: Manifest, store: Store, expires_s: int) -> TtsReply:
    """The reply of a finished job, its links signed now. Raises JobNotFound."""
    links = {name: store.url(file.key, expires_s) for name, file in record.timings.items()}
    sound = record.heard
    if sound is None:
        raise manifest.JobNotFound(record.job_id)
    try:
        return TtsReply.model_validate(
            record.facts
            | {
                "audio_url": store.url(sound.key, expires_s),
                "expires_at": manifest.expiry(expires_s),
                "timing_files": links or None,
            }
        )
    except ValidationError:
        raise manifest.JobNotFound(record.job_id) from None


def _warnings(worker: Worker, request: TtsRequest, job: Job, spoken: Spoken) -> list[str]:
    """What the client must know: the engine's words, the store's, and fields without effect."""
    unused = sorted(worker.engine.unused_fields & request.model_fields_set)
    engines = [worker.engine.warnings(v, request.language) for v in spoken.voices.values()]
    own = dict.fromkeys(sentence for sentences in engines for sentence in sentences)
    warnings = [*own, *job.store.warnings, *spoken.warnings]
    if request.fix_duration is not None and "speed" in request.model_fields_set:
        warnings.append("speed makes no difference where fix_duration is given")
    if unused:
        warnings.append(f"the {worker.engine.name} engine makes no use of {', '.join(unused)}")
    return warnings


def _facts(
    worker: Worker,
    request: TtsRequest,
    job: Job,
    spoken: Spoken,
    seed: int,
) -> TtsReply:
    """The reply without its links and without what the timing has to say."""
    times = job.times()
    working_ms = times["total_ms"] - times.get("queue_ms", 0.0)
    factor = round(working_ms / max(1, spoken.speech.duration_ms), 4)
    return TtsReply(
        job_id=job.id,
        duration=spoken.speech.duration_ms / 1000,
        sample_rate=request.sample_rate,
        output_format=request.output_format,
        text=request.text,
        seed=seed,
        voice=spoken.voices[None].name,
        engine=worker.engine.name,
        quality=spoken.quality,
        warnings=_warnings(worker, request, job, spoken),
        metrics=times | {"real_time_factor": factor},
    )


@dataclass(frozen=True)
class _Timings:
    """Rendered timing files by format, and what the reply says of them and of the timing.

    `broken` says that this worker's GPU failed, and that it must be replaced.
    """

    files: dict[str, bytes] = field(default_factory=dict)
    timing: Timing | None = None
    warnings: list[str] = field(default_factory=list)
    error: str | None = None
    broken: bool = False

    def facts(self, warnings: list[str]) -> dict[str, Any]:
        """The fields of TtsReply that speak of timing, `warnings` with those of the timing."""
        if self.timing is None:
            return {"timing_error": self.error}
        return timing_files.facts(self.timing, self.files) | {
            "warnings": [*warnings, *self.timing.warnings, *self.warnings]
        }


def _sound(request: TtsRequest, job: Job) -> File:
    """Where the audio will lie in the store."""
    form = audio.FORMATS[request.output_format]
    return File(
        key=keys.audio(job.id, form.extension),
        content_type=form.content_type,
        filename=f"{job.id}.{form.extension}",
    )


def _time(worker: Worker, request: TtsRequest, job: Job, spoken: Spoken, sound: File) -> _Timings:
    """Align and render; audio that is good is not lost because its timing failed."""
    try:
        timing = chain.align(
            spoken.script,
            spoken.speech,
            request.timing_method,
            worker.aligners,
            request.language,
            lambda done: job.progress("timing", done, len(spoken.speech.chunks)),
        )
        if timing.billed_s:
            job.metrics["google_billed_s"] = timing.billed_s
        captions = caption(
            job.id,
            spoken.script,
            timing,
            spoken.speech.duration_ms,
            request.language,
            datetime.now(UTC).replace(microsecond=0),
            AudioSource(job.store.url(sound.key, worker.settings.url_expires_s), sound.filename),
            request.subtitles.rules(),
            request.subtitles.look(),
            spoken.names,
        )
        files = timing_files.render(captions, request.timing_format)
    except WorkerError as error:
        job.log.warning("timing failed: %s", error)
        return _Timings(error=str(error), broken=error.refresh_worker)
    return _Timings(files, timing, timing_files.warnings(captions, files))


def _encode(request: TtsRequest, job: Job, speech: Speech, sound: File) -> Path:
    """The speech as a file of the asked format in the job's folder."""
    path = job.folder / sound.filename
    with job.stage("encode"):
        audio.write(
            path, speech.samples, speech.sample_rate, request.output_format, request.sample_rate
        )
    return path

"""`timing`: timing files for audio that exists already, of a job or behind a URL."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import accumulate, pairwise
from pathlib import PurePosixPath
from typing import Annotated, ClassVar, Literal, NamedTuple
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationError, model_validator

from errors import WorkerError
from jobs import manifest, timing_files
from jobs.base import Job, JobId, Model, Worker
from jobs.download import FileDeleted, FileNotFound
from jobs.fields import Language, Pronunciations, TimingFormats
from jobs.invalid import one_of, shown
from jobs.manifest import File, Manifest
from jobs.subtitles import Subtitles
from storage.base import NotFound, Store
from storage.fetch import fetch, is_url
from timing import chain
from timing.aligner import Aligner, Service
from timing.captions import AudioSource, caption
from timing.chain import Window
from timing.match import Heard, match
from timing.sound import listen_to_blocks
from timing.windows import Placed, at_pauses, divided_anew, joined, regions, split
from timing.words import Timing
from tts.recording import RATE, Recording, decode
from tts.speech import Chunk, Script
from tts.text import read_script
from tts.transcribe import Hearing
from tts.written import cleaned, words

MOST_BYTES = 1 << 30
"""An hour of 24-bit stereo at 48 kHz is 990 MiB."""


MOST_HEARD_MS = 600_000.0
"""Matching heard words to the text takes time and memory with the square of their number: for ten
minutes 4 s and 50 MB."""


class NobodyHears(WorkerError):
    """Audio without its text, and a worker without Whisper."""

    code: ClassVar[str] = "timing_unavailable"

    def __init__(self, language: str | None = None) -> None:
        what = f"know language {language!r}" if language else "transcribe"
        super().__init__(
            f"this worker's Whisper cannot {what}; give the text, or set WHISPER_MODEL"
        )


class NothingSaid(WorkerError):
    """Audio in which Whisper hears no word."""

    code: ClassVar[str] = "alignment_failed"

    def __init__(self) -> None:
        super().__init__("no word was heard in the audio; give the text that is spoken in it")


def _url(raw: str) -> str:
    if not is_url(raw):
        raise ValueError(f"{shown(raw)} is not the URL of a sound file; give https://host/path")
    return raw


class TimingRequest(Model):
    """Audio, and what is said in it; API.md shows the same fields."""

    job_id: JobId | None = Field(None, description="A finished `tts` job.")
    audio_url: Annotated[str, AfterValidator(_url)] | None = Field(
        None, max_length=4096, description="The http(s) URL of a sound file of up to an hour."
    )
    text: str | None = Field(
        None, min_length=1, max_length=200_000, description="What is said; else it is transcribed."
    )
    language: Language | None = Field(None, description="ISO 639-1; `en`, or the one heard.")
    normalize: bool = Field(True, description="As for `tts`.")
    pronunciations: Pronunciations = Field({}, max_length=200, description="As for `tts`.")
    timing_method: Annotated[str, one_of(chain.METHODS)] = Field(
        "auto", description="As for `tts`."
    )
    timing_format: TimingFormats = Field(
        ("srt",), description="Which files: one name, a list, or `all`."
    )
    subtitles: Subtitles = Field(Subtitles(), description="As for `tts`.")

    @model_validator(mode="after")
    def _one_source(self) -> "TimingRequest":
        if (self.job_id is None) == (self.audio_url is None):
            raise ValueError("give one of job_id and audio_url")
        return self


class TimingReply(Model):
    """What was made; the links stop working at `expires_at`."""

    job_id: str
    status: Literal["completed"] = "completed"
    expires_at: datetime | None = None
    timing_files: dict[str, str] = Field({})
    timing_format: str | list[str]
    timing_method: str
    word_count: int
    timing_confidence: float
    text: str
    language: str
    duration: float
    warnings: list[str]
    metrics: dict[str, float]


class _Source(NamedTuple):
    """What is known of the audio: its text, and the file of the store that it is."""

    text: str | None
    file: File | None = None


@dataclass(frozen=True)
class _Known:
    """A recording whose words are known, and where in it each chunk of them is spoken.

    `is_divided` says that the windows are the likeliest ones, and that one may be wrong.
    """

    script: Script
    language: str
    windows: list[Placed]
    is_divided: bool


def run(worker: Worker, request: TimingRequest, job: Job) -> TimingReply:
    """Time what is said in a recording; a job seen before answers from its manifest.

    Raises not_found, fetch_refused, fetch_failed, too_large, alignment_failed, text_rejected,
    timing_unavailable, storage_error.
    """
    expires_s = worker.settings.url_expires_s
    earlier = manifest.earlier(job.store, job.id, job.input_sha256)
    if earlier is not None:
        job.log.info("this job was finished before; answering from its manifest")
        timing_files.renew_page(earlier, job.store, expires_s)
        return reply_from(earlier, job.store, expires_s)
    if request.text is not None or request.language is not None:
        chain.check_method(request.timing_method, worker.aligners, request.language or "en")
    with job.stage("audio"):
        source = _fetched(request, job)
        recording = decode(job.folder / "source", job.folder / "samples")
    if source.text is None:
        known = _transcribed(worker, request, job, recording)
    else:
        known = _with_text(request, job, recording, source.text)
    with job.stage("timing"):
        timing = _aligned(worker, request, job, recording, known)
    audio = _audio_of(request, job, source, expires_s)
    files = _rendered(request, job, recording, known, timing, audio)
    job.progress("upload", 0, len(files))
    with job.stage("upload"):
        stored = timing_files.files_of(job.id, files)
        manifest.put_files(job.store, [(stored[name], data) for name, data in files.items()])
    facts = _facts(job, recording, known, timing, files)
    record = Manifest(
        job_id=job.id,
        endpoint="timing",
        input_sha256=job.input_sha256,
        created_at=datetime.now(UTC),
        facts=facts.model_dump(mode="json", exclude_none=True),
        timings=stored,
        source=source.file,
    )
    record.write(job.store)
    return reply_from(record, job.store, expires_s)


def reply_from(record: Manifest, store: Store, expires_s: int) -> TimingReply:
    """The reply of a finished job, its links signed now."""
    links = {name: store.url(file.key, expires_s) for name, file in record.timings.items()}
    dates = {"timing_files": links, "expires_at": manifest.expiry(expires_s)}
    try:
        return TimingReply.model_validate(record.facts | dates)
    except ValidationError:
        raise manifest.JobNotFound(record.job_id) from None


def _fetched(request: TimingRequest, job: Job) -> _Source:
    """Where the audio is from; it then is the file `source` of the job's folder."""
    target = job.folder / "source"
    if request.audio_url is not None:
        fetch(request.audio_url, target, MOST_BYTES)
        return _Source(request.text)
    record = manifest.find(job.store, request.job_id or "")
    if not record.audio:
        raise FileNotFound(record.job_id, "audio file", [])
    sound = next(iter(record.audio.values()))
    try:
        job.store.get_file(sound.key, target)
    except NotFound:
        raise FileDeleted(record.job_id, sound.filename) from None
    text = record.facts.get("text")
    return _Source(request.text or (text if isinstance(text, str) else None), sound)


def _audio_of(request: TimingRequest, job: Job, source: _Source, expires_s: int) -> AudioSource:
    """Where a page finds the audio; beside itself one behind a URL is named after this job."""
    if source.file is not None:
        return AudioSource(job.store.url(source.file.key, expires_s), source.file.filename)
    url = request.audio_url or ""
    return AudioSource(url, job.id + PurePosixPath(urlsplit(url).path).suffix)


def _with_text(request: TimingRequest, job: Job, recording: Recording, text: str) -> _Known:
    """The script of a known text, divided over the recording."""
    language = request.language or "en"
    script = read_script(text, language, request.normalize, request.pronunciations)
    with job.stage("windows"):
        sound = listen_to_blocks(recording.blocks())
        return _Known(script, language, split(script, sound, recording.duration_ms), True)


def _transcribed(worker: Worker, request: TimingRequest, job: Job, recording: Recording) -> _Known:
    """The script that Whisper writes down, stretch by stretch."""
    if worker.whisper is None:
        raise NobodyHears
    with job.stage("transcription"):
        sound = listen_to_blocks(recording.blocks())
        stretches = at_pauses(sound, recording.duration_ms)
        texts, language = _heard(worker.whisper, request, job, recording, stretches)
    chain.check_method(request.timing_method, worker.aligners, language)
    spoken = " ".join(part for part in texts if part)
    script = read_script(spoken, language, request.normalize, request.pronunciations)
    ends = [0, *accumulate(len(words(cleaned(part))) for part in texts)]
    chunks = [
        Chunk(tuple(token for token in script.tokens if first <= token.word < end), first, end)
        for first, end in pairwise(ends)
    ]
    placed = [Placed(a, b, chunk) for (a, b), chunk in zip(stretches, chunks, strict=True)]
    return _Known(script, language, placed, False)


def _heard(
    whisper: Hearing,
    request: TimingRequest,
    job: Job,
    recording: Recording,
    stretches: list[tuple[float, float]],
) -> tuple[list[str], str]:
    """What is said in each stretch, and the language: the asked one, or that of the first words."""
    language = request.language
    if language is not None and language not in whisper.languages:
        raise NobodyHears(language)
    texts: list[str] = []
    for index, (start_ms, end_ms) in enumerate(stretches):
        heard = whisper.hear(recording.read(start_ms, end_ms), RATE, language)
        texts.append(heard.text)
        language = heard.language if heard.text else language
        job.progress("transcription", index + 1, len(stretches))
    if language is None or not any(texts):
        raise NothingSaid
    return texts, language


def _aligned(
    worker: Worker, request: TimingRequest, job: Job, recording: Recording, known: _Known
) -> Timing:
    """The words' times; where the text was divided by guess, first what the worker itself can do.

    Where it could not align a window the text is divided anew, and all windows are placed once
    more: only what fails again goes to a service or is estimated.
    """
    own = {n: a for n, a in worker.aligners.items() if not isinstance(a, Service)}
    windows, stage = known.windows, "timing"
    if known.is_divided and request.timing_method in ("auto", *own):
        timing = _placed(request, job, recording, known, windows, own, stage)
        if all(word.source != "estimate" for word in timing.words):
            return timing
        windows, stage = _divided_anew(worker, job, recording, known, timing), "repair"
    timing = _placed(request, job, recording, known, windows, worker.aligners, stage)
    if timing.billed_s:
        job.metrics["google_billed_s"] = timing.billed_s
    return timing


def _divided_anew(
    worker: Worker, job: Job, recording: Recording, known: _Known, timing: Timing
) -> list[Placed]:
    """The windows as Whisper hears the words in them, where they are in doubt.

    Without Whisper those that failed are joined to their neighbours.
    """
    windows = list(known.windows)
    whisper = worker.whisper
    if whisper is None or known.language not in whisper.languages:
        failed = {word.chunk for word in timing.words if word.source == "estimate"}
        return joined(windows, failed)
    for region in regions(len(windows), timing.doubtful()):
        stretches = windows[region.start : region.stop]
        if stretches[-1].end_ms - stretches[0].start_ms > MOST_HEARD_MS:
            continue
        first_ms = stretches[0].start_ms
        heard: list[Heard] = []
        for index, (start_ms, end_ms, _) in enumerate(stretches):
            words = whisper.hear(recording.read(start_ms, end_ms), RATE, known.language).words
            at_ms = start_ms - first_ms
            heard += [
                Heard(word.text, at_ms + 1000 * word.start_s, at_ms + 1000 * word.end_s, 1.0)
                for word in words
            ]
            job.progress("transcription", index + 1, len(stretches))
        tokens = [token.spoken for window in stretches for token in window.chunk.tokens]
        times = match(tokens, heard, stretches[-1].end_ms - first_ms)
        windows[region.start : region.stop] = divided_anew(stretches, times)
    return windows


def _placed(
    request: TimingRequest,
    job: Job,
    recording: Recording,
    known: _Known,
    placed: list[Placed],
    aligners: Mapping[str, Aligner],
    stage: str,
) -> Timing:
    """Every window through the chain; samples are read as they are needed."""
    windows = [
        Window(chunk, start_ms, end_ms - start_ms, partial(recording.read, start_ms, end_ms))
        for start_ms, end_ms, chunk in placed
    ]
    total = sum(bool(window.chunk.tokens) for window in windows)
    return chain.align_windows(
        known.script,
        windows,
        recording.duration_ms,
        request.timing_method,
        aligners,
        known.language,
        lambda done: job.progress(stage, done, total),
    )


def _rendered(
    request: TimingRequest,
    job: Job,
    recording: Recording,
    known: _Known,
    timing: Timing,
    audio: AudioSource,
) -> dict[str, bytes]:
    captions = caption(
        job.id,
        known.script,
        timing,
        recording.duration_ms,
        known.language,
        datetime.now(UTC).replace(microsecond=0),
        audio,
        request.subtitles.rules(),
        request.subtitles.look(),
    )
    return timing_files.render(captions, request.timing_format)


def _facts(
    job: Job,
    recording: Recording,
    known: _Known,
    timing: Timing,
    files: Iterable[str],
) -> TimingReply:
    """The reply without its links."""
    return TimingReply(
        job_id=job.id,
        text=known.script.text,
        language=known.language,
        duration=recording.duration_ms / 1000,
        warnings=[*job.store.warnings, *timing.warnings],
        metrics=job.times(),
        **timing_files.facts(timing, files),
    )

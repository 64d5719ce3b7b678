"""`timing`: timing files for audio that exists already, of a job or behind a URL."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import urlsplit

from pydantic import ValidationError

from jobs.results import manifest, timing_files
from jobs.results.finish import ResultWriter, upload
from jobs.results.manifest import FileDeleted, FileNotFound, Manifest, StoredFile
from jobs.timing.realign import choose_better, resegment_by_asr
from jobs.timing.request import MAX_TEXT, TimingReply, TimingRequest
from jobs.timing.transcript import WindowedTranscript, transcribe, window_known_text
from storage.fetch import fetch
from storage.store import NotFound, Store
from timing.alignment import chain
from timing.alignment.aligner import Aligner, RemoteAligner
from timing.alignment.chain import Window
from timing.alignment.windows import Placed
from timing.subtitles.captions import AudioSource, Captions, caption
from timing.words import Timing
from tts.audio.recording import Recording, decode
from worker.job import Job
from worker.state import Worker

MAX_AUDIO_BYTES = 1_100_000_000
"""An hour of 24-bit stereo at 48 kHz is 1,037 MB."""


class _AudioInput(NamedTuple):
    """The text of the audio, if it is known, and its file, if it is in the store."""

    text: str | None
    file: StoredFile | None = None


def run(worker: Worker, request: TimingRequest, job: Job) -> TimingReply:
    """Time the words of a recording. A redelivered job is answered from its manifest.

    Raises not_found, fetch_refused, fetch_failed, too_large, alignment_failed, text_rejected,
    timing_unavailable, storage_error.
    """
    url_expires_s = worker.settings.url_expires_s
    earlier = RESULTS.replay(job, url_expires_s)
    if earlier is not None:
        return earlier
    spoken = manifest.load_finished(job.store, request.job_id) if request.job_id else None
    request = _with_original_options(request, spoken)
    if request.text is not None or request.language is not None:
        chain.check_method(request.timing_method, worker.aligners, request.language or "en")
    with job.stage("audio"):
        source = _load_audio(request, job, spoken)
        recording = decode(
            job.folder / "source", job.folder / "samples", job.stop.raise_if_cancelled
        )
    if source.text is None:
        known = transcribe(worker, request, job, recording)
    else:
        known = window_known_text(worker, request, job, recording, source.text)
    with job.stage("timing"):
        timing = _align(worker, request, job, recording, known)
    audio = _audio_of(request, job, source, url_expires_s)
    captions = _captions(request, job, recording, known, timing, audio)
    files = timing_files.render(job.id, captions, request.timing_format)
    upload(job, files)
    facts = _facts(request, job, recording, known, timing, captions)
    return RESULTS.record(job, facts, files, url_expires_s=url_expires_s, source=source.file)


def reply_from(record: Manifest, store: Store, expires_s: int) -> TimingReply:
    """The reply of a finished job with new links. Raises JobNotFound for an invalid manifest."""
    links = {name: store.url(file.key, expires_s) for name, file in record.timings.items()}
    dates = {"timing_files": links, "expires_at": manifest.expires_at(expires_s)}
    try:
        return TimingReply.model_validate(record.facts | dates)
    except ValidationError:
        raise manifest.JobNotFound(record.job_id) from None


RESULTS = ResultWriter("timing", reply_from)


def _with_original_options(request: TimingRequest, record: Manifest | None) -> TimingRequest:
    """The request; its missing options for the text come from the job that spoke it."""
    if record is None or record.reading is None:
        return request
    given = request.model_dump(include=request.model_fields_set, exclude_none=True)
    reading = record.reading.model_dump()
    return request.model_copy(update={k: v for k, v in reading.items() if k not in given})


def _load_audio(request: TimingRequest, job: Job, record: Manifest | None) -> _AudioInput:
    """Store the audio as the file `source` in the job's folder."""
    target = job.folder / "source"
    if record is None:
        fetch(request.audio_url or "", target, MAX_AUDIO_BYTES, job.stop.raise_if_cancelled)
        return _AudioInput(request.text)
    if not record.audio:
        raise FileNotFound(record.job_id, "audio file", [])
    stored_text = record.facts.get("text")
    text = stored_text if isinstance(stored_text, str) else None
    if text and len(text) > MAX_TEXT:
        raise manifest.JobNotFound(record.job_id)
    sound = next(iter(record.audio.values()))
    try:
        job.store.get_file(sound.key, target, MAX_AUDIO_BYTES)
    except NotFound:
        raise FileDeleted(record.job_id, sound.filename) from None
    return _AudioInput(request.text or text, sound)


def _audio_of(request: TimingRequest, job: Job, source: _AudioInput, expires_s: int) -> AudioSource:
    """Where the HTML page finds the audio. Downloaded audio is named after the job."""
    if source.file is not None:
        return AudioSource(job.store.url(source.file.key, expires_s), source.file.filename)
    url = request.audio_url or ""
    return AudioSource(url, job.id + PurePosixPath(urlsplit(url).path).suffix)


def _align(
    worker: Worker,
    request: TimingRequest,
    job: Job,
    recording: Recording,
    known: WindowedTranscript,
) -> Timing:
    """The words' times; where the text was divided by guess, first what the worker itself can do.

    Where it could not align a window the text is divided anew, and the windows that changed are
    placed once more: only what fails again goes to a service or is estimated.
    """
    own = {n: a for n, a in worker.aligners.items() if not isinstance(a, RemoteAligner)}
    stage = "timing"
    if known.is_divided and request.timing_method in ("auto", *own):
        timing = _align_windows(request, job, recording, known, own, stage)
        if all(word.source != "estimate" for word in timing.words):
            return timing
        known, stage = _resegment(worker, request, job, recording, known, timing, own), "repair"
        if any(outcome and outcome.source == "estimate" for outcome in known.outcomes.values()):
            services = chain.services(request.timing_method, worker.aligners, known.language)
            stage = services[0] if services else stage
    timing = _align_windows(request, job, recording, known, worker.aligners, stage)
    if timing.billed_s:
        job.metrics["google_billed_s"] = timing.billed_s
    return timing


def _resegment(
    worker: Worker,
    request: TimingRequest,
    job: Job,
    recording: Recording,
    known: WindowedTranscript,
    timing: Timing,
    own: Mapping[str, Aligner],
) -> WindowedTranscript:
    """The text divided anew, but where that leaves more words to the estimate than `timing`."""
    first = dict(zip(known.windows, timing.outcomes, strict=True))
    most_ms = chain.joins_ms(request.timing_method, own, known.language)
    windows = resegment_by_asr(
        worker.whisper, job, recording, known.language, known.windows, timing, most_ms
    )
    anew = replace(known, windows=windows, outcomes=first)
    second = _align_windows(request, job, recording, anew, own, "repair").outcomes
    best = choose_better(list(first.items()), list(zip(windows, second, strict=True)))
    return replace(known, windows=list(best), outcomes=best)


def _align_windows(
    request: TimingRequest,
    job: Job,
    recording: Recording,
    known: WindowedTranscript,
    aligners: Mapping[str, Aligner],
    stage: str,
) -> Timing:
    """Every window through the chain; samples are read as they are needed.

    Progress counts those at once that were placed in an earlier try, or given up but for a service,
    whose stage has its name.
    """
    windows = [
        Window(
            chunk,
            start_ms,
            end_ms - start_ms,
            partial(recording.read, start_ms, end_ms),
            known.outcomes.get(Placed(start_ms, end_ms, chunk)),
        )
        for start_ms, end_ms, chunk in known.windows
    ]
    total = sum(bool(window.chunk.tokens) for window in windows)
    known_ones = [window.known for window in windows if window.known]
    before = sum(stage not in aligners or one.source != "estimate" for one in known_ones)
    return chain.align_windows(
        known.script,
        windows,
        recording.duration_ms,
        request.timing_method,
        aligners,
        known.language,
        lambda done: job.progress(stage, max(before, done), total),
    )


def _captions(
    request: TimingRequest,
    job: Job,
    recording: Recording,
    known: WindowedTranscript,
    timing: Timing,
    audio: AudioSource,
) -> Captions:
    return caption(
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


def _facts(
    request: TimingRequest,
    job: Job,
    recording: Recording,
    known: WindowedTranscript,
    timing: Timing,
    captions: Captions,
) -> TimingReply:
    """The reply without its links, for the manifest."""
    return TimingReply(
        job_id=job.id,
        text=known.script.text,
        language=known.language,
        duration=recording.duration_ms / 1000,
        warnings=[
            *job.store.warnings,
            *known.warnings,
            *timing.warnings,
            *timing_files.warnings(captions, request.timing_format),
        ],
        metrics=job.times(),
        **timing_files.reply_fields(timing, request.timing_format),
    )

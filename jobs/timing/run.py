"""`timing`: timing files for audio that exists already: of a job, behind a URL, or uploaded."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import urlsplit

from jobs import uploads
from jobs.results import fonts, included, manifest, timing_files
from jobs.results.finish import ResultWriter, upload
from jobs.results.idempotency import once
from jobs.results.included import Inclusion
from jobs.results.manifest import FileDeleted, FileNotFound, Manifest, StoredFile
from jobs.results.replies import SpeechReply, TimingReply
from jobs.second_text import read_second
from jobs.timing.align import align
from jobs.timing.request import TimingRequest
from jobs.timing.transcript import (
    WindowedTranscript,
    check_unscripted,
    transcribe,
    window_known_text,
)
from storage import keys
from storage.fetch import fetch
from storage.store import NotFound
from timing import other_words
from timing.alignment import selection
from timing.alignment.vad import gain_of_quiet
from timing.subtitles.captions import AudioSource, Captions, caption
from timing.subtitles.fonts import Font
from timing.subtitles.second import SecondText
from timing.words import Timing
from tts.audio import encode
from tts.audio.recording import Recording, decode, decode_pcm
from tts.languages import base_language
from worker.job import Job
from worker.state import Worker

MAX_AUDIO_BYTES = 1_100_000_000
"""An hour of 24-bit stereo at 48 kHz is 1,037 MB."""


class _AudioInput(NamedTuple):
    """The text of the audio, if it is known, its file, if it is in the store, and its voice.

    pcm_rate: Hz, for samples without a header; None for a file that says what it is.
    """

    text: str | None
    file: StoredFile | None = None
    voice: str = ""
    pcm_rate: int | None = None


def run(worker: Worker, request: TimingRequest, job: Job) -> TimingReply:
    """Time the words of a recording. A redelivered job is answered from its manifest.

    Raises not_found, fetch_refused, fetch_failed, too_large, font_rejected, alignment_failed,
    text_rejected, timing_unavailable, idempotency_conflict, storage_error.
    """
    url_expires_s = worker.settings.url_expires_s
    reply = once(
        RESULTS,
        request.idempotency_key,
        job,
        url_expires_s,
        lambda job: _unless_done(worker, request, job),
    )
    if request.upload_id is None:
        return reply
    # Only now, with the record written: a worker that is killed before this line leaves the file
    # for the redelivered job.
    warnings = [*reply.warnings, *uploads.remove(worker.store, request.upload_id)]
    return reply.model_copy(update={"warnings": warnings})


def _unless_done(worker: Worker, request: TimingRequest, job: Job) -> TimingReply:
    """`_time`, or the reply of another worker that has done this job meanwhile."""
    try:
        return _time(worker, request, job)
    except uploads.UploadMissing:
        # That worker removed the upload.
        reply = RESULTS.replay(job, worker.settings.url_expires_s)
        if reply is None:
            raise
        return reply


def _time(worker: Worker, request: TimingRequest, job: Job) -> TimingReply:
    """Time the words, store the files and the job's record."""
    url_expires_s = worker.settings.url_expires_s
    tts_record = manifest.load_finished(job.store, request.job_id) if request.job_id else None
    request = _with_original_options(request, tts_record)
    # Before the download, which takes long. Without text and language, Whisper detects the language
    # first, and `transcribe` checks the method.
    if request.text is not None or request.language is not None:
        language = base_language(request.language or "en")
        selection.check_method(request.timing_method, worker.aligners, language)
        check_unscripted(worker, request)
    face = fonts.load(request.subtitles, request.timing_format, request.text or "", job)
    with job.stage("audio"):
        source = _load_audio(worker, request, job, tts_record)
        recording = _decode(job, source.pcm_rate)
        recording = replace(
            recording, gain=gain_of_quiet(recording.blocks(check=job.stop.raise_if_cancelled))
        )
    if source.text is None:
        transcript = transcribe(worker, request, job, recording)
    else:
        transcript = window_known_text(worker, request, job, recording, source.text)
    # Before the words are timed, which takes long: the texts may not belong together.
    second = read_second(request.subtitles.second, transcript.script, job)
    with job.stage("timing"):
        timing = align(worker, request, job, recording, transcript).mark_unscripted(
            transcript.unscripted
        )
    audio = _audio_of(request, job, source, url_expires_s)
    captions = _captions(
        request, job, recording, transcript, timing, audio, source.voice, second, face
    )
    inclusion = included.include(captions, request.include, request.timing_format)
    files = timing_files.render(job.id, captions, inclusion.formats)
    files += included.as_file(job.id, inclusion.fields)
    upload(job, files)
    facts = _facts(request, job, recording, transcript, timing, captions, inclusion)
    return RESULTS.record(
        job,
        facts,
        files,
        url_expires_s=url_expires_s,
        source=source.file,
        including=inclusion.fields,
    )


RESULTS = ResultWriter("timing", TimingReply)


def _with_original_options(request: TimingRequest, record: Manifest | None) -> TimingRequest:
    """The request; its missing options for the text come from the job that spoke it."""
    if record is None or record.reading is None:
        return request
    # `model_copy` does not validate, but the manifest's options have the limits of a request's.
    given = request.model_dump(include=request.model_fields_set, exclude_none=True)
    reading = record.reading.as_request()
    return request.model_copy(update={k: v for k, v in reading.items() if k not in given})


def _load_audio(
    worker: Worker, request: TimingRequest, job: Job, record: Manifest | None
) -> _AudioInput:
    """Store the audio as the file `source` in the job's folder.

    record: the manifest of the job that made the audio; None if the request has a URL or an upload.

    Raises not_found, fetch_refused, fetch_failed, too_large, storage_error.
    """
    target = job.folder / "source"
    if request.upload_id is not None:
        uploads.download(worker.store, request.upload_id, target, MAX_AUDIO_BYTES)
        return _AudioInput(request.text)
    if record is None:
        fetch(request.audio_url or "", target, MAX_AUDIO_BYTES, job.stop.raise_if_cancelled)
        return _AudioInput(request.text)
    if not record.audio:
        raise FileNotFound(record.job_id, "audio file", [])
    form, audio_file = next(iter(record.audio.items()))
    try:
        job.store.get_file(audio_file.key, target, MAX_AUDIO_BYTES)
    except NotFound:
        raise FileDeleted(record.job_id, audio_file.filename) from None
    text = request.text or record.facts.text or None
    if not isinstance(record.facts, SpeechReply):
        return _AudioInput(text, audio_file)
    rate = record.facts.sample_rate
    # The record may say anything: at another rate the file is taken for what it is.
    is_pcm = form == "pcm" and rate in encode.SAMPLE_RATES
    return _AudioInput(text, audio_file, keys.speaker(record.facts.voice), rate if is_pcm else None)


def _decode(job: Job, pcm_rate: int | None) -> Recording:
    """The sound of the file `source` in the job's folder; see `_AudioInput` for `pcm_rate`.

    Raises alignment_failed, too_large, Cancelled.
    """
    source, target = job.folder / "source", job.folder / "samples"
    if pcm_rate is None:
        return decode(source, target, job.stop.raise_if_cancelled)
    return decode_pcm(source, pcm_rate, target, job.stop.raise_if_cancelled)


def _audio_of(request: TimingRequest, job: Job, source: _AudioInput, expires_s: int) -> AudioSource:
    """Where the HTML page finds the audio. Downloaded audio is named after the job.

    source: the input; without a file in the store the link is the client's own URL.
    expires_s: how long a link into the store is valid, in seconds.
    """
    if source.file is not None:
        return AudioSource(job.store.url(source.file.key, expires_s), source.file.filename)
    url = request.audio_url or ""
    # The last part of the URL's path may be empty, so it cannot be the file's name.
    return AudioSource(url, job.id + PurePosixPath(urlsplit(url).path).suffix)


def _captions(
    request: TimingRequest,
    job: Job,
    recording: Recording,
    transcript: WindowedTranscript,
    timing: Timing,
    audio: AudioSource,
    voice: str,
    second: SecondText | None,
    face: Font | None,
) -> Captions:
    """What the timing files are rendered from.

    transcript: the words as written.
    timing: when each word is spoken.
    audio: the link and the file name for the HTML page.
    voice: the one that speaks before the text's first tag of a voice; "" if it is not known.
    second: the text of a second language.
    face: the font to be embedded, if there is one.
    """
    captions = caption(
        transcript.script,
        timing,
        job_id=job.id,
        duration_ms=recording.duration_ms,
        language=transcript.language,
        generated_at=datetime.now(UTC).replace(microsecond=0),
        audio=audio,
        rules=request.subtitles.rules(fonts.FORMAT in request.timing_format),
        shown=request.subtitles.shown_rules(),
        style=request.subtitles.rendering_style(face),
        main_voice=voice,
        second=second,
        check=job.stop.raise_if_cancelled,
    )
    return fonts.complete(captions, job.stop.raise_if_cancelled)


def _facts(
    request: TimingRequest,
    job: Job,
    recording: Recording,
    transcript: WindowedTranscript,
    timing: Timing,
    captions: Captions,
    inclusion: Inclusion,
) -> TimingReply:
    """The reply without its links, for the manifest. Each argument adds fields or warnings."""
    return TimingReply(
        job_id=job.id,
        text=transcript.script.text,
        language=transcript.language,
        duration=recording.duration_ms / 1000,
        warnings=[
            *job.store.warnings,
            *recording.notes,
            *transcript.warnings,
            *timing.warnings,
            *other_words.warnings(timing.words),
            *request.subtitles.warnings(),
            *timing_files.warnings(captions, inclusion.formats),
            *inclusion.warnings,
        ],
        metrics=job.times(),
        metadata=request.metadata,
        **timing_files.reply_fields(timing, inclusion.formats),
        **timing_files.mark_fields(transcript.script, timing, recording.duration_ms),
    )

"""`tts`: speech from a text in a voice, and timing files if asked."""

from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from errors import WorkerError
from jobs.results import fonts, included, timing_files
from jobs.results.finish import ResultWriter, upload
from jobs.results.idempotency import once
from jobs.results.included import Inclusion
from jobs.results.manifest import (
    FILES_AT_ONCE,
    NormalizationOptions,
    RenderedFile,
    StoredFile,
    StoredTake,
)
from jobs.results.replies import PartFacts, TtsReply
from jobs.results.word_times import Included
from jobs.tts import based_on
from jobs.tts.parts import cut_parts
from jobs.tts.request import SpeechRequest, TtsRequest
from jobs.tts.synthesis import SynthesisResult, synthesize
from jobs.tts.text import request_warnings
from storage import keys
from timing.alignment import chain, selection
from timing.subtitles.captions import AudioSource, caption
from timing.subtitles.fonts import Font
from timing.words import Timing
from tts.audio import encode
from tts.speech import Speech
from worker.job import Job
from worker.state import Worker


def run(worker: Worker, request: TtsRequest, job: Job) -> TtsReply:
    """Speak, time and store a script. A redelivered job is answered from its manifest.

    Raises voice_not_found, voice_rejected, fetch_refused, fetch_failed, too_large, font_rejected,
    text_rejected, synthesis_failed, timing_unavailable, idempotency_conflict, storage_error.
    """
    return once(
        RESULTS,
        request.idempotency_key,
        job,
        worker.settings.url_expires_s,
        lambda job: _run(worker, request, job),
    )


def _run(worker: Worker, request: TtsRequest, job: Job) -> TtsReply:
    """`run` of a job that nothing has answered yet."""
    request, base = based_on.load(request, job)
    # Before the speech, which takes long: a method that the worker lacks fails the job at once.
    if request.makes_timings:
        selection.check_method(request.timing_method, worker.aligners, request.base_language)
    face = _font(request, job)
    with ThreadPoolExecutor(FILES_AT_ONCE, "takes") as threads:
        try:
            return _speak_and_store(worker, request, job, face, threads, base)
        finally:
            # A script has hundreds of takes: a job that failed waits for the running ones alone.
            threads.shutdown(wait=False, cancel_futures=True)


def _speak_and_store(
    worker: Worker,
    request: TtsRequest,
    job: Job,
    face: Font | None,
    threads: Executor,
    base: based_on.Base | None,
) -> TtsReply:
    """`run` after what can fail at once.

    face: the font to be embedded, if there is one.
    threads: write, upload and fetch takes; they have ended before the job's folder goes.
    base: the job that this one is based on, if there is one.
    """
    result = synthesize(worker, request, job, threads, base)
    if result.takes is not None:
        # While the words are timed and the audio is encoded.
        result.takes.upload()
    # The key is fixed before the audio is encoded: the HTML page holds a link to it.
    audio_file = new_audio_file(request, job)
    timings = TimingResult()
    # Marks and parts have times too, which only the alignment can give.
    if request.makes_timings or result.script.marks or request.parts:
        job.progress("timing", 0, len(result.speech.chunks))
        with job.stage("timing"):
            timings = align_and_render(worker, request, job, result, audio_file, face)
    files = [encode_speech(request, job, result.speech, audio_file), *timings.files]
    upload(job, files)
    takes = _stored_takes(job, result)
    late = _finished_early(job, result)
    facts = _facts(worker, request, job, result)
    facts = facts.model_copy(update={"warnings": [*facts.warnings, *late]})
    facts = facts.model_copy(update=timings.facts(facts.warnings, result))
    if base is not None and result.reused is not None:
        facts = facts.model_copy(update=_reuse_facts(base, result, result.reused))
    reading = NormalizationOptions.of(request.language, request.normalize, request.pronunciations)
    # A later `timing` job for this audio must read the text as it was read here.
    return RESULTS.record(
        job,
        facts,
        files,
        url_expires_s=worker.settings.url_expires_s,
        reading=reading,
        options=based_on.options_of(request, base),
        takes=takes,
        including=timings.including,
        gain_db=None if result.loudness is None else result.loudness.gain_db,
    )


def _stored_takes(job: Job, result: SynthesisResult) -> list[StoredTake]:
    """The takes for the manifest, once all of them are in the store; none if they are not kept."""
    if result.takes is None:
        return []
    texts = [span.chunk.spoken_text for span in result.speech.chunks]
    with job.stage("takes"):
        return result.takes.stored(texts, result.origins, result.speech)


def _finished_early(job: Job, result: SynthesisResult) -> list[str]:
    """Wait for the early parts, if there are some; warnings about them."""
    if result.early is None:
        return []
    with job.stage("early"):
        return result.early.finish()


def _reuse_facts(
    base: based_on.Base, result: SynthesisResult, reused: dict[int, int]
) -> dict[str, Any]:
    """The fields of TtsReply about what was used again of `base`."""
    count = len(result.speech.chunks)
    return {
        "reused": sorted(reused),
        "spoken": [index for index in range(count) if index not in reused],
        "shift_ms": base.shifts(reused, result.speech),
    }


RESULTS = ResultWriter("tts", TtsReply)


def _warnings(worker: Worker, request: TtsRequest, job: Job, result: SynthesisResult) -> list[str]:
    """Warnings of the engine, the store and the synthesis, and of fields without effect."""
    warnings = result.engine_warnings(worker.engine, request.base_language)
    warnings += [*job.store.warnings, *result.warnings]
    return warnings + request_warnings(worker, request)


def _facts(worker: Worker, request: TtsRequest, job: Job, result: SynthesisResult) -> TtsReply:
    """The reply without its links and without the fields about timing."""
    times = job.times()
    # The wait for other jobs says nothing about the speed of the engine.
    working_ms = times["total_ms"] - times.get("queue_ms", 0.0)
    factor = round(working_ms / max(1, result.speech.duration_ms), 4)
    worker.totals.add_speech(len(request.text), result.speech.duration_ms / 1000)
    return TtsReply(
        job_id=job.id,
        duration=result.speech.duration_ms / 1000,
        sample_rate=request.sample_rate,
        output_format=request.output_format,
        loudness=result.lufs,
        text=request.text,
        seed=result.seed,
        speed=round(result.speed, 3) if request.max_duration is not None else None,
        voice=result.voices[None].name,
        engine=worker.engine.name,
        quality=result.quality,
        suggestions=list(result.suggestions) or None,
        warnings=_warnings(worker, request, job, result),
        metrics=times | {"real_time_factor": factor},
        metadata=request.metadata,
    )


@dataclass(frozen=True)
class TimingResult:
    """The rendered timing files and parts, or the error that prevented them.

    inclusion: what the reply includes, and the formats; None without timing files.
    """

    files: list[RenderedFile] = field(default_factory=list)
    timing: Timing | None = None
    parts: list[PartFacts] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    error: str | None = None
    inclusion: Inclusion | None = None

    @property
    def including(self) -> Included | None:
        """What the reply has of the timing files."""
        return self.inclusion.fields if self.inclusion else None

    def facts(self, warnings: list[str], result: SynthesisResult) -> dict[str, Any]:
        """The fields of TtsReply about timing; its warnings are added to `warnings`."""
        if self.timing is None:
            return {"timing_error": self.error}
        fields = timing_files.mark_fields(result.script, self.timing, result.speech.duration_ms)
        if self.inclusion:
            fields |= timing_files.reply_fields(self.timing, self.inclusion.formats)
        if self.parts:
            fields["parts"] = self.parts
        return fields | {"warnings": [*warnings, *self.timing.warnings, *self.warnings]}


def new_audio_file(request: SpeechRequest, job: Job) -> StoredFile:
    """The key, type and download name of the audio file. Nothing is stored yet."""
    form = encode.FORMATS[request.output_format]
    return StoredFile(
        key=keys.audio(job.id, form.extension),
        content_type=form.content_type,
        filename=f"{job.id}.{form.extension}",
    )


def _font(request: TtsRequest, job: Job) -> Font | None:
    """The font to be embedded, if captions are made and their request has one."""
    if not request.makes_timings:
        return None
    return fonts.load(request.subtitles, request.timing_format, request.text, job)


def align_and_render(
    worker: Worker,
    request: SpeechRequest,
    job: Job,
    result: SynthesisResult,
    audio_file: StoredFile,
    face: Font | None,
) -> TimingResult:
    """Align the words and render the timing files.

    A failure becomes a field of the reply, because the audio is still good.

    result: the speech; its chunks are the windows for the aligners.
    audio_file: where the audio will be; the HTML page links to it.
    face: the font to be embedded, if there is one.
    """
    try:
        timing = chain.align(
            result.script,
            chain.windows_of(result.speech),
            selection.select_aligners(
                request.timing_method, worker.aligners, request.base_language
            ),
            lambda done: job.progress("timing", done, len(result.speech.chunks)),
        )
        if timing.billed_s:
            job.metrics["google_billed_s"] = timing.billed_s
        captions = caption(
            result.script,
            timing,
            job_id=job.id,
            duration_ms=result.speech.duration_ms,
            language=request.base_language,
            generated_at=datetime.now(UTC).replace(microsecond=0),
            audio=AudioSource(
                job.store.url(audio_file.key, worker.settings.url_expires_s), audio_file.filename
            ),
            rules=request.subtitles.rules(fonts.FORMAT in request.timing_format),
            shown=request.subtitles.shown_rules(),
            style=request.subtitles.rendering_style(face),
            voices=result.names,
            second=result.second,
            check=job.stop.raise_if_cancelled,
        )
        files: list[RenderedFile] = []
        parts: list[PartFacts] = []
        warnings: list[str] = []
        inclusion: Inclusion | None = None
        if request.makes_timings:
            captions = fonts.complete(captions, job.stop.raise_if_cancelled)
            inclusion = included.include(captions, request.include, request.timing_format)
            files = timing_files.render(job.id, captions, inclusion.formats)
            files += included.as_file(job.id, inclusion.fields)
            warnings = timing_files.warnings(captions, inclusion.formats) + inclusion.warnings
        if request.parts:
            part_files, parts, problems = cut_parts(
                request.parts, request, job, result, timing, captions.unshifted
            )
            files, warnings = [*files, *part_files], [*warnings, *problems]
    except WorkerError as error:
        job.log.warning("the job has no timing files: %s", error)
        if error.refresh_worker:
            job.worker_failed.set()
        return TimingResult(error=str(error))
    return TimingResult(files, timing, parts, warnings, inclusion=inclusion)


def encode_speech(
    request: SpeechRequest, job: Job, speech: Speech, audio_file: StoredFile
) -> RenderedFile:
    """Encode the speech as a file in the job's folder, in the format of the request."""
    path = job.folder / audio_file.filename
    with job.stage("encode"):
        encode.write(
            path, speech.samples, speech.sample_rate, request.output_format, request.sample_rate
        )
    return RenderedFile("audio", request.output_format, audio_file, path)

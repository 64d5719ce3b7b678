"""`dub`: speech on the times of a subtitle file."""

from pathlib import Path

from jobs.dub.cues import read_file
from jobs.dub.request import MAX_FILE, DubRequest
from jobs.dub.synthesis import DubResult, synthesize
from jobs.results import fonts
from jobs.results.finish import ResultWriter, upload
from jobs.results.idempotency import once
from jobs.results.manifest import NormalizationOptions
from jobs.results.replies import DubReply
from jobs.tts.run import align_and_render, encode_speech, new_audio_file
from storage.fetch import fetch
from timing.alignment import selection
from worker.job import Job
from worker.state import Worker

RESULTS = ResultWriter("dub", DubReply)


def run(worker: Worker, request: DubRequest, job: Job) -> DubReply:
    """Speak a subtitle file on its times, and store it. A redelivered job is answered from its
    manifest.

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


def _run(worker: Worker, request: DubRequest, job: Job) -> DubReply:
    """`run` of a job that nothing has answered yet."""
    url_expires_s = worker.settings.url_expires_s
    # Before the speech, which takes long: a method that the worker lacks fails the job at once.
    selection.check_method(request.timing_method, worker.aligners, request.base_language)
    file = read_file(_file(request, job))
    text = " ".join(cue.text for cue in file.cues)
    face = fonts.load(request.subtitles, request.timing_format, text, job)
    dubbed = synthesize(worker, request, job, file)
    result = dubbed.speech
    # The key is fixed before the audio is encoded: the HTML page holds a link to it.
    audio_file = new_audio_file(request, job)
    job.progress("timing", 0, len(result.speech.chunks))
    with job.stage("timing"):
        timings = align_and_render(worker, request, job, result, audio_file, face)
    files = [encode_speech(request, job, result.speech, audio_file), *timings.files]
    upload(job, files)
    facts = _facts(worker, request, job, dubbed)
    facts = facts.model_copy(update=timings.facts(facts.warnings, result))
    reading = NormalizationOptions.of(request.language, request.normalize, request.pronunciations)
    # A later `timing` job for this audio must read the text as it was read here.
    return RESULTS.record(
        job,
        facts,
        files,
        url_expires_s=url_expires_s,
        reading=reading,
        including=timings.including,
    )


def _file(request: DubRequest, job: Job) -> str:
    """The text of the subtitle file. Raises fetch_refused, fetch_failed, too_large, Cancelled."""
    if request.srt is not None:
        return request.srt
    assert request.srt_url is not None  # the request has one of the two
    path = job.folder / "subtitles"
    with job.stage("fetch"):
        fetch(request.srt_url, path, MAX_FILE, job.stop.raise_if_cancelled)
    return _decoded(path)


def _decoded(path: Path) -> str:
    """A file as text: UTF-8, UTF-16 with its mark, or else Windows' Western letters."""
    data = path.read_bytes()
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")


def _facts(worker: Worker, request: DubRequest, job: Job, dubbed: DubResult) -> DubReply:
    """The reply without its links and without the fields about timing."""
    result = dubbed.speech
    times = job.times()
    # The wait for other jobs says nothing about the speed of the engine.
    working_ms = times["total_ms"] - times.get("queue_ms", 0.0)
    factor = round(working_ms / max(1, result.speech.duration_ms), 4)
    worker.totals.add_speech(len(result.script.text), result.speech.duration_ms / 1000)
    unused = sorted(worker.engine.unused_fields & request.model_fields_set)
    warnings = result.engine_warnings(worker.engine, request.base_language)
    warnings += [*job.store.warnings, *result.warnings, *request.subtitles.warnings()]
    if unused:
        warnings.append(f"the {worker.engine.name} engine makes no use of {', '.join(unused)}")
    return DubReply(
        job_id=job.id,
        duration=result.speech.duration_ms / 1000,
        sample_rate=request.sample_rate,
        output_format=request.output_format,
        loudness=result.lufs,
        text=result.script.text,
        seed=result.seed,
        voice=result.voices[None].name,
        engine=worker.engine.name,
        quality=result.quality,
        suggestions=list(result.suggestions) or None,
        warnings=warnings,
        metrics=times | {"real_time_factor": factor},
        metadata=request.metadata,
        cues=dubbed.cues,
    )

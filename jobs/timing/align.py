"""The times of a recording's words: the chain of aligners, and a second try where the text was
divided over the audio by guess."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from jobs.timing.realign import choose_better, resegment_by_asr
from jobs.timing.request import TimingRequest
from jobs.timing.transcript import WindowedTranscript
from timing.alignment import chain
from timing.alignment.aligner import Aligner, RemoteAligner
from timing.alignment.chain import Window
from timing.alignment.windows import Placed
from timing.words import Timing
from tts.audio.recording import Recording
from worker.job import Job
from worker.state import Worker


def align(
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

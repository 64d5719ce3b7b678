"""The words of a recording get their times, in a second try where the text was cut wrongly."""

from dataclasses import replace

from jobs.timing.realign import choose_better, resegment
from jobs.timing.request import TimingRequest
from jobs.timing.transcript import WindowedTranscript
from timing.alignment.chain import WindowedAudio
from timing.alignment.chain import align as align_windows
from timing.alignment.selection import AUTO, AlignerChain, select_aligners
from timing.token_times import ESTIMATE
from timing.words import Timing
from tts.audio.recording import Recording
from worker.job import Job
from worker.state import Worker


def align(
    worker: Worker,
    request: TimingRequest,
    job: Job,
    recording: Recording,
    transcript: WindowedTranscript,
) -> Timing:
    """Time the words of a recording.

    request: its `timing_method` says which of the worker's aligners may be used.
    job: its progress is reported, its metrics get what a service charges.
    transcript: the recording's words, and the windows in which they are spoken.

    If the windows of a known text are guessed, the worker's own aligners try them first. Where one
    fails, the text is cut again, and the windows that changed are tried once more: only what fails
    again goes to a service or is estimated.
    """
    chain = select_aligners(request.timing_method, worker.aligners, transcript.language)
    stage = "timing"
    if transcript.is_guessed and (request.timing_method == AUTO or chain.local.aligners):
        timing = _align(job, recording, transcript, chain.local, stage)
        if all(word.source != ESTIMATE for word in timing.words):
            return timing
        transcript = _window_again(worker, job, recording, transcript, timing, chain.local)
        is_estimated = any(
            alignment and alignment.source == ESTIMATE
            for alignment in transcript.alignments.values()
        )
        stage = chain.services[0] if is_estimated and chain.services else "repair"
    timing = _align(job, recording, transcript, chain, stage)
    if timing.billed_s:
        job.metrics["google_billed_s"] = timing.billed_s
    return timing


def _window_again(
    worker: Worker,
    job: Job,
    recording: Recording,
    transcript: WindowedTranscript,
    timing: Timing,
    local: AlignerChain,
) -> WindowedTranscript:
    """The transcript in other windows, where these leave fewer words to the estimate."""
    first = dict(zip(transcript.windows, timing.alignments, strict=True))
    windows = resegment(
        worker.whisper, job, recording, transcript, timing, max_window_ms=local.max_window_ms
    )
    again = replace(transcript, windows=windows, alignments=first)
    second = _align(job, recording, again, local, "repair").alignments
    better = choose_better(list(first.items()), list(zip(windows, second, strict=True)))
    return replace(transcript, windows=list(better), alignments=better)


def _align(
    job: Job,
    recording: Recording,
    transcript: WindowedTranscript,
    chain: AlignerChain,
    stage: str,
) -> Timing:
    """Send every window down the chain and report progress as `stage`.

    The progress starts at the windows that an earlier try placed. A stage that is named after a
    service counts the estimated ones as open; the service is asked for them.
    """
    previous = map(transcript.alignments.get, transcript.windows)
    total = sum(bool(window.chunk.tokens) for window in transcript.windows)
    before = sum(
        stage not in chain.aligners or alignment.source != ESTIMATE
        for alignment in previous
        if alignment
    )
    return align_windows(
        transcript.script,
        WindowedAudio(
            transcript.windows, recording.duration_ms, recording.read, transcript.alignments
        ),
        chain,
        lambda done: job.progress(stage, max(before, done), total),
    )

"""Gives the words of a recording their times; a text that was cut wrongly gets a second try."""

from dataclasses import replace

from jobs.timing.realign import choose_better, join, resegment
from jobs.timing.request import TimingRequest
from jobs.timing.transcript import WindowedTranscript
from timing.alignment.chain import WindowedAudio
from timing.alignment.chain import align as align_windows
from timing.alignment.listening import TextListener
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

    worker: its aligners, and its Whisper for the second try.
    request: its `timing_method` says which of the worker's aligners may be used.
    job: its progress is reported; its metrics get the seconds that a service charges for.
    recording: the audio.
    transcript: the recording's words, and the windows in which they are spoken.

    If the windows of a known text are guessed, the worker's own aligners try them first. Where one
    fails or is unsure, the text is cut again, and the windows that changed are tried once more:
    only what fails again goes to a service or is estimated.
    """
    chain = select_aligners(request.timing_method, worker.aligners, transcript.language)
    stage = "timing"
    # Guessed windows may be wrong, and a service charges for each: so local aligners come first.
    if transcript.is_guessed and (request.timing_method == AUTO or chain.local.aligners):
        timing = _align(job, recording, transcript, chain.local, stage)
        # Doubtful chunks have times of an aligner, but perhaps in the wrong place.
        if all(word.source != ESTIMATE for word in timing.words) and not timing.doubtful_chunks():
            return timing
        transcript = _window_again(worker, job, recording, transcript, timing, chain.local)
        is_estimated = any(
            alignment and alignment.source == ESTIMATE
            for alignment in transcript.alignments.values()
        )
        # Clients see the name of the service where the job waits for one.
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
    """The transcript in other windows, where these leave fewer words to the estimate.

    timing: the result of the first try, in the windows of `transcript`.
    local: the aligners that run on this worker.
    """
    aligners = local.aligners.values()
    listener = next((one for one in aligners if isinstance(one, TextListener)), None)
    windows = resegment(worker.whisper, listener, job, recording, transcript, timing)
    if windows is None:
        windows = join(transcript, timing, local.max_window_ms)
    first = dict(zip(transcript.windows, timing.alignments, strict=True))
    # With the first alignments, windows that did not change are not aligned again.
    rewindowed = replace(transcript, windows=windows, alignments=first)
    second = _align(job, recording, rewindowed, local, "repair").alignments
    # New windows may be worse in one place and better in another, so each place is chosen alone.
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

    chain: the aligners that are asked, in order.
    stage: the name of the stage in the progress.
    """
    previous = map(transcript.alignments.get, transcript.windows)
    total = sum(bool(window.chunk.tokens) for window in transcript.windows)
    already_placed = sum(
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
        # `done` starts at 0 again in each try; progress must not go back.
        lambda done: job.progress(stage, max(already_placed, done), total),
    )

"""Gives the words of a recording their times; a text that was cut wrongly gets a second try."""

from dataclasses import replace

from jobs.timing.realign import choose_better, listen_again, resegment
from jobs.timing.request import TimingRequest
from jobs.timing.transcript import WindowedTranscript
from timing.alignment.chain import WindowedAudio
from timing.alignment.chain import align as align_windows
from timing.alignment.listening import TextListener
from timing.alignment.selection import AUTO, AlignerChain, select_aligners
from timing.alignment.windows import ChunkSpan, join_failed
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
    first around what a listener hears of the text, then around what Whisper hears. Only what fails
    again goes to a service or is estimated.
    """
    chain = select_aligners(request.timing_method, worker.aligners, transcript.language)
    stage = "timing"
    # Guessed windows may be wrong, and a service charges for each: so local aligners come first.
    if transcript.is_guessed and (request.timing_method == AUTO or chain.local.aligners):
        transcript, timing = _align_locally(worker, job, recording, transcript, chain.local)
        if not _is_in_doubt(timing):
            return timing
        is_estimated = any(
            alignment and alignment.source == ESTIMATE and alignment.is_spoken
            for alignment in timing.alignments
        )
        # Clients see the name of the service where the job waits for one.
        stage = chain.services[0] if is_estimated and chain.services else "repair"
    timing = _align(job, recording, transcript, chain, stage)
    if timing.billed_s:
        job.metrics["google_billed_s"] = timing.billed_s
    return timing


def _is_in_doubt(timing: Timing) -> bool:
    """Whether a word has no time of an aligner, or perhaps one in the wrong place."""
    estimated = any(word.is_spoken and word.source == ESTIMATE for word in timing.words)
    return estimated or bool(timing.doubtful_chunks())


def _align_locally(
    worker: Worker,
    job: Job,
    recording: Recording,
    transcript: WindowedTranscript,
    local: AlignerChain,
) -> tuple[WindowedTranscript, Timing]:
    """Time guessed windows, and those of a second and a third way to cut where they are better.

    worker: its Whisper is asked last.
    local: the aligners that run on this worker.

    Returns the transcript in the best windows, with their alignments, and its times.
    """
    timing = _align(job, recording, transcript, local, "timing")
    aligners = local.aligners.values()
    listener = next((one for one in aligners if isinstance(one, TextListener)), None)
    if listener is not None and timing.suspicious_chunks():
        windows = listen_again(listener, job, recording, transcript, timing)
        transcript, timing = _try(job, recording, transcript, timing, windows, local, None)
    if _is_in_doubt(timing):
        windows = resegment(
            worker.whisper, job, recording, transcript, timing, max_window_ms=local.max_window_ms
        )
        transcript, timing = _try(job, recording, transcript, timing, windows, local, "repair")
    failed = {word.chunk for word in timing.words if word.is_spoken and word.source == ESTIMATE}
    if failed and worker.whisper is not None:
        # Without Whisper, `resegment` joined them.
        windows = join_failed(transcript.windows, failed, local.max_window_ms)
        transcript, timing = _try(job, recording, transcript, timing, windows, local, None)
    return transcript, timing


def _try(
    job: Job,
    recording: Recording,
    transcript: WindowedTranscript,
    timing: Timing,
    windows: list[ChunkSpan],
    local: AlignerChain,
    stage: str | None,
) -> tuple[WindowedTranscript, Timing]:
    """Time other windows; the transcript in the better ones, place by place, and its times.

    timing: what came of the windows of `transcript`.
    windows: the other ones.
    stage: as for `_align`. With None the other windows must be better, else they win a draw: what
        fails in both is joined to its neighbours next.
    """
    first = dict(zip(transcript.windows, timing.alignments, strict=True))
    # With the first alignments, windows that did not change are not aligned again.
    rewindowed = replace(transcript, windows=windows, alignments=first)
    second = _align(job, recording, rewindowed, local, stage).alignments
    # New windows may be worse in one place and better in another, so each place is chosen alone.
    ways = list(first.items()), list(zip(windows, second, strict=True))
    better = choose_better(*ways) if stage else choose_better(*reversed(ways))
    transcript = replace(transcript, windows=list(better), alignments=better)
    return transcript, _align(job, recording, transcript, local, None)


def _align(
    job: Job,
    recording: Recording,
    transcript: WindowedTranscript,
    chain: AlignerChain,
    stage: str | None,
) -> Timing:
    """Send every window down the chain and report progress as `stage`, None for no report.

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

    def report(done: int) -> None:
        if stage is None:
            job.stop.raise_if_cancelled()
        else:
            # `done` starts at 0 again in each try; progress must not go back.
            job.progress(stage, max(already_placed, done), total)

    return align_windows(
        transcript.script,
        WindowedAudio(
            transcript.windows, recording.duration_ms, recording.read, transcript.alignments
        ),
        chain,
        report,
    )

"""The second try of `timing`: a known text that was cut into wrong windows is cut again."""

from collections.abc import Collection, Iterator, Sequence

from jobs.timing.region import RegionListener, whisper_listener
from jobs.timing.transcript import WindowedTranscript
from timing.alignment.hearing import fit_windows
from timing.alignment.listening import TextListener
from timing.alignment.windows import ChunkSpan, doubtful_regions, join_failed
from timing.token_times import ESTIMATE, WindowAlignment
from timing.words import LOW_CONFIDENCE, Timing
from tts.asr.transcriber import Transcriber, TranscriptionFailed
from tts.audio.recording import Recording
from tts.speech import RecognizedWord, Samples
from worker.job import Job

_DOUBTED_TOKENS = 2
"""Of a window that skips sound."""

AlignedWindows = Sequence[tuple[ChunkSpan, WindowAlignment | None]]
"""Windows in order, and the times of each; None for one without tokens."""


def resegment(
    whisper: Transcriber | None,
    job: Job,
    recording: Recording,
    transcript: WindowedTranscript,
    timing: Timing,
    *,
    max_window_ms: float,
) -> list[ChunkSpan]:
    """Cut the text again where its windows are in doubt; the windows of the whole recording.

    recording: the audio.
    whisper: it transcribes the windows in doubt and those around them, and each window gets the
        words that Whisper recognises in it.
    transcript, timing: the windows of the last try, and what came of them.
    max_window_ms: the longest window that an aligner takes. Without Whisper, or if it fails, the
        windows that failed are joined to their neighbours up to this length.

    Raises Cancelled.
    """
    language = transcript.language
    if whisper is not None and language in whisper.languages:
        doubtful = timing.doubtful_chunks()
        listener = whisper_listener(whisper, language, job, recording)
        try:
            return _by_ear(listener, transcript, doubtful, apart=False)
        except TranscriptionFailed as error:
            # The job goes on: every word has a time already, if only an estimated one.
            job.log.warning(
                "Whisper failed, so its words do not help to cut the audio: %s", error.__cause__
            )
    failed = {word.chunk for word in timing.words if word.is_spoken and word.source == ESTIMATE}
    return join_failed(transcript.windows, failed, max_window_ms)


def listen_again(
    listener: TextListener,
    job: Job,
    recording: Recording,
    transcript: WindowedTranscript,
    timing: Timing,
) -> list[ChunkSpan]:
    """As `resegment`, around the phrases of the text that a listener hears.

    It listens also where a word alone is in doubt. Raises Cancelled.
    """

    def hear(samples: Samples, tokens: Sequence[str]) -> Sequence[RecognizedWord]:
        return listener.hear(samples, tokens, transcript.language) or ()

    region_listener = RegionListener(hear, job, recording, "listening")
    return _by_ear(region_listener, transcript, timing.suspicious_chunks(), apart=True)


def _by_ear(
    listener: RegionListener,
    transcript: WindowedTranscript,
    chunks: Collection[int],
    *,
    apart: bool,
) -> list[ChunkSpan]:
    """The windows, cut again in and around these chunks. Raises TranscriptionFailed, Cancelled.

    apart: see `fit_windows`.
    """
    windows = list(transcript.windows)
    regions = doubtful_regions(len(windows), chunks)
    listener.total = sum(map(len, regions))  # for the progress: all regions count as one stage
    fitted: list[ChunkSpan] = []
    next_window = 0
    for region in regions:
        doubtful = windows[region.start : region.stop]
        times = listener.token_times(doubtful)
        fitted += windows[next_window : region.start]
        # Without a word of the text in it, the region stays as it was.
        heard = any(time.is_heard for time in times)
        fitted += fit_windows(doubtful, times, listener.pauses, apart=apart) if heard else doubtful
        next_window = region.stop
    return [*fitted, *windows[next_window:]]


def choose_better(
    first: AlignedWindows, second: AlignedWindows
) -> dict[ChunkSpan, WindowAlignment | None]:
    """Choose between two ways to cut a text, anew after every cut that both have.

    The better one has more words of which an aligner is sure, then more windows; the second wins a
    draw. The estimate grows worse with the length of its window: a mean of 55 ms becomes 155 in
    joined ones.
    """
    # Only a cut that both have divides audio and text alike, so that parts can be compared.
    cuts = {_cut(window) for window, _ in first} & {_cut(window) for window, _ in second}
    chosen: dict[ChunkSpan, WindowAlignment | None] = {}
    for before, after in zip(_parts(first, cuts), _parts(second, cuts), strict=True):
        chosen.update(before if _score(before) > _score(after) else after)
    return chosen


def _cut(window: ChunkSpan) -> tuple[float, int]:
    """Where a window ends in the audio and in the text."""
    return window.end_ms, window.chunk.end_word


def _parts(
    windows: AlignedWindows, cuts: Collection[tuple[float, int]]
) -> Iterator[AlignedWindows]:
    """The windows up to the first cut, then those up to the next, and so on."""
    first = 0
    for index, (window, _) in enumerate(windows):
        if _cut(window) in cuts:
            yield windows[first : index + 1]
            first = index + 1


def _score(windows: AlignedWindows) -> tuple[int, int]:
    """The rank of these windows: how many tokens aligners are sure of, then more windows.

    Sound that a window skips is a reason to doubt some of its tokens.
    """
    alignments = [alignment for _, alignment in windows if alignment]
    confidences = [
        time.confidence
        for alignment in alignments
        if alignment.source != ESTIMATE
        for time in alignment.times
        if time.confidence >= LOW_CONFIDENCE
    ]
    skipping = sum(alignment.skips_sound for alignment in alignments)
    with_tokens = sum(bool(window.chunk.tokens) for window, _ in windows)
    return round(sum(confidences)) - _DOUBTED_TOKENS * skipping, with_tokens

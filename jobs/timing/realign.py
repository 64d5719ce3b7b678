"""The second try of `timing`: a known text that was cut into wrong windows is cut again."""

from collections.abc import Callable, Collection, Iterator, Sequence

from jobs.timing.transcript import WindowedTranscript
from timing.alignment.hearing import fit_windows
from timing.alignment.listening import TextListener
from timing.alignment.match import match
from timing.alignment.vad import detect
from timing.alignment.windows import ChunkSpan, doubtful_regions, join_failed
from timing.token_times import ESTIMATE, TimedToken, WindowAlignment
from timing.words import Timing
from tts.asr.transcriber import Transcriber, TranscriptionFailed
from tts.audio.recording import Recording
from tts.speech import ASR_SAMPLE_RATE, RecognizedWord, Samples
from worker.job import Job

MAX_REGION_MS = 600_000.0
"""Most audio, in ms, that is matched at once. Time and memory of a match grow with the square of
the number of words: 0.6 s and 110 MB for ten minutes and a text of 12 000 words."""

_ANCHOR_WORDS = 5
"""This many consecutive matched words fix a position. Tokens after the last such run are matched
again with the next slice."""

AlignedWindows = Sequence[tuple[ChunkSpan, WindowAlignment | None]]
"""Windows in order, and the times of each; None for one without tokens."""


Hear = Callable[[Samples, Sequence[str]], Sequence[RecognizedWord]]
"""Recognises words in 16 kHz mono samples, given the tokens that are probably spoken there."""


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

        def transcribe(samples: Samples, tokens: Sequence[str]) -> Sequence[RecognizedWord]:
            return whisper.transcribe(samples, ASR_SAMPLE_RATE, language).words

        doubtful = timing.doubtful_chunks()
        listener = _RegionListener(transcribe, job, recording, "transcription")
        try:
            return _by_ear(listener, transcript, doubtful, apart=False)
        except TranscriptionFailed as error:
            # The job goes on: every word has a time already, if only an estimated one.
            job.log.warning("not divided by ear: %s", error.__cause__)
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

    region_listener = _RegionListener(hear, job, recording, "listening")
    return _by_ear(region_listener, transcript, timing.suspicious_chunks(), apart=True)


def _by_ear(
    listener: "_RegionListener",
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
        fitted += (
            fit_windows(doubtful, times, listener.pauses, apart=apart) if heard else doubtful
        )
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
    """The rank of these windows: how many tokens aligners are sure of, then more windows."""
    alignments = [alignment for _, alignment in windows if alignment]
    confidences = [
        time.confidence
        for alignment in alignments
        if alignment.source != ESTIMATE
        for time in alignment.times
    ]
    return round(sum(confidences)), len(windows)


class _RegionListener:
    """Listens to windows and matches their text to what is heard; progress after each.

    hear: the recogniser.
    stage: the name of the work in the progress.
    total: how many windows will be heard in all.
    pauses: those of the last region, ms from its start.
    """

    def __init__(self, hear: Hear, job: Job, recording: Recording, stage: str) -> None:
        self._hear = hear
        self._job = job
        self._recording = recording
        self._stage = stage
        self.total = 0
        self._done = 0
        self.pauses: list[tuple[float, float]] = []

    def token_times(self, region: list[ChunkSpan]) -> list[TimedToken]:
        """When each token of a region is spoken, ms from its start.

        A region longer than MAX_REGION_MS is matched in slices. Tokens and words after the last
        fixed position of a slice are matched again with the next one.
        """
        region_start_ms = region[0].start_ms
        self.pauses = []
        times: list[TimedToken] = []
        tokens: list[str] = []
        recognized: list[RecognizedWord] = []
        from_ms = 0.0
        for windows in _slices(region):
            tokens += [token.spoken for window in windows for token in window.chunk.tokens]
            for window in windows:
                recognized += self._recognize(window, region_start_ms, tokens)
            matched = match(
                tokens,
                [word.shifted(-from_ms) for word in recognized],
                windows[-1].end_ms - region_start_ms - from_ms,
            )
            is_last = windows[-1] is region[-1]
            fixed = len(matched) if is_last else _anchored_count(matched)
            times += [time.shifted(from_ms) for time in matched[:fixed]]
            tokens = tokens[fixed:]
            # Later slices are matched from the last fixed token on, with times from there.
            from_ms = times[-1].end_ms if times else 0.0
            # Without a fixed position these words belong to no place in the text.
            recognized = [word for word in recognized if word.start_ms >= from_ms] if fixed else []
        return times

    def _recognize(
        self, window: ChunkSpan, region_start_ms: float, tokens: Sequence[str]
    ) -> list[RecognizedWord]:
        """The words of a window, ms from the region's start.

        tokens: those among which the window's own are.
        """
        samples = self._recording.read(window.start_ms, window.end_ms)
        offset_ms = window.start_ms - region_start_ms
        self.pauses += [(a + offset_ms, b + offset_ms) for a, b in detect(samples).pauses]
        words = self._hear(samples, tokens)
        self._done += 1
        self._job.progress(self._stage, self._done, self.total)
        return [word.shifted(offset_ms) for word in words]


def _slices(region: list[ChunkSpan]) -> Iterator[list[ChunkSpan]]:
    """Consecutive windows, as many as MAX_REGION_MS hold."""
    first = 0
    for index, window in enumerate(region):
        if window.end_ms - region[first].start_ms > MAX_REGION_MS and index > first:
            yield region[first:index]
            first = index
    yield region[first:]


def _anchored_count(times: list[TimedToken]) -> int:
    """How many tokens there are up to the end of the last run of _ANCHOR_WORDS heard ones."""
    run = count = 0
    for index, time in enumerate(times, 1):
        run = run + 1 if time.is_heard else 0
        count = index if run >= _ANCHOR_WORDS else count
    return count

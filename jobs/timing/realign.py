"""The second try of `timing`: text that was divided over the audio by guess is divided anew."""

from collections.abc import Collection, Iterator, Sequence

from timing.alignment.match import match
from timing.alignment.windows import Placed, doubtful_regions, join_failed, reassign_words
from timing.token_times import Outcome, TokenTime
from timing.words import Timing
from tts.asr.transcriber import Transcriber, TranscriptionFailed
from tts.audio.recording import ASR_SAMPLE_RATE, Recording
from tts.speech import RecognizedWord
from worker.job import Job

MAX_REGION_MS = 600_000.0
"""Matching heard words to the text takes time and memory with the square of their number: 0.6 s
and 110 MB for ten minutes and a text of 12 000 words."""

_SURE = 5
"""So many words heard one after the other are at their place, and what follows them is not."""


def resegment_by_asr(
    whisper: Transcriber | None,
    job: Job,
    recording: Recording,
    language: str,
    windows: list[Placed],
    timing: Timing,
    most_ms: float,
) -> list[Placed]:
    """The windows as Whisper hears the words in them, where they are in doubt.

    Without Whisper, and where it fails, those that failed are joined to their neighbours, as far as
    `most_ms` hold them.
    """
    if whisper is not None and language in whisper.languages:
        doubtful = doubtful_regions(len(windows), timing.doubtful())
        hearing = _RegionTranscriber(whisper, job, recording, language, sum(map(len, doubtful)))
        divided = list(windows)
        try:
            for region in doubtful:
                own = windows[region.start : region.stop]
                divided[region.start : region.stop] = reassign_words(own, hearing.times(own))
        except TranscriptionFailed as error:
            # Every word has a time already.
            job.log.warning("not divided by ear: %s", error.__cause__)
        else:
            return divided
    failed = {word.chunk for word in timing.words if word.source == "estimate"}
    return join_failed(windows, failed, most_ms)


WindowOutcomes = Sequence[tuple[Placed, Outcome | None]]
"""Windows in order, and what became of each."""


def choose_better(first: WindowOutcomes, second: WindowOutcomes) -> dict[Placed, Outcome | None]:
    """Of two ways to divide a text the one that leaves fewer words to the estimate, then the one
    with more windows, then the second: chosen anew after every cut that both have.

    The estimate is the worse the longer its window: a mean of 55 ms becomes 155 in joined ones.
    """
    cuts = {_cut(window) for window, _ in first} & {_cut(window) for window, _ in second}
    found: dict[Placed, Outcome | None] = {}
    for before, after in zip(_parts(first, cuts), _parts(second, cuts), strict=True):
        found.update(before if _score(before) > _score(after) else after)
    return found


def _cut(window: Placed) -> tuple[float, int]:
    return window.end_ms, window.chunk.end_word


def _parts(tried: WindowOutcomes, cuts: Collection[tuple[float, int]]) -> Iterator[WindowOutcomes]:
    """The windows up to each cut."""
    first = 0
    for index, (window, _) in enumerate(tried):
        if _cut(window) in cuts:
            yield tried[first : index + 1]
            first = index + 1


def _score(tried: WindowOutcomes) -> tuple[int, int]:
    """Less for every spoken word that no aligner placed, then more for every window."""
    outcomes = [outcome for _, outcome in tried if outcome]
    lost = sum(len(outcome.times) for outcome in outcomes if outcome.source == "estimate")
    return -lost, len(tried)


class _RegionTranscriber:
    """Hears stretches and finds the text in them, with progress after each."""

    def __init__(
        self, whisper: Transcriber, job: Job, recording: Recording, language: str, total: int
    ) -> None:
        self._whisper = whisper
        self._job = job
        self._recording = recording
        self._language = language
        self._total = total
        self._done = 0

    def times(self, region: list[Placed]) -> list[TokenTime]:
        """When each token of a region is spoken, ms from its start.

        Of a long one MAX_REGION_MS are heard at a time: tokens and words after the last place that
        is sure are matched with what follows.
        """
        first_ms = region[0].start_ms
        placed: list[TokenTime] = []
        tokens: list[str] = []
        heard: list[RecognizedWord] = []
        from_ms = 0.0
        for stretches in _slices(region):
            tokens += [token.spoken for window in stretches for token in window.chunk.tokens]
            heard += [word for window in stretches for word in self._heard(window, first_ms)]
            is_last = stretches[-1] is region[-1]
            until_ms = stretches[-1].end_ms - first_ms
            found = match(tokens, [word.shifted(-from_ms) for word in heard], until_ms - from_ms)
            sure = len(found) if is_last else _anchored_count(found)
            placed += [
                time._replace(start_ms=time.start_ms + from_ms, end_ms=time.end_ms + from_ms)
                for time in found[:sure]
            ]
            tokens = tokens[sure:]
            from_ms = placed[-1].end_ms if placed else 0.0
            heard = [word for word in heard if word.start_ms >= from_ms] if sure else []
        return placed

    def _heard(self, window: Placed, first_ms: float) -> Iterator[RecognizedWord]:
        """The words of a window, ms from the region's start."""
        samples = self._recording.read(window.start_ms, window.end_ms)
        words = self._whisper.transcribe(samples, ASR_SAMPLE_RATE, self._language).words
        self._done += 1
        self._job.progress("transcription", self._done, self._total)
        at_ms = window.start_ms - first_ms
        return (word.shifted(at_ms) for word in words)


def _slices(region: list[Placed]) -> Iterator[list[Placed]]:
    """Consecutive windows, as many as MAX_REGION_MS hold."""
    first = 0
    for index, window in enumerate(region):
        if window.end_ms - region[first].start_ms > MAX_REGION_MS and index > first:
            yield region[first:index]
            first = index
    yield region[first:]


def _anchored_count(times: list[TokenTime]) -> int:
    """How many tokens end with the last ones that were heard one after the other."""
    run = best = 0
    for count, time in enumerate(times, 1):
        run = run + 1 if time.heard else 0
        best = count if run >= _SURE else best
    return best

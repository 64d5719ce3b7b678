"""Hears the windows of a recording and finds the tokens of a text in what is heard."""

from collections.abc import Callable, Iterator, Sequence

from timing.alignment.match import extra_words, match
from timing.alignment.vad import detect
from timing.alignment.windows import ChunkSpan
from timing.token_times import TimedToken
from tts.asr.transcriber import Transcriber
from tts.audio.recording import Recording
from tts.speech import ASR_SAMPLE_RATE, RecognizedWord, Samples
from worker.job import Job

MAX_REGION_MS = 600_000.0
"""Most audio, in ms, that is matched at once. Time and memory of a match grow with the square of
the number of words: 0.6 s and 110 MB for ten minutes and a text of 12 000 words."""

_ANCHOR_WORDS = 5
"""This many consecutive matched words fix a position. Tokens after the last such run are matched
again with the next slice."""

Hear = Callable[[Samples, Sequence[str]], Sequence[RecognizedWord]]
"""Recognises words in 16 kHz mono samples, given the tokens that are probably spoken there."""


def whisper_listener(
    whisper: Transcriber, language: str, job: Job, recording: Recording
) -> "RegionListener":
    """Whisper as a listener. language: ISO 639-1, one that it knows."""

    def transcribe(samples: Samples, tokens: Sequence[str]) -> Sequence[RecognizedWord]:
        return whisper.transcribe(samples, ASR_SAMPLE_RATE, language).words

    return RegionListener(transcribe, job, recording, "transcription")


class RegionListener:
    """Listens to windows and matches their text to what is heard; progress after each.

    hear: the recogniser.
    stage: the name of the work in the progress.
    total: how many windows will be heard in all.
    pauses: those of the last region, ms from its start.
    extra: the words of the last region that stand for no token, each with the index of the token
        after it.
    """

    def __init__(self, hear: Hear, job: Job, recording: Recording, stage: str) -> None:
        self._hear = hear
        self._job = job
        self._recording = recording
        self._stage = stage
        self.total = 0
        self._done = 0
        self.pauses: list[tuple[float, float]] = []
        self.extra: list[tuple[int, RecognizedWord]] = []

    def token_times(self, region: list[ChunkSpan]) -> list[TimedToken]:
        """When each token of a region is spoken, ms from its start.

        A region longer than MAX_REGION_MS is matched in slices. Tokens and words after the last
        fixed position of a slice are matched again with the next one.
        """
        region_start_ms = region[0].start_ms
        self.pauses, self.extra = [], []
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
            self.extra += [
                (len(times) + index, word)
                for index, word in extra_words(tokens, recognized)
                if index < fixed or is_last
            ]
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

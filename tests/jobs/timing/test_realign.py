"""Text divided anew by what is heard; the recogniser is exact but for words that it misses."""

import logging
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from jobs.timing.realign import choose_better, resegment
from jobs.timing.region import MAX_REGION_MS
from jobs.timing.transcript import WindowedTranscript
from storage.keys import JobId
from storage.local import LocalStore
from tests.timing.fixtures import script_of
from timing.alignment.windows import ChunkSpan
from timing.token_times import TimedToken, WindowAlignment
from timing.words import TimedWord, Timing
from tts.asr.transcriber import Transcript
from tts.audio.recording import Recording
from tts.speech import Chunk, RecognizedWord, Samples
from worker.job import Job
from worker.logs import JobLog
from worker.scratch import JobFolder

pytestmark = pytest.mark.slow

STEP_MS, WINDOW_MS = 400, 20_000


def write_clock(path: Path, minutes: int) -> Recording:
    """A recording whose samples tell their own ms: the low ten bits, then the high ones below 0."""
    ms = np.arange(minutes * 60 * 16_000) // 16
    samples = np.where(np.arange(len(ms)) % 2, -1 - (ms >> 10), ms & 1023)
    samples.astype("<i2").tofile(path)
    return Recording(path, len(samples))


def told_ms(samples: Samples) -> int:
    high, low = sorted(round(32768 * float(sample)) for sample in samples[:2])
    return ((-1 - high) << 10) + low


@dataclass(frozen=True)
class Listener:
    """Hears each word at its time but for one in seven, and now and then another in its place."""

    words: Sequence[str]
    starts_ms: Sequence[int]
    languages: frozenset[str] = frozenset({"en"})

    def transcribe(self, samples: Samples, sample_rate: int, language: str | None) -> Transcript:
        first_ms = told_ms(samples)
        last_ms = first_ms + len(samples) / 16
        heard = tuple(
            RecognizedWord(
                word if index % 11 else "something",
                start_ms - first_ms,
                start_ms - first_ms + STEP_MS,
            )
            for index, (word, start_ms) in enumerate(zip(self.words, self.starts_ms, strict=True))
            if first_ms <= start_ms < last_ms and index % 7
        )
        return Transcript(" ".join(word.text for word in heard), "en", heard)


def job_in(folder: Path) -> Job:
    return Job(
        JobId("repair"),
        "",
        JobFolder(lambda: tempfile.TemporaryDirectory(dir=folder)),
        LocalStore(folder),
        lambda *_: None,
        JobLog(logging.getLogger("worker"), {}),
    )


@pytest.mark.parametrize(("minutes", "intro_s"), [(25, 45), (25, 1200), (8, 45)])
def test_a_long_text_is_found_behind_an_intro(minutes: int, intro_s: int, tmp_path: Path) -> None:
    recording = write_clock(tmp_path / "samples", minutes)
    count = (60_000 * minutes - 1000 * intro_s) // STEP_MS
    words = [f"word{i}" for i in np.random.default_rng(5).integers(0, 300, count)]
    starts_ms = [1000 * intro_s + STEP_MS * i for i in range(count)]
    script = script_of(words, [[word] for word in words])
    edges = np.linspace(0, count, 60_000 * minutes // WINDOW_MS + 1).astype(int)
    windows = [
        ChunkSpan(WINDOW_MS * i, WINDOW_MS * (i + 1), Chunk(script.tokens[a:b], int(a), int(b)))
        for i, (a, b) in enumerate(pairwise(edges))
    ]
    guessed = tuple(
        TimedWord(word, 0, 0, 0.3, "estimate", False, word, index)
        for index, window in enumerate(windows)
        for word in words[window.chunk.first_word : window.chunk.end_word]
    )
    found = resegment(
        Listener(words, starts_ms),
        job_in(tmp_path),
        recording,
        WindowedTranscript(script, "en", windows, is_guessed=True, warnings=[]),
        Timing(guessed, "estimate", 0.3),
        max_window_ms=48_000,
    )
    assert (found[0].start_ms, found[-1].end_ms) == (0.0, windows[-1].end_ms)
    assert all(a.end_ms == b.start_ms for a, b in pairwise(found))
    assert [token for window in found for token in window.chunk.tokens] == list(script.tokens)
    right = [
        window.start_ms <= starts_ms[token.word] + STEP_MS / 2 < window.end_ms
        for window in found
        for token in window.chunk.tokens
    ]
    assert np.mean(right) >= 0.99
    assert recording.duration_ms > MAX_REGION_MS or minutes < 10


def test_of_two_divisions_the_better_one_is_taken_between_the_cuts_that_both_have() -> None:
    script = script_of(["word"] * 8, [["word"]] * 8)

    def window(first: int, end: int) -> ChunkSpan:
        return ChunkSpan(1000 * first, 1000 * end, Chunk(script.tokens[first:end], first, end))

    def tried(*windows: tuple[int, int, str]) -> list[tuple[ChunkSpan, WindowAlignment | None]]:
        times = [TimedToken(0, 100, 0.9)] * 8
        return [
            (window(first, end), WindowAlignment(source, times[first:end], 100.0))
            for first, end, source in windows
        ]

    first = tried((0, 1, "sphinx"), (1, 3, "estimate"), (3, 4, "sphinx"), (4, 6, "estimate"),
                  (6, 8, "sphinx"))  # fmt: skip
    second = tried((0, 4, "estimate"), (4, 8, "sphinx"))
    assert choose_better(first, second) == dict([*first[:3], second[1]])
    assert list(choose_better(first[:3], second[:1])) == [placed for placed, _ in first[:3]]
    same = tried((0, 4, "sphinx"), (4, 8, "sphinx"))
    assert choose_better(tried((0, 8, "sphinx")), same) == dict(same)

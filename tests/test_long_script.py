"""A long script in one job of the preview engine: no clicks, no gaps, no growing memory."""

import json
import tracemalloc
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.support import handling
from tests.support.caching_engine import CachingEngine
from tts.audio.levels import active_frames
from tts.preview import MAX_LETTERS
from tts.speech import Samples
from tts.text.chunks import MIN_CHARS, split
from tts.text.script import read_script
from worker.state import Worker

pytestmark = pytest.mark.slow

PARAGRAPH = (
    "The harbour lay quiet under the morning fog. Two boats had left before dawn, and nobody "
    "expected them back until the evening; the third one, old and freshly painted, was still tied "
    "to the pier. Why? Its engine had been taken apart the day before. On Oct. 3rd it had failed "
    "4 times, which cost its owner $1,250.50, a torn net, most of the day's fish and, worst of "
    "all, the good mood of a crew that had been promised an early night. They waited."
)


@dataclass(frozen=True)
class LongJob:
    """The result of a job with a long text; its word times are of the method estimate.

    held_bytes: what Python and numpy hold after each chunk, less what they held before the job.
    peak_bytes: the most that they held at once. tracemalloc counts both exactly. Piper's own memory
        is not in them; `scripts/bench jobs` measures the process's memory.
    """

    text: str
    samples: Samples
    rate: int
    words: list[dict[str, Any]]
    progress: list[tuple[int, int]]
    held_bytes: list[int]
    peak_bytes: int

    @property
    def borders(self) -> list[tuple[int, int]]:
        """The samples in which each chunk sounds, from its first word to its last."""
        return [
            (round(own[0]["start_time"] * self.rate), round(own[-1]["end_time"] * self.rate))
            for own in self.chunks
        ]

    @property
    def chunks(self) -> list[list[dict[str, Any]]]:
        return [list(own) for _, own in groupby(self.words, lambda word: word["chunk"])]


def path_of(url: str) -> Path:
    return Path(url.removeprefix("file://"))


@pytest.fixture(scope="module")
def caching_worker(worker: Worker) -> Worker:
    return replace(worker, engine=worker.model_thread.build(CachingEngine))


@pytest.fixture(scope="module", params=[5_300, pytest.param(20_000, marks=pytest.mark.slow)])
def long(caching_worker: Worker, request: pytest.FixtureRequest) -> LongJob:
    paragraphs = "\n\n".join([PARAGRAPH] * (1 + request.param // len(PARAGRAPH)))
    text = paragraphs[: request.param].rsplit(" ", 1)[0]
    asked = {"text": text, "sample_rate": 22_050, "return_word_timings": True}
    asked |= {"timing_format": "json", "timing_method": "estimate"}
    updates: list[tuple[int, int]] = []
    held_bytes: list[int] = []

    def progress(stage: str, done: int, total: int) -> None:
        if stage == "synthesis":
            updates.append((done, total))
            held_bytes.append(tracemalloc.get_traced_memory()[0])

    # The chunks become known, and what only the first job loads is loaded.
    warm = {"id": f"warm-{len(text)}", "input": asked | {"text": text[: 3 * len(PARAGRAPH)]}}
    assert "error" not in handling.handle(caching_worker, warm, lambda *_: None)
    tracemalloc.start()
    reply = handling.handle(caching_worker, {"id": f"long-{len(text)}", "input": asked}, progress)
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    samples, rate = soundfile.read(path_of(reply["audio_url"]), dtype="float32")
    timings = json.loads(path_of(reply["timing_files"]["json"]).read_text())
    words = timings["timing_data"]["words"]
    return LongJob(text, samples, rate, words, updates, held_bytes, peak_bytes)


def test_chunks_end_where_a_reader_would_pause(long: LongJob) -> None:
    chunks = split(read_script(long.text), MAX_LETTERS)
    assert [len({t.word for t in chunk.tokens}) for chunk in chunks] == [
        sum(bool(word["spoken"]) for word in own) for own in long.chunks
    ]
    ends = [chunk.tokens[-1].pause for chunk in chunks[:-1]]
    assert all(ends)
    assert sum(end in ".?!" for end in ends) > 0.7 * len(ends)


def test_no_chunk_is_tiny_or_over_the_limit(long: LongJob) -> None:
    lengths = [len(" ".join(word["spoken"] for word in own)) for own in long.chunks]
    assert max(lengths) <= MAX_LETTERS
    assert min(lengths[:-1]) >= MIN_CHARS


def test_progress_comes_after_each_chunk(long: LongJob) -> None:
    total = len(long.chunks)
    assert long.progress == [(number, total) for number in range(1, total + 1)]


def test_chunks_are_equally_loud(long: LongJob) -> None:
    levels = []
    for start, end in long.borders:
        samples = long.samples[start:end]
        loud = np.repeat(active_frames(samples, long.rate), round(0.01 * long.rate))[: len(samples)]
        levels.append(20 * np.log10(np.sqrt(np.mean(np.square(samples[loud])))))
    assert max(levels) - min(levels) < 1.5


def test_no_seam_clicks(long: LongJob) -> None:
    """No sample steps further between two chunks than a part of what the speech itself does."""
    inside = float(np.abs(np.diff(long.samples)).max())
    for (_, end), (start, _) in zip(long.borders, long.borders[1:], strict=False):
        assert 0 <= end < start
        assert float(np.abs(np.diff(long.samples[end:start])).max()) < 0.25 * inside


def test_there_is_no_dead_air_that_nobody_asked_for(long: LongJob) -> None:
    loud = active_frames(long.samples, long.rate, -50)
    runs = [len(list(run)) for is_loud, run in groupby(loud) if not is_loud]
    assert 10 * max(runs) <= 600


def test_memory_grows_by_the_speech_alone(long: LongJob) -> None:
    speech_bytes = 2 * len(long.samples)
    grown = long.held_bytes[-1] - long.held_bytes[0]
    assert grown < 1.1 * speech_bytes  # takes in 16 bits
    assert long.peak_bytes < 1.25 * speech_bytes + 5_000_000  # the join uses them up

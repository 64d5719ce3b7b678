"""A long script in one job of the preview engine: even, without clicks, gaps or growing memory."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobs.base import Worker
from tests.spoken import spoken
from tts.chunks import split
from tts.engine import Sampling
from tts.join import loud_frames
from tts.preview import LIMIT
from tts.text import read_script

PARAGRAPH = (
    "The harbour lay quiet under the morning fog. Two boats had left before dawn, and nobody "
    "expected them back until the evening; the third one, old and freshly painted, was still tied "
    "to the pier. Why? Its engine had been taken apart the day before. On Oct. 3rd it had failed "
    "4 times, which cost its owner $1,250.50, a torn net, most of the day's fish and, worst of "
    "all, the good mood of a crew that had been promised an early night. They waited. "
)
TEXT = "\n\n".join([PARAGRAPH.strip()] * 12)


@pytest.fixture(scope="module")
def told() -> list[int]:
    return []


@pytest.fixture(scope="module")
def speech(worker: Worker, told: list[int]) -> Any:
    chunks = split(read_script(TEXT), LIMIT)
    return worker.model_thread.build(
        lambda: spoken(worker.engine, chunks, Sampling(seed=0), told.append)
    )


def test_chunks_end_where_a_reader_would_pause_and_none_is_tiny_or_over_the_limit() -> None:
    chunks = split(read_script(TEXT), LIMIT)
    lengths = [len(chunk.spoken_text) for chunk in chunks]
    assert max(lengths) <= LIMIT
    assert min(lengths) >= 25
    ends = [chunk.tokens[-1].pause for chunk in chunks]
    assert all(ends)
    assert sum(end in ".?!" for end in ends) > 0.7 * len(ends)


def test_progress_comes_after_each_chunk(speech: Any, told: list[int]) -> None:
    assert told == list(range(1, len(speech.chunks) + 1))


def test_chunks_are_equally_loud(speech: Any) -> None:
    levels = []
    for span in speech.chunks:
        samples = speech.samples[span.start : span.end]
        size = round(0.01 * speech.sample_rate)
        loud = np.repeat(loud_frames(samples, speech.sample_rate), size)[: len(samples)]
        levels.append(20 * np.log10(np.sqrt(np.mean(np.square(samples[loud])))))
    assert max(levels) - min(levels) < 1


def test_no_seam_clicks(speech: Any) -> None:
    """No sample steps further at a seam than the speech itself does inside its chunks."""
    inside = max(
        float(np.abs(np.diff(speech.samples[span.start + 2000 : span.end - 2000])).max())
        for span in speech.chunks
    )
    for span in speech.chunks:
        for place in (span.start, span.end):
            around = speech.samples[max(0, place - 240) : place + 240]
            assert float(np.abs(np.diff(around)).max(initial=0)) < 0.25 * inside


def test_there_is_no_dead_air_that_nobody_asked_for(speech: Any) -> None:
    samples = speech.samples[:]
    loud = loud_frames(samples, speech.sample_rate, -50)
    runs = [len(list(run)) for is_loud, run in itertools.groupby(loud) if not is_loud]
    assert 10 * max(runs) <= 600


def test_memory_grows_by_the_speech_alone(worker: Worker, speech: Any) -> None:
    grown: list[float] = []

    def resident_mb() -> float:
        text = Path("/proc/self/status").read_text()
        return int(text.split("VmRSS:")[1].split()[0]) / 1024

    chunks = split(read_script(TEXT), LIMIT)
    before = resident_mb()
    worker.model_thread.build(
        lambda: spoken(
            worker.engine, chunks, Sampling(seed=0), lambda _: grown.append(resident_mb() - before)
        )
    )
    speech_mb = 2 * len(speech.samples) / 2**20
    assert grown[-1] - grown[len(grown) // 4] < 2 * speech_mb + 10

"""Takes that are spoken again get their loudness, seams and length like all others: whole jobs."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from tests.support import handling
from tts.asr.transcriber import Transcript, TranscriptionFailed
from tts.engine import SamplingOptions, Take, Voice
from tts.estimate import LengthEstimate
from tts.speech import Chunk, Samples, Script
from tts.text.chunks import split
from tts.text.script import read_script
from worker.state import Worker

RATE = 24_000
LIMIT = 40
UNBROKEN = "We went along the river for a while and nobody said one single word to anyone at all"
SENTENCES = "Nobody said one single word. We went along the river. It was a quiet evening."


class Tones:
    """An engine whose takes are tones from their first sample to their last; each try is shorter.

    A spike makes every second take peak far over its RMS.
    """

    name = "tones"
    device = "cpu"
    mel = None
    sample_rate = RATE
    unused_fields: frozenset[str] = frozenset()
    seeded = True
    min_pace, max_pace = 0.3, 3.0
    weights_id = "tones"
    licence: str | None = None
    default_voice = Voice("default", built_in=True)

    def device_memory(self) -> None:
        return None

    def measure(self, text: str) -> float:
        return len(text)

    def max_chunk_size(
        self,
        script: Script,
        voice: Voice,
        sampling: SamplingOptions,
        total_s: float | None = None,
    ) -> float:
        return LIMIT

    def warnings(self, voice: Voice, language: str) -> list[str]:
        return []

    def unknown_characters(self, text: str) -> list[str]:
        return []

    def natural_lengths(self, chunks: Sequence[Chunk], voice: Voice) -> None:
        return None

    def estimate(self, chunks: Sequence[Chunk], voice: Voice, speed: float) -> LengthEstimate:
        return LengthEstimate()

    def synthesize(
        self,
        chunks: Sequence[Chunk],
        voice: Voice,
        sampling: SamplingOptions,
        tries: Sequence[Take],
        targets: Sequence[int] | None = None,
    ) -> Iterator[tuple[int, Samples]]:
        for place in tries:
            phase = np.arange(30_000 - 4_000 * place.number) * 2 * np.pi * 110 / RATE
            take = (0.1 + 0.1 * place.chunk) * np.sin(phase)
            if place.chunk % 2:
                take[15_000] = 0.9
            yield place.chunk, take.astype(np.float32)


class Ear:
    """Hears what it is told to hear, in order."""

    languages = frozenset({"en"})

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)

    def transcribe(self, samples: Samples, sample_rate: int, language: str | None) -> Transcript:
        return Transcript(self._answers.pop(0), "en", ())


def spoken(worker: Worker, text: str, **fields: Any) -> tuple[Samples, dict[str, Any]]:
    """The job's samples; the second chunk's first take was heard as nothing."""
    first, *others = [chunk.spoken_text for chunk in split(read_script(text), LIMIT)]
    ear = Ear(first, "", *others[1:], others[0])
    tones = replace(worker, engine=Tones(), whisper=ear)
    asked = {"text": text, "verify": True, **fields}
    reply = handling.handle(tones, {"id": f"takes-{abs(hash(str(asked)))}", "input": asked}, print)
    assert [chunk["tries"] for chunk in reply["quality"]] == [1, 2, *[1] * len(others[1:])]
    samples, rate = soundfile.read(reply["audio_url"].removeprefix("file://"), dtype="float32")
    assert rate == RATE
    return samples, reply


def runs(samples: Samples) -> list[Samples]:
    """The stretches between silences of over 20 ms."""
    sounding = np.flatnonzero(samples)
    borders = np.flatnonzero(np.diff(sounding) > 0.02 * RATE)
    starts = [sounding[0], *sounding[borders + 1]]
    ends = [*sounding[borders], sounding[-1]]
    return [samples[start:end] for start, end in zip(starts, ends, strict=True)]


@pytest.mark.parametrize("target_rms", [0.05, 1.0])
def test_a_take_spoken_again_is_as_loud_as_the_others(worker: Worker, target_rms: float) -> None:
    samples, _ = spoken(worker, SENTENCES, target_rms=target_rms)
    levels = [float(np.sqrt(np.mean(np.square(run)))) for run in runs(samples)]
    assert len(levels) == 3
    assert all(left == pytest.approx(right, rel=0.02) for left, right in pairwise(levels))
    assert np.abs(samples).max() <= 0.99


def test_a_take_spoken_again_meets_its_neighbours_without_a_click(worker: Worker) -> None:
    samples, _ = spoken(worker, UNBROKEN.replace(" and", ""), target_rms=0.1)
    spikes = np.abs(samples) > 0.2
    steps = np.abs(np.diff(samples))[~(spikes[1:] | spikes[:-1])]
    # A tone of 110 Hz steps 0.004 at this loudness; two in a blend, 0.0057.
    assert steps.max() < 0.006
    assert len(runs(samples)) == 1


def test_an_exact_duration_stays_exact(worker: Worker) -> None:
    samples, reply = spoken(worker, SENTENCES, fix_duration=6.0)
    assert reply["duration"] == 6.0
    assert len(samples) == 6 * RATE


def test_every_stage_is_logged_once(worker: Worker, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level("INFO", "worker"):
        text = f"[voice:default] {SENTENCES} [pause:1s] [voice:default] It was over."
        _, reply = spoken(worker, text, return_word_timings=True, seed=5)
    stages = [record.stage for record in caplog.records if hasattr(record, "stage")]
    assert sorted(stages) == sorted(set(stages))
    assert {f"{stage}_ms" for stage in stages} == set(reply["metrics"]) - {
        "other_ms", "total_ms", "real_time_factor"
    }  # fmt: skip


def test_all_voices_are_equally_loud(worker: Worker) -> None:
    """Two voices, one of them with a peak that makes all of it quieter."""
    text = (
        "Nobody said one single word. [voice:default] It was a quiet evening. [voice:default] Oh."
    )
    tones = replace(worker, engine=Tones())
    asked = {"text": text, "target_rms": 1.0}
    reply = handling.handle(tones, {"id": "voices-even", "input": asked}, print)
    path = Path(reply["audio_url"].removeprefix("file://"))
    samples, _ = soundfile.read(path, dtype="float32")
    levels = [float(np.sqrt(np.mean(np.square(run)))) for run in runs(samples)]
    assert len(levels) == 3
    assert all(left == pytest.approx(right, rel=0.02) for left, right in pairwise(levels))


class DeafEar(Ear):
    """Whisper on a device whose memory is full."""

    def transcribe(self, samples: Samples, sample_rate: int, language: str | None) -> Transcript:
        raise TranscriptionFailed


def test_audio_is_not_lost_because_whisper_fails(worker: Worker) -> None:
    deaf = replace(worker, engine=Tones(), whisper=DeafEar())
    asked = {"text": SENTENCES, "verify": True}
    reply = handling.handle(deaf, {"id": "deaf-ear", "input": asked}, print)
    assert reply["status"] == "completed"
    assert reply["quality"] == []
    (warning,) = [said for said in reply["warnings"] if "Whisper" in said]
    assert warning == "Whisper failed on chunks 0, 1, 2: verify did not check them"

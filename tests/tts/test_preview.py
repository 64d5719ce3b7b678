"""The preview engine, with Piper itself."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from tests.support.spoken import speak_chunks
from tts.audio.join import JoinOptions
from tts.engine import SamplingOptions, SynthesisFailed, Voice
from tts.preview import PreviewEngine
from tts.speech import Chunk, Speech
from tts.text.chunks import split
from tts.text.script import read_script

TEXT = "The quick brown fox jumps over the lazy dog. Then it sleeps for 12 hours in the warm sun."

SEED = SamplingOptions(seed=1)


@pytest.fixture(scope="module")
def engine() -> PreviewEngine:
    return PreviewEngine()


def chunks() -> Sequence[Chunk]:
    return split(read_script(TEXT), 100)


def speak(
    engine: PreviewEngine, sampling: SamplingOptions = SEED, total_s: float | None = None
) -> Speech:
    return speak_chunks(engine, chunks(), sampling, joining=JoinOptions(total_s=total_s))


def test_one_span_for_each_chunk_and_progress_after_each(engine: PreviewEngine) -> None:
    heard: list[int] = []
    speech = speak_chunks(engine, chunks(), SEED, heard.append)
    assert heard == [1, 2]
    assert [span.chunk for span in speech.chunks] == list(chunks())
    assert speech.chunks[0].end < speech.chunks[1].start
    assert speech.chunks[1].end == len(speech.samples)
    assert 4 < len(speech.samples) / speech.sample_rate < 9
    assert np.isfinite(speech.samples).all()


def test_the_same_request_gives_the_same_samples_whatever_came_before(
    engine: PreviewEngine,
) -> None:
    first = speak(engine)
    speak(engine, SamplingOptions(seed=2, speed=1.3))
    assert np.array_equal(first.samples, speak(engine).samples)


def test_speed_changes_the_pace(engine: PreviewEngine) -> None:
    normal = len(speak(engine).samples)
    assert len(speak(engine, SamplingOptions(seed=1, speed=1.5)).samples) < 0.8 * normal
    assert len(speak(engine, SamplingOptions(seed=1, speed=0.7)).samples) > 1.2 * normal


def test_a_chunk_of_another_rate_is_spoken_as_at_that_speed(engine: PreviewEngine) -> None:
    first, second = chunks()
    fast = [first, replace(second, rate=1.5)]
    spans = speak_chunks(engine, fast, replace(SEED, speed=0.8)).chunks
    alone = speak_chunks(engine, [second], replace(SEED, speed=0.8 * 1.5)).chunks
    assert spans[1].end - spans[1].start == alone[0].end - alone[0].start
    usual = speak_chunks(engine, chunks(), replace(SEED, speed=0.8)).chunks
    assert spans[0].end - spans[0].start == usual[0].end - usual[0].start


@pytest.mark.parametrize("seconds", [4.0, 5.5, 12.25])
def test_fix_duration_is_exact(engine: PreviewEngine, seconds: float) -> None:
    speech = speak(engine, total_s=seconds)
    assert len(speech.samples) == round(seconds * speech.sample_rate)
    assert speech.chunks[-1].end > 0.95 * len(speech.samples)


def test_a_duration_too_long_to_speak_in_ends_in_silence(engine: PreviewEngine) -> None:
    speech = speak(engine, total_s=120.0)
    assert len(speech.samples) == 120 * speech.sample_rate
    assert speech.chunks[-1].end < 40 * speech.sample_rate
    assert not speech.samples[speech.chunks[-1].end :].any()


def test_a_duration_too_short_to_speak_in_is_refused(engine: PreviewEngine) -> None:
    with pytest.raises(SynthesisFailed, match=r"cannot be spoken in 0\.5 s"):
        speak(engine, total_s=0.5)


def test_it_says_that_it_clones_nobody_and_speaks_english(engine: PreviewEngine) -> None:
    warnings = engine.warnings(engine.default_voice, "de")
    assert "does not clone voices" in warnings[0]
    assert "English only" in warnings[1]
    assert "clip" not in warnings[0]


def test_it_says_that_a_clip_was_not_used(engine: PreviewEngine) -> None:
    (warning,) = engine.warnings(Voice("url"), "en")
    assert warning.endswith("the worker did not use or check the clip that you named")

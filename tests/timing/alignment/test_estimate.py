from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.timing.fixtures import align_speech, check_order, whole
from timing.alignment.estimate import estimate_times
from timing.alignment.vad import SpeechActivity
from tts.speech import Token


def token(spoken: str, pause: str = "") -> Token:
    return Token(0, 0, 0, spoken, pause)


def test_word_starts_are_near_the_truth() -> None:
    script, speech, truth = whole(24000)
    timing = align_speech(script, speech, "estimate", {}, "en")
    errors = np.abs(
        [word.start_ms - start for word, start in zip(timing.words, truth, strict=True)]
    )
    assert errors.mean() <= 75
    assert np.percentile(errors, 95) <= 230
    assert timing.method == "estimate"
    assert timing.confidence == pytest.approx(0.3)
    assert timing.warnings == ()
    assert all(not word.is_heard for word in timing.words)
    check_order(timing.words, speech.duration_ms)


def test_phrases_are_anchored_to_pauses() -> None:
    sound = SpeechActivity(100.0, 3000.0, ((900.0, 1300.0),))
    times = estimate_times([token("well", ","), token("believe"), token("me", ".")], sound, 3100)
    assert (round(times[0].start_ms), round(times[0].end_ms)) == (100, 900)
    assert times[1].start_ms == 1300
    assert times[1].end_ms == times[2].start_ms
    assert times[2].end_ms == 3000


def test_a_pause_prefers_punctuation_over_the_nearer_word() -> None:
    sound = SpeechActivity(0.0, 2400.0, ((1000.0, 1400.0),))
    words = [token("one"), token("two", ","), token("three"), token("four")]
    times = estimate_times(words, sound, 2400)
    assert (times[1].end_ms, times[2].start_ms) == (1000, 1400)


def test_longer_words_take_longer() -> None:
    names = ["a", "cat", "believe", "electricity"]
    times = estimate_times([token(name) for name in names], SpeechActivity(0, 4000, ()), 4000)
    lengths = [time.end_ms - time.start_ms for time in times]
    assert lengths == sorted(lengths)


def test_other_scripts_share_by_characters() -> None:
    times = estimate_times(
        [token("你好"), token("世界和平", "。")], SpeechActivity(0, 1000, ()), 1000
    )
    assert times[0].end_ms < 400


sounds = st.lists(st.floats(0, 20000), min_size=2, max_size=12).map(
    lambda edges: SpeechActivity(
        min(edges), max(edges), tuple(pairwise(sorted(edges)[1:-1]))[::2] if len(edges) > 3 else ()
    )
)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.builds(token, st.text(max_size=8), st.sampled_from(["", "", ",", "."])), max_size=60
    ),
    sounds,
)
def test_it_never_fails(tokens: list[Token], sound: SpeechActivity) -> None:
    times = estimate_times(tokens, sound, 20000)
    assert len(times) == len(tokens)
    before = 0.0
    for time in times:
        assert before - 1e-6 <= time.start_ms <= time.end_ms + 1e-6 <= 20000 + 1e-3
        before = time.end_ms


@pytest.mark.parametrize("duration_ms", [0.0, 0.5, 3.0])
def test_silence_and_more_tokens_than_milliseconds(duration_ms: float) -> None:
    times = estimate_times([token("word")] * 50, SpeechActivity(0, 0, ()), duration_ms)
    assert len(times) == 50
    assert times[-1].end_ms == pytest.approx(duration_ms)


def test_a_long_text_is_quick_enough_to_estimate() -> None:
    pauses = tuple((1000.0 * i, 1000.0 * i + 300) for i in range(1, 600))
    words = [token("word", "," if i % 6 == 5 else "") for i in range(3500)]
    times = estimate_times(words, SpeechActivity(0, 600_000, pauses), 600_000)
    assert len(times) == 3500

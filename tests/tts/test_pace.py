"""The pace at which a speech fits: never longer than asked, never faster than needed."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tts.pace import MAX_PASSES, MIN_FILL, TooLong, slowest_fitting


def speaker(
    words: float, pauses: float, grain: float = 0.0
) -> tuple[Callable[[float], float], list[float]]:
    """The length of a speech at a pace, and the paces that it was asked for."""
    asked: list[float] = []

    def length_at(speed: float) -> float:
        asked.append(speed)
        length = words / speed + pauses
        return length - length % grain if grain else length

    return length_at, asked


def test_a_speech_that_fits_is_not_made_faster() -> None:
    length_at, asked = speaker(40, 5)
    assert slowest_fitting(length_at, 45, 1.0, 2.0) == 1.0
    assert asked == [1.0]


def test_the_length_of_the_fastest_is_told() -> None:
    length_at, _ = speaker(100, 10)
    with pytest.raises(TooLong) as caught:
        slowest_fitting(length_at, 50, 1.0, 1.25)
    assert caught.value.length == 90


@settings(max_examples=1000, deadline=None)
@given(
    words=st.floats(0.5, 1000),
    pauses=st.floats(0, 600),
    share=st.floats(0.3, 1.2),
    slowest=st.floats(0.3, 2),
    room=st.floats(1, 3),
    grain=st.sampled_from([0, 0.02]),
)
def test_it_is_never_longer_than_asked_and_never_faster_than_needed(
    words: float, pauses: float, share: float, slowest: float, room: float, grain: float
) -> None:
    length_at, asked = speaker(words, pauses, grain)
    limit, fastest = max(0.5, share * length_at(slowest)), slowest * room
    if length_at(fastest) > limit:
        with pytest.raises(TooLong) as caught:
            slowest_fitting(length_at, limit, slowest, fastest)
        assert caught.value.length == length_at(fastest)
        return
    asked.clear()
    speed = slowest_fitting(length_at, limit, slowest, fastest)
    assert len(asked) <= MAX_PASSES
    assert slowest <= speed <= fastest
    assert speed in asked
    length = length_at(speed)
    assert length <= limit
    close = any(other < speed <= 1.006 * other and length_at(other) > limit for other in asked)
    assert speed == slowest or length >= MIN_FILL * limit or close

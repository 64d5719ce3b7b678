from dataclasses import replace
from math import nan

import pytest

from timing.alignment.aligner import WindowFailed, validate
from timing.alignment.vad import SpeechActivity
from timing.token_times import TimedToken

SOUND = SpeechActivity(0.0, 3000.0, ((1000.0, 1400.0),))
GOOD = [TimedToken(0, 400, 0.9), TimedToken(400, 1000, 0.8), TimedToken(1400, 3000, 0.2)]
TOKENS = ["one", "two", "threehundred"]


def changed(index: int, time: TimedToken) -> list[TimedToken]:
    times = list(GOOD)
    times[index] = time
    return times


def test_good_times_pass() -> None:
    validate(GOOD, TOKENS, SOUND, 3000)


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        (GOOD[:2], "2 times for 3 spoken words"),
        (changed(1, TimedToken(nan, 900, 0.8)), "no time for 'two'"),
        (changed(1, TimedToken(400, 900, nan)), "no time for 'two'"),
        (changed(0, TimedToken(-9, 400, 0.8)), "'one' is out of order or outside the audio"),
        (changed(1, TimedToken(1500, 1600, 0.8)), "'threehundred' is out of order or outside"),
        (changed(2, TimedToken(1400, 3002, 0.8)), "'threehundred' is out of order or outside"),
        (changed(0, TimedToken(0, 15, 0.8)), "'one' lasts 15 ms"),
        (changed(0, TimedToken(0, 2600, 0.8)), "'one' lasts 2600 ms"),
        (changed(1, TimedToken(700, 400, 0.8)), "'two' lasts -300 ms"),
        ([replace(time, confidence=0.39) for time in GOOD], "mean score 0.39"),
        (changed(1, TimedToken(900, 1500, 0.8)), "1 of 3 words lie on silence"),
    ],
)
def test_the_gate_names_what_is_wrong(times: list[TimedToken], reason: str) -> None:
    with pytest.raises(WindowFailed) as failure:
        validate(times, TOKENS, SOUND, 3000)
    assert reason in failure.value.reason


def test_one_word_in_five_may_lie_on_silence() -> None:
    times = [TimedToken(200 * i, 200 * i + 200, 0.9) for i in range(4)]
    validate([*times, TimedToken(1000, 1400, 0.9)], list("abcde"), SOUND, 3000)

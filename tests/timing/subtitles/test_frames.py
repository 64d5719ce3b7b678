"""Cues on frames, as subtitles for streaming services must have them."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from timing.subtitles.cues import PRESETS, Cue, CueRules, cues, shifted
from timing.subtitles.frames import on_frames
from timing.words import TimedWord, to_integer_spans

NETFLIX = PRESETS["netflix"]
RATES = [23.976, 24.0, 25.0, 29.97, 30.0, 50.0, 59.94]


def words_at(*spans: tuple[int, int]) -> list[TimedWord]:
    return [TimedWord(f"w{i}.", a, b, 0.9, "x", True, "w", 0) for i, (a, b) in enumerate(spans)]


def made(words: list[TimedWord], rules: CueRules, duration_ms: int) -> tuple[Cue, ...]:
    found = cues(words, rules, duration_ms, set(range(len(words))))
    return on_frames(shifted(found, rules.offset_ms), rules, duration_ms + rules.offset_ms)


def frame(ms: int, rate: float) -> int:
    """The frame that a time lies on; a failure if it lies on none."""
    exact = {23.976: 24000 / 1001, 29.97: 30000 / 1001, 59.94: 60000 / 1001}.get(rate, rate)
    number = round(ms * exact / 1000)
    assert abs(ms - 1000 * number / exact) <= 0.5
    return number


def test_a_cue_starts_with_the_frame_of_its_word_and_leaves_two_to_the_next() -> None:
    found = made(words_at((35, 1040), (1046, 2010), (2290, 3400)), NETFLIX, 6000)
    assert [(cue.start_ms, cue.end_ms) for cue in found] == [(0, 960), (1040, 2200), (2280, 3920)]
    # A cue that is held shows its word no longer than it is spoken.
    assert [cue.lines[0][0].end_ms for cue in found] == [960, 2010, 3400]


def test_a_gap_of_less_than_half_a_second_is_closed_to_two_frames() -> None:
    found = made(words_at((0, 1000), (1990, 3000), (4060, 5000)), NETFLIX, 5500)
    gaps = [b.start_ms - a.end_ms for a, b in pairwise(found)]
    assert gaps == [80, 520]


def test_an_offset_does_not_move_cues_off_their_frames() -> None:
    rules = replace(NETFLIX, offset_ms=-250)
    found = made(words_at((300, 1240), (1246, 2210)), rules, 3000)
    assert [(cue.start_ms, cue.end_ms) for cue in found] == [(40, 880), (960, 2480)]


def test_the_frames_of_television_stay_exact_over_an_hour() -> None:
    rules = replace(NETFLIX, frame_rate=23.98)
    (cue,) = made(words_at((3_600_000, 3_601_000)), rules, 3_602_000)
    # Frame 86313 of 24000/1001 a second; 23.98 a second would have it 1 s earlier.
    assert cue.start_ms == round(86313 * 1001 / 24)


def test_single_words_keep_their_times() -> None:
    words = words_at((35, 290), (290, 611))
    assert [(cue.start_ms, cue.end_ms) for cue in made(words, PRESETS["word"], 700)] == [
        (35, 290), (290, 611)
    ]  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(["standard", "netflix", "social"]),
    st.sampled_from(RATES),
    st.lists(st.tuples(st.integers(0, 1500), st.integers(150, 1500)), min_size=1, max_size=25),
    st.integers(-2000, 2000),
)
def test_speech_at_any_pace_lies_on_frames(
    preset: str, rate: float, lengths: list[tuple[int, int]], offset_ms: int
) -> None:
    """Words of 150 ms and more: with two frames at 24 a second they leave a cue 66 ms."""
    rules = replace(PRESETS[preset], frame_rate=rate, on_frames=True, offset_ms=offset_ms)
    now, spans = 0, []
    for pause_ms, word_ms in lengths:
        spans.append((now + pause_ms, now + pause_ms + word_ms))
        now += pause_ms + word_ms
    raw = shifted(cues(words_at(*spans), rules, now + 300), offset_ms)
    found = on_frames(raw, rules, now + 300 + offset_ms)
    frames = [(frame(cue.start_ms, rate), frame(cue.end_ms, rate)) for cue in found if cue.start_ms]
    assert all(start < end for start, end in frames)
    longest = 1000 / rate * 2
    for before, after in zip(raw, found, strict=True):
        assert abs(before.start_ms - after.start_ms) <= longest
        assert 0 <= after.start_ms <= before.start_ms
        assert after.end_ms <= max(now + 300 + offset_ms, before.end_ms)
        units = [unit for line in after.lines for unit in line]
        assert after.start_ms <= units[0].start_ms
        assert units[-1].end_ms <= after.end_ms
        assert offset_ms < 0 or all(unit.start_ms < unit.end_ms for unit in units)
    for (_, end), (start, _) in pairwise(frames):
        assert start - end >= (2 if rules.hold_ms else 0)


@settings(max_examples=300, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0, 9000), st.floats(0, 9000)), min_size=1, max_size=40),
    st.integers(20, 9000),
    st.sampled_from(RATES),
    st.sampled_from([name for name in PRESETS if name != "word"]),
)
def test_crammed_words_stay_in_order(
    spans: list[tuple[float, float]], duration_ms: int, rate: float, preset: str
) -> None:
    rules = replace(PRESETS[preset], frame_rate=rate, on_frames=True)
    words = words_at(*to_integer_spans(spans, duration_ms, duration_ms))
    found = made(words, rules, duration_ms)
    assert all(a.end_ms <= b.start_ms for a, b in pairwise(found))
    assert all(cue.start_ms < cue.end_ms <= duration_ms for cue in found)


@pytest.mark.parametrize(
    ("language", "columns", "cps"),
    [("en", 42, 20), ("de", 42, 17), ("ru", 39, 17), ("ja", 26, 8), ("zh", 32, 18), ("ko", 32, 24)],
)
def test_a_language_has_its_own_limits(language: str, columns: int, cps: float) -> None:
    rules = NETFLIX.for_language(language)
    assert (rules.max_chars_per_line, rules.max_cps) == (columns, cps)


def test_standard_has_other_limits_for_full_width_characters_alone() -> None:
    standard = PRESETS["standard"]
    assert standard.for_language("ja").max_chars_per_line == 26
    assert standard.for_language("de") == standard.for_language("en") == standard

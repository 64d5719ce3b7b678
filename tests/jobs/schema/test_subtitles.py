"""What a `subtitles` object makes of its preset."""

from typing import Any

import pytest

from jobs.schema.subtitles import Subtitles


def rules_of(**fields: Any) -> Any:
    return Subtitles.model_validate(fields).rules()


@pytest.mark.parametrize("preset", ["standard", "netflix"])
def test_limits_follow_the_language_unless_the_request_has_its_own(preset: str) -> None:
    assert rules_of(preset=preset).for_language("ja").max_chars_per_line == 26
    given = rules_of(preset=preset, max_chars_per_line=30, max_cps=12).for_language("ja")
    assert (given.max_chars_per_line, given.max_cps) == (30, 12)
    half = rules_of(preset=preset, max_cps=12).for_language("zh")
    assert (half.max_chars_per_line, half.max_cps) == (32, 12)


@pytest.mark.parametrize(
    ("fields", "on_frames"),
    [
        ({"preset": "standard"}, False),
        ({"preset": "standard", "frame_rate": 25}, True),
        ({"preset": "netflix"}, True),
        ({"preset": "social", "frame_rate": 30}, True),
        ({"preset": "karaoke", "frame_rate": 30, "resolution": "1920x1080"}, True),
        ({"preset": "word", "frame_rate": 30}, False),
        ({}, False),
    ],
)
def test_cues_lie_on_frames_that_are_known(fields: dict[str, Any], on_frames: bool) -> None:
    assert rules_of(**fields).on_frames == on_frames


def test_netflix_has_two_lines_of_the_limits_of_its_guides() -> None:
    rules = rules_of(preset="netflix")
    assert (rules.max_lines, rules.max_chars_per_line) == (2, 42)
    assert (rules.min_ms, rules.max_ms, rules.two_frames_ms) == (833, 7000, 80)


def test_speakers_are_told_apart_in_one_of_three_ways() -> None:
    assert rules_of().speaker == "dash"
    assert rules_of(speaker="PREFIX").speaker == "prefix"
    with pytest.raises(ValueError, match="dash"):
        rules_of(speaker="colour")

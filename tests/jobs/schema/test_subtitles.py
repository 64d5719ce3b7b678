"""What a `subtitles` object makes of its preset, and the look that it asks for."""

from typing import Any

import pytest
from pydantic import ValidationError

from jobs.schema.subtitles import Subtitles
from timing.subtitles.style import STYLES


def rules_of(**fields: Any) -> Any:
    return Subtitles.model_validate(fields).rules(drawn=False)


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


def asked(**fields: object) -> Subtitles:
    return Subtitles.model_validate(fields)


@pytest.mark.parametrize("name", STYLES)
def test_every_style_has_its_effect(name: str) -> None:
    expected = "none" if name in {"bold", "clean", "box"} else name
    assert asked(style=name).rendering_style().effect == expected


def test_the_preset_karaoke_lights_words_in_every_style() -> None:
    assert asked(preset="karaoke").rendering_style().effect == "karaoke"
    assert asked(preset="karaoke", style="clean").rendering_style().effect == "karaoke"
    assert asked(preset="karaoke", style="pop").rendering_style().effect == "pop"


def test_the_fields_of_the_look_arrive() -> None:
    style = asked(
        style="active", italic=True, letter_spacing=2.5, past_colour="#00ff00",
        upcoming_colour="#0000FF80", position="top_left", voice_colours={"anna.wav": "#ff0000"},
    ).rendering_style()  # fmt: skip
    assert (style.italic, style.letter_spacing, style.position) == (True, 2.5, "top_left")
    assert (style.past_colour, style.upcoming_colour) == ("#00FF00", "#0000FF80")
    assert style.voice_colours == {"anna": "#FF0000"}


def test_spaced_letters_are_smaller_where_a_line_would_not_fit() -> None:
    close, wide = (
        asked(preset="standard", letter_spacing=pixels).rendering_style().size for pixels in (0, 10)
    )
    assert wide < close


@pytest.mark.parametrize(
    ("fields", "warned"),
    [
        ({"past_colour": "#FFFFFF"}, "past_colour"),
        ({"style": "karaoke", "upcoming_colour": "#FFFFFF"}, "upcoming_colour"),
        ({"style": "reveal", "upcoming_colour": "#FFFFFF"}, "upcoming_colour"),
        ({"style": "reveal", "past_colour": "#FFFFFF"}, ""),
        ({"style": "active", "past_colour": "#FFFFFF", "upcoming_colour": "#FFFFFF"}, ""),
        ({"style": "box_word", "box": True}, "box"),
        ({"style": "box_word", "box": False}, ""),
        ({"style": "pop", "box": True}, ""),
    ],
)
def test_a_field_without_effect_gets_a_warning(fields: dict[str, object], warned: str) -> None:
    found = asked(**fields).warnings()
    assert len(found) == bool(warned)
    assert all(f"subtitles.{warned} has no effect" in warning for warning in found)


@pytest.mark.parametrize(
    "fields",
    [
        {"style": "glow"},
        {"position": "left"},
        {"letter_spacing": 101},
        {"letter_spacing": -21},
        {"past_colour": "red"},
        {"voice_colours": {"anna": "red"}},
        {"voice_colours": {"a,b{\\b1}\n": "#FFFFFF"}},
        {"voice_colours": {f"v{i}": "#FFFFFF" for i in range(101)}},
        {"voice_colours": ["anna"]},
    ],
)
def test_wrong_values_are_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        asked(**fields)


def test_too_many_colours_are_one_error() -> None:
    with pytest.raises(ValidationError) as raised:
        Subtitles.model_validate({"voice_colours": {f"v{i}": "red" for i in range(101)}})
    (error,) = raised.value.errors()
    assert error["msg"] == "Value error, 101 voices are given, and at most 100 are allowed"

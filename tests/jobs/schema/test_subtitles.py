"""The look of captions, as a request gives it."""

import pytest
from pydantic import ValidationError

from jobs.schema.subtitles import Subtitles
from timing.subtitles.style import STYLES


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

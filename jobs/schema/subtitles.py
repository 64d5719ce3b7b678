"""The `subtitles` object of a request: how words become cues, and how burnt-in ones look."""

import re
from dataclasses import replace
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from jobs.schema.fields import SpokenLanguage, Whole, limit_entries
from jobs.schema.model import Request
from jobs.schema.validation import choice_of
from messages import quote_value
from timing.subtitles import second
from timing.subtitles.cues import PRESETS, CueRules
from timing.subtitles.shown import EMOJIS, MARKUPS, ShownRules
from timing.subtitles.style import POSITIONS, STYLES, Margins, SubtitleStyle, style_for
from timing.subtitles.units import CASES, PUNCTUATIONS
from tts.text.lexicon import MAX_WRITTEN, Written

MIN_PIXELS, MAX_PIXELS = 64, 7680
"""Limits of each side of the frame, as in API.md; 7680 is the width of 8K video."""
MAX_SECOND_TEXT = 200_000
"""Most characters of a translation: as many as any text has that is timed."""


def _colour(raw: str) -> str:
    if not re.fullmatch("#[0-9A-Fa-f]{6}([0-9A-Fa-f]{2})?", raw):
        raise ValueError(f'{quote_value(raw)} is not a colour; give "#RRGGBB" or "#RRGGBBAA"')
    return raw.upper()


def _font(raw: str) -> str:
    # A font's name stands in a comma-separated line of an ASS file: a comma or a line break in it
    # would change the other fields.
    if not re.fullmatch(r"[\w .'-]{1,100}", raw) or raw != raw.strip():
        raise ValueError(f"{quote_value(raw)} is not the name of a font")
    return raw


def _resolution(raw: str) -> str:
    sides = re.fullmatch(r"(\d{1,5})x(\d{1,5})", raw, re.ASCII)
    if not sides or not all(MIN_PIXELS <= int(side) <= MAX_PIXELS for side in sides.groups()):
        raise ValueError(
            f'{quote_value(raw)} is not "1080x1920", "1920x1080" or another WIDTHxHEIGHT of '
            f"{MIN_PIXELS} to {MAX_PIXELS} pixels"
        )
    return raw


def _one_line(raw: str) -> str:
    if not raw.isprintable():
        raise ValueError(f"{quote_value(raw)} is not one line of visible text")
    return raw


Shown = Annotated[str, Field(max_length=MAX_WRITTEN), AfterValidator(_one_line)]
Show = Annotated[dict[Written, Shown], BeforeValidator(limit_entries)]
Colour = Annotated[str, AfterValidator(_colour)]


class MarginsInPixels(Request):
    """Free space at the edges of the frame; a missing field has the style's value."""

    left: Whole | None = Field(None, ge=0, le=MAX_PIXELS, description="Pixels.")
    right: Whole | None = Field(None, ge=0, le=MAX_PIXELS, description="Pixels.")
    vertical: Whole | None = Field(
        None, ge=0, le=MAX_PIXELS, description="Pixels at the edge of `position`."
    )


class SecondLanguage(Request):
    """The same text in another language, shown beside the first sentence by sentence."""

    text: str = Field(min_length=1, max_length=MAX_SECOND_TEXT, description="The translation.")
    language: SpokenLanguage = Field(description="Of the translation.")
    position: Annotated[str, choice_of(second.POSITIONS)] = Field(
        "under", description="Under the first language's lines, or over them."
    )


class Subtitles(Request):
    """How words become cues, and how cues look. Missing fields come from the preset and style."""

    preset: Annotated[str, choice_of(PRESETS)] = Field("word", description="How words become cues.")
    max_chars_per_line: Whole | None = Field(
        None, ge=4, le=200, description="Width of a line; a Chinese character counts two."
    )
    max_lines: Whole | None = Field(None, ge=1, le=3, description="Lines of a cue.")
    max_words: Whole | None = Field(None, ge=1, le=100, description="Words of a cue.")
    min_ms: Whole | None = Field(
        None, ge=20, le=10_000, description="How long a cue stays at least."
    )
    max_ms: Whole | None = Field(None, ge=100, le=60_000, description="And at most.")
    max_cps: float | None = Field(None, ge=5, le=100, description="Characters per second.")
    frame_rate: float | None = Field(None, ge=10, le=240, description="Of the video.")
    case: Annotated[str, choice_of(CASES)] = Field("keep", description="Letters of the cues.")
    punctuation: Annotated[str, choice_of(PUNCTUATIONS)] = Field(
        "keep", description="`strip` removes the marks at the ends of words."
    )
    markup: Annotated[str, choice_of(MARKUPS)] = Field(
        "strip", description="`keep` shows the marks of Markdown and tags of HTML too."
    )
    emoji: Annotated[str, choice_of(EMOJIS)] = Field("keep", description="`strip` removes them.")
    show: Show = Field({}, description="Written words, and what is shown for them.")
    offset_ms: Whole = Field(
        0, ge=-86_400_000, le=86_400_000, description="Moves every cue; negative is earlier."
    )
    second: SecondLanguage | None = Field(None, description="Captions in two languages.")
    style: Annotated[str, choice_of(STYLES)] | None = Field(
        None, description="`karaoke` for the preset `karaoke`, else `bold`."
    )
    resolution: Annotated[str, AfterValidator(_resolution)] = Field(
        "1080x1920", description="The video's frame in pixels."
    )
    font: Annotated[str, AfterValidator(_font)] | None = Field(None, description="Its name.")
    size: Whole | None = Field(None, ge=8, le=1000, description="Pixels.")
    bold: bool | None = Field(None, description="Weight of the letters.")
    primary_colour: Colour | None = Field(None, description="Of the letters.")
    highlight_colour: Colour | None = Field(None, description="Of spoken words in `karaoke`.")
    outline_colour: Colour | None = Field(None, description="Of the outline, or of the box.")
    outline: float | None = Field(None, ge=0, le=100, description="Pixels.")
    shadow: float | None = Field(None, ge=0, le=100, description="Pixels.")
    box: bool | None = Field(None, description="A box behind the text in place of the outline.")
    position: Annotated[str, choice_of(POSITIONS)] | None = Field(None, description="In the frame.")
    margins: MarginsInPixels = Field(MarginsInPixels(), description="`left`, `right`, `vertical`.")

    @model_validator(mode="after")
    def _check_limits(self) -> "Subtitles":
        # A limit of the request may contradict one of its preset, which no field can check alone.
        rules = self.rules()
        if rules.min_ms > rules.max_ms:
            min_origin = "" if self.min_ms is not None else " of this preset"
            max_origin = "" if self.max_ms is not None else " of this preset"
            is_preset = min_origin or max_origin
            remedy = "give both" if is_preset else f"give a max_ms of at least {rules.min_ms}"
            raise ValueError(
                f"min_ms {rules.min_ms}{min_origin} is more than max_ms {rules.max_ms}"
                f"{max_origin}; {remedy}"
            )
        (width, height), margins = self._frame_size(), self.rendering_style().margins
        if margins.left + margins.right >= width or margins.vertical >= height:
            raise ValueError(
                f"margins of {margins.left} and {margins.right}, vertical {margins.vertical}, "
                f"leave no room in {width}x{height}"
            )
        return self

    def rules(self) -> CueRules:
        """The preset with the limits of the request.

        The lines of `karaoke` are those of `standard` in a landscape frame, else those of `social`.
        """
        width, height = self._frame_size()
        name = "standard" if self.preset == "karaoke" and width > height else self.preset
        limits = self._present_fields(
            "max_chars_per_line max_lines max_words min_ms max_ms max_cps frame_rate"
        )
        return replace(
            PRESETS[name],
            case=self.case,
            punctuation=self.punctuation,
            offset_ms=self.offset_ms,
            **limits,
        )

    def shown_rules(self) -> ShownRules:
        """What captions show for each word."""
        return ShownRules(self.markup, self.emoji, self.show)

    def warnings(self) -> list[str]:
        """A sentence for each field that has no effect beside the others."""
        # ASS has one width for both: the room around the text in a box, or the shadow.
        is_lost = self.shadow and self.rendering_style().box
        return ["subtitles.shadow has no effect with a box"] if is_lost else []

    def rendering_style(self) -> SubtitleStyle:
        """The named style, sized for the frame, with the fields that the request gives."""
        columns = self.rules().max_chars_per_line
        style = style_for(self.style or self._default_style(), self._frame_size(), columns)
        margins = style.margins
        # Margins are an object of their own: one field of it must not reset the other two.
        requested = self.margins
        return replace(
            style,
            highlight_spoken=style.highlight_spoken or self.preset == "karaoke",
            margins=Margins(
                margins.left if requested.left is None else requested.left,
                margins.right if requested.right is None else requested.right,
                margins.vertical if requested.vertical is None else requested.vertical,
            ),
            **self._present_fields(
                "font size bold primary_colour highlight_colour outline_colour outline shadow box "
                "position"
            ),
        )

    def _default_style(self) -> str:
        return "karaoke" if self.preset == "karaoke" else "bold"

    def _frame_size(self) -> tuple[int, int]:
        """Width and height of the video, in pixels."""
        width, height = self.resolution.split("x")
        return int(width), int(height)

    def _present_fields(self, names: str) -> dict[str, Any]:
        """The fields that the request gives, of those in `names` (separated by spaces)."""
        return {name: value for name in names.split() if (value := getattr(self, name)) is not None}

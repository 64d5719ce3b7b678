"""The `subtitles` object of a request: how words become cues, and how burnt-in ones look."""

import re
from dataclasses import replace
from functools import partial
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from jobs.schema.fields import MAX_URL, SpokenLanguage, VoiceName, Whole, limit_entries
from jobs.schema.model import Request
from jobs.schema.validation import choice_of
from messages import quote_value
from storage.fetch import is_url
from timing.subtitles import second
from timing.subtitles.cues import PRESETS, SPEAKERS, CueRules
from timing.subtitles.fonts import SHIPPED, Font
from timing.subtitles.shown import EMOJIS, MARKUPS, ShownRules
from timing.subtitles.style import (
    POSITIONS,
    STYLES,
    Effect,
    Margins,
    SubtitleStyle,
    readable_columns,
    style_for,
)
from timing.subtitles.units import CASES, PUNCTUATIONS
from tts.text.lexicon import MAX_WRITTEN, Written

MIN_PIXELS, MAX_PIXELS = 64, 7680
"""Limits of each side of the frame, as in API.md; 7680 is the width of 8K video."""
MAX_SECOND_TEXT = 200_000
"""Most characters of a translation: as many as any text has that is timed."""

MAX_VOICES = 100
"""Of the voices with a colour."""

_COLOUR = re.compile("#[0-9A-Fa-f]{6}([0-9A-Fa-f]{2})?")
_FONT_NAME = re.compile(r"[\w .'-]{1,100}")
_SIDES = re.compile(r"(\d{1,5})x(\d{1,5})", re.ASCII)
_NO_JOINERS = dict.fromkeys([0x200C, 0x200D])


def _colour(raw: str) -> str:
    if not _COLOUR.fullmatch(raw):
        raise ValueError(f'{quote_value(raw)} is not a colour; give "#RRGGBB" or "#RRGGBBAA"')
    return raw.upper()


def _font(raw: str) -> str:
    # A font's name stands in a comma-separated line of an ASS file: a comma or a line break in it
    # would change the other fields.
    if not _FONT_NAME.fullmatch(raw) or raw != raw.strip():
        raise ValueError(f"{quote_value(raw)} is not the name of a font; give one, such as Arial")
    return raw


def _font_url(raw: str) -> str:
    if not is_url(raw):
        raise ValueError(f"{quote_value(raw)} is not the URL of a font; give https://host/path")
    return raw


_PRESET_HINTS = dict.fromkeys(
    ("tiktok", "reels", "shorts", "instagram", "youtube_shorts"), "use social"
)
_POSITION_HINTS = {
    "left": "use middle_left",
    "right": "use middle_right",
    "centre": "use middle",
    "center": "use middle",
}


def _resolution(raw: str) -> str:
    sides = _SIDES.fullmatch(raw)
    if not sides or not all(MIN_PIXELS <= int(side) <= MAX_PIXELS for side in sides.groups()):
        raise ValueError(
            f'{quote_value(raw)} is not the size of a frame; give "1080x1920", '
            f'"1920x1080" or another WIDTHxHEIGHT of {MIN_PIXELS} to {MAX_PIXELS} pixels'
        )
    return raw


_EFFECTS_WITH: dict[str, tuple[Effect, ...]] = {
    "upcoming_colour": ("active", "box_word", "pop", "underline"),
    "past_colour": ("active", "box_word", "pop", "underline", "reveal"),
}
"""The effects in which a colour is seen."""


def _effect(style: SubtitleStyle, preset: str) -> Effect:
    """What happens to the spoken word; the preset `karaoke` lights words in every style."""
    return "karaoke" if preset == "karaoke" and style.effect == "none" else style.effect


def _one_line(raw: str) -> str:
    # Joiners are parts of emoji and of Persian words.
    if not raw.translate(_NO_JOINERS).isprintable():
        raise ValueError(
            f"{quote_value(raw)} is not one line of visible text; leave control characters out"
        )
    return " ".join(raw.split())


Shown = Annotated[str, Field(max_length=MAX_WRITTEN), AfterValidator(_one_line)]
Show = Annotated[dict[Written, Shown], BeforeValidator(limit_entries)]
Colour = Annotated[str, AfterValidator(_colour)]
_limit_voices = partial(limit_entries, most=MAX_VOICES, of="voices")
VoiceColours = Annotated[dict[VoiceName, Colour], BeforeValidator(_limit_voices)]


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
    language: SpokenLanguage = Field(description="The language of the translation.")
    position: Annotated[str, choice_of(second.POSITIONS)] = Field(
        "under", description="Under the first language's lines, or over them."
    )


class Subtitles(Request):
    """How words become cues, and how cues look. Missing fields come from the preset and style."""

    preset: Annotated[str, choice_of(PRESETS, _PRESET_HINTS)] = Field(
        "word", description="How words become cues."
    )
    max_chars_per_line: Whole | None = Field(
        None, ge=4, le=200, description="Width of a line; a Chinese character counts two."
    )
    max_lines: Whole | None = Field(None, ge=1, le=3, description="Lines of a cue.")
    max_words: Whole | None = Field(None, ge=1, le=100, description="Words of a cue.")
    min_ms: Whole | None = Field(
        None, ge=20, le=10_000, description="How long a cue stays at least."
    )
    max_ms: Whole | None = Field(
        None, ge=100, le=60_000, description="How long a cue stays at most."
    )
    max_cps: float | None = Field(None, ge=5, le=100, description="Characters per second.")
    frame_rate: float | None = Field(
        None, ge=10, le=240, description="The frame rate of the video."
    )
    speaker: Annotated[str, choice_of(SPEAKERS)] = Field(
        "dash", description="How cues tell the voices of a script apart."
    )
    case: Annotated[str, choice_of(CASES)] = Field(
        "keep", description="Whether the letters of the cues become upper or lower case."
    )
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
    font_url: Annotated[str, Field(max_length=MAX_URL), AfterValidator(_font_url)] | None = Field(
        None, description="The http(s) URL of a TTF or OTF file, to be embedded."
    )
    embed_font: bool = Field(False, description="Whether the `ass` file holds the font.")
    size: Whole | None = Field(None, ge=8, le=1000, description="Pixels.")
    bold: bool | None = Field(None, description="Weight of the letters.")
    italic: bool = Field(False, description="Slanted letters.")
    letter_spacing: float = Field(
        0, ge=-20, le=100, description="Pixels between letters; negative is closer."
    )
    primary_colour: Colour | None = Field(None, description="The colour of the letters.")
    highlight_colour: Colour | None = Field(
        None, description="The colour of the spoken word, or of its box."
    )
    upcoming_colour: Colour | None = Field(
        None, description="The colour of words before they are spoken."
    )
    past_colour: Colour | None = Field(
        None, description="The colour of words after they are spoken."
    )
    voice_colours: VoiceColours = Field(
        {}, max_length=MAX_VOICES, description="`primary_colour` for the lines of a voice."
    )
    outline_colour: Colour | None = Field(
        None, description="The colour of the outline, or of the box."
    )
    outline: float | None = Field(None, ge=0, le=100, description="Pixels.")
    shadow: float | None = Field(None, ge=0, le=100, description="Pixels.")
    box: bool | None = Field(None, description="A box behind the text in place of the outline.")
    position: Annotated[str, choice_of(POSITIONS, _POSITION_HINTS)] | None = Field(
        None, description="Where cues stand in the frame."
    )
    margins: MarginsInPixels = Field(MarginsInPixels(), description="`left`, `right`, `vertical`.")

    @model_validator(mode="after")
    def _check_limits(self) -> "Subtitles":
        # A limit of the request may contradict one of its preset, which no field can check alone.
        rules = self.rules()
        if rules.min_ms > rules.max_ms:
            min_origin = "" if self.min_ms is not None else " of this preset"
            max_origin = "" if self.max_ms is not None else " of this preset"
            is_preset = min_origin or max_origin
            remedy = (
                "give both, the lower one as min_ms"
                if is_preset
                else f"give a max_ms of at least {rules.min_ms}"
            )
            raise ValueError(
                f"min_ms {rules.min_ms}{min_origin} is more than max_ms {rules.max_ms}"
                f"{max_origin}; {remedy}"
            )
        (width, height), margins = self._frame_size(), self.rendering_style().margins
        if margins.left + margins.right >= width or margins.vertical >= height:
            raise ValueError(
                f"margins of {margins.left} and {margins.right}, vertical {margins.vertical}, "
                f"leave no room in {width}x{height}; give smaller ones"
            )
        return self

    @model_validator(mode="after")
    def _check_font(self) -> "Subtitles":
        if self.font_url is not None:
            if self.font is not None:
                raise ValueError("font_url brings the name of its font; leave font out")
            if "embed_font" in self.model_fields_set and not self.embed_font:
                raise ValueError(
                    "the font behind font_url is always embedded; leave embed_font out"
                )
        elif self.embed_font and self.shipped_font is None:
            *others, last = SHIPPED
            raise ValueError(
                f"embed_font needs a font that the worker has: give {', '.join(others)} or "
                f"{last} as font, or a font of yours as font_url"
            )
        return self

    @property
    def shipped_font(self) -> str | None:
        """The font of the worker that `font` names, in any case."""
        by_key = {name.casefold(): name for name in SHIPPED}
        return by_key.get((self.font or "").casefold())

    def rules(self, drawn: bool = True) -> CueRules:
        """The preset with the limits of the request.

        The lines of `karaoke` are those of `standard` in a landscape frame, else those of `social`.

        drawn: whether the cues are also drawn into the frame. Their lines are then no longer than
            letters of a readable size allow, unless the request has a limit of its own.
        """
        width, height = self._frame_size()
        name = "standard" if self.preset == "karaoke" and width > height else self.preset
        limits = self._present_fields(
            "max_chars_per_line max_lines max_words min_ms max_ms max_cps frame_rate"
        )
        preset = PRESETS[name]
        if drawn:
            columns = readable_columns((width, height), self.size)
            preset = replace(
                preset,
                max_chars_per_line=min(preset.max_chars_per_line, columns),
                columns={tag: min(most, columns) for tag, most in preset.columns.items()},
            )
        return replace(
            preset,
            # A limit of the request holds in every language.
            columns={} if self.max_chars_per_line is not None else preset.columns,
            cps={} if self.max_cps is not None else preset.cps,
            # Single words keep their own times.
            on_frames=preset.on_frames or (self.frame_rate is not None and name != "word"),
            speaker=self.speaker,
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
        style = self.rendering_style()
        # ASS has one width for both: the room around the text in a box, or the shadow.
        lost = ["subtitles.shadow has no effect with a box"] if self.shadow and style.box else []
        for name, effects in _EFFECTS_WITH.items():
            if getattr(self, name) is not None and style.effect not in effects:
                lost.append(
                    f"subtitles.{name} has no effect in this style; the styles "
                    f"{', '.join(effects)} have such words"
                )
        if self.box and style.effect == "box_word":
            lost.append("subtitles.box has no effect with the style box_word")
        return lost

    def wants_bold(self) -> bool:
        """Whether the letters are to be bold, as the request or the style says."""
        return STYLES[self.style or self._default_style()].bold if self.bold is None else self.bold

    def rendering_style(self, face: Font | None = None) -> SubtitleStyle:
        """The named style, sized for the frame, with the fields that the request gives.

        face: the font to be embedded.
        """
        columns = self.rules().max_chars_per_line
        style = style_for(
            self.style or self._default_style(),
            self._frame_size(),
            columns,
            self.letter_spacing,
            face=face,
            upper=self.case == "upper",
        )
        margins = style.margins
        # Margins are an object of their own: one field of it must not reset the other two.
        requested = self.margins
        effect = _effect(style, self.preset)
        fields = self._present_fields(
            "font size bold italic primary_colour highlight_colour upcoming_colour past_colour "
            "voice_colours outline_colour outline shadow box position"
        )
        if face is not None:
            fields.pop("font", None)
        if effect == "box_word":
            # A box behind all words would hide theirs.
            fields["box"] = False
        return replace(
            style,
            effect=effect,
            margins=Margins(
                margins.left if requested.left is None else requested.left,
                margins.right if requested.right is None else requested.right,
                margins.vertical if requested.vertical is None else requested.vertical,
            ),
            **fields,
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

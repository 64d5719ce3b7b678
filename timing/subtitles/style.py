"""The styles of burnt-in captions by name, and their sizes for any frame."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from timing.subtitles.fonts import Font

POSITIONS = {
    "bottom": 2, "bottom_left": 1, "bottom_right": 3,
    "middle": 5, "middle_left": 4, "middle_right": 6,
    "top": 8, "top_left": 7, "top_right": 9,
}  # fmt: skip
"""The number of an alignment in ASS, by the name that a client gives (API.md)."""

Effect = Literal["none", "karaoke", "active", "box_word", "pop", "underline", "reveal"]
"""What happens to a word when it is spoken.

karaoke: it takes the highlight colour from its start to its end, and keeps it.
active: it has the highlight colour while it is spoken.
box_word: it stands on a box of the highlight colour while it is spoken.
pop: as active, and it is larger for its first 80 ms.
underline: as active, and it is underlined.
reveal: it appears, and stays.
"""

PORTRAIT = (1080, 1920)
LANDSCAPE = (1920, 1080)


@dataclass(frozen=True, slots=True)
class Margins:
    """Pixels that stay free at the left, at the right, and at the top or the bottom."""

    left: int
    right: int
    vertical: int


@dataclass(frozen=True, slots=True)
class SubtitleStyle:
    """An ASS style. Lengths are pixels of the frame, colours `#RRGGBB` or `#RRGGBBAA` (opacity).

    resolution: the frame's (width, height).
    highlight_colour: of the spoken words, or of their box; see `effect`.
    upcoming_colour, past_colour: of the words before and after they are spoken; None is the
        primary colour. `karaoke` has neither, and `reveal` has no upcoming words.
    voice_colours: the primary colour of some voices' lines, by the voice's name.
    letter_spacing: additional space after each letter.
    outline, shadow: their widths.
    box: if true, the text stands on a box of `outline_colour`, `outline` pixels wider than the text
        on all sides.
    position: one of POSITIONS.
    effect: see Effect.
    face: the font, if it is embedded; `font` is its name then.
    """

    resolution: tuple[int, int] = PORTRAIT
    font: str = "Arial"
    size: int = 76
    bold: bool = True
    italic: bool = False
    letter_spacing: float = 0
    primary_colour: str = "#FFFFFF"
    highlight_colour: str = "#FFDD00"
    upcoming_colour: str | None = None
    past_colour: str | None = None
    voice_colours: Mapping[str, str] = field(default_factory=dict, hash=False)
    outline_colour: str = "#000000"
    outline: float = 4
    shadow: float = 0
    box: bool = False
    position: str = "bottom"
    margins: Margins = Margins(90, 150, 520)
    effect: Effect = "none"
    face: Font | None = None


_BOLD = SubtitleStyle()
_LIT = replace(_BOLD, outline=5)
STYLES: dict[str, SubtitleStyle] = {
    "bold": _BOLD,
    "clean": replace(_BOLD, bold=False, outline=2, shadow=2),
    "box": replace(_BOLD, outline_colour="#000000B3", outline=16, box=True),
    "karaoke": replace(_LIT, effect="karaoke"),
    "active": replace(_LIT, effect="active"),
    "box_word": replace(_LIT, effect="box_word", highlight_colour="#E0115F"),
    "pop": replace(_LIT, effect="pop"),
    "underline": replace(_LIT, effect="underline"),
    "reveal": replace(_LIT, effect="reveal"),
}
"""The styles by name, for 1080x1920. The margins avoid the buttons of vertical video apps."""

DEFAULT_FONT = _BOLD.font

_EM_A_COLUMN = 0.55
"""The width of a column in bold Arial, as a part of the font size: 0.5 to 0.55, measured over lines
of English."""
_WIDER_LINES = 1.1
"""How much wider than the mean a line of English may be."""
_CAP_HEIGHT = 0.64
"""Of Arial, as a part of the font size."""
_LEAST_SCALE, _MOST_SCALE = 0.7, 1.6
"""Limits for fonts that state an odd height."""

_READABLE, _READABLE_WIDE = 58, 54
"""Pixels of letters that are readable on a phone, on 1080x1920 and on 1920x1080."""


def width_em(text: str, face: Font | None = None) -> float:
    """The width of a text, as a part of the font size.

    face: the font; without it bold Arial, rather too wide than too narrow.
    """
    if face is None:
        return sum(map(_letter_em, text))
    widths = face.widths
    return sum(widths[char] if char in widths else _letter_em(char) for char in text)


def _letter_em(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    if letter in "mwMW@%":
        return 0.95
    if letter in "iljtfrI.,:;!|'’()[]":
        return 0.4
    return 0.75 if letter.isupper() else 0.6


def readable_columns(resolution: tuple[int, int], size: int | None = None) -> int:
    """The longest line that fits between the margins in letters that are readable on a phone.

    resolution: the frame's (width, height).
    size: of smaller letters that are wanted all the same, in pixels.
    """
    frame = _Frame(resolution)
    readable = frame.scale * (_READABLE if frame.is_upright else _READABLE_WIDE)
    return max(1, int(frame.room / _EM_A_COLUMN / min(readable, size or readable)))


def style_for(
    style: str,
    resolution: tuple[int, int],
    columns: int = 0,
    letter_spacing: float = 0,
    *,
    face: Font | None = None,
    upper: bool = False,
) -> SubtitleStyle:
    """A style for a frame: Arial of 76 pixels on 1080x1920, of 54 on 1920x1080.

    style: one of STYLES.
    resolution: the frame's (width, height).
    columns: the longest line; the letters become smaller until it fits between the margins.
    letter_spacing: additional pixels after each letter.
    face: the font to be embedded. Its capitals are as high as those of Arial, if the lines fit.
    upper: whether the text is in capitals; only the widths of `face` follow that.
    """
    base, frame = STYLES[style], _Frame(resolution)
    size: float = base.size if frame.is_upright else 54
    em = _EM_A_COLUMN
    if face is not None:
        if face.cap_height:
            size *= min(max(_CAP_HEIGHT / face.cap_height, _LEAST_SCALE), _MOST_SCALE)
        em = _WIDER_LINES * face.column_em(upper) or em
        # Players would make a font bolder whose letters are not.
        base = replace(base, font=face.family, face=face, bold=face.is_bold)
    widest = frame.room / max(1, columns) - letter_spacing
    size = min(round(size * frame.scale), int(widest / em))
    return replace(
        base,
        resolution=resolution,
        size=max(1, size),
        letter_spacing=letter_spacing,
        outline=_scaled(base.outline, frame.scale),
        shadow=_scaled(base.shadow, frame.scale),
        margins=frame.margins,
    )


class _Frame:
    """A frame's margins, and its `scale` beside 1080x1920 or 1920x1080.

    room: the pixels between the margins.
    is_upright: whether it is higher than wide.
    """

    def __init__(self, resolution: tuple[int, int]) -> None:
        wide, high = resolution
        self.is_upright = wide < high
        if self.is_upright:
            self.scale, sides, vertical = wide / PORTRAIT[0], (90, 150), 520
            vertical = round(vertical * high / (PORTRAIT[1] * self.scale))
        else:
            self.scale, sides, vertical = high / LANDSCAPE[1], (96, 96), 60
        left, right = (round(side * self.scale) for side in sides)
        self.margins = Margins(left, right, round(vertical * self.scale))
        self.room = wide - left - right


def _scaled(pixels: float, scale: float) -> float:
    """Scale to a tenth of a pixel; whole pixels are ints, which a file shows without a point."""
    scaled = round(pixels * scale, 1)
    return int(scaled) if scaled.is_integer() else scaled

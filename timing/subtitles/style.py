"""The styles of burnt-in captions by name, and their sizes for any frame."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

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

_EM_A_COLUMN = 0.55
"""The width of a column in bold Arial, as a part of the font size: 0.5 to 0.55, measured over lines
of English."""


def width_em(text: str) -> float:
    """The width of a text in bold Arial, as a part of the font size; rather too wide than too
    narrow."""
    return sum(map(_letter_em, text))


def _letter_em(letter: str) -> float:
    if unicodedata.east_asian_width(letter) in "WF":
        return 1.0
    if letter in "mwMW@%":
        return 0.95
    if letter in "iljtfrI.,:;!|'’()[]":
        return 0.4
    return 0.75 if letter.isupper() else 0.6


def style_for(
    style: str, resolution: tuple[int, int], columns: int = 0, letter_spacing: float = 0
) -> SubtitleStyle:
    """A style for a frame: letters of 76 pixels on 1080x1920, of 54 on 1920x1080.

    style: one of STYLES.
    resolution: the frame's (width, height).
    columns: the longest line; the letters become smaller until it fits between the margins.
    letter_spacing: additional pixels after each letter.
    """
    base = STYLES[style]
    wide, high = resolution
    if wide < high:
        scale, size, sides, vertical = wide / PORTRAIT[0], base.size, (90, 150), 520
    else:
        scale, size, sides, vertical = high / LANDSCAPE[1], 54, (96, 96), 60
    if wide < high:
        vertical = round(vertical * high / (PORTRAIT[1] * scale))
    left, right = (round(side * scale) for side in sides)
    margins = Margins(left, right, round(vertical * scale))
    room = wide - left - right
    widest = room / max(1, columns) - letter_spacing
    size = min(round(size * scale), int(widest / _EM_A_COLUMN))
    return replace(
        base,
        resolution=resolution,
        size=max(1, size),
        letter_spacing=letter_spacing,
        outline=_scaled(base.outline, scale),
        shadow=_scaled(base.shadow, scale),
        margins=margins,
    )


def _scaled(pixels: float, scale: float) -> float:
    """Scale to a tenth of a pixel; whole pixels are ints, which a file shows without a point."""
    scaled = round(pixels * scale, 1)
    return int(scaled) if scaled.is_integer() else scaled

"""The styles of burnt-in captions by name, and their sizes for any frame."""

import unicodedata
from dataclasses import dataclass, replace

POSITIONS = {"bottom": 2, "middle": 5, "top": 8}
"""The number of an alignment in ASS, by the name that a client gives (API.md)."""

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
    highlight_colour: of words already spoken, if `highlight_spoken`.
    outline, shadow: their widths.
    box: if true, the text stands on a box of `outline_colour`, `outline` pixels wider than the text
        on all sides.
    position: one of POSITIONS.
    """

    resolution: tuple[int, int] = PORTRAIT
    font: str = "Arial"
    size: int = 76
    bold: bool = True
    primary_colour: str = "#FFFFFF"
    highlight_colour: str = "#FFDD00"
    outline_colour: str = "#000000"
    outline: float = 4
    shadow: float = 0
    box: bool = False
    position: str = "bottom"
    margins: Margins = Margins(90, 150, 520)
    highlight_spoken: bool = False


_BOLD = SubtitleStyle()
STYLES: dict[str, SubtitleStyle] = {
    "bold": _BOLD,
    "clean": replace(_BOLD, bold=False, outline=2, shadow=2),
    "box": replace(_BOLD, outline_colour="#000000B3", outline=16, box=True),
    "karaoke": replace(_BOLD, outline=5, highlight_spoken=True),
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


def style_for(style: str, resolution: tuple[int, int], columns: int = 0) -> SubtitleStyle:
    """A style for a frame: letters of 76 pixels on 1080x1920, of 54 on 1920x1080.

    style: one of STYLES.
    resolution: the frame's (width, height).
    columns: the longest line; the letters become smaller until it fits between the margins.
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
    size = min(round(size * scale), int(room / _EM_A_COLUMN / max(1, columns)))
    return replace(
        base,
        resolution=resolution,
        size=max(1, size),
        outline=_scaled(base.outline, scale),
        shadow=_scaled(base.shadow, scale),
        margins=margins,
    )


def _scaled(pixels: float, scale: float) -> float:
    """Scale to a tenth of a pixel; whole pixels are ints, which a file shows without a point."""
    scaled = round(pixels * scale, 1)
    return int(scaled) if scaled.is_integer() else scaled

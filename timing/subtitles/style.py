"""How burnt-in captions look: the styles by name, and their sizes for any frame."""

import unicodedata
from dataclasses import dataclass, replace

POSITIONS = {"bottom": 2, "middle": 5, "top": 8}
"""ASS's alignment by a client's name for it."""

PORTRAIT = (1080, 1920)
LANDSCAPE = (1920, 1080)


@dataclass(frozen=True, slots=True)
class Margins:
    """Pixels kept free at the left, the right, and at the top or the bottom."""

    left: int
    right: int
    vertical: int


@dataclass(frozen=True, slots=True)
class SubtitleStyle:
    """An ASS style in pixels of a frame of `resolution` (width, height).

    Colours are `#RRGGBB`, or `#RRGGBBAA` with AA the opacity. `highlight_colour` is that of words
    already spoken where words are `lit`. With `box` the text stands on a box of `outline_colour`,
    `outline` pixels wider than it on all sides.
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
"""By name, for 1080x1920: the margins keep clear of the buttons of vertical video apps."""


_EM_A_COLUMN = 0.55
"""How wide a column of bold Arial is: measured, 0.5 to 0.55 over lines of English."""


def width_em(text: str) -> float:
    """About how wide a text is in bold Arial, in its size: rather too much than too little."""
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
    """A style of STYLES for a frame: 76 pixels high on 1080x1920, 54 on 1920x1080.

    Smaller where a line of so many columns would not fit between the margins.
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
    """To a tenth; whole pixels stay whole numbers, as a file shows them."""
    scaled = round(pixels * scale, 1)
    return int(scaled) if scaled.is_integer() else scaled

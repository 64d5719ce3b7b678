"""Small fonts, sound and hostile, made with fontTools."""

import struct
from collections.abc import Callable
from io import BytesIO

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from fontTools.ttLib.tables._g_l_y_f import Glyph, GlyphComponent
from fontTools.ttLib.tables.DefaultTable import DefaultTable

WIDTH, HEIGHT = 500, 1000
"""Of each letter, and of the font: a letter is half as wide as the font size."""


def build(
    letters: str = "ABCabc ",
    *,
    family: str = "Mine",
    weight: int = 400,
    usage: int = 0,
    is_cff: bool = False,
) -> bytes:
    """A font whose letters are boxes.

    usage: the bits of `OS/2.fsType`.
    is_cff: whether it is an OTF file.
    """
    return save(builder(letters, family, weight, usage, is_cff).font)


def builder(letters: str, family: str, weight: int, usage: int, is_cff: bool) -> FontBuilder:
    """As `build`, before it is saved."""
    names = [".notdef", *(f"g{ord(char)}" for char in letters)]
    made = FontBuilder(HEIGHT, isTTF=not is_cff)
    made.setupGlyphOrder(names)
    made.setupCharacterMap({ord(char): f"g{ord(char)}" for char in letters})
    if is_cff:
        charstrings = {}
        for name in names:
            charstring_pen = T2CharStringPen(WIDTH, None)
            box(charstring_pen)
            charstrings[name] = charstring_pen.getCharString()
        made.setupCFF("Mine-Regular", {"FullName": "Mine"}, charstrings, {})
    else:
        glyphs = {}
        for name in names:
            pen = TTGlyphPen(None)
            box(pen)
            glyphs[name] = pen.glyph()
        made.setupGlyf(glyphs)
    made.setupHorizontalMetrics(dict.fromkeys(names, (WIDTH, 0)))
    made.setupHorizontalHeader(ascent=800, descent=-200)
    made.setupNameTable({"familyName": family, "styleName": "Regular", "copyright": "Mine"})
    made.setupOS2(
        usWinAscent=800, usWinDescent=200, usWeightClass=weight, fsType=usage, sCapHeight=700
    )
    made.setupPost()
    return made


def box(pen: T2CharStringPen | TTGlyphPen) -> None:
    """Draw a letter."""
    pen.moveTo((50, 0))
    for place in ((50, 700), (450, 700), (450, 0)):
        pen.lineTo(place)
    pen.closePath()


def save(font: TTFont) -> bytes:
    """The bytes of a font."""
    out = BytesIO()
    font.save(out)
    return out.getvalue()


def with_table(tag: str, data: bytes) -> bytes:
    """A font one of whose tables has these bytes."""
    font = TTFont(BytesIO(build()))
    font[tag] = DefaultTable(tag)
    font[tag].data = data
    return save(font)


def _every_character() -> bytes:
    """A table of 10 000 groups, each of four billion characters."""
    groups = struct.pack(">LLL", 0, 0xFFFFFFFF, 1) * 10_000
    table = struct.pack(">HHLLL", 12, 0, 16 + len(groups), 0, 10_000) + groups
    return with_table("cmap", struct.pack(">HHHHL", 0, 1, 3, 10, 12) + table)


def _many_tables() -> bytes:
    """65 535 tables, each the whole file."""
    count, size = 65_535, 12 + 16 * 65_535
    rows = (struct.pack(">4sLLL", f"{n:04x}".encode(), 0, 0, size) for n in range(count))
    return struct.pack(">4sHHHH", b"\0\1\0\0", count, 0, 0, 0) + b"".join(rows)


def _composite(parts: Callable[[int], list[int]], count: int) -> bytes:
    """Glyphs of which each consists of others: those that `parts` gives for its number."""
    font = TTFont(BytesIO(build("".join(map(chr, range(0x41, 0x41 + count))))))
    names = font.getGlyphOrder()
    for number in range(1, len(names)):
        glyph = Glyph()
        glyph.numberOfContours = -1
        glyph.components = []
        for part in parts(number):
            component = GlyphComponent()
            component.glyphName, component.x, component.y, component.flags = names[part], 0, 0, 4
            glyph.components.append(component)
        glyph.xMin = glyph.yMin = glyph.xMax = glyph.yMax = 0
        font["glyf"][names[number]] = glyph
    font.recalcBBoxes = False
    return save(font)


HOSTILE: dict[str, Callable[[], bytes]] = {
    "characters without end": _every_character,
    "many tables": _many_tables,
    "a glyph of itself": lambda: _composite(lambda number: [number], 4),
    "a glyph of two glyphs of two glyphs": lambda: _composite(
        lambda number: [number - 1] * 2 if number > 1 else [0], 40
    ),
    "half a font": lambda: build()[:400],
    "a header": lambda: build()[:12],
    "four bytes": lambda: b"\0\1\0\0",
    "no size": lambda: with_table("head", bytes(54)),
    "an empty table": lambda: with_table("cmap", b""),
    "no characters": lambda: with_table("cmap", struct.pack(">HH", 0, 0)),
    "noise": lambda: b"OTTO" + bytes(range(256)) * 1000,
    "zeros": lambda: b"true" + bytes(19_000_000),
}
"""Fonts that are to be refused, or read in bounds."""

"""The process that reads a font: it cuts the font down to the characters of a job.

Fonts come from strangers: a small file can describe billions of characters. Here that costs this
process alone, which has limits of time and memory. It reads one request from its standard input and
writes one answer; a font that makes it fail, ends it.
"""

import json
import os
import re
import resource
import sys
from collections.abc import Iterable
from io import BytesIO
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

MEMORY_BYTES = 256 << 20
"""What a font may take beyond the libraries."""
CPU_S = 20
"""The processor's seconds for a font."""

READY = b"ready\n"

_BOLD, _SEMI_BOLD, _REGULAR = 700, 600, 400
_NAMES = (0, 1, 2, 3, 4, 5, 6, 13, 14)
"""What stays of the table `name`: the copyright, the names and the licence."""

_NOT_IN_A_NAME = re.compile(r"[^\w .'-]")
_LEAST_UNITS, _MOST_UNITS = 16, 16384
"""Of `head.unitsPerEm`, by the standard; FreeType opens no other font."""
_USAGE, _RESTRICTED, _NO_SUBSET, _BITMAPS = 0xF, 0x2, 0x100, 0x200
"""Bits of `OS/2.fsType`."""


class Unusable(Exception):
    """A sound font that cannot be embedded: what is wrong, and the remedy."""


def main() -> None:
    """Answer one request: a line of JSON, then the font's bytes.

    The request has `characters`, a string; `weight` for a variable font; `name`, the font's name
    if its own is not to be taken. The answer is a line of JSON and, unless that has `unusable`, the
    bytes of the font.
    """
    _limit_itself()
    out = sys.stdout.buffer
    out.write(READY)
    out.flush()
    request = json.loads(sys.stdin.buffer.readline())
    try:
        facts, file = cut_down(sys.stdin.buffer.read(), **request)
    except Unusable as error:
        facts, file = {"unusable": str(error)}, b""
    out.write(json.dumps(facts).encode() + b"\n" + file)


def _limit_itself() -> None:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    limit = pages * os.sysconf("SC_PAGE_SIZE") + MEMORY_BYTES
    inherited = resource.getrlimit(resource.RLIMIT_AS)[1]
    if inherited != resource.RLIM_INFINITY:
        limit = min(limit, inherited)
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # It has no file to write.
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def cut_down(
    data: bytes, characters: str, weight: int, name: str | None = None
) -> tuple[dict[str, Any], bytes]:
    """What the captions need to know about a font, and the font with these characters alone.

    weight: of a variable font, which becomes one with this weight only.
    name: the font's name; without it the font's own.

    The facts: `family`, `is_bold`, `widths` of the characters that the font has and `cap_height`;
    these two are parts of the font size that a player of ASS files has. Raises Unusable, and
    whatever fontTools raises for a damaged font.
    """
    font = TTFont(BytesIO(data), recalcTimestamp=False)
    _check_usable(font)
    may_cut = not _usage(font) & _NO_SUBSET
    is_variable = "fvar" in font
    family = _family(font, is_variable)
    if may_cut:
        family = name or " ".join(_NOT_IN_A_NAME.sub(" ", family).split())[:100] or "Font"
        _subset(font, map(ord, characters))
        if is_variable:
            instancer.instantiateVariableFont(font, _location(font, weight), inplace=True)
            _set_weight(font, weight)
        _set_names(font, family)
        out = BytesIO()
        font.save(out)
        data = out.getvalue()
    elif _NOT_IN_A_NAME.search(family) or not family.strip():
        raise Unusable(
            "the font's name has characters that an ASS file cannot have, and its maker does not "
            "allow changes; give another font"
        )
    return _facts(font, family, characters), data


def _check_usable(font: TTFont) -> None:
    if not _LEAST_UNITS <= font["head"].unitsPerEm <= _MOST_UNITS:
        raise Unusable("the font is damaged; give another one")
    usage = _usage(font)
    # The least restrictive of several bits counts.
    if usage & _USAGE == _RESTRICTED or usage & _BITMAPS:
        raise Unusable(
            "the font's maker does not allow it to be embedded (OS/2 fsType); ask the maker for a "
            "licence and a file that allow it, or give another font"
        )
    if font.getBestCmap() is None:
        raise Unusable("the font has no table of Unicode's characters; give another font")
    if not {"glyf", "CFF ", "CFF2"} & set(font.keys()):
        raise Unusable("the font has no outlines, only pictures; give a font with outlines")


def _usage(font: TTFont) -> int:
    return int(font["OS/2"].fsType) if "OS/2" in font else 0


def _family(font: TTFont, is_variable: bool) -> str:
    """The name of the font's family; that of a variable font without its default weight."""
    names = font["name"]
    found = (is_variable and names.getDebugName(16)) or names.getDebugName(1)
    return str(found or names.getDebugName(4) or "")


def _subset(font: TTFont, characters: Iterable[int]) -> None:
    options = subset.Options(
        notdef_outline=True, name_IDs=list(_NAMES), name_languages=["*"], name_legacy=True
    )
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)


def _location(font: TTFont, weight: int) -> dict[str, float]:
    """One place on every axis: the weight, as near as the font has it, and else the default."""
    axes = {axis.axisTag: axis for axis in font["fvar"].axes}
    place = {tag: axis.defaultValue for tag, axis in axes.items()}
    if "wght" in axes:
        place["wght"] = min(max(weight, axes["wght"].minValue), axes["wght"].maxValue)
    return place


def _set_weight(font: TTFont, weight: int) -> None:
    """Say that the font is what players ask for, the bold or the regular one of its family.

    A player compares weights: it takes an installed font of the same name if that one is nearer.
    """
    is_bold = weight >= _SEMI_BOLD
    table = font["OS/2"]
    table.usWeightClass = _BOLD if is_bold else _REGULAR
    table.fsSelection = table.fsSelection & ~0x61 | (0x20 if is_bold else 0x40)
    font["head"].macStyle = font["head"].macStyle & ~1 | is_bold


def _set_names(font: TTFont, family: str) -> None:
    """Write the names by which players find a font. Some know those of Windows only."""
    style = "Bold" if _is_bold(font) else "Regular"
    plain = "".join(char for char in family if char.isascii() and char.isalnum()) or "Font"
    names = font["name"]
    names.names = [record for record in names.names if record.nameID in (0, 5, 13, 14)]
    texts = {1: family, 2: style, 3: f"{plain}-{style}", 4: f"{family} {style}"}
    for number, text in {**texts, 6: f"{plain}-{style}"}.items():
        names.setName(text, number, 3, 1, 0x409)


def _is_bold(font: TTFont) -> bool:
    return "OS/2" in font and font["OS/2"].usWeightClass >= _SEMI_BOLD


def _facts(font: TTFont, family: str, characters: str) -> dict[str, Any]:
    height = _height(font)
    glyphs, advances = font.getBestCmap() or {}, font["hmtx"]
    widths = {
        char: advances[glyphs[ord(char)]][0] / height for char in characters if ord(char) in glyphs
    }
    capitals = getattr(font["OS/2"], "sCapHeight", 0) if "OS/2" in font else 0
    return {
        "family": family,
        "is_bold": _is_bold(font),
        "widths": widths,
        "cap_height": max(0, capitals) / height,
    }


def _height(font: TTFont) -> int:
    """What a player of ASS files scales to the font size, in the font's units."""
    # Windows' own heights, as signed numbers; players on other systems do the same.
    if "OS/2" in font:
        high, low = font["OS/2"].usWinAscent, font["OS/2"].usWinDescent
        height = _signed(high) + _signed(low)
        if height > 0:
            return height
    return int(font["hhea"].ascent - font["hhea"].descent) or int(font["head"].unitsPerEm)


def _signed(number: int) -> int:
    return number - 0x10000 if number >= 0x8000 else int(number)

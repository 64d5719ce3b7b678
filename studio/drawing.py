"""Captions as a canvas draws them: the values of the ASS file, without its tags.

`studio.server` describes the result for the page. What happens to a word follows
`timing.formats.ass_effects` and `timing.formats.ass`; `tests/studio/test_drawing.py` compares.
"""

import struct
from dataclasses import replace
from typing import Any, NamedTuple

from timing.formats import ass_effects, bidi
from timing.formats.ass import WORD_BOX_EM, fitting_size, smaller_style
from timing.formats.ass_effects import mark_apart, voices
from timing.formats.ass_tags import centiseconds
from timing.subtitles.captions import Captions, has_right_to_left, runs_right_to_left
from timing.subtitles.cues import Cue
from timing.subtitles.fonts import Font
from timing.subtitles.spoken import lit
from timing.subtitles.style import POSITIONS, SubtitleStyle
from timing.subtitles.units import CueUnit

_COLUMNS = ("left", "center", "right")
_ROWS = ("bottom", "middle", "top")


class Metrics(NamedTuple):
    """How a player of ASS files scales a font.

    em: the CSS font size, as a part of the font size of the ASS file.
    ascent, descent: the line above and below its baseline, as parts of that size; their sum is 1.
    """

    em: float
    ascent: float
    descent: float


ARIAL = Metrics(em=0.8951, ascent=0.8103, descent=0.1897)
"""Of the font that is meant where none is embedded."""


def drawing(captions: Captions, font_url: str | None) -> dict[str, Any]:
    """The captions as JSON.

    font_url: of the embedded font; None without one.
    """
    style = captions.style
    return {
        **style_values(style),
        "font": _font(style, font_url),
        "cues": [_cue(cue, captions) for cue in captions.cues],
    }


def style_values(style: SubtitleStyle) -> dict[str, Any]:
    """The values of a style; lengths in pixels of its frame, colours with their opacity."""
    row, column = divmod(POSITIONS[style.position] - 1, 3)
    return {
        "width": style.resolution[0],
        "height": style.resolution[1],
        "effect": style.effect,
        "size": style.size,
        "letter_spacing": style.letter_spacing,
        "outline": style.outline,
        "shadow": 0 if style.box else style.shadow,
        "box": style.box,
        "word_box_outline": max(1, round(WORD_BOX_EM * style.size)),
        "colours": {
            "primary": _colour(style.primary_colour),
            "highlight": _colour(style.highlight_colour),
            "upcoming": style.upcoming_colour and _colour(style.upcoming_colour),
            "past": style.past_colour and _colour(style.past_colour),
            "outline": _colour(style.outline_colour),
        },
        "position": {"horizontal": _COLUMNS[column], "vertical": _ROWS[row]},
        "margins": {
            "left": style.margins.left,
            "right": style.margins.right,
            "vertical": style.margins.vertical,
        },
        "pop": {
            "scale": ass_effects.POP,
            "full_ms": ass_effects.POP_FULL_MS,
            "ms": ass_effects.POP_MS,
        },
    }


def metrics(font: Font) -> Metrics:
    """The metrics of an embedded font, from its own tables, as libass reads them."""
    tables = _tables(font.file)
    (units,) = struct.unpack_from(">H", tables[b"head"], 18)
    high, low = 0, 0
    if b"OS/2" in tables:
        high, low = struct.unpack_from(">hh", tables[b"OS/2"], 74)
    if high + low <= 0:
        high, low = struct.unpack_from(">hh", tables[b"hhea"], 4)
        low = -low
    height = (high + low) or units
    return Metrics(units / height, high / height, low / height)


def _tables(file: bytes) -> dict[bytes, bytes]:
    """The tables of a font file by their tags."""
    (count,) = struct.unpack_from(">H", file, 4)
    found = {}
    for at in range(12, 12 + 16 * count, 16):
        tag, _, offset, length = struct.unpack_from(">4sIII", file, at)
        found[tag] = file[offset : offset + length]
    return found


def _font(style: SubtitleStyle, url: str | None) -> dict[str, Any]:
    how = ARIAL if style.face is None else metrics(style.face)
    return {
        "family": style.font,
        "url": url,
        "bold": style.bold,
        "italic": style.italic,
        **{name: round(value, 6) for name, value in how._asdict().items()},
    }


def _cue(cue: Cue, captions: Captions) -> dict[str, Any]:
    style, names = captions.style, voices(cue, captions)
    turned = any(map(has_right_to_left, cue.texts))
    size = fitting_size(cue.texts, style)
    drawn = cue
    if style.effect not in ("none", "karaoke"):
        drawn = lit(cue)
        if drawn.voices:
            drawn = replace(drawn, lines=tuple(map(mark_apart, drawn.lines, drawn.voices)))
    lines = []
    for line, text, voice in zip(drawn.lines, drawn.texts, names, strict=True):
        words = [_word(unit, index) for index, unit in enumerate(line)]
        if turned:
            order = bidi.visual_order(line, runs_right_to_left(text, captions.right_to_left))
            words = [
                {**_word(unit, 0), "space": " " if index else "", "rtl": to_the_left}
                for index, (unit, to_the_left) in enumerate(order)
            ]
        primary = style.voice_colours.get(voice, style.primary_colour)
        lines.append({"colour": _colour(primary), "words": words})
    return {
        "start_ms": _shown_ms(cue.start_ms),
        "end_ms": _shown_ms(cue.end_ms),
        "size": size,
        "sweeps": not turned,
        "lines": lines,
        "second": _second(cue, captions),
    }


def _word(unit: CueUnit, index: int) -> dict[str, Any]:
    """A word in a line from left to right; `index` is its place there."""
    return {
        "text": unit.text,
        "space": "" if unit.no_space_before or not index else " ",
        "rtl": False,
        "start_ms": _shown_ms(unit.start_ms),
        "end_ms": _shown_ms(unit.end_ms),
        "word": unit.word,
    }


def _second(cue: Cue, captions: Captions) -> dict[str, Any] | None:
    if not cue.second or captions.second is None:
        return None
    return {
        "over": captions.second.over,
        "size": fitting_size(cue.second, smaller_style(captions.style)),
        "rtl": captions.second.right_to_left,
        "lines": list(cue.second),
    }


def _shown_ms(ms: int) -> int:
    """A time as the ASS file has it, which counts centiseconds."""
    return 10 * centiseconds(ms)


def _colour(written: str) -> str:
    """`#RRGGBBAA`."""
    return (written if len(written) == 9 else f"{written}FF").upper()

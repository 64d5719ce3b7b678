"""Advanced SubStation Alpha through the `ass` package: styled subtitles for a video's own frame."""

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import ass
from ass.data import Color

from timing.formats import bidi
from timing.subtitles.captions import Captions, has_right_to_left, runs_right_to_left
from timing.subtitles.cues import Cue
from timing.subtitles.style import POSITIONS, SubtitleStyle, width_em

# After a backslash it keeps players from reading an escape; it is invisible.
_WORD_JOINER = "\u2060"
_SECOND_SIZE = 0.7
"""The letters of the second language, as a part of those of the first."""


def render(captions: Captions) -> bytes:
    """The file: one event for each cue, UTF-8 with a BOM, which players of this format expect."""
    document = ass.Document()
    document.info.set_data(_script_info(captions.style))
    document.styles.append(_style(captions.style))
    if captions.second:
        document.styles.append(_second_style(captions.style))
    for cue in captions.cues:
        first = _fitting_size(cue, captions.style) + r"\N".join(_lines(cue, captions))
        text = r"\N".join(captions.stack([first], _second(cue, captions)))
        document.events.append(
            ass.Dialogue(start=_time(cue.start_ms), end=_time(cue.end_ms), text=text)
        )
    out = io.StringIO()
    document.dump_file(out)
    return out.getvalue().encode("utf-8-sig")


def escape(text: str) -> str:
    """Text that no player reads as override codes.

    Without U+2060, and without the `\\` before braces, it is the original.
    """
    text = text.replace("\\", "\\" + _WORD_JOINER)
    return text.replace("{", r"\{").replace("}", r"\}")


def _fitting_size(cue: Cue, style: SubtitleStyle) -> str:
    """The override of the font size that a cue's longest word needs, or nothing if it fits.

    A player breaks lines at spaces only, so a word that is too wide would leave the frame.
    """
    widest_em = max((width_em(word) for text in cue.texts for word in text.split()), default=0.0)
    room = style.resolution[0] - style.margins.left - style.margins.right
    if not 0 < room < widest_em * style.size:
        return ""
    return rf"{{\fs{max(1, int(room / widest_em))}}}"


def _lines(cue: Cue, captions: Captions) -> list[str]:
    if not captions.style.highlight_spoken:
        marks = [bidi.embedding(text, captions) for text in cue.texts]
        return [
            f"{before}{escape(text)}{after}"
            for text, (before, after) in zip(cue.texts, marks, strict=True)
        ]
    if not any(map(has_right_to_left, cue.texts)):
        return _karaoke(cue)
    turned = [runs_right_to_left(text, captions.right_to_left) for text in cue.texts]
    return [
        _karaoke_visual(bidi.visual_order(line, to_the_left), cue, captions.style)
        for line, to_the_left in zip(cue.lines, turned, strict=True)
    ]


def _karaoke(cue: Cue) -> list[str]:
    """The lines with the time of every unit, and of every gap between two, in centiseconds.

    Each is the difference of two rounded times. Rounded differences would not add up, and the
    highlight would drift from the voice within a cue.
    """
    now_cs = _centiseconds(cue.start_ms)
    lines: list[str] = []
    for line in cue.lines:
        parts: list[str] = []
        for index, unit in enumerate(line):
            start_cs, end_cs = _centiseconds(unit.start_ms), _centiseconds(unit.end_ms)
            if start_cs > now_cs:
                parts.append(rf"{{\k{start_cs - now_cs}}}")
            parts.append(" " if index and not unit.no_space_before else "")
            parts.append(rf"{{\kf{end_cs - start_cs}}}{escape(unit.text)}")
            now_cs = end_cs
        lines.append("".join(parts))
    return lines


def _karaoke_visual(words: Sequence[bidi.DisplayedWord], cue: Cue, style: SubtitleStyle) -> str:
    r"""A line whose words stand in the order of the screen, each with the time of its highlight.

    libass orders the text between two tags by itself, so words with tags around them would stay in
    the order of writing. `\k` counts in that order too, so `\t` changes the colour. U+200E keeps
    players that order the whole line from reversing it.
    """
    plain, highlighted = (
        _colour(colour) for colour in (style.primary_colour, style.highlight_colour)
    )
    before, after = (_override(colour, plain.a != highlighted.a) for colour in (plain, highlighted))
    parts: list[str] = []
    for unit, embedded in words:
        at_ms = 10 * (_centiseconds(unit.start_ms) - _centiseconds(cue.start_ms))
        colours = rf"{{{before}\t({at_ms},{at_ms + 1},{after})}}"
        text = escape(unit.text)
        parts.append(colours + (f"{bidi.EMBED}{text}{bidi.END}" if embedded else text))
    return f"{bidi.LEFT_TO_RIGHT} ".join(parts)


def _second(cue: Cue, captions: Captions) -> list[str]:
    r"""The lines of the second language in a style of their own, as one text.

    `\k0` ends the last word of a karaoke line, so that these lines are not lit with it.
    """
    if not cue.second:
        return []
    marks = [bidi.second_embedding(text, captions) for text in cue.second]
    lines = r"\N".join(
        f"{before}{escape(text)}{after}"
        for text, (before, after) in zip(cue.second, marks, strict=True)
    )
    is_over = captions.second is not None and captions.second.over
    begin = r"{\k0\rSecond}" if captions.style.highlight_spoken and not is_over else r"{\rSecond}"
    return [begin + lines + (r"{\r}" if is_over else "")]


def _script_info(style: SubtitleStyle) -> dict[str, object]:
    wide, high = style.resolution
    return {
        "ScriptType": "v4.00+",
        "PlayResX": wide,
        "PlayResY": high,
        "WrapStyle": 0,
        "ScaledBorderAndShadow": "yes",
        "YCbCr Matrix": "TV.709",
    }


def _style(style: SubtitleStyle) -> ass.Style:
    """The file's only style.

    A highlighted word changes from the secondary to the primary colour. BorderStyle 4 draws one box
    for each line, in the back colour and as wide as the shadow.
    """
    primary, secondary = _colour(style.primary_colour), _colour("#FF0000")
    if style.highlight_spoken:
        primary, secondary = _colour(style.highlight_colour), primary
    outline, shadow = (0, style.outline) if style.box else (style.outline, style.shadow)
    behind = _colour(style.outline_colour)
    return ass.Style(
        fontname=style.font,
        fontsize=style.size,
        primary_color=primary,
        secondary_color=secondary,
        outline_color=behind,
        back_color=behind if style.box or style.shadow else _colour("#000000"),
        bold=style.bold,
        border_style=4 if style.box else 1,
        outline=outline,
        shadow=shadow,
        alignment=POSITIONS[style.position],
        margin_l=style.margins.left,
        margin_r=style.margins.right,
        margin_v=style.margins.vertical,
    )


def _second_style(style: SubtitleStyle) -> ass.Style:
    """The style of the second language: smaller letters of one colour, whatever is lit."""
    smaller = replace(style, size=max(1, round(_SECOND_SIZE * style.size)), highlight_spoken=False)
    made = _style(smaller)
    made.name = "Second"
    made.secondary_color = made.primary_color
    return made


def _colour(written: str) -> Color:
    """Parse `#RRGGBB[AA]`. AA is the opacity; ASS stores the transparency."""
    red, green, blue, *opacity = bytes.fromhex(written[1:])
    return Color(red, green, blue, 255 - opacity[0] if opacity else 0)


def _override(colour: Color, with_alpha: bool) -> str:
    """The tags of a letter colour. Without `with_alpha` the style's transparency stays."""
    alpha = rf"\1a&H{colour.a:02X}&" if with_alpha else ""
    return rf"\1c&H{colour.b:02X}{colour.g:02X}{colour.r:02X}&{alpha}"


def _centiseconds(ms: int) -> int:
    return (ms + 5) // 10


def _time(ms: int) -> timedelta:
    """Round to the nearest centisecond; the `ass` package itself would cut the rest off."""
    return timedelta(milliseconds=10 * _centiseconds(ms))

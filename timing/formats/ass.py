"""Advanced SubStation Alpha through the `ass` package: styled subtitles for a video's own frame."""

import io
from collections.abc import Sequence
from datetime import timedelta

import ass
from ass.data import Color

from timing.formats import bidi
from timing.subtitles.captions import Captions, has_right_to_left, runs_right_to_left
from timing.subtitles.cues import Cue
from timing.subtitles.style import POSITIONS, SubtitleStyle, width_em

_WORD_JOINER = "\u2060"


def render(captions: Captions) -> bytes:
    """One event a cue, UTF-8 with BOM as players of this format expect."""
    document = ass.Document()
    document.info.set_data(_script_info(captions.look))
    document.styles.append(_style(captions.look))
    for cue in captions.cues:
        text = _smaller(cue, captions.look) + r"\N".join(_lines(cue, captions))
        document.events.append(
            ass.Dialogue(start=_time(cue.start_ms), end=_time(cue.end_ms), text=text)
        )
    out = io.StringIO()
    document.dump_file(out)
    return out.getvalue().encode("utf-8-sig")


def escape(text: str) -> str:
    """Text without override codes; take U+2060 and the `\\` before braces out to have it back."""
    text = text.replace("\\", "\\" + _WORD_JOINER)
    return text.replace("{", r"\{").replace("}", r"\}")


def _smaller(cue: Cue, look: SubtitleStyle) -> str:
    """The size of letters in which the cue's longest word fits: nothing can break it."""
    widest = max((width_em(word) for text in cue.texts for word in text.split()), default=0.0)
    room = look.resolution[0] - look.margins.left - look.margins.right
    return rf"{{\fs{max(1, int(room / widest))}}}" if widest * look.size > room > 0 else ""


def _lines(cue: Cue, captions: Captions) -> list[str]:
    if not captions.look.highlight_spoken:
        marks = [bidi.embedding(text, captions) for text in cue.texts]
        return [
            f"{before}{escape(text)}{after}"
            for text, (before, after) in zip(cue.texts, marks, strict=True)
        ]
    if not any(map(has_right_to_left, cue.texts)):
        return _lit(cue)
    turned = [runs_right_to_left(text, captions.right_to_left) for text in cue.texts]
    return [
        _lit_on_screen(bidi.visual_order(line, to_the_left), cue, captions.look)
        for line, to_the_left in zip(cue.lines, turned, strict=True)
    ]


def _lit(cue: Cue) -> list[str]:
    """The lines with the time of every piece, and of every gap between two, in centiseconds.

    They add up: each is the difference of two rounded times, never a rounded difference.
    """
    now_cs = _centiseconds(cue.start_ms)
    lines: list[str] = []
    for line in cue.lines:
        parts: list[str] = []
        for index, piece in enumerate(line):
            start_cs, end_cs = _centiseconds(piece.start_ms), _centiseconds(piece.end_ms)
            if start_cs > now_cs:
                parts.append(rf"{{\k{start_cs - now_cs}}}")
            parts.append(" " if index and not piece.no_space_before else "")
            parts.append(rf"{{\kf{end_cs - start_cs}}}{escape(piece.text)}")
            now_cs = end_cs
        lines.append("".join(parts))
    return lines


def _lit_on_screen(words: Sequence[bidi.DisplayedWord], cue: Cue, look: SubtitleStyle) -> str:
    r"""A line whose words stand in the order of the screen, each with the moment of its colour.

    libass orders what stands between two tags by itself, so every word would stay where it is
    written; and `\k` counts in the order of writing. U+200E keeps players that do order the
    whole line from turning it round.
    """
    rest, lit = (_colour(colour) for colour in (look.primary_colour, look.highlight_colour))
    before, after = (_override(colour, rest.a != lit.a) for colour in (rest, lit))
    parts: list[str] = []
    for piece, embedded in words:
        at_ms = 10 * (_centiseconds(piece.start_ms) - _centiseconds(cue.start_ms))
        colours = rf"{{{before}\t({at_ms},{at_ms + 1},{after})}}"
        text = escape(piece.text)
        parts.append(colours + (f"{bidi.EMBED}{text}{bidi.END}" if embedded else text))
    return f"{bidi.LEFT_TO_RIGHT} ".join(parts)


def _script_info(look: SubtitleStyle) -> dict[str, object]:
    wide, high = look.resolution
    return {
        "ScriptType": "v4.00+",
        "PlayResX": wide,
        "PlayResY": high,
        "WrapStyle": 0,
        "ScaledBorderAndShadow": "yes",
        "YCbCr Matrix": "TV.709",
    }


def _style(look: SubtitleStyle) -> ass.Style:
    """A lit word goes from the secondary to the primary colour. BorderStyle 4 is one clean box a
    line, in the back colour and as wide as the shadow."""
    primary, rest = _colour(look.primary_colour), _colour("#FF0000")
    if look.highlight_spoken:
        primary, rest = _colour(look.highlight_colour), primary
    outline, shadow = (0, look.outline) if look.box else (look.outline, look.shadow)
    behind = _colour(look.outline_colour)
    return ass.Style(
        fontname=look.font,
        fontsize=look.size,
        primary_color=primary,
        secondary_color=rest,
        outline_color=behind,
        back_color=behind if look.box or look.shadow else _colour("#000000"),
        bold=look.bold,
        border_style=4 if look.box else 1,
        outline=outline,
        shadow=shadow,
        alignment=POSITIONS[look.position],
        margin_l=look.margins.left,
        margin_r=look.margins.right,
        margin_v=look.margins.vertical,
    )


def _colour(written: str) -> Color:
    """`#RRGGBB[AA]`, AA the opacity; ASS counts transparency."""
    red, green, blue, *opacity = bytes.fromhex(written[1:])
    return Color(red, green, blue, 255 - opacity[0] if opacity else 0)


def _override(colour: Color, with_alpha: bool) -> str:
    """Letters of this colour; without its alpha they keep that of the style, the lit word's."""
    alpha = rf"\1a&H{colour.a:02X}&" if with_alpha else ""
    return rf"\1c&H{colour.b:02X}{colour.g:02X}{colour.r:02X}&{alpha}"


def _centiseconds(ms: int) -> int:
    return (ms + 5) // 10


def _time(ms: int) -> timedelta:
    """To the nearest centisecond, because the package would cut; both edges of a cue move alike."""
    return timedelta(milliseconds=10 * _centiseconds(ms))

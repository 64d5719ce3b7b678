"""Advanced SubStation Alpha through the `ass` package: styled subtitles for a video's own frame."""

import io
from base64 import b64encode
from collections.abc import Iterator, Sequence
from datetime import timedelta
from string import ascii_lowercase, ascii_uppercase, digits

import ass
from ass.data import Color

from timing.formats import bidi
from timing.subtitles.captions import Captions, has_right_to_left, runs_right_to_left
from timing.subtitles.cues import Cue
from timing.subtitles.fonts import Font
from timing.subtitles.style import POSITIONS, SubtitleStyle, width_em

# After a backslash it keeps players from reading an escape; it is invisible.
_WORD_JOINER = "\u2060"

_FROM_BASE64 = bytes.maketrans(
    (ascii_uppercase + ascii_lowercase + digits + "+/").encode(), bytes(range(33, 97))
)


def render(captions: Captions) -> bytes:
    """The file: one event for each cue, UTF-8 with a BOM, which players of this format expect."""
    document = ass.Document()
    document.info.set_data(_script_info(captions.style))
    document.styles.append(_style(captions.style))
    for cue in captions.cues:
        text = _fitting_size(cue, captions.style) + r"\N".join(_lines(cue, captions))
        document.events.append(
            ass.Dialogue(start=_time(cue.start_ms), end=_time(cue.end_ms), text=text)
        )
    if captions.style.face is not None:
        # Before the events: some players read no further than the last of them.
        events = document.sections.pop(document.EVENTS_HEADER)
        document.sections["Fonts"] = _FontSection(captions.style.face)
        document.sections[document.EVENTS_HEADER] = events
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

    A player breaks lines at spaces only, so a word that is too wide would leave the frame. Where
    the widths of the font are known, whole lines count: the player does not break them again.
    """
    face, texts = style.face, cue.texts
    pieces = texts if face is not None else [word for text in texts for word in text.split()]
    widest_em = max((width_em(piece, face) for piece in pieces), default=0.0)
    room = style.resolution[0] - style.margins.left - style.margins.right
    if not 0 < room < widest_em * style.size:
        return ""
    return rf"{{\fs{max(1, int(room / widest_em))}}}"


class _FontSection:
    """The section of an ASS file that holds a font, as `ass.Document` writes it out.

    Three bytes are four characters, as in base64 but from `!` on, in lines of 80.
    """

    def __init__(self, face: Font) -> None:
        self._face = face

    def dump(self) -> Iterator[str]:
        """The lines."""
        name = "".join(char for char in self._face.family if char.isascii() and char.isalnum())
        ending = "otf" if self._face.file.startswith(b"OTTO") else "ttf"
        yield "[Fonts]"
        yield f"fontname: {name or 'Font'}_0.{ending}"
        text = b64encode(self._face.file).rstrip(b"=").translate(_FROM_BASE64).decode()
        for start in range(0, len(text), 80):
            yield text[start : start + 80]


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

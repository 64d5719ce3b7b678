"""Advanced SubStation Alpha through the `ass` package: styled subtitles for a video's own frame."""

import io
from base64 import b64encode
from collections.abc import Iterator, Sequence
from dataclasses import replace
from string import ascii_lowercase, ascii_uppercase, digits

import ass

from timing.formats import ass_effects, bidi
from timing.formats.ass_effects import DEFAULT, GONE, SECOND, WORD_BOX, Event, voices, word_colour
from timing.formats.ass_tags import centiseconds, colour, escape, field, override, time
from timing.subtitles.captions import Captions, has_right_to_left, runs_right_to_left
from timing.subtitles.cues import Cue
from timing.subtitles.fonts import Font
from timing.subtitles.style import POSITIONS, SubtitleStyle, width_em

WORD_BOX_EM = 0.12
"""How much wider than a word its box is at each side, as a part of the font size."""
_LEAST_EM = 0.01
"""Of a text that has letters without a width alone."""
_SECOND_SIZE = 0.7
"""The letters of the second language, as a part of those of the first."""

_FROM_BASE64 = bytes.maketrans(
    (ascii_uppercase + ascii_lowercase + digits + "+/").encode(), bytes(range(33, 97))
)


def render(captions: Captions) -> bytes:
    """The file, UTF-8 with a BOM, which players of this format expect.

    A cue is one event, or several with the effects of ass_effects.py.
    """
    document = ass.Document()
    document.info.set_data(_script_info(captions.style))
    document.styles.append(_style(captions.style))
    if captions.style.effect == "box_word":
        document.styles.append(_word_box(captions.style))
    if captions.second:
        document.styles.append(_second_style(captions.style))
    for cue in captions.cues:
        size = fitting_size(cue.texts, captions.style)
        smaller = rf"{{\fs{size}}}" if size < captions.style.size else ""
        for event in _events(cue, captions, size):
            first = smaller + r"\N".join(event.lines)
            stacked = captions.stack([first], _second(cue, captions, event.is_extra))
            document.events.append(
                ass.Dialogue(
                    layer=event.layer,
                    start=time(event.start_ms),
                    end=time(event.end_ms),
                    style=event.style,
                    name="; ".join(dict.fromkeys(map(field, cue.voices))),
                    text=event.before + r"\N".join(stacked),
                )
            )
    if captions.style.face is not None:
        # Before the events: some players read no further than the last of them.
        events = document.sections.pop(document.EVENTS_HEADER)
        document.sections["Fonts"] = _FontSection(captions.style.face)
        document.sections[document.EVENTS_HEADER] = events
    out = io.StringIO()
    document.dump_file(out)
    return out.getvalue().encode("utf-8-sig")


def _events(cue: Cue, captions: Captions, size: int) -> Iterator[Event]:
    if captions.style.effect in ("none", "karaoke"):
        return iter([Event(cue.start_ms, cue.end_ms, _lines(cue, captions))])
    return ass_effects.events(cue, captions, size)


def fitting_size(texts: Sequence[str], style: SubtitleStyle) -> int:
    """The size of the letters at which the longest word of lines fits, at most the style's.

    A player breaks lines at spaces only, so a word that is too wide would leave the frame. It may
    break no line whose words pop: the lines of its events would break at other places. Where the
    widths of the font are known, it need not break any line.
    """
    face = style.face
    is_whole = face is not None or style.effect == "pop"
    pieces = texts if is_whole else [word for text in texts for word in text.split()]
    room = style.resolution[0] - style.margins.left - style.margins.right
    if room <= 0:
        return style.size
    fitting = (
        (room - style.letter_spacing * len(piece)) / max(width_em(piece, face), _LEAST_EM)
        for piece in pieces
        if piece
    )
    return min(style.size, max(1, int(min(fitting, default=style.size))))


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
    style, names = captions.style, voices(cue, captions)
    is_karaoke = style.effect == "karaoke"
    if is_karaoke and any(map(has_right_to_left, cue.texts)):
        turned = [runs_right_to_left(text, captions.right_to_left) for text in cue.texts]
        return [
            _karaoke_visual(bidi.visual_order(line, to_the_left), cue, style, voice)
            for line, to_the_left, voice in zip(cue.lines, turned, names, strict=True)
        ]
    if is_karaoke:
        lines = _karaoke(cue)
    else:
        marks = [bidi.embedding(text, captions) for text in cue.texts]
        lines = [
            f"{before}{escape(text)}{after}"
            for text, (before, after) in zip(cue.texts, marks, strict=True)
        ]
    # The second colour is that of the words that are still to come.
    part = 2 if is_karaoke else 1
    if not any(voice in style.voice_colours for voice in names):
        return lines
    return [
        f"{{{override(word_colour(style, voice), True, part)}}}{line}"
        for line, voice in zip(lines, names, strict=True)
    ]


def _karaoke(cue: Cue) -> list[str]:
    """The lines with the time of every unit, and of every gap between two, in centiseconds.

    Each is the difference of two rounded times. Rounded differences would not add up, and the
    highlight would drift from the voice within a cue.
    """
    now_cs = centiseconds(cue.start_ms)
    lines: list[str] = []
    for line in cue.lines:
        parts: list[str] = []
        for index, unit in enumerate(line):
            start_cs, end_cs = centiseconds(unit.start_ms), centiseconds(unit.end_ms)
            if start_cs > now_cs:
                parts.append(rf"{{\k{start_cs - now_cs}}}")
            parts.append(" " if index and not unit.no_space_before else "")
            parts.append(rf"{{\kf{end_cs - start_cs}}}{escape(unit.text)}")
            now_cs = end_cs
        lines.append("".join(parts))
    return lines


def _karaoke_visual(
    words: Sequence[bidi.DisplayedWord], cue: Cue, style: SubtitleStyle, voice: str
) -> str:
    r"""A line whose words stand in the order of the screen, each with the time of its highlight.

    libass orders the text between two tags by itself, so words with tags around them would stay in
    the order of writing. `\k` counts in that order too, so `\t` changes the colour. U+200E keeps
    players that order the whole line from reversing it.
    """
    plain, highlighted = word_colour(style, voice), colour(style.highlight_colour)
    with_alpha = plain.a != highlighted.a
    before, after = (override(of, with_alpha) for of in (plain, highlighted))
    parts: list[str] = []
    for unit, embedded in words:
        at_ms = 10 * (centiseconds(unit.start_ms) - centiseconds(cue.start_ms))
        colours = rf"{{{before}\t({at_ms},{at_ms + 1},{after})}}"
        text = escape(unit.text)
        parts.append(colours + (f"{bidi.EMBED}{text}{bidi.END}" if embedded else text))
    return f"{bidi.LEFT_TO_RIGHT} ".join(parts)


def _second(cue: Cue, captions: Captions, is_extra: bool) -> list[str]:
    r"""The lines of the second language in a style of their own, as one text.

    is_extra: of an event that adds to another one; they keep their place, and nobody sees them.

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
    smaller = smaller_style(captions.style)
    fitting = fitting_size(cue.second, smaller)
    size = rf"{{\fs{fitting}}}" if fitting < smaller.size else ""
    ended = r"\k0" if captions.style.effect == "karaoke" and not is_over else ""
    begin = rf"{{{ended}\r{SECOND}{GONE if is_extra else ''}}}"
    return [begin + size + lines + (r"{\r}" if is_over else "")]


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
    """The style of the letters.

    A highlighted word changes from the secondary to the primary colour. BorderStyle 4 draws one box
    for each line, in the back colour and as wide as the shadow.
    """
    primary, secondary = colour(style.primary_colour), colour("#FF0000")
    if style.effect == "karaoke":
        primary, secondary = colour(style.highlight_colour), primary
    outline, shadow = (0, style.outline) if style.box else (style.outline, style.shadow)
    behind = colour(style.outline_colour)
    return ass.Style(
        name=DEFAULT,
        fontname=style.font,
        fontsize=style.size,
        primary_color=primary,
        secondary_color=secondary,
        outline_color=behind,
        back_color=behind if style.box or style.shadow else colour("#000000"),
        bold=style.bold,
        italic=style.italic,
        spacing=style.letter_spacing,
        border_style=4 if style.box else 1,
        outline=outline,
        shadow=shadow,
        alignment=POSITIONS[style.position],
        margin_l=style.margins.left,
        margin_r=style.margins.right,
        margin_v=style.margins.vertical,
    )


def _word_box(style: SubtitleStyle) -> ass.Style:
    """The style of the boxes behind words: letters that nobody sees, each on a box.

    The box of BorderStyle 3 has the outline's colour, and is as much wider as the outline.
    """
    made = _style(style)
    made.name = WORD_BOX
    made.primary_color = colour("#00000000")
    made.outline_color = made.back_color = colour(style.highlight_colour)
    made.border_style, made.shadow = 3, 0
    made.outline = max(1, round(WORD_BOX_EM * style.size))
    return made


def _second_style(style: SubtitleStyle) -> ass.Style:
    """The style of the second language: smaller letters of one colour, whatever is lit."""
    made = _style(smaller_style(style))
    made.name = SECOND
    made.secondary_color = made.primary_color
    return made


def smaller_style(style: SubtitleStyle) -> SubtitleStyle:
    """The style of the lines of the second language."""
    return replace(style, size=max(1, round(_SECOND_SIZE * style.size)), effect="none")

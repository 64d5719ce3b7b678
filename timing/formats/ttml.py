"""TTML for broadcasters and players: the Text Profile of IMSC 1.1."""

import re
from collections.abc import Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

from timing.formats.timestamps import stamp
from timing.subtitles.captions import Captions, runs_right_to_left
from timing.subtitles.cues import Cue
from timing.subtitles.style import POSITIONS, SubtitleStyle

_PROFILE = "http://www.w3.org/ns/ttml/profile/imsc1.1/text"
_NAMESPACES = {
    "": "http://www.w3.org/ns/ttml",
    ":ttm": "http://www.w3.org/ns/ttml#metadata",
    ":ttp": "http://www.w3.org/ns/ttml#parameter",
    ":tts": "http://www.w3.org/ns/ttml#styling",
}
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot hold, escaped or not."""
_MOST_OUTLINE = 10.0
"""Percent of the font's size, a limit of the profile."""
_CELL_ROWS = 15
"""A font of 100 % is as high as one of these parts of the frame."""
_ROWS, _COLUMNS = ("after", "center", "before"), ("left", "center", "right")
_SECOND_SIZE = 70
"""Percent of the first language's font size."""


def render(captions: Captions) -> bytes:
    """The file: one paragraph for each cue, times that no frame rate changes, UTF-8."""
    names = dict.fromkeys(name for cue in captions.cues for name in cue.voices)
    agents = {name: f"voice{number}" for number, name in enumerate(names, 1)}
    namespaces = " ".join(f'xmlns{prefix}="{uri}"' for prefix, uri in _NAMESPACES.items())
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<tt {namespaces} ttp:contentProfiles="{_PROFILE}" ttp:timeBase="media" '
        f'ttp:cellResolution="32 {_CELL_ROWS}" xml:lang={quoteattr(captions.language)}>',
        "<head>",
        *_metadata(agents),
        *_looks(captions),
        "</head>",
        '<body region="frame" style="first"><div>',
        *(_paragraph(cue, captions, agents) for cue in captions.cues),
        "</div></body>",
        "</tt>",
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def _metadata(agents: Mapping[str, str]) -> Iterator[str]:
    """The speakers' names; agents: the id of each name in the file."""
    if not agents:
        return
    yield "<metadata>"
    for name, identifier in agents.items():
        shown = f'<ttm:name type="alias">{_text(name)}</ttm:name>'
        yield f'<ttm:agent type="character" xml:id="{identifier}">{shown}</ttm:agent>'
    yield "</metadata>"


def _looks(captions: Captions) -> Iterator[str]:
    """The styles of both languages, and the region between the margins."""
    style = captions.style
    wide, high = style.resolution
    row, column = divmod(POSITIONS[style.position] - 1, 3)
    vertical = 100 * style.margins.vertical / high
    left, right = (100 * side / wide for side in (style.margins.left, style.margins.right))
    top = vertical if _ROWS[row] == "before" else 0.0
    height = 100.0 if _ROWS[row] == "center" else 100.0 - vertical
    box = style.outline_colour if style.box else "transparent"
    yield "<styling>"
    yield (
        '<style xml:id="first" tts:fontFamily="proportionalSansSerif" '
        f'tts:fontSize="{100 * _CELL_ROWS * style.size / high:.2f}%" '
        f'tts:fontWeight="{"bold" if style.bold else "normal"}" '
        f'tts:color="{style.primary_colour}" tts:textAlign="{_COLUMNS[column]}"'
        f"{_outline(style)}/>"
    )
    yield f'<style xml:id="line" tts:backgroundColor="{box}"/>'
    if captions.second:
        yield f'<style xml:id="second" style="line" tts:fontSize="{_SECOND_SIZE}%"/>'
    yield "</styling>"
    yield (
        f'<layout><region xml:id="frame" tts:origin="{left:.2f}% {top:.2f}%" '
        f'tts:extent="{100 - left - right:.2f}% {height:.2f}%" '
        f'tts:displayAlign="{_ROWS[row]}" tts:showBackground="whenActive"/></layout>'
    )


def _outline(style: SubtitleStyle) -> str:
    if style.box or not style.outline:
        return ""
    thickness = min(_MOST_OUTLINE, 100 * style.outline / style.size)
    return f' tts:textOutline="{style.outline_colour} {thickness:.2f}%"'


def _paragraph(cue: Cue, captions: Captions, agents: Mapping[str, str]) -> str:
    speakers = cue.voices or ("",) * len(cue.lines)
    first = [
        _span(text, f'style="line"{_agent(agents, name)}', captions.right_to_left)
        for text, name in zip(cue.texts, speakers, strict=True)
    ]
    second: list[str] = []
    if captions.second:
        language = quoteattr(captions.second.language)
        attributes = f'style="second" xml:lang={language}'
        to_the_left = captions.second.right_to_left
        second = [_span(text, attributes, to_the_left) for text in cue.second]
    times = f'begin="{stamp(cue.start_ms, ".")}" end="{stamp(cue.end_ms, ".")}"'
    return f"<p {times}>{'<br/>'.join(captions.stack(first, second))}</p>"


def _agent(agents: Mapping[str, str], name: str) -> str:
    return f' ttm:agent="{agents[name]}"' if name else ""


def _span(text: str, attributes: str, in_script: bool) -> str:
    """A line; one from right to left is embedded, so that its marks stand at its left end."""
    turned = runs_right_to_left(text, in_script)
    direction = ' tts:direction="rtl" tts:unicodeBidi="embed"' if turned else ""
    return f"<span {attributes}{direction}>{_text(text)}</span>"


def _text(text: str) -> str:
    return escape(_NO_XML.sub("\ufffd", text))

"""WebVTT: what browsers' `<track>` reads."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from timing.formats import bidi
from timing.formats.timestamps import stamp
from timing.subtitles.captions import Captions
from timing.subtitles.cues import Cue
from timing.subtitles.spoken import lit, spans, state
from timing.subtitles.style import Effect
from timing.subtitles.units import join


def render(captions: Captions) -> bytes:
    """The header and the cues, blank lines between them.

    A STYLE block could colour the words here, but ffmpeg 5 then reads no cue at all; so the page
    that shows the cues has the CSS (API.md).
    """
    blocks = ["WEBVTT\n"]
    for cue in captions.cues:
        marks = [bidi.embedding(text, captions) for text in cue.texts]
        for start_ms, end_ms, lines in _shown(cue, captions.style.effect):
            embedded = [
                f"{before}{line}{after}" for line, (before, after) in zip(lines, marks, strict=True)
            ]
            stacked = captions.stack(embedded, _second(cue, captions))
            blocks.append(
                f"{stamp(start_ms, '.')} --> {stamp(end_ms, '.')}\n"
                + "".join(f"{line}\n" for line in stacked)
            )
    return "\n".join(blocks).encode()


def _second(cue: Cue, captions: Captions) -> list[str]:
    """The lines of the second language, in spans of their language; never lit."""
    language = captions.second.language if captions.second else ""
    marks = [bidi.second_embedding(text, captions) for text in cue.second]
    return [
        f"{before}<lang {language}>{escape(text)}</lang>{after}"
        for text, (before, after) in zip(cue.second, marks, strict=True)
    ]


def escape(text: str) -> str:
    """Text without markup. `-->`, which would end the cue's text, is broken by its `&gt;`."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _shown(cue: Cue, effect: Effect) -> Iterator[tuple[int, int, Iterable[str]]]:
    """The cues of the file that show a cue: start and end in ms, and the lines.

    Browsers do not tell the spoken word from those before it (`:past` is both), so effects on the
    spoken word alone take a cue for each of its moments.
    """
    if effect == "none":
        yield cue.start_ms, cue.end_ms, map(escape, cue.texts)
    elif effect in ("karaoke", "reveal"):
        yield cue.start_ms, cue.end_ms, _stamped(cue)
    else:
        cue = lit(cue)
        for start_ms, end_ms in spans(cue):
            yield start_ms, end_ms, _with_states(cue, start_ms, effect == "underline")


def _with_states(cue: Cue, at_ms: int, underline: bool) -> Iterator[str]:
    """The lines, neighbours in one state in a span of the class `past`, `active` or `upcoming`."""
    for line in cue.lines:
        parts: list[str] = []
        for now, group in groupby(line, key=lambda unit: state(unit, at_ms)):
            units = list(group)
            text = escape(join(units))
            text = f"<u>{text}</u>" if underline and now == "active" else text
            parts.append(" " if parts and not units[0].no_space_before else "")
            parts.append(f"<c.{now}>{text}</c>")
        yield "".join(parts)


def _stamped(cue: Cue) -> Iterator[str]:
    """The lines with every unit in a span, and the time when it is spoken before its span.

    WebVTT wants stamps that grow and lie inside the cue. A unit without such a stamp has none and
    is highlighted with the unit before it.
    """
    last_ms = cue.start_ms
    for line in cue.lines:
        parts: list[str] = []
        for index, unit in enumerate(line):
            parts.append(" " if index and not unit.no_space_before else "")
            if last_ms < unit.start_ms < cue.end_ms:
                last_ms = unit.start_ms
                parts.append(f"<{stamp(last_ms, '.')}>")
            parts.append(f"<c>{escape(unit.text)}</c>")
        yield "".join(parts)

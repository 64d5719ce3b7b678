"""WebVTT: what browsers' `<track>` reads."""

from collections.abc import Iterator

from timing.formats import bidi
from timing.formats.timestamps import stamp
from timing.subtitles.captions import Captions
from timing.subtitles.cues import Cue


def render(captions: Captions) -> bytes:
    """The header and the cues, blank lines between them.

    Words to highlight are spans with a time stamp each, which the page's own `::cue(c:past)`
    colours. A STYLE block could do that here, but ffmpeg 5 then reads no cue at all.
    """
    blocks = ["WEBVTT\n"]
    for cue in captions.cues:
        marks = [bidi.embedding(text, captions) for text in cue.texts]
        lines = _karaoke(cue) if captions.style.highlight_spoken else map(escape, cue.texts)
        blocks.append(
            f"{stamp(cue.start_ms, '.')} --> {stamp(cue.end_ms, '.')}\n"
            + "".join(
                f"{line}\n"
                for line in captions.stack(
                    [
                        f"{before}{line}{after}"
                        for line, (before, after) in zip(lines, marks, strict=True)
                    ],
                    _second(cue, captions),
                )
            )
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


def _karaoke(cue: Cue) -> Iterator[str]:
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

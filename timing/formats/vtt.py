"""WebVTT: what browsers' `<track>` reads."""

from collections.abc import Iterator

from timing.formats import bidi
from timing.formats.timestamps import stamp
from timing.subtitles.captions import Captions
from timing.subtitles.cues import Cue


def render(captions: Captions) -> bytes:
    """The header and the cues, blank lines between them; lit words as spans with a stamp each.

    The page's own `::cue(c:past)` colours them: with a STYLE block ffmpeg 5 reads no cue at all.
    """
    blocks = ["WEBVTT\n"]
    for cue in captions.cues:
        marks = [bidi.embedding(text, captions) for text in cue.texts]
        lines = _lit(cue) if captions.look.highlight_spoken else map(escape, cue.texts)
        blocks.append(
            f"{stamp(cue.start_ms, '.')} --> {stamp(cue.end_ms, '.')}\n"
            + "".join(
                f"{before}{line}{after}\n"
                for line, (before, after) in zip(lines, marks, strict=True)
            )
        )
    return "\n".join(blocks).encode()


def escape(text: str) -> str:
    """Text without markup; `-->`, which ends a cue's payload, goes with its `>`."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _lit(cue: Cue) -> Iterator[str]:
    """The lines with every piece in a span, and before each but the first when it is spoken.

    A stamp that is not later than the one before it, or not inside the cue, is left out: the
    piece then lights up with the one before it.
    """
    last_ms = cue.start_ms
    for line in cue.lines:
        parts: list[str] = []
        for index, piece in enumerate(line):
            parts.append(" " if index and not piece.no_space_before else "")
            if last_ms < piece.start_ms < cue.end_ms:
                last_ms = piece.start_ms
                parts.append(f"<{stamp(last_ms, '.')}>")
            parts.append(f"<c>{escape(piece.text)}</c>")
        yield "".join(parts)

"""Timing files: one module for each format, with `render(captions) -> bytes`."""

from collections.abc import Callable
from dataclasses import dataclass

from timing.formats import csvformat, htmlpage, jsonformat, srt, vtt
from timing.subtitles.captions import Captions


@dataclass(frozen=True, slots=True)
class Format:
    """How a timing file is named, served and made.

    render: returns the whole file.
    has_cues: true if it shows `Captions.cues`; false if it lists the words.
    """

    extension: str
    content_type: str
    render: Callable[[Captions], bytes]
    has_cues: bool = False


def _ass(captions: Captions) -> bytes:
    # Imported here: the package `ass` takes 30 ms, and only this format needs it.
    from timing.formats import ass

    return ass.render(captions)


FORMATS: dict[str, Format] = {
    "srt": Format("srt", "application/x-subrip", srt.render, has_cues=True),
    "vtt": Format("vtt", "text/vtt", vtt.render, has_cues=True),
    "csv": Format("csv", "text/csv", csvformat.render),
    "json": Format("json", "application/json", jsonformat.render),
    "ass": Format("ass", "text/x-ssa", _ass, has_cues=True),
    "html": Format("html", "text/html", htmlpage.render),
}

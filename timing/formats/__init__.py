"""Timing files: one module for each format, with `render(captions) -> bytes`."""

from collections.abc import Callable
from dataclasses import dataclass

from timing.formats import (
    csvformat,
    ctm,
    edl,
    elevenlabs,
    ffconcat,
    htmlpage,
    jsonformat,
    lrc,
    podcast,
    premiere,
    remotion,
    srt,
    textgrid,
    ttml,
    vtt,
    whisper,
)
from timing.subtitles.captions import Captions


@dataclass(frozen=True, slots=True)
class Format:
    """How a timing file is named, served and made.

    extension: of the file, as the programs that read it expect it.
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


_PLAIN = "text/plain; charset=utf-8"
"""Of formats without a registered type."""
_TABS = "text/tab-separated-values; charset=utf-16"

FORMATS: dict[str, Format] = {
    "srt": Format("srt", "application/x-subrip", srt.render, has_cues=True),
    "vtt": Format("vtt", "text/vtt", vtt.render, has_cues=True),
    "csv": Format("csv", "text/csv", csvformat.render),
    "json": Format("json", "application/json", jsonformat.render),
    "ass": Format("ass", "text/x-ssa", _ass, has_cues=True),
    "html": Format("html", "text/html", htmlpage.render),
    "ttml": Format("ttml", "application/ttml+xml", ttml.render, has_cues=True),
    "lrc": Format("lrc", _PLAIN, lrc.render, has_cues=True),
    "elrc": Format("lrc", _PLAIN, lrc.render_words, has_cues=True),
    "textgrid": Format("TextGrid", _PLAIN, textgrid.render),
    "ctm": Format("ctm", _PLAIN, ctm.render),
    "whisper": Format("json", "application/json", whisper.render),
    "elevenlabs": Format("json", "application/json", elevenlabs.render),
    "remotion": Format("json", "application/json", remotion.render, has_cues=True),
    "podcast": Format("json", "application/json", podcast.render, has_cues=True),
    "edl": Format("edl", _PLAIN, edl.render, has_cues=True),
    "premiere": Format("csv", _TABS, premiere.render, has_cues=True),
    "ffconcat": Format("ffconcat", _PLAIN, ffconcat.render),
}
"""The formats by the name that a client gives (API.md)."""

ALL = ("srt", "vtt", "csv", "json", "ass", "html")
"""The formats of `all`: those that editors and players use. The others are asked for by name."""

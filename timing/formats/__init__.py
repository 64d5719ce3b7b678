"""Timing files: one module a format, each with `render(captions) -> bytes`."""

from collections.abc import Callable
from dataclasses import dataclass

from timing.captions import Captions
from timing.formats import csv, html, json, srt, vtt


@dataclass(frozen=True, slots=True)
class Format:
    """How a timing file is named, served and made; `render` gives the whole file."""

    extension: str
    content_type: str
    render: Callable[[Captions], bytes]


def _ass(captions: Captions) -> bytes:
    from timing.formats import ass

    return ass.render(captions)


FORMATS: dict[str, Format] = {
    "srt": Format("srt", "application/x-subrip", srt.render),
    "vtt": Format("vtt", "text/vtt", vtt.render),
    "csv": Format("csv", "text/csv", csv.render),
    "json": Format("json", "application/json", json.render),
    "ass": Format("ass", "text/x-ssa", _ass),
    "html": Format("html", "text/html", html.render),
}

"""A list of markers as Premiere Pro exports it, which panels for Premiere import."""

from timing.formats.lines import one_line, second_line
from timing.formats.timecode import Timecode
from timing.subtitles.captions import Captions

HEADER = ("Marker Name", "Description", "In", "Out", "Duration", "Marker Type")


def render(captions: Captions) -> bytes:
    """One row for each cue, UTF-16 with a BOM and tabs between the columns, as Premiere writes it.

    The text is the marker's name, and that of a second language its description.
    """
    timecode = Timecode.of(captions.frame_rate)
    rows: list[tuple[str, ...]] = [HEADER]
    for cue in captions.cues:
        first, end = timecode.span(cue.start_ms, cue.end_ms)
        times = (timecode.stamp(frame) for frame in (first, end, end - first))
        rows.append((one_line(cue), second_line(cue), *times, "Comment"))
    text = "".join("\t".join(row) + "\r\n" for row in rows)
    return f"\ufeff{text}".encode("utf-16-le")

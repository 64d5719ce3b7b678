"""A marker EDL, which DaVinci Resolve imports: one timeline marker for each cue."""

from timing.formats.lines import one_line, second_line
from timing.formats.timecode import Timecode
from timing.subtitles.captions import Captions
from timing.subtitles.cues import Cue


def render(captions: Captions) -> bytes:
    """The markers, as long as their cues. 0 ms is 01:00:00:00, where Resolve starts a timeline."""
    timecode = Timecode.of(captions.frame_rate)
    counting = "DROP FRAME" if timecode.dropped else "NON-DROP FRAME"
    events = [f"TITLE: {captions.job_id}\nFCM: {counting}\n"]
    for number, cue in enumerate(captions.cues, 1):
        first, end = timecode.span(cue.start_ms, cue.end_ms)
        start = timecode.frames_an_hour + first
        # The event lasts one frame, and `D` says how many the marker lasts.
        times = f"{timecode.stamp(start)} {timecode.stamp(start + 1)}"
        events.append(
            f"{number:03}  001      V     C        {times} {times}\n"
            f" |C:ResolveColorBlue |M:{_name(cue, captions)} |D:{end - first}\n"
        )
    return "\n".join(events).encode()


def _name(cue: Cue, captions: Captions) -> str:
    """The text of a marker. A bar would end it, so U+00A6 stands in its place."""
    texts = captions.stack([one_line(cue)], [second_line(cue)])
    return " / ".join(filter(None, texts)).replace("|", "\u00a6")

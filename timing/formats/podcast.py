"""JSON transcripts of Podcasting 2.0, version 1.0.0 of the tag `podcast:transcript`."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from timing.formats.dumps import dumps
from timing.subtitles.captions import Captions
from timing.subtitles.cues import Cue
from timing.subtitles.second import join_lines
from timing.subtitles.units import join


def render(captions: Captions) -> bytes:
    """One segment for each cue, and for each speaker of one; `speaker` where several voices speak.

    A second language stands in `body` on a line of its own.
    """
    segments = [part for cue in captions.cues for part in _segments(cue, captions)]
    return dumps({"version": "1.0.0", "segments": segments})


def _segments(cue: Cue, captions: Captions) -> Iterator[dict[str, Any]]:
    names = cue.voices or ("",) * len(cue.lines)
    turns = [
        (name, [unit for _, line in lines for unit in line])
        for name, lines in groupby(zip(names, cue.lines, strict=True), key=lambda pair: pair[0])
    ]
    starts_ms = [cue.start_ms, *(units[0].start_ms for _, units in turns[1:])]
    ends_ms = [*starts_ms[1:], cue.end_ms]
    second = join_lines(cue.second)
    for index, (name, units) in enumerate(turns):
        # The second language is not divided among the speakers of a cue.
        of_turn = [second] if second and index == len(turns) - 1 else []
        yield {
            **({"speaker": name} if name else {}),
            "startTime": starts_ms[index] / 1000,
            "endTime": ends_ms[index] / 1000,
            "body": "\n".join(captions.stack([join(units)], of_turn)),
        }

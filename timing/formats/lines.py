"""A cue's text on one line, for formats that have no line breaks."""

from timing.subtitles.cues import Cue
from timing.subtitles.second import join_lines
from timing.subtitles.units import join


def one_line(cue: Cue) -> str:
    """The words of a cue with one space between them, or none in a script without spaces."""
    return " ".join(join([unit for line in cue.lines for unit in line]).split())


def second_line(cue: Cue) -> str:
    """The words of a cue in the second language; empty without one."""
    return " ".join(join_lines(cue.second).split())

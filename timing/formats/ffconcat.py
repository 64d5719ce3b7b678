"""A list of pictures for ffmpeg's concat demuxer: one for each scene between the script's marks."""

from timing.subtitles.captions import Captions

_BEFORE_MARKS = "start"
"""The picture of what is said before the first mark."""


def render(captions: Captions) -> bytes:
    """The list. The last picture stands in it twice: ffmpeg forgets the duration of the last one.

    Names of marks need no escape in it: they are letters, figures and `-_.`.
    """
    lines = ["ffconcat version 1.0"]
    for scene in captions.scenes:
        seconds = (scene.end_ms - scene.start_ms) / 1000
        lines += [f"file '{scene.name or _BEFORE_MARKS}.png'", f"duration {seconds:.3f}"]
    last = captions.scenes[-1].name or _BEFORE_MARKS
    return "\n".join([*lines, f"file '{last}.png'", ""]).encode()

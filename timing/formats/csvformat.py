"""CSV (RFC 4180): the words and their times as data, as written and as captions show them."""

import csv
import io

from timing.formats.timestamps import seconds
from timing.subtitles.captions import Captions

HEADER = ("word", "start_time", "end_time", "confidence", "shown")


def render(captions: Captions) -> bytes:
    """One row for each word. Seconds and confidence have three decimals; lines end in CR LF."""
    # The csv module writes CR LF itself; StringIO must not change it.
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(HEADER)
    for word in captions.words:
        start_s, end_s = seconds(word.start_ms), seconds(word.end_ms)
        writer.writerow((word.word, start_s, end_s, f"{word.confidence:.3f}", word.shown))
    return out.getvalue().encode()

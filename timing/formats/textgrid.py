"""A TextGrid, which Praat and other programs of phonetics read: words and sentences in tiers."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from timing.formats.timestamps import seconds
from timing.subtitles.captions import Captions


class _Interval(NamedTuple):
    """A label from `start_ms` to `end_ms`."""

    start_ms: int
    end_ms: int
    label: str


def render(captions: Captions) -> bytes:
    """The long form of the file, in UTF-8, times in seconds; empty intervals fill the pauses."""
    words = [_Interval(word.start_ms, word.end_ms, word.word) for word in captions.said_words]
    sentences = [
        _Interval(part.start_ms, part.end_ms, part.text) for part in captions.said_segments
    ]
    end_ms = max([captions.duration_ms, *(interval.end_ms for interval in words[-1:])])
    lines = [
        'File type = "ooTextFile"',
        'Object class = "TextGrid"',
        "",
        "xmin = 0",
        f"xmax = {seconds(end_ms)}",
        "tiers? <exists>",
        "size = 2",
        "item []:",
    ]
    for number, (name, labelled) in enumerate((("words", words), ("sentences", sentences)), 1):
        intervals = list(_without_gaps(labelled, end_ms))
        lines += [
            f"    item [{number}]:",
            '        class = "IntervalTier"',
            f'        name = "{name}"',
            "        xmin = 0",
            f"        xmax = {seconds(end_ms)}",
            f"        intervals: size = {len(intervals)}",
        ]
        for index, interval in enumerate(intervals, 1):
            label = interval.label.replace('"', '""')
            lines += [
                f"        intervals [{index}]:",
                f"            xmin = {seconds(interval.start_ms)}",
                f"            xmax = {seconds(interval.end_ms)}",
                f'            text = "{label}"',
            ]
    return "".join(f"{line}\n" for line in lines).encode()


def _without_gaps(labelled: Iterable[_Interval], end_ms: int) -> Iterator[_Interval]:
    """The intervals and those between them: a tier covers the whole audio.

    labelled: in order and apart. One without any length joins the one after it, or the last one:
        Praat refuses it alone.
    """
    now_ms, waiting = 0, ""
    last: _Interval | None = None
    for start_ms, stop_ms, text in labelled:
        label = f"{waiting} {text}".strip()
        start_ms = max(now_ms, start_ms)
        if stop_ms <= start_ms:
            waiting = label
            continue
        if last is not None:
            yield last
        if start_ms > now_ms:
            yield _Interval(now_ms, start_ms, "")
        last, now_ms, waiting = _Interval(start_ms, stop_ms, label), stop_ms, ""
    if last is not None:
        yield last._replace(label=f"{last.label} {waiting}".strip())
    elif waiting and end_ms:
        yield _Interval(0, end_ms, waiting)
        now_ms = end_ms
    if now_ms < end_ms:
        yield _Interval(now_ms, end_ms, "")

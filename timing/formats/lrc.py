"""LRC: the lines of a song's text as music players show them, and its enhanced form with words."""

import re
from collections.abc import Callable

from timing.formats.lines import one_line, second_line
from timing.subtitles.captions import Captions
from timing.subtitles.cues import Cue

_SHOWN_AFTER_MS = 1000
"""A player shows a line until the next stamp, so a longer gap has a stamp of its own."""

# LRC has no escape. A word joiner, which is invisible, keeps players from reading `[00:01.00]` or
# `<00:01.00>` in a text as a stamp, and `[laughs]` at the start of a line as a tag.
_MARKUP = re.compile(r"^(?=\[)|(?<=[\[<])(?=\d)")
_WORD_JOINER = "\u2060"


def render(captions: Captions) -> bytes:
    """One line for each cue, with the time when it begins."""
    return _render(captions, lambda cue: escape(one_line(cue)))


def render_words(captions: Captions) -> bytes:
    """The same with the time of each word before it, and the end of the last one after it."""
    return _render(captions, _words)


def escape(text: str) -> str:
    """Text in which no player reads a stamp or a tag. Without U+2060 it is the original."""
    return _MARKUP.sub(_WORD_JOINER, text)


def _render(captions: Captions, first_line: Callable[[Cue], str]) -> bytes:
    lines = [f"[length:{_stamp(captions.duration_ms)[:-3]}]"]
    next_starts_ms = [*(cue.start_ms for cue in captions.cues[1:]), None]
    for cue, next_ms in zip(captions.cues, next_starts_ms, strict=False):
        # A player shows lines with the same stamp together.
        second = escape(second_line(cue))
        texts = captions.stack([first_line(cue)], [second] if second else [])
        lines += [f"[{_stamp(cue.start_ms)}]{text}" for text in texts]
        if next_ms is None or next_ms - cue.end_ms >= _SHOWN_AFTER_MS:
            lines.append(f"[{_stamp(cue.end_ms)}]")
    return "".join(f"{line}\n" for line in lines).encode()


def _words(cue: Cue) -> str:
    units = [unit for line in cue.lines for unit in line]
    parts: list[str] = []
    for index, unit in enumerate(units):
        space = "" if unit.no_space_before or not index else " "
        text = escape(" ".join(unit.text.split()))
        parts.append(f"{space}<{_stamp(unit.start_ms)}>{text}")
    return "".join(parts) + f"<{_stamp(units[-1].end_ms)}>"


def _stamp(ms: int) -> str:
    """`mm:ss.xx`; minutes grow past two digits."""
    seconds, centiseconds = divmod((ms + 5) // 10, 100)
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes:02}:{seconds:02}.{centiseconds:02}"

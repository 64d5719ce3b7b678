"""What the lines of an ASS file are made of: escaped text, times and colours."""

from collections.abc import Sequence
from datetime import timedelta

from ass.data import Color

# After a backslash it keeps players from reading an escape; it is invisible.
_WORD_JOINER = "\u2060"


def escape(text: str) -> str:
    """Text that no player reads as override codes.

    Without U+2060, and without the `\\` before braces, it is the original.
    """
    text = text.replace("\\", "\\" + _WORD_JOINER)
    return text.replace("{", r"\{").replace("}", r"\}")


def field(text: str) -> str:
    """Text for a field between two commas, such as a speaker's name."""
    return " ".join(text.replace(",", ";").split())


def centiseconds(ms: int) -> int:
    """The unit of ASS, the nearest one."""
    return (ms + 5) // 10


def time(ms: int) -> timedelta:
    """Round to the nearest centisecond; the `ass` package itself would cut the rest off."""
    return timedelta(milliseconds=10 * centiseconds(ms))


def colour(written: str) -> Color:
    """Parse `#RRGGBB[AA]`. AA is the opacity; ASS stores the transparency."""
    red, green, blue, *opacity = bytes.fromhex(written[1:])
    return Color(red, green, blue, 255 - opacity[0] if opacity else 0)


def override(of: Color, with_alpha: bool, part: int = 1) -> str:
    r"""The tags of a colour. Without `with_alpha` the style's transparency stays.

    part: 1 for the letters, 2 for those that `\k` has not reached.
    """
    alpha = rf"\{part}a&H{of.a:02X}&" if with_alpha else ""
    return rf"\{part}c&H{of.b:02X}{of.g:02X}{of.r:02X}&{alpha}"


def changes(length_ms: int, states: Sequence[tuple[int, str]]) -> str:
    r"""Tags that change while an event lasts.

    length_ms: how long the event lasts.
    states: the tags from a time on, ms after the event's start, in order; the first one's time is 0
        or earlier.

    `\t` changes within its last millisecond, so a frame at the very time has the new tags.
    """
    now = [tags for at_ms, tags in states if at_ms <= 0][-1]
    parts = [now]
    for at_ms, tags in states:
        if 0 < at_ms < length_ms and tags != now:
            parts.append(rf"\t({at_ms - 1},{at_ms},{tags})")
            now = tags
    return "".join(parts)

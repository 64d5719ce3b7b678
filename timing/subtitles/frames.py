"""Cues start and end with the frames of the video."""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil, floor

from timing.subtitles.cues import Cue, CueRules, within
from timing.token_times import MIN_WORD_MS

_GAP_FRAMES = 2
_NTSC_TOLERANCE = 0.005
"""23.976, 23.98 and 29.97 stand for 24000/1001 and 30000/1001 frames a second."""
_HALF_MS = 0.5
"""A time that was rounded to a whole millisecond is still on its frame."""
_ROUNDING = 1e-6
"""Of a quotient of floats that should be whole."""


def on_frames(cues: Sequence[Cue], rules: CueRules, duration_ms: int) -> tuple[Cue, ...]:
    """The cues with their starts and ends moved to frames, by less than two frames each.

    cues: in order, not overlapping.
    rules: `frame_rate`, and whether cues stay after their words: two frames lie between them then,
        or `hold_ms` and more. If not `on_frames`, the cues stay as they are.
    duration_ms: when the audio ends, on the clock of the cues.

    A cue starts with the frame in which its first word starts, and ends with the one in which it
    ended. A cue without room for that, of less than a few frames, keeps its end.
    """
    if not rules.on_frames or not cues:
        return tuple(cues)
    frame_ms = 1000 / _exact(rules.frame_rate)
    gap, hold = (_GAP_FRAMES, ceil(rules.hold_ms / frame_ms)) if rules.hold_ms else (0, 0)
    most = floor(rules.max_ms / frame_ms + _ROUNDING)
    starts = [floor((cue.start_ms + _HALF_MS) / frame_ms) for cue in cues]
    made: list[Cue] = []
    before_ms = 0
    for index, cue in enumerate(cues):
        start, end = starts[index], ceil((cue.end_ms - _HALF_MS) / frame_ms)
        if cue.end_ms - cue.start_ms <= rules.max_ms:
            end = min(end, start + most)
        if index + 1 < len(cues):
            next_start = starts[index + 1]
            is_flicker = next_start - end < hold and next_start - gap <= start + most
            end = next_start - gap if is_flicker else min(end, next_start - gap)
        else:
            end = min(end, floor(max(duration_ms, cue.end_ms) / frame_ms + _ROUNDING))
        start_ms = max(before_ms, min(cue.start_ms, round(start * frame_ms)))
        end_ms = round(end * frame_ms)
        if end_ms - start_ms < MIN_WORD_MS * sum(map(len, cue.lines)):
            end_ms = cue.end_ms
        lines = within(cue.lines, start_ms, end_ms)
        made.append(replace(cue, start_ms=start_ms, end_ms=end_ms, lines=lines))
        before_ms = end_ms
    return tuple(made)


def _exact(frame_rate: float) -> float:
    """The rate, exactly: television's 23.976 is 24000/1001, a frame more every 20 minutes."""
    nominal = frame_rate * 1.001
    is_television = abs(nominal - round(nominal)) < _NTSC_TOLERANCE
    return round(nominal) / 1.001 if is_television else frame_rate

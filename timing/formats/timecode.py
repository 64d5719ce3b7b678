"""SMPTE timecode: how editing programs name the frames of a video."""

from dataclasses import dataclass

_SLOWED = 1000 / 1001
"""The rates of NTSC are this part of a whole number: 23.976, 29.97, 59.94."""
_TOLERANCE = 0.005
"""People round 23.976 to 23.98."""


@dataclass(frozen=True, slots=True)
class Timecode:
    """The timecode of a frame rate.

    nominal: frames that the timecode counts in a second.
    is_slowed: true if the video shows 1000 frames in the time of 1001.
    """

    nominal: int
    is_slowed: bool

    @classmethod
    def of(cls, frame_rate: float) -> "Timecode":
        """The timecode of a video with so many frames a second.

        Timecode knows whole rates and those of NTSC; another rate counts as the nearest whole one.
        """
        nominal = round(frame_rate)
        return cls(nominal, abs(frame_rate - nominal * _SLOWED) < _TOLERANCE)

    @property
    def dropped(self) -> int:
        """How many numbers the timecode leaves out in nine of ten minutes; 0 for most rates.

        It leaves them out at 29.97 and its multiples, and so agrees with the clock.
        """
        return self.nominal // 15 if self.is_slowed and self.nominal % 30 == 0 else 0

    @property
    def frames_an_hour(self) -> int:
        """How many frames the timecode counts from 00:00:00:00 to 01:00:00:00."""
        return 3600 * self.nominal - 54 * self.dropped

    def frame(self, ms: int) -> int:
        """The frame whose start is nearest to a time in ms."""
        unit = 1001 if self.is_slowed else 1000
        return (2 * ms * self.nominal + unit) // (2 * unit)

    def span(self, start_ms: int, end_ms: int) -> tuple[int, int]:
        """The first frame of a time span in ms, and the frame after its last one; one at least."""
        first = self.frame(start_ms)
        return first, max(first + 1, self.frame(end_ms))

    def stamp(self, frame: int) -> str:
        """`HH:MM:SS:FF`, with `;` before FF where numbers are left out; it wraps after a day."""
        number = frame % (24 * self.frames_an_hour)
        if self.dropped:
            tens, rest = divmod(number, 600 * self.nominal - 9 * self.dropped)
            minutes = (rest - self.dropped) // (60 * self.nominal - self.dropped)
            number += self.dropped * (9 * tens + max(0, minutes))
        seconds, frames = divmod(number, self.nominal)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        mark = ";" if self.dropped else ":"
        return f"{hours:02}:{minutes:02}:{seconds:02}{mark}{frames:02}"

"""How long a speech will be, before any model speaks it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class LengthEstimate:
    """A length that is not known yet, in seconds; all zero by default.

    expected_s: the best guess.
    shortest_s, longest_s: at least nine real lengths in ten lie between them.
    """

    expected_s: float = 0.0
    shortest_s: float = 0.0
    longest_s: float = 0.0

    def __add__(self, other: "LengthEstimate") -> "LengthEstimate":
        return LengthEstimate(
            self.expected_s + other.expected_s,
            self.shortest_s + other.shortest_s,
            self.longest_s + other.longest_s,
        )

    def wider(self, factor: float) -> "LengthEstimate":
        """The same guess, less sure: its range reaches up to `factor`, over 1, times as far."""
        return LengthEstimate(self.expected_s, self.shortest_s / factor, self.longest_s * factor)

    def longer(self, seconds: float) -> "LengthEstimate":
        """The same with so many seconds more, which are known exactly."""
        return self + LengthEstimate(seconds, seconds, seconds)

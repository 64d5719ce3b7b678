"""Which channels of a sound are mixed into one, and how."""

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

_DEAD = 1e-4
"""A channel with less than this part of the loudest channel's power is silent."""

_CANCELLED = 1e-2
"""If the channels' mean has less than this part of that power, they cancel each other out."""

_SILENT_POWER = 1e-8
"""Of one sample: 80 dB below full scale."""

Block = npt.NDArray[np.float32]
"""Consecutive samples, shape (n, channels)."""


@dataclass
class ChannelProbe:
    """Hears the beginning of a sound, to decide how its channels are mixed."""

    channels: int
    count: int = 0
    mean_power: float = 0.0
    powers: npt.NDArray[np.float64] = field(init=False)

    def __post_init__(self) -> None:
        self.powers = np.zeros(self.channels)

    def hear(self, block: Block) -> None:
        """Add consecutive samples, shape (n, channels)."""
        self.powers += np.sum(np.square(block, dtype=np.float64), axis=0)
        self.mean_power += float(np.sum(np.square(block.mean(axis=1, dtype=np.float64))))
        self.count += len(block)

    @property
    def is_silent(self) -> bool:
        """Whether nothing was heard."""
        return float(self.powers.max(initial=0)) <= _SILENT_POWER * self.count

    def weights(self) -> tuple[npt.NDArray[np.float64], str | None]:
        """The weight of each channel in the mix, and a sentence about those that are left out."""
        loudest = float(self.powers.max(initial=0))
        live = self.powers > _DEAD * loudest
        # For example two channels in opposite phase, whose mean would be silence.
        if self.mean_power < _CANCELLED * loudest and self.channels > 1:
            alone = (np.arange(self.channels) == int(np.argmax(self.powers))).astype(np.float64)
            return alone, "the file's channels cancel each other out: one of them is used alone"
        if live.any() and not live.all():
            silent = self.channels - int(live.sum())
            note = (
                f"{silent} of the file's {self.channels} channels "
                f"{'is' if silent == 1 else 'are'} silent: the others are used"
            )
            return live / live.sum(), note
        return mean(self.channels), None


def mean(channels: int) -> npt.NDArray[np.float64]:
    """The weights that take all channels alike."""
    return np.full(channels, 1 / channels)

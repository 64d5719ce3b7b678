"""Cues in one speech: the first sound of each at its time."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tts.audio.join import JoinOptions, Pcm16Writer, join
from tts.audio.levels import EDGE_S
from tts.speech import Chunk, Pcm16, Samples, Span, Speech

_QUIET_RMS = 0.05
"""The loudness at which a cue is joined: no peak of speech is over full scale then, and one gain
serves all cues."""

_ONSET_S = 0.002
_AUDIBLE = 0.01
"""A cue begins with the first _ONSET_S whose level is _AUDIBLE of full scale (-40 dB), at the
default loudness."""

_DEFAULT_RMS = 0.1
_FADE_S = 0.02
"""The fade of a cue that is cut off, and of a lead that is cut short."""


@dataclass(frozen=True)
class CueAudio:
    """A cue as it is joined. `onset` is the sample of its first sound; spans are within it."""

    samples: Samples
    onset: int
    spans: tuple[Span, ...]

    @property
    def length(self) -> int:
        """The samples from its first sound to its end."""
        return len(self.samples) - self.onset


def cue_audio(
    takes: Iterable[Samples | Pcm16],
    chunks: Sequence[Chunk],
    sample_rate: int,
    options: JoinOptions,
) -> CueAudio:
    """The takes of a cue's chunks, one each, joined."""
    quiet = replace(options, target_rms=_QUIET_RMS)
    speech = join((take[:] for take in takes), chunks, sample_rate, quiet)
    samples = speech.samples[:] * np.float32(options.target_rms / _QUIET_RMS)
    threshold = _AUDIBLE * options.target_rms / _DEFAULT_RMS
    return CueAudio(samples, _onset(samples, sample_rate, threshold), speech.chunks)


def _onset(samples: Samples, sample_rate: int, threshold: float) -> int:
    size = round(_ONSET_S * sample_rate)
    blocks = samples[: len(samples) // size * size].reshape(-1, size)
    loud = np.flatnonzero(np.sqrt(np.mean(np.square(blocks), axis=1)) >= threshold)
    return int(loud[0]) * size if len(loud) else min(len(samples), round(EDGE_S * sample_rate))


class Tape:
    """A speech of cues that are placed one after another."""

    def __init__(self, sample_rate: int) -> None:
        self._rate = sample_rate
        self._writer = Pcm16Writer()
        self._spans: list[Span] = []

    def place(self, cue: CueAudio, start: int, end: int | None = None) -> tuple[int, int]:
        """Put a cue's first sound at sample `start`, or after what is there if that is later.

        end: the sample at which the cue is cut off; None lets it end by itself.

        Gives the samples where its sound begins and where the cue ends.
        """
        written = len(self._writer)
        start = max(start, written)
        # Its quiet lead may be longer than the silence before it.
        dropped = max(0, cue.onset - (start - written))
        begin = start - cue.onset + dropped
        samples = cue.samples[dropped:].copy()
        if dropped:
            self._fade(samples, min(cue.onset - dropped, round(_FADE_S * self._rate)))
        if end is not None and begin + len(samples) > end:
            samples = samples[: max(1, end - begin)]
            self._fade(samples[::-1], min(len(samples), round(_FADE_S * self._rate)))
        self._writer.add(np.zeros(begin - written, np.float32))
        self._writer.add(samples)
        stop = begin + len(samples)
        for span in cue.spans:
            # What is cut off has no sound: the least that a window can be stands for it.
            first = min(max(begin, begin - dropped + span.start), stop - 1)
            self._spans.append(
                Span(span.chunk, first, max(first + 1, min(begin - dropped + span.end, stop)))
            )
        return start, stop

    def finish(self, least: int) -> Speech:
        """The speech, filled with silence up to `least` samples; nothing can be placed after it."""
        self._writer.add(np.zeros(max(0, least - len(self._writer)), np.float32))
        return Speech(self._writer.pcm(), self._rate, tuple(self._spans))

    @staticmethod
    def _fade(samples: Samples, length: int) -> None:
        """Fade in over the first samples, in place."""
        samples[:length] *= np.linspace(0, 1, length, dtype=np.float32)

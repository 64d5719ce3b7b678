"""A speech that is written as several files, one after the other, while it is still spoken."""

from pathlib import Path

import numpy as np
import soxr

from tts.audio import encode
from tts.audio.levels import PEAK
from tts.speech import Pcm16, Samples


class PieceWriter:
    """Writes consecutive pieces of mono samples, each as a file.

    In a lossless format the files, one after the other, hold the very samples that `encode.write`
    gives for the whole.

    rate: of the samples, Hz.
    output_format: a name in `encode.FORMATS`.
    output_rate: of the files, Hz.
    """

    def __init__(self, rate: int, output_format: str, output_rate: int) -> None:
        self._rate = rate
        self._format = output_format
        self._output_rate = output_rate
        # One for all pieces: what it makes of the whole does not depend on where it is cut.
        self._resampler = (
            None
            if rate == output_rate
            else soxr.ResampleStream(rate, output_rate, 1, dtype="float32", quality="HQ")
        )

    def write(self, path: Path, samples: Pcm16, is_last: bool) -> int:
        """Write the next piece; return the samples of its file. Raises AudioNotWritten.

        The resampler holds the last 0.08 s back at most: they are in the next file. Without any
        sample nothing is written.
        """
        audio: Samples | Pcm16 = samples
        if self._resampler is not None:
            audio = self._resampled(self._resampler, samples, is_last)
        if not len(audio):
            return 0
        return encode.write(path, audio, self._output_rate, self._format, self._output_rate)

    def _resampled(self, resampler: soxr.ResampleStream, samples: Pcm16, is_last: bool) -> Samples:
        blocks = [np.zeros(0, np.float32)]
        for start in range(0, len(samples), self._rate):
            blocks.append(resampler.resample_chunk(samples[start : start + self._rate]))
        if is_last:
            blocks.append(resampler.resample_chunk(np.zeros(0, np.float32), last=True))
        # As `encode` does: resampling overshoots.
        return np.clip(np.concatenate(blocks), -PEAK, PEAK)

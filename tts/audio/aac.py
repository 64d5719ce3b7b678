"""AAC files: raw in ADTS frames, or in an MP4 container. FFmpeg encodes, through PyAV."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from tts.speech import Samples

BITS_A_SAMPLE, MAX_BIT_RATE = 3, 96_000
"""The bit rate of mono speech, by its sample rate; above 32 kHz there is little more to keep."""

_OPTIONS = {
    # Without bitexact, FFmpeg writes its version into the file.
    "adts": {"fflags": "+bitexact"},
    # The index comes first, so that a player starts before it has the whole file.
    "ipod": {"fflags": "+bitexact", "movflags": "+faststart"},
}


class AacFile:
    """An AAC file that is written block by block.

    An AAC decoder gives 1024 samples (the priming) before the sound. An MP4 file says so in its
    edit list, and players leave them out. ADTS cannot say it, so the frame that they come from is
    not written: the sound is at its time, and its first 1024 samples, which are silence in speech,
    are faded in by the decoder.
    """

    def __init__(self, path: Path, container: str, rate: int) -> None:
        """Create the file.

        container: FFmpeg's name of it, `adts` or `ipod`.
        rate: of the samples, Hz.

        Raises OSError.
        """
        self._is_raw = container == "adts"
        self._rate = rate
        self._written = 0
        # Exact times in the edit list: by default MP4 counts milliseconds.
        timescale = {} if self._is_raw else {"movie_timescale": str(rate)}
        try:
            self._file = av.open(
                str(path), "w", format=container, options=_OPTIONS[container] | timescale
            )
            self._stream = self._file.add_stream(
                "aac",
                rate=rate,
                layout="mono",
                options={"flags": "+bitexact"},
            )
        except av.FFmpegError as error:
            raise OSError(error.errno, error.strerror) from error
        self._stream.bit_rate = min(MAX_BIT_RATE, BITS_A_SAMPLE * rate)

    def write(self, samples: Samples) -> None:
        """Write mono samples in [-1, 1], shape (n,). Raises OSError."""
        planar = np.ascontiguousarray(samples, np.float32)[np.newaxis]
        frame = av.AudioFrame.from_ndarray(planar, format="fltp", layout="mono")
        frame.sample_rate = self._rate
        frame.time_base = Fraction(1, self._rate)
        frame.pts = self._written
        self._written += len(samples)
        self._mux(frame)

    def close(self) -> None:
        """End the file. Raises OSError."""
        try:
            if self._written:
                self._mux(None)
        finally:
            try:
                self._file.close()
            except av.FFmpegError as error:
                raise OSError(error.errno, error.strerror) from error

    def _mux(self, frame: av.AudioFrame | None) -> None:
        try:
            for packet in self._stream.encode(frame):
                if not (self._is_raw and packet.pts is not None and packet.pts < 0):
                    self._file.mux(packet)
        except av.FFmpegError as error:
            raise OSError(error.errno, error.strerror) from error

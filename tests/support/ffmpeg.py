"""Files in containers that libsndfile does not know, made by PyAV."""

from fractions import Fraction
from io import BytesIO
from typing import Any

import av
import numpy as np

from tts.speech import Samples


def by_ffmpeg(
    samples: Samples, container: str, codec: str, picture: bool = False, sound: bool = True
) -> bytes:
    """A file of FFmpeg's, 48 kHz stereo, with ten black pictures a second if asked for."""
    out = BytesIO()
    with av.open(out, "w", format=container) as file:
        # All streams before the first packet, with which the header is written.
        heard: Any = file.add_stream(codec, rate=48_000, layout="stereo") if sound else None
        seen: Any = file.add_stream("mpeg4", rate=10) if picture else None
        if picture:
            seen.width, seen.height = 64, 64
        if sound:
            planar = np.ascontiguousarray(np.stack([samples, samples]))
            frame = av.AudioFrame.from_ndarray(planar, format="fltp", layout="stereo")
            frame.sample_rate = 48_000
            resampler = av.AudioResampler(heard.format.name, "stereo", 48_000)
            for part in [*resampler.resample(frame), *resampler.resample(None), None]:
                file.mux(heard.encode(part))
        if picture:
            black = np.zeros((64, 64, 3), np.uint8)
            for index in range(30):
                image = av.VideoFrame.from_ndarray(black, format="rgb24")
                image.pts, image.time_base = index, Fraction(1, 10)
                file.mux(seen.encode(image))
            file.mux(seen.encode(None))
    return out.getvalue()

"""Audio and video files in containers that libsndfile cannot write, made with PyAV."""

from fractions import Fraction
from io import BytesIO
from typing import Any

import av
import numpy as np

from tts.speech import Samples


def encode_with_ffmpeg(
    samples: Samples, container: str, codec: str, picture: bool = False, sound: bool = True
) -> bytes:
    """Encode mono samples, which count as 48 kHz, as a file with a stereo track.

    container, codec: FFmpeg's names of them.
    picture: whether the file also has 3 s of black video, ten frames a second.
    sound: whether the file has the audio track at all.
    """
    out = BytesIO()
    with av.open(out, "w", format=container) as file:
        # FFmpeg writes the header with the first packet, so every stream must exist before it.
        audio: Any = file.add_stream(codec, rate=48_000, layout="stereo") if sound else None
        video: Any = file.add_stream("mpeg4", rate=10) if picture else None
        if picture:
            video.width, video.height = 64, 64
        if sound:
            planar = np.ascontiguousarray(np.stack([samples, samples]))
            frame = av.AudioFrame.from_ndarray(planar, format="fltp", layout="stereo")
            frame.sample_rate = 48_000
            resampler = av.AudioResampler(audio.format.name, "stereo", 48_000)
            for part in [*resampler.resample(frame), *resampler.resample(None), None]:
                file.mux(audio.encode(part))
        if picture:
            black = np.zeros((64, 64, 3), np.uint8)
            for index in range(30):
                image = av.VideoFrame.from_ndarray(black, format="rgb24")
                image.pts, image.time_base = index, Fraction(1, 10)
                file.mux(video.encode(image))
            file.mux(video.encode(None))
    return out.getvalue()

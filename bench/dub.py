"""How well the cues of a long subtitle file are spoken at their times; `bench/jobs.py` runs it."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from bench.report import Row
from settings import Settings
from tests.support import handling
from worker.build import build

CUES = 1500
EVERY_S = 2.0
LINES = (
    "Good morning.",
    "Where were you all night?",
    "Fine.",
    "She has not said a word.",
    "How many did you see?",
    "Twenty of them.",
    "Put it down, please.",
)
"""They begin with soft sounds and hard ones."""
AUDIBLE_DB = -40.0


def dubbing(folder: Path) -> list[Row]:
    """The errors of the first sounds of CUES cues, with the preview engine."""
    worker = build(Settings.from_environment({"TTS_ENGINE": "preview", "WORKER_HOME": str(folder)}))
    starts_s = [EVERY_S * number + 0.137 * (number % 5) for number in range(CUES)]
    file = "\n".join(
        f"{number + 1}\n{_time(start)} --> {_time(start + 1)}\n{LINES[number % len(LINES)]}\n"
        for number, start in enumerate(starts_s)
    )
    job = {"id": "dub", "input": {"endpoint": "dub", "srt": file, "timing_method": "estimate"}}
    reply = handling.handle(worker, job, lambda *_: None)
    samples, rate = soundfile.read(next(folder.rglob("dub*.wav")), dtype="float32")
    errors_ms = [1000 * (_onset_s(samples, rate, start) - start) for start in starts_s]
    absolute = np.abs(errors_ms)
    half = len(errors_ms) // 2
    drift = abs(float(np.median(errors_ms[half:])) - float(np.median(errors_ms[:half])))
    what = f"{CUES} cues dubbed, onset error: "
    return [
        Row(what + "median", [float(np.median(absolute))], [], "ms", 1, 5),
        Row(what + "largest", [float(absolute.max())], [], "ms", 1, 20),
        Row(what + "drift from the first half to the second", [drift], [], "ms", 2, 1),
        Row(
            f"{CUES} cues dubbed, real-time factor",
            [reply["metrics"]["real_time_factor"]], [], "", 3,
        ),
    ]  # fmt: skip


def _time(seconds: float) -> str:
    ms = round(1000 * seconds)
    return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02},{ms % 1000:03}"


def _onset_s(samples: npt.NDArray[np.float32], rate: int, near_s: float) -> float:
    """The first 5 ms over AUDIBLE_DB, by steps of 1 ms, from 0.2 s before a time."""
    step = rate // 1000
    first = max(0, round((near_s - 0.2) * rate))
    part = samples[first : first + 2 * rate]
    power = np.square(part[: len(part) // step * step]).reshape(-1, step).mean(axis=1)
    smooth = np.convolve(power, np.ones(5) / 5, "valid")
    return first / rate + int(np.flatnonzero(smooth > 10 ** (AUDIBLE_DB / 10))[0]) / 1000

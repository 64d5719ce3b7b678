"""The loudness in LUFS that a request asks for, set on its speech."""

from dataclasses import replace

from tts.audio.levels import Loudness
from tts.speech import Pcm16, Speech
from worker.job import Job

NEAR = 0.5
"""LU. Nobody hears such a difference: a changed speech keeps the gain of the earlier one if it is
so close then, and a loudness that is further off is told."""


def set_loudness(
    speech: Speech, target: float | None, job: Job, kept_gain_db: float | None = None
) -> tuple[Speech, Loudness | None, list[str]]:
    """The speech as loud as `target`, how loud it is, and warnings.

    speech: its samples may change in place.
    target: LUFS; with None the speech stays as it is, and its loudness is not measured.
    kept_gain_db: the gain of the earlier speech that this one is a changed version of. What did not
        change stays as it is where that gain will do.

    Raises Cancelled.
    """
    if target is None:
        return speech, None, []
    # FFmpeg takes memory: a worker loads it with the first job that needs it.
    from tts.audio import loudness

    sound, rate = Pcm16.of(speech.samples), speech.sample_rate
    with job.stage("loudness"):
        made = loudness.set_loudness(
            sound,
            rate,
            target,
            kept_gain_db=kept_gain_db,
            kept_within=NEAR,
            check=job.stop.raise_if_cancelled,
        )
    is_short = len(sound) < loudness.BLOCK_S * rate
    return replace(speech, samples=sound), made, _warnings(made, target, is_short)


def _warnings(made: Loudness, target: float, is_short: bool) -> list[str]:
    if made.lufs is None:
        return ["the speech is silent, so loudness had no effect"]
    warnings = []
    if is_short:
        warnings.append(
            "the speech is shorter than 0.4 s, and LUFS are not defined for that; its loudness is "
            "measured as if it went on"
        )
    if abs(made.lufs - target) > NEAR:
        warnings.append(
            f"the speech has {made.lufs:.1f} LUFS, not {target:g}: its peaks leave no room for "
            f"more; ask for a loudness of {made.lufs:.0f} or lower"
        )
    return warnings

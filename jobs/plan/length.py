"""How long a speech will be: the sound of its takes at its pace, and the silence between them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from jobs.tts.request import MAX_SPEED, TtsRequest
from tts.audio.join import TotalTooShort, plan_lengths, silence_samples
from tts.engine import Engine, Voice
from tts.estimate import LengthEstimate
from tts.pace import AIM, MIN_FILL, TooLong, slowest_fitting
from tts.speech import Chunk

UNKNOWN_PACE = 1.4
"""How much wider the range is for a voice whose clip is not known: people speak about so much
faster or slower than others."""


@dataclass(frozen=True)
class PlannedLength:
    """How long a speech will be, and what the request's limit means for it; see PlanReply."""

    length: LengthEstimate
    speed: float | None = None
    fits: bool | None = None
    cut_words: int | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Lengths:
    """The lengths of one script at any pace.

    sound_at: how long its takes sound at a pace.
    silence_s: everything between them, which no pace changes.
    blended_s: how much shorter it may be where takes that meet are blended.
    """

    sound_at: Callable[[float], LengthEstimate]
    silence_s: float
    blended_s: float

    def at(self, speed: float) -> LengthEstimate:
        """The length at a pace."""
        whole = self.sound_at(speed).longer(self.silence_s)
        shortest_s = max(0.0, whole.shortest_s - self.blended_s)
        return LengthEstimate(whole.expected_s, shortest_s, whole.longest_s)


def plan_length(
    engine: Engine,
    request: TtsRequest,
    chunks: Sequence[Chunk],
    voices: Mapping[str | None, Voice],
    unknown: frozenset[str | None],
    words: int,
) -> PlannedLength:
    """Estimate the length of a speech.

    chunks: all of the script's.
    voices: the voice of each name that the chunks have; the request's under None.
    unknown: the names whose voices have no known pace.
    words: how many the script has.
    """
    by_voice: dict[str | None, list[Chunk]] = {}
    for chunk in chunks:
        by_voice.setdefault(chunk.voice, []).append(chunk)

    def sound_at(speed: float) -> LengthEstimate:
        sound = LengthEstimate()
        for name, own in by_voice.items():
            part = engine.estimate(own, voices[name], speed)
            sound += part.wider(UNKNOWN_PACE) if name in unknown else part
        return sound

    silence_s = silence_samples(chunks, engine.sample_rate) / engine.sample_rate
    seams = sum(not (chunk.pause_ms or chunk.silence_ms) for chunk in chunks[:-1])
    lengths = _Lengths(sound_at, silence_s, seams * request.cross_fade_duration)
    if request.fix_duration is not None:
        least = lengths.at(engine.max_pace)
        fits = _fits_exactly(engine, chunks, voices[None], request.fix_duration)
        return _exact(least, request.fix_duration, fits, words)
    if request.max_duration is not None:
        return _limited(lengths, request, request.max_duration, words)
    return PlannedLength(lengths.at(request.speed))


def _fits_exactly(
    engine: Engine, chunks: Sequence[Chunk], voice: Voice, total_s: float
) -> bool | None:
    """Whether the engine can speak the chunks in `total_s`; None if only speaking tells."""
    natural = engine.natural_lengths(chunks, voice)
    if natural is None:
        return None
    total = round(total_s * engine.sample_rate)
    paces = {"min_pace": engine.min_pace, "max_pace": engine.max_pace}
    try:
        plan_lengths(natural, chunks, engine.sample_rate, total=total, **paces)
    except TotalTooShort:
        return False
    return True


def _exact(least: LengthEstimate, total_s: float, fits: bool | None, words: int) -> PlannedLength:
    """The plan of a speech of an exact length.

    least: how long it is at the engine's fastest pace.
    fits: whether the engine can speak it in `total_s`; None if only speaking tells.
    """
    is_sure = fits is not None
    if fits is None:
        fits = least.expected_s <= total_s
    if fits:
        is_close = not is_sure and least.longest_s > total_s
        warning = (
            "tts may fail: at the fastest pace the speech could last up to "
            f"{least.longest_s:.1f} s, and fix_duration is {total_s:g} s"
        )
        exact = LengthEstimate(total_s, total_s, total_s)
        return PlannedLength(exact, fits=True, warnings=(warning,) if is_close else ())
    too_many = _too_many(words, total_s, least.expected_s)
    verb = "would" if is_sure or least.shortest_s > total_s else "may"
    warning = (
        f"tts {verb} fail: the text cannot be spoken in {total_s:g} s; cut about {too_many} of its "
        f"{words} words, leave fix_duration out or make it longer"
    )
    return PlannedLength(least, fits=False, cut_words=too_many, warnings=(warning,))


def _limited(lengths: _Lengths, request: TtsRequest, limit_s: float, words: int) -> PlannedLength:
    """The plan of a speech that may be no longer than `limit_s`."""
    slow, fast = lengths.at(request.speed), lengths.at(request.max_speed)
    try:
        speed = slowest_fitting(
            lambda pace: lengths.at(pace).expected_s, limit_s, request.speed, request.max_speed
        )
    except TooLong as error:
        too_many = _too_many(words, limit_s, error.length)
        verb = "may fail" if fast.shortest_s <= limit_s else "would fail"
        warning = (
            f"tts {verb}: the speech would last about {error.length:.1f} s at the pace "
            f"{request.max_speed:g}, and max_duration is {limit_s:g} s; cut about {too_many} of "
            f"its {words} words, or raise max_duration or max_speed (up to {MAX_SPEED:g})"
        )
        return PlannedLength(fast, request.max_speed, False, too_many, (warning,))
    shortest_s = min(slow.shortest_s, MIN_FILL * limit_s)
    longest_s = min(slow.longest_s, limit_s)
    expected_s = slow.expected_s if speed == request.speed else AIM * limit_s
    warnings = []
    if fast.longest_s > limit_s:
        warnings.append(
            f"tts may fail: at the pace {request.max_speed:g} the speech could last up to "
            f"{fast.longest_s:.1f} s, and max_duration is {limit_s:g} s"
        )
    return PlannedLength(
        LengthEstimate(expected_s, shortest_s, longest_s), speed, True, warnings=tuple(warnings)
    )


def _too_many(words: int, limit_s: float, length_s: float) -> int:
    """About how many words make a speech of `length_s` too long."""
    return max(1, ceil(words * (1 - limit_s / max(limit_s, length_s))))

"""The aligners in order of preference, chunk by chunk, with the estimate behind them all."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, NamedTuple

import soxr

from errors import WorkerError
from timing.aligner import Aligner, TokenTime, WindowFailed, gate
from timing.estimate import spread
from timing.sound import RATE, Sound, listen
from timing.words import Placed, Timing, time_words
from tts.speech import Chunk, Samples, Script, Span, Speech, Token

METHODS = ("auto", "whisperx", "sphinx", "google", "estimate")
"""What a client may ask for. `auto` tries the aligners between it and `estimate` in this order."""


class TimingUnavailable(WorkerError):
    """A method was asked for by name that this worker does not have, or not for the language."""

    code: ClassVar[str] = "timing_unavailable"

    def __init__(self, method: str, language: str, available: Iterable[str]) -> None:
        names = ", ".join(["auto", *available, "estimate"])
        super().__init__(
            f"this worker cannot time language '{language}' with '{method}'; it can with {names}"
        )


class _Window(NamedTuple):
    """One chunk's audio: 16 kHz, where it sounds, and where it starts in the whole, ms."""

    samples: Samples
    sound: Sound
    start_ms: float
    duration_ms: float


class _Outcome(NamedTuple):
    source: str
    times: Sequence[TokenTime]
    failures: tuple[str, ...]


def check_method(method: str, aligners: Mapping[str, Aligner], language: str) -> None:
    """Raise `TimingUnavailable` where `align` would, before anything is spoken."""
    _chain(method, aligners, language)


def align(
    script: Script,
    speech: Speech,
    method: str,
    aligners: Mapping[str, Aligner],
    language: str,
) -> Timing:
    """Time every word of a script in its own speech.

    `method` is one of `METHODS`; `aligners` are those that this worker built, by method;
    `language` is ISO 639-1. Each chunk is a window of its own: the first aligner whose times pass
    the gate places its tokens, else they are estimated, and a warning says so. Raises
    `TimingUnavailable` when `method` names an aligner that is not there or lacks the language.
    """
    chain = _chain(method, aligners, language)
    warnings: list[str] = []
    if method == "auto" and not chain:
        warnings.append(
            f"no aligner of this worker knows language '{language}'; all word times are estimated"
        )
    placed: list[Placed] = []
    sound_end_ms = 0.0
    for index, span in enumerate(speech.chunks):
        if not span.chunk.tokens:
            continue
        window = _window(speech, span)
        asked = {name: aligners[name] for name in chain}
        outcome = _place(window, span.chunk.tokens, asked, language)
        if outcome.failures:
            warnings.append(_warning(index, window, outcome))
        placed += [
            Placed(start + window.start_ms, end + window.start_ms, score, outcome.source)
            for start, end, score in outcome.times
        ]
        sound_end_ms = window.start_ms + (window.sound.end_ms or window.duration_ms)
    chunks = _owners(script, [span.chunk for span in speech.chunks])
    words = time_words(script, chunks, placed, speech.duration_ms, sound_end_ms)
    used = Counter(word.source for word in words)
    return Timing(
        words=words,
        method=max(used, key=lambda source: used[source], default="estimate"),
        confidence=sum(word.confidence for word in words) / max(1, len(words)),
        warnings=tuple(warnings),
    )


def _chain(method: str, aligners: Mapping[str, Aligner], language: str) -> list[str]:
    """The aligners to ask, in order; none when the estimate is wanted."""
    usable = [name for name in METHODS if name in aligners and language in aligners[name].languages]
    if method == "auto":
        return usable
    if method == "estimate":
        return []
    if method not in usable:
        raise TimingUnavailable(method, language, usable)
    return [method]


def _window(speech: Speech, span: Span) -> _Window:
    samples = speech.samples[span.start : span.end]
    if speech.sample_rate != RATE:
        samples = soxr.resample(samples, speech.sample_rate, RATE)
    return _Window(
        samples=samples,
        sound=listen(samples),
        start_ms=1000 * span.start / speech.sample_rate,
        duration_ms=1000 * (span.end - span.start) / speech.sample_rate,
    )


def _place(
    window: _Window, tokens: Sequence[Token], aligners: Mapping[str, Aligner], language: str
) -> _Outcome:
    """Ask one aligner after the other; the estimate never fails."""
    failures: list[str] = []
    spoken = [token.spoken for token in tokens]
    for name, aligner in aligners.items():
        try:
            times = aligner.align(window.samples, spoken, language)
            gate(times, spoken, window.sound, window.duration_ms)
        except WindowFailed as failure:
            failures.append(f"{name} could not align it ({failure.reason})")
            continue
        trimmed = [
            TokenTime(*window.sound.trim(time.start_ms, time.end_ms), time.score) for time in times
        ]
        return _Outcome(name, trimmed, tuple(failures))
    return _Outcome("estimate", spread(tokens, window.sound, window.duration_ms), tuple(failures))


def _warning(index: int, window: _Window, outcome: _Outcome) -> str:
    start_s = window.start_ms / 1000
    end_s = start_s + window.duration_ms / 1000
    remedy = "are estimated" if outcome.source == "estimate" else f"come from {outcome.source}"
    return (
        f"chunk {index} ({start_s:.1f}-{end_s:.1f} s): {', '.join(outcome.failures)};"
        f" its word times {remedy}"
    )


def _owners(script: Script, chunks: Sequence[Chunk]) -> list[int]:
    """The index of each word's chunk, shape (words,)."""
    owners = [0] * len(script.words)
    for index, chunk in enumerate(chunks):
        for word in range(chunk.first_word, chunk.end_word):
            owners[word] = index
    return owners

"""What an aligner is, and when the times it gives for one window are believed."""

from collections.abc import Sequence
from math import isfinite
from typing import ClassVar, Protocol, runtime_checkable

from errors import WorkerError
from timing.alignment.vad import SpeechActivity
from timing.token_times import TokenTime
from tts.speech import Samples

LOWEST_SCORE = 0.4
"""A window's mean score must reach this: wrong text that sphinx fits all the same had at most
0.37, right text at least 0.86, and 0.47 with noise at 10 dB (measured on the fixtures)."""

_MIN_TOKEN_MS = 20.0
_MAX_TOKEN_MS, _MAX_MS_PER_CHARACTER = 2000.0, 150.0
_ON_SPEECH = 0.8
_TOLERANCE_MS = 0.5


class WindowFailed(Exception):
    """An aligner could not place the text of one window; the next one in the chain is asked."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class ServiceRefused(WindowFailed):
    """A service that would not place any other window of the job either."""


class AlignerBroken(WorkerError):
    """The GPU failed: nothing that this process does on it will work again."""

    code: ClassVar[str] = "alignment_failed"
    refresh_worker: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__("the GPU failed; the worker restarts, send the job again")


class Aligner(Protocol):
    """Places known words in audio. Built once, warm; safe for the threads of several jobs."""

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes of the languages it can align."""

    @property
    def joins_ms(self) -> int:
        """The longest window worth giving it. Neighbours are joined up to this length."""

    def align(self, samples: Samples, tokens: Sequence[str], language: str) -> Sequence[TokenTime]:
        """Place each token of one window: 16 kHz mono, shape (n,); as many times as tokens.

        `language` is one of `languages`.

        Raises `WindowFailed`; any error of the library behind it is turned into that, or into
        `AlignerBroken`.
        """


@runtime_checkable
class RemoteAligner(Aligner, Protocol):
    """An aligner on somebody else's machines: audio leaves the worker, and it costs money."""

    @property
    def title(self) -> str:
        """What a client knows it as."""

    @property
    def in_auto(self) -> bool:
        """Whether `auto` may ask it; it may always be asked by name."""

    @property
    def billed_s(self) -> float:
        """Seconds of audio that it charged for since it was built, for calls of this thread."""


def max_token_ms(token: str) -> float:
    """What a spoken word may last."""
    return _MAX_TOKEN_MS + _MAX_MS_PER_CHARACTER * len(token)


def check_count(times: Sequence[TokenTime], tokens: Sequence[str]) -> None:
    """Raise `WindowFailed` unless there is a time for each token."""
    if len(times) != len(tokens):
        raise WindowFailed(f"{len(times)} times for {len(tokens)} spoken words")


def validate(
    times: Sequence[TokenTime], tokens: Sequence[str], sound: SpeechActivity, duration_ms: float
) -> None:
    """Raise `WindowFailed` with the reason unless the times can be what was spoken."""
    check_count(times, tokens)
    before = 0.0
    for time, token in zip(times, tokens, strict=True):
        shown = token[:30]
        if not all(isfinite(value) for value in time[:3]):
            raise WindowFailed(f"no time for '{shown}'")
        if time.start_ms < before - _TOLERANCE_MS or time.end_ms > duration_ms + _TOLERANCE_MS:
            raise WindowFailed(f"'{shown}' is out of order or outside the audio")
        length = time.end_ms - time.start_ms
        if not _MIN_TOKEN_MS - _TOLERANCE_MS <= length <= max_token_ms(token):
            raise WindowFailed(f"'{shown}' lasts {length:.0f} ms")
        before = time.start_ms
    score = sum(time.score for time in times) / len(times)
    if score < LOWEST_SCORE:
        raise WindowFailed(f"the text does not fit the audio: mean score {score:.2f}")
    heard = sum(sound.speech_fraction(time.start_ms, time.end_ms) >= 0.5 for time in times)
    if heard < _ON_SPEECH * len(times):
        raise WindowFailed(f"{len(times) - heard} of {len(times)} words lie on silence")

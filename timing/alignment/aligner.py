"""What an aligner is, and which of the times that it gives are believed."""

from collections.abc import Sequence
from math import isfinite
from typing import ClassVar, NamedTuple, Protocol

from errors import WorkerError
from timing.alignment.vad import SpeechActivity
from timing.token_times import MIN_WORD_MS, TimedToken
from tts.speech import ASR_SAMPLE_RATE, Samples

MIN_CONFIDENCE = 0.4
"""A window's mean confidence must reach this. Measured with sphinx on tests/data/timing: at most
0.37 where it fitted the wrong text, at least 0.86 with the right one, 0.47 with noise at 10 dB."""

MIN_AUDIO_S = 0.1
"""Models need a few frames of audio to place anything in."""

MISMATCH = "the text does not match the audio"

_MAX_TOKEN_MS, _MAX_MS_PER_CHARACTER = 2000.0, 150.0
_MIN_SHARE_ON_SPEECH, _MIN_SOUNDING = 0.8, 0.35
"""The share of a window's words that must lie on speech, and the part of such a word that sounds:
an aligner gives a pause of 200 ms after a short word to the word."""
_TOLERANCE_MS = 0.5


class WindowFailed(Exception):
    """An aligner could not place the text of one window; the next one in the chain is asked.

    reason: what the client reads in a warning.
    billed_s: what a service charges all the same, in seconds of audio.
    """

    def __init__(self, reason: str, billed_s: float = 0.0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.billed_s = billed_s


class TextMismatch(WindowFailed):
    """Other words than the window's text are spoken in it, or the aligner's times make no sense.

    Clients read `MISMATCH`; `reason` is for tests and debugging.
    """


class ServiceRefused(WindowFailed):
    """A service would refuse every other window of the job for the same reason."""


class AlignerBroken(WorkerError):
    """The GPU failed: nothing that this process does on it will work again."""

    code: ClassVar[str] = "alignment_failed"
    refresh_worker: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__("the GPU failed, so RunPod replaces this worker; send the job again")


class Alignment(NamedTuple):
    """The times of the tokens that an aligner was given, ms from the start of the samples.

    `billed_s` is what a service charges for them, in seconds of audio.
    """

    times: Sequence[TimedToken]
    billed_s: float = 0.0


class RemoteService(NamedTuple):
    """The service behind an aligner: audio leaves the worker, and that costs money.

    `display_name` is what clients know it as. `allowed_in_auto` says whether the method `auto` may
    use it; a client may always name it.
    """

    display_name: str
    allowed_in_auto: bool


class Aligner(Protocol):
    """Places known words in audio. Built once, warm; safe for the threads of several jobs."""

    @property
    def languages(self) -> frozenset[str]:
        """ISO 639-1 codes of the languages that it can align."""

    @property
    def max_window_ms(self) -> int:
        """The longest window worth giving it. Neighbours are joined up to this length."""

    @property
    def service(self) -> RemoteService | None:
        """The service that it sends audio to; None for one that runs in the worker."""

    def align(self, samples: Samples, tokens: Sequence[str], language: str) -> Alignment:
        """Place each token of one window.

        samples: 16 kHz mono, shape (n,).
        tokens: the spoken words, in order; the result has a time for each.
        language: one of `languages`.

        Raises `WindowFailed`. An error of the library behind it becomes that, or `AlignerBroken`.
        """


def check_length(samples: Samples, min_s: float, max_s: float) -> None:
    """Raise `WindowFailed` unless 16 kHz samples last from `min_s` to `max_s` seconds."""
    if len(samples) < min_s * ASR_SAMPLE_RATE:
        raise WindowFailed(f"it is shorter than {min_s:g} s")
    if len(samples) > max_s * ASR_SAMPLE_RATE:
        raise WindowFailed(f"it is longer than {max_s:g} s")


def max_token_ms(token: str) -> float:
    """The longest time that a spoken word may last."""
    return _MAX_TOKEN_MS + _MAX_MS_PER_CHARACTER * len(token)


def check_count(times: Sequence[TimedToken], tokens: Sequence[str]) -> None:
    """Raise `WindowFailed` unless there is a time for each token."""
    if len(times) != len(tokens):
        raise WindowFailed(f"{len(times)} times for {len(tokens)} spoken words")


def validate(
    times: Sequence[TimedToken],
    tokens: Sequence[str],
    activity: SpeechActivity,
    duration_ms: float,
) -> None:
    """Raise `TextMismatch` with the reason unless the tokens can have been spoken at these times.

    times, tokens: of one window, ms from its start.
    activity: where the window sounds.
    duration_ms: the window's length.
    """
    check_count(times, tokens)
    previous_ms = 0.0
    for time, token in zip(times, tokens, strict=True):
        shown = token[:30]
        length_ms = time.end_ms - time.start_ms
        # A NaN would pass every comparison below.
        if not all(map(isfinite, (time.start_ms, time.end_ms, time.confidence))):
            raise TextMismatch(f"no time for '{shown}'")
        if time.start_ms < previous_ms - _TOLERANCE_MS or time.end_ms > duration_ms + _TOLERANCE_MS:
            raise TextMismatch(f"'{shown}' is out of order or outside the audio")
        if not MIN_WORD_MS - _TOLERANCE_MS <= length_ms <= max_token_ms(token):
            raise TextMismatch(f"'{shown}' lasts {length_ms:.0f} ms")
        previous_ms = time.start_ms
    confidence = sum(time.confidence for time in times) / len(times)
    if confidence < MIN_CONFIDENCE:
        raise TextMismatch(f"mean score {confidence:.2f}")
    on_speech = sum(
        activity.speech_fraction(time.start_ms, time.end_ms) >= _MIN_SOUNDING for time in times
    )
    # Loud noise drowns soft words: silence there proves nothing.
    if on_speech < _MIN_SHARE_ON_SPEECH * len(times) and not activity.is_drowned:
        raise TextMismatch(f"{len(times) - on_speech} of {len(times)} words lie on silence")

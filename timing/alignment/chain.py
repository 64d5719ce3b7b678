"""The aligners in order of preference, chunk by chunk, with the estimate behind them all."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import soxr

from errors import WorkerError
from timing.alignment.aligner import (
    Aligner,
    RemoteAligner,
    ServiceRefused,
    WindowFailed,
    check_count,
    max_token_ms,
    validate,
)
from timing.alignment.estimate import estimate_times
from timing.alignment.registry import AlignerName
from timing.alignment.vad import VAD_SAMPLE_RATE, SpeechActivity, detect
from timing.token_times import Character, Outcome, PlacedToken, TokenTime
from timing.words import Timing, time_words, to_integer_spans
from tts.speech import Chunk, Samples, Script, Span, Speech

METHODS = ("auto", *(name.value for name in AlignerName), "estimate")
"""What a client may ask for. `auto` tries the aligners between it and `estimate` in this order."""


class TimingUnavailable(WorkerError):
    """A method was asked for by name that this worker does not have, or not for the language."""

    code: ClassVar[str] = "timing_unavailable"

    def __init__(self, method: str, language: str, available: Iterable[str]) -> None:
        names = ", ".join(["auto", *available, "estimate"])
        super().__init__(
            f"this worker cannot time language '{language}' with '{method}'; it can with {names}"
        )


@dataclass(frozen=True)
class Window:
    """A chunk, and the stretch of audio in which it is spoken: exact for our own speech.

    `load` gives the stretch's samples at 16 kHz, mono, each time it is called. `known` is what an
    earlier run made of it: the worker's own aligners are not asked again.
    """

    chunk: Chunk
    start_ms: float
    duration_ms: float
    load: Callable[[], Samples]
    known: Outcome | None = None


def check_method(method: str, aligners: Mapping[str, Aligner], language: str) -> None:
    """Raise `TimingUnavailable` where `align` would, before anything is spoken."""
    _chain(method, aligners, language)


def joins_ms(method: str, aligners: Mapping[str, Aligner], language: str) -> int:
    """How long a window may become that `align_windows` can still align; 0 where nothing can."""
    names = _chain(method, aligners, language)
    return max((aligners[name].joins_ms for name in names), default=0)


def services(method: str, aligners: Mapping[str, Aligner], language: str) -> list[str]:
    """The services that `align_windows` asks for what nothing else can align."""
    names = _chain(method, aligners, language)
    return [name for name in names if isinstance(aligners[name], RemoteAligner)]


def align(
    script: Script,
    speech: Speech,
    method: str,
    aligners: Mapping[str, Aligner],
    language: str,
    done: Callable[[int], None] = lambda windows: None,
) -> Timing:
    """Time every word of a script in its own speech: `align_windows`, each chunk a window."""
    windows = [_window(speech, span) for span in speech.chunks]
    return align_windows(script, windows, speech.duration_ms, method, aligners, language, done)


def align_windows(
    script: Script,
    windows: Sequence[Window],
    duration_ms: int,
    method: str,
    aligners: Mapping[str, Aligner],
    language: str,
    done: Callable[[int], None] = lambda windows: None,
) -> Timing:
    """Time every word of a script in audio whose windows hold its chunks, in order.

    `method` is one of `METHODS`; `aligners` are those that this worker built, by method;
    `language` is ISO 639-1. The first aligner whose times pass the gate places a window's tokens,
    else they are estimated, and a warning says so. A service gets only the windows that failed
    before it. `done` hears how many windows are placed. One window's samples are held at a time,
    for a service as many as it takes at once. Raises `TimingUnavailable` when `method` names an
    aligner that is not there or lacks the language.
    """
    chain = _chain(method, aligners, language)
    run = _Run(windows, {name: aligners[name] for name in chain}, language, done)
    run.place()
    warnings = run.warnings()
    if method == "auto" and not chain:
        warnings.append(
            f"no aligner of this worker knows language '{language}'; all word times are estimated"
        )
    placed, sound_end_ms = run.placed()
    owners = _owners(script, [window.chunk for window in windows])
    words = time_words(script, owners, placed, duration_ms, sound_end_ms)
    used = Counter(word.source for word in words)
    return Timing(
        words=words,
        method=max(used, key=lambda source: used[source], default="estimate"),
        confidence=sum(word.confidence for word in words) / max(1, len(words)),
        warnings=tuple(warnings),
        billed_s=run.billed_s,
        outcomes=run.outcomes(),
    )


class _Run:
    """One script on its way down the chain: what each window got, and what failed before that."""

    def __init__(
        self,
        windows: Sequence[Window],
        aligners: Mapping[str, Aligner],
        language: str,
        done: Callable[[int], None],
    ) -> None:
        self._windows = windows
        self._local = {n: a for n, a in aligners.items() if not isinstance(a, RemoteAligner)}
        self._services = {n: a for n, a in aligners.items() if isinstance(a, RemoteAligner)}
        self._language = language
        self._done = done
        self._spoken = [i for i, window in enumerate(windows) if window.chunk.tokens]
        self._sounds: dict[int, SpeechActivity] = {}
        self._outcomes: dict[int, Outcome] = {}
        self._failures: dict[int, list[str]] = {}
        self._sent: list[str] = []
        self.billed_s = 0.0

    def place(self) -> None:
        """Fill every window: the worker's own aligners, the services, the estimate."""
        for index in self._spoken:
            known = self._windows[index].known
            self._failures[index] = list(known.failures) if known else []
            if known and known.source != "estimate":
                self._keep(index, known)
                continue
            samples = self._windows[index].load()
            self._sounds[index] = detect(samples)
            for name, aligner in self._local.items():
                if known or self._ask(name, aligner, [index], samples):
                    break
            if not self._services:
                self._settle_for_less(index)
        for name, service in self._services.items():
            self._serve(name, service)
        for index in self._spoken:
            self._settle_for_less(index)

    def placed(self) -> tuple[list[PlacedToken], float]:
        """Every token's time in the whole audio, and when the last one's sound ends."""
        found: list[PlacedToken] = []
        sound_end_ms = 0.0
        for index in self._spoken:
            window, outcome = self._windows[index], self._outcomes[index]
            offset_ms = window.start_ms
            found += [
                PlacedToken(start, end, score, outcome.source, heard, characters)
                for start, end, score, heard, characters in (
                    _later(time, offset_ms) for time in outcome.times
                )
            ]
            sound_end_ms = offset_ms + outcome.end_ms
        return found, sound_end_ms

    def outcomes(self) -> tuple[Outcome | None, ...]:
        """What became of each window."""
        return tuple(
            self._outcomes[index]._replace(failures=tuple(self._failures[index]))
            if index in self._outcomes
            else None
            for index in range(len(self._windows))
        )

    def warnings(self) -> list[str]:
        """A sentence for each window that fell through, and one for each service that was asked."""
        failed = [index for index in self._spoken if self._failures[index]]
        return [self._warning(index) for index in failed] + self._sent

    def _ask(self, name: str, aligner: Aligner, indices: list[int], samples: Samples) -> bool:
        """Have one aligner place neighbouring windows; False when one of them is still open.

        Raises `ServiceRefused`.
        """
        windows = [self._windows[index] for index in indices]
        spoken = [[token.spoken for token in window.chunk.tokens] for window in windows]
        try:
            said = [word for words in spoken for word in words]
            times = aligner.align(samples, said, self._language)
            check_count(times, said)
        except ServiceRefused:
            raise
        except WindowFailed as failure:
            self._fail(indices, f"{name} could not align it ({failure.reason})")
            return False
        first, offset_ms, good = 0, 0.0, True
        for index, window, words in zip(indices, windows, spoken, strict=True):
            own = [_later(time, -offset_ms) for time in times[first : first + len(words)]]
            if len(indices) > 1:
                own = _inside(own, window.duration_ms)
            good = self._accept(name, index, own, words) and good
            first, offset_ms = first + len(words), offset_ms + window.duration_ms
        return good

    def _accept(
        self, name: str, index: int, times: Sequence[TokenTime], words: Sequence[str]
    ) -> bool:
        """Keep a window's times if they pass the gate."""
        sound = self._sounds[index]
        try:
            validate(times, words, sound, self._windows[index].duration_ms)
        except WindowFailed as failure:
            self._fail([index], f"{name} could not align it ({failure.reason})")
            return False
        edges = [sound.snap_to_speech(time.start_ms, time.end_ms) for time in times]
        trimmed = [
            time._replace(start_ms=start_ms, end_ms=end_ms)
            for time, (start_ms, end_ms) in zip(times, edges, strict=True)
        ]
        self._keep(index, Outcome(name, trimmed, _end_of(trimmed[-1], words[-1], sound)))
        return True

    def _serve(self, name: str, service: RemoteAligner) -> None:
        """Have a service place what is still open, neighbours together, until it refuses."""
        open_ones = [index for index in self._spoken if index not in self._outcomes]
        before_s = service.billed_s
        charged_ms = 0.0
        refused = False
        for group in _groups(open_ones, self._windows, service.joins_ms):
            # A chance to stop: a call may take minutes.
            self._done(len(self._outcomes))
            if refused:
                self._fail(group, f"{name} was not asked again")
                continue
            samples = np.concatenate([self._windows[index].load() for index in group])
            charged_s = service.billed_s
            try:
                self._ask(name, service, group, samples)
            except ServiceRefused as failure:
                refused = True
                self._fail(group, f"{name} could not align it ({failure.reason})")
            if service.billed_s > charged_s:
                charged_ms += 1000 * len(samples) / VAD_SAMPLE_RATE
        billed_s = service.billed_s - before_s
        self.billed_s += billed_s
        if charged_ms:
            self._sent.append(
                f"{charged_ms / 1000:.1f} s of the audio were sent to {service.title}, which "
                f"charges for {billed_s:.0f} s"
            )

    def _fail(self, indices: Sequence[int], sentence: str) -> None:
        for index in indices:
            self._failures[index].append(sentence)

    def _settle_for_less(self, index: int) -> None:
        """The estimate, which never fails, unless the window has its times."""
        if index not in self._outcomes:
            window = self._windows[index]
            times = estimate_times(window.chunk.tokens, self._sounds[index], window.duration_ms)
            self._keep(index, Outcome("estimate", times, times[-1].end_ms))

    def _keep(self, index: int, outcome: Outcome) -> None:
        self._outcomes[index] = outcome
        self._done(len(self._outcomes))

    def _warning(self, index: int) -> str:
        window, source = self._windows[index], self._outcomes[index].source
        start_s = window.start_ms / 1000
        end_s = start_s + window.duration_ms / 1000
        remedy = "are estimated" if source == "estimate" else f"come from {source}"
        return (
            f"chunk {index} ({start_s:.1f}-{end_s:.1f} s): {', '.join(self._failures[index])};"
            f" its word times {remedy}"
        )


def _end_of(time: TokenTime, token: str, sound: SpeechActivity) -> float:
    """Where the sound of a window's last token ends; its own end where more follows, as music."""
    end_ms = sound.sound_end_after(time.end_ms)
    return end_ms if end_ms - time.start_ms <= max_token_ms(token) else time.end_ms


def _later(time: TokenTime, ms: float) -> TokenTime:
    characters = tuple(
        Character(char, start_ms + ms, end_ms + ms) for char, start_ms, end_ms in time.characters
    )
    return TokenTime(time.start_ms + ms, time.end_ms + ms, time.score, time.heard, characters)


def _inside(times: Sequence[TokenTime], duration_ms: float) -> list[TokenTime]:
    """Times from a longer stretch, put into their own window; one at its edge may lie outside."""
    last_ms = max([0.0, *(time.end_ms for time in times[-1:])])
    settled = to_integer_spans([(t.start_ms, t.end_ms) for t in times], int(duration_ms), last_ms)
    return [
        time._replace(start_ms=float(start_ms), end_ms=float(end_ms))
        for time, (start_ms, end_ms) in zip(times, settled, strict=True)
    ]


def _groups(indices: Sequence[int], windows: Sequence[Window], joins_ms: int) -> list[list[int]]:
    """Neighbouring windows together, as long as their audio is no longer than `joins_ms`."""
    groups: list[list[int]] = []
    length_ms = 0.0
    for index in indices:
        length_ms += windows[index].duration_ms
        if groups and groups[-1][-1] == index - 1 and length_ms <= joins_ms:
            groups[-1].append(index)
        else:
            groups.append([index])
            length_ms = windows[index].duration_ms
    return groups


def _chain(method: str, aligners: Mapping[str, Aligner], language: str) -> list[str]:
    """The aligners to ask, in order; none when the estimate is wanted."""
    usable = [name for name in METHODS if name in aligners and language in aligners[name].languages]
    if method == "auto":
        return [name for name in usable if _in_auto(aligners[name])]
    if method == "estimate":
        return []
    if method not in usable:
        raise TimingUnavailable(method, language, usable)
    return [method]


def _in_auto(aligner: Aligner) -> bool:
    return aligner.in_auto if isinstance(aligner, RemoteAligner) else True


def _window(speech: Speech, span: Span) -> Window:
    def load() -> Samples:
        samples = speech.samples[span.start : span.end]
        if speech.sample_rate == VAD_SAMPLE_RATE:
            return samples
        return np.asarray(soxr.resample(samples, speech.sample_rate, VAD_SAMPLE_RATE), np.float32)

    return Window(
        chunk=span.chunk,
        start_ms=1000 * span.start / speech.sample_rate,
        duration_ms=1000 * (span.end - span.start) / speech.sample_rate,
        load=load,
    )


def _owners(script: Script, chunks: Sequence[Chunk]) -> list[int]:
    """The index of each word's chunk, shape (words,)."""
    owners = [0] * len(script.words)
    for index, chunk in enumerate(chunks):
        for word in range(chunk.first_word, chunk.end_word):
            owners[word] = index
    return owners

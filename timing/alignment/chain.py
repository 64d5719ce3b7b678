"""Times every window of audio: the aligners are asked in order, and the estimate comes last."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import soxr

from timing.alignment.aligner import (
    MISMATCH,
    Aligner,
    RemoteService,
    ServiceRefused,
    TextMismatch,
    WindowFailed,
    check_count,
    validate,
)
from timing.alignment.estimate import estimate_times
from timing.alignment.selection import AlignerChain
from timing.alignment.vad import SpeechActivity, detect
from timing.alignment.windows import OTHER_SOUND_MS, ChunkSpan
from timing.token_times import (
    ESTIMATE,
    AlignmentFailure,
    TimedToken,
    WindowAlignment,
    separate_tokens,
)
from timing.words import LOW_CONFIDENCE, Timing, time_words
from tts.speech import ASR_SAMPLE_RATE, Chunk, Samples, Script, Speech

LOW_RUN_TOKENS = 3
"""So many consecutive tokens of less than LOW_CONFIDENCE are marked as not heard, and a warning
names their window: other words are spoken there. One word in a hundred is as low in its right
place."""

MAX_FADE_MS = 100.0
"""How long the last word of a window may fade away after the time that its aligner gives. More
sound is something else: other words, music, a breath."""


@dataclass(frozen=True)
class WindowedAudio:
    """Audio, and which chunk of a script is spoken in which window of it.

    windows: one for each chunk, in order.
    duration_ms: the length of the whole audio.
    read: returns the samples between two moments (ms), 16 kHz mono. It is called when a window is
        aligned, so that only the samples of one window are in memory.
    previous: what an earlier run made of some windows. Their times stay; the worker's own aligners
        are not asked again for one that was estimated.
    """

    windows: Sequence[ChunkSpan]
    duration_ms: int
    read: Callable[[float, float], Samples]
    previous: Mapping[ChunkSpan, WindowAlignment | None] = field(default_factory=dict)


def windows_of(speech: Speech) -> WindowedAudio:
    """Our own speech: each chunk is a window, whose place in the audio is exact."""
    rate = speech.sample_rate

    def read(start_ms: float, end_ms: float) -> Samples:
        samples = speech.samples[round(start_ms * rate / 1000) : round(end_ms * rate / 1000)]
        if rate == ASR_SAMPLE_RATE:
            return samples
        return np.asarray(soxr.resample(samples, rate, ASR_SAMPLE_RATE), np.float32)

    windows = [
        ChunkSpan(1000 * span.start / rate, 1000 * span.end / rate, span.chunk)
        for span in speech.chunks
    ]
    return WindowedAudio(windows, speech.duration_ms, read)


def align(
    script: Script,
    audio: WindowedAudio,
    chain: AlignerChain,
    report_progress: Callable[[int], None] = lambda windows: None,
) -> Timing:
    """Time every word of a script that is spoken in `audio`.

    script: its tokens are those of the audio's windows, in order. A window whose words are all of
        one other language goes to the aligners that know that language.
    chain: what may place them. The first aligner whose times pass `validate` places a window's
        tokens; if none does they are estimated, and a warning says so. A service gets only the
        windows that failed before it.
    report_progress: is called with the number of windows that have their times. What it raises
        ends the work.
    """
    run = _Run(script, audio, chain, report_progress)
    alignments = run.align_windows()
    warnings = run.warnings()
    in_audio = [
        alignment.shifted(window.start_ms)
        for window, alignment in zip(audio.windows, alignments, strict=True)
        if alignment
    ]
    owners = _owners(script, [window.chunk for window in audio.windows])
    words = time_words(script, owners, in_audio, audio.duration_ms)
    spoken = [word for word in words if word.is_spoken]
    counts = Counter(word.source for word in spoken)
    return Timing(
        words=words,
        method=max(counts, key=lambda source: counts[source], default=ESTIMATE),
        confidence=sum(word.confidence for word in spoken) / max(1, len(spoken)),
        warnings=tuple(warnings),
        billed_s=run.billed_s,
        alignments=tuple(alignments),
    )


_SILENCE = SpeechActivity(0.0, 0.0, ())


@dataclass
class _Window:
    """A window with tokens on its way down the chain.

    failures: why the aligners that were asked could not place it.
    language: of its words, ISO 639-1.
    activity: where it sounds; known once an aligner or the estimate needs it.
    alignment: None as long as the window has no times.
    """

    index: int
    span: ChunkSpan
    failures: list[AlignmentFailure]
    language: str
    activity: SpeechActivity = _SILENCE
    alignment: WindowAlignment | None = None

    @property
    def tokens(self) -> list[str]:
        return [token.spoken for token in self.span.chunk.tokens]

    def result(self) -> WindowAlignment | None:
        """Its times, and what failed before."""
        if self.alignment is None:
            return None
        return replace(self.alignment, failures=tuple(self.failures), is_spoken=self.span.is_spoken)

    def problem(self) -> str | None:
        """What is wrong with its times, for a warning; None if nothing is."""
        if self.alignment is None or not self.span.is_spoken:
            return None
        if any(_low_runs(self.alignment.times)) and self.alignment.source != ESTIMATE:
            return "the text may not match the audio; check the word times there"
        if not self.failures:
            return None
        if self.alignment.source == ESTIMATE:
            reasons = dict.fromkeys(
                failure.reason if failure.is_mismatch else f"{failure.aligner}: {failure.reason}"
                for failure in self.failures
            )
            return f"{', '.join(reasons)}; word times there are estimates"
        tried = ", ".join(
            f"{failure.aligner} failed ({failure.reason})" for failure in self.failures
        )
        return f"{tried}; word times there come from {self.alignment.source}"


class _Run:
    """One script on its way down the chain."""

    def __init__(
        self,
        script: Script,
        audio: WindowedAudio,
        chain: AlignerChain,
        report_progress: Callable[[int], None],
    ) -> None:
        self._audio = audio
        self._chain = chain
        self._report_progress = report_progress
        by_word = script.word_languages()
        self._windows = [
            _Window(index, span, [], _language_of(span.chunk, by_word) or chain.language)
            for index, span in enumerate(audio.windows)
            if span.chunk.tokens
        ]
        languages = dict.fromkeys(window.language for window in self._windows)
        self._aligners = {language: chain.for_language(language) for language in languages}
        self._aligned_count = 0
        self._bills: list[str] = []
        self.billed_s = 0.0

    def align_windows(self) -> list[WindowAlignment | None]:
        """The times of every window: from the worker's own aligners, the services, the estimate.

        None for a window without tokens.
        """
        services = {
            name: (aligner, aligner.service)
            for aligners in self._aligners.values()
            for name, aligner in aligners.items()
            if aligner.service
        }
        for window in self._windows:
            if not window.span.is_spoken:
                self._record(window, _unspoken(window.span))
                continue
            self._align_locally(window)
            # With services the estimate waits: it is only for what they cannot place either.
            if not services:
                self._estimate_if_missing(window)
        for name, (aligner, service) in services.items():
            self._ask_service(name, aligner, service)
        results: list[WindowAlignment | None] = [None] * len(self._audio.windows)
        for window in self._windows:
            self._estimate_if_missing(window)
            results[window.index] = window.result()
        return results

    def warnings(self) -> list[str]:
        """A sentence for each stretch with a problem, and one for each service's bill.

        Neighbouring windows with the same problem are one stretch.
        """
        stretches: list[tuple[_Window, _Window, str]] = []
        for window in self._windows:
            problem = window.problem()
            if problem is None:
                continue
            if stretches and (stretches[-1][1].index + 1, stretches[-1][2]) == (
                window.index, problem
            ):  # fmt: skip
                stretches[-1] = (stretches[-1][0], window, problem)
            else:
                stretches.append((window, window, problem))
        return [
            f"{first.span.start_ms / 1000:.1f}-{last.span.end_ms / 1000:.1f} s: {problem}"
            for first, last, problem in stretches
        ] + [*self._bills, *self._unknown_languages()]

    def _unknown_languages(self) -> Iterator[str]:
        """A sentence for each language that no aligner knows."""
        chain = self._chain
        # Who asks for the estimate knows that word times are estimated.
        if not chain.is_auto and not chain.aligners:
            return
        for language, aligners in self._aligners.items():
            if not aligners:
                whose = "all" if len(self._aligners) == 1 else "its"
                yield (
                    f"this worker cannot align language '{language}': {whose} word times are "
                    "estimated"
                )

    def _align_locally(self, window: _Window) -> None:
        """Ask the worker's own aligners, unless an earlier run did."""
        previous = self._audio.previous.get(window.span)
        if previous:
            window.failures += previous.failures
        if previous and previous.source != ESTIMATE:
            self._record(window, previous)
            return
        samples = self._audio.read(window.span.start_ms, window.span.end_ms)
        # Services and the estimate need the activity too, so it is known before the return.
        window.activity = detect(samples)
        if previous:
            return
        for name, aligner in self._aligners[window.language].items():
            if aligner.service:
                continue
            self._try(name, aligner, [window], samples)
            if window.alignment:
                return

    def _ask_service(self, name: str, aligner: Aligner, service: RemoteService) -> None:
        """Have a service place what has no times yet, neighbours in one call, until it refuses."""
        missing = [
            window
            for window in self._windows
            if window.alignment is None and name in self._aligners[window.language]
        ]
        sent_s = billed_s = 0.0
        has_refused = False
        for group in _groups(missing, aligner.max_window_ms):
            # A chance to stop: a call may take minutes.
            self._report_progress(self._aligned_count)
            if has_refused:
                _fail(group, AlignmentFailure(name, "it was not asked again", is_mismatch=False))
                continue
            samples = np.concatenate(
                [self._audio.read(window.span.start_ms, window.span.end_ms) for window in group]
            )
            try:
                charge_s = self._try(name, aligner, group, samples)
            except ServiceRefused as refusal:
                has_refused, charge_s = True, refusal.billed_s
                _fail(group, AlignmentFailure(name, refusal.reason, is_mismatch=False))
            billed_s += charge_s
            sent_s += len(samples) / ASR_SAMPLE_RATE if charge_s else 0.0
        self.billed_s += billed_s
        if sent_s:
            self._bills.append(
                f"{sent_s:.1f} s of the audio were sent to {service.display_name}, which "
                f"charges for {billed_s:.0f} s"
            )

    def _try(
        self, name: str, aligner: Aligner, windows: Sequence[_Window], samples: Samples
    ) -> float:
        """Have one aligner place neighbouring windows of one language.

        name: the aligner's, for the warnings.
        samples: the windows' audio, one after the other.

        Returns what it charges for, in seconds of audio. Raises `ServiceRefused`.
        """
        tokens = [token for window in windows for token in window.tokens]
        billed_s = 0.0
        try:
            times, billed_s = aligner.align(samples, tokens, windows[0].language)
            check_count(times, tokens)
        except ServiceRefused:
            # A subclass of WindowFailed that the caller handles: it stops asking the service.
            raise
        except WindowFailed as failure:
            _fail(windows, _failure(name, failure))
            return billed_s + failure.billed_s
        first, start_ms = 0, 0.0
        for window in windows:
            end = first + len(window.span.chunk.tokens)
            in_window = [time.shifted(-start_ms) for time in times[first:end]]
            if len(windows) > 1:
                # A token at the edge of a window may lie in its neighbour.
                in_window = separate_tokens(in_window, window.span.duration_ms)
            self._accept(name, window, in_window)
            first, start_ms = end, start_ms + window.span.duration_ms
        return billed_s

    def _accept(self, name: str, window: _Window, times: Sequence[TimedToken]) -> None:
        """Keep a window's times if they can be right."""
        activity, tokens = window.activity, window.tokens
        try:
            validate(times, tokens, activity, window.span.duration_ms)
        except WindowFailed as failure:
            _fail([window], _failure(name, failure))
            return
        snapped: list[TimedToken] = []
        for time in times:
            start_ms, end_ms = activity.snap_to_speech(time.start_ms, time.end_ms)
            snapped.append(replace(time, start_ms=start_ms, end_ms=end_ms))
        for run in _low_runs(snapped):
            for index in run:
                snapped[index] = replace(snapped[index], is_heard=False)
        end_ms = _sound_end_ms(snapped[-1], activity)
        skips_sound = _skips_sound(snapped, activity)
        self._record(window, WindowAlignment(name, snapped, end_ms, skips_sound=skips_sound))

    def _estimate_if_missing(self, window: _Window) -> None:
        """Estimate the times of a window that has none; the estimate never fails."""
        if window.alignment is None:
            tokens = window.span.chunk.tokens
            times = estimate_times(tokens, window.activity, window.span.duration_ms)
            self._record(window, WindowAlignment(ESTIMATE, times, times[-1].end_ms))

    def _record(self, window: _Window, alignment: WindowAlignment) -> None:
        window.alignment = alignment
        self._aligned_count += 1
        self._report_progress(self._aligned_count)


def _unspoken(span: ChunkSpan) -> WindowAlignment:
    """The times of tokens that nobody says: no time at all."""
    nothing = TimedToken(0.0, 0.0, 0.0, is_heard=False)
    return WindowAlignment(ESTIMATE, [nothing] * len(span.chunk.tokens), 0.0, is_spoken=False)


def _fail(windows: Iterable[_Window], failure: AlignmentFailure) -> None:
    for window in windows:
        window.failures.append(failure)


def _failure(name: str, failed: WindowFailed) -> AlignmentFailure:
    is_mismatch = isinstance(failed, TextMismatch)
    return AlignmentFailure(name, MISMATCH if is_mismatch else failed.reason, is_mismatch)


def _low_runs(times: Sequence[TimedToken]) -> Iterator[range]:
    """The runs of consecutive tokens of which an aligner is not sure."""
    first = 0
    for index in range(len(times) + 1):
        if index < len(times) and times[index].confidence < LOW_CONFIDENCE:
            continue
        if index - first >= LOW_RUN_TOKENS:
            yield range(first, index)
        first = index + 1


def _skips_sound(times: Sequence[TimedToken], activity: SpeechActivity) -> bool:
    """Whether something sounds between two tokens that is more than their edges."""
    gaps = [(a.end_ms, b.start_ms) for a, b in pairwise(times)]
    return any(
        end - start >= OTHER_SOUND_MS
        and activity.speech_fraction(start, end) * (end - start) >= OTHER_SOUND_MS
        for start, end in gaps
    )


def _sound_end_ms(time: TimedToken, activity: SpeechActivity) -> float:
    """Where the sound of a window's last token ends, at most MAX_FADE_MS after its time."""
    return min(activity.sound_end_after(time.end_ms), time.end_ms + MAX_FADE_MS)


def _groups(windows: Iterable[_Window], max_ms: int) -> list[list[_Window]]:
    """Neighbouring windows of one language together, as long as their audio is no longer than
    `max_ms`."""
    groups: list[list[_Window]] = []
    length_ms = 0.0
    for window in windows:
        length_ms += window.span.duration_ms
        last = groups[-1][-1] if groups else None
        is_next = last and (last.index, last.language) == (window.index - 1, window.language)
        if is_next and length_ms <= max_ms:
            groups[-1].append(window)
        else:
            groups.append([window])
            length_ms = window.span.duration_ms
    return groups


def _language_of(chunk: Chunk, by_word: Sequence[str | None]) -> str | None:
    """The language of a chunk's words, ISO 639-1; None if they have several, or the script's.

    by_word: the language of each word; None for the script's.
    """
    languages = {by_word[token.word] for token in chunk.tokens}
    return languages.pop() if len(languages) == 1 else None


def _owners(script: Script, chunks: Sequence[Chunk]) -> list[int]:
    """The index of each word's chunk, shape (words,)."""
    owners = [0] * len(script.words)
    for index, chunk in enumerate(chunks):
        for word in range(chunk.first_word, chunk.end_word):
            owners[word] = index
    return owners

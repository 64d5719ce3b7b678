"""Takes of single chunks made into one speech: trimmed, levelled, with the pauses between them."""

from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import accumulate, pairwise

import numpy as np

from tts.audio.levels import EDGE_S, FRAME_S, PEAK, active_frames, frame_size, normalize_rms
from tts.speech import Chunk, Pcm16, Samples, Span, Speech

FADE_S = 0.008
ONSET_S = 0.002
"""The fade of a take's end: of one in silence, and of one whose sound goes on to its last sample.
Long enough not to click; the second must not swallow a consonant."""

MAX_PAUSE_S = 0.6
"""The longest silence that the script did not ask for."""

REMOVED_PAUSE_S, LEFT_PAUSE_S = 1.0, 0.5
"""With `remove_silence` a pause inside a take that is over the first is shortened to the second."""

BLOCK = 1 << 20
"""Samples that are scaled at a time: the intermediate float32 of an hour would be 350 MB."""


@dataclass(frozen=True)
class JoinOptions:
    """How takes become one speech; bounds and defaults as in jobs/tts/request.py.

    `target_rms` is the RMS of what sounds in each take, where full scale is 1. Takes that meet
    without a pause are blended over `cross_fade_s` seconds. `remove_silence` shortens pauses inside
    a take of over REMOVED_PAUSE_S. `total_s` is the exact length of the speech in seconds; None
    leaves it as long as it is. With `is_early` no take changes what lies before it: one whose peaks
    would pass full scale becomes quieter alone.
    """

    target_rms: float = 0.1
    cross_fade_s: float = 0.15
    remove_silence: bool = False
    total_s: float | None = None
    is_early: bool = False

    def total_samples(self, sample_rate: int) -> int | None:
        """The exact length in samples; None if any length will do."""
        return None if self.total_s is None else round(self.total_s * sample_rate)


class TotalTooShort(Exception):
    """Not even the fastest speech fits into the length that was asked for."""


@dataclass(frozen=True)
class TrimmedTake:
    """A take cut to its sound with EDGE_S around it, levelled.

    `lead` and `tail` are the samples of silence to add before and after it, because the take's
    sound begins or ends closer than EDGE_S to its first or last sample.
    """

    audio: Samples
    lead: int = 0
    tail: int = 0

    @property
    def length(self) -> int:
        """Its samples in a speech."""
        return self.lead + len(self.audio) + self.tail

    def limited(self, peak: float) -> "TrimmedTake":
        """The same take, quieter where its peak is over `peak`."""
        highest = float(np.abs(self.audio).max(initial=0.0))
        if highest <= peak:
            return self
        return TrimmedTake(self.audio * np.float32(peak / highest), self.lead, self.tail)

    def without(self, front: int, back: int) -> "TrimmedTake":
        """The same take without `front` and `back` samples of the silence around its sound."""
        lead, tail = min(front, self.lead), min(back, self.tail)
        audio = self.audio[front - lead : len(self.audio) - (back - tail)]
        return TrimmedTake(audio, self.lead - lead, self.tail - tail)


@dataclass(frozen=True)
class EarlierLevels:
    """How loud the earlier version of a speech is, so that what did not change stays as it is.

    new: the indices of the chunks that it lacks. Where their peaks would make the whole quieter,
        they alone become quieter.
    quieter: what made the whole quieter in chunks that are gone: the factors in order, by the index
        of the chunk that follows; the number of chunks stands for the end.
    """

    new: Set[int]
    quieter: Mapping[int, Sequence[float]]


def join(
    takes: Iterable[Samples],
    chunks: Sequence[Chunk],
    sample_rate: int,
    options: JoinOptions,
    earlier: EarlierLevels | None = None,
    on_pause: Callable[["Pcm16Writer", int], None] = lambda tape, count: None,
) -> Speech:
    """Join one take per chunk, each at `sample_rate`; a span is exactly where its take lies.

    Takes are asked for one by one. If two meet without a pause and both sound there, they are
    blended with equal power, and their border lies in the middle; all other edges are faded over
    FADE_S. For an exact length the pauses are made longer, up to MAX_PAUSE_S, and silence at the
    end fills what is still missing. `earlier` is for a changed version of an earlier speech.
    `on_pause` is called after each pause and at the end, with what is written so far and the number
    of chunks in it; with `is_early` that is final.
    """
    earlier = earlier or EarlierLevels(frozenset(), {})
    length = options.total_samples(sample_rate)
    cuts: Iterable[TrimmedTake] = (
        trim_and_level(take, sample_rate, options).without(*edges)
        for take, edges in zip(takes, _edge_trims(chunks, sample_rate), strict=True)
    )
    lead, *pauses = _pause_samples(chunks, sample_rate)
    if length is not None:
        # The pauses depend on the length of all takes, so here all of them are in memory at once.
        cuts = list(cuts)
        missing = length - lead - sum(pauses) - sum(cut.length for cut in cuts)
        pauses = _stretch_pauses(pauses, chunks, missing, sample_rate)
    tape = Pcm16Writer(options.is_early)
    tape.add(np.zeros(lead, np.float32))
    borders: list[tuple[int, int]] = []
    quieter: list[tuple[float, ...]] = []
    start = 0
    body: Samples = np.zeros(0, np.float32)
    before: TrimmedTake | None = None
    gain = tape.gain
    for index, (current, chunk, gap) in enumerate(zip(cuts, chunks, pauses, strict=True)):
        if index in earlier.new or options.is_early:
            current = current.limited(PEAK / gain)
        # Whether the take before meets this one, and so is not written to its end yet.
        overlap = _overlap(before, current, round(options.cross_fade_s * sample_rate))
        if before is not None:
            tape.add(body[:-overlap] if overlap else _fade_out(body, before.tail, sample_rate))
            border = len(tape) + overlap // 2
            borders.append((start, border))
            quieter.append(tape.take_factors())
            start = border
        else:
            start = len(tape)
        # A fade-in is a fade-out of the reversed audio.
        body = (
            _blend(body, current.audio, overlap)
            if overlap
            else _fade_out(current.audio[::-1], current.lead, sample_rate)[::-1]
        )
        tape.repeat(earlier.quieter.get(index, ()))
        gain, before = tape.gain, current
        is_last = index + 1 == len(chunks)
        if not is_last and chunk.silence_ms is None and chunk.pause_ms + gap == 0:
            continue
        tape.add(_fade_out(body, current.tail, sample_rate))
        borders.append((start, len(tape)))
        tape.add(np.zeros(max(gap, (length or 0) - len(tape)) if is_last else gap, np.float32))
        quieter.append(tape.take_factors())
        if is_last:
            tape.repeat(earlier.quieter.get(len(chunks), ()))
        before = None
        on_pause(tape, index + 1)
    spans = [Span(chunk, *border) for chunk, border in zip(chunks, borders, strict=True)]
    return Speech(tape.pcm(), sample_rate, tuple(spans), tuple(quieter))


def plan_lengths(
    natural: Sequence[int],
    chunks: Sequence[Chunk],
    sample_rate: int,
    *,
    total: int,
    min_pace: float,
    max_pace: float,
) -> list[int]:
    """The samples that each chunk's take must have so that all of them, joined, fill `total`.

    `natural` are the takes' samples at the natural pace; all are spoken faster or slower alike,
    between `min_pace` and `max_pace` times that pace. Raises TotalTooShort if the fastest is too
    slow; speech that is not slow enough leaves silence for `join` to add.
    """
    # A take may sound from its first sample to its last: the joiner adds EDGE_S at both ends then.
    # FRAME_S more is a margin, because the joiner finds the sound by whole frames.
    edges = 2 * round((EDGE_S + FRAME_S) * sample_rate)
    room = total - sum(_pause_samples(chunks, sample_rate)) - len(chunks) * edges
    if room * max_pace < sum(natural):
        raise TotalTooShort
    return apportion(natural, min(room, round(sum(natural) / min_pace)))


def apportion(lengths: Sequence[int], total: int) -> list[int]:
    """A total divided in proportion to the lengths, in whole numbers that add up to it."""
    ends = [0, *accumulate(lengths)]
    # Rounding the borders, not the lengths, makes the lengths add up to the total.
    borders = [round(total * end / ends[-1]) for end in ends]
    return [right - left for left, right in pairwise(borders)]


def pause_length(chunks: Sequence[Chunk], sample_rate: int) -> int:
    """The samples of a speech before, between and after its takes, as `trim_and_level` leaves them,
    if no take is blended with another."""
    return sum(_pause_samples(chunks, sample_rate))


def silence_samples(chunks: Sequence[Chunk], sample_rate: int) -> int:
    """The samples of a speech that lie outside of the sound of its takes: pauses, and the edges
    that each take keeps. Of takes that are blended it is the most that there can be."""
    edges = 2 * round(EDGE_S * sample_rate) * len(chunks)
    trimmed = sum(front + back for front, back in _edge_trims(chunks, sample_rate))
    return sum(_pause_samples(chunks, sample_rate)) + edges - trimmed


def _pause_samples(chunks: Sequence[Chunk], sample_rate: int) -> list[int]:
    """The samples of silence before the first chunk and after each chunk, without the EDGE_S that
    the takes bring."""
    edge = round(EDGE_S * sample_rate)
    lead = max(0, _samples(chunks[0].lead_ms, sample_rate) - edge) if chunks else 0
    pauses = [lead]
    for index, chunk in enumerate(chunks):
        wanted_ms = chunk.pause_ms if chunk.silence_ms is None else chunk.silence_ms
        edges = edge if index + 1 == len(chunks) else 2 * edge
        pauses.append(max(0, _samples(wanted_ms, sample_rate) - edges))
    return pauses


def _edge_trims(chunks: Sequence[Chunk], sample_rate: int) -> list[tuple[int, int]]:
    """The samples to remove from the edges before and after each take's sound.

    Not zero only if the script asks for a silence that is shorter than the two edges beside it.
    """
    edges = 2 * round(EDGE_S * sample_rate)
    fronts, backs = [0], []
    for chunk in chunks[:-1]:
        wanted = edges if chunk.silence_ms is None else _samples(chunk.silence_ms, sample_rate)
        over = max(0, edges - wanted)
        backs.append(over // 2)
        fronts.append(over - over // 2)
    return list(zip(fronts, [*backs, 0], strict=True))


def _samples(ms: int, sample_rate: int) -> int:
    return round(ms * sample_rate / 1000)


def _stretch_pauses(
    pauses: Sequence[int], chunks: Sequence[Chunk], missing: int, sample_rate: int
) -> list[int]:
    """Spread `missing` samples evenly over the pauses between chunks, as far as they may grow.

    Silences that the script asks for stay as they are.
    """
    longest = round((MAX_PAUSE_S - 2 * EDGE_S) * sample_rate)
    share = max(0, missing) // max(1, len(pauses) - 1)
    grown = [max(pause, min(longest, pause + share)) for pause in pauses[:-1]] + [pauses[-1]]
    return [
        pause if chunk.silence_ms is not None else longer
        for pause, longer, chunk in zip(pauses, grown, chunks, strict=True)
    ]


class Pcm16Writer:
    """Audio written piece by piece as 16-bit numbers, with one gain for all.

    The gain is 1 until a piece would exceed PEAK; then everything written becomes quieter too. A
    limit for each take alone would make their loudness uneven.

    is_final: what is written stays as it is. The pieces come with their peaks below PEAK then; only
        where two are blended, single samples may exceed it, and these are cut off.
    """

    def __init__(self, is_final: bool = False) -> None:
        self._bytes = bytearray()
        self._factors: list[float] = []
        self._is_final = is_final
        self.gain = 1.0

    def __len__(self) -> int:
        return len(self._bytes) // 2

    def add(self, audio: Samples) -> None:
        """Write more samples."""
        highest = self.gain * float(np.abs(audio).max(initial=0.0))
        if self._is_final:
            audio = np.clip(audio, -PEAK, PEAK)
        elif highest > PEAK:
            self._factors.append(PEAK / highest)
            self._quieter(PEAK / highest)
        numbers = np.rint(audio * np.float32(self.gain * Pcm16.FULL_SCALE)).astype(np.int16)
        self._bytes += numbers.tobytes()

    def since(self, start: int) -> Pcm16:
        """A copy of the samples from `start` on."""
        return Pcm16(np.frombuffer(self._bytes[2 * start :], np.int16))

    def take_factors(self) -> tuple[float, ...]:
        """The factors by which everything became quieter since the last call, in order."""
        factors, self._factors = tuple(self._factors), []
        return factors

    def repeat(self, factors: Sequence[float]) -> None:
        """Make everything quieter by each of the factors."""
        for factor in factors:
            self._quieter(factor)

    def pcm(self) -> Pcm16:
        """The audio; nothing can be added any more."""
        return Pcm16(np.frombuffer(self._bytes, np.int16))

    def _quieter(self, factor: float) -> None:
        self.gain *= factor
        # A bytearray gives a writable view, so the samples change in place.
        numbers = np.frombuffer(self._bytes, np.int16)
        for start in range(0, len(numbers), BLOCK):
            block = numbers[start : start + BLOCK]
            block[:] = np.rint(block * np.float32(factor))


def trim_and_level(take: Samples, sample_rate: int, options: JoinOptions) -> TrimmedTake:
    """Level a take, cut it to its sound, and shorten its pauses; a silent take stays as it is."""
    loud = active_frames(take, sample_rate)
    audio = normalize_rms(take, loud, sample_rate, options.target_rms)
    sounding = np.flatnonzero(loud)
    if len(sounding) == 0:
        return TrimmedTake(audio)
    size, edge = frame_size(sample_rate), round(EDGE_S * sample_rate)
    start = int(sounding[0]) * size - edge
    end = min((int(sounding[-1]) + 1) * size, len(take)) + edge
    trimmed = audio[max(0, start) : end]
    if options.remove_silence:
        trimmed = shorten_pauses(trimmed, sample_rate, REMOVED_PAUSE_S, LEFT_PAUSE_S)
    # Models sometimes fall silent for seconds inside a line: no request asks for that.
    trimmed = shorten_pauses(trimmed, sample_rate, MAX_PAUSE_S, MAX_PAUSE_S)
    return TrimmedTake(trimmed, max(0, -start), max(0, end - len(take)))


def _overlap(before: TrimmedTake | None, cut: TrimmedTake, longest: int) -> int:
    """How many samples two takes are blended over, `longest` at most; none unless both sound at
    the seam."""
    if before is None or not before.tail or not cut.lead:
        return 0
    # A take may be blended at both ends, so each blend gets at most half of it.
    return min(longest, len(before.audio) // 2, len(cut.audio) // 2)


def _blend(left: Samples, right: Samples, length: int) -> Samples:
    """Cross-fade the last `length` samples of `left` into the first of `right`, with equal power.

    The result begins there: the rest of `left` is not in it.
    """
    angle = np.linspace(0, np.pi / 2, length, dtype=np.float32)
    mixed = left[-length:] * np.cos(angle) + right[:length] * np.sin(angle)
    return np.concatenate([mixed, right[length:]])


def _fade_out(audio: Samples, missing: int, sample_rate: int) -> Samples:
    """Fade the end out over FADE_S, and add `missing` samples of silence.

    If silence is missing, the end of the audio is sound, and a fade over FADE_S would be heard:
    ONSET_S is enough against a click.
    """
    length = min(round((ONSET_S if missing else FADE_S) * sample_rate), len(audio) // 2)
    faded = np.pad(audio, (0, missing))
    ramp = np.linspace(1, 0, length, dtype=np.float32)
    faded[len(audio) - length : len(audio)] *= ramp
    return faded


def shorten_pauses(audio: Samples, sample_rate: int, longest_s: float, left_s: float) -> Samples:
    """Shorten each inner silence of over `longest_s` seconds to `left_s`, blended over FADE_S."""
    size, overlap = frame_size(sample_rate), round(FADE_S * sample_rate)
    side = round((left_s + FADE_S) / 2 * sample_rate)
    loud = np.flatnonzero(active_frames(audio, sample_rate))
    parts: list[Samples] = []
    rest, start = audio, 0
    for left, right in pairwise(loud):
        if (right - left - 1) * FRAME_S > longest_s:
            before = rest[: (int(left) + 1) * size + side - start]
            parts.append(before[:-overlap])
            start = int(right) * size - side
            rest = _blend(before, audio[start:], overlap)
    return np.concatenate([*parts, rest]) if parts else audio

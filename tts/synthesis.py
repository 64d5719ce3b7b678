"""A script that one or several voices speak: the takes of its chunks, then one speech of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tts.audio.join import (
    EarlierLevels,
    JoinOptions,
    TotalTooShort,
    join,
    pause_length,
    plan_lengths,
    trim_and_level,
)
from tts.engine import Engine, SamplingOptions, SynthesisFailed, Take, Voice
from tts.speech import Chunk, Pcm16, Samples, Speech
from tts.turns import Turns

MAX_PASSES = 7
"""Attempts to find a pace that fits an exact duration. Each of them speaks the whole script."""

MIN_FILL, AIM = 0.97, 0.99
"""A speech is as long as asked if it fills MIN_FILL of the total; the next pace aims at AIM."""


@dataclass(frozen=True)
class Synthesis:
    """What one job speaks, and how.

    `chunks` are all of the script's; `voices` has the voice of each name that the chunks have in
    `voice`, None included.
    """

    engine: Engine
    chunks: Sequence[Chunk]
    voices: Mapping[str | None, Voice]
    sampling: SamplingOptions
    joining: JoinOptions

    def speak(
        self,
        tries: Sequence[Take],
        on_take: Callable[[int], None] = lambda count: None,
        on_audio: Callable[[int, Pcm16], None] = lambda index, take: None,
    ) -> Turns[dict[int, Pcm16]]:
        """The takes of some chunks by the chunk's index. It can pause after each take.

        All chunks of one voice are spoken together. `on_take` gets the number of chunks that have a
        take, after each take; what it raises ends the work and passes through. `on_audio` gets each
        take and the index of its chunk. Raises SynthesisFailed.
        """
        takes: dict[int, Pcm16] = {}

        def keep(index: int, samples: Samples) -> None:
            takes[index] = _at_full_scale(samples)
            on_audio(index, takes[index])
            on_take(len(takes))

        # One voice after another, because an engine takes one voice a call.
        for name, voice in self.voices.items():
            wanted = [take for take in tries if self.chunks[take.chunk].voice == name]
            if wanted:
                yield from self._speak_with(voice, wanted, keep)
        return takes

    def join(self, takes: dict[int, Pcm16], earlier: EarlierLevels | None = None) -> Speech:
        """One speech of a take for each chunk. `takes` is emptied, so memory holds them once.

        earlier: the loudness of the speech that this one is a changed version of.
        """
        rate = self.engine.sample_rate
        # A generator: without an exact length, float32 is needed for one take at a time only.
        samples = (takes.pop(index)[:] for index in range(len(self.chunks)))
        return join(samples, self.chunks, rate, self.joining, earlier)

    def _speak_with(
        self, voice: Voice, tries: Sequence[Take], keep: Callable[[int, Samples], None]
    ) -> Turns[None]:
        """Speak the tries, of chunks of one voice, within the exact duration if there is one."""
        targets = None
        total = self.joining.total_samples(self.engine.sample_rate)
        if total is not None:
            # All chunks, not only those of `tries`: they share the total.
            natural = self.engine.natural_lengths(self.chunks, voice)
            if natural is None:
                yield from self._search_pace(voice, tries, keep, total)
                return
            targets = self._plan(natural, total)
        for index, samples in self.engine.synthesize(
            self.chunks, voice, self.sampling, tries, targets
        ):
            keep(index, samples)
            yield

    def _plan(self, natural: Sequence[int], total: int) -> list[int]:
        """The samples of each chunk's take for a speech of `total` samples."""
        engine = self.engine
        try:
            return plan_lengths(
                natural,
                self.chunks,
                engine.sample_rate,
                total=total,
                min_pace=engine.min_pace,
                max_pace=engine.max_pace,
            )
        except TotalTooShort:
            raise self._cannot_be_spoken() from None

    def _search_pace(
        self,
        voice: Voice,
        tries: Sequence[Take],
        keep: Callable[[int, Samples], None],
        total: int,
    ) -> Turns[None]:
        """Speak all chunks again and again, each time at a better pace, until they fit.

        Every chunk is spoken, because all of them share the total; those of `tries` are kept, and
        a later pass replaces them.
        """
        engine, chunks = self.engine, self.chunks
        wanted = {take.chunk: take for take in tries}
        every = [wanted.get(index, Take(index)) for index in range(len(chunks))]
        pauses = pause_length(chunks, engine.sample_rate)
        speed, length = self.sampling.speed, 0
        # The pace approaches from the side of too short a speech: the joiner can add silence, but
        # it cannot take speech away.
        for _ in range(MAX_PASSES):
            sampling, length = replace(self.sampling, speed=speed), pauses
            for index, samples in engine.synthesize(chunks, voice, sampling, every):
                if index in wanted:
                    keep(index, samples)
                length += trim_and_level(samples, engine.sample_rate, self.joining).length
                yield
            # At the slowest pace `join` fills the rest with silence.
            if length <= total and (speed == engine.min_pace or length >= MIN_FILL * total):
                return
            speed = max(engine.min_pace, speed * length / (AIM * total))
        if length > total:
            raise self._cannot_be_spoken()

    def _cannot_be_spoken(self) -> SynthesisFailed:
        return SynthesisFailed(
            f"the text cannot be spoken in {self.joining.total_s:g} s; "
            "leave fix_duration out or make it longer"
        )


def _at_full_scale(samples: Samples) -> Pcm16:
    """A take in half the memory, its peak at full scale: `join` sets the loudness anyway."""
    peak = float(np.abs(samples).max(initial=0.0))
    return Pcm16.of(samples / np.float32(peak) if peak else samples)

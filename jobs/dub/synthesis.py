"""The speech of a `dub` job: its cues read, paced, spoken, and placed at their times."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from jobs.dub.cues import SourceCue, SubtitleFile, SubtitlesRejected, counted
from jobs.dub.pace import GAP_S, Slot, pace
from jobs.dub.place import Tape, cue_audio
from jobs.dub.request import SHIFT, TRIM, DubRequest
from jobs.dub.script import as_markup, by_cue, find_speakers
from jobs.results.replies import DubbedCue
from jobs.second_text import read_second
from jobs.ssml_voices import missing_voices
from jobs.tts.loudness import set_loudness
from jobs.tts.passages import slowest_rate
from jobs.tts.synthesis import SynthesisResult, main_voice, sampling_of
from jobs.tts.verification import verified
from tts.asr.misheard import Suggestion
from tts.asr.verify import ChunkQuality, RoundTripScorer
from tts.audio.join import JoinOptions
from tts.audio.levels import EDGE_S
from tts.engine import Take, Voice
from tts.speech import Chunk, Pcm16, Speech
from tts.synthesis import Synthesis
from tts.text.chunks import fit_tokens, split
from tts.text.lexicon import folded
from tts.text.script import TextRejected, read_markup
from tts.text.script_warnings import script_warnings, warn_voices
from tts.text.unknown_characters import check_letters
from tts.turns import Turns, at_once
from worker.job import Job
from worker.state import Worker


@dataclass(frozen=True)
class DubResult:
    """A speech, and when each cue is spoken in it."""

    speech: SynthesisResult
    cues: list[DubbedCue]


def synthesize(worker: Worker, request: DubRequest, job: Job, file: SubtitleFile) -> DubResult:
    """Speak the cues on their times, with progress after each.

    The speech is as long as the file at least.

    Raises voice_not_found, voice_rejected, fetch_refused, fetch_failed, too_large, text_rejected,
    synthesis_failed, storage_error.
    """
    with job.stage("voice"), ThreadPoolExecutor(1) as thread:
        # The lexicon and the voices are round trips to the bucket, so they run in parallel.
        lexicon = thread.submit(worker.lexicon.read)
        cues, speakers, problems = find_speakers(worker, file.cues)
        text = as_markup(cues, speakers)
        missing = missing_voices(worker.voices, text.markup)
        text = replace(text, markup=text.markup.without_voices(missing))
        voices: dict[str | None, Voice] = {None: main_voice(worker, request, job)}
        for name in text.voices():
            voices[name] = worker.voices.find(name, None, request.language, job.folder)
        entries = lexicon.result()
    with job.stage("text"):
        pronunciations, for_all_jobs = folded(request.pronunciations), folded(entries.words)
        options = (request.language, request.normalize, pronunciations, for_all_jobs)
        try:
            script = read_markup(text.markup, *options, job.stop.raise_if_cancelled)
        except TextRejected:
            raise SubtitlesRejected("no cue of the file has a word that can be spoken") from None
        problems = [*file.warnings, *problems, *([entries.warning] if entries.warning else [])]
        problems += script_warnings(text.markup, script, *options) + warn_voices(missing)
        problems += check_letters(script.tokens, worker.engine.unknown_characters)
        sampling = sampling_of(request, job.seed)
        slowest = request.speed * slowest_rate(script, request.speed)
        limit = min(
            worker.engine.max_chunk_size(script, voice, replace(sampling, speed=slowest))
            for voice in voices.values()
        )
        second = read_second(request.subtitles.second, script, job)
        script = fit_tokens(script, limit, worker.engine.measure)
        chunks, ranges = by_cue(script, split(script, limit, worker.engine.measure), text)
        spoken = [(cue, part) for cue, part in zip(cues, ranges, strict=True) if part]
        unspoken = len(cues) - len(spoken)
        if unspoken:
            silent = counted(unspoken, "more cue has", "more cues have")
            problems.append(f"{silent} no word that can be spoken")
        cues, ranges = [cue for cue, _ in spoken], [part for _, part in spoken]
    joining = JoinOptions(request.target_rms, request.cross_fade_duration)
    synthesis = Synthesis(worker.engine, chunks, voices, sampling, joining)
    speaker = _Speaker(synthesis, chunks, ranges, lambda done: _report(job, done, len(cues)))

    def speak() -> Turns[tuple[list[Slot], dict[int, Pcm16]]]:
        lengths = speaker.planned_lengths()
        fastest = request.max_speed / request.speed
        slots = yield from pace(cues, lengths or speaker.spoken_length, fastest, request.overflow)
        if lengths is not None:
            # All at once, because such an engine speaks several chunks in one batch.
            tries = [Take(index) for index in range(len(chunks))]
            speaker.takes = yield from synthesis.speak(
                tries, lambda done: _report(job, done * len(cues) // len(chunks), len(cues))
            )
        return slots, speaker.takes

    slots, takes = worker.model_thread.synthesize(job, speak)
    quality: list[ChunkQuality] | None = None
    suggestions: Sequence[Suggestion] = ()
    if request.verify:
        with job.stage("verification"):
            scorer = RoundTripScorer(script, chunks, request.language, pronunciations, for_all_jobs)
            heard = verified(worker, job, synthesis, scorer, takes)
            quality, suggestions = heard.quality, heard.suggestions
            problems += heard.warnings
    with job.stage("join"):
        speech, dubbed = _place(request, synthesis, takes, cues, ranges, slots, file.end_ms)
    problems += _overflow_warnings(request.overflow, dubbed, cues)
    speech, loudness, more = set_loudness(speech, request.loudness, job)
    result = SynthesisResult(
        script,
        speech,
        voices,
        sampling.seed,
        quality,
        [*problems, *more],
        second,
        suggestions=suggestions,
        loudness=loudness,
    )
    return DubResult(result, dubbed)


def _report(job: Job, done: int, count: int) -> None:
    job.progress("synthesis", done, count)


class _Speaker:
    """Speaks cues at the rates that are asked for.

    synthesis: of `chunks`, whose rates change in place.
    ranges: the chunks of each cue.
    report: gets the number of cues that are spoken.
    """

    def __init__(
        self,
        synthesis: Synthesis,
        chunks: list[Chunk],
        ranges: Sequence[range],
        report: Callable[[int], None],
    ) -> None:
        self.takes: dict[int, Pcm16] = {}
        self._synthesis, self._chunks, self._ranges = synthesis, chunks, ranges
        self._bases = [chunk.rate for chunk in chunks]
        self._report = report
        self._cue = -1
        self._tried: dict[float, tuple[dict[int, Pcm16], float]] = {}

    def planned_lengths(self) -> Callable[[int, float], float] | None:
        """The seconds of a cue at a rate, which it then has; None if only speaking tells them."""
        engine, natural = self._synthesis.engine, [0] * len(self._chunks)
        for name, voice in self._synthesis.voices.items():
            own = [index for index, chunk in enumerate(self._chunks) if chunk.voice == name]
            lengths = engine.natural_lengths([self._chunks[index] for index in own], voice)
            if lengths is None:
                return None
            for index, length in zip(own, lengths, strict=True):
                natural[index] = length

        def length_at(cue: int, rate: float) -> float:
            self._set_rate(cue, rate)
            part = self._ranges[cue]
            words = sum(natural[index] for index in part) / engine.sample_rate
            pauses_ms = sum(
                self._chunks[i].pause_ms if (s := self._chunks[i].silence_ms) is None else s
                for i in part
            )
            # A take may sound from its first sample to its last: the joiner adds EDGE_S then.
            edges_s = EDGE_S * (2 * len(part) - 1)
            return words / (rate * self._synthesis.sampling.speed) + pauses_ms / 1000 + edges_s

        return length_at

    def spoken_length(self, cue: int, rate: float) -> float:
        """The seconds of a cue at a rate, from its first sound; it is spoken at that rate then."""
        if cue != self._cue:
            self._cue, self._tried = cue, {}
            self._report(cue)
        part = self._ranges[cue]
        if rate not in self._tried:
            self._set_rate(cue, rate)
            tries = [Take(index) for index in part]
            takes = at_once(self._synthesis.speak(tries, lambda _: self._report(cue)))
            audio = self._audio(part, takes)
            self._tried[rate] = takes, audio
        self._set_rate(cue, rate)
        takes, length_s = self._tried[rate]
        self.takes |= takes
        return length_s

    def _audio(self, part: range, takes: dict[int, Pcm16]) -> float:
        chunks = self._chunks[part.start : part.stop]
        rate = self._synthesis.engine.sample_rate
        audio = cue_audio((takes[i] for i in part), chunks, rate, self._synthesis.joining)
        return audio.length / rate

    def _set_rate(self, cue: int, rate: float) -> None:
        for index in self._ranges[cue]:
            self._chunks[index] = replace(self._chunks[index], rate=self._bases[index] * rate)


def _place(
    request: DubRequest,
    synthesis: Synthesis,
    takes: dict[int, Pcm16],
    cues: Sequence[SourceCue],
    ranges: Sequence[range],
    slots: Sequence[Slot],
    least_ms: int,
) -> tuple[Speech, list[DubbedCue]]:
    """The speech of all cues, and when each is spoken. `takes` is emptied.

    least_ms: the speech is as long at least.
    """
    rate = synthesis.engine.sample_rate
    tape = Tape(rate)
    dubbed: list[DubbedCue] = []
    free = 0
    for cue, part, slot in zip(cues, ranges, slots, strict=True):
        audio = cue_audio(
            (takes.pop(index) for index in part),
            synthesis.chunks[part.start : part.stop],
            rate,
            synthesis.joining,
        )
        # A planned length is the most that a take can be: a cue that it moved may be earlier.
        start = max(round(cue.at_ms * rate / 1000), free)
        until = round(slot.until_s * rate)
        end = max(until, start + 1) if request.overflow == TRIM else None
        begin, stop = tape.place(audio, start, end)
        free = stop + round(GAP_S * rate) if request.overflow == SHIFT else 0
        over = max(0, start + audio.length - until)
        dubbed.append(
            DubbedCue(
                index=cue.index,
                start_time=round(begin / rate, 3),
                end_time=round(stop / rate, 3),
                speed=round(request.speed * slot.rate, 3),
                overflow_ms=round(1000 * over / rate),
            )
        )
    return tape.finish(round(least_ms * rate / 1000)), dubbed


def _overflow_warnings(
    overflow: str, dubbed: Sequence[DubbedCue], cues: Sequence[SourceCue]
) -> list[str]:
    over = [cue for cue in dubbed if cue.overflow_ms]
    if not over:
        return []
    most_s = max(cue.overflow_ms for cue in over) / 1000
    if overflow == TRIM:
        return [
            f"{counted(len(over), 'cue is', 'cues are')} too long and cut off, by up to "
            f"{most_s:.2f} s: see cues"
        ]
    late_s = max(dub.start_time - cue.at_ms / 1000 for dub, cue in zip(dubbed, cues, strict=True))
    return [
        f"{counted(len(over), 'cue is', 'cues are')} too long, by up to {most_s:.2f} s; later cues "
        f"begin up to {max(0.0, late_s):.2f} s late: see cues"
    ]

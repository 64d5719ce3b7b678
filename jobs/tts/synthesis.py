"""The speech of a `tts` job: its script and its voices, spoken."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from math import ceil

from jobs.schema.validation import InvalidRequest
from jobs.ssml_voices import missing_voices
from jobs.tts.based_on import Base, is_early
from jobs.tts.early import EarlyParts, growing_groups
from jobs.tts.loudness import set_loudness
from jobs.tts.request import MAX_SPEED, SpeechRequest, TtsRequest
from jobs.tts.takes import TakeFiles
from jobs.tts.text import engine_warnings, read_text
from jobs.tts.verification import verified
from storage import keys
from storage.fetch import fetch
from timing.subtitles.second import SecondText
from tts.asr.misheard import Suggestion
from tts.asr.verify import ChunkQuality, RoundTripScorer
from tts.audio.join import JoinOptions
from tts.audio.levels import Loudness
from tts.engine import Engine, SamplingOptions, SynthesisFailed, Take, Voice
from tts.pace import MAX_PASSES, TooLong, slowest_fitting
from tts.speech import Pcm16, Script, Speech
from tts.synthesis import Synthesis
from tts.takes import origin
from tts.text.tags import extract_tags
from tts.turns import Turns
from worker.job import Job
from worker.state import Worker

ONE_VOICE = "fix_duration is for one voice; leave it out, or the [voice:...] tags"


@dataclass(frozen=True)
class SynthesisResult:
    """A script and its speech. `voices` has the voice of each name that the chunks have.

    `quality` is None unless the chunks were transcribed again; `warnings` are about this job's
    text, lexicon and takes. `second` is the text of a second language for the captions, `speed` the
    pace of the speech. `takes` are the files of its takes, and `origins` what each was made of.
    `suggestions` are words that were heard otherwise again and again.
    `reused` has the index of the earlier take for each chunk that was not spoken; it is None unless
    the job is based on another one. `early` has its early parts, if the request wants some, and
    `loudness` is there if the request asks for one.
    """

    script: Script
    speech: Speech
    voices: dict[str | None, Voice]
    seed: int
    quality: list[ChunkQuality] | None
    warnings: list[str]
    second: SecondText | None = None
    speed: float = 1.0
    takes: TakeFiles | None = None
    origins: Sequence[str] = ()
    reused: dict[int, int] | None = None
    suggestions: Sequence[Suggestion] = ()
    early: EarlyParts | None = None
    loudness: Loudness | None = None

    def engine_warnings(self, engine: Engine, language: str) -> list[str]:
        """What the engine says of each voice in each language that it speaks, each sentence once.

        language: the script's, ISO 639-1.
        """
        chunks = [span.chunk for span in self.speech.chunks]
        return engine_warnings(engine, chunks, self.voices, language)

    @property
    def lufs(self) -> float | None:
        """The loudness as a reply has it."""
        if self.loudness is None or self.loudness.lufs is None:
            return None
        return round(self.loudness.lufs, 1)

    @property
    def names(self) -> list[str]:
        """The name of each chunk's voice, without its style: another style is no other speaker."""
        return [keys.speaker(self.voices[span.chunk.voice].name) for span in self.speech.chunks]


def synthesize(
    worker: Worker, request: TtsRequest, job: Job, threads: Executor, base: Base | None = None
) -> SynthesisResult:
    """Speak the request's text, with progress after each chunk.

    threads: write the files of the takes, and fetch those of `base`.
    base: the job that the request is based on, if there is one.

    Raises voice_not_found, voice_rejected, fetch_refused, fetch_failed, too_large, text_rejected,
    synthesis_failed, storage_error.
    """
    with job.stage("voice"), ThreadPoolExecutor(1) as thread:
        # The lexicon and the voice are round trips to the bucket, so they run in parallel.
        lexicon = thread.submit(worker.lexicon.read)
        markup = extract_tags(request.text)
        missing = missing_voices(worker.voices, markup)
        markup = markup.without_voices(missing)
        voices = _voices(worker, request, job, markup.voices)
        entries = lexicon.result()
    with job.stage("text"):
        sampling = sampling_of(request, base.seed if base else job.seed)
        joining = _joining(request, is_early(request, base))
        cuts = base.cuts if base else None
        text = read_text(worker, request, job, markup, missing, voices, entries, sampling, cuts)
        script, chunks = text.script, text.chunks
    # With an exact duration a take's length depends on all other chunks.
    is_kept = worker.settings.keep_takes == "on" and request.fix_duration is None
    passes = 0

    def speak_at(speed: float) -> SynthesisResult:
        nonlocal passes
        passes += 1
        at_pace = replace(sampling, speed=speed)
        synthesis = Synthesis(worker.engine, chunks, voices, at_pace, joining)
        files = TakeFiles(job, threads, worker.engine.sample_rate, is_kept)
        origins = [origin(worker.engine, chunk, voices[chunk.voice], at_pace) for chunk in chunks]
        quality: list[ChunkQuality] | None = None
        suggestions: Sequence[Suggestion] = ()
        problems: list[str] = []
        matched: dict[int, int] = {}
        reused: dict[int, Pcm16] = {}
        if base is not None:
            with job.stage("takes"):
                matched = base.match(origins)
                reused = base.fetch(matched, job, threads, worker.engine.sample_rate)
                problems = base.warnings(matched, reused)
                matched = {index: old for index, old in matched.items() if index in reused}
        early: EarlyParts | None = None
        if request.early:
            expires_s = worker.settings.url_expires_s
            early = EarlyParts(job, request, synthesis, threads, expires_s)
        try:
            if early is not None:
                for index, take in reused.items():
                    early.add(index, take)
            takes = _first_takes(worker, job, synthesis, passes, set(reused), files, early)
        finally:
            if early is not None:
                early.end()
        if request.verify and takes:
            # Before the join, so that the best take of a chunk gets its loudness, its pauses and
            # its seams like every other.
            with job.stage("verification"):
                scorer = RoundTripScorer(
                    script,
                    chunks,
                    request.language,
                    text.pronunciations,
                    text.for_all_jobs,
                )
                heard = verified(worker, job, synthesis, scorer, takes)
                quality, suggestions = heard.quality, heard.suggestions
                problems += heard.warnings
        if request.verify and base is not None:
            # What is used again was approved as it is: it is not spoken again, whatever is heard.
            of_both = [*(quality or []), *base.quality_of(matched)]
            quality = sorted(of_both, key=lambda one: one.chunk) or None
        takes |= reused
        # Only `takes` holds them from here on, because the join uses them up.
        reused.clear()
        files.complete(takes)
        with job.stage("join"):
            levels = base.levels(matched, len(chunks)) if base is not None else None
            speech = synthesis.join(takes, levels)
        return SynthesisResult(
            script,
            speech,
            voices,
            sampling.seed,
            quality,
            [*text.warnings, *problems],
            text.second,
            speed,
            files,
            origins,
            None if base is None else matched,
            suggestions,
            early,
        )

    if request.max_duration is None:
        result = speak_at(request.speed)
    else:
        result = _fitting(speak_at, request, len(script.words))
    kept_gain_db = None if base is None else base.gain_db
    speech, loudness, problems = set_loudness(result.speech, request.loudness, job, kept_gain_db)
    return replace(result, speech=speech, loudness=loudness, warnings=[*result.warnings, *problems])


def _fitting(
    speak_at: Callable[[float], SynthesisResult], request: TtsRequest, words: int
) -> SynthesisResult:
    """The speech at the slowest pace that fits into `max_duration`.

    speak_at: speaks the script at a pace.
    words: how many the script has.

    Raises SynthesisFailed if the fastest pace does not fit.
    """
    limit_s = request.max_duration or 0.0
    fitting: SynthesisResult | None = None

    def length_at(speed: float) -> float:
        nonlocal fitting
        result = speak_at(speed)
        speech = result.speech
        length_s = len(speech.samples) / speech.sample_rate
        if length_s <= limit_s:
            # A later one is slower: the search comes from the side of too fast a pace then.
            fitting = result
        return length_s

    try:
        slowest_fitting(length_at, limit_s, request.speed, request.max_speed)
    except TooLong as error:
        too_many = max(1, ceil(words * (1 - limit_s / error.length)))
        raise SynthesisFailed(
            f"the speech would last {error.length:.1f} s at the pace {request.max_speed:g}, and "
            f"max_duration is {limit_s:g} s; cut about {too_many} of its {words} words, or raise "
            f"max_duration or max_speed (up to {MAX_SPEED:g})"
        ) from None
    assert fitting is not None  # the pace that was found is one at which the speech fits
    return fitting


def _first_takes(
    worker: Worker,
    job: Job,
    synthesis: Synthesis,
    number: int,
    reused: AbstractSet[int],
    files: TakeFiles,
    early: EarlyParts | None,
) -> dict[int, Pcm16]:
    """One take of every chunk that has none, spoken on the model thread.

    number: 1 for the first time that the script is spoken, 2 for another pace, and so on.
    reused: the chunks that have a take.
    files: where the takes are written while the next are spoken.
    early: what makes parts of them meanwhile, if the request wants some.
    """
    tries = [Take(index) for index in range(len(synthesis.chunks)) if index not in reused]
    count = len(tries)
    if not tries:
        return {}

    def report_progress(before: int, done: int) -> None:
        done += before
        if number == 1:
            job.progress("synthesis", done, count)
        else:
            # Progress never goes back: each other pace goes on where the one before ended.
            job.progress("pace", (number - 2) * count + done, (MAX_PASSES - 1) * count)

    def keep(index: int, take: Pcm16) -> None:
        files.add(index, take)
        if early is not None:
            early.add(index, take)

    def speak() -> Turns[dict[int, Pcm16]]:
        takes: dict[int, Pcm16] = {}
        for group in [tries] if early is None else growing_groups(tries):
            report = partial(report_progress, len(takes))
            takes |= yield from synthesis.speak(group, report, keep)
        return takes

    return worker.model_thread.synthesize(job, speak)


def main_voice(worker: Worker, request: SpeechRequest, job: Job) -> Voice:
    """The voice that the request names, with its reference where the engine clones."""
    if "://" not in request.voice:
        return worker.voices.find(request.voice, request.ref_text, request.language, job.folder)
    # An engine that does not clone has no use for the clip: the job does not wait for its download.
    if worker.engine.mel is None:
        return Voice(name="url")
    clip = job.folder / "voice"
    fetch(request.voice, clip, worker.voices.max_clip_bytes, job.stop.raise_if_cancelled)
    return worker.voices.from_file(clip, request.ref_text, request.language)


def _voices(
    worker: Worker, request: TtsRequest, job: Job, names: Sequence[str]
) -> dict[str | None, Voice]:
    """The request's voice, under None, and those that the text's tags name.

    names: the names in the tags.

    Raises InvalidRequest for tags together with `fix_duration`.
    """
    if names and request.fix_duration is not None:
        raise InvalidRequest([ONE_VOICE])
    voices: dict[str | None, Voice] = {None: main_voice(worker, request, job)}
    for name in names:
        voices[name] = worker.voices.find(name, None, request.language, job.folder)
    return voices


def sampling_of(request: SpeechRequest, seed: int) -> SamplingOptions:
    """How the engine speaks; `seed` is for a request without one."""
    return SamplingOptions(
        seed=seed if request.seed is None else request.seed,
        speed=request.speed,
        nfe_step=request.steps,
        cfg_strength=request.cfg_strength,
        sway_sampling_coef=request.sway_sampling_coef,
    )


def _joining(request: TtsRequest, is_early: bool) -> JoinOptions:
    return JoinOptions(
        target_rms=request.target_rms,
        cross_fade_s=request.cross_fade_duration,
        remove_silence=request.remove_silence,
        total_s=request.fix_duration,
        is_early=is_early,
    )

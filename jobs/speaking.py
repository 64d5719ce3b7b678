"""The speech of a `tts` job: its script, its voices, spoken, and heard back if asked."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jobs.base import Job, Worker
from jobs.invalid import InvalidRequest
from storage.fetch import fetch
from tts import cast
from tts.chunks import split
from tts.engine import Sampling, Voice
from tts.speech import Chunk, Samples, Script, Speech
from tts.text import read_script
from tts.transcribe import Hearing
from tts.verify import Again, ChunkQuality, Hear, verified
from tts.voices import LARGEST_CLIP

if TYPE_CHECKING:
    from jobs.tts import TtsRequest

TRY_STEP = 1_000_003
"""Between the seeds of two tries of a chunk: a prime, so that no two chunks share one."""


@dataclass(frozen=True)
class Spoken:
    """A script and its speech. `voices` has the voice of each name that the chunks have.

    `quality` is there where the chunks were heard back; `warnings` are this job's own.
    """

    script: Script
    speech: Speech
    voices: dict[str | None, Voice]
    quality: list[ChunkQuality] | None
    warnings: list[str]

    @property
    def names(self) -> list[str]:
        """The name of each chunk's voice."""
        return [self.voices[span.chunk.voice].name for span in self.speech.chunks]


def speak(worker: Worker, request: "TtsRequest", job: Job, seed: int) -> Spoken:
    """Speak the request's text, with progress after each chunk.

    Raises voice_not_found, voice_rejected, fetch_refused, fetch_failed, too_large, text_rejected,
    synthesis_failed, storage_error.
    """
    with job.stage("voice"), ThreadPoolExecutor(1) as other:
        lexicon = other.submit(worker.lexicon.read)
        main = _main_voice(worker, request, job)
        entries = lexicon.result()
    with job.stage("text"):
        script = read_script(
            request.text,
            request.language,
            request.normalize,
            request.pronunciations,
            entries.words,
        )
    voices = _voices(worker, request, job, script, main)
    with job.stage("text"):
        sampling = _sampling(request, seed)
        limit = min(worker.engine.limit(script, voice, sampling) for voice in voices.values())
        chunks = split(script, limit, worker.engine.measure)

    def spoken() -> Speech:
        return cast.speak(
            worker.engine,
            chunks,
            voices,
            sampling,
            lambda done: job.progress("synthesis", done, len(chunks)),
        )

    speech = worker.model_thread.speak(job, spoken)
    found = Spoken(script, speech, voices, None, [entries.warning] if entries.warning else [])
    return _verified(worker, request, job, sampling, found) if request.verify else found


def _main_voice(worker: Worker, request: "TtsRequest", job: Job) -> Voice:
    """The voice that the request names, with its reference where the engine clones."""
    if "://" not in request.voice:
        return worker.voices.find(request.voice, request.ref_text, request.language)
    if worker.engine.mel is None:
        return Voice(name="url")
    clip = job.folder / "voice"
    fetch(request.voice, clip, LARGEST_CLIP)
    return worker.voices.of_clip(clip.read_bytes(), request.ref_text, request.language)


def _voices(
    worker: Worker, request: "TtsRequest", job: Job, script: Script, main: Voice
) -> dict[str | None, Voice]:
    """The request's voice, under None, and those that the script's tags name."""
    names = list(dict.fromkeys(mark.voice for mark in script.marks if mark.voice))
    if names and request.fix_duration is not None:
        raise InvalidRequest(
            ["fix_duration is for one voice; leave it out, or the [voice:...] tags"]
        )
    voices: dict[str | None, Voice] = {None: main}
    with job.stage("voice"):
        for name in names:
            voices[name] = worker.voices.find(name, None, request.language)
    return voices


def _sampling(request: "TtsRequest", seed: int) -> Sampling:
    return Sampling(
        seed=seed,
        speed=request.speed,
        nfe_step=request.nfe_step,
        cfg_strength=request.cfg_strength,
        sway_sampling_coef=request.sway_sampling_coef,
        target_rms=request.target_rms,
        cross_fade_s=request.cross_fade_duration,
        fix_duration_s=request.fix_duration,
        remove_silence=request.remove_silence,
    )


def _verified(
    worker: Worker, request: "TtsRequest", job: Job, sampling: Sampling, spoken: Spoken
) -> Spoken:
    """The speech with its best takes, as far as the worker's Whisper can judge them."""
    whisper = worker.whisper
    if whisper is None or request.language not in whisper.languages:
        problem = (
            "this worker has no Whisper"
            if whisper is None
            else (f"its Whisper does not know language {request.language!r}")
        )
        warning = f"nothing was heard back: {problem}; WHISPER_MODEL sets it"
        return replace(spoken, warnings=[*spoken.warnings, warning])
    total = len(spoken.speech.chunks)
    speech, quality = verified(
        spoken.speech,
        request.language,
        _hearing(job, whisper, request.language),
        _again(worker, job, sampling, spoken),
        worker.settings.verify_tries,
        lambda done: job.progress("verification", done, total),
    )
    warnings = [*spoken.warnings, *_heard_otherwise(quality)]
    return replace(spoken, speech=speech, quality=quality, warnings=warnings)


def _hearing(job: Job, whisper: Hearing, language: str) -> Hear:
    def hear(samples: Samples, sample_rate: int) -> str:
        with job.stage("verification"):
            return whisper.hear(samples, sample_rate, language).text

    return hear


def _again(worker: Worker, job: Job, sampling: Sampling, spoken: Spoken) -> Again:
    """Speaks one chunk alone with the seed of another try; as long as before for fix_duration."""
    spans = {id(span.chunk): span for span in spoken.speech.chunks}

    def again(chunk: Chunk, number: int) -> Speech:
        own = replace(sampling, seed=(sampling.seed + number * TRY_STEP) % 2**53)
        if sampling.fix_duration_s is not None:
            span = spans[id(chunk)]
            seconds = (span.end - span.start) / spoken.speech.sample_rate
            own = replace(own, fix_duration_s=seconds)
        alone = replace(chunk, pause_ms=0, silence_ms=None, lead_ms=0)

        def speak() -> Speech:
            voice = spoken.voices[chunk.voice]
            return worker.engine.speak([alone], voice, own, lambda done: job.stop.check())

        return worker.model_thread.speak(job, speak)

    return again


def _heard_otherwise(quality: list[ChunkQuality]) -> list[str]:
    """One sentence where chunks were not heard as written in any try."""
    wrong = [str(found.chunk) for found in quality if found.word_error_rate]
    if not wrong:
        return []
    return [f"not every word was heard back in chunks {', '.join(wrong)}: see quality"]

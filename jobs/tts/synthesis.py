"""The speech of a `tts` job: its script, its voices, spoken, and heard back if asked."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from jobs.schema.validation import InvalidRequest
from storage.fetch import fetch
from tts import synthesis
from tts.asr.transcriber import TranscriptionFailed
from tts.asr.verify import ChunkQuality, RoundTripScorer, verify_takes
from tts.engine import Sampling, Take, Voice
from tts.speech import Pcm16, Samples, Script, Speech
from tts.text.chunks import split
from tts.text.script import read_script
from tts.text.tags import extract_tags
from tts.voices.library import MAX_CLIP_BYTES
from worker.job import Job
from worker.state import Worker

if TYPE_CHECKING:
    from jobs.tts.request import TtsRequest

SynthesizeTakes = Callable[[Sequence[Take], Callable[[int], None]], dict[int, Pcm16]]
"""Speaks tries of chunks, and says how many it has after each: `tts.cast.takes` of one job."""


@dataclass(frozen=True)
class SynthesisResult:
    """A script and its speech. `voices` has the voice of each name that the chunks have.

    `quality` is there where the chunks were heard back; `warnings` are this job's own.
    """

    script: Script
    speech: Speech
    voices: dict[str | None, Voice]
    seed: int
    quality: list[ChunkQuality] | None
    warnings: list[str]

    @property
    def names(self) -> list[str]:
        """The name of each chunk's voice."""
        return [self.voices[span.chunk.voice].name for span in self.speech.chunks]


def synthesize(worker: Worker, request: "TtsRequest", job: Job) -> SynthesisResult:
    """Speak the request's text, with progress after each chunk.

    Takes are heard back before they are joined, so that whichever wins gets its loudness, its
    pauses and its seams like all others. Raises voice_not_found, voice_rejected, fetch_refused,
    fetch_failed, too_large, text_rejected, synthesis_failed, storage_error.
    """
    with job.stage("voice"), ThreadPoolExecutor(1) as other:
        lexicon = other.submit(worker.lexicon.read)
        voices = _voices(worker, request, job)
        entries = lexicon.result()
    with job.stage("text"):
        own, for_all = request.pronunciations, entries.words
        script = read_script(request.text, request.language, request.normalize, own, for_all)
        sampling = _sampling(request, job)
        limit = min(worker.engine.limit(script, voice, sampling) for voice in voices.values())
        chunks = split(script, limit, worker.engine.measure)
        script = replace(script, tokens=tuple(t for chunk in chunks for t in chunk.tokens))

    def takes(tries: Sequence[Take], on_take: Callable[[int], None]) -> dict[int, Pcm16]:
        return synthesis.synthesize_takes(worker.engine, chunks, voices, sampling, tries, on_take)

    def told(done: int) -> None:
        job.progress("synthesis", done, len(chunks))

    every = [Take(index) for index in range(len(chunks))]
    found = worker.model_thread.synthesize(job, lambda: takes(every, told))
    quality = None
    warnings = [entries.warning] if entries.warning else []
    warnings += _warn_unread_digits(script, request.language) if request.normalize else []
    if request.verify:
        with job.stage("verification"):
            judge = RoundTripScorer(script, chunks, request.language, own, for_all)
            quality, said = _verify(worker, job, judge, found, takes)
        warnings += said
    with job.stage("join"):
        speech = synthesis.assemble(found, chunks, worker.engine.sample_rate, sampling)
    return SynthesisResult(script, speech, voices, sampling.seed, quality, warnings)


def _warn_unread_digits(script: Script, language: str) -> list[str]:
    """A sentence where numbers are passed on as figures, which a voice reads as it likes."""
    left = {t.word for t in script.tokens if any(map(str.isdecimal, t.spoken))}
    if not left:
        return []
    shown = ", ".join(script.words[word].text for word in sorted(left)[:3])
    others = f" and {len(left) - 3} more" if len(left) > 3 else ""
    return [
        f"numbers stay figures in language {language!r} ({shown}{others}); write them as words, or "
        "give them pronunciations"
    ]


def _main_voice(worker: Worker, request: "TtsRequest", job: Job) -> Voice:
    """The voice that the request names, with its reference where the engine clones."""
    if "://" not in request.voice:
        return worker.voices.find(request.voice, request.ref_text, request.language)
    if worker.engine.mel is None:
        return Voice(name="url")
    clip = job.folder / "voice"
    fetch(request.voice, clip, MAX_CLIP_BYTES, job.stop.raise_if_cancelled)
    return worker.voices.from_clip(clip.read_bytes(), request.ref_text, request.language)


def _voices(worker: Worker, request: "TtsRequest", job: Job) -> dict[str | None, Voice]:
    """The request's voice, under None, and those that the text's tags name."""
    names = dict.fromkeys(tag.voice for tag in extract_tags(request.text)[1] if tag.voice)
    if names and request.fix_duration is not None:
        raise InvalidRequest(
            ["fix_duration is for one voice; leave it out, or the [voice:...] tags"]
        )
    voices: dict[str | None, Voice] = {None: _main_voice(worker, request, job)}
    for name in names:
        voices[name] = worker.voices.find(name, None, request.language)
    return voices


def _sampling(request: "TtsRequest", job: Job) -> Sampling:
    return Sampling(
        seed=job.seed if request.seed is None else request.seed,
        speed=request.speed,
        nfe_step=request.nfe_step,
        cfg_strength=request.cfg_strength,
        sway_sampling_coef=request.sway_sampling_coef,
        target_rms=request.target_rms,
        cross_fade_s=request.cross_fade_duration,
        fix_duration_s=request.fix_duration,
        remove_silence=request.remove_silence,
    )


def _verify(
    worker: Worker,
    job: Job,
    judge: RoundTripScorer,
    found: dict[int, Pcm16],
    takes: SynthesizeTakes,
) -> tuple[list[ChunkQuality] | None, list[str]]:
    """How the takes were heard, and what to warn of; the best ones are put into `found`."""
    whisper, language, total = worker.whisper, judge.language, len(judge.chunks)
    if whisper is None or language not in whisper.languages:
        problem = (
            "this worker has no Whisper"
            if whisper is None
            else f"its Whisper does not know language {language!r}"
        )
        return None, [f"nothing was heard back: {problem}; WHISPER_MODEL sets it"]

    def hear(samples: Samples) -> str | None:
        job.stop.raise_if_cancelled()
        try:
            return whisper.transcribe(samples, worker.engine.sample_rate, language).text
        except TranscriptionFailed as error:
            # The audio may well be good, and is there.
            job.log.warning("not heard back: %s", error.__cause__)
            return None

    def again(tries: Sequence[Take]) -> dict[int, Pcm16]:
        return worker.model_thread.synthesize_nested(
            job, lambda: takes(tries, lambda _: job.stop.raise_if_cancelled())
        )

    quality = verify_takes(
        found,
        judge,
        hear,
        again,
        worker.settings.verify_tries if worker.engine.seeded else 1,
        lambda done: job.progress("verification", done, total),
    )
    return quality, _warn_mismatches(quality, total)


def _warn_mismatches(quality: list[ChunkQuality], total: int) -> list[str]:
    """A sentence where chunks were not heard as written in any try, and where not at all."""
    wrong = [str(found.chunk) for found in quality if found.word_error_rate]
    unheard = sorted(set(range(total)) - {found.chunk for found in quality})
    warnings = []
    if wrong:
        warnings.append(f"not every word was heard back in chunks {', '.join(wrong)}: see quality")
    if unheard:
        names = ", ".join(map(str, unheard))
        warnings.append(f"Whisper failed on chunks {names}, which were not heard back")
    return warnings

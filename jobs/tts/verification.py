"""`verify`: the takes of a job are heard, and those with wrong words are spoken again."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from tts.asr.misheard import Misheard, Suggestion
from tts.asr.transcriber import Transcriber, TranscriptionFailed
from tts.asr.verify import ChunkQuality, RoundTripScorer, verify_takes
from tts.engine import Take
from tts.languages import base_language
from tts.speech import Pcm16, Samples
from tts.synthesis import Synthesis
from worker.job import Job
from worker.state import Worker


def cannot_hear(
    whisper: Transcriber | None, languages: Iterable[str]
) -> tuple[list[str], str | None]:
    """The languages that Whisper does not know, and a warning if it can verify nothing.

    languages: of all takes, ISO 639-1.
    """
    wanted = list(dict.fromkeys(languages))
    known = whisper.languages if whisper is not None else frozenset()
    unknown = [language for language in wanted if language not in known]
    if whisper is not None and (not unknown or unknown != wanted):
        return unknown, None
    problem = (
        "no Whisper model is loaded"
        if whisper is None
        else f"the worker's Whisper does not know language {unknown[0]!r}"
    )
    return unknown, f"verify was skipped: {problem} (the operator can set WHISPER_MODEL)"


@dataclass(frozen=True)
class Verification:
    """How the takes of a script were heard.

    quality: of each chunk; None without a Whisper for the language.
    warnings: of chunks that never matched, or that were not checked.
    suggestions: words that were heard otherwise again and again.
    """

    quality: list[ChunkQuality] | None
    warnings: list[str]
    suggestions: Sequence[Suggestion] = ()


def verified(
    worker: Worker,
    job: Job,
    synthesis: Synthesis,
    scorer: RoundTripScorer,
    takes: dict[int, Pcm16],
) -> Verification:
    """Transcribe each chunk.

    Chunks with wrong words are spoken again; the best take of each is put into `takes`.

    scorer: compares a transcript with the words of a chunk.
    takes: one take of every chunk that was spoken, by the chunk's index.
    """
    whisper, count = worker.whisper, len(takes)
    languages = [base_language(chunk.language or scorer.language) for chunk in synthesis.chunks]
    unknown, problem = cannot_hear(whisper, [languages[index] for index in sorted(takes)])
    if whisper is None or problem is not None:
        return Verification(None, [problem] if problem else [])

    def transcribe(chunk: int, samples: Samples) -> str | None:
        job.stop.raise_if_cancelled()
        try:
            rate = worker.engine.sample_rate
            return whisper.transcribe(samples, rate, languages[chunk]).text
        except TranscriptionFailed as error:
            # A failure of Whisper says nothing about the audio: the job goes on with it.
            job.log.warning(
                "chunk %d is not verified, because Whisper failed: %s", chunk, error.__cause__
            )
            return None

    # `synthesize_nested`: a second stage `synthesis` would take this time out of `verification`.
    def retake(tries: Sequence[Take]) -> dict[int, Pcm16]:
        return worker.model_thread.synthesize_nested(
            job, lambda: synthesis.speak(tries, lambda _: job.stop.raise_if_cancelled())
        )

    skipped = {index: takes.pop(index) for index in sorted(takes) if languages[index] in unknown}
    misheard = Misheard(scorer)
    quality = verify_takes(
        takes,
        scorer,
        transcribe,
        retake,
        # An engine without seeds speaks the same again, so one try is enough.
        max_tries=worker.settings.verify_tries if worker.engine.seeded else 1,
        on_chunk=lambda done: job.progress("verification", done, count),
        on_heard=misheard.add,
    )
    heard = set(takes)
    takes.update(skipped)
    warnings = [
        f"verify skipped the passages in language {language!r}: the worker's Whisper does not know "
        "it (the operator can set WHISPER_MODEL)"
        for language in unknown
    ]
    warnings += _warn_mismatches(quality, heard)
    return Verification(quality, warnings, misheard.suggestions())


def _warn_mismatches(quality: list[ChunkQuality], checked: AbstractSet[int]) -> list[str]:
    """Warnings of chunks in which no try had every word, and of those that Whisper failed on.

    `checked` are the indices of the chunks that Whisper was asked for.
    """
    wrong = [str(chunk.chunk) for chunk in quality if chunk.word_error_rate]
    failed = sorted(checked - {chunk.chunk for chunk in quality})
    warnings = []
    if wrong:
        warnings.append(
            f"the transcript differs from the text in chunks {', '.join(wrong)}: see quality"
        )
    if failed:
        names = ", ".join(map(str, failed))
        warnings.append(f"Whisper failed on chunks {names}: verify did not check them")
    return warnings

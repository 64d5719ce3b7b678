"""The script of a `tts` job, read and cut into chunks: what is known of it before it is spoken."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from jobs.second_text import read_second
from jobs.tts.passages import slowest_rate
from jobs.tts.request import TtsRequest
from timing.subtitles.second import SecondText
from tts.engine import Engine, SamplingOptions, Voice
from tts.languages import base_language
from tts.speech import Chunk, Script
from tts.text.chunks import fit_tokens, split
from tts.text.earlier_cuts import EarlierCuts
from tts.text.lexicon import FoldedLexicon, LexiconEntries, folded
from tts.text.script import read_markup
from tts.text.script_warnings import script_warnings, warn_voices
from tts.text.tags import Markup
from tts.text.unknown_characters import check_letters
from worker.job import Job
from worker.state import Worker


@dataclass(frozen=True)
class ReadText:
    """A script as a job speaks it.

    script: its tokens fit into chunks.
    chunks: all of it.
    second: the text of a second language for the captions.
    pronunciations: those of the job.
    for_all_jobs: those of the operator.
    warnings: about the text and the lexicon.
    """

    script: Script
    chunks: tuple[Chunk, ...]
    second: SecondText | None
    pronunciations: FoldedLexicon
    for_all_jobs: FoldedLexicon
    warnings: list[str]


def read_text(
    worker: Worker,
    request: TtsRequest,
    job: Job,
    markup: Markup,
    missing: Sequence[str],
    voices: Mapping[str | None, Voice],
    entries: LexiconEntries,
    sampling: SamplingOptions,
    cuts: EarlierCuts | None = None,
) -> ReadText:
    """Read the request's text, and cut it for the voices that speak it.

    markup: the text without its tags, and without the voices that are missing.
    missing: the voices that SSML names and the store lacks.
    voices: the voice of each name that the tags name; the request's under None.
    entries: the pronunciations for all jobs.
    sampling: how the engine speaks.
    cuts: where an earlier version of the text was cut.

    Raises text_rejected, InvalidRequest, Cancelled.
    """
    engine = worker.engine
    pronunciations, for_all_jobs = folded(request.pronunciations), folded(entries.words)
    options = (request.language, request.normalize, pronunciations, for_all_jobs)
    script = read_markup(markup, *options, job.stop.raise_if_cancelled)
    warnings = [entries.warning] if entries.warning else []
    warnings += script_warnings(markup, script, *options) + warn_voices(missing)
    warnings += check_letters(script.tokens, engine.unknown_characters)
    # The voices share the chunks, so the voice with the least room sets the limit, at the slowest
    # pace.
    slowest = slowest_rate(script, request.speed)
    total_s = request.fix_duration and request.fix_duration / slowest
    limit = min(
        engine.max_chunk_size(
            script, voice, replace(sampling, speed=sampling.speed * slowest), total_s
        )
        for voice in voices.values()
    )
    wanted = request.subtitles.second if request.makes_timings else None
    second = read_second(wanted, script, job)
    script = fit_tokens(script, limit, engine.measure)
    chunks = split(script, limit, engine.measure, cuts)
    return ReadText(script, chunks, second, pronunciations, for_all_jobs, warnings)


def engine_warnings(
    engine: Engine, chunks: Sequence[Chunk], voices: Mapping[str | None, Voice], language: str
) -> list[str]:
    """What the engine says of each voice in each language that it speaks, each sentence once.

    voices: the voice of each name that the chunks have, None included.
    language: the script's, ISO 639-1.
    """
    spoken = dict.fromkeys((name, language) for name in voices)
    for chunk in chunks:
        spoken[chunk.voice, base_language(chunk.language or language)] = None
    # A dict keeps the order.
    return list(
        dict.fromkeys(
            sentence for name, code in spoken for sentence in engine.warnings(voices[name], code)
        )
    )


def request_warnings(worker: Worker, request: TtsRequest) -> list[str]:
    """The warnings about fields of a request that have no effect."""
    # Only fields that the request gives: a default that has no effect needs no warning.
    unused = sorted(worker.engine.unused_fields & request.model_fields_set)
    warnings: list[str] = []
    if request.fix_duration is not None and "speed" in request.model_fields_set:
        warnings.append("speed has no effect together with fix_duration")
    without_effect = sorted(_ABOUT_TIMINGS & request.model_fields_set)
    if request.makes_timings:
        warnings += request.subtitles.warnings()
    elif without_effect and not request.parts:
        warnings.append(
            f"no timing files are made, so {', '.join(without_effect)} had no effect; set "
            "return_word_timings to true"
        )
    if unused:
        warnings.append(f"the {worker.engine.name} engine makes no use of {', '.join(unused)}")
    return warnings


_ABOUT_TIMINGS = {"timing_method", "timing_format", "subtitles"}

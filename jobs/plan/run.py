"""`plan`: what a `tts` request would give. No model is asked, and nothing is stored."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from math import ceil, floor

from jobs.plan.length import plan_length
from jobs.plan.reply import PlanReply, SpokenWord
from jobs.plan.spoken import said_otherwise
from jobs.schema.validation import InvalidRequest
from jobs.ssml_voices import MAX_MISSING, missing_voices
from jobs.tts import based_on
from jobs.tts.request import TtsRequest
from jobs.tts.synthesis import ONE_VOICE, sampling_of
from jobs.tts.text import engine_warnings, read_text, request_warnings
from jobs.tts.verification import cannot_hear
from timing.alignment import selection
from tts.engine import Voice
from tts.languages import base_language
from tts.text.script_warnings import listed
from tts.text.tags import Markup, extract_tags
from tts.voices.library import VoiceNotFound
from tts.voices.outline import outline, unknown
from worker.job import Job
from worker.state import Worker

MAX_SPOKEN = 500
"""Most words in `spoken`."""


def run(worker: Worker, request: TtsRequest, job: Job) -> PlanReply:
    """Plan a speech. A request that `tts` refuses at once fails in the same way.

    Raises job_not_found, text_rejected, timing_unavailable, storage_error.
    """
    request, base = based_on.load(request, job)
    if request.makes_timings:
        selection.check_method(request.timing_method, worker.aligners, request.base_language)
    with ThreadPoolExecutor(1) as thread:
        # The lexicon and the voices are round trips to the bucket, so they run in parallel.
        lexicon = thread.submit(worker.lexicon.read)
        markup = extract_tags(request.text)
        optional = missing_voices(worker.voices, markup)
        markup = markup.without_voices(optional)
        found = _find_voices(worker, request, markup)
        entries = lexicon.result()
    sampling = sampling_of(request, job.seed)
    cuts = base.cuts if base else None
    text = read_text(worker, request, job, markup, optional, found.voices, entries, sampling, cuts)
    words = len(text.script.words)
    unknown_paces = frozenset({*found.unknown, *found.missing_keys})
    planned = plan_length(worker.engine, request, text.chunks, found.voices, unknown_paces, words)
    said = said_otherwise(text.script)
    warnings = engine_warnings(worker.engine, text.chunks, found.voices, request.base_language)
    warnings += [*job.store.warnings, *text.warnings, *request_warnings(worker, request)]
    if request.verify:
        languages = (base_language(c.language or request.language) for c in text.chunks)
        _, problem = cannot_hear(worker.whisper, languages)
        warnings += [problem] if problem else []
    warnings += [*found.warnings(worker), *planned.warnings]
    length = planned.length
    return PlanReply(
        estimated_duration=round(length.expected_s, 1),
        # Outwards, so that the range holds what it held.
        shortest_duration=floor(10 * length.shortest_s) / 10,
        longest_duration=ceil(10 * length.longest_s) / 10,
        speed=None if planned.speed is None else round(planned.speed, 3),
        fits=planned.fits,
        cut_words=planned.cut_words,
        chunks=len(text.chunks),
        words=words,
        characters=len(request.text),
        spoken=[SpokenWord(word=word, spoken=spoken) for word, spoken in said[:MAX_SPOKEN]],
        spoken_count=len(said),
        missing_voices=[*found.missing, *optional],
        voice=found.voices[None].name,
        engine=worker.engine.name,
        warnings=warnings,
    )


@dataclass(frozen=True)
class _FoundVoices:
    """The voices of a request, as far as they are known.

    voices: by the names in the tags; the request's under None. A voice that is missing or behind a
        URL speaks at the pace of the default voice here.
    unknown: the keys of `voices` that are there, and whose pace is not known.
    missing: the names of those that are not there; `missing_keys` are their keys in `voices`.
    """

    voices: dict[str | None, Voice]
    unknown: Sequence[str | None]
    missing: Sequence[str]
    missing_keys: Sequence[str | None]

    def warnings(self, worker: Worker) -> list[str]:
        """What a client must know of voices that are missing, or whose pace is not known."""
        warnings: list[str] = []
        if self.missing:
            names = worker.voices.names_for_a_suggestion()
            warnings += [
                f"tts would fail: {VoiceNotFound(name, names).sentence}" for name in self.missing
            ]
        if len(self.missing) == MAX_MISSING:
            warnings.append(f"after {MAX_MISSING} missing voices plan looks for no more of them")
        if self.unknown:
            warnings.append(
                "the range is wider, because plan does not read clips and the pace of voices is "
                f"not known: {listed(self.voices[key].name for key in self.unknown)}"
            )
        return warnings


def _find_voices(worker: Worker, request: TtsRequest, markup: Markup) -> _FoundVoices:
    """The voices that a request names; no clip is read or fetched.

    markup: the text, with the voices that its tags name.

    Raises InvalidRequest for tags together with `fix_duration`, StorageError.
    """
    names = markup.voices
    if names and request.fix_duration is not None:
        raise InvalidRequest([ONE_VOICE])
    voices: dict[str | None, Voice] = {}
    unknown_keys: list[str | None] = []
    missing: dict[str | None, str] = {}
    for key, name in [(None, request.voice), *((name, name) for name in names)]:
        if "://" in name:
            voices[key] = unknown(worker.voices, "url")
            if worker.engine.mel is not None:
                unknown_keys.append(key)
            continue
        ref_text = request.ref_text if key is None else None
        if len(missing) == MAX_MISSING:
            # Each costs a round trip to the store.
            voices[key] = unknown(worker.voices, name)
            unknown_keys.append(key)
            continue
        found = outline(worker.voices, name, ref_text, request.language)
        if found is None:
            voices[key], missing[key] = unknown(worker.voices, name), name
            continue
        voices[key], is_known = found
        if not is_known:
            unknown_keys.append(key)
    return _FoundVoices(voices, unknown_keys, list(dict.fromkeys(missing.values())), list(missing))

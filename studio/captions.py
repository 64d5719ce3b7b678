"""The captions of a finished job in any style, from its word times: nothing is spoken or aligned.

The words and their times are those of the job's JSON timing file. The rest of the script (what ends
a sentence or a line, what begins a list) is read again from its text, as a `timing` job does.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, Field, ValidationError, model_validator

from errors import WorkerError
from jobs.results import fonts
from jobs.results.replies import MAX_CHUNKS, MAX_TEXT
from jobs.results.word_times import Words, WordTimes
from jobs.schema.subtitles import Subtitles
from jobs.schema.validation import validate
from jobs.second_text import read_second
from storage import keys
from studio.refusal import Refusal, bad_request, from_worker
from timing.subtitles.captions import AudioSource, Captions, caption
from timing.token_times import TimedToken, WindowAlignment
from timing.words import TimedWord, Timing, time_words
from tts.languages import base_language, language_tag
from tts.speech import Script
from tts.text.script import read_markup
from tts.text.tags import extract_tags
from worker.job import Job
from worker.logs import JobLog
from worker.state import Worker

MAX_AUDIO_S = 100_000
"""More seconds than any speech has."""
_OTHER_WORDS = (
    "the times of this job are not those of its text as this worker reads it; send a timing job "
    "with the same subtitles, and look at its files"
)
logger = logging.getLogger("worker")


class Times(BaseModel):
    """`timing_data` of a JSON timing file. An endpoint may send anything, so all has bounds."""

    words: Words
    total_duration: float = Field(ge=0, le=MAX_AUDIO_S)
    confidence: float = Field(0, ge=0, le=1)
    method: str = Field("", max_length=64)
    language: str = Field("en", max_length=64)

    @model_validator(mode="after")
    def _words_in_bounds(self) -> "Times":
        for word in self.words:
            if word.chunk >= MAX_CHUNKS or not word.start_time <= word.end_time <= MAX_AUDIO_S:
                raise ValueError("a word lies outside the audio")
        return self


def captions_of(
    worker: Worker,
    subtitles: Any,
    output: Mapping[str, Any],
    options: Mapping[str, Any],
    times: Mapping[str, Any],
) -> Captions:
    """The captions of a job.

    subtitles: as the field of this name in a request.
    output: the job's reply: `text`, `job_id`, `voice`.
    options: the fields of its request that say how the text is read.
    times: `timing_data` of its JSON timing file.

    Raises Refusal.
    """
    if not isinstance(subtitles, dict):
        raise bad_request('subtitles must be an object, such as {"preset": "karaoke"}')
    try:
        request = validate(Subtitles, subtitles)
        known = Times.model_validate(times)
        return _captions(worker, request, output, options, known)
    except ValidationError:
        raise Refusal(
            409, "conflict", "this worker did not write the job's JSON timing file; run it again"
        ) from None
    except WorkerError as error:
        raise from_worker(error) from None


def _captions(
    worker: Worker,
    request: Subtitles,
    output: Mapping[str, Any],
    options: Mapping[str, Any],
    times: Times,
) -> Captions:
    tag = language_tag(str(options.get("language") or times.language)) or "en"
    script = _script(worker, str(output.get("text", ""))[:MAX_TEXT], tag, options)
    duration_ms = round(1000 * times.total_duration)
    timing = _timing(script, times, duration_ms)
    with worker.scratch.job() as folder:
        job = Job(
            keys.parse_job_id(str(output.get("job_id", "studio"))),
            "",
            folder,
            worker.store,
            lambda stage, done, total: None,
            JobLog(logger, {}),
        )
        face = fonts.load(request, [fonts.FORMAT], script.text, job)
        made = caption(
            script,
            timing,
            job_id=job.id,
            duration_ms=duration_ms,
            language=base_language(tag),
            generated_at=datetime.now(UTC),
            audio=AudioSource("", ""),
            rules=request.rules(),
            shown=request.shown_rules(),
            style=request.rendering_style(face),
            voices=_voices(times.words),
            main_voice=keys.speaker(str(output.get("voice", ""))),
            second=read_second(request.second, script, job),
        )
        return fonts.complete(made, job.stop.raise_if_cancelled)


def _script(worker: Worker, text: str, tag: str, options: Mapping[str, Any]) -> Script:
    """The text, read as the job read it. Raises TextRejected, TagRejected, StorageError."""
    given = options.get("pronunciations")
    pronunciations = given.items() if isinstance(given, dict) else ()
    return read_markup(
        extract_tags(text),
        tag,
        options.get("normalize", True) is not False,
        {written: str(spoken) for written, spoken in pronunciations},
        worker.lexicon.read().words,
    )


def _timing(script: Script, times: Times, duration_ms: int) -> Timing:
    """The script's words with the times of the file. Raises Refusal where they are others."""
    words = times.words
    if [word.text for word in script.words] != [word.word for word in words]:
        raise Refusal(409, "conflict", _OTHER_WORDS)
    tokens = [
        TimedToken(1000 * words[token.word].start_time, 1000 * words[token.word].end_time, 1.0)
        for token in script.tokens
    ]
    alignment = WindowAlignment("", tokens, float(duration_ms))
    owners = [word.chunk for word in words]
    # For what the words are: where no space stands before one, and which belongs to the next.
    known = time_words(script, owners, [alignment], duration_ms)
    timed = tuple(map(_timed, known, words))
    return Timing(timed, times.method, times.confidence)


def _timed(known: TimedWord, word: WordTimes) -> TimedWord:
    """A word with its stored times."""
    return replace(
        known,
        start_ms=round(1000 * word.start_time),
        end_ms=round(1000 * word.end_time),
        confidence=word.confidence,
        source=word.source,
        is_heard=not word.interpolated,
        spoken=word.spoken,
        is_spoken=not word.unspoken,
        is_scripted=not word.unscripted,
        characters=(),
    )


def _voices(words: list[WordTimes]) -> list[str]:
    """The name of the voice of each chunk; empty if the file has no voices."""
    named = {word.chunk: word.voice for word in words if word.voice is not None}
    return [named.get(chunk, "") for chunk in range(max(named, default=-1) + 1)]

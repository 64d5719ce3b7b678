"""The words of a recording and the windows in which they are spoken: a known text, or Whisper's."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from typing import ClassVar

from errors import WorkerError
from jobs.ssml_voices import missing_voices
from jobs.timing.region import whisper_listener
from jobs.timing.request import TimingRequest
from jobs.timing.unscripted import (
    IGNORE,
    UnscriptedUnavailable,
    group,
    inserted_words,
    with_insertions,
    without_halves,
)
from timing.alignment import selection
from timing.alignment.hearing import fit_windows
from timing.alignment.match import match
from timing.alignment.vad import SpeechActivity, detect_stream
from timing.alignment.windows import ChunkSpan, at_pauses, split
from timing.token_times import WindowAlignment
from tts.asr.transcriber import Transcriber, Transcript
from tts.audio.recording import Recording
from tts.languages import base_language
from tts.speech import ASR_SAMPLE_RATE, Chunk, Script
from tts.text.script import TextRejected, read_markup
from tts.text.tags import Markup, extract_tags
from tts.text.words import split_words, strip_control
from worker.job import Job
from worker.state import Worker

MAX_LETTERS_A_S, ALLOWED_LETTERS = 100, 1000
"""How many letters of text a second of audio may have (six times what a quick reader says) and how
many any audio may have on top. Time and memory grow with both text and audio."""


class TranscriptionUnavailable(WorkerError):
    """Audio without its text, and a worker without Whisper."""

    code: ClassVar[str] = "timing_unavailable"

    def __init__(self, language: str | None = None) -> None:
        problem = (
            f"this worker's Whisper does not know language {language!r}"
            if language
            else "this worker has no Whisper to transcribe the audio with"
        )
        super().__init__(f"send `text`: {problem} (the operator can set WHISPER_MODEL)")


class NoSpeech(WorkerError):
    """Audio in which Whisper hears no word."""

    code: ClassVar[str] = "alignment_failed"

    def __init__(self) -> None:
        super().__init__("no word was heard in the audio; give the text that is spoken in it")


class AudioSilent(WorkerError):
    """Audio without any sound: times for it would be made up."""

    code: ClassVar[str] = "alignment_failed"

    def __init__(self, duration_ms: int) -> None:
        super().__init__(
            f"no word was heard in the audio: all of its {duration_ms / 1000:.1f} s are silent; "
            "check the recording"
        )


class TextTooLong(WorkerError):
    """A text too long to be spoken in the audio."""

    code: ClassVar[str] = "text_rejected"

    def __init__(self, letters: int, duration_ms: int) -> None:
        super().__init__(
            f"{letters} letters are more than anybody says in {duration_ms / 1000:.1f} s; give the "
            "text of this audio alone"
        )


@dataclass(frozen=True)
class WindowedTranscript:
    """A recording's words, and where in it each chunk of them is spoken.

    language: ISO 639-1.
    windows: one for each chunk, in order; they cover the recording.
    is_guessed: true if the windows are only the likeliest ones for a known text; false if they are
        those that Whisper transcribed.
    warnings: sentences for the client.
    alignments: what became of the windows in a first try; None for one without tokens.
    unscripted: the indices of the words that are said and that the client's text lacks.
    """

    script: Script
    language: str
    windows: list[ChunkSpan]
    is_guessed: bool
    warnings: list[str]
    alignments: Mapping[ChunkSpan, WindowAlignment | None] = field(default_factory=dict)
    unscripted: frozenset[int] = frozenset()


def window_known_text(
    worker: Worker, request: TimingRequest, job: Job, recording: Recording, text: str
) -> WindowedTranscript:
    """Read a known text as a script and cut it into windows of the recording.

    request: how the text is read (`language`, `normalize`, `pronunciations`).
    text: what is spoken in the recording, as written, with tags.

    Raises text_rejected, alignment_failed, timing_unavailable.
    """
    check_unscripted(worker, request)
    language = request.language or "en"
    markup = extract_tags(text)
    markup = markup.without_voices(missing_voices(worker.voices, markup))
    script, warnings = _read(worker, request, job, markup, language)
    # Before the audio is searched for pauses: a text that cannot fit must not cost that time.
    letters = sum(len(token.spoken) for token in script.tokens)
    if letters > ALLOWED_LETTERS + MAX_LETTERS_A_S * recording.duration_ms / 1000:
        raise TextTooLong(letters, recording.duration_ms)
    with job.stage("windows"):
        activity = _find_speech(job, recording)
        windows = split(script, activity, recording.duration_ms, job.stop.raise_if_cancelled)
    transcript = WindowedTranscript(
        script, base_language(language), windows, is_guessed=True, warnings=warnings
    )
    if request.unscripted == IGNORE:
        return transcript
    return _with_unscripted(worker, request, job, recording, transcript, markup, activity)


def check_unscripted(worker: Worker, request: TimingRequest) -> None:
    """Raise UnscriptedUnavailable if words should be inserted that nothing can hear."""
    language = base_language(request.language or "en")
    if request.unscripted == IGNORE:
        return
    if worker.whisper is None:
        raise UnscriptedUnavailable
    if language not in worker.whisper.languages:
        raise UnscriptedUnavailable(language)


def _with_unscripted(
    worker: Worker,
    request: TimingRequest,
    job: Job,
    recording: Recording,
    transcript: WindowedTranscript,
    markup: Markup,
    activity: SpeechActivity,
) -> WindowedTranscript:
    """The transcript with the words that Whisper hears and that the text lacks, in new windows.

    markup: the text that was read as the transcript's script.
    activity: where the recording sounds.

    Raises TranscriptionFailed, Cancelled.
    """
    assert worker.whisper is not None  # `check_unscripted` saw to that
    with job.stage("transcription"):
        listener = whisper_listener(worker.whisper, transcript.language, job, recording)
        listener.total = len(transcript.windows)
        listener.token_times(transcript.windows)
    edges = [window.end_ms for window in transcript.windows]
    insertions = group(transcript.script, without_halves(listener.extra, edges))
    if not insertions:
        return transcript
    markup, ranges = with_insertions(markup, transcript.script, insertions)
    script, _ = _read(worker, request, job, markup, request.language or "en")
    windows = split(script, activity, recording.duration_ms, job.stop.raise_if_cancelled)
    return replace(
        transcript, script=script, windows=windows, unscripted=inserted_words(script, ranges)
    )


def _find_speech(job: Job, recording: Recording) -> SpeechActivity:
    """Where a recording sounds. Raises AudioSilent, Cancelled."""
    activity = detect_stream(recording.blocks(check=job.stop.raise_if_cancelled))
    if activity.is_silent:
        raise AudioSilent(recording.duration_ms)
    return activity


def _read(
    worker: Worker, request: TimingRequest, job: Job, markup: Markup, language: str
) -> tuple[Script, list[str]]:
    """A text as a script, with the pronunciations of the request and of all jobs; warnings.

    language: the tag of the text's language.

    Raises text_rejected, Cancelled.
    """
    entries = worker.lexicon.read()
    script = read_markup(
        markup,
        language,
        request.normalize,
        request.pronunciations,
        entries.words,
        job.stop.raise_if_cancelled,
    )
    return script, [entries.warning] if entries.warning else []


def transcribe(
    worker: Worker, request: TimingRequest, job: Job, recording: Recording
) -> WindowedTranscript:
    """Transcribe a recording whose text is not known, stretch by stretch.

    What looks like a tag in the transcript is read as words. Raises timing_unavailable,
    alignment_failed.
    """
    if worker.whisper is None:
        raise TranscriptionUnavailable
    with job.stage("transcription"):
        activity = _find_speech(job, recording)
        stretches = at_pauses(activity, recording.duration_ms)
        heard, language = _transcribe_stretches(worker.whisper, request, job, recording, stretches)
    # Only now is the language known for which the method must work.
    selection.check_method(request.timing_method, worker.aligners, language)
    texts = [transcript.text for transcript in heard]
    whole_text = " ".join(text for text in texts if text)
    try:
        tag = request.language or language
        # What looks like a tag is read as words.
        markup = Markup(strip_control(whole_text), whole_text)
        script, warnings = _read(worker, request, job, markup, tag)
    except TextRejected:
        # Whisper writes music as a note, which is no text.
        raise NoSpeech from None
    # A space joins the texts, so that no word of one runs on into the next.
    ends = [0, *accumulate(len(split_words(strip_control(text))) for text in texts)]
    chunks = [
        Chunk(tuple(token for token in script.tokens if first <= token.word < end), first, end)
        for first, end in pairwise(ends)
    ]
    windows = [
        window
        for (start_ms, end_ms), chunk, transcript in zip(stretches, chunks, heard, strict=True)
        for window in _windows_of(ChunkSpan(start_ms, end_ms, chunk), transcript, activity)
    ]
    return WindowedTranscript(script, language, windows, is_guessed=False, warnings=warnings)


def _windows_of(
    stretch: ChunkSpan, transcript: Transcript, activity: SpeechActivity
) -> list[ChunkSpan]:
    """The windows of a transcribed stretch: music before and between its words is set apart."""
    if not transcript.words:
        return [stretch]
    times = match(
        [token.spoken for token in stretch.chunk.tokens], transcript.words, stretch.duration_ms
    )
    pauses = [
        (start_ms - stretch.start_ms, end_ms - stretch.start_ms)
        for start_ms, end_ms in activity.pauses
        if start_ms < stretch.end_ms and stretch.start_ms < end_ms
    ]
    return fit_windows([stretch], times, pauses)


def _transcribe_stretches(
    whisper: Transcriber,
    request: TimingRequest,
    job: Job,
    recording: Recording,
    stretches: list[tuple[float, float]],
) -> tuple[list[Transcript], str]:
    """The transcript of each stretch, and the requested language or that of the first words.

    stretches: start and end of each in the recording, in ms.

    Raises TranscriptionUnavailable, NoSpeech, Cancelled.
    """
    language = base_language(request.language) if request.language else None
    if language is not None and language not in whisper.languages:
        raise TranscriptionUnavailable(language)
    transcripts: list[Transcript] = []
    for index, (start_ms, end_ms) in enumerate(stretches):
        samples = recording.read(start_ms, end_ms)
        transcript = whisper.transcribe(samples, ASR_SAMPLE_RATE, language)
        transcripts.append(transcript)
        # Music has no language: Whisper writes it as a note.
        if any(map(str.isalnum, transcript.text)):
            language = transcript.language
        job.progress("transcription", index + 1, len(stretches))
    if language is None or not any(transcript.text for transcript in transcripts):
        raise NoSpeech
    return transcripts, language

"""What is said in a recording of `timing`, and in which windows: a known text, or Whisper's."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, ClassVar

from errors import WorkerError
from timing.alignment import chain
from timing.alignment.vad import detect_stream
from timing.alignment.windows import Placed, at_pauses, split
from timing.token_times import Outcome
from tts.asr.transcriber import Transcriber
from tts.audio.recording import Recording
from tts.speech import ASR_SAMPLE_RATE, Chunk, Script
from tts.text.script import TextRejected, read_markup
from tts.text.tags import Markup, extract_tags
from tts.text.words import split_words, strip_control
from worker.job import Job
from worker.state import Worker

if TYPE_CHECKING:
    from jobs.timing.request import TimingRequest

LETTERS_A_S, LETTERS_ALWAYS = 100, 1000
"""How many letters of text a second of audio may have, six times what a quick reader says, and how
many any audio may: time and memory grow with both."""


class TranscriptionUnavailable(WorkerError):
    """Audio without its text, and a worker without Whisper."""

    code: ClassVar[str] = "timing_unavailable"

    def __init__(self, language: str | None = None) -> None:
        what = f"know language {language!r}" if language else "transcribe"
        super().__init__(
            f"this worker's Whisper cannot {what}; give the text, or set WHISPER_MODEL"
        )


class NoSpeech(WorkerError):
    """Audio in which Whisper hears no word."""

    code: ClassVar[str] = "alignment_failed"

    def __init__(self) -> None:
        super().__init__("no word was heard in the audio; give the text that is spoken in it")


class TextTooLong(WorkerError):
    """Text that nobody can have said in the audio."""

    code: ClassVar[str] = "text_rejected"

    def __init__(self, letters: int, duration_ms: int) -> None:
        super().__init__(
            f"{letters} letters are more than anybody says in {duration_ms / 1000:.1f} s; give the "
            "text of this audio alone"
        )


@dataclass(frozen=True)
class WindowedTranscript:
    """A recording whose words are known, and where in it each chunk of them is spoken.

    `is_divided` says that the windows are the likeliest ones, and that one may be wrong. `outcomes`
    are those of a first try, by window.
    """

    script: Script
    language: str
    windows: list[Placed]
    is_divided: bool
    warnings: list[str]
    outcomes: Mapping[Placed, Outcome | None] = field(default_factory=dict)


def window_known_text(
    worker: Worker, request: "TimingRequest", job: Job, recording: Recording, text: str
) -> WindowedTranscript:
    """The script of a known text, divided over the recording. Raises text_rejected."""
    language = request.language or "en"
    script, warnings = _read(worker, request, text, language, has_tags=True)
    letters = sum(len(token.spoken) for token in script.tokens)
    if letters > LETTERS_ALWAYS + LETTERS_A_S * recording.duration_ms / 1000:
        raise TextTooLong(letters, recording.duration_ms)
    with job.stage("windows"):
        sound = detect_stream(recording.blocks())
        windows = split(script, sound, recording.duration_ms)
    return WindowedTranscript(script, language, windows, True, warnings)


def _read(
    worker: Worker, request: "TimingRequest", text: str, language: str, *, has_tags: bool
) -> tuple[Script, list[str]]:
    """A text as it is spoken, with the lexicon of all jobs, and what there is to say of that."""
    entries = worker.lexicon.read()
    own, for_all = request.pronunciations, entries.words
    markup = extract_tags(text) if has_tags else Markup(strip_control(text), text)
    script = read_markup(markup, language, request.normalize, own, for_all)
    return script, [entries.warning] if entries.warning else []


def transcribe(
    worker: Worker, request: "TimingRequest", job: Job, recording: Recording
) -> WindowedTranscript:
    """The script that Whisper writes down, stretch by stretch; what looks like a tag is its words.

    Raises timing_unavailable, alignment_failed.
    """
    if worker.whisper is None:
        raise TranscriptionUnavailable
    with job.stage("transcription"):
        sound = detect_stream(recording.blocks())
        stretches = at_pauses(sound, recording.duration_ms)
        texts, language = _heard(worker.whisper, request, job, recording, stretches)
    chain.check_method(request.timing_method, worker.aligners, language)
    spoken = " ".join(part for part in texts if part)
    try:
        script, warnings = _read(worker, request, spoken, language, has_tags=False)
    except TextRejected:  # Whisper writes music as a note
        raise NoSpeech from None
    ends = [0, *accumulate(len(split_words(strip_control(part))) for part in texts)]
    chunks = [
        Chunk(tuple(token for token in script.tokens if first <= token.word < end), first, end)
        for first, end in pairwise(ends)
    ]
    placed = [Placed(a, b, chunk) for (a, b), chunk in zip(stretches, chunks, strict=True)]
    return WindowedTranscript(script, language, placed, False, warnings)


def _heard(
    whisper: Transcriber,
    request: "TimingRequest",
    job: Job,
    recording: Recording,
    stretches: list[tuple[float, float]],
) -> tuple[list[str], str]:
    """What is said in each stretch, and the language: the asked one, or that of the first words."""
    language = request.language
    if language is not None and language not in whisper.languages:
        raise TranscriptionUnavailable(language)
    texts: list[str] = []
    for index, (start_ms, end_ms) in enumerate(stretches):
        heard = whisper.transcribe(recording.read(start_ms, end_ms), ASR_SAMPLE_RATE, language)
        texts.append(heard.text)
        if any(map(str.isalnum, heard.text)):  # music, which Whisper writes as a note, has none
            language = heard.language
        job.progress("transcription", index + 1, len(stretches))
    if language is None or not any(texts):
        raise NoSpeech
    return texts, language

"""The protocol of a speech recogniser, and the transcript that it makes."""

from dataclasses import dataclass
from typing import Protocol

from errors import WorkerError
from tts.speech import RecognizedWord, Samples


class TranscriptionFailed(WorkerError):
    """Whisper failed on some audio, usually because the device's memory is full."""

    def __init__(self) -> None:
        super().__init__(
            "Whisper failed on the audio; send the job again, or give what is said in it: ref_text "
            "of a voice, text of a timing job"
        )


@dataclass(frozen=True, slots=True)
class Transcript:
    """What is said in some audio.

    text: empty if no speech was recognised.
    language: ISO 639-1.
    words: those of the text in order, with their times from the start of the audio.
    """

    text: str
    language: str
    words: tuple[RecognizedWord, ...]


class Transcriber(Protocol):
    """A speech recogniser."""

    @property
    def languages(self) -> frozenset[str]:
        """The languages that it knows, ISO 639-1."""
        ...

    def transcribe(self, samples: Samples, sample_rate: int, language: str | None) -> Transcript:
        """Write down what is said. Raises TranscriptionFailed.

        samples: mono, shape (n,).
        sample_rate: of the samples, any, in Hz.
        language: what is spoken, ISO 639-1; None: the recogniser finds out.
        """
        ...

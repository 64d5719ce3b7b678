"""Forced alignment with whisperx and a wav2vec2 model for each of 41 languages."""

import logging
import pickle
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torchaudio

from errors import LoadError, is_gpu_fault
from import_stubs import WHISPERX, stubbed
from timing.alignment.aligner import (
    MIN_AUDIO_S,
    AlignerBroken,
    Alignment,
    TextMismatch,
    WindowFailed,
    check_length,
)
from timing.token_times import TimedCharacter, TimedToken
from tts.speech import ASR_SAMPLE_RATE, Samples

with stubbed(WHISPERX):
    from whisperx import alignment

MAX_OTHER_LANGUAGES = 2
"""The most models that stay in memory beside the warm ones; most take 1.2 GB."""

MAX_WINDOW_S = 30
"""For a longer window memory grows with the square of its length, and the times drift."""

# What loading a damaged model file raises.
_DAMAGED = (
    AttributeError,
    EOFError,
    LookupError,
    RuntimeError,
    TypeError,
    ValueError,
    pickle.UnpicklingError,
)

logger = logging.getLogger("worker")


@dataclass(frozen=True)
class CtcModel:
    """A loaded wav2vec2 model, which gives each frame of audio a probability for each letter.

    metadata: as whisperx returns it; `dictionary` has the letters that the model knows.
    device: "cuda" or "cpu".
    stream: what its kernels are queued on, the one that it was loaded on; None on a CPU.
    """

    model: torch.nn.Module
    metadata: Mapping[str, Any]
    device: str
    stream: torch.cuda.Stream | None = None

    def align(self, samples: Samples, tokens: Sequence[str]) -> list[TimedToken]:
        """The time of each token of one window; see `Aligner.align`."""
        check_length(samples, MIN_AUDIO_S, MAX_WINDOW_S)
        letters = self.metadata["dictionary"]
        words = [_spelled(token, letters) for token in tokens]
        chars = self._chars(samples, " ".join(words))
        times: list[TimedToken] = []
        first = 0
        for word in words:
            times.append(_time(word, chars[first : first + len(word)], letters))
            first += len(word) + 1
        return times

    def _chars(self, samples: Samples, text: str) -> list[dict[str, Any]]:
        """Every character of the text in order; those that were placed have start, end and score.

        Raises `WindowFailed`, `AlignerBroken`.
        """
        segment = {"text": text, "start": 0.0, "end": len(samples) / ASR_SAMPLE_RATE}
        try:
            with torch.cuda.stream(self.stream):
                aligned = alignment.align(
                    [segment],
                    self.model,
                    self.metadata,
                    torch.tensor(samples),
                    self.device,
                    interpolate_method="ignore",
                    return_char_alignments=True,
                )
        except torch.OutOfMemoryError as error:
            torch.cuda.empty_cache()
            raise _failed("the GPU's memory is too small for it", error) from error
        except (LookupError, RuntimeError, TypeError, ValueError) as error:
            if is_gpu_fault(error):
                logger.error("the GPU failed, so RunPod replaces this worker: %s", error)
                raise AlignerBroken from error
            raise _failed("whisperx gave up", error) from error
        chars = [char for part in aligned["segments"] for char in part["chars"]]
        if "".join(char["char"] for char in chars) != text:
            raise TextMismatch("whisperx placed another text")
        return chars


class WhisperXAligner:
    """Aligns the languages that whisperx has a model for, and those in `models`.

    warm: the languages whose models are loaded here and stay. Others load with the first window
        that needs them, and `MAX_OTHER_LANGUAGES` of them stay.
    device: "cuda" or "cpu".
    models: a torchaudio bundle, a Hugging Face model or a local folder, by language.

    Nothing is downloaded. Raises LoadError if a model of `warm` is not on the disk or
    cannot be loaded.
    """

    service = None
    max_window_ms = 1000 * MAX_WINDOW_S

    def __init__(self, warm: Sequence[str], device: str, models: Mapping[str, str]) -> None:
        # whisperx would log clients' texts to stdout. Its warnings arrive here as WindowFailed.
        logging.getLogger("whisperx").setLevel(logging.CRITICAL)
        self._names = model_names(models)
        self._device = device
        self._stream = own_stream(device)
        self._warm = {language: self._load(language) for language in warm}
        self._others: OrderedDict[str, CtcModel] = OrderedDict()
        self._lock = threading.Lock()
        for language, model in self._warm.items():
            try:
                model.align(np.zeros(ASR_SAMPLE_RATE, np.float32), ["a"])
            except WindowFailed as failure:
                raise LoadError(
                    f"the model of '{language}' fails in a test; name another one in ALIGN_MODELS"
                ) from failure

    @property
    def languages(self) -> frozenset[str]:
        """The languages whose model is on the disk now."""
        return frozenset(
            language
            for language, name in self._names.items()
            if language in self._warm or _marker_file(language, name)[0].is_file()
        )

    def align(self, samples: Samples, tokens: Sequence[str], language: str) -> Alignment:
        """See `Aligner`."""
        with self._lock:
            return Alignment(self._model(language).align(samples, tokens))

    def _model(self, language: str) -> CtcModel:
        """The model of a language, loaded if need be. Raises `WindowFailed`."""
        if language in self._warm:
            return self._warm[language]
        if language not in self._others:
            # Before the new one loads: the GPU may not hold one more.
            while len(self._others) >= MAX_OTHER_LANGUAGES:
                self._others.popitem(last=False)
            try:
                self._others[language] = self._load(language)
            except (ImportError, OSError, ValueError) as error:
                # The reason reaches the client, who must not see a path.
                raise _failed(f"its model of '{language}' cannot be loaded", error) from error
        self._others.move_to_end(language)
        return self._others[language]

    def _load(self, language: str) -> CtcModel:
        """Load a model from the disk. Raises LoadError."""
        if language not in self._names:
            raise LoadError(f"whisperx has no model of '{language}'; name one in ALIGN_MODELS")
        name = self._names[language]
        local = _local(language, name)
        try:
            with torch.cuda.stream(self._stream):
                model, metadata = alignment.load_align_model(language, self._device, local)
        except _DAMAGED as error:
            # whisperx has one message for every fault; the error that it caught has the reason.
            reason = error.__context__ or error
            raise LoadError(f"the model of '{language}', {name}: {reason}") from error
        return CtcModel(model, metadata, self._device, self._stream)


def own_stream(device: str) -> torch.cuda.Stream | None:
    """A CUDA stream beside that of the voice model, with a higher priority; None on a CPU.

    On the stream that all share, the result of a window would wait for what the voice model has
    queued: two of its steps, up to 0.9 s.
    """
    if torch.device(device).type != "cuda":
        return None
    return torch.cuda.Stream(device, priority=-1)


def model_names(models: Mapping[str, str]) -> dict[str, str]:
    """The name of each language's model: that of `models`, else whisperx's default."""
    defaults = alignment.DEFAULT_ALIGN_MODELS_TORCH | alignment.DEFAULT_ALIGN_MODELS_HF
    return {**defaults, **models}


def is_bundle(name: str) -> bool:
    """Whether a model is a torchaudio bundle and not one of Hugging Face."""
    return name in torchaudio.pipelines.__all__


def fetch_bundle(name: str) -> Path:
    """Download a torchaudio bundle unless it is on the disk; the path of its file.

    The bundle is loaded once, so it is complete when this returns. Raises LoadError if it is
    damaged, after removing it.
    """
    bundle = getattr(torchaudio.pipelines, name)
    try:
        bundle.get_model()
    except _DAMAGED as error:
        bundle_file(name).unlink(missing_ok=True)
        raise LoadError(f"{name} arrived damaged: {error}") from error
    return bundle_file(name)


def bundle_file(name: str) -> Path:
    """The path at which torchaudio stores a bundle's weights."""
    bundle = getattr(torchaudio.pipelines, name)
    # Private, as read in torchaudio 2.8.0: no public attribute has the file's name.
    return Path(torch.hub.get_dir(), "checkpoints", Path(bundle._path).name)


def _local(language: str, name: str) -> str:
    """What whisperx loads a model from: a bundle's name, or the path of a folder.

    Raises LoadError if the model is not on the disk.
    """
    path, remedy = _marker_file(language, name)
    if not path.is_file():
        raise LoadError(
            f"the model of '{language}', {name}, is not on the disk: {path} is missing; {remedy}"
        )
    return name if is_bundle(name) else str(path.parent)


def _marker_file(language: str, name: str) -> tuple[Path, str]:
    """The file that exists once a model is on the disk, and a sentence that says how to get it."""
    if is_bundle(name):
        code = f"import torchaudio; torchaudio.pipelines.{name}.get_model()"
        return bundle_file(name), f'python -c "{code}" with the worker\'s TORCH_HOME fetches it'
    if Path(name).is_absolute() or Path(name).is_dir():
        remedy = "save_pretrained of the model and of its processor writes it"
        return Path(name, "config.json"), remedy
    from huggingface_hub import constants, try_to_load_from_cache

    remedy = f"hf download {name} with the worker's HF_HOME fetches it"
    config = try_to_load_from_cache(name, "config.json")
    folder = f"models--{name.replace('/', '--')}"
    return Path(config if isinstance(config, str) else Path(constants.HF_HUB_CACHE, folder)), remedy


def _failed(reason: str, error: Exception) -> WindowFailed:
    """The reason for the client, the cause for the log."""
    logger.warning(
        "whisperx failed on a part of the audio (%s): %s: %s", reason, type(error).__name__, error
    )
    return WindowFailed(reason)


def _spelled(token: str, letters: Container[str]) -> str:
    """A token in the model's letters, without the accents that the model lacks.

    Any other character stays. whisperx lets it fit any sound, so it moves no other word (measured
    with perfect letter probabilities on tests/data/timing, for one character and for whole words).
    """
    spelled = token.lower().replace("’", "'")
    return "".join(
        char if char in letters else unicodedata.normalize("NFD", char)[0] for char in spelled
    )


def _time(word: str, chars: Sequence[Mapping[str, Any]], letters: Container[str]) -> TimedToken:
    """A word's time from those of its characters.

    A character that the model does not know fits any sound, so it counts as confidence 0.
    """
    if not chars or not all({"start", "end", "score"} <= char.keys() for char in chars):
        raise TextMismatch(f"no time for '{word[:30]}'")
    confidence = sum(char["score"] for char in chars if char["char"] in letters) / len(chars)
    letters_of_word = tuple(
        TimedCharacter(char["char"], 1000 * char["start"], 1000 * char["end"]) for char in chars
    )
    return TimedToken(
        letters_of_word[0].start_ms,
        letters_of_word[-1].end_ms,
        confidence,
        characters=letters_of_word,
    )

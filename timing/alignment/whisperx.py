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

from errors import GPU_FAULTS, LoadError
from import_stubs import WHISPERX, stubbed
from timing.alignment.aligner import (
    MIN_AUDIO_S,
    AlignerBroken,
    Alignment,
    WindowFailed,
    check_length,
)
from timing.alignment.vad import VAD_SAMPLE_RATE
from timing.token_times import TimedCharacter, TimedToken
from tts.speech import Samples

with stubbed(WHISPERX):
    from whisperx import alignment

MAX_OTHER_LANGUAGES = 2
"""Models kept beside the warm ones; most are 1.2 GB."""

MAX_WINDOW_S = 30
"""Of a longer window the memory would grow with the square, and the times drift."""

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
    """A loaded model that hears letters; `metadata` is whisperx's, with the letters it knows."""

    model: torch.nn.Module
    metadata: Mapping[str, Any]
    device: str

    def place(self, samples: Samples, tokens: Sequence[str]) -> list[TimedToken]:
        """See `Aligner.align`."""
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
        """Every character of the text in order; those that were placed have start, end, score."""
        segment = {"text": text, "start": 0.0, "end": len(samples) / VAD_SAMPLE_RATE}
        try:
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
            if any(fault in str(error).upper() for fault in GPU_FAULTS):
                logger.error("the GPU failed: %s", error)
                raise AlignerBroken from error
            raise _failed("whisperx gave up", error) from error
        chars = [char for part in aligned["segments"] for char in part["chars"]]
        if "".join(char["char"] for char in chars) != text:
            raise WindowFailed("the text does not fit the audio")
        return chars


class WhisperXAligner:
    """Aligns the languages that whisperx has a model for, and those in `models`.

    The models of `warm` are loaded here, on `device`, and stay; any other loads with the first
    window that needs it, and `MAX_OTHER_LANGUAGES` of them are kept. `models` names a torchaudio
    bundle, a Hugging Face model or a local folder by language. Nothing is downloaded: a model of
    `warm` that is not on the disk or cannot be loaded raises LoadError.
    """

    service = None
    max_window_ms = 1000 * MAX_WINDOW_S

    def __init__(self, warm: Sequence[str], device: str, models: Mapping[str, str]) -> None:
        # Its lines would show clients' texts on stdout; what it warns of comes as WindowFailed.
        logging.getLogger("whisperx").setLevel(logging.CRITICAL)
        self._names = model_names(models)
        self._device = device
        self._warm = {language: self._load(language) for language in warm}
        self._others: OrderedDict[str, CtcModel] = OrderedDict()
        self._turn = threading.Lock()
        for language, listener in self._warm.items():
            try:
                listener.place(np.zeros(VAD_SAMPLE_RATE, np.float32), ["a"])
            except WindowFailed as failure:
                raise LoadError(f"the model of '{language}' places nothing") from failure

    @property
    def languages(self) -> frozenset[str]:
        """See `Aligner`: those whose model is on the disk now."""
        return frozenset(
            language
            for language, name in self._names.items()
            if language in self._warm or _found(language, name)[0].is_file()
        )

    def align(self, samples: Samples, tokens: Sequence[str], language: str) -> Alignment:
        """See `Aligner`."""
        with self._turn:
            return Alignment(self._listener(language).place(samples, tokens))

    def _listener(self, language: str) -> CtcModel:
        if language in self._warm:
            return self._warm[language]
        if language not in self._others:
            # Before another is loaded: a GPU may not hold one more.
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
        if language not in self._names:
            raise LoadError(f"whisperx has no model of '{language}'; name one in ALIGN_MODELS")
        name = self._names[language]
        local = _local(language, name)
        try:
            model, metadata = alignment.load_align_model(language, self._device, local)
        except _DAMAGED as error:
            # whisperx says the same of every fault; what it caught says more.
            reason = error.__context__ or error
            raise LoadError(f"the model of '{language}', {name}: {reason}") from error
        return CtcModel(model, metadata, self._device)


def model_names(models: Mapping[str, str]) -> dict[str, str]:
    """The model of each language: whisperx's, or that of `models`."""
    defaults = alignment.DEFAULT_ALIGN_MODELS_TORCH | alignment.DEFAULT_ALIGN_MODELS_HF
    return {**defaults, **models}


def is_bundle(name: str) -> bool:
    """Whether torchaudio has the model, and not Hugging Face."""
    return name in torchaudio.pipelines.__all__


def fetch_bundle(name: str) -> Path:
    """Download torchaudio's bundle unless it is there; its file.

    It is complete when this returns: it was loaded once. Raises LoadError for a damaged one, which
    it removes.
    """
    bundle = getattr(torchaudio.pipelines, name)
    try:
        bundle.get_model()
    except _DAMAGED as error:
        bundle_file(name).unlink(missing_ok=True)
        raise LoadError(f"{name} arrived damaged: {error}") from error
    return bundle_file(name)


def bundle_file(name: str) -> Path:
    """Where torchaudio keeps a bundle's weights."""
    bundle = getattr(torchaudio.pipelines, name)
    return Path(torch.hub.get_dir(), "checkpoints", Path(bundle._path).name)


def _local(language: str, name: str) -> str:
    """What loads a model from the disk: a bundle's own name, else the path of a folder.

    Raises LoadError when it is not there.
    """
    place, remedy = _found(language, name)
    if not place.is_file():
        raise LoadError(
            f"the model of '{language}', {name}, is not on the disk: {place} is missing; {remedy}"
        )
    return name if is_bundle(name) else str(place.parent)


def _found(language: str, name: str) -> tuple[Path, str]:
    """The file that shows a model to be there, and what would fetch it."""
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
    logger.warning("whisperx: %s: %s: %s", reason, type(error).__name__, error)
    return WindowFailed(reason)


def _spelled(token: str, letters: Container[str]) -> str:
    """A token in letters of the model, without their accents where it lacks them.

    Any other character stays and fits any sound: it moves no other word (measured with perfect
    letters on the fixtures, one character or a whole word at a time).
    """
    spelled = token.lower().replace("’", "'")
    return "".join(
        char if char in letters else unicodedata.normalize("NFD", char)[0] for char in spelled
    )


def _time(word: str, chars: Sequence[Mapping[str, Any]], letters: Container[str]) -> TimedToken:
    """A word's time from its characters'; one that fits any sound proves nothing and scores 0."""
    if not chars or not all({"start", "end", "score"} <= char.keys() for char in chars):
        raise WindowFailed(f"no time for '{word[:30]}'")
    confidence = sum(char["score"] for char in chars if char["char"] in letters) / len(chars)
    placed = tuple(
        TimedCharacter(char["char"], 1000 * char["start"], 1000 * char["end"]) for char in chars
    )
    return TimedToken(placed[0].start_ms, placed[-1].end_ms, confidence, characters=placed)

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import torch

from errors import LoadError
from tests.support import tiny_wav2vec2
from tests.timing.fixtures import Sentence, align_speech, check_order, one_window, sentences, tokens
from timing.alignment.aligner import AlignerBroken, Alignment, WindowFailed
from timing.alignment.whisperx import (
    MAX_OTHER_LANGUAGES,
    MAX_WINDOW_S,
    CtcModel,
    WhisperXAligner,
    model_names,
    own_stream,
)
from tts.speech import Samples

LETTERS = {letter: i for i, letter in enumerate("-|etaonihsrdlumwcfgypbvk'xjqz")}


class Oracle(torch.nn.Module):
    """Hears one sentence's letters, each at its place in its word, and nothing between them."""

    def __init__(self, sentence: Sentence) -> None:
        super().__init__()
        self._spikes: list[tuple[float, str]] = []
        words = zip(sentence.spoken, sentence.starts_ms, sentence.ends_ms, strict=True)
        for spoken, start_ms, end_ms in words:
            letters = "|".join(spoken).lower().replace("ñ", "n") + "|"
            step = (end_ms - start_ms) / len(letters)
            self._spikes += [(start_ms + i * step, letter) for i, letter in enumerate(letters)]

    def forward(
        self, waveform: torch.Tensor, lengths: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, None]:
        """Frames of 20 ms like wav2vec2's; one letter a frame, a crowded one in the next."""
        emissions = torch.full((1, (waveform.shape[-1] - 400) // 320 + 1, len(LETTERS)), -12.0)
        emissions[..., 0] = 0.0
        earliest = 0
        for ms, letter in self._spikes[:-1]:
            frame = max(earliest, int(ms / 20))
            emissions[0, frame, 0] = -12.0
            emissions[0, frame, LETTERS[letter]] = 0.0
            earliest = frame + 1
        return emissions, None


@dataclass(frozen=True)
class Hearing:
    """An aligner around one listener."""

    listener: CtcModel
    languages: frozenset[str] = frozenset({"en"})
    max_window_ms: int = WhisperXAligner.max_window_ms
    service: None = None

    def align(self, samples: Samples, tokens: Sequence[str], language: str) -> Alignment:
        return Alignment(self.listener.align(samples, tokens))


def hearing(sentence: Sentence) -> CtcModel:
    metadata = {"language": "en", "dictionary": LETTERS, "type": "torchaudio"}
    return CtcModel(Oracle(sentence), metadata, "cpu")


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small model with random weights, as transformers saves it."""
    folder = tmp_path_factory.mktemp("wav2vec2")
    tiny_wav2vec2.write(folder)
    return folder


def test_word_starts_are_near_the_truth() -> None:
    errors: list[float] = []
    for sentence in sentences():
        script, speech = one_window(sentence)
        timing = align_speech(
            script, speech, "whisperx", {"whisperx": Hearing(hearing(sentence))}, "en"
        )
        assert timing.warnings == ()
        assert {word.source for word in timing.words} == {"whisperx"}
        check_order(timing.words, speech.duration_ms)
        starts = [word.start_ms for word in timing.words]
        errors += np.abs(np.subtract(starts, sentence.starts_ms)).tolist()
    assert np.mean(errors) <= 12
    assert np.percentile(errors, 95) <= 25


def test_every_letter_has_its_time_within_its_word() -> None:
    sentence = sentences()[0]
    script, speech = one_window(sentence)
    timing = align_speech(
        script, speech, "whisperx", {"whisperx": Hearing(hearing(sentence))}, "en"
    )
    for word in timing.words:
        letters = word.characters
        assert "".join(char for char, _, _ in letters) == word.spoken.lower().replace(" ", "")
        edges = [word.start_ms, *(ms for letter in letters for ms in letter[1:]), word.end_ms]
        assert edges == sorted(edges)
        assert all(isinstance(ms, int) for ms in edges)


def test_a_window_of_more_than_half_a_minute_is_left_to_others() -> None:
    listener = hearing(sentences()[0])
    with pytest.raises(WindowFailed, match="longer than 30 s"):
        listener.align(np.zeros(MAX_WINDOW_S * 16_000 + 1, np.float32), ["one"])


def test_the_script_as_written_is_placed_wrongly() -> None:
    errors: list[float] = []
    for sentence in sentences():
        times = hearing(sentence).align(sentence.samples, sentence.words)
        starts = [time.start_ms for time in times]
        errors += np.abs(np.subtract(starts, sentence.starts_ms)).tolist()
    assert np.mean(errors) > 100


@pytest.mark.parametrize("change", [lambda word: "ж" * len(word), lambda word: "ж" + word[1:]])
def test_letters_that_the_model_lacks_move_no_other_word(change: Callable[[str], str]) -> None:
    sentence = sentences()[2]
    listener = hearing(sentence)
    good = listener.align(sentence.samples, tokens(sentence))
    for index, word in enumerate(tokens(sentence)):
        words = tokens(sentence)
        words[index] = change(word)
        times = listener.align(sentence.samples, words)
        known = sum(letter in LETTERS for letter in words[index]) / len(word)
        assert times[index].confidence == pytest.approx(good[index].confidence * known, abs=0.01)
        times[index] = good[index]
        assert times == good


def test_case_accents_and_curly_quotes_are_spelled_as_the_model_does() -> None:
    sentence = sentences()[1]
    assert tokens(sentence)[1] == "can't"
    listener = hearing(sentence)
    good = listener.align(sentence.samples, tokens(sentence))
    words = [word.upper().replace("'", "’").replace("E", "É") for word in tokens(sentence)]
    assert listener.align(sentence.samples, words) == good


@pytest.mark.parametrize(
    ("samples", "words"),
    [(0, ["one"]), (1599, ["one"]), (1600, ["many", "letters"]), (16000, [""]), (16000, ["a", ""])],
)
def test_what_cannot_be_placed_fails(samples: int, words: list[str]) -> None:
    listener = hearing(sentences()[8])
    with pytest.raises(WindowFailed):
        listener.align(sentences()[8].samples[:samples], words)


def test_a_hugging_face_model_places_as_many_words_as_it_is_given(tiny: Path) -> None:
    aligner = WhisperXAligner(("en",), "cpu", {"en": str(tiny), "ja": str(tiny)})
    for sentence in sentences():
        for language in ("en", "ja"):
            words = tokens(sentence)
            times = aligner.align(sentence.samples, words, language).times
            assert len(times) == len(words)
            assert all(0 <= time.confidence <= 1 for time in times)
            edges = [edge for time in times for edge in (time.start_ms, time.end_ms)]
            assert edges == sorted(edges)
            assert edges[-1] <= 1000 * len(sentence.samples) / 16000


def test_whisperx_has_models_of_41_languages() -> None:
    names = model_names({"xx": "/nowhere"})
    assert {"en", "fr", "de", "es", "it", "nl", "zh", "xx"} <= names.keys()
    assert len(names) >= 42


def test_the_languages_are_those_whose_model_is_on_the_disk(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    aligner = WhisperXAligner((), "cpu", {"xx": str(tiny), "yy": "/nowhere"})
    assert aligner.languages == {"xx"}
    tiny_wav2vec2.write_bundle(tmp_path)
    assert aligner.languages == {"en", "xx"}


class Failing(torch.nn.Module):
    """Raises what a device would."""

    def __init__(self, said: str) -> None:
        super().__init__()
        self._said = said

    def forward(self, waveform: torch.Tensor, lengths: torch.Tensor | None = None) -> None:
        raise RuntimeError(self._said)


def test_a_fault_of_the_gpu_is_not_a_window_that_failed(caplog: pytest.LogCaptureFixture) -> None:
    metadata = {"language": "en", "dictionary": LETTERS, "type": "torchaudio"}
    samples = sentences()[8].samples
    lost = CtcModel(Failing("CUDA error: an illegal memory access"), metadata, "cpu")
    with pytest.raises(AlignerBroken):
        lost.align(samples, ["quick"])
    with pytest.raises(WindowFailed, match="whisperx gave up"):
        CtcModel(Failing("shapes differ"), metadata, "cpu").align(samples, ["quick"])
    assert "illegal memory access" in caplog.text
    assert "RuntimeError: shapes differ" in caplog.text


@pytest.mark.parametrize(
    ("language", "missing", "remedy"),
    [
        ("en", "wav2vec2_fairseq_base_ls960_asr_ls960.pth", "WAV2VEC2_ASR_BASE_960H.get_model()"),
        ("nl", "models--jonatasgrosman--wav2vec2-large-xlsr-53-dutch", "hf download jonatasgro"),
        ("xx", "/nowhere/config.json", "save_pretrained"),
    ],
)
def test_a_missing_model_is_named_with_the_remedy(
    language: str,
    missing: str,
    remedy: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    models = {"xx": "/nowhere"}
    with pytest.raises(LoadError, match="is not on the disk") as refusal:
        WhisperXAligner((language,), "cpu", models)
    assert missing in str(refusal.value)
    assert remedy in str(refusal.value)
    with pytest.raises(WindowFailed) as failure:
        WhisperXAligner((), "cpu", models).align(np.zeros(16000, np.float32), ["a"], language)
    assert failure.value.reason == f"its model of '{language}' cannot be loaded"
    assert missing in caplog.text


def test_a_language_that_whisperx_does_not_know_must_be_named() -> None:
    with pytest.raises(ValueError, match="no model of 'xx'; name one in ALIGN_MODELS"):
        WhisperXAligner(("xx",), "cpu", {})


def test_a_damaged_model_is_told_with_its_fault(tiny: Path, tmp_path: Path) -> None:
    damaged = tmp_path / "damaged"
    shutil.copytree(tiny, damaged)
    (damaged / "model.safetensors").unlink()
    with pytest.raises(ValueError, match=r"the model of 'de', .*model\.safetensors"):
        WhisperXAligner(("de",), "cpu", {"de": str(damaged)})


def test_the_warm_models_stay_and_only_the_last_others_are_kept(tiny: Path, tmp_path: Path) -> None:
    others = [f"x{i}" for i in range(MAX_OTHER_LANGUAGES + 1)]
    models = {language: str(tmp_path / language) for language in ("en", *others)}
    for folder in models.values():
        shutil.copytree(tiny, folder)
    aligner = WhisperXAligner(("en",), "cpu", models)
    samples = sentences()[8].samples
    for language in (*others[:-1], others[0], others[-1]):
        aligner.align(samples, ["quick"], language)
    for folder in models.values():
        shutil.rmtree(folder)
    for language in ("en", others[0], others[-1]):
        aligner.align(samples, ["quick"], language)
    with pytest.raises(WindowFailed):
        aligner.align(samples, ["quick"], others[1])


def cut_off(code: str, environment: Mapping[str, str]) -> list[str]:
    """Run code where every use of the network raises; the modules that it left loaded.

    The code may use `aligner(warm, models)` and `place(aligner, language)`.
    """
    before = """
import os, sys
tried = []
def forbid(event, arguments):
    if event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname"}:
        tried.append(arguments)
        raise OSError("no network here")
sys.addaudithook(forbid)
from tests.timing.fixtures import sentences, tokens
from timing.alignment.whisperx import MAX_WINDOW_S, WhisperXAligner
def aligner(warm, models):
    return WhisperXAligner(warm, "cpu", models)
def place(aligner, language):
    sentence = sentences()[8]
    words = tokens(sentence)
    assert len(aligner.align(sentence.samples, words, language).times) == len(words)
"""
    after = "\nassert not tried, tried\nprint(*sys.modules)\n"
    allowed = {name: value for name, value in os.environ.items() if "OFFLINE" not in name}
    output = subprocess.check_output(
        [sys.executable, "-c", before + code + after], env={**allowed, **environment}, text=True
    )
    return output.split()


@pytest.mark.slow
def test_a_torchaudio_model_needs_neither_network_nor_transformers(tmp_path: Path) -> None:
    tiny_wav2vec2.write_bundle(tmp_path)
    loaded = cut_off("place(aligner(['en'], {}), 'en')", {"TORCH_HOME": str(tmp_path)})
    assert not {"transformers", "huggingface_hub", "nltk", "scipy"} & set(loaded)


@pytest.mark.slow
def test_a_hugging_face_model_comes_from_the_cache_without_network(
    tiny: Path, tmp_path: Path
) -> None:
    tiny_wav2vec2.put_in_cache(tiny, tmp_path, "somebody/wav2vec2-tiny")
    code = "place(aligner([], {'de': 'somebody/wav2vec2-tiny'}), 'de')"
    loaded = cut_off(code, {"HF_HOME": str(tmp_path), "HF_HUB_CACHE": str(tmp_path / "hub")})
    assert "transformers" in loaded
    assert "nltk" not in loaded


def test_a_cpu_has_no_stream() -> None:
    assert own_stream("cpu") is None

"""Which files F5 is loaded from, and what is said of those that are missing or wrong."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from errors import is_gpu_fault
from tests.support import tiny_f5
from tests.support.tiny_f5 import Checkpoint
from tts.f5 import files as f5_files
from tts.f5 import load as f5_load
from tts.f5.files import FilesUnusable
from tts.f5.tokenizer import read_vocab

CPU = torch.device("cpu")
OPEN = "mrfakename/OpenF5-TTS-Base"
REVISION = "ab" * 20


def find(checkpoint: Checkpoint, vocab: Path | None = None) -> f5_files.CheckpointFiles:
    return f5_files.find(str(checkpoint.model), checkpoint.weights, vocab, checkpoint.vocoder)


def refusal(action: Callable[[], object]) -> str:
    with pytest.raises(FilesUnusable) as raised:
        action()
    return raised.value.sentence


def cached(folder: Path, *names: str) -> str:
    """What find says in a process whose Hugging Face cache holds only the given files."""
    for name in names:
        repository, _, file = name.partition(":")
        root = folder / "hub" / f"models--{repository.replace('/', '--')}"
        path = root / "snapshots" / "abc" / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        (root / "refs").mkdir(exist_ok=True)
        (root / "refs" / "main").write_text("abc")
    code = (
        "from tts.f5 import files\n"
        "try: print(files.find('F5TTS_v1_Base', None, None, None).weights)\n"
        "except files.FilesUnusable as error: print(error.sentence)"
    )
    environment = os.environ | {"HF_HOME": str(folder)}
    environment.pop("HF_HUB_CACHE", None)
    return subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_published_files_come_from_the_hugging_face_cache(tmp_path: Path) -> None:
    weights = "SWivid/F5-TTS:F5TTS_v1_Base/model_1250000.safetensors"
    vocos = "charactr/vocos-mel-24khz"
    assert cached(tmp_path) == (
        "F5TTS_v1_Base/model_1250000.safetensors of SWivid/F5-TTS is not in the Hugging Face "
        "cache; get it with `hf download SWivid/F5-TTS F5TTS_v1_Base/model_1250000.safetensors` "
        "under the same HF_HOME, or set F5_CKPT_FILE"
    )
    assert "`hf download charactr/vocos-mel-24khz config.yaml`" in cached(tmp_path, weights)
    found = cached(tmp_path, weights, f"{vocos}:config.yaml", f"{vocos}:pytorch_model.bin")
    assert found.endswith("snapshots/abc/F5TTS_v1_Base/model_1250000.safetensors")


def test_files_of_the_hub_are_found_in_the_cache_with_their_licence(
    tiny_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    folder = tmp_path / "hub" / f"models--{OPEN.replace('/', '--')}" / "snapshots" / REVISION
    folder.mkdir(parents=True)
    shutil.copy(tiny_checkpoint.weights, folder / "model.safetensors")
    shutil.copy(tiny_checkpoint.model, folder / "config.yaml")
    code = f"""
from pathlib import Path
from tts.engines import LICENCES
from tts.f5 import files
from tts.hub_files import HubFile
vocoder = Path({str(tiny_checkpoint.vocoder)!r})
weights = HubFile({OPEN!r}, "model.safetensors", {REVISION!r})
found = files.find("hf://{OPEN}/config.yaml@{REVISION}", weights, None, vocoder)
print(found.weights, found.name, found.published, LICENCES[found.repository or ""])
try:
    files.find("F5TTS_v1_Base", HubFile({OPEN!r}, "b.pt", "v2"), None, vocoder)
except files.FilesUnusable as refused:
    print(refused.sentence)
"""
    environment = os.environ | {"HF_HOME": str(tmp_path)}
    said = subprocess.run(
        [sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True
    ).stdout
    assert said.startswith(f"{folder}/model.safetensors tiny False Apache-2.0\n")
    assert f"`hf download {OPEN} b.pt --revision v2` under the same HF_HOME" in said


@pytest.mark.parametrize("name", f5_files.PUBLISHED)
def test_the_published_configs_are_what_the_engine_runs(name: str) -> None:
    found, arch = f5_files.read_config(name)
    assert found == name
    assert (arch["dim"], arch["depth"]) == (1024, 22)
    assert arch["text_mask_padding"] is (name == "F5TTS_v1_Base")


def test_a_missing_file_is_named_with_its_variable(
    tiny_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    gone = tmp_path / "gone.safetensors"
    sentence = refusal(lambda: find(replace(tiny_checkpoint, weights=gone)))
    assert sentence == f"{gone} is missing; F5_CKPT_FILE must name a file that exists"
    sentence = refusal(lambda: find(replace(tiny_checkpoint, vocoder=tmp_path)))
    assert f"{tmp_path / 'config.yaml'} is missing; F5_VOCODER_DIR" in sentence
    assert "F5_VOCAB_FILE" in refusal(lambda: find(tiny_checkpoint, tmp_path / "vocab.txt"))


def test_a_config_that_is_none_is_refused(tmp_path: Path) -> None:
    assert "set one of E2TTS_Base" in refusal(lambda: f5_files.read_config("F5TTS_v2"))
    assert "this engine runs DiT" in refusal(lambda: f5_files.read_config("E2TTS_Base"))
    (tmp_path / "a.yaml").write_text("model: [1]")
    assert "does not have the form of f5_tts' configs" in refusal(
        lambda: f5_files.read_config(str(tmp_path / "a.yaml"))
    )
    assert "No such file" in refusal(lambda: f5_files.read_config(str(tmp_path / "b.yaml")))


@pytest.mark.parametrize(
    ("there", "instead"),
    [
        ("n_mel_channels: 100", "n_mel_channels: 80"),
        ("hop_length: 256", "hop_length: 128"),
        ("mel_spec_type: vocos", "mel_spec_type: bigvgan"),
        ("tokenizer: pinyin", "tokenizer: byte"),
    ],
)
def test_a_config_of_another_kind_is_refused(
    tiny_checkpoint: Checkpoint, tmp_path: Path, there: str, instead: str
) -> None:
    (tmp_path / "a.yaml").write_text(tiny_checkpoint.model.read_text().replace(there, instead))
    assert "this engine runs DiT" in refusal(lambda: f5_files.read_config(str(tmp_path / "a.yaml")))


def test_an_unknown_option_of_the_architecture_is_refused(
    tiny_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    config = tiny_checkpoint.model.read_text().replace("    depth: 2", "    depth: 2\n    wide: 1")
    (tmp_path / "a.yaml").write_text(config)
    files = find(replace(tiny_checkpoint, model=tmp_path / "a.yaml"))
    sentence = refusal(lambda: f5_load.load(files, CPU))
    assert "unexpected keyword argument 'wide'" in sentence


@pytest.mark.parametrize(
    "name", ["F5TTS_Base/model.safetensors", "models/model_1200000.safetensors"]
)
def test_the_weights_of_another_published_model_are_refused(tmp_path: Path, name: str) -> None:
    """v0 and v1 have the same shapes: only noise would tell that they were mixed up."""
    weights = tmp_path / name
    sentence = refusal(lambda: f5_files.find("F5TTS_v1_Base", weights, None, tmp_path))
    assert sentence.endswith("its speech would be noise; set F5_MODEL=F5TTS_Base")


def test_weights_of_another_architecture_are_refused(
    tiny_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    deeper = tiny_checkpoint.model.read_text().replace("depth: 2", "depth: 3")
    (tmp_path / "deeper.yaml").write_text(deeper)
    files = find(replace(tiny_checkpoint, model=tmp_path / "deeper.yaml"))
    sentence = refusal(lambda: f5_load.load(files, CPU))
    assert "do not fit the architecture F5_MODEL=tiny" in sentence
    assert "transformer_blocks.2" in sentence


def test_another_vocabulary_is_refused(tiny_checkpoint: Checkpoint, tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text(" \na\nb\n")
    sentence = refusal(lambda: f5_load.load(find(tiny_checkpoint, tmp_path / "vocab.txt"), CPU))
    assert "the weights know 2545 tokens and the vocabulary has 3" in sentence


@pytest.mark.parametrize("size", [0, 100, 500_000])
def test_weights_that_are_half_there_are_refused(
    tiny_checkpoint: Checkpoint, tmp_path: Path, size: int
) -> None:
    half = tmp_path / "half.safetensors"
    half.write_bytes(tiny_checkpoint.weights.read_bytes()[:size])
    sentence = refusal(lambda: f5_load.load(find(replace(tiny_checkpoint, weights=half)), CPU))
    assert "damaged or not wholly downloaded: get it again" in sentence


def test_a_gpu_that_fails_is_not_a_damaged_file(tiny_checkpoint: Checkpoint) -> None:
    with pytest.raises(RuntimeError) as raised:
        f5_load.load(find(tiny_checkpoint), torch.device("cuda:99"))
    assert is_gpu_fault(raised.value)


def test_a_file_of_something_else_is_refused(tiny_checkpoint: Checkpoint, tmp_path: Path) -> None:
    save_file({"a": torch.zeros(1)}, tmp_path / "other.safetensors")
    other = replace(tiny_checkpoint, weights=tmp_path / "other.safetensors")
    assert "holds no F5 model" in refusal(lambda: f5_load.load(find(other), CPU))


def test_a_damaged_vocoder_is_refused(tiny_checkpoint: Checkpoint, tmp_path: Path) -> None:
    (tmp_path / "config.yaml").write_text(tiny_f5.VOCOS)
    (tmp_path / "pytorch_model.bin").write_bytes(b"PK half")
    files = find(replace(tiny_checkpoint, vocoder=tmp_path))
    assert "holds no Vocos" in refusal(lambda: f5_load.load(files, CPU))


@pytest.mark.parametrize("wrapper", ["ema_model_state_dict", "model_state_dict"])
def test_a_trainers_checkpoint_is_the_same_model(
    tiny_checkpoint: Checkpoint, tmp_path: Path, wrapper: str
) -> None:
    state = load_file(tiny_checkpoint.weights)
    state["ema_model.mel_spec.mel_stft.spectrogram.window"] = torch.zeros(3)
    if wrapper == "model_state_dict":
        state = {name.removeprefix("ema_model."): value for name, value in state.items()}
    torch.save(
        {wrapper: state, "update": 7},
        tmp_path / "model.pt",
        _use_new_zipfile_serialization=wrapper == "model_state_dict",
    )
    trained = find(replace(tiny_checkpoint, weights=tmp_path / "model.pt"))
    ours = f5_load.read_weights(trained, CPU)
    published = f5_load.read_weights(find(tiny_checkpoint), CPU)
    assert set(ours) == set(published)
    assert all(torch.equal(value, published[name]) for name, value in ours.items())


def test_weights_in_half_precision_are_loaded_as_float32(
    tiny_checkpoint: Checkpoint, tmp_path: Path
) -> None:
    state = {name: value.half() for name, value in load_file(tiny_checkpoint.weights).items()}
    save_file(state, tmp_path / "half.safetensors")
    files = find(replace(tiny_checkpoint, weights=tmp_path / "half.safetensors"))
    model = f5_load.load(files, CPU)
    assert {value.dtype for value in model.dit.parameters()} == {torch.float32}
    assert not any(value.is_meta for value in model.dit.buffers())


def test_a_vocabulary_keeps_its_last_character(tmp_path: Path) -> None:
    """Upstream cuts it off where the file does not end with a newline."""
    (tmp_path / "vocab.txt").write_text(" \na\nz")
    assert read_vocab(tmp_path / "vocab.txt") == {" ": 0, "a": 1, "z": 2}
    (tmp_path / "vocab.txt").write_text("a\n \n")
    with pytest.raises(ValueError, match="its first line must be one space"):
        read_vocab(tmp_path / "vocab.txt")


def test_a_vocabulary_that_is_none_is_named(tiny_checkpoint: Checkpoint, tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_bytes(b" \n\xff\xfe")
    files = find(tiny_checkpoint, tmp_path / "vocab.txt")
    assert "F5_VOCAB_FILE=" in refusal(lambda: f5_load.load(files, CPU))

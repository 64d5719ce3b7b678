"""The files that F5 is loaded from: those of the settings, else of the Hugging Face cache."""

import hashlib
import importlib.util
import json
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Any

import yaml

from errors import WorkerError
from tts.hub_files import HubFile, parse_hub_file

PUBLISHED = {
    "F5TTS_v1_Base": ("SWivid/F5-TTS", "F5TTS_v1_Base/model_1250000.safetensors"),
    "F5TTS_Base": ("SWivid/F5-TTS", "F5TTS_Base/model_1200000.safetensors"),
}
"""The published weights of a config: repository and file on Hugging Face. CC-BY-NC-4.0."""

SPECTROGRAM = {
    "target_sample_rate": 24_000,
    "n_mel_channels": 100,
    "hop_length": 256,
    "win_length": 1024,
    "n_fft": 1024,
    "mel_spec_type": "vocos",
}
"""The `mel_spec` of a config of f5_tts that this engine can run: the one Vocos was trained on."""

READ_AHEAD_BYTES = 8 << 20

IDENTITY_BYTES = 1 << 20
"""Of the start and of the end of a file, which tell it from another file: a training changes every
layer, and reading all of the weights once more would cost a second of the start-up."""

VOCOS = ("charactr/vocos-mel-24khz", ("config.yaml", "pytorch_model.bin"))
"""The vocoder's repository on Hugging Face, and its files."""


class FilesUnusable(WorkerError):
    """A file that F5 needs is missing, or is not what it should be; the worker cannot start."""


@dataclass(frozen=True)
class CheckpointFiles:
    """Everything that F5 is loaded from; `arch` are the keywords of f5_tts's DiT.

    `published` is true for the weights that f5_tts publishes for the config; `repository` is the
    one on the hub that the weights come from, None for a file of the operator's own.
    """

    name: str
    arch: dict[str, Any]
    weights: Path
    vocab: Path
    vocoder_config: Path
    vocoder_weights: Path
    published: bool = False
    repository: str | None = None


def identity(files: CheckpointFiles) -> str:
    """The SHA-256, in hexadecimal, of what tells these files from others, wherever they lie."""
    digest = hashlib.sha256(json.dumps([files.name, files.arch], default=str).encode())
    for path in (files.weights, files.vocab, files.vocoder_weights):
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            digest.update(f"/{size}/".encode())
            for start in (0, max(0, size - IDENTITY_BYTES)):
                file.seek(start)
                digest.update(file.read(IDENTITY_BYTES))
    return digest.hexdigest()


def find(
    model: str,
    weights: Path | HubFile | None,
    vocab: Path | HubFile | None,
    vocoder: Path | None,
) -> CheckpointFiles:
    """Find the files for the settings F5_MODEL, F5_CKPT_FILE, F5_VOCAB_FILE and F5_VOCODER_DIR.

    Raises FilesUnusable: which file is missing and how to get it.
    """
    name, arch = read_config(model)
    if weights is None:
        weights = _published(name)
    published = isinstance(weights, HubFile) and (
        PUBLISHED.get(name) == (weights.repository, weights.path)
    )
    repository = weights.repository if isinstance(weights, HubFile) else None
    weights = _on_disk(weights, "F5_CKPT_FILE")
    _refuse_other_model(name, weights)
    if vocab is None:
        vocab = package_file("infer/examples/vocab.txt")
    vocab = _on_disk(vocab, "F5_VOCAB_FILE")
    if vocoder is None:
        source, names = VOCOS
        config, state = (_cached(HubFile(source, file), "F5_VOCODER_DIR") for file in names)
    else:
        config, state = (vocoder / file for file in VOCOS[1])
    for variable, path in (
        ("F5_CKPT_FILE", weights),
        ("F5_VOCAB_FILE", vocab),
        ("F5_VOCODER_DIR", config),
        ("F5_VOCODER_DIR", state),
    ):
        if not path.is_file():
            raise FilesUnusable(f"{path} is missing; {variable} must name a file that exists")
    return CheckpointFiles(name, arch, weights, vocab, config, state, published, repository)


def read_ahead(files: CheckpointFiles) -> None:
    """Start to read the large files, so that the page cache has them once the libraries are there.

    A thread reads them while this one imports the libraries. From a disk of 200 MB/s the full model
    was loaded after 10 s instead of 14 (2 cores).
    """

    def read() -> None:
        # Loading reports a file that cannot be read.
        with suppress(OSError):
            for path in (files.weights, files.vocoder_weights):
                with path.open("rb", buffering=0) as file:
                    while file.read(READ_AHEAD_BYTES):
                        pass

    Thread(target=read, daemon=True).start()


def package_file(path: str) -> Path:
    """A file that is packaged with f5-tts, found without importing it."""
    spec = importlib.util.find_spec("f5_tts")
    if spec is None or spec.submodule_search_locations is None:
        raise ImportError("f5-tts is not installed")
    return Path(next(iter(spec.submodule_search_locations)), path)


def read_config(model: str) -> tuple[str, dict[str, Any]]:
    """The name and the DiT's keywords of a config, by name, path or `hf://` name.

    Raises FilesUnusable.
    """
    path = Path(model) if model.endswith((".yaml", ".yml")) else None
    if hub_file := parse_hub_file(model):
        path = _cached(hub_file, "F5_MODEL")
    if path is None:
        folder = package_file("configs")
        path = folder / f"{model}.yaml"
        known = sorted(config.stem for config in folder.glob("*.yaml"))
        if path.name not in {f"{name}.yaml" for name in known}:
            raise FilesUnusable(
                f"F5_MODEL={model} is not a config of f5_tts; set one of {', '.join(known)}, or "
                "the path of a YAML file"
            )
    try:
        config = yaml.safe_load(path.read_text(encoding="utf-8"))["model"]
        backbone, arch = config["backbone"], dict(config["arch"])
        spectrogram, tokenizer = dict(config["mel_spec"]), config["tokenizer"]
    except OSError as error:
        raise FilesUnusable(f"F5_MODEL={model} cannot be read ({error.strerror})") from None
    except (yaml.YAMLError, KeyError, TypeError, ValueError):
        raise FilesUnusable(f"F5_MODEL={model} does not have the form of f5_tts' configs") from None
    if backbone != "DiT" or spectrogram != SPECTROGRAM or tokenizer == "byte":
        raise FilesUnusable(
            f"F5_MODEL={model} is {backbone} with the tokenizer {tokenizer} and the mel_spec "
            f"{spectrogram}; this engine runs DiT with pinyin or characters and the mel_spec of "
            "F5TTS_v1_Base and F5TTS_Base"
        )
    # They say how the trainer runs the model; tts/f5/dit.py has its own forward pass.
    for training in ("attn_backend", "attn_mask_enabled", "checkpoint_activations"):
        arch.pop(training, None)
    return str(config.get("name", path.stem)), arch


def _refuse_other_model(name: str, weights: Path) -> None:
    """Raise FilesUnusable if published weights and the config belong to different models.

    The shapes of the published models are equal, so a wrong pair would load and speak noise. The
    names of the file and of its folder tell them apart.
    """
    for other, (_, file) in PUBLISHED.items():
        is_other = other in weights.parts or Path(file).name == weights.name
        if other != name and name in PUBLISHED and is_other:
            raise FilesUnusable(
                f"F5_CKPT_FILE is the published file of {other} but F5_MODEL is {name}: its speech "
                f"would be noise; set F5_MODEL={other}"
            )


def _published(name: str) -> HubFile:
    if name not in PUBLISHED:
        raise FilesUnusable(
            f"no published weights are known for F5_MODEL={name}; set F5_CKPT_FILE to its weights"
        )
    return HubFile(*PUBLISHED[name])


def _on_disk(file: Path | HubFile, variable: str) -> Path:
    """Where a file of a setting lies. Raises FilesUnusable if the cache lacks it."""
    return file if isinstance(file, Path) else _cached(file, variable)


def _cached(file: HubFile, variable: str) -> Path:
    """A file of the Hugging Face cache; nothing is downloaded here.

    Without a revision of its own it is that of the snapshot that worker/model_files.py chose.
    """
    from huggingface_hub import try_to_load_from_cache

    path = try_to_load_from_cache(file.repository, file.path, revision=file.revision)
    if not isinstance(path, str):
        wanted = f" --revision {file.revision}" if file.revision else ""
        raise FilesUnusable(
            f"{file.path} of {file.repository} is not in the Hugging Face cache; get it with "
            f"`hf download {file.repository} {file.path}{wanted}` under the same HF_HOME, or set "
            f"{variable}"
        )
    return Path(path)

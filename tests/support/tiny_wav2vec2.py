"""Untrained wav2vec2 models that whisperx's real loaders load without a download."""

import json
import shutil
from pathlib import Path
from typing import Any

import torch
import torchaudio

LETTERS = "|ETAOINSHRDLUMWCFGYPBVK'XJQZ"


def write(folder: Path) -> None:
    """Save a small model with random weights and its processor as transformers saves them."""
    import transformers

    untyped: Any = transformers
    words = ["<pad>", "<s>", "</s>", "<unk>", *LETTERS]
    vocabulary = folder / "vocab.json"
    vocabulary.write_text(json.dumps({word: i for i, word in enumerate(words)}))
    tokenizer = untyped.Wav2Vec2CTCTokenizer(str(vocabulary))
    extractor = untyped.Wav2Vec2FeatureExtractor()
    untyped.Wav2Vec2Processor(extractor, tokenizer).save_pretrained(folder)
    config = untyped.Wav2Vec2Config(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        conv_dim=(8,) * 7,
        num_conv_pos_embeddings=8,
        num_conv_pos_embedding_groups=2,
        pad_token_id=0,
    )
    torch.manual_seed(0)
    untyped.Wav2Vec2ForCTC(config).save_pretrained(folder)


def put_in_cache(folder: Path, home: Path, name: str) -> None:
    """Copy a saved model into a Hugging Face cache, HF_HOME, under a name with an owner."""
    model = home / "hub" / f"models--{name.replace('/', '--')}"
    commit = "0" * 40
    (model / "refs").mkdir(parents=True)
    (model / "refs" / "main").write_text(commit)
    shutil.copytree(folder, model / "snapshots" / commit)


def write_bundle(home: Path) -> None:
    """Write a checkpoint of torchaudio's English bundle under TORCH_HOME; all weights are equal.

    94 million weights share that number's storage, so the file is a few kilobytes.
    """
    bundle = torchaudio.pipelines.WAV2VEC2_ASR_BASE_960H
    with torch.device("meta"):
        model = torchaudio.models.wav2vec2_model(**bundle._params)
    same = torch.full((1,), 0.01)
    state = {name: same.expand(value.shape) for name, value in model.state_dict().items()}
    # The published checkpoint has three letters that the bundle leaves out.
    extra = len(bundle._remove_aux_axis)
    for name in ("aux.weight", "aux.bias"):
        first, *others = state[name].shape
        state[name] = same.expand(first + extra, *others)
    file = home / "hub" / "checkpoints" / bundle._path
    file.parent.mkdir(parents=True)
    torch.save(state, file)

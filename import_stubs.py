"""Light stand-ins for what the heavy libraries import and this worker never uses.

Importing is half of a cold start. A library is imported inside `stubbed`, which places these
modules for that time only. A stand-in offers exactly the names that upstream takes from it: when
upstream takes another one, its import fails at once; tests/test_import_stubs.py fails before that.
"""

import importlib.util
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any


@dataclass(frozen=True)
class ImportStub:
    """One module that is not really imported, and why.

    `names` are its attributes. `users` are the upstream modules that import it and do without.
    With `empty_package` it is the real package's folder without what its `__init__` imports; with
    `absent` it looks as if it were not installed.
    """

    module: str
    reason: str
    users: Sequence[str]
    names: Mapping[str, Any] = field(default_factory=dict)
    empty_package: bool = False
    absent: bool = False
    alone: bool = False


class NeverCalled:
    """In the place of a class or function that is imported and must never be called."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        raise NotImplementedError("a stand-in of import_stubs.py was called")


class Placeholder:
    """In the place of a class that upstream builds and this worker never calls."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        pass


F5 = (
    ImportStub(
        "f5_tts.model",
        "its __init__ imports the trainer (wandb, datasets, accelerate) and two other backbones",
        users=(),
        empty_package=True,
    ),
    ImportStub(
        "x_transformers.x_transformers",
        "1 s and 1000 modules for rotary tables, which tts/f5/dit.py makes itself in float32",
        users=("f5_tts.model.backbones.dit", "f5_tts.model.modules"),
        names={"RotaryEmbedding": Placeholder, "apply_rotary_pos_emb": NeverCalled},
    ),
    ImportStub(
        "librosa.filters",
        "0.9 s for the mel filters of BigVGAN, which is not used",
        users=("f5_tts.model.modules",),
        names={"mel": NeverCalled},
    ),
    ImportStub(
        "pypinyin",
        "0.5 s for Chinese; tts/f5/tokenizer.py loads it with the first text that needs it",
        users=("f5_tts.model.utils",),
        names={"Style": NeverCalled, "lazy_pinyin": NeverCalled},
    ),
    ImportStub(
        "rjieba",
        "its dictionary; tts/f5/tokenizer.py loads it with the first text that is not ASCII",
        users=("f5_tts.model.utils",),
        names={"cut": NeverCalled},
    ),
    ImportStub(
        "flash_attn",
        "an installed but broken one would break f5_tts; tts/f5/attention.py loads it if asked to",
        users=("f5_tts.model.modules",),
        absent=True,
    ),
    ImportStub(
        "encodec",
        "for the EnCodec variant of Vocos, which is not used",
        users=("vocos.feature_extractors",),
        names={"EncodecModel": NeverCalled},
    ),
)


class FromPretrained:
    """In the place of a class of transformers: loads the real one with the first such model."""

    def __init__(self, name: str) -> None:
        self._name = name

    def from_pretrained(self, *arguments: Any, **named: Any) -> Any:
        """What the real class's `from_pretrained` gives."""
        real = getattr(importlib.import_module("transformers"), self._name)
        return real.from_pretrained(*arguments, **named)


class SingleSentence:
    """In the place of a Punkt tokenizer: spoken tokens carry no mark that could end a sentence."""

    def __init__(self, resource: str) -> None:
        pass

    def span_tokenize(self, text: str) -> list[tuple[int, int]]:
        """The whole text as one sentence."""
        return [(0, len(text))]


RUNPOD = (
    ImportStub(
        "cpuinfo",
        "1.2 s to ask the processor for its name, which only the SDK's debugger prints",
        users=("runpod.serverless.utils.rp_debugger",),
        names={"get_cpu_info": dict},
    ),
)

WHISPERX = (
    ImportStub(
        "transformers",
        "2 s and 1700 modules, loaded with the first model from Hugging Face, if there is one",
        users=("whisperx.alignment",),
        names={
            "Wav2Vec2ForCTC": FromPretrained("Wav2Vec2ForCTC"),
            "Wav2Vec2Processor": FromPretrained("Wav2Vec2Processor"),
        },
    ),
    ImportStub(
        "nltk",
        "0.8 s and 1300 modules to split a text into sentences",
        users=("whisperx.alignment",),
        names={"download": NeverCalled},
    ),
    ImportStub(
        "nltk.data",
        "it would look for punkt_tab and download it in the middle of a job",
        users=("whisperx.alignment",),
        names={"load": SingleSentence},
    ),
)


@contextmanager
def stubbed(stand_ins: Sequence[ImportStub]) -> Iterator[None]:
    """Place the stand-ins while the body imports; a module that is loaded already stays itself."""
    placed: list[str] = []
    for stand_in in stand_ins:
        for name in [stand_in.module] if stand_in.alone else _with_parents(stand_in.module):
            if name not in sys.modules:
                place = stand_in if name == stand_in.module else None
                sys.modules[name] = _module(name, place)  # type: ignore[assignment]
                placed.append(name)
    try:
        yield
    finally:
        for name in placed:
            del sys.modules[name]


def _with_parents(module: str) -> list[str]:
    """The module and the packages it lies in, outermost first, but not a namespace of ours."""
    parts = module.split(".")
    names = [".".join(parts[: length + 1]) for length in range(len(parts))]
    return [name for name in names if name != "f5_tts"]


def _module(name: str, stand_in: ImportStub | None) -> ModuleType | None:
    if stand_in is not None and stand_in.absent:
        return None
    module = ModuleType(name)
    if stand_in is None:
        module.__path__ = []
    elif stand_in.empty_package:
        module.__path__ = _folders(name)
    else:
        vars(module).update(stand_in.names)
    return module


def _folders(package: str) -> list[str]:
    """Where a package lies, without importing it."""
    parent, _, child = package.rpartition(".")
    spec = importlib.util.find_spec(parent)
    if spec is None or spec.submodule_search_locations is None:
        raise ImportError(f"{parent} is not installed")
    return [str(Path(folder, child)) for folder in spec.submodule_search_locations]

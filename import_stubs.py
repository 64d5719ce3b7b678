"""Small stub modules for what heavy libraries import and this worker never uses.

Half of a cold start is importing. `stubbed` places the stubs in sys.modules while a library is
imported. A stub has exactly the names that the library takes from the real module. If a new version
takes another name, its import fails at once; tests/test_import_stubs.py fails before that.
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
    """One module, and what takes its place in sys.modules.

    module: its full name.
    reason: the cost of the import, and why the worker does not need it.
    users: the modules of other libraries that import it.
    names: its attributes.
    empty_package: instead of `names`, the real package's folder with an empty `__init__`.
    absent: the module looks as if it were not installed.
    """

    module: str
    reason: str
    users: Sequence[str]
    names: Mapping[str, Any] = field(default_factory=dict)
    empty_package: bool = False
    absent: bool = False


class NeverCalled:
    """Replaces a class or function that is imported and never called."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        raise NotImplementedError("a stub of import_stubs.py was called")


class Placeholder:
    """Replaces a class that the library instantiates and this worker never uses."""

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
    """Replaces a class of transformers; imports the real one with the first model that needs it."""

    def __init__(self, name: str) -> None:
        self._name = name

    def from_pretrained(self, *arguments: Any, **named: Any) -> Any:
        """Call the real class's `from_pretrained`."""
        # By now `stubbed` has ended, so this is the real transformers.
        real = getattr(importlib.import_module("transformers"), self._name)
        return real.from_pretrained(*arguments, **named)


class SingleSentence:
    """Replaces a Punkt tokenizer: tokens to align have no punctuation that could end a sentence."""

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
        names={"get_cpu_info": dict},  # the SDK catches the KeyError of an empty result
    ),
    ImportStub(
        "paramiko",
        "0.07 s and 6 MB of SSH for the SDK's command line, which the worker never runs",
        users=("runpod.cli.groups.ssh.functions",),
        names={"RSAKey": NeverCalled},
    ),
    ImportStub(
        "tomlkit",
        "0.02 s to write the credentials of the SDK's command line, which the worker never runs",
        users=("runpod.cli.groups.config.functions",),
        names=dict.fromkeys(("document", "dump", "exceptions", "parse"), NeverCalled),
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
    # Before nltk.data, whose stub would otherwise place an empty package as nltk.
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
def stubbed(stubs: Sequence[ImportStub]) -> Iterator[None]:
    """Put the stubs into sys.modules while the body imports a library.

    A module that is loaded already is left as it is. sys.modules belongs to the whole process: no
    other thread may import a stubbed module while the body runs, or it gets the stub. The worker
    loads its libraries one after the other, before the first job and before other threads import.
    """
    placed: list[str] = []
    for stub in stubs:
        for name in _with_parents(stub.module):
            # A library that is loaded already uses the real module.
            if name not in sys.modules:
                module = _module(name, stub if name == stub.module else None)
                sys.modules[name] = module  # type: ignore[assignment]
                placed.append(name)
    try:
        yield
    finally:
        # The real module can be imported from here on. What was imported keeps the stub's names.
        for name in placed:
            del sys.modules[name]


def _with_parents(module: str) -> list[str]:
    """The names of the module and its packages, outermost first, but without `f5_tts`.

    f5_tts is a namespace package, whose import costs nothing and which must stay the real one.
    """
    parts = module.split(".")
    names = [".".join(parts[: length + 1]) for length in range(len(parts))]
    return [name for name in names if name != "f5_tts"]


def _module(name: str, stub: ImportStub | None) -> ModuleType | None:
    """A module for sys.modules; without a stub, an empty package. None makes its import fail."""
    if stub is not None and stub.absent:
        return None
    module = ModuleType(name)
    if stub is None:
        # A module with a __path__ is a package; an empty one has no other submodules.
        module.__path__ = []
    elif stub.empty_package:
        module.__path__ = _folders(name)
    else:
        vars(module).update(stub.names)
    return module


def _folders(package: str) -> list[str]:
    """The folders of a package, without importing it."""
    parent, _, child = package.rpartition(".")
    spec = importlib.util.find_spec(parent)
    if spec is None or spec.submodule_search_locations is None:
        raise ImportError(f"{parent} is not installed")
    return [str(Path(folder, child)) for folder in spec.submodule_search_locations]

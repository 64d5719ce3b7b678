"""Every stub matches what upstream imports, and the modules that they replace are not loaded."""

import ast
import importlib
import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import import_stubs
from import_stubs import F5, RUNPOD, WHISPERX, ImportStub, NeverCalled, Placeholder, stubbed

ALL = (*F5, *RUNPOD, *WHISPERX)
NEVER_USED = {"wandb", "datasets", "accelerate", "torchdiffeq", "matplotlib", "sklearn"}


def parse_module(module: str) -> ast.Module:
    """Parse a module's source without importing it or the packages around it."""
    top, *others = module.split(".")
    spec = importlib.util.find_spec(top)
    assert spec is not None
    for folder in spec.submodule_search_locations or ():
        path = Path(folder, *others)
        for file in (path.with_suffix(".py"), path / "__init__.py"):
            if file.is_file():
                return ast.parse(file.read_text())
    raise AssertionError(f"there is no {module} any more")


def names_used(user: str, module: str) -> set[str]:
    """The names of `module` that `user` uses: imported from it, or read as its attributes."""
    tree = parse_module(user)
    names: set[str] = set()
    bound: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == module:
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules = [a for a in node.names if f"{node.module}.{a.name}" == module]
            bound |= {alias.asname or alias.name for alias in modules}
        elif isinstance(node, ast.Import):
            bound |= {alias.asname or alias.name for alias in node.names if alias.name == module}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in bound:
            names.add(node.attr)
    return names


@pytest.mark.parametrize("stub", [s for s in ALL if s.users], ids=lambda s: s.module)
def test_it_offers_exactly_what_its_users_take(stub: ImportStub) -> None:
    names = {user: names_used(user, stub.module) for user in stub.users}
    assert all(names.values()), f"a user does without {stub.module} now: {names}"
    if not stub.absent:
        assert set().union(*names.values()) == set(stub.names)


@pytest.mark.parametrize(
    ("package", "heavy"),
    [
        ("f5_tts.model", "f5_tts.model.trainer"),
        ("f5_tts.model.trainer", "wandb"),
        ("f5_tts.model.trainer", "accelerate"),
        ("f5_tts.model.trainer", "f5_tts.model.dataset"),
        ("f5_tts.model.dataset", "datasets"),
    ],
)
def test_the_emptied_package_would_still_import(package: str, heavy: str) -> None:
    assert [s.module for s in ALL if s.empty_package] == ["f5_tts.model"]
    assert names_used(package, heavy)


def test_nothing_that_is_stood_in_for_is_loaded() -> None:
    code = (
        "import sys\n"
        "from import_stubs import F5, RUNPOD, stubbed\n"
        "with stubbed(F5):\n"
        "    from f5_tts.model.backbones.dit import DiT\n"
        "    import vocos\n"
        "import timing.alignment.whisperx\n"
        "with stubbed(RUNPOD):\n"
        "    import runpod\n"
        "print(*sys.modules)\n"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {"torch", "vocos", "whisperx.alignment", "f5_tts.model.backbones.dit"} <= set(loaded)
    assert not {stub.module for stub in ALL} & set(loaded)
    assert not NEVER_USED & {name.split(".")[0] for name in loaded}


def test_the_files_that_the_reasons_name_exist() -> None:
    """A reason says which file of this repository does the work of the stubbed module."""
    root = Path(import_stubs.__file__).parent
    files = [name for stub in ALL for name in re.findall(r"[\w/]+\.py\b", stub.reason)]
    assert files
    assert [name for name in files if not (root / name).is_file()] == []


MADE_UP = (
    ImportStub(
        "made_up.package", "a test's", users=(), names={"Name": Placeholder, "call": NeverCalled}
    ),
    ImportStub("missing", "a test's", users=(), absent=True),
    ImportStub("json", "a test's", users=(), names={"loads": NeverCalled}),
)


def test_stubs_are_there_for_the_time_of_the_import_only() -> None:
    with stubbed(MADE_UP):
        module = importlib.import_module("made_up.package")
        module.Name("anything", at="all")
        with pytest.raises(NotImplementedError):
            module.call()
        assert not hasattr(module, "other")
        assert importlib.util.find_spec("missing") is None
        with pytest.raises(ImportError):
            importlib.import_module("missing")
    assert not {"made_up", "made_up.package", "missing"} & set(sys.modules)


def test_a_loaded_module_stays_itself() -> None:
    with stubbed(MADE_UP):
        assert importlib.import_module("json") is json
        assert json.loads("1") == 1
    assert sys.modules["json"] is json


def test_a_failed_import_leaves_nothing_behind() -> None:
    with pytest.raises(ImportError, match="no_such_name"), stubbed(MADE_UP):
        exec("from made_up.package import no_such_name")
    assert not {"made_up", "made_up.package", "missing"} & set(sys.modules)

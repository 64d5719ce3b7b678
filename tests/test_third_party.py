"""THIRD_PARTY.md names every font, model setting and direct dependency that the worker brings."""

import json
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from io import BytesIO
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from timing.subtitles.fonts import SHIPPED
from tts.f5.engine import DEFAULT_CLIP

PAGE = Path("THIRD_PARTY.md").read_text()
PROJECT = tomllib.loads(Path("pyproject.toml").read_text())["project"]


def names(requirements: list[str]) -> list[str]:
    return [re.split(r"[<>=!\[]", requirement)[0] for requirement in requirements]


@pytest.mark.parametrize("name", SHIPPED)
def test_a_font_stands_there_with_its_copyright(name: str) -> None:
    module, file = SHIPPED[name]
    root = import_module(module).ROOT
    row = re.search(rf"^\| {name} \| `{module.replace('_', '-')}` \| (.*) \|$", PAGE, re.MULTILINE)
    assert row
    assert json.loads((root / "metadata.json").read_text())["license"] == "OFL-1.1"
    licence = (root / "LICENSE").read_text()
    assert "SIL Open Font License, Version 1.1" in licence
    inside = TTFont(BytesIO((root / "files" / file).read_bytes()))["name"].getDebugName(0)
    for copyright_line in (licence.splitlines()[0], inside):
        assert copyright_line.rstrip(".") in row[1]
    assert "Reserved Font Name" not in licence.partition("-----")[0]


def test_every_font_package_of_the_lock_is_one_that_the_code_has() -> None:
    locked = re.findall(r"^(fontpkg-[\w-]+)==", Path("requirements/worker.txt").read_text(), re.M)
    packages = sorted(module.replace("_", "-") for module, _ in SHIPPED.values())
    assert sorted(locked) == packages
    wanted = [name for name in names(PROJECT["dependencies"]) if name.startswith("fontpkg-")]
    assert sorted(wanted) == packages


@pytest.mark.parametrize(
    "name", names(PROJECT["dependencies"] + PROJECT["optional-dependencies"]["worker"])
)
def test_every_package_that_the_worker_asks_for_stands_there(name: str) -> None:
    assert f"`{name}`" in PAGE


def test_the_table_has_every_package_of_the_lock_with_its_licence() -> None:
    check = [sys.executable, "scripts/licences.py", "--check"]
    result = subprocess.run(check, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
    locked = re.findall(r"^([\w.-]+)==", Path("requirements/worker.txt").read_text(), re.M)
    table = PAGE.partition("## Every package of the worker")[2]
    assert sorted(re.findall(r"`([\w.-]+)`(?:,| \|)", table)) == sorted(locked)


def test_the_default_clip_stands_there() -> None:
    assert Path(DEFAULT_CLIP).name in PAGE


def test_the_readme_links_the_page() -> None:
    assert "(THIRD_PARTY.md)" in Path("README.md").read_text()

"""The scripts explain themselves, and refuse what they do not know before they begin anything."""

import subprocess
from pathlib import Path

import pytest

SCRIPTS = [
    Path("scripts") / name
    for name in ("address", "bench", "check", "frames", "lock", "openapi", "test")
]
EXAMPLES = [Path("examples") / f"{name}.sh" for name in ("caption", "dub", "scenes", "speak")]


def call(script: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # Without a Python the scripts cannot begin their work.
    return subprocess.run(
        [script, *arguments],
        env={"PATH": "/usr/bin:/bin", "PYTHON": "/bin/false"},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("script", [*SCRIPTS, *EXAMPLES], ids=str)
def test_a_script_explains_itself(script: Path) -> None:
    for option in ("-h", "--help"):
        shown = call(script, option)
        assert (shown.returncode, shown.stderr) == (0, "")
        assert len(shown.stdout.split()) > 10
        assert "set -euo" not in shown.stdout


@pytest.mark.parametrize("script", SCRIPTS[:-1], ids=str)
def test_a_script_refuses_an_argument_that_it_does_not_know(script: Path) -> None:
    for arguments in (["foo"], ["--nonsense"]):
        refused = call(script, *arguments)
        assert (refused.returncode, refused.stdout) == (2, "")
        assert refused.stderr.count("\n") == 1


@pytest.mark.parametrize(("name", "option"), [("check", "--fix"), ("lock", "--no-upgrade")])
def test_a_script_refuses_what_stands_behind_an_option(name: str, option: str) -> None:
    assert call(Path("scripts") / name, option, "foo").returncode == 2


@pytest.mark.parametrize("script", EXAMPLES, ids=str)
def test_an_example_refuses_more_arguments_than_it_takes(script: Path) -> None:
    refused = call(script, "one", "two", "three", "four")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "put one with spaces in quotes" in refused.stderr


def test_frames_draws_nothing_in_another_font_than_arial(tmp_path: Path) -> None:
    for tool in ("ffmpeg", "jq", "chromium", "chromedriver", "fc-match"):
        (tmp_path / tool).write_text("#!/bin/sh\necho DejaVu Sans\n")
        (tmp_path / tool).chmod(0o755)
    refused = subprocess.run(
        ["scripts/frames"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "PYTHON": "/bin/false"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "install fonts-liberation" in refused.stderr
